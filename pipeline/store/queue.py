"""Operations' queue: which reports wait, in order of their due time, and who holds one."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from pipeline.by_name import copied
from pipeline.listed import Listed
from pipeline.store.claims import counts_for
from pipeline.store.judgements import latest_of
from pipeline.store.leases import AT_THE_DESK
from pipeline.store.paged import paged
from pipeline.store.reports import ReportRow
from pipeline.store.tables import (
    accounts,
    cases,
    claims,
    evidence,
    explanations,
    judgements,
    report_evidence,
    reports,
    rewards,
    shares,
)
from scheme.case import UNDECIDED, ReportState, ShareState
from scheme.decision import Recommendation
from scheme.reading import MediaKind
from scheme.report import Channel


@dataclass(frozen=True, slots=True)
class Waiting:
    """One report in the queue, with its claim in force and its latest recommendation."""

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
    recommendation: Recommendation | None
    held_by: str | None
    held_until: datetime | None
    holder: str | None
    """The display name of whoever has it, or had it last."""
    explanations: int
    """How often the reporter was told why there is no result yet (R9)."""
    media_kinds: tuple[MediaKind, ...]

    def held_at(self, now: datetime) -> str | None:
        """Who has it at this moment, by display name."""
        return self.holder if self.held_until is not None and self.held_until > now else None

    def overdue_at(self, now: datetime) -> bool:
        """Whether its answer is overdue. Without a due date nothing is."""
        due = self.answer_due_at
        return due is not None and due <= now and self.state is not ReportState.ANSWERED


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports a list shows."""

    states: tuple[ReportState, ...] = UNDECIDED
    category: str | None = None
    due_before: datetime | None = None
    text: str | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits for operations."""

    by_state: Mapping[ReportState, int]
    overdue: int
    due_before_midnight: int
    without_due_date: int
    explained: int
    """Reports without an answer whose reporters were told why, in time."""
    uncollected: int


class Held(NamedTuple):
    """A report that an officer has."""

    report_id: str
    report_number: str


_IN_ORDER = (reports.c.answer_due_at.is_not(None), reports.c.answer_due_at, reports.c.receipt_seq)
"""Without a due date first, then by it, then by receipt."""


def waiting(connection: Connection, wanted: Wanted, page: int = 1) -> Listed[Waiting]:
    """The reports wanted: without a due date first, then by it, then by receipt."""
    query = _query(wanted).order_by(*_IN_ORDER)
    listed = paged(connection, query, page, lambda row: row)
    kinds = _kinds(connection, [row.id for row in listed.rows])
    return listed.shown_as(lambda row: _waiting(row, kinds.get(row.id, ())))


def next_free(
    connection: Connection, account_id: str, now: datetime, *, after: ReportRow | None = None
) -> str | None:
    """The first verified report in the queue's order that nobody else has.

    The first behind ``after`` where that is given.
    """
    query = select(reports.c.id).where(
        reports.c.state == ReportState.VERIFIED,
        or_(AT_THE_DESK.free(now), AT_THE_DESK.theirs(account_id)),
    )
    if after is not None:
        query = query.where(_behind(after))
    return connection.execute(query.order_by(*_IN_ORDER).limit(1)).scalar_one_or_none()


def _behind(report: ReportRow) -> ColumnElement[bool]:
    """What stands behind that report in the queue's order."""
    due, seq = reports.c.answer_due_at, reports.c.receipt_seq
    later = seq > (report.receipt_seq or 0)
    if report.answer_due_at is None:
        return or_(due.is_not(None), later)
    return or_(due > report.answer_due_at, and_(due == report.answer_due_at, later))


def counts(connection: Connection, *, now: datetime, midnight: datetime) -> Counts:
    """Numbers of the front page.

    A report is overdue while it has no answer: undecided, or waiting for the notice.
    """
    by_state = {
        ReportState(state): count
        for state, count in connection.execute(
            select(reports.c.state, func.count()).group_by(reports.c.state)
        )
    }
    open_states = (*UNDECIDED, ReportState.DECIDED)

    def count(*conditions: ColumnElement[bool]) -> int:
        query = (
            select(func.count())
            .select_from(reports)
            .where(reports.c.state.in_(open_states), *conditions)
        )
        return connection.execute(query).scalar_one()

    return Counts(
        by_state=by_state,
        overdue=count(reports.c.answer_due_at <= now),
        due_before_midnight=count(
            reports.c.answer_due_at > now, reports.c.answer_due_at <= midnight
        ),
        without_due_date=count(reports.c.answer_due_at.is_(None), reports.c.state.in_(UNDECIDED)),
        explained=count(
            reports.c.id.in_(
                select(explanations.c.report_id).where(explanations.c.in_time.is_(True))
            )
        ),
        uncollected=uncollected(connection),
    )


