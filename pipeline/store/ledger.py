"""Rewards, shares, transfers and payout batches.

Every money step is one conditional update whose rows are counted.

Transfers are only ever added; UNIQUE keys and checks in the database hold even where this code is
wrong.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.store.books import vouch
from pipeline.store.counters import next_number
from pipeline.store.tables import (
    batch_lines,
    batches,
    identity_questions,
    reports,
    rewards,
    shares,
    transfers,
)
from rewards.award import Part
from rewards.ledger import Reason, Transfer, payable, require_zero_sum
from scheme.case import BATCH_MOVES, SHARE_MOVES, BatchState, ForbiddenMove, ShareState, sources_of
from scheme.money import Fen

ENDED = (ShareState.CANCELLED, ShareState.CLAWED_BACK, ShareState.FORFEITED)
"""States in which a share is neither owed nor paid."""


class AlreadyRewarded(Exception):
    """The case has a live reward: there is never a second one (R11)."""


class AlreadyPosted(Exception):
    """A transfer of that id stands in the ledger: the step was done before.

    ``same``: with the same content.
    """

    def __init__(self, transfer_id: str, *, same: bool) -> None:
        super().__init__(transfer_id)
        self.transfer_id, self.same = transfer_id, same


class ShareNotFound(Exception):
    """No share of that id."""


class BatchNotFound(Exception):
    """No batch of that id."""


@dataclass(frozen=True, slots=True)
class RewardRow:
    """What one case pays. ``live_case_id`` is None once it was cancelled or clawed back."""

    id: str
    case_id: str
    live_case_id: str | None
    report_id: str
    decision_id: str
    amount_fen: Fen
    substance_policy: str
    awarded_at: datetime
    doubted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One person's part of a reward.

    ``position`` 0 is the first named, who collects for all (R12).
    """

    id: str
    reward_id: str
    person_id: str
    position: int
    amount_fen: Fen
    state: ShareState
    channel: str
    notified_at: datetime | None
    notice_received_at: datetime | None
    collect_by: datetime | None
    collected_at: datetime | None
    collected_by: str | None
    collection_policy: str | None
    batch_id: str | None
    paid_at: datetime | None
    called_at: datetime | None


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


# -- rewards and shares ----------------------------------------------------------------------------


def add_reward(  # noqa: PLR0913 - what a reward consists of
    connection: Connection,
    *,
    case_id: str,
    report_id: str,
    decision_id: str,
    amount_fen: Fen,
    substance_policy: str,
    channel: str,
    at: datetime,
    people: Sequence[str],
    parts: Sequence[Part],
) -> str:
    """The case's reward with its shares, one for each of ``people``.

    Raises AlreadyRewarded: UNIQUE, not a look.
    """
    reward_id = secrets.token_hex(16)
    try:
        with connection.begin_nested():
            connection.execute(
                insert(rewards).values(
                    id=reward_id,
                    case_id=case_id,
                    live_case_id=case_id,
                    report_id=report_id,
                    decision_id=decision_id,
                    amount_fen=amount_fen,
                    substance_policy=substance_policy,
                    awarded_at=at,
                )
            )
    except IntegrityError as problem:
        if live_reward(connection, case_id) is None:
            raise
        raise AlreadyRewarded(case_id) from problem
    for person_id, part in zip(people, parts, strict=True):
        connection.execute(
            insert(shares).values(
                id=part.share_id,
                reward_id=reward_id,
                person_id=person_id,
                position=part.position,
                amount_fen=part.amount_fen,
                state=ShareState.AWARDED,
                channel=channel,
            )
        )
    return reward_id


def live_reward(connection: Connection, case_id: str) -> RewardRow | None:
    """The one reward of the case that counts."""
    row = connection.execute(select(rewards).where(rewards.c.live_case_id == case_id)).one_or_none()
    return _reward(row) if row else None


def reward(connection: Connection, reward_id: str) -> RewardRow:
    """One reward; there must be one."""
    return _reward(connection.execute(select(rewards).where(rewards.c.id == reward_id)).one())


