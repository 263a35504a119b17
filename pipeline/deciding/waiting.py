"""What waits for officers: the queue in order of its due times, and the front page's numbers."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from pipeline.dates import open_dates
from pipeline.dates.open_dates import MissingYear
from pipeline.listed import Listed
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import candidates, identity_questions, reports, second_looks
from pipeline.store import queue as queued
from pipeline.store.queue import Waiting, Wanted
from scheme.case import UNDECIDED, NoSuchReport, ReportState
from scheme.report import Channel


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue shows.

    Without a state: what waits for operations (verified), and what waits for reading.

    ``text`` is part of a report number, case number, plate or line.
    """

    state: ReportState | None = None
    category: str | None = None
    due_before: datetime | None = None
    text: str | None = None


class Numbered(NamedTuple):
    """A received report as its number leads to it; ``case_id`` is None until it was verified."""

    report_id: str
    report_number: str
    case_id: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of the front page.

    ``missing_years``: years the calendar should know by now and does not.
    """

    due_today: int
    overdue: int
    waiting: int
    """Verified reports that nobody decided yet."""
    unread: int
    """Received reports whose files are still being read."""
    awaiting_reporter: int
    uncollected: int
    """Rewards that were announced and not collected."""
    without_due_date: int
    """Undecided reports whose answer date no calendar gives: they stand first in the queue."""
    explained: int
    """Reports without an answer whose reporters were told why, in time (R9)."""
    open_candidates: int
    claw_backs_due: int
    persons_asked: int
    """Questions about who a reporter is that wait for a second person."""
    open_dates: int
    """Windows, answer dates and last days that wait for a calendar or for two people."""
    second_looks: int
    """What waits for somebody else to look, and decisions that somebody else would have made
    otherwise.
    """
    missing_years: tuple[MissingYear, ...]


# The page's word
def queue(
    work: Work,
    *,
    filter: QueueFilter | None = None,  # noqa: A002
    page: int = 1,
) -> Listed[Waiting]:
    """One page of the reports that wait, due first; without a due date before all."""
    return queued.waiting(work.connection, _wanted(filter or QueueFilter()), page)


def numbered(work: Work, report_number: str) -> Numbered | None:
    """The received report of exactly that number, in whatever state; None where there is none."""
    try:
        report = reports.by_number(work.connection, report_number)
    except NoSuchReport:
        return None
    return Numbered(report.id, report_number, report.case_id)


def walk_ins(work: Work, page: int = 1) -> Listed[Waiting]:
    """Reports that were registered at the counter and are undecided, due first."""
    return queued.waiting(work.connection, Wanted(channel=Channel.COUNTER), page)


def uncollected(work: Work) -> int:
    """How many rewards were announced and wait at the counter."""
    return queued.uncollected(work.connection)


def overview(work: Work) -> Overview:
    """The numbers of the front page."""
    procedure = work.policies.procedure_at(work.now)
    today = work.now.astimezone(procedure.zone).date()
    midnight = datetime.combine(today + timedelta(days=1), time(), procedure.zone).astimezone(UTC)
    counts = queued.counts(work.connection, now=work.now, midnight=midnight)
    return Overview(
        due_today=counts.due_before_midnight,
        overdue=counts.overdue,
        waiting=counts.by_state.get(ReportState.VERIFIED, 0),
        unread=counts.by_state.get(ReportState.RECEIVED, 0),
        awaiting_reporter=counts.by_state.get(ReportState.AWAITING_REPORTER, 0),
        uncollected=counts.uncollected,
        without_due_date=counts.without_due_date,
        explained=counts.explained,
        open_candidates=candidates.how_many_open(work.connection),
        claw_backs_due=len(awarding.claw_backs_due(work)),
        persons_asked=identity_questions.how_many_open(work.connection),
        open_dates=len(open_dates.waiting(work)) + len(open_dates.contradicted(work)),
        second_looks=second_looks.how_many_wait(work.connection),
        missing_years=open_dates.missing_years(work),
    )


def _wanted(chosen: QueueFilter) -> Wanted:
    states = UNDECIDED if chosen.state is None else (chosen.state,)
    return Wanted(
        states, chosen.category, chosen.due_before, (chosen.text or "").strip()[:40] or None
    )
