"""Received reports as a queue: each is verified by one worker at a time, under a lease.

The row is the queue. What verifying makes of the report is written elsewhere.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from pipeline.store.leases import VERIFYING
from pipeline.store.reports import by_id
from pipeline.store.tables import reports
from scheme.case import ReportState


def lease(
    connection: Connection, report_id: str, owner: str, now: datetime, until: datetime
) -> int | None:
    """Take a received report for verification, by one conditional update.

    Returns which attempt this is; None when it is not to be had: somebody has it, or it is not
    waiting.
    """
    if not VERIFYING.take(connection, reports.c.id == report_id, owner, _waits(now), until):
        return None
    return by_id(connection, report_id).attempts


def extend(connection: Connection, report_id: str, owner: str, until: datetime) -> bool:
    """Keep a report longer; False when the lease had run out and another has it."""
    return VERIFYING.extend(connection, reports.c.id == report_id, owner, until)


def release(connection: Connection, report_id: str, owner: str, *, failed: bool) -> bool:
    """Give a report back unverified; False when the lease had run out and another has it.

    Not ``failed``: it had to wait for something, and this was no attempt.
    """
    attempts = reports.c.attempts - int(not failed)
    return VERIFYING.give_back(connection, reports.c.id == report_id, owner, attempts=attempts)


def holds_lease(connection: Connection, report_id: str, owner: str) -> bool:
    """Whether ``owner`` still has the report, for a change under the write lock."""
    row = by_id(connection, report_id)
    return row.lease_owner == owner and row.state is ReportState.RECEIVED


def waiting(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Received reports that nobody is verifying, in order of receipt: what the sweep rings for."""
    rows = connection.execute(
        select(reports.c.id).where(_waits(now)).order_by(reports.c.receipt_seq)
    )
    return tuple(row.id for row in rows)


def _waits(now: datetime) -> ColumnElement[bool]:
    return and_(reports.c.state == ReportState.RECEIVED, VERIFYING.free(now))