def rewards_of_case(connection: Connection, case_id: str) -> tuple[RewardRow, ...]:
    """Every reward of the case's reports, cancelled ones included, oldest first."""
    query = (
        select(rewards)
        .join(reports, reports.c.id == rewards.c.report_id)
        .where(reports.c.case_id == case_id)
        .order_by(rewards.c.awarded_at, rewards.c.id)
    )
    return tuple(_reward(row) for row in connection.execute(query))


def rewards_of_report(connection: Connection, report_id: str) -> tuple[RewardRow, ...]:
    """Every reward of the report, oldest first."""
    query = (
        select(rewards)
        .where(rewards.c.report_id == report_id)
        .order_by(rewards.c.awarded_at, rewards.c.id)
    )
    return tuple(_reward(row) for row in connection.execute(query))


def rewards_doubted(connection: Connection) -> tuple[RewardRow, ...]:
    """Rewards of which a claw-back was due at some time, oldest first."""
    query = (
        select(rewards)
        .where(rewards.c.doubted_at.is_not(None))
        .order_by(rewards.c.awarded_at, rewards.c.id)
    )
    return tuple(_reward(row) for row in connection.execute(query))


def doubt(connection: Connection, reward_id: str, at: datetime) -> bool:
    """A claw-back may be due of the reward; False where that was known."""
    doubted = connection.execute(
        update(rewards)
        .where(rewards.c.id == reward_id, rewards.c.doubted_at.is_(None))
        .values(doubted_at=at)
    )
    return doubted.rowcount == 1


def set_live_case(connection: Connection, reward_id: str, case_id: str | None) -> None:
    """Make the reward count for a case (after a merge) or for none (cancelled, clawed back)."""
    connection.execute(
        update(rewards).where(rewards.c.id == reward_id).values(live_case_id=case_id)
    )


def share(connection: Connection, share_id: str) -> ShareRow:
    """One share. Raises ShareNotFound."""
    row = connection.execute(select(shares).where(shares.c.id == share_id)).one_or_none()
    if row is None:
        raise ShareNotFound(share_id)
    return _share(row)


def shares_of(connection: Connection, reward_id: str) -> tuple[ShareRow, ...]:
    """The shares of a reward, first named first."""
    rows = connection.execute(
        select(shares).where(shares.c.reward_id == reward_id).order_by(shares.c.position)
    )
    return tuple(_share(row) for row in rows)


def shares_in(
    connection: Connection, states: Collection[ShareState], report_id: str | None = None
) -> tuple[ShareRow, ...]:
    """Every share in one of ``states``, by reward and position; or those of one report."""
    query = (
        select(shares)
        .where(shares.c.state.in_(states))
        .order_by(shares.c.reward_id, shares.c.position)
    )
    if report_id is not None:
        theirs = select(rewards.c.id).where(rewards.c.report_id == report_id)
        query = query.where(shares.c.reward_id.in_(theirs))
    return tuple(_share(row) for row in connection.execute(query))


def to_pay(connection: Connection, channel: str) -> tuple[ShareRow, ...]:
    """Collected shares that wait for a batch of the channel, longest waiting first."""
    query = (
        select(shares)
        .join(rewards, rewards.c.id == shares.c.reward_id)
        .where(
            shares.c.state == ShareState.COLLECTED,
            shares.c.channel == channel,
            rewards.c.live_case_id.is_not(None),
        )
        .order_by(shares.c.collected_at, shares.c.reward_id, shares.c.position)
    )
    return tuple(_share(row) for row in connection.execute(query))


def channels_to_pay(connection: Connection) -> tuple[str, ...]:
    """The channels that collected shares wait for, the longest waiting first."""
    query = (
        select(shares.c.channel)
        .join(rewards, rewards.c.id == shares.c.reward_id)
        .where(shares.c.state == ShareState.COLLECTED, rewards.c.live_case_id.is_not(None))
        .group_by(shares.c.channel)
        .order_by(func.min(shares.c.collected_at))
    )
    return tuple(connection.execute(query).scalars())


