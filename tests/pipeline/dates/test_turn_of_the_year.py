"""The calendar ends with 2026.

Who is certainly in time is paid and answered, and nobody waits for others' dates.
"""

from datetime import UTC, datetime, timedelta

import pytest

from scheme.case import ReportState
from scheme.entitlement import Entitlement
from tests.pipeline.desk import Desk

VIOLATED_AT = datetime(2026, 12, 29, 0, tzinfo=UTC)
"""08:00 in Shanghai; the 30th and 31st work, the third working day lies in a year without a
calendar.
"""


@pytest.fixture(autouse=True)
def _turn_of_the_year(desk: Desk) -> None:
    desk.clock.at = VIOLATED_AT + timedelta(hours=2)


def entitled(desk: Desk, report_id: str) -> Entitlement | None:
    """What the report is entitled to now."""
    return next(
        report.entitlement
        for report in desk.case(report_id).reports
        if report.report_id == report_id
    )


def decided_after(desk: Desk, case_id: str | None = None, **later: float) -> str:
    """A report of the violation, handed in so much after now, and substantiated."""
    desk.clock.move(**later)
    report_id = desk.report(case_id=case_id, violated_at=VIOLATED_AT)
    desk.decide(report_id)
    return report_id


def case_of(desk: Desk, report_id: str) -> str:
    return desk.case(report_id).case_id


def test_what_is_reported_the_same_day_is_paid_and_answered_without_the_coming_year(
    desk: Desk,
) -> None:
    report_id = decided_after(desk)
    assert entitled(desk, report_id) is Entitlement.FIRST
    assert desk.tell() > 0
    assert desk.state(report_id) is ReportState.ANSWERED
    assert sum(share.amount_fen for share in desk.shares(report_id)) == 5000
    desk.ledger_holds()


def test_what_comes_on_the_third_calendar_day_is_in_time_and_on_the_fourth_nobody_knows(
    desk: Desk,
) -> None:
    third = decided_after(desk, days=3)
    fourth = decided_after(desk, days=1)
    assert entitled(desk, third) is Entitlement.FIRST
    assert entitled(desk, fourth) is Entitlement.WAITING
    desk.tell()
    assert (desk.state(third), desk.state(fourth)) == (ReportState.ANSWERED, ReportState.DECIDED)


def test_an_unknown_window_holds_up_only_who_depends_on_it(desk: Desk) -> None:
    """Three of one incident: the first may be late, then the second is first, never the third."""
    desk.clock.move(days=6)
    late_perhaps = desk.report(violated_at=VIOLATED_AT)
    case_id = case_of(desk, late_perhaps)
    certain = [
        desk.report(case_id=case_id, violated_at=desk.clock.at - timedelta(hours=1))
        for _ in range(2)
    ]
    for report_id in (late_perhaps, *certain):
        desk.decide(report_id)
    assert [entitled(desk, report_id) for report_id in (late_perhaps, *certain)] == [
        "waiting",
        "waiting",
        "not_first",
    ]
    desk.tell()
    assert desk.state(certain[1]) is ReportState.ANSWERED


def test_a_report_of_another_case_waits_for_nobody(desk: Desk) -> None:
    decided_after(desk, days=6)
    other = desk.report(violated_at=desk.clock.at - timedelta(hours=1), plate="沪A99999")
    desk.decide(other)
    desk.tell()
    assert desk.state(other) is ReportState.ANSWERED
