"""Payout batches and their lines: every step is one conditional update whose rows are counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from pipeline.store.counters import next_number
from pipeline.store.ledger import ShareRow
from pipeline.store.tables import batch_lines, batches
from scheme.case import BATCH_MOVES, BatchState, ForbiddenMove, sources_of
from scheme.money import Fen


class BatchNotFound(Exception):
    """No batch of that id."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A payout batch and who did what to it."""

    id: str
    number: str
    state: BatchState
    channel: str
    procedure_policy: str
    built_by: str
    built_at: datetime
    frozen_by: str | None
    frozen_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    exported_by: str | None
    exported_at: datetime | None
    settled_by: str | None
    settled_at: datetime | None
    line_count: int | None
    total_fen: int | None
    manifest_sha256: str | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a batch.

    Payee and its sealing are set by freezing, ``result`` (paid, failed) by the bank's list.
    """

    batch_id: str
    line_number: int
    share_id: str
    amount_fen: Fen
    payee_id: str | None
    payee_enc: bytes | None
    result: str | None
    failure: str | None


def batch_exists(connection: Connection, batch_id: str) -> bool:
    """Whether there is a batch with this id."""
    return (
        connection.execute(select(batches.c.id).where(batches.c.id == batch_id)).first() is not None
    )


def open_empty_batch(connection: Connection) -> BatchRow | None:
    """An open batch without lines, where there is one."""
    lines = select(batch_lines.c.batch_id).where(batch_lines.c.batch_id == batches.c.id)
    row = connection.execute(
        select(batches).where(batches.c.state == BatchState.OPEN, ~lines.exists()).limit(1)
    ).one_or_none()
    return None if row is None else _batch(row)


def add_batch(  # noqa: PLR0913 - what a batch consists of
    connection: Connection,
    batch_id: str,
    *,
    channel: str,
    procedure_policy: str,
    built_by: str,
    at: datetime,
) -> BatchRow:
    """An open batch without lines."""
    connection.execute(
        insert(batches).values(
            id=batch_id,
            number=f"B{at:%y}-{next_number(connection, 'batch_number'):05d}",
            state=BatchState.OPEN,
            channel=channel,
            procedure_policy=procedure_policy,
            built_by=built_by,
            built_at=at,
        )
    )
    return batch(connection, batch_id)


def batch(connection: Connection, batch_id: str) -> BatchRow:
    """One batch. Raises BatchNotFound."""
    row = connection.execute(select(batches).where(batches.c.id == batch_id)).one_or_none()
    if row is None:
        raise BatchNotFound(batch_id)
    return _batch(row)


def all_batches(connection: Connection) -> tuple[BatchRow, ...]:
    """Every batch, newest first."""
    query = select(batches).order_by(batches.c.built_at.desc(), batches.c.number.desc())
    return tuple(_batch(row) for row in connection.execute(query))


def move_batch(
    connection: Connection, batch_id: str, to: BatchState, **columns: object
) -> BatchRow:
    """Move a batch by one conditional update. Raises ForbiddenMove, BatchNotFound."""
    moved = connection.execute(
        update(batches)
        .where(batches.c.id == batch_id, batches.c.state.in_(sources_of(BATCH_MOVES, to)))
        .values(state=to, **columns)
    )
    if moved.rowcount != 1:
        raise ForbiddenMove("batch", batch(connection, batch_id).state, to)
    return batch(connection, batch_id)


def add_lines(connection: Connection, batch_id: str, taken: Iterable[ShareRow]) -> None:
    """Number the shares from 1; their amounts are kept as taken."""
    for number, row in enumerate(taken, start=1):
        connection.execute(
            insert(batch_lines).values(
                batch_id=batch_id, line_number=number, share_id=row.id, amount_fen=row.amount_fen
            )
        )


def lines_of(connection: Connection, batch_id: str) -> tuple[LineRow, ...]:
    """The lines of a batch by number."""
    query = (
        select(batch_lines)
        .where(batch_lines.c.batch_id == batch_id)
        .order_by(batch_lines.c.line_number)
    )
    return tuple(LineRow(**row._asdict()) for row in connection.execute(query))


def freeze_payee(
    connection: Connection, batch_id: str, line_number: int, payee_id: str, payee_enc: bytes
) -> None:
    """Keep the payee of a line as it is now, under the payee's own key. There must be none yet."""
    frozen = connection.execute(
        update(batch_lines)
        .where(
            batch_lines.c.batch_id == batch_id,
            batch_lines.c.line_number == line_number,
            batch_lines.c.payee_enc.is_(None),
        )
        .values(payee_id=payee_id, payee_enc=payee_enc)
    )
    if frozen.rowcount != 1:
        raise AssertionError(f"line {line_number} of batch {batch_id} was frozen before")


def set_result(
    connection: Connection, batch_id: str, line_number: int, result: str, failure: str
) -> None:
    """What the bank said of a line. There must be no answer yet."""
    answered = connection.execute(
        update(batch_lines)
        .where(
            batch_lines.c.batch_id == batch_id,
            batch_lines.c.line_number == line_number,
            batch_lines.c.result.is_(None),
        )
        .values(result=result, failure=failure or None)
    )
    if answered.rowcount != 1:
        raise AssertionError(f"line {line_number} of batch {batch_id} was answered before")


def _batch(row: Row[Any]) -> BatchRow:
    values = row._asdict()
    values["state"] = BatchState(row.state)
    return BatchRow(**values)
