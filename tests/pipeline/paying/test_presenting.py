"""R13: nothing is handed out before the name stood on the clerk's screen beside the document."""

from datetime import timedelta
from typing import Any

import pytest

from pipeline.doors import counter
from pipeline.doors.sweep import sweep
from pipeline.paying import collecting, funds, presenting, waiting_rewards
from pipeline.paying.awarding import notice_received
from pipeline.store import events, identity_changes, showings, whose
from pipeline.store.vault import Erased
from rewards.collecting import (
    SHOWN_FOR,
    AlreadyCollected,
    DecidedByYou,
    Difference,
    NameDiffers,
    NotConfirmed,
    NotPresented,
    TooLate,
    WrongId,
)
from rewards.documents import DocumentInvalid, DocumentKind, Look
from scheme.case import ReportState, ShareState
from scheme.report import Channel
from scheme.staff import Account
from tests.pipeline.desk import CARD, ID_NUMBER, Desk, id_number_of
from tests.walk import walk

MOST_STAYS, MOST_RETURNS = 27, 11
"""Of one collection, by ``tests.walk``; 30 and 14 before the showing was read at once."""


def told(desk: Desk, **said: Any) -> str:  # noqa: ANN401 - passed on to ``Desk.report``
    report_id = desk.report(**said)
    desk.decide(report_id)
    desk.tell()
    return report_id


def shown(
    desk: Desk,
    report_id: str,
    *,
    clerk: Account | None = None,
    **document: Any,  # noqa: ANN401 - passed on to ``present``
) -> presenting.SideBySide:
    with desk.runtime.write() as work:
        return presenting.present(
            work,
            share_id=desk.shares(report_id)[0].id,
            clerk=clerk or desk.clerk,
            **{"id_number": ID_NUMBER, **document},
        )


def collect(
    desk: Desk,
    report_id: str,
    showing_id: str,
    *,
    clerk: Account | None = None,
    agreed: bool = True,
) -> collecting.Collected:
    with desk.runtime.write() as work:
        return collecting.collect(
            work,
            share_id=desk.shares(report_id)[0].id,
            showing_id=showing_id,
            clerk=clerk or desk.clerk,
            agreed=agreed,
            account={"card_number": CARD},
        )


def refused(desk: Desk, report_id: str, showing_id: str, **said: Any) -> str:  # noqa: ANN401
    """The reason of NotPresented; nothing is handed out."""
    before = [share.state for share in desk.shares(report_id)]
    with pytest.raises(NotPresented) as refusal:
        collect(desk, report_id, showing_id, **said)
    assert [share.state for share in desk.shares(report_id)] == before
    desk.books_hold()
    return refusal.value.reason


def test_name_document_and_shares_stand_side_by_side_and_the_look_is_on_record(desk: Desk) -> None:
    report_id = told(desk, people=3)
    side = shown(desk, report_id, id_number="１１０１０５ 19491231 002x")
    assert side.reported.startswith("投诉人")
    assert (side.kind, side.number) == (DocumentKind.RESIDENT_ID, "*" * 14 + "002X")
    assert side.slip == (1667, 1667, 1666)
    assert Look.PHOTO in side.looks
    assert side.until == desk.clock.at + SHOWN_FOR
    assert ID_NUMBER not in repr(side)
    assert side.reported not in repr(side)
    with desk.runtime.read() as work:
        opened = [
            event.actor
            for event in events.about(work.connection, f"report/{report_id}")
            if event.action == "identity_opened"
        ]
    assert opened == [desk.clerk.account_id]
    collected = collect(desk, report_id, side.showing_id)
    assert collected.total_fen == 5000
    desk.books_hold()


def test_without_the_name_on_the_screen_nothing_is_confirmed(desk: Desk) -> None:
    report_id, other = told(desk), told(desk, plate="沪A22222")
    assert refused(desk, report_id, "") == "never"
    assert refused(desk, report_id, "0" * 32) == "never"
    beside_another = shown(desk, other, id_number=id_number_of(2))
    assert refused(desk, report_id, beside_another.showing_id) == "never"
    by_a_colleague = shown(desk, report_id, clerk=desk.finance)
    assert refused(desk, report_id, by_a_colleague.showing_id) == "other_clerk"
    side = shown(desk, report_id)
    with pytest.raises(NotConfirmed):
        collect(desk, report_id, side.showing_id, agreed=False)
    collect(desk, report_id, side.showing_id)
    with pytest.raises(AlreadyCollected):
        collect(desk, report_id, side.showing_id)


def test_it_stands_for_a_quarter_of_an_hour(desk: Desk) -> None:
    report_id = told(desk)
    side = shown(desk, report_id)
    desk.clock.move(seconds=SHOWN_FOR.total_seconds() + 1)
    assert refused(desk, report_id, side.showing_id) == "expired"
    again = shown(desk, report_id)
    desk.clock.move(seconds=SHOWN_FOR.total_seconds())
    collect(desk, report_id, again.showing_id)


