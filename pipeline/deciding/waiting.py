"""What waits for officers: the queue in order of its due times, and the front page's numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from pipeline.dates import open_dates
from pipeline.dates.open_dates import MissingYear
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import accounts, candidates, identity_questions, second_looks
from pipeline.store import queue as queued
from pipeline.store.queue import Waiting, Wanted
from scheme.case import UNDECIDED, ReportState
from scheme.decision import Recommendation
from scheme.reading import MediaKind
from scheme.report import Channel

PAGE = 50
MOST_WALK_INS = 200
"""So many undecided reports of walk-ins the counter's page lists, those due first."""


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


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One report in the queue.

    ``held_by``: display name of who has it now; ``answer_due_at`` None: no calendar.
    """

    report_id: str
    report_number: str
    case_id: str | None
    category: str
    route: str | None
    plate: str | None
    badge: str | None
    state: ReportState
    channel: Channel
    received_at: datetime
    answer_due_at: datetime | None
    overdue: bool
    recommendation: Recommendation | None
    held_by: str | None
    explanations: int
    """How often the reporter was told why there is no result yet (R9)."""
    media_kinds: tuple[MediaKind, ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue, counted from 1. ``total`` is the number of rows on all pages."""

    rows: tuple[QueueRow, ...]
    total: int
    page: int
    pages: int


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
def queue(work: Work, *, filter: QueueFilter | None = None, page: int = 1) -> QueuePage:  # noqa: A002
    """One page of the reports that wait, due first; without a due date before all.

    ``page`` counts from 1.
    """
    wanted = _wanted(filter or QueueFilter())
    total = queued.how_many(work.connection, wanted)
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    names = accounts.names(work.connection)
    rows = queued.waiting(work.connection, wanted, limit=PAGE, offset=(page - 1) * PAGE)
    return QueuePage(tuple(_queue_row(row, work.now, names) for row in rows), total, page, pages)


def numbered(work: Work, report_number: str) -> QueueRow | None:
    """The received report of exactly that number, in whatever state; None where there is none."""
    rows = _rows(work, Wanted(tuple(ReportState), number=report_number), limit=1)
    return rows[0] if rows else None


def walk_ins(work: Work) -> tuple[QueueRow, ...]:
    """Reports that were registered at the counter and are undecided, due first."""
    return _rows(work, Wanted(channel=Channel.COUNTER), limit=MOST_WALK_INS)


def uncollected(work: Work) -> int:
    """How many rewards were announced and wait at the counter."""
    return queued.uncollected(work.connection)


def _rows(work: Work, wanted: Wanted, *, limit: int) -> tuple[QueueRow, ...]:
    names = accounts.names(work.connection)
    rows = queued.waiting(work.connection, wanted, limit=limit, offset=0)
    return tuple(_queue_row(row, work.now, names) for row in rows)


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


def _queue_row(row: Waiting, now: datetime, names: Mapping[str, str]) -> QueueRow:
    held = row.held_by is not None and row.held_until is not None and row.held_until > now
    return QueueRow(
        report_id=row.report_id,
        report_number=row.report_number,
        case_id=row.case_id,
        category=row.category,
        route=row.route,
        plate=row.plate,
        badge=row.badge,
        state=row.state,
        channel=row.channel,
        received_at=row.received_at,
        answer_due_at=row.answer_due_at,
        overdue=row.answer_due_at is not None
        and row.answer_due_at <= now
        and row.state is not ReportState.ANSWERED,
        recommendation=row.recommendation,
        held_by=names.get(row.held_by or "") if held else None,
        explanations=row.explanations,
        media_kinds=row.media_kinds,
    )
