"""Messages that nothing of ours can send: somebody calls, or the reporter reads them first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from pipeline.store.notices import CALL, NoticeRow, fetched
from pipeline.store.tables import outbox


def leave(connection: Connection, notice_id: str) -> None:
    """Nothing sends this message: somebody has to call."""
    connection.execute(update(outbox).where(outbox.c.id == notice_id).values(channel=CALL))


def waiting(
    connection: Connection, limit: int = 1, *, notice_id: str | None = None
) -> tuple[NoticeRow, ...]:
    """Messages whose readers have to be called and were not yet, the earliest first.

    Or the one of that id.
    """
    query = select(outbox).where(
        outbox.c.channel == CALL, outbox.c.delivered_at.is_(None), outbox.c.cancelled_at.is_(None)
    )
    if notice_id is not None:
        query = query.where(outbox.c.id == notice_id)
    return fetched(connection, query.order_by(outbox.c.created_at, outbox.c.id).limit(limit))


def mark_told(connection: Connection, notice_id: str, at: datetime) -> None:
    """The reader was called and told."""
    connection.execute(update(outbox).where(outbox.c.id == notice_id).values(delivered_at=at))


def read_by_reporter(
    connection: Connection, report_id: str, kinds: Collection[str], at: datetime
) -> int:
    """The reporter has opened the page on which it stands.

    Nobody has to call about these; how many there were.
    """
    read = connection.execute(
        update(outbox).where(*_to_be_called(report_id, kinds)).values(delivered_at=at)
    )
    return read.rowcount


def waits_to_be_read(connection: Connection, report_id: str, kinds: Collection[str]) -> bool:
    """Whether ``read_by_reporter`` would find something."""
    query = select(outbox.c.id).where(*_to_be_called(report_id, kinds)).limit(1)
    return connection.execute(query).first() is not None


def _to_be_called(report_id: str, kinds: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        outbox.c.report_id == report_id,
        outbox.c.kind.in_(kinds),
        outbox.c.channel == CALL,
        outbox.c.delivered_at.is_(None),
    )
