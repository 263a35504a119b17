"""Loading a year of the calendar.

What it would change, and the change with everything that follows from it.

A year that becomes known fills every empty date, judges again whose window became known, and
settles their cases.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pipeline.calendar import CalendarChange, OverlayDay, change
from pipeline.dates import open_dates, rulings
from pipeline.dates.open_dates import LONGEST_WINDOW, Filled
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import case_reports, cases, ledger, roster
from pipeline.store import open_dates as stored
from pipeline.store.actions import Action
from pipeline.store.case_reports import CaseReport
from pipeline.verifying import judging
from scheme.case import ON_THE_DESK
from scheme.entitlement import InTime


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading would do: to the days, and to how many dates and windows."""

    change: CalendarChange
    filled: Filled
    in_time: int
    """Reports that nobody knew of, or that were late, and that are in time by these days."""
    late: int
    contradicted: tuple[str, ...]
    """Numbers of reports of which two people have ruled otherwise: what they ruled stands until it
    is ruled anew.
    """


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did."""

    done: Preview
    rewards: int
    """Cases that have a reward now and had none."""


def preview(work: Work, days: Sequence[OverlayDay]) -> Preview:
    """What loading ``days`` would do; stores nothing."""
    then = work.with_days(days)
    changed = change(work.workdays, then.workdays, days)
    windows = list(_windows_that_change(work, then, changed))
    return Preview(
        change=changed,
        filled=Filled(
            len(open_dates.answers_to_fill_in(then)), len(open_dates.last_days_to_fill_in(then))
        ),
        in_time=sum(answer is InTime.YES for _, answer in windows),
        late=sum(answer is InTime.NO for _, answer in windows),
        contradicted=tuple(one.report_number for one in open_dates.contradicted(then)),
    )


def load(work: Work, days: Sequence[OverlayDay], *, actor: str) -> Loaded:
    """Load days over the published calendar, and do what follows.

    A new year, or a day that was changed.

    Loading the same days again changes nothing. ``actor``: an account id, or ``cli``.
    """
    planned = preview(work, days)
    then = work.with_days(days)
    windows = list(_windows_that_change(work, then, planned.change))
    roster.load_overlay(work.connection, days, work.now)
    filled = open_dates.fill_in(then)
    for report, _ in windows:
        if report.state in ON_THE_DESK:
            judging.judge_again(then, report_id=report.report_id)
    rewards = sum(
        _settle(then, case_id) for case_id in _cases_of(then, [report for report, _ in windows])
    )
    rulings.drop_answered(then, actor=actor)
    work.record(
        actor,
        Action.CALENDAR_LOADED,
        "calendar",
        days=len(days),
        years=list(planned.change.covered),
        corrected=[row.day.isoformat() for row in planned.change.corrected],
        answer_dates=filled.answers,
        last_days=filled.last_days,
        in_time=planned.in_time,
        late=planned.late,
        rewards=rewards,
    )
    work.ring("deliver_notices")
    return Loaded(planned, rewards)


def _windows_that_change(
    now: Work, then: Work, changed: CalendarChange
) -> Iterator[tuple[CaseReport, InTime]]:
    """The reports whose window has another answer by the new days, with that answer."""
    first = changed.first_day
    if first is None:
        return
    zone = now.policies.procedure_at(now.now).zone
    since = datetime.combine(_hangs_on(first, now), time(), zone).astimezone(UTC)
    for report in case_reports.about_violations_since(now.connection, since, stored.RECEIVED_ONES):
        answer = awarding.window_of(then, report)
        if answer is not awarding.window_of(now, report):
            yield report, answer


def _hangs_on(first: date, now: Work) -> date:
    """The first day of a violation whose window can reach ``first``, over years without one."""
    day = first - LONGEST_WINDOW
    while day.year not in now.workdays.years and day.year > min(now.workdays.years):
        day = date(day.year, 1, 1) - LONGEST_WINDOW
    return day


def _cases_of(work: Work, changed: Sequence[CaseReport]) -> tuple[str, ...]:
    found = (cases.case_of_report(work.connection, report.report_id) for report in changed)
    return tuple(dict.fromkeys(case_id for case_id in found if case_id is not None))


def _settle(work: Work, case_id: str) -> bool:
    """Settle the case; whether it has a reward now and had none."""
    had = ledger.live_reward(work.connection, case_id) is not None
    awarding.settle_case(work, case_id)
    return not had and ledger.live_reward(work.connection, case_id) is not None