def test_what_changed_since_has_to_be_seen_again(desk: Desk) -> None:
    report_id = told(desk)
    side = shown(desk, report_id)
    with desk.runtime.write() as work:
        (person,) = whose.person_ids(work.connection, report_id)
        identity_changes.set_name(work.connection, work.vault, person, "赵小红")
    assert refused(desk, report_id, side.showing_id) == "changed"
    with desk.runtime.read() as work:
        assert presenting.shown_again(work, showing_id=side.showing_id, clerk=desk.clerk) is None


def test_what_was_shown_stays_on_this_clerks_screen_only(desk: Desk) -> None:
    report_id = told(desk)
    side = shown(desk, report_id)
    with desk.runtime.read() as work:
        assert presenting.shown_again(work, showing_id=side.showing_id, clerk=desk.clerk) == side
        for other in (desk.officer, desk.finance):
            assert presenting.shown_again(work, showing_id=side.showing_id, clerk=other) is None
        assert presenting.shown_again(work, showing_id="x", clerk=desk.clerk) is None


@pytest.mark.parametrize(
    ("difference", "note"),
    [(Difference.NAME, "证件上为陈按"), (Difference.SOMEBODY_ELSE, "her brother came")],
)
def test_what_does_not_agree_is_noted_and_everything_stays(
    desk: Desk, difference: Difference, note: str
) -> None:
    report_id = told(desk)
    side = shown(desk, report_id)
    with desk.runtime.write() as work:
        presenting.differs(
            work, showing_id=side.showing_id, clerk=desk.clerk, difference=difference, note=note
        )
    assert refused(desk, report_id, side.showing_id) == "used"
    assert [share.state for share in desk.shares(report_id)] == [ShareState.NOTIFIED]
    assert desk.state(report_id) is ReportState.ANSWERED
    with desk.runtime.read() as work:
        (waits,) = waiting_rewards.shares_to_collect(work, clerk=desk.clerk)
        assert [row.difference for row in waits.differed] == [difference]
        said = events.about(work.connection, f"report/{report_id}")[-1]
        assert (said.action, said.detail["difference"]) == ("document_differed", difference)
        assert note not in str(said.detail)
        stored = work.connection.exec_driver_sql("SELECT * FROM showings").one()
        assert stored.shown_enc is None
        assert note.encode() not in stored.note_enc
    again = shown(desk, report_id)  # and the next clerk is told
    assert [(one.difference, one.note) for one in again.earlier] == [(difference, note)]
    collect(desk, report_id, again.showing_id)


def test_a_difference_needs_its_kind_a_note_and_the_clerk_who_looked(desk: Desk) -> None:
    report_id = told(desk)
    side = shown(desk, report_id)

    def differs(**said: Any) -> None:  # noqa: ANN401 - what is left out of an ordinary answer
        answer = {
            "showing_id": side.showing_id,
            "clerk": desk.clerk,
            "difference": "name",
            "note": "another name",
            **said,
        }
        with desk.runtime.write() as work:
            presenting.differs(work, **answer)

    with pytest.raises(presenting.DifferenceRequired):
        differs(difference="")
    with pytest.raises(presenting.DifferenceRequired):
        differs(difference="mood")
    with pytest.raises(presenting.DifferenceNoteRequired):
        differs(note="  ")
    with pytest.raises(NotPresented):
        differs(clerk=desk.finance)
    with pytest.raises(NotPresented):
        differs(showing_id="0" * 32)
    differs()
    with pytest.raises(NotPresented):
        differs()


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ({"id_number": "110105194912310021"}, DocumentInvalid),
        ({"document_kind": "library_card"}, DocumentInvalid),
        ({"name_on_document": "赵小红"}, NameDiffers),
        ({"id_number": id_number_of(1)}, WrongId),
    ],
)
def test_what_can_not_be_theirs_is_refused_before_any_name_is_shown(
    desk: Desk, document: dict[str, Any], refusal: type[Exception]
) -> None:
    desk.to_be_paid(serial=1)  # somebody else showed the document of serial 1
    report_id = told(desk)
    with pytest.raises(refusal):
        shown(desk, report_id, **document)
    with desk.runtime.read() as work:
        about = events.about(work.connection, f"report/{report_id}")
    assert "identity_opened" not in [event.action for event in about]


