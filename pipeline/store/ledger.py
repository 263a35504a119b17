"""Rewards and shares: what is owed to whom, and how far each share is.

Every money step is one conditional update whose rows are counted; UNIQUE keys and checks in the
database hold even where this code is wrong.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.store.tables import (
    identity_questions,
    reports,
    rewards,
    shares,
)
from rewards.award import Part
from scheme.case import SHARE_MOVES, ForbiddenMove, ShareState, sources_of
from scheme.money import Fen

ENDED = (ShareState.CANCELLED, ShareState.CLAWED_BACK, ShareState.FORFEITED)
"""States in which a share is neither owed nor paid."""


class AlreadyRewarded(Exception):
    """The case has a live reward: there is never a second one (R11)."""


class ShareNotFound(Exception):
    """No share of that id."""


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

    ``position`` 0 is the first named, who collects for all (R12): under that person's key lies the
    account that the share was collected with, as its channel wants it.
    """

    id: str
    reward_id: str
    person_id: str
    position: int
    amount_fen: Fen
    state: ShareState
    channel: str
    account_kind: str | None
    account_enc: bytes | None = field(repr=False)
    notified_at: datetime | None
    notice_received_at: datetime | None
    collect_by: datetime | None
    collected_at: datetime | None
    collected_by: str | None
    collection_policy: str | None
    batch_id: str | None
    paid_at: datetime | None
    called_at: datetime | None


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


def set_account(connection: Connection, reward_id: str, kind: str, sealed: bytes) -> None:
    """Pay what is collected of the reward, and in no batch, to another account."""
    connection.execute(
        update(shares)
        .where(shares.c.reward_id == reward_id, shares.c.state == ShareState.COLLECTED)
        .values(account_kind=kind, account_enc=sealed)
    )


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
