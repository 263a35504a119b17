"""Joined persons count as one wherever people are counted; parting restores.

Money always adds up.
"""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.paying import batches
from pipeline.people import looking, opening, questions
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import own_repeats, save_reporters
from pipeline.receiving.submitting import submit
from pipeline.store import (
    events,
    joined,
    ledger,
    reports,
    whose,
)
from pipeline.store.person_questions import Proposal
from rewards import collecting as rule
from rewards.documents import document
from scheme import person_questions
from scheme.case import ShareState
from scheme.person_questions import QuestionKind
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from scheme.who_is_who import NumberOfAnother
from tests.pipeline.desk import ID_NUMBER, VIOLATED_AT, Desk, id_number_of

NEW = "13900000001"


def asked(
    desk: Desk, kind: QuestionKind, report_id: str, position: int = 0, **proposed: object
) -> str:
    with desk.runtime.write() as work:
        return questions.ask(
            work,
            kind=kind,
            report_id=report_id,
            position=position,
            account=desk.clerk,
            reason="seen at the counter",
            proposal=Proposal(**proposed),  # type: ignore[arg-type]  # the fields of a proposal
        )


def answered(desk: Desk, question_id: str, *, accepted: bool = True) -> None:
    with desk.runtime.write() as work:
        questions.answer(
            work,
            question_id=question_id,
            account=desk.officer,
            accepted=accepted,
            reason="I looked at it",
        )


def changed(
    desk: Desk, kind: QuestionKind, report_id: str, position: int = 0, **proposed: object
) -> None:
    """Asked by one, accepted by another a moment later."""
    desk.clock.move(seconds=1)
    answered(desk, asked(desk, kind, report_id, position, **proposed))


def number_of(desk: Desk, report_id: str) -> str:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).report_number or ""


def person_of(desk: Desk, report_id: str, position: int = 0) -> str:
    with desk.runtime.read() as work:
        return whose.person_ids(work.connection, report_id)[position]


def told(desk: Desk, *, people: int = 1) -> str:
    report_id = desk.report(people=people, plate=f"沪D{next(desk.numbers):05d}")
    desk.decide(report_id)
    desk.tell()
    return report_id


def live_shares(desk: Desk, report_id: str) -> list[tuple[int, int]]:
    """(position of the share, fen) of the one reward that counts."""
    with desk.runtime.read() as work:
        live = [
            one for one in ledger.rewards_of_report(work.connection, report_id) if one.live_case_id
        ]
        return [
            (s.position, s.amount_fen)
            for one in live
            for s in ledger.shares_of(work.connection, one.id)
        ]


# -- joint reporters -------------------------------------------------------------------------------


def test_joint_reporters_who_are_one_person_share_as_one_and_parting_restores(desk: Desk) -> None:
    report_id = told(desk, people=3)
    assert [fen for _, fen in live_shares(desk, report_id)] == [1667, 1667, 1666]
    changed(
        desk,
        QuestionKind.JOIN,
        report_id,
        2,
        other_report=number_of(desk, report_id),
        other_position=1,
    )
    assert [fen for _, fen in live_shares(desk, report_id)] == [2500, 2500]
    desk.books_hold()
    changed(desk, QuestionKind.PART, report_id, 2)
    assert [fen for _, fen in live_shares(desk, report_id)] == [1667, 1667, 1666]
    desk.books_hold()
    desk.tell()
    assert desk.collected(report_id).slip == (1667, 1667, 1666)
    with desk.runtime.read() as work:
        states = [
            {share.state for share in ledger.shares_of(work.connection, reward.id)}
            for reward in ledger.rewards_of_report(work.connection, report_id)
        ]
    assert states.count({ShareState.CANCELLED}) == 2  # of one instant, in any order
    assert states.count({ShareState.COLLECTED}) == len(states) - 2 == 1


def test_refusing_leaves_the_shares_of_joint_reporters(desk: Desk) -> None:
    report_id = told(desk, people=2)
    other = number_of(desk, report_id)
    question = asked(desk, QuestionKind.JOIN, report_id, 1, other_report=other)
    answered(desk, question, accepted=False)
    assert [fen for _, fen in live_shares(desk, report_id)] == [2500, 2500]