def overdue_shares(connection: Connection, at: datetime) -> tuple[ShareRow, ...]:
    """Notified shares whose last moment to collect lies before ``at``.

    Without a date nothing is overdue.

    Nor is anything about which a question was asked in time that still keeps it: who the person is
    must be clear.
    """
    kept = (
        select(identity_questions.c.id)
        .join(rewards, rewards.c.report_id == identity_questions.c.report_id)
        .where(rewards.c.id == shares.c.reward_id, identity_questions.c.answer.is_(None))
        .where(identity_questions.c.asked_at <= shares.c.collect_by)
        .where(identity_questions.c.hold_until.is_(None) | (identity_questions.c.hold_until >= at))
        .exists()
    )
    query = select(shares).where(
        shares.c.state == ShareState.NOTIFIED, shares.c.collect_by < at, ~kept
    )
    return tuple(_share(row) for row in connection.execute(query))


def move_share(
    connection: Connection,
    share_id: str,
    to: ShareState,
    *,
    only_from: Collection[ShareState] | None = None,
    collect_by_reached: datetime | None = None,
    **columns: object,
) -> ShareRow:
    """Move a share by one conditional update. Raises ForbiddenMove, ShareNotFound.

    ``only_from`` narrows the states that the table of moves allows. ``collect_by_reached``: only a
    share whose last moment to collect has not passed at that instant (a share without a date has
    not).
    """
    allowed = sources_of(SHARE_MOVES, to) & (
        frozenset(only_from) if only_from is not None else frozenset(ShareState)
    )
    query = update(shares).where(shares.c.id == share_id, shares.c.state.in_(allowed))
    if collect_by_reached is not None:
        query = query.where(
            (shares.c.collect_by.is_(None)) | (shares.c.collect_by >= collect_by_reached)
        )
    moved = connection.execute(query.values(state=to, **columns))
    if moved.rowcount != 1:
        raise ForbiddenMove("share", share(connection, share_id).state, to)
    return share(connection, share_id)


def notice_received(
    connection: Connection, share_id: str, *, at: datetime, collect_by: datetime | None
) -> bool:
    """The notice of the share was received: the 15 days begin, once.

    False where they had begun, or nothing is due.
    """
    begun = connection.execute(
        update(shares)
        .where(
            shares.c.id == share_id,
            shares.c.state.in_((ShareState.AWARDED, ShareState.NOTIFIED)),
            shares.c.notice_received_at.is_(None),
        )
        .values(notice_received_at=at, collect_by=collect_by)
    )
    return begun.rowcount == 1


def called(connection: Connection, share_id: str, at: datetime) -> ShareRow:
    """Somebody telephoned about the share; the first call is kept. Raises ShareNotFound."""
    connection.execute(
        update(shares)
        .where(shares.c.id == share_id, shares.c.called_at.is_(None))
        .values(called_at=at)
    )
    return share(connection, share_id)


def begin_days_anew(
    connection: Connection, share_id: str, *, at: datetime, collect_by: datetime | None
) -> None:
    """Count the days to collect from ``at``, as if the notice had come then.

    Only now it is clear who collects.
    """
    connection.execute(
        update(shares)
        .where(shares.c.id == share_id, shares.c.state == ShareState.NOTIFIED)
        .values(notice_received_at=at, collect_by=collect_by)
    )


def move_to_person(
    connection: Connection, report_id: str, person_id: str, to_person_id: str
) -> None:
    """The report's rewards are owed to somebody else than it was thought.

    Whoever calls this knows none is paid.
    """
    of_report = select(rewards.c.id).where(rewards.c.report_id == report_id)
    connection.execute(
        update(shares)
        .where(shares.c.reward_id.in_(of_report), shares.c.person_id == person_id)
        .values(person_id=to_person_id)
    )


def set_collect_by(connection: Connection, share_id: str, collect_by: datetime) -> bool:
    """Fill in a last day that the calendar could not give before."""
    filled = connection.execute(
        update(shares)
        .where(shares.c.id == share_id, shares.c.collect_by.is_(None))
        .values(collect_by=collect_by)
    )
    return filled.rowcount == 1


