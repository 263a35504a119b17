"""Second looks as rows: raised once, answered once, and the days that were looked through.

What raises them is counted in ``second_look_figures``; payments that wait for one, in
``payment_approvals``.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    func,
    insert,
    or_,
    select,
    update,
)

from pipeline.by_name import copied
from pipeline.listed import Listed
from pipeline.store import decisions
from pipeline.store.paged import paged
from pipeline.store.tables import second_look_days, second_looks, shares
from scheme.case import OWED
from scheme.policy import PolicyRef
from scheme.second_look import BLIND, Look, NoSuchLook


@dataclass(frozen=True, slots=True)
class LookRow:
    """One second look.

    ``figures`` are plain numbers; ``subject`` names a person by id and is shown to nobody.
    """

    id: str
    kind: Look
    subject: str
    day: date
    report_id: str | None
    decision_id: str | None
    share_id: str | None
    figures: Mapping[str, int]
    policy: PolicyRef
    raised_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    agrees: bool | None
    reason: str | None


# -- looks -----------------------------------------------------------------------------------------


def add(  # noqa: PLR0913 - what a look consists of
    connection: Connection,
    *,
    kind: Look,
    subject: str,
    day: date,
    figures: Mapping[str, int],
    policy: PolicyRef,
    at: datetime,
    report_id: str | None = None,
    decision_id: str | None = None,
    share_id: str | None = None,
) -> bool:
    """Raise a look, unless it stands there already; whether it is new."""
    same = (
        second_looks.c.kind == kind,
        second_looks.c.subject == subject,
        second_looks.c.day == day,
    )
    if connection.execute(select(second_looks.c.id).where(*same)).first() is not None:
        return False
    connection.execute(
        insert(second_looks).values(
            id=secrets.token_hex(16),
            kind=kind,
            subject=subject,
            day=day,
            figures=json.dumps(dict(figures), sort_keys=True),
            policy=policy,
            raised_at=at,
            report_id=report_id,
            decision_id=decision_id,
            share_id=share_id,
        )
    )
    return True


def by_id(connection: Connection, look_id: str) -> LookRow:
    """One look. Raises NoSuchLook."""
    row = connection.execute(select(second_looks).where(second_looks.c.id == look_id)).one_or_none()
    if row is None:
        raise NoSuchLook
    return _look(row)


def open_looks(connection: Connection, page: int) -> Listed[LookRow]:
    """What waits for somebody, the longest waiting first.

    A payment that came to nothing waits for nobody.
    """
    query = _open(select(second_looks)).order_by(second_looks.c.raised_at, second_looks.c.id)
    return paged(connection, query, page, _look)


def disagreements(connection: Connection, page: int) -> Listed[LookRow]:
    """Looks that disagree with a decision that is still in force, the oldest first."""
    query = _disagreeing(select(second_looks))
    oldest_first = query.order_by(second_looks.c.answered_at, second_looks.c.id)
    return paged(connection, oldest_first, page, _look)


def answered(connection: Connection, page: int) -> Listed[LookRow]:
    """What was answered, newest first."""
    query = (
        select(second_looks)
        .where(second_looks.c.answered_at.is_not(None))
        .order_by(second_looks.c.answered_at.desc(), second_looks.c.id)
    )
    return paged(connection, query, page, _look)


def how_many_wait(connection: Connection) -> int:
    """Open looks and standing disagreements."""
    counted = func.count(second_looks.c.id)
    return sum(
        connection.execute(query(select(counted))).scalar_one() for query in (_open, _disagreeing)
    )


def set_answer(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    look_id: str,
    *,
    answer: str,
    agrees: bool | None,
    by: str,
    at: datetime,
    reason: str,
) -> bool:
    """Answer an open look; False when somebody was faster."""
    done = connection.execute(
        update(second_looks)
        .where(second_looks.c.id == look_id, second_looks.c.answered_at.is_(None))
        .values(answer=answer, agrees=agrees, answered_by=by, answered_at=at, reason=reason)
    )
    return done.rowcount == 1


def _open(query: Select[Any]) -> Select[Any]:
    payable = select(shares.c.id).where(
        shares.c.id == second_looks.c.share_id, shares.c.state.in_(OWED)
    )
    return query.where(
        second_looks.c.answered_at.is_(None),
        or_(second_looks.c.share_id.is_(None), payable.exists()),
    )


def _disagreeing(query: Select[Any]) -> Select[Any]:
    return query.where(
        second_looks.c.agrees.is_(False), decisions.counts(second_looks.c.decision_id)
    )


def _look(row: Row[Any]) -> LookRow:
    return copied(
        LookRow,
        row,
        kind=Look(row.kind),
        figures=json.loads(row.figures),
        policy=PolicyRef(row.policy),
    )


# -- days ------------------------------------------------------------------------------------------


def last_day(connection: Connection) -> date | None:
    """The last day that was looked through; None before the first."""
    day: date | None = connection.execute(select(func.max(second_look_days.c.day))).scalar_one()
    return day


def close_day(
    connection: Connection, day: date, at: datetime, policy: PolicyRef, raised: int
) -> None:
    """Note that a day was looked through, once."""
    connection.execute(
        insert(second_look_days).values(day=day, drawn_at=at, policy=policy, raised=raised)
    )


# -- figures ---------------------------------------------------------------------------------------


def drawn_before(connection: Connection, decision_ids: Collection[str]) -> frozenset[str]:
    """Those of the decisions that somebody looks at again already."""
    query = select(second_looks.c.decision_id).where(
        second_looks.c.decision_id.in_(decision_ids), second_looks.c.kind.in_(BLIND)
    )
    return frozenset(connection.execute(query).scalars())
