"""Rulings: what one person proposed and another confirmed where no calendar says (R6, R9, R13)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from pipeline.by_name import copied
from pipeline.store.tables import rulings
from scheme.deadlines import DateKind


@dataclass(frozen=True, slots=True)
class Ruling:
    """One ruling. ``in_time`` is the value of a window, ``due_at`` of any other date.

    ``counted_from`` is the instant that it is about: with another violation time it counts no more.
    """

    ruling_id: str
    report_id: str
    kind: DateKind
    counted_from: datetime
    in_time: bool | None
    due_at: datetime | None
    reason: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None


def propose(  # noqa: PLR0913 - what a ruling consists of
    connection: Connection,
    report_id: str,
    kind: DateKind,
    *,
    counted_from: datetime,
    in_time: bool | None,
    due_at: datetime | None,
    reason: str,
    by: str,
    at: datetime,
) -> str:
    """Put a ruling on record that waits for a second person; returns its id.

    The database allows one at a time.
    """
    ruling_id = secrets.token_hex(16)
    connection.execute(
        insert(rulings).values(
            id=ruling_id,
            report_id=report_id,
            kind=kind,
            counted_from=counted_from,
            in_time=in_time,
            due_at=due_at,
            reason=reason,
            proposed_by=by,
            proposed_at=at,
            proposed_for=_key(report_id, kind),
        )
    )
    return ruling_id


def proposed(connection: Connection, report_id: str, kind: DateKind) -> Ruling | None:
    """The ruling of that kind about the report that waits for a second person."""
    return _one(connection, rulings.c.proposed_for == _key(report_id, kind))


def read_proposed(connection: Connection, ruling_id: str) -> Ruling | None:
    """A ruling that waits for a second person; None where it waits no more."""
    return _one(connection, (rulings.c.id == ruling_id) & rulings.c.proposed_for.is_not(None))


def all_proposed(connection: Connection) -> tuple[Ruling, ...]:
    """Every ruling that waits for a second person, oldest first."""
    query = select(rulings).where(rulings.c.proposed_for.is_not(None))
    return tuple(
        _ruling(row)
        for row in connection.execute(query.order_by(rulings.c.proposed_at, rulings.c.id))
    )


def in_force(connection: Connection, report_id: str, kind: DateKind) -> Ruling | None:
    """The ruling of that kind about the report that counts."""
    return _one(connection, rulings.c.in_force_for == _key(report_id, kind))


def all_in_force(connection: Connection, kind: DateKind) -> tuple[Ruling, ...]:
    """Every ruling of that kind that counts, oldest first."""
    query = select(rulings).where(rulings.c.kind == kind, rulings.c.in_force_for.is_not(None))
    return tuple(
        _ruling(row)
        for row in connection.execute(query.order_by(rulings.c.confirmed_at, rulings.c.id))
    )


def confirm(connection: Connection, ruling: Ruling, *, by: str, at: datetime) -> bool:
    """Let the ruling count, in place of an earlier one; False if it does not wait any more."""
    key = _key(ruling.report_id, ruling.kind)
    connection.execute(
        update(rulings)
        .where(rulings.c.in_force_for == key)
        .values(in_force_for=None, ended_by=by, ended_at=at)
    )
    confirmed = connection.execute(
        update(rulings)
        .where(rulings.c.id == ruling.ruling_id, rulings.c.proposed_for == key)
        .values(proposed_for=None, in_force_for=key, confirmed_by=by, confirmed_at=at)
    )
    return confirmed.rowcount == 1


def end(connection: Connection, ruling: Ruling, *, by: str | None, at: datetime) -> bool:
    """End a ruling that waits: ``by`` whom it was refused, None: by a calendar.

    False if it does not wait any more.
    """
    ended = connection.execute(
        update(rulings)
        .where(rulings.c.id == ruling.ruling_id, rulings.c.proposed_for.is_not(None))
        .values(proposed_for=None, ended_by=by, ended_at=at)
    )
    return ended.rowcount == 1


def _key(report_id: str, kind: DateKind) -> str:
    return f"{kind}/{report_id}"


# An expression of the database's
def _one(connection: Connection, condition: Any) -> Ruling | None:  # noqa: ANN401
    row = connection.execute(select(rulings).where(condition)).one_or_none()
    return _ruling(row) if row else None


def _ruling(row: Row[Any]) -> Ruling:
    return copied(Ruling, row, ruling_id=row.id, kind=DateKind(row.kind))