def _reward(row: Row[Any]) -> RewardRow:
    return RewardRow(**row._asdict())


def reward_and_share(row: Row[Any]) -> tuple[RewardRow, ShareRow]:
    """Both of a row that has all columns of ``rewards`` and of ``shares``."""
    reward_of = {column.name: row._mapping[column] for column in rewards.c}  # noqa: SLF001 - public
    share_of = {column.name: row._mapping[column] for column in shares.c}  # noqa: SLF001 - public
    share_of["state"] = ShareState(share_of["state"])
    return RewardRow(**reward_of), ShareRow(**share_of)


def _share(row: Row[Any]) -> ShareRow:
    values = row._asdict()
    values["state"] = ShareState(row.state)
    return ShareRow(**values)


# -- transfers -------------------------------------------------------------------------------------


def post(connection: Connection, transfer: Transfer, *, at: datetime, made_by: str) -> None:
    """Add a transfer, and put it on record.

    Raises AlreadyPosted when its id is taken: the step was done before.
    """
    try:
        with connection.begin_nested():
            connection.execute(
                insert(transfers).values(
                    seq=next_number(connection, "transfer_seq"),
                    made_at=at,
                    made_by=made_by,
                    **{field.name: getattr(transfer, field.name) for field in fields(Transfer)},
                )
            )
    except IntegrityError as problem:
        known = posted(connection, transfer.id)
        if known is None:
            raise
        raise AlreadyPosted(transfer.id, same=known == transfer) from problem
    vouch(connection, transfer, at=at, made_by=made_by)


def posted(connection: Connection, transfer_id: str) -> Transfer | None:
    """The transfer of that id."""
    row = connection.execute(select(transfers).where(transfers.c.id == transfer_id)).one_or_none()
    return _transfer(row) if row else None


def owed(connection: Connection, share_id: str) -> Transfer | None:
    """What makes the share a debt today: its award or reinstatement, unless that was taken back."""
    taken_back = select(transfers.c.reverses).where(transfers.c.reverses.is_not(None))
    query = select(transfers).where(
        transfers.c.credit == payable(share_id),
        transfers.c.reverses.is_(None),
        transfers.c.id.not_in(taken_back),
    )
    row = connection.execute(query).one_or_none()
    return _transfer(row) if row else None


def all_transfers(connection: Connection) -> tuple[Transfer, ...]:
    """The whole ledger, in order."""
    return tuple(
        _transfer(row) for row in connection.execute(select(transfers).order_by(transfers.c.seq))
    )


def account_balances(
    connection: Connection, *, before: datetime | None = None
) -> Mapping[str, int]:
    """Account -> debits less credits in fen. Asserts that they sum to zero."""
    held: dict[str, int] = {}
    for column, sign in ((transfers.c.debit, 1), (transfers.c.credit, -1)):
        query = select(column, func.sum(transfers.c.amount_fen)).group_by(column)
        if before is not None:
            query = query.where(transfers.c.made_at < before)
        for account, total in connection.execute(query):
            held[account] = held.get(account, 0) + sign * int(total)
    require_zero_sum(held)
    return held


def moved_for(
    connection: Connection, *, since: datetime | None = None, before: datetime | None = None
) -> Mapping[Reason, Fen]:
    """Reason -> how much was moved for it, from ``since`` on and before ``before``."""
    query = select(transfers.c.reason, func.sum(transfers.c.amount_fen)).group_by(
        transfers.c.reason
    )
    if since is not None:
        query = query.where(transfers.c.made_at >= since)
    if before is not None:
        query = query.where(transfers.c.made_at < before)
    return {Reason(reason): Fen(int(total)) for reason, total in connection.execute(query)}


def _transfer(row: Row[Any]) -> Transfer:
    values = {field.name: getattr(row, field.name) for field in fields(Transfer)}
    values["reason"] = Reason(row.reason)
    return Transfer(**values)


# -- batches ---------------------------------------------------------------------------------------


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