def test_who_decided_and_who_is_late_see_no_name(desk: Desk) -> None:
    report_id = told(desk)
    with pytest.raises(DecidedByYou):
        shown(desk, report_id, clerk=desk.officer)
    with desk.runtime.write() as work:
        assert notice_received(work, report_id)
    last = desk.shares(report_id)[0].collect_by
    assert last is not None
    desk.clock.at = last + timedelta(seconds=1)
    with pytest.raises(TooLate):
        shown(desk, report_id)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("军字第2001988号", "military"),
        (ID_NUMBER, "household_register"),
        ("810000199408230021", "residence_permit"),
    ],
)
def test_every_kind_of_document_collects(desk: Desk, number: str, kind: str) -> None:
    report_id = told(desk)
    side = shown(desk, report_id, id_number=number, document_kind=kind)
    assert side.kind == kind
    collect(desk, report_id, side.showing_id)
    further = told(desk, plate="沪A33333", names=["何静"])
    with pytest.raises(WrongId):  # and is that person's from then on
        shown(desk, further, id_number=number, document_kind=kind)
    desk.books_hold()


def test_a_document_of_which_nothing_was_said_is_forgotten(desk: Desk) -> None:
    report_id = told(desk)
    side = shown(desk, report_id)
    assert sweep(desk.runtime).documents_forgotten == 0
    desk.clock.move(minutes=17)
    assert sweep(desk.runtime).documents_forgotten == 1
    with desk.runtime.read() as work:
        row = showings.find(work.connection, work.vault, side.showing_id)
    assert row is not None
    assert row.shown is None
    assert refused(desk, report_id, side.showing_id) == "expired"


def test_what_an_erased_person_showed_can_not_be_read(desk: Desk) -> None:
    report_id = told(desk)
    side = shown(desk, report_id)
    with desk.runtime.write() as work:
        (person,) = whose.person_ids(work.connection, report_id)
        identity_changes.erase(work.connection, person, work.now)
    with desk.runtime.read() as work, pytest.raises(Erased):
        showings.find(work.connection, work.vault, side.showing_id)


# -- another card number, and on the spot ----------------------------------------------------------


def test_another_card_number_needs_the_name_beside_the_document_too(desk: Desk) -> None:
    report_id = desk.to_be_paid(serial=1)
    share_id = desk.shares(report_id)[0].id

    def correct(showing_id: str, *, agreed: bool = True) -> None:
        with desk.runtime.write() as work:
            collecting.correct_account(
                work,
                share_id=share_id,
                showing_id=showing_id,
                clerk=desk.clerk,
                agreed=agreed,
                account={"card_number": "99990000"},
            )

    with pytest.raises(NotPresented):
        correct("")
    with desk.runtime.write() as work:
        side = presenting.present_account(
            work, share_id=share_id, clerk=desk.clerk, id_number=id_number_of(1)
        )
    with pytest.raises(NotConfirmed):
        correct(side.showing_id, agreed=False)
    correct(side.showing_id)
    with pytest.raises(NotPresented):
        correct(side.showing_id)


def test_on_the_spot_the_registered_name_stands_beside_the_document(desk: Desk) -> None:
    with desk.runtime.write() as work:
        funds.stock_cards(work, desk.finance, 10_000, knowing=True)
    report_id = desk.report(channel=Channel.COUNTER)

    def pay(showing_id: str, *, agreed: bool = True) -> collecting.Collected:
        with desk.runtime.write() as work:
            return counter.pay_on_the_spot(
                work,
                report_id=report_id,
                clerk=desk.clerk,
                showing_id=showing_id,
                agreed=agreed,
            )

    with pytest.raises(NotPresented):
        pay("")
    with desk.runtime.write() as work:
        side = counter.present_on_the_spot(
            work, report_id=report_id, clerk=desk.clerk, id_number=ID_NUMBER
        )
    assert side.reported.startswith("投诉人")
    with pytest.raises(NotConfirmed):
        pay(side.showing_id, agreed=False)
    assert desk.state(report_id) is ReportState.VERIFIED  # nothing half done
    assert pay(side.showing_id).paid
    desk.books_hold()


def test_only_what_was_registered_here_is_shown_on_the_spot(desk: Desk) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work, pytest.raises(counter.NotAtTheCounter):
        counter.present_on_the_spot(
            work, report_id=report_id, clerk=desk.clerk, id_number=ID_NUMBER
        )


def test_what_was_shown_for_one_purpose_is_not_shown_for_another(desk: Desk) -> None:
    report_id = told(desk)
    with desk.runtime.write() as work:
        side = presenting.present_on_the_spot(
            work, report_id=report_id, clerk=desk.clerk, id_number=ID_NUMBER
        )
    assert refused(desk, report_id, side.showing_id) == "never"


# -- gather, rule, commit --------------------------------------------------------------------------


def test_collecting_gathers_asks_and_commits(desk: Desk) -> None:
    report_id = told(desk, people=3)
    side = shown(desk, report_id)
    with desk.runtime.write() as work:
        share_id = desk.shares(report_id)[0].id
        way = walk(
            lambda: collecting.collect(
                work,
                share_id=share_id,
                showing_id=side.showing_id,
                clerk=desk.clerk,
                agreed=True,
                account={"card_number": CARD},
            )
        )
    assert way.stays <= MOST_STAYS, way
    assert way.returns <= MOST_RETURNS, way
