"""Dates that no calendar gave when they were to be set: answers and last days to collect (P19)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from pipeline.store.ledger import ShareRow, shares_in
from pipeline.store.tables import explanations, reports
from scheme.case import ReportState, ShareState

RECEIVED_ONES = frozenset(ReportState) - {ReportState.DRAFT, ReportState.EXPIRED}


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """A received report whose answer date is empty. ``began_at``: when its clock began."""

    report_id: str
    report_number: str
    case_id: str | None
    state: ReportState
    began_at: datetime


def without_answer_date(
    connection: Connection, states: Collection[ReportState] = RECEIVED_ONES
) -> tuple[OpenAnswer, ...]:
    """Received reports in one of ``states`` whose answer date is empty, by receipt."""
    explained = (
        select(func.max(explanations.c.made_at))
        .where(explanations.c.report_id == reports.c.id, explanations.c.in_time.is_(True))
        .correlate(reports)
        .scalar_subquery()
    )
    query = select(
        reports.c.id,
        reports.c.report_number,
        reports.c.case_id,
        reports.c.state,
        reports.c.received_at,
        explained.label("explained_at"),
    ).where(
        reports.c.receipt_seq.is_not(None),
        reports.c.answer_due_at.is_(None),
        reports.c.state.in_(states),
    )
    return tuple(
        OpenAnswer(
            row.id,
            row.report_number,
            row.case_id,
            ReportState(row.state),
            row.explained_at or row.received_at,
        )
        for row in connection.execute(query.order_by(reports.c.receipt_seq))
    )


def set_answer_date(connection: Connection, report_id: str, due_at: datetime) -> bool:
    """Fill in an empty answer date; False where there is one.

    Whoever looks at the report may go on with it.
    """
    filled = connection.execute(
        update(reports)
        .where(reports.c.id == report_id, reports.c.answer_due_at.is_(None))
        .values(answer_due_at=due_at)
    )
    return filled.rowcount == 1


def without_last_day(connection: Connection, report_id: str | None = None) -> tuple[ShareRow, ...]:
    """Shares whose notice was received and whose last moment to collect is empty.

    All of them, or those of one report.
    """
    waiting = shares_in(connection, (ShareState.AWARDED, ShareState.NOTIFIED), report_id)
    return tuple(
        share
        for share in waiting
        if share.notice_received_at is not None and share.collect_by is None
    )
