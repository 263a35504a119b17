"""Messages that nothing of ours can send: somebody calls, or the reporter reads them first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from pipeline.listed import Listed
from pipeline.store.notices import CALL, NoticeRow, fetched, listed
from pipeline.store.tables import outbox


def leave(connection: Connection, notice_id: str) -> None:
    """Nothing sends this message: somebody has to call."""
    connection.execute(update(outbox).where(outbox.c.id == notice_id).values(channel=CALL))


_WAITING = select(outbox).where(
    outbox.c.channel == CALL, outbox.c.delivered_at.is_(None), outbox.c.cancelled_at.is_(None)
)
"""Messages whose readers have to be called and were not yet."""


def waiting(connection: Connection, page: int) -> Listed[NoticeRow]:
    """Calls that wait to be made, the earliest first."""
    return listed(connection, _WAITING.order_by(outbox.c.created_at, outbox.c.id), page)


def of_id(connection: Connection, notice_id: str) -> NoticeRow | None:
    """The call of that message; None where nobody has to be called about it any more."""
    found = fetched(connection, _WAITING.where(outbox.c.id == notice_id))
    return found[0] if found else None


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
