"""Messages on their way: which are due, who tries to send one, which have left.

No message is written here, and none is sent: a provider does that, outside any transaction.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from pipeline.listed import Listed
from pipeline.store.notices import EMAIL, PAPER, SMS, UNSENT, NoticeRow, fetched, listed
from pipeline.store.tables import outbox


def due(connection: Connection, at: datetime, limit: int) -> tuple[NoticeRow, ...]:
    """Messages that a provider takes and that may leave at ``at``, the longest due first."""
    return fetched(connection, _due(at, (SMS, EMAIL)).limit(limit))


def on_paper(connection: Connection, at: datetime, page: int) -> Listed[NoticeRow]:
    """Letters that may leave at ``at``, the longest due first."""
    return listed(connection, _due(at, (PAPER,)), page)


def _due(at: datetime, channels: tuple[str, ...]) -> Select[Any]:
    return (
        select(outbox)
        .where(outbox.c.channel.in_(channels), UNSENT, outbox.c.send_after <= at)
        .order_by(outbox.c.send_after, outbox.c.created_at, outbox.c.id)
    )


def others_of(connection: Connection, notice: NoticeRow) -> frozenset[str]:
    """Over which other channels the same message goes to the same person.

    Those taken back left out.
    """
    rows = connection.execute(
        select(outbox.c.channel).where(
            outbox.c.report_id == notice.report_id,
            outbox.c.person_id == notice.person_id,
            outbox.c.kind == notice.kind,
            outbox.c.created_at == notice.created_at,
            outbox.c.id != notice.notice_id,
            outbox.c.cancelled_at.is_(None),
        )
    )
    return frozenset(row.channel for row in rows)


def stuck(connection: Connection, page: int) -> Listed[NoticeRow]:
    """Messages that were tried and that no provider has taken, the earliest first."""
    query = (
        select(outbox)
        .where(outbox.c.channel.in_((SMS, EMAIL)), outbox.c.attempts > 0)
        .where(UNSENT)
        .order_by(outbox.c.created_at, outbox.c.id)
    )
    return listed(connection, query, page)


def take(connection: Connection, notice: NoticeRow, again_after: datetime) -> bool:
    """Take a due message for one attempt.

    Whoever else looks sees it due again only at ``again_after``.
    """
    taken = connection.execute(
        update(outbox)
        .where(
            outbox.c.id == notice.notice_id,
            outbox.c.attempts == notice.attempts,
            UNSENT,
        )
        .values(attempts=notice.attempts + 1, send_after=again_after)
    )
    return taken.rowcount == 1


def mark_sent(connection: Connection, notice_id: str, at: datetime) -> bool:
    """The message has left, even if it was taken back while it was on its way.

    False if that was known.
    """
    sent = connection.execute(
        update(outbox)
        .where(outbox.c.id == notice_id, outbox.c.sent_at.is_(None))
        .values(sent_at=at, cancelled_at=None)
    )
    return sent.rowcount == 1


def cancel(connection: Connection, notice_id: str, at: datetime) -> bool:
    """Take one message back; False if it has left or was taken back before."""
    cancelled = connection.execute(
        update(outbox).where(outbox.c.id == notice_id, UNSENT).values(cancelled_at=at)
    )
    return cancelled.rowcount == 1


def sent(connection: Connection, page: int) -> Listed[NoticeRow]:
    """Messages that have left, newest first."""
    query = (
        select(outbox)
        .where(outbox.c.sent_at.is_not(None))
        .order_by(outbox.c.sent_at.desc(), outbox.c.id)
    )
    return listed(connection, query, page)
