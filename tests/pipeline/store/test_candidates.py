"""R14: two reports are asked about once, whichever comes first, and answered once."""

from pipeline.store import candidates, reports
from pipeline.store.candidates import CandidateRow
from scheme.case import ReportState
from tests.pipeline.desk import Desk


def asked(desk: Desk, report_id: str, *, open_only: bool = False) -> tuple[CandidateRow, ...]:
    with desk.runtime.read() as work:
        return candidates.of_reports(work.connection, [report_id], open_only=open_only)


def ask(desk: Desk, report_id: str, other_id: str, *reasons: str) -> bool:
    with desk.runtime.write() as work:
        return candidates.add(work.connection, report_id, other_id, reasons, work.now)


def answer(desk: Desk, question: CandidateRow, *, same: bool) -> bool:
    with desk.runtime.write() as work:
        return candidates.answer(
            work.connection,
            question.candidate_id,
            same=same,
            officer=desk.officer.account_id,
            at=work.now,
            reason="one bus",
        )


def test_a_pair_is_one_question_whichever_is_named_first_with_every_reason(desk: Desk) -> None:
    this, other = desk.report(), desk.report()
    assert ask(desk, this, other, "same_plate")
    assert not ask(desk, other, this, "same_place", "same_plate")
    (question,) = asked(desk, this)
    assert asked(desk, other) == (question,)
    assert question.reasons == ("same_place", "same_plate")
    assert question.same is None


def test_the_first_answer_stands_and_further_reasons_do_not_ask_again(desk: Desk) -> None:
    this, other = desk.report(), desk.report()
    ask(desk, this, other, "same_plate")
    (question,) = asked(desk, this)
    assert answer(desk, question, same=False)
    assert not answer(desk, question, same=True)
    assert not ask(desk, this, other, "times_claimed")
    (answered,) = asked(desk, this)
    assert answered.same is False
    assert answered.answered_by == desk.officer.account_id
    assert asked(desk, this, open_only=True) == ()
    with desk.runtime.read() as work:
        assert candidates.answered(work.connection, this) == {other: False}
        assert candidates.answered(work.connection, other) == {this: False}
        assert candidates.read(work.connection, question.candidate_id) == answered
        assert candidates.read(work.connection, question.candidate_id + 1) is None


def test_a_withdrawn_report_asks_nothing_any_more(desk: Desk) -> None:
    this, other, third = desk.report(), desk.report(), desk.report()
    ask(desk, this, other)
    ask(desk, other, third)
    with desk.runtime.write() as work:
        assert candidates.how_many_open(work.connection) == 2
        reports.move(work.connection, this, ReportState.WITHDRAWN, withdrawn_at=work.now)
        assert candidates.how_many_open(work.connection) == 1
        assert candidates.open_ids(work.connection, [this]) == ()
        assert len(candidates.open_ids(work.connection, [other])) == 1
    assert len(asked(desk, this)) == 1


def test_parting_says_different_of_every_pair_asked_or_not_answered_or_not(desk: Desk) -> None:
    this, joined, unasked = desk.report(), desk.report(), desk.report()
    ask(desk, joined, this, "same_plate")
    answer(desk, asked(desk, this)[0], same=True)
    with desk.runtime.write() as work:
        candidates.part_ways(
            work.connection,
            this,
            [joined, unasked],
            officer=desk.other_officer.account_id,
            at=work.now,
            reason="two buses",
        )
        assert candidates.answered(work.connection, this) == {joined: False, unasked: False}
        assert candidates.how_many_open(work.connection) == 0
    assert {question.answered_by for question in asked(desk, this)} == {
        desk.other_officer.account_id
    }
