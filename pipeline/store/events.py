"""The audit log: who did what to what, in the transaction that did it, as a chain of hashes.

The chain shows every edit, deletion, insertion and swap. Whoever can rewrite the whole database can
also rewrite the whole chain: only ``head``, kept outside, shows that (TRUST.md M17).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from pipeline.store.actions import Action
from pipeline.store.counters import last_number, next_number
from pipeline.store.tables import INSTANT_FORMAT, events

COUNTER = "event_seq"
FIRST_PREVIOUS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """One entry.

    ``actor`` is an account id, ``reporter`` or ``system``; ``subject`` like ``report/<id>``.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first event that does not follow from the one before.

    ``reason``: edited, missing, cut_off.
    """

    seq: int
    reason: str


def append(  # noqa: PLR0913, PLR0917 - the six columns of an event, in their order
    connection: Connection,
    at: datetime,
    actor: str,
    action: Action,
    subject: str,
    detail: Mapping[str, Any],
) -> int:
    """Add one event and return its number.

    ``detail`` holds plain JSON values, never a name, phone, ID or code.
    """
    body = json.dumps(
        dict(detail), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    seq = next_number(connection, COUNTER)
    previous = connection.execute(
        select(events.c.hash).where(events.c.seq == seq - 1)
    ).scalar_one_or_none()
    values = {
        "seq": seq,
        "at": at,
        "actor": actor,
        "action": action.value,
        "subject": subject,
        "detail": body,
    }
    values["previous_hash"] = previous or FIRST_PREVIOUS
    connection.execute(insert(events).values(**values, hash=_hash(values)))
    return seq


def about(connection: Connection, subject: str) -> tuple[Event, ...]:
    """Everything recorded about one subject, oldest first."""
    rows = connection.execute(
        select(events).where(events.c.subject == subject).order_by(events.c.seq)
    )
    return tuple(event_of_row(row) for row in rows)


def latest_about(connection: Connection, subjects: Collection[str], most: int) -> tuple[Event, ...]:
    """The latest events about any of the subjects, ``most`` of them, oldest first."""
    query = select(events).where(events.c.subject.in_(subjects)).order_by(events.c.seq.desc())
    latest = connection.execute(query.limit(most)).all()
    return tuple(event_of_row(row) for row in reversed(latest))


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last event.

    Keep it outside, and a rewritten log cannot pass for this one.
    """
    row = connection.execute(
        select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
    ).one_or_none()
    return (row.seq, row.hash) if row else (0, FIRST_PREVIOUS)


def hash_at(connection: Connection, seq: int) -> str | None:
    """The hash of one event, FIRST_PREVIOUS of none at all; None where there is no such event."""
    if seq == 0:
        return FIRST_PREVIOUS
    return connection.execute(select(events.c.hash).where(events.c.seq == seq)).scalar_one_or_none()


def last_instant(connection: Connection) -> datetime | None:
    """When the last event happened; None before the first."""
    query = select(events.c.at).order_by(events.c.seq.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()


def verify(connection: Connection) -> BrokenLink | None:
    """Walk the whole chain; the first link that does not hold, or None."""
    expected, previous = 1, FIRST_PREVIOUS
    for row in connection.execute(select(events).order_by(events.c.seq)):
        if row.seq != expected:
            return BrokenLink(expected, "missing")
        if row.previous_hash != previous or row.hash != _hash(row._asdict()):
            return BrokenLink(row.seq, "edited")
        expected, previous = expected + 1, row.hash
    if last_number(connection, COUNTER) != expected - 1:
        return BrokenLink(expected, "cut_off")
    return None


def _hash(values: Mapping[str, Any]) -> str:
    fields = {
        key: values[key] for key in ("seq", "actor", "action", "subject", "detail", "previous_hash")
    }
    fields["at"] = values["at"].strftime(INSTANT_FORMAT)
    return sha256(
        json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def event_of_row(row: Row[Any]) -> Event:
    """The event in a row that has all columns of ``events``."""
    return Event(row.seq, row.at, row.actor, row.action, row.subject, json.loads(row.detail))
