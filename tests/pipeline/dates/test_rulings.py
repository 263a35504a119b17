"""What no calendar says is settled by two people, on record (R6, R9, R13)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from pipeline.answering import tracking
from pipeline.calendar import read_calendar
from pipeline.dates import calendar_loading, open_dates, rulings
from pipeline.dates.open_dates import OpenDate
from pipeline.deciding import corrections
from pipeline.paying import forfeiture
from pipeline.store import claims, events, reports
from pipeline.store import rulings as stored
from scheme.case import ReportState, ShareState
from scheme.deadlines import DateKind
from scheme.entitlement import Entitlement, InTime
from scheme.plain_text import ReasonRequired
from scheme.report import Claim
from scheme.ruling import (
    AlreadyProposed,
    DayOutOfRange,
    NothingToSettle,
    RulingIncomplete,
    RulingNotFound,
    SecondOfficerNeeded,
)
from scheme.staff import Account
from tests.pipeline.desk import Desk
from tests.pipeline.holidays import holiday_json

VIOLATED_AT = datetime(2026, 12, 29, 0, tzinfo=UTC)
WINDOW, ANSWER, LAST_DAY = DateKind.WINDOW, DateKind.ANSWER, DateKind.LAST_DAY
REASON = "The city's notice of 2 January says that the office works on Monday."


@pytest.fixture(autouse=True)
def _turn_of_the_year(desk: Desk) -> None:
    desk.clock.at = datetime(2027, 1, 4, 1, tzinfo=UTC)  # six calendar days after: nobody knows


def substantiated(desk: Desk, **said: Any) -> str:  # noqa: ANN401 - passed on to ``submit``
    report_id = desk.report(violated_at=VIOLATED_AT, **said)
    desk.decide(report_id)
    return report_id


def propose(
    desk: Desk,
    report_id: str,
    kind: DateKind = WINDOW,
    *,
    by: Account | None = None,
    reason: str = REASON,
    **value: Any,  # noqa: ANN401 - passed on to ``propose``
) -> str:
    with desk.runtime.write() as work:
        return rulings.propose(
            work, report_id=report_id, kind=kind, officer=by or desk.officer, reason=reason, **value
        )


def confirm(desk: Desk, ruling_id: str, by: Account | None = None) -> None:
    with desk.runtime.write() as work:
        rulings.confirm(work, ruling_id=ruling_id, officer=by or desk.other_officer)


def waiting(desk: Desk, kind: DateKind | None = None) -> tuple[OpenDate, ...]:
    with desk.runtime.read() as work:
        return tuple(one for one in open_dates.waiting(work) if kind in (None, one.kind))


def entitled(desk: Desk, report_id: str) -> Entitlement | None:
    return next(
        report.entitlement
        for report in desk.case(report_id).reports
        if report.report_id == report_id
    )


# -- a window --------------------------------------------------------------------------------------


def test_two_people_settle_a_window_and_the_reward_follows(desk: Desk) -> None:
    report_id = substantiated(desk)
    (asked,) = waiting(desk, WINDOW)
    assert (asked.report_id, asked.state, asked.counted_from) == (
        report_id,
        ReportState.DECIDED,
        VIOLATED_AT,
    )
    assert asked.bounds.earliest == datetime(2027, 1, 1, 16, tzinfo=UTC)
    assert asked.bounds.latest is None

    ruling_id = propose(desk, report_id, in_time=True)
    assert entitled(desk, report_id) is Entitlement.WAITING  # one person settles nothing
    (asked,) = waiting(desk, WINDOW)
    assert asked.proposal is not None
    assert (asked.proposal.ruling_id, asked.proposal.in_time, asked.proposal.reason) == (
        ruling_id,
        True,
        REASON,
    )
    confirm(desk, ruling_id)
    assert entitled(desk, report_id) is Entitlement.FIRST
    desk.tell()
    assert desk.state(report_id) is ReportState.ANSWERED
    assert waiting(desk, WINDOW) == ()
    desk.ledger_holds()
    with desk.runtime.read() as work:
        about = {
            event.action: event for event in events.about(work.connection, f"report/{report_id}")
        }
    assert about["ruling_proposed"].actor == desk.officer.account_id
    assert about["ruling_confirmed"].actor == desk.other_officer.account_id
    assert about["ruling_confirmed"].detail["reason"] == REASON
    assert about["ruling_confirmed"].detail["in_time"] is True


def test_ruled_late_frees_who_comes_after(desk: Desk) -> None:
    first = substantiated(desk)
    case_id = desk.case(first).case_id
    second = desk.report(case_id=case_id, violated_at=desk.clock.at - timedelta(hours=1))
    desk.decide(second)
    assert entitled(desk, second) is Entitlement.WAITING
    confirm(desk, propose(desk, first, in_time=False))
    assert (entitled(desk, first), entitled(desk, second)) == (Entitlement.LATE, Entitlement.FIRST)
    desk.ledger_holds()


def test_the_same_person_never_settles_alone(desk: Desk) -> None:
    ruling_id = propose(desk, substantiated(desk), in_time=True)
    with pytest.raises(SecondOfficerNeeded):
        confirm(desk, ruling_id, desk.officer)
    with desk.runtime.read() as work:
        ruling = stored.read_proposed(work.connection, ruling_id)
    assert ruling is not None
    with desk.runtime.write() as work, pytest.raises(IntegrityError, match="two_people"):
        stored.confirm(
            work.connection,
            ruling,
            by=desk.officer.account_id,
            at=work.now,
        )


def test_a_refused_ruling_counts_nothing_and_another_can_be_proposed(desk: Desk) -> None:
    report_id = substantiated(desk)
    ruling_id = propose(desk, report_id, in_time=True)
    with pytest.raises(AlreadyProposed):
        propose(desk, report_id, in_time=False)
    with desk.runtime.write() as work:
        rulings.refuse(work, ruling_id=ruling_id, officer=desk.other_officer)
    for gone in (ruling_id, "0" * 32):
        with pytest.raises(RulingNotFound):
            confirm(desk, gone)
    assert entitled(desk, report_id) is Entitlement.WAITING
    confirm(desk, propose(desk, report_id, in_time=False, by=desk.other_officer), desk.officer)
    assert entitled(desk, report_id) is Entitlement.LATE


def test_what_is_certain_is_not_to_be_settled(desk: Desk) -> None:
    desk.clock.at = VIOLATED_AT + timedelta(hours=2)
    certain = substantiated(desk)
    with pytest.raises(NothingToSettle):
        propose(desk, certain, in_time=False)
    with pytest.raises(NothingToSettle):
        propose(desk, "0" * 32, in_time=True)
    with pytest.raises(NothingToSettle):
        propose(desk, certain, LAST_DAY, day=date(2027, 1, 20))


def test_a_ruling_says_what_it_settles_and_why(desk: Desk) -> None:
    report_id = substantiated(desk)
    for reason in ("", " \n", "x" * 2001):
        with pytest.raises(ReasonRequired):
            propose(desk, report_id, in_time=True, reason=reason)
    for value in ({}, {"day": date(2027, 1, 4)}, {"in_time": True, "day": date(2027, 1, 4)}):
        with pytest.raises(RulingIncomplete):
            propose(desk, report_id, **value)
    for in_time in (None, True):
        with pytest.raises(RulingIncomplete):
            propose(desk, report_id, ANSWER, in_time=in_time)


def test_with_another_violation_time_the_ruling_counts_no_more(desk: Desk) -> None:
    report_id = desk.report(violated_at=VIOLATED_AT)
    confirm(desk, propose(desk, report_id, in_time=True))
    with desk.runtime.write() as work:
        row = reports.by_id(work.connection, report_id)
        said = claims.in_force(work.connection, report_id)
        assert said is not None
        fields = {name: getattr(said.claim, name) for name in Claim.__dataclass_fields__}
        earlier = Claim(**fields | {"violated_at": VIOLATED_AT + timedelta(hours=20)})
        corrections.correct_claim(
            work,
            report_id=report_id,
            officer=desk.officer,
            row_version=row.row_version,
            claim=earlier,
            reason="clock",
        )
    (asked,) = waiting(desk, WINDOW)
    assert asked.counted_from == VIOLATED_AT + timedelta(hours=20)
    confirm(desk, propose(desk, report_id, in_time=False))
    assert waiting(desk, WINDOW) == ()


def test_a_ruling_stands_when_the_calendar_comes_and_is_named_where_it_says_otherwise(
    desk: Desk,
) -> None:
    """By the list of 2027 the window ends with 4 January.

    Ruled late, the report was in time after all.
    """
    report_id = substantiated(desk)
    confirm(desk, propose(desk, report_id, in_time=False))
    desk.tell()
    number = (
        waiting(desk, ANSWER)[0].report_number
        if waiting(desk, ANSWER)
        else desk.case(report_id).reports[0].report_number
    )
    with desk.runtime.write() as work:
        done = calendar_loading.load(work, read_calendar(holiday_json()), actor="cli")
    assert done.done.contradicted == (number,)
    assert entitled(desk, report_id) is Entitlement.LATE
    with desk.runtime.read() as work:
        (asked,) = open_dates.contradicted(work)
    assert asked.contradicts is InTime.YES
    confirm(desk, propose(desk, report_id, in_time=True))  # ruled anew, by two people again
    assert entitled(desk, report_id) is Entitlement.FIRST
    with desk.runtime.read() as work:
        assert open_dates.contradicted(work) == ()
    with pytest.raises(NothingToSettle):
        propose(desk, report_id, in_time=False)
    desk.ledger_holds()


def test_a_calendar_ends_what_waited_for_a_second_person(desk: Desk) -> None:
    report_id = substantiated(desk)
    ruling_id = propose(desk, report_id, in_time=False)
    with desk.runtime.write() as work:
        calendar_loading.load(work, read_calendar(holiday_json()), actor="cli")
    with pytest.raises(RulingNotFound):
        confirm(desk, ruling_id)
    assert entitled(desk, report_id) is Entitlement.FIRST


# -- dates -----------------------------------------------------------------------------------------


def test_two_people_settle_an_answer_date(desk: Desk) -> None:
    report_id = desk.report(violated_at=desk.clock.at - timedelta(hours=1))
    (asked,) = waiting(desk)
    assert (asked.kind, asked.state) == (ANSWER, ReportState.VERIFIED)
    for day in (date(2027, 1, 6), date(2027, 2, 9)):  # before three calendar days, beyond a month
        with pytest.raises(DayOutOfRange) as told:
            propose(desk, report_id, ANSWER, day=day)
    assert (told.value.earliest, told.value.latest) == (date(2027, 1, 7), date(2027, 2, 7))
    ruling_id = propose(desk, report_id, ANSWER, day=date(2027, 1, 7))
    assert waiting(desk)[0].proposal is not None
    confirm(desk, ruling_id)
    with desk.runtime.read() as work:
        assert reports.by_id(work.connection, report_id).answer_due_at == datetime(
            2027, 1, 7, 16, tzinfo=UTC
        )
    assert waiting(desk) == ()


def test_two_people_settle_the_last_day_for_all_who_reported_jointly(desk: Desk) -> None:
    desk.clock.at = VIOLATED_AT + timedelta(hours=2)
    report_id = substantiated(desk, people=2)
    desk.tell()
    with desk.runtime.write() as work:
        tracking.progress(work, report_id)
    (asked,) = waiting(desk, LAST_DAY)
    assert asked.bounds.earliest == datetime(2027, 1, 13, 9, tzinfo=UTC)
    with pytest.raises(DayOutOfRange):
        propose(
            desk, report_id, LAST_DAY, day=date(2027, 1, 12)
        )  # fifteen days are everybody's right
    confirm(desk, propose(desk, report_id, LAST_DAY, day=date(2027, 1, 14)))
    assert {share.collect_by for share in desk.shares(report_id)} == {
        datetime(2027, 1, 14, 9, tzinfo=UTC)
    }
    assert waiting(desk, LAST_DAY) == ()
    desk.clock.at = datetime(2027, 1, 14, 9, 0, 1, tzinfo=UTC)
    assert forfeiture.forfeit_due(desk.runtime) == 2
    assert {share.state for share in desk.shares(report_id)} == {ShareState.FORFEITED}
    desk.ledger_holds()


def test_nobody_forfeits_by_a_day_that_has_passed_before_it_was_confirmed(desk: Desk) -> None:
    desk.clock.at = VIOLATED_AT + timedelta(hours=2)
    report_id = substantiated(desk)
    desk.tell()
    with desk.runtime.write() as work:
        tracking.progress(work, report_id)
    ruling_id = propose(desk, report_id, LAST_DAY, day=date(2027, 1, 14))
    desk.clock.at = datetime(2027, 1, 15, 1, tzinfo=UTC)
    with pytest.raises(DayOutOfRange):
        confirm(desk, ruling_id)
    assert desk.shares(report_id)[0].collect_by is None