def uncollected(connection: Connection) -> int:
    """How many rewards were announced and wait at the counter."""
    query = (
        select(func.count(func.distinct(shares.c.reward_id)))
        .join(rewards, rewards.c.id == shares.c.reward_id)
        .where(
            shares.c.state.in_((ShareState.NOTIFIED, ShareState.REINSTATED)),
            rewards.c.live_case_id.is_not(None),
        )
    )
    return connection.execute(query).scalar_one()


def hold(
    connection: Connection, report_id: str, account_id: str, *, now: datetime, until: datetime
) -> bool:
    """Take a report, or take it for longer; False while somebody else has it."""
    free_or_theirs = or_(AT_THE_DESK.free(now), AT_THE_DESK.theirs(account_id))
    which = reports.c.id == report_id
    return AT_THE_DESK.take(connection, which, account_id, free_or_theirs, until)


def release(connection: Connection, report_id: str, account_id: str) -> bool:
    """Give a report back; False if the account does not have it."""
    return AT_THE_DESK.give_back(connection, reports.c.id == report_id, account_id)


def held_by(connection: Connection, account_id: str, now: datetime) -> tuple[Held, ...]:
    """The reports that an account has at this moment, in order of receipt."""
    query = select(reports.c.id, reports.c.report_number).where(
        reports.c.held_by == account_id, reports.c.held_until > now
    )
    rows = connection.execute(query.order_by(reports.c.receipt_seq))
    return tuple(Held(row.id, row.report_number or "") for row in rows)


def _query(wanted: Wanted) -> Select[Any]:
    explained = (
        select(func.count())
        .where(explanations.c.report_id == reports.c.id)
        .correlate(reports)
        .scalar_subquery()
    )
    return (
        select(
            explained.label("explanations"),
            reports.c.id,
            reports.c.report_number,
            reports.c.receipt_seq,
            reports.c.case_id,
            reports.c.state,
            reports.c.channel,
            reports.c.received_at,
            reports.c.answer_due_at,
            reports.c.held_by,
            reports.c.held_until,
            accounts.c.display_name.label("holder"),
            claims.c.category,
            claims.c.route,
            claims.c.plate,
            claims.c.badge,
            judgements.c.recommendation,
        )
        .select_from(
            reports.join(claims, counts_for(reports))
            .outerjoin(judgements, latest_of(reports))
            .outerjoin(cases, cases.c.id == reports.c.case_id)
            .outerjoin(accounts, accounts.c.id == reports.c.held_by)
        )
        .where(*_conditions(wanted))
    )


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield reports.c.state.in_(wanted.states)
    yield reports.c.receipt_seq.is_not(None)
    if wanted.channel is not None:
        yield reports.c.channel == wanted.channel
    if wanted.category is not None:
        yield claims.c.category == wanted.category
    if wanted.due_before is not None:
        yield reports.c.answer_due_at < wanted.due_before
    if wanted.text:
        yield or_(*(column.contains(wanted.text, autoescape=True) for column in _SEARCHED))


_SEARCHED: Final = (
    reports.c.report_number,
    cases.c.number,
    claims.c.plate,
    claims.c.route,
    claims.c.badge,
)
"""Where an officer's words are looked for."""


def _kinds(
    connection: Connection, report_ids: Collection[str]
) -> Mapping[str, tuple[MediaKind, ...]]:
    query = (
        select(report_evidence.c.report_id, evidence.c.kind)
        .join(evidence, evidence.c.sha256 == report_evidence.c.sha256)
        .where(report_evidence.c.report_id.in_(report_ids))
        .distinct()
        .order_by(evidence.c.kind)
    )
    kinds: dict[str, tuple[MediaKind, ...]] = {}
    for report_id, kind in connection.execute(query):
        kinds[report_id] = (*kinds.get(report_id, ()), MediaKind(kind))
    return kinds


def _waiting(row: Row[Any], media_kinds: tuple[MediaKind, ...]) -> Waiting:
    return copied(
        Waiting,
        row,
        report_id=row.id,
        state=ReportState(row.state),
        channel=Channel(row.channel),
        recommendation=Recommendation(row.recommendation) if row.recommendation else None,
        media_kinds=media_kinds,
    )
