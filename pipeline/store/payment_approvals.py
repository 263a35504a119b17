"""Payments that a second person approves: which need it, which wait for it, which have it.

What a human has been paid is summed over all of their phone numbers.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from pipeline.store.joined import HUMAN, everybody
from pipeline.store.tables import persons, second_looks, shares
from scheme.case import OWED, PAID, ShareState
from scheme.second_look import APPROVED, Look, Paid


def paid_to(connection: Connection, person_id: str, since: datetime) -> Paid:
    """What a human was paid from ``since`` on, and what lies in batches for them."""
    query = select(func.count(), func.coalesce(func.sum(shares.c.amount_fen), 0)).where(
        shares.c.person_id.in_(everybody(connection, person_id)),
        shares.c.amount_fen > 0,
        _counts(since),
    )
    return Paid(*connection.execute(query).one())


def approval_of(connection: Connection, share_id: str) -> bool | None:
    """Whether a second person has approved the payment; None where nobody had to be asked."""
    query = select(second_looks.c.answer).where(
        second_looks.c.share_id == share_id, second_looks.c.kind == Look.PAYMENT
    )
    answers = tuple(connection.execute(query).scalars())
    return None if not answers else APPROVED in answers


def held(connection: Connection) -> int:
    """How many collected shares a second person has to approve before a batch takes them."""
    query = (
        select(func.count(second_looks.c.id))
        .join(shares, shares.c.id == second_looks.c.share_id)
        .where(
            second_looks.c.kind == Look.PAYMENT,
            second_looks.c.answered_at.is_(None),
            shares.c.state == ShareState.COLLECTED,
        )
    )
    return connection.execute(query).scalar_one()


def unasked(
    connection: Connection, since: datetime, most: int | None, most_fen: int | None
) -> tuple[str, ...]:
    """Shares that would take a person over the figures, and nobody has been asked."""
    paid = (
        select(
            HUMAN.label("human"),
            func.count().label("count"),
            func.sum(shares.c.amount_fen).label("fen"),
        )
        .select_from(shares)
        .join(persons, persons.c.id == shares.c.person_id)
        .where(shares.c.amount_fen > 0, _counts(since))
        .group_by(HUMAN)
        .subquery()
    )
    asked = select(second_looks.c.id).where(
        second_looks.c.share_id == shares.c.id, second_looks.c.kind == Look.PAYMENT
    )
    too_much = []
    if most is not None:
        too_much.append(func.coalesce(paid.c.count, 0) + 1 > most)
    if most_fen is not None:
        too_much.append(func.coalesce(paid.c.fen, 0) + shares.c.amount_fen > most_fen)
    if not too_much:
        return ()
    query = (
        select(shares.c.id)
        .join(persons, persons.c.id == shares.c.person_id)
        .outerjoin(paid, paid.c.human == HUMAN)
        .where(shares.c.state.in_(OWED), shares.c.amount_fen > 0, or_(*too_much), ~asked.exists())
        .order_by(shares.c.id)
    )
    return tuple(connection.execute(query).scalars())


def _counts(since: datetime) -> ColumnElement[bool]:
    return or_(
        and_(shares.c.state.in_(PAID), shares.c.paid_at >= since),
        shares.c.state == ShareState.IN_BATCH,
    )