def test_who_are_joined_before_the_award_share_as_one(desk: Desk) -> None:
    report_id = desk.report(people=3)
    changed(desk, QuestionKind.JOIN, report_id, 1, other_report=number_of(desk, report_id))
    desk.decide(report_id)
    assert [fen for _, fen in live_shares(desk, report_id)] == [2500, 2500]


def test_what_was_collected_is_not_shared_anew(desk: Desk) -> None:
    report_id = told(desk, people=2)
    desk.collected(report_id)
    before = live_shares(desk, report_id)
    changed(desk, QuestionKind.JOIN, report_id, 1, other_report=number_of(desk, report_id))
    assert live_shares(desk, report_id) == before
    desk.books_hold()


# -- repeats ---------------------------------------------------------------------------------------


def drafted(desk: Desk, name: str, phone: str, picture: bytes) -> str:
    with desk.runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        claim = Claim(
            "wrong_way", violated_at=VIOLATED_AT, route="49", plate=PlateNumber("沪A12345")
        )
        save_claim(work, report_id=report_id, claim=claim)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput(name, phone)])
    store_file(desk.runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(picture))
    return report_id


def test_a_repeat_under_the_other_number_is_ones_own(desk: Desk) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (1, 2, 3)).save(picture, "JPEG")
    first = drafted(desk, "陈安", "13800000001", picture.getvalue())
    other = drafted(desk, "陈安", "13900000002", b"\xff\xd8\xff" + picture.getvalue())
    for report_id in (first, other):
        with desk.runtime.write() as work:
            submit(work, report_id=report_id, consent=True)
    again = drafted(desk, "陈安", "13900000002", picture.getvalue())
    with desk.runtime.read() as work:
        assert own_repeats(work, report_id=again) == ()
        assert other not in whose.reports_of_the_same_people(work.connection, first)
    changed(desk, QuestionKind.JOIN, first, other_report=number_of(desk, other))
    with desk.runtime.read() as work:
        assert own_repeats(work, report_id=again) == (number_of(desk, first),)
        assert other in whose.reports_of_the_same_people(work.connection, first)
    changed(desk, QuestionKind.PART, first)
    with desk.runtime.read() as work:
        assert own_repeats(work, report_id=again) == ()


# -- documents and collection ----------------------------------------------------------------------


def test_a_document_is_one_humans_until_they_are_parted(desk: Desk) -> None:
    one, other = told(desk), told(desk)
    desk.collected(one)
    with pytest.raises(rule.WrongId, match="other_person"):
        desk.collected(other)
    changed(desk, QuestionKind.JOIN, other, document=document(ID_NUMBER))
    changed(desk, QuestionKind.PART, other)
    with pytest.raises(rule.WrongId, match="other_person"):
        desk.collected(other)
    desk.collected(other, id_number=id_number_of(3))


def test_two_who_showed_resident_ids_of_two_numbers_are_never_joined(desk: Desk) -> None:
    one, other = told(desk), told(desk)
    desk.collected(one)
    desk.collected(other, id_number=id_number_of(3))
    with pytest.raises(person_questions.DocumentsDiffer):
        asked(desk, QuestionKind.JOIN, other, other_report=number_of(desk, one))


def test_a_joined_persons_reward_is_paid_to_the_card_that_they_gave(desk: Desk) -> None:
    one, other = told(desk), told(desk)
    desk.collected(one, card="0000000001")
    changed(desk, QuestionKind.JOIN, other, document=document(ID_NUMBER))
    desk.collected(other, card="0000000002")
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
        batches.freeze(work, batch_id, desk.finance)
    with desk.runtime.write() as work:
        batches.approve(work, batch_id, desk.second_finance, knowing=True)
    with desk.runtime.write() as work:
        _, content = batches.export(work, batch_id, desk.finance, "csv")
    lines = content.decode("utf-8-sig").splitlines()
    assert [card in content.decode("utf-8-sig") for card in ("0000000001", "0000000002")] == [
        True,
        True,
    ]
    assert len(lines) == 4  # headings, two lines, the control line


