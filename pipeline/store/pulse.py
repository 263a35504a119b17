"""Whether the work goes on: the last sweep, and how long something waits untaken."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, or_, select

from pipeline.store.leases import READING, VERIFYING
from pipeline.store.tables import counters, report_evidence, reports
from scheme.case import ReportState

SWEPT: Final = "swept_at"


def note_sweep(connection: Connection, at: datetime) -> None:
    """A sweep has come through, every part of it."""
    connection.execute(delete(counters).where(counters.c.name == SWEPT))
    connection.execute(insert(counters).values(name=SWEPT, value=int(at.timestamp())))


def last_sweep(connection: Connection) -> datetime | None:
    """When a sweep last came through, to the second; None before the first."""
    seconds = connection.execute(
        select(counters.c.value).where(counters.c.name == SWEPT)
    ).scalar_one_or_none()
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def untaken_since(
    connection: Connection, reader_version: str, now: datetime, attempts: int
) -> datetime | None:
    """Since when reports or files wait and no worker does anything.

    None where one does, or nothing waits.
    """
    at_work = or_(
        select(reports.c.id).where(~VERIFYING.free(now)).exists(),
        select(report_evidence.c.sha256).where(~READING.free(now)).exists(),
    )
    if connection.execute(select(at_work)).scalar_one():
        return None
    received = select(func.min(reports.c.received_at)).where(
        reports.c.state == ReportState.RECEIVED
    )
    stored = (
        select(func.min(report_evidence.c.added_at))
        .join(reports, reports.c.id == report_evidence.c.report_id)
        .where(reports.c.state == ReportState.DRAFT, report_evidence.c.attempts < attempts)
        .where(
            or_(report_evidence.c.read_by.is_(None), report_evidence.c.read_by != reader_version)
        )
    )
    waiting = [
        since for query in (received, stored) if (since := connection.execute(query).scalar_one())
    ]
    if not waiting:
        return None
    oldest: datetime = min(waiting)
    verified: datetime | None = connection.execute(
        select(func.max(reports.c.verified_at))
    ).scalar_one()
    return (
        oldest if verified is None else max(oldest, verified)
    )  # between two jobs no worker has any
