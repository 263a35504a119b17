"""Reports as rows: drafts, and every move from one state to the next.

Every change of state is one conditional update whose row count is checked. What a report claims,
how it was judged and whose it is stand in modules of their own.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from pipeline.by_name import copied
from pipeline.store.tables import reports
from scheme.case import (
    REPORT_MOVES,
    ForbiddenMove,
    NoSuchReport,
    ReportState,
    StaleVersion,
    sources_of,
)
from scheme.policy import PolicyRef
from scheme.report import Channel


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report as it stands. ``receipt_seq`` is order: it never leaves operations."""

    id: str
    state: ReportState
    row_version: int
    channel: Channel
    created_at: datetime
    receipt_seq: int | None
    report_number: str | None
    code_hash: str | None
    code_failures: int
    code_locked_until: datetime | None
    received_at: datetime | None
    submitted_to_us_at: datetime | None
    consent_version: str | None
    consent_at: datetime | None
    case_id: str | None
    excluded: bool
    tied_by_officer: bool
    violated_at: datetime | None
    captured_from: datetime | None
    captured_to: datetime | None
    substance_policy: PolicyRef | None
    receipt_policy: PolicyRef | None
    answer_due_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    attempts: int
    verified_at: datetime | None
    decided_at: datetime | None
    answered_at: datetime | None
    held_by: str | None
    held_until: datetime | None
    asked_for: str | None
    reopened_at: datetime | None
    withdrawn_at: datetime | None
    language: str | None


COLUMNS: Final = tuple(reports.c[field.name] for field in fields(ReportRow))
"""What ``report_of_row`` reads."""


def report_of_row(row: Row[Any]) -> ReportRow:
    """The report in a row that has all columns of it, and maybe others."""
    state, channel = ReportState(row.state), Channel(row.channel)
    return copied(ReportRow, row, state=state, channel=channel)


def by_id(connection: Connection, report_id: str) -> ReportRow:
    """One report. Raises NoSuchReport."""
    report = _where(connection, reports.c.id == report_id)
    if report is None:
        raise NoSuchReport(report_id)
    return report


def by_number(connection: Connection, report_number: str) -> ReportRow:
    """The report with this public number. Raises NoSuchReport."""
    report = _where(connection, reports.c.report_number == report_number)
    if report is None:
        raise NoSuchReport(report_number)
    return report


def by_draft_key(connection: Connection, draft_key_hash: str) -> ReportRow:
    """The report whose draft was opened with this key, whatever became of it.

    Raises NoSuchReport, which does not name the key.
    """
    report = _where(connection, reports.c.draft_key_hash == draft_key_hash)
    if report is None:
        raise NoSuchReport
    return report


def _where(connection: Connection, only: ColumnElement[bool]) -> ReportRow | None:
    row = connection.execute(select(*COLUMNS).where(only)).one_or_none()
    return None if row is None else report_of_row(row)


def add_draft(
    connection: Connection, report_id: str, channel: Channel, draft_key_hash: str, at: datetime
) -> None:
    """Open a draft: no order, no number, no case."""
    connection.execute(
        insert(reports).values(
            id=report_id,
            state=ReportState.DRAFT,
            channel=channel,
            draft_key_hash=draft_key_hash,
            created_at=at,
            row_version=0,
            code_failures=0,
            excluded=False,
            tied_by_officer=False,
            attempts=0,
        )
    )


def move(
    connection: Connection,
    report_id: str,
    to: ReportState,
    *,
    row_version: int | None = None,
    **columns: object,
) -> ReportRow:
    """Move a report to another state, with further ``columns``, by one conditional update.

    Allowed from every state that the table of moves knows; with ``row_version`` only when nobody
    changed the row since. Raises ForbiddenMove, StaleVersion, NoSuchReport.
    """
    condition = and_(
        _as_known(report_id, row_version), reports.c.state.in_(sources_of(REPORT_MOVES, to))
    )
    changed = connection.execute(
        update(reports)
        .where(condition)
        .values(state=to, row_version=reports.c.row_version + 1, **columns)
    )
    if changed.rowcount != 1:
        report = by_id(connection, report_id)
        if row_version is not None and report.row_version != row_version:
            raise StaleVersion(report_id, report.row_version)
        raise ForbiddenMove("report", report.state, to)
    return by_id(connection, report_id)


def change(
    connection: Connection, report_id: str, *, row_version: int | None = None, **columns: object
) -> ReportRow:
    """Change columns without a move, counting the version up. Raises StaleVersion, NoSuchReport."""
    condition = _as_known(report_id, row_version)
    changed = connection.execute(
        update(reports).where(condition).values(row_version=reports.c.row_version + 1, **columns)
    )
    if changed.rowcount != 1:
        raise StaleVersion(report_id, by_id(connection, report_id).row_version)
    return by_id(connection, report_id)


def _as_known(report_id: str, row_version: int | None) -> ColumnElement[bool]:
    """The report, in the version that the caller knows where they name one."""
    if row_version is None:
        return reports.c.id == report_id
    return and_(reports.c.id == report_id, reports.c.row_version == row_version)


def registered(connection: Connection, report_id: str, by: str) -> None:
    """Keep which member of staff registered it: ``by`` is an account's id, or ``cli``."""
    connection.execute(update(reports).where(reports.c.id == report_id).values(registered_by=by))


def paid_on_the_spot(connection: Connection, report_id: str, by: str, at: datetime) -> None:
    """Keep which clerk verified and paid it at the counter, and when (R8)."""
    connection.execute(
        update(reports)
        .where(reports.c.id == report_id)
        .values(paid_on_the_spot_by=by, paid_on_the_spot_at=at)
    )


def paid_on_the_spot_since(connection: Connection, by: str, since: datetime) -> int:
    """How many reports an account has paid on the spot from then on."""
    query = (
        select(func.count())
        .select_from(reports)
        .where(reports.c.paid_on_the_spot_by == by, reports.c.paid_on_the_spot_at >= since)
    )
    return connection.execute(query).scalar_one()


def note_code_failures(
    connection: Connection, report_id: str, count: int, until: datetime | None
) -> None:
    """Keep how often the secret code was wrong in a row, and until when to wait.

    The row's version stays.
    """
    connection.execute(
        update(reports)
        .where(reports.c.id == report_id)
        .values(code_failures=count, code_locked_until=until)
    )


def replace_code(connection: Connection, report_id: str, code_hash: str) -> None:
    """Another secret code instead of the old one.

    Wrong tries are forgotten, the row's version stays.
    """
    connection.execute(
        update(reports)
        .where(reports.c.id == report_id)
        .values(code_hash=code_hash, code_failures=0, code_locked_until=None)
    )


# -- the row is the queue --------------------------------------------------------------------------


def drafts_before(connection: Connection, at: datetime) -> tuple[str, ...]:
    """Drafts opened before ``at``: what the sweep lets expire."""
    rows = connection.execute(
        select(reports.c.id).where(reports.c.state == ReportState.DRAFT, reports.c.created_at < at)
    )
    return tuple(row.id for row in rows)
