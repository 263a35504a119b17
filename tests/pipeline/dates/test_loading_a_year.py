"""Loading a year pays, answers and dates all that waited for it, and says how much."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.answering import tracking
from pipeline.calendar import OverlayDay, read_calendar
from pipeline.dates import calendar_loading
from pipeline.dates.calendar_loading import Loaded, Preview
from pipeline.dates.open_dates import Filled, missing_years
from pipeline.deciding import questions
from pipeline.doors import sweep
from pipeline.store import events, reports, roster
from scheme.case import ReportState
from scheme.entitlement import Entitlement
from tests.pipeline.desk import Desk
from tests.pipeline.holidays import holiday_json

VIOLATED_AT = datetime(2026, 12, 29, 0, tzinfo=UTC)
"""08:00 in Shanghai: by the list of 2027 the window ends with Monday, 4 January."""

YEAR = read_calendar(holiday_json())


@pytest.fixture(autouse=True)
def _turn_of_the_year(desk: Desk) -> None:
    desk.clock.at = VIOLATED_AT + timedelta(hours=2)


def load(desk: Desk) -> Loaded:
    with desk.runtime.write() as work:
        return calendar_loading.load(work, YEAR, actor=desk.officer.account_id)


def look(desk: Desk) -> Preview:
    with desk.runtime.read() as work:
        return calendar_loading.preview(work, YEAR)


def entitled(desk: Desk, report_id: str) -> Entitlement | None:
    return next(
        report.entitlement
        for report in desk.case(report_id).reports
        if report.report_id == report_id
    )


def due(desk: Desk, report_id: str) -> datetime | None:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).answer_due_at


def test_every_empty_date_is_filled_and_counted(desk: Desk) -> None:
    paid = desk.report(
        violated_at=VIOLATED_AT
    )  # certain already; its notice is received where no calendar reaches
    desk.decide(paid)
    desk.tell()
    with desk.runtime.write() as work:
        tracking.progress(work, paid)
    undecided = desk.report(violated_at=VIOLATED_AT, plate="沪A00002")
    desk.clock.at = datetime(2027, 1, 4, 1, tzinfo=UTC)
    in_time = desk.report(violated_at=VIOLATED_AT, plate="沪A00003")
    desk.clock.move(days=1)
    late = desk.report(violated_at=VIOLATED_AT, plate="沪A00004")
    for report_id in (in_time, late):
        desk.decide(report_id)
    desk.tell()
    assert {desk.state(report_id) for report_id in (in_time, late)} == {ReportState.DECIDED}
    assert {due(desk, report_id) for report_id in (paid, undecided, in_time, late)} == {None}

    planned = look(desk)
    assert planned.filled == Filled(answers=4, last_days=1)
    assert (planned.in_time, planned.late) == (1, 1)
    assert planned.change.covered == (2027,)
    assert due(desk, undecided) is None  # looking changes nothing

    done = load(desk)
    assert (done.done, done.rewards) == (planned, 1)
    assert entitled(desk, in_time) is Entitlement.FIRST
    assert entitled(desk, late) is Entitlement.LATE
    assert due(desk, undecided) == datetime(
        2027, 1, 4, 16, tzinfo=UTC
    )  # 30, 31 December, 4 January
    assert due(desk, late) == datetime(2027, 1, 8, 16, tzinfo=UTC)
    (share,) = desk.shares(paid)
    assert share.collect_by == datetime(
        2027, 1, 13, 9, tzinfo=UTC
    )  # received on 29 December; 17:00
    desk.tell()
    assert {desk.state(report_id) for report_id in (in_time, late)} == {ReportState.ANSWERED}
    desk.ledger_holds()


def test_loading_again_changes_nothing(desk: Desk) -> None:
    desk.clock.at = datetime(2027, 1, 4, 1, tzinfo=UTC)
    report_id = desk.report(violated_at=VIOLATED_AT)
    desk.decide(report_id)
    assert load(desk).rewards == 1
    shares = desk.shares(report_id)
    again = load(desk)
    assert (again.done.filled, again.done.in_time, again.done.late, again.rewards) == (
        Filled(0, 0),
        0,
        0,
        0,
    )
    assert again.done.change.covered == ()
    assert desk.shares(report_id) == shares
    desk.ledger_holds()


def test_it_is_on_record_whose_doing_it_was_and_how_much(desk: Desk) -> None:
    desk.report(violated_at=VIOLATED_AT)
    load(desk)
    with desk.runtime.read() as work:
        (event,) = (
            event
            for event in events.about(work.connection, "calendar")
            if event.action == "calendar_loaded"
        )
    assert event.actor == desk.officer.account_id
    assert event.detail["years"] == [2027]
    assert event.detail["answer_dates"] == 1


def test_an_explanation_moves_the_clock_that_is_filled_in(desk: Desk) -> None:
    report_id = desk.report(violated_at=VIOLATED_AT)
    desk.clock.at = datetime(2027, 1, 5, 1, tzinfo=UTC)
    with desk.runtime.write() as work:
        questions.explain(
            work, report_id=report_id, officer=desk.officer, text="The calendar is not out yet."
        )
    load(desk)
    assert due(desk, report_id) == datetime(
        2027, 1, 8, 16, tzinfo=UTC
    )  # three working days after the explanation


def test_an_upgrade_that_brings_the_year_is_found_by_the_sweep(desk: Desk) -> None:
    report_id = desk.report(violated_at=VIOLATED_AT)
    with desk.runtime.write() as work:
        roster.load_overlay(
            work.connection, YEAR, work.now
        )  # the days alone, as a newer package brings them
    assert due(desk, report_id) is None
    assert sweep.sweep(desk.runtime).dates_filled_in == 1
    assert due(desk, report_id) == datetime(2027, 1, 4, 16, tzinfo=UTC)
    assert sweep.sweep(desk.runtime).dates_filled_in == 0


def test_a_corrected_day_settles_what_was_late_before(desk: Desk) -> None:
    """A day off at short notice: the window of a known year is longer than everybody thought."""
    violated_at = datetime(2026, 3, 10, 0, tzinfo=UTC)
    desk.clock.at = datetime(2026, 3, 16, 1, tzinfo=UTC)  # the Monday after the window's Friday
    report_id = desk.report(violated_at=violated_at)
    desk.decide(report_id)
    desk.tell()
    assert entitled(desk, report_id) is Entitlement.LATE
    with desk.runtime.write() as work:
        days = [OverlayDay(datetime(2026, 3, 13, tzinfo=UTC).date(), working=False, note="typhoon")]
        done = calendar_loading.load(work, days, actor="cli")
    assert (done.done.in_time, done.rewards) == (1, 1)
    assert entitled(desk, report_id) is Entitlement.FIRST
    desk.ledger_holds()


def test_the_alarm_says_from_which_day_on_what_is_affected(desk: Desk) -> None:
    with desk.runtime.read() as work:
        (missing,) = missing_years(work)
    assert missing.year == 2027
    assert missing.needed.violation.isoformat() == "2026-12-29"
    assert missing.needed.receipt.isoformat() == "2026-12-29"
    assert missing.needed.notice.isoformat() == "2026-12-17"
    load(desk)
    with desk.runtime.read() as work:
        assert missing_years(work) == ()
