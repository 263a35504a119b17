"""R9: a result, or an explanation why there is none yet, within three working days.

Both ways count.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.deciding import questions, waiting
from pipeline.deciding.waiting import QueueFilter
from pipeline.store import events, reports
from scheme.case import ForbiddenMove, ReportState
from tests.pipeline.desk import Desk

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = datetime(2026, 3, 14, tzinfo=SHANGHAI).astimezone(UTC)
"""24:00 of Friday 13 March: three working days after Tuesday the 10th."""


def explain(desk: Desk, report_id: str) -> None:
    with desk.runtime.write() as work:
        questions.explain(
            work, report_id=report_id, officer=desk.officer, text="the depot has not answered yet"
        )


def due_of(desk: Desk, report_id: str) -> datetime | None:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).answer_due_at


def overdue(desk: Desk) -> int:
    with desk.runtime.read() as work:
        rows = waiting.queue(work).rows
        assert sum(row.overdue_at(work.now) for row in rows) == waiting.overview(work).overdue
        return waiting.overview(work).overdue


def test_an_explanation_in_time_is_what_the_rule_asks_for(desk: Desk) -> None:
    report_id = desk.report()
    assert due_of(desk, report_id) == DUE
    desk.clock.at = DUE - timedelta(seconds=1)
    explain(desk, report_id)
    assert due_of(desk, report_id) == datetime(
        2026, 3, 19, tzinfo=SHANGHAI
    )  # from Friday: Wednesday's 24:00
    desk.clock.at = DUE
    assert overdue(desk) == 0
    with desk.runtime.read() as work:
        assert waiting.overview(work).explained == 1
        (row,) = waiting.queue(work).rows
        (told,) = [
            e
            for e in events.about(work.connection, f"report/{report_id}")
            if e.action == "reporter_told_why"
        ]
    assert row.explanations == 1
    assert (told.detail["in_time"], told.detail["due_was"], told.detail["due_now"]) == (
        True,
        "2026-03-13",
        "2026-03-18",
    )
    desk.clock.at = datetime(2026, 3, 19, tzinfo=SHANGHAI).astimezone(UTC)
    assert overdue(desk) == 1  # no result and no further explanation by the new day


def test_each_explanation_in_time_begins_the_clock_anew_and_is_counted(desk: Desk) -> None:
    report_id = desk.report()
    for _ in range(3):
        due = due_of(desk, report_id)
        assert due is not None
        desk.clock.at = due - timedelta(hours=1)
        explain(desk, report_id)
    (report,) = desk.case(report_id).reports
    assert [one.in_time for one in report.explanations] == [True, True, True]
    assert [one.due_was for one in report.explanations[1:]] == [
        one.due_now for one in report.explanations[:2]
    ]
    assert overdue(desk) == 0


def test_a_late_explanation_is_told_and_counted_but_heals_nothing(desk: Desk) -> None:
    report_id = desk.report()
    desk.clock.at = DUE
    explain(desk, report_id)
    assert due_of(desk, report_id) == DUE
    assert overdue(desk) == 1
    with desk.runtime.read() as work:
        assert waiting.overview(work).explained == 0
    (report,) = desk.case(report_id).reports
    assert [(one.in_time, one.due_was) for one in report.explanations] == [(False, DUE)]


def test_the_queue_stands_in_order_of_the_time_that_is_due_now(desk: Desk) -> None:
    first = desk.report(plate="沪A11111")
    desk.clock.move(days=1)
    second = desk.report(plate="沪A22222")
    explain(desk, second)
    desk.clock.move(days=1)
    explain(desk, first)
    with desk.runtime.read() as work:
        rows = waiting.queue(work, filter=QueueFilter()).rows
    assert [row.report_id for row in rows] == [second, first]


def test_what_is_answered_needs_no_explanation(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    assert desk.state(report_id) is ReportState.ANSWERED
    with pytest.raises(ForbiddenMove):
        explain(desk, report_id)
