"""The outbox: messages as they are written, and taken back before they left.

How they leave is in ``deliveries``; those that somebody has to say by telephone, in ``calls_due``.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, insert, select, update

from pipeline.by_name import copied
from pipeline.listed import Listed
from pipeline.store import letters
from pipeline.store.paged import paged
from pipeline.store.tables import outbox, report_reporters, reports

SMS, EMAIL, PAPER, CALL = "sms", "email", "paper", "call"
ANSWER, REWARD, ASK, EXPLANATION = "answer", "reward", "ask", "explanation"
"""Kinds of messages that rules ask for by name."""

UNSENT: Final = and_(outbox.c.sent_at.is_(None), outbox.c.cancelled_at.is_(None))
"""What has not left and was not taken back."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One message to one person over one channel.

    ``facts`` fill the text and hold nothing of an identity.
    """

    notice_id: str
    kind: str
    report_id: str
    share_id: str | None
    person_id: str
    channel: str
    facts: Mapping[str, Any]
    created_at: datetime
    send_after: datetime
    attempts: int
    sent_at: datetime | None
    cancelled_at: datetime | None


def write(  # noqa: PLR0913 - what a message consists of
    connection: Connection,
    *,
    kind: str,
    report_id: str,
    person_id: str,
    share_id: str | None,
    facts: Mapping[str, Any],
    at: datetime,
    send_after: datetime,
) -> tuple[str, ...]:
    """Put a message to a person into the outbox: by SMS, and by e-mail or on paper too.

    Every person has given a phone number (R7). Nothing leaves before ``send_after``. Returns the
    ids.
    """
    channels = [SMS]
    if has_email(connection, report_id, person_id):
        channels.append(EMAIL)
    if letters.has_address(connection, report_id, person_id):
        channels.append(PAPER)
    return tuple(
        add(
            connection,
            kind=kind,
            report_id=report_id,
            share_id=share_id,
            person_id=person_id,
            channel=channel,
            facts=facts,
            at=at,
            send_after=send_after,
        )
        for channel in channels
    )


def add(  # noqa: PLR0913 - what a message consists of
    connection: Connection,
    *,
    kind: str,
    report_id: str,
    share_id: str | None,
    person_id: str,
    channel: str,
    facts: Mapping[str, Any],
    at: datetime,
    send_after: datetime,
) -> str:
    """Put a message into the outbox.

    Returns its id, which is the message's id for every provider.
    """
    notice_id = secrets.token_hex(16)
    connection.execute(
        insert(outbox).values(
            id=notice_id,
            kind=kind,
            report_id=report_id,
            share_id=share_id,
            person_id=person_id,
            channel=channel,
            facts=json.dumps(dict(facts), ensure_ascii=False, sort_keys=True),
            created_at=at,
            send_after=send_after,
            attempts=0,
        )
    )
    return notice_id


def has_email(connection: Connection, report_id: str, person_id: str) -> bool:
    """Whether the person gave an address with this report.

    The address itself is for ``identities`` to open.
    """
    query = select(report_reporters.c.email_enc.is_not(None)).where(
        report_reporters.c.report_id == report_id, report_reporters.c.person_id == person_id
    )
    return bool(connection.execute(query).scalar_one_or_none())


def without(connection: Connection, kind: str, limit: int) -> tuple[str, ...]:
    """Received reports for which no message of ``kind`` was ever written, in order of receipt."""
    written = select(outbox.c.report_id).where(outbox.c.kind == kind)
    query = (
        select(reports.c.id)
        .where(reports.c.receipt_seq.is_not(None), reports.c.id.not_in(written))
        .order_by(reports.c.receipt_seq)
        .limit(limit)
    )
    return tuple(connection.execute(query).scalars())


def cancel_unsent(
    connection: Connection,
    at: datetime,
    *,
    kinds: Collection[str],
    report_id: str | None = None,
    share_id: str | None = None,
) -> int:
    """Take back what has not left yet; returns how many messages."""
    query = update(outbox).where(UNSENT, outbox.c.kind.in_(kinds))
    if report_id is not None:
        query = query.where(outbox.c.report_id == report_id)
    if share_id is not None:
        query = query.where(outbox.c.share_id == share_id)
    return connection.execute(query.values(cancelled_at=at)).rowcount


def readdress(connection: Connection, report_id: str, person_id: str, to_person_id: str) -> None:
    """Somebody else reported than it was thought: what has not left yet goes to them."""
    connection.execute(
        update(outbox)
        .where(
            outbox.c.report_id == report_id,
            outbox.c.person_id == person_id,
            outbox.c.sent_at.is_(None),
        )
        .values(person_id=to_person_id)
    )


def send_again(  # noqa: PLR0913 - whose messages, to whom
    connection: Connection,
    report_id: str,
    person_id: str,
    *,
    to_person_id: str,
    kinds: Collection[str],
    at: datetime,
) -> int:
    """Send the last message of each of ``kinds`` once more by SMS.

    It went to a number that was not theirs.
    """
    sent_before = [
        notice
        for notice in of_report(connection, report_id)
        if notice.person_id == person_id and notice.channel == SMS and notice.sent_at is not None
    ]
    latest = {notice.kind: notice for notice in sent_before if notice.kind in kinds}
    for notice in latest.values():
        add(
            connection,
            kind=notice.kind,
            report_id=report_id,
            share_id=notice.share_id,
            person_id=to_person_id,
            channel=SMS,
            facts=notice.facts,
            at=at,
            send_after=at,
        )
    return len(latest)


def ids_of_person(connection: Connection, person_id: str) -> tuple[str, ...]:
    """Every message that was ever written to a person."""
    return tuple(
        connection.execute(select(outbox.c.id).where(outbox.c.person_id == person_id)).scalars()
    )


def of_report(
    connection: Connection, report_id: str, kind: str | None = None
) -> tuple[NoticeRow, ...]:
    """Every message of a report that was not taken back, oldest first."""
    query = select(outbox).where(outbox.c.report_id == report_id, outbox.c.cancelled_at.is_(None))
    if kind is not None:
        query = query.where(outbox.c.kind == kind)
    return fetched(connection, query.order_by(outbox.c.created_at, outbox.c.id))


def asked_at(connection: Connection, report_id: str) -> tuple[datetime, ...]:
    """When the reporter was asked for more, questions that were taken back included."""
    query = select(outbox.c.created_at).where(outbox.c.report_id == report_id, outbox.c.kind == ASK)
    return tuple(connection.execute(query.order_by(outbox.c.created_at)).scalars())


def read(connection: Connection, notice_id: str) -> NoticeRow | None:
    """One message, whatever became of it."""
    row = connection.execute(select(outbox).where(outbox.c.id == notice_id)).one_or_none()
    return _notice(row) if row else None


def fetched(connection: Connection, query: Select[Any]) -> tuple[NoticeRow, ...]:
    """The messages of a query that selects all columns of ``outbox``, in its order."""
    return tuple(_notice(row) for row in connection.execute(query))


def listed(connection: Connection, query: Select[Any], page: int) -> Listed[NoticeRow]:
    """One page of the same."""
    return paged(connection, query, page, _notice)


def _notice(row: Row[Any]) -> NoticeRow:
    return copied(NoticeRow, row, notice_id=row.id, facts=json.loads(row.facts))