def test_who_reported_can_not_change_once_a_document_was_shown(desk: Desk) -> None:
    report_id = told(desk)
    desk.collected(report_id)
    with pytest.raises(person_questions.TooLateToMove):
        asked(desk, QuestionKind.REPORTER, report_id, phone=NEW)


def test_what_was_asked_is_looked_at_again_when_it_is_answered(desk: Desk) -> None:
    report_id = told(desk)
    question = asked(desk, QuestionKind.REPORTER, report_id, phone=NEW)
    desk.collected(report_id)
    with pytest.raises(person_questions.TooLateToMove):
        answered(desk, question)
    with desk.runtime.read() as work:
        assert looking.question_view(work, question, desk.officer).answer is None
    answered(desk, question, accepted=False)


def test_a_number_of_somebody_else_is_not_taken_from_them(desk: Desk) -> None:
    one, other = told(desk), told(desk)
    with desk.runtime.write() as work:
        people = opening.open_persons(
            work, report_id=other, account=desk.officer, reason="回访核实"
        )
    assert people[0] is not None
    with pytest.raises(NumberOfAnother):
        asked(desk, QuestionKind.PHONE, one, phone=people[0].phone)


# -- any number of rows ----------------------------------------------------------------------------


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_joined_is_what_was_joined_and_not_parted(
    desk: Desk, steps: list[tuple[bool, int, int]]
) -> None:
    """Against a plain model: groups of numbers, merged and left."""
    with desk.runtime.read() as work:
        known = (
            work.connection.exec_driver_sql("SELECT id FROM persons ORDER BY id").scalars().all()
        )
    if len(known) < 5:
        desk.report(people=5)
        with desk.runtime.read() as work:
            known = (
                work.connection.exec_driver_sql("SELECT id FROM persons ORDER BY id")
                .scalars()
                .all()
            )
    groups = [{row} for row in known]
    with desk.runtime.write() as work:
        for row in known:
            joined.part(work.connection, row)
        for joins, one, other in steps:
            here = next(group for group in groups if known[one] in group)
            if not joins:
                here.discard(known[one])
                groups.append({known[one]})
                joined.part(work.connection, known[one])
            elif known[other] not in here:
                there = next(group for group in groups if known[other] in group)
                groups.remove(there)
                here |= there
                joined.join(work.connection, known[one], known[other])
        for row in known:
            group = next(group for group in groups if row in group)
            assert set(joined.everybody(work.connection, row)) == group
        assert len(joined.apart(work.connection, known)) == len(
            [group for group in groups if group]
        )


# -- on record -------------------------------------------------------------------------------------


def test_each_opening_for_a_question_is_one_event(desk: Desk) -> None:
    report_id = told(desk)
    question = asked(desk, QuestionKind.PHONE, report_id, phone=NEW)
    for _ in range(2):
        with desk.runtime.write() as work:
            opened = opening.open_question(work, question_id=question, account=desk.officer)
        assert opened.phone == NEW
    with desk.runtime.write() as work, pytest.raises(person_questions.QuestionReasonRequired):
        opening.open_persons(work, report_id=report_id, account=desk.officer, reason="  ")
    with desk.runtime.write() as work:
        opening.open_persons(work, report_id=report_id, account=desk.officer, reason="回访核实")
    with desk.runtime.read() as work:
        recorded = events.about(work.connection, f"report/{report_id}")
    assert [event.detail["reason"] for event in recorded if event.action == "identity_opened"] == [
        "identity question",
        "identity question",
        "回访核实",
    ]


def test_nobody_answers_their_own_question_not_even_in_the_database(desk: Desk) -> None:
    report_id = told(desk)
    question = asked(desk, QuestionKind.PHONE, report_id, phone=NEW)
    with pytest.raises(person_questions.NotYourQuestion), desk.runtime.write() as work:
        questions.answer(work, question_id=question, account=desk.clerk, accepted=True, reason="")
    with pytest.raises(Exception, match="two_people"), desk.runtime.write() as work:
        work.connection.exec_driver_sql(
            "UPDATE identity_questions SET answer = 'accepted', answered_by = asked_by"
        )
    assert person_of(desk, report_id)
