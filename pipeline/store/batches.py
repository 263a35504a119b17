"""Payout batches and their lines: every step is one conditional update whose rows are counted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from pipeline.listed import Listed
from pipeline.store import ledger, transfers
from pipeline.store.counters import next_number
from pipeline.store.paged import paged
from pipeline.store.tables import batch_lines, batches, line_shares, rewards, shares
from rewards import payout
from rewards.payout import LeavingShare, LineShare, SettledLine
from scheme.case import BATCH_MOVES, BatchState, ForbiddenMove, ShareState, sources_of
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
    """One line of a batch, with its shares.

    Payee and its sealing are set by freezing, ``result`` (paid, failed) by the bank's list.
    """

    batch_id: str
    line_number: int
    amount_fen: Fen
    payee_id: str | None
    payee_enc: bytes | None
    result: str | None
    failure: str | None
    shares: tuple[LineShare, ...]


class Waiting(NamedTuple):
    """What waits for a batch of one channel."""

    channel: str
    share_count: int
    total_fen: Fen


def waiting(connection: Connection) -> tuple[Waiting, ...]:
    """The channels that collected shares wait for, the longest waiting first."""
    query = (
        select(shares.c.channel, func.count(), func.sum(shares.c.amount_fen))
        .join(rewards, rewards.c.id == shares.c.reward_id)
        .where(shares.c.state == ShareState.COLLECTED, rewards.c.live_case_id.is_not(None))
        .group_by(shares.c.channel)
        .order_by(func.min(shares.c.collected_at))
    )
    return tuple(
        Waiting(channel, count, Fen(int(total)))
        for channel, count, total in connection.execute(query)
    )


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


_NEWEST_FIRST = select(batches).order_by(batches.c.built_at.desc(), batches.c.number.desc())


def all_batches(connection: Connection) -> tuple[BatchRow, ...]:
    """Every batch, newest first."""
    return tuple(_batch(row) for row in connection.execute(_NEWEST_FIRST))


def listed(connection: Connection, page: int) -> Listed[BatchRow]:
    """One page of them."""
    return paged(connection, _NEWEST_FIRST, page, _batch)


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


def add_lines(
    connection: Connection, batch_id: str, lines: Iterable[tuple[LineShare, ...]]
) -> None:
    """Number the lines from 1, each with its shares; their amounts are kept as taken."""
    for number, of_line in enumerate(lines, start=1):
        place = {"batch_id": batch_id, "line_number": number}
        total = sum(share.amount_fen for share in of_line)
        connection.execute(insert(batch_lines).values(**place, amount_fen=total))
        for position, share in enumerate(of_line):
            connection.execute(
                insert(line_shares).values(**place, position=position, **share._asdict())
            )


def lines_of(connection: Connection, batch_id: str) -> tuple[LineRow, ...]:
    """The lines of a batch by number, the shares of each in the order in which they were taken."""
    under: defaultdict[int, list[LineShare]] = defaultdict(list)
    query = (
        select(line_shares)
        .where(line_shares.c.batch_id == batch_id)
        .order_by(line_shares.c.line_number, line_shares.c.position)
    )
    for row in connection.execute(query):
        under[row.line_number].append(LineShare(row.share_id, row.amount_fen))
    lines = (
        select(batch_lines)
        .where(batch_lines.c.batch_id == batch_id)
        .order_by(batch_lines.c.line_number)
    )
    return tuple(
        LineRow(**row._asdict(), shares=tuple(under[row.line_number]))
        for row in connection.execute(lines)
    )


def take_in(
    connection: Connection,
    batch_id: str,
    lines: Iterable[tuple[LineShare, ...]],
    *,
    at: datetime,
    made_by: str,
) -> None:
    """Move the collected shares of the lines into the batch, their money with them.

    Raises ForbiddenMove.
    """
    for share_id, amount_fen in (share for of_line in lines for share in of_line):
        ledger.move_share(connection, share_id, ShareState.IN_BATCH, batch_id=batch_id)
        if amount_fen:
            transfer = payout.take_in(batch_id, share_id, amount_fen)
            transfers.post(connection, transfer, at=at, made_by=made_by)


def let_go(
    connection: Connection, leaving: Iterable[LeavingShare], *, at: datetime, made_by: str
) -> None:
    """Each share leaves the batch as was said, its money with it. Raises ForbiddenMove."""
    for share in leaving:
        if share.paid:
            ledger.move_share(connection, share.share_id, ShareState.PAID, paid_at=at)
        else:
            in_batch = [ShareState.IN_BATCH]
            ledger.move_share(
                connection, share.share_id, ShareState.COLLECTED, only_from=in_batch, batch_id=None
            )
        if share.transfer is not None:
            transfers.post(connection, share.transfer, at=at, made_by=made_by)


def settle(
    connection: Connection,
    batch_id: str,
    lines: Iterable[SettledLine],
    *,
    at: datetime,
    made_by: str,
) -> bool:
    """Keep what the bank said of the lines, and move their shares and money accordingly.

    With the last line the batch is settled; whether it is. Raises ForbiddenMove.
    """
    for line in lines:
        _set_result(connection, batch_id, line)
        let_go(connection, line.shares, at=at, made_by=made_by)
    of_batch = batch_lines.c.batch_id == batch_id
    results = set(connection.scalars(select(batch_lines.c.result).distinct().where(of_batch)))
    if None in results:
        return False
    move_batch(
        connection,
        batch_id,
        BatchState.PARTLY_SETTLED if "failed" in results else BatchState.SETTLED,
        settled_by=made_by,
        settled_at=at,
    )
    return True


def last_refusal(connection: Connection, share_id: str) -> str | None:
    """Why the bank last refused what a share was paid by; None where it never did."""
    query = (
        select(batch_lines.c.failure)
        .join(line_shares, _same_line())
        .join(batches, batches.c.id == batch_lines.c.batch_id)
        .where(line_shares.c.share_id == share_id, batch_lines.c.result == "failed")
        .order_by(batches.c.built_at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _same_line() -> ColumnElement[bool]:
    same_batch = batch_lines.c.batch_id == line_shares.c.batch_id
    return same_batch & (batch_lines.c.line_number == line_shares.c.line_number)


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


def _set_result(connection: Connection, batch_id: str, line: SettledLine) -> None:
    answered = connection.execute(
        update(batch_lines)
        .where(
            batch_lines.c.batch_id == batch_id,
            batch_lines.c.line_number == line.number,
            batch_lines.c.result.is_(None),
        )
        .values(result="paid" if line.paid else "failed", failure=line.failure or None)
    )
    if answered.rowcount != 1:
        raise AssertionError(f"line {line.number} of batch {batch_id} was answered before")


def _batch(row: Row[Any]) -> BatchRow:
    values = row._asdict()
    values["state"] = BatchState(row.state)
    return BatchRow(**values)
