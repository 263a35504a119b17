"""Second looks as rows, and the figures that raise them.

Humans are counted, by id; nothing here opens an identity.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from pipeline.store.joined import HUMAN, everybody
from pipeline.store.tables import (
    decisions,
    persons,
    report_evidence,
    report_reporters,
    reports,
    second_look_days,
    second_looks,
    shares,
)
from scheme.case import ShareState
from scheme.decision import Verdict
from scheme.money import Fen
from scheme.policy import PolicyRef
from scheme.second_look import BLIND, Look, Paid

PAID = (ShareState.PAID, ShareState.PAID_IN_HAND)
TO_BE_PAID = (ShareState.AWARDED, ShareState.NOTIFIED, ShareState.COLLECTED, ShareState.REINSTATED)
APPROVED = "approved"

_sent = reports.join(report_reporters, report_reporters.c.report_id == reports.c.id).join(
    persons, persons.c.id == report_reporters.c.person_id
)


class NoSuchLook(Exception):
    """There is no second look of that id."""


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


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in force, for drawing."""

    decision_id: str
    report_id: str
    received_at: datetime


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


def open_looks(connection: Connection, limit: int) -> tuple[LookRow, ...]:
    """What waits for somebody, the longest waiting first.

    A payment that came to nothing waits for nobody.
    """
    query = (
        _open(select(second_looks))
        .order_by(second_looks.c.raised_at, second_looks.c.id)
        .limit(limit)
    )
    return tuple(_look(row) for row in connection.execute(query))


def disagreements(connection: Connection, limit: int) -> tuple[LookRow, ...]:
    """Looks that disagree with a decision that is still in force."""
    query = _disagreeing(select(second_looks)).order_by(second_looks.c.answered_at).limit(limit)
    return tuple(_look(row) for row in connection.execute(query))


def answered(connection: Connection, limit: int) -> tuple[LookRow, ...]:
    """What was answered last, newest first."""
    query = (
        select(second_looks)
        .where(second_looks.c.answered_at.is_not(None))
        .order_by(second_looks.c.answered_at.desc(), second_looks.c.id)
        .limit(limit)
    )
    return tuple(_look(row) for row in connection.execute(query))


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
        shares.c.id == second_looks.c.share_id, shares.c.state.in_(TO_BE_PAID)
    )
    return query.where(
        second_looks.c.answered_at.is_(None),
        or_(second_looks.c.share_id.is_(None), payable.exists()),
    )


def _disagreeing(query: Select[Any]) -> Select[Any]:
    return query.where(second_looks.c.agrees.is_(False), in_force(second_looks.c.decision_id))


def in_force(decision_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a decision is the one that counts: not undone, and no later one stands."""
    mine, later = decisions.alias("mine"), decisions.alias("later")
    superseded = select(later.c.id).where(
        later.c.report_id == mine.c.report_id,
        later.c.version > mine.c.version,
        later.c.undone_at.is_(None),
    )
    return (
        select(mine.c.id)
        .where(mine.c.id == decision_id, mine.c.undone_at.is_(None), ~superseded.exists())
        .exists()
    )


def still_stands(connection: Connection, decision_id: str) -> bool:
    """Whether that decision is the one that counts."""
    return bool(connection.execute(select(in_force(literal(decision_id)))).scalar_one())


def _look(row: Row[Any]) -> LookRow:
    return LookRow(
        id=row.id,
        kind=Look(row.kind),
        subject=row.subject,
        day=row.day,
        report_id=row.report_id,
        decision_id=row.decision_id,
        share_id=row.share_id,
        figures=json.loads(row.figures),
        policy=PolicyRef(row.policy),
        raised_at=row.raised_at,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        answer=row.answer,
        agrees=row.agrees,
        reason=row.reason,
    )


# -- days ------------------------------------------------------------------------------------------


def last_day(connection: Connection) -> date | None:
    """The last day that was looked through; None before the first."""
    found: date | None = connection.execute(select(func.max(second_look_days.c.day))).scalar_one()
    return found


def close_day(
    connection: Connection, day: date, at: datetime, policy: PolicyRef, raised: int
) -> None:
    """Note that a day was looked through, once."""
    connection.execute(
        insert(second_look_days).values(day=day, drawn_at=at, policy=policy, raised=raised)
    )


# -- figures ---------------------------------------------------------------------------------------


def reports_by_human(connection: Connection, begin: datetime, end: datetime) -> Mapping[str, int]:
    """How many reports each human sent between two instants."""
    query = (
        select(HUMAN.label("human"), func.count(reports.c.id.distinct()).label("how_many"))
        .select_from(_sent)
        .where(reports.c.received_at >= begin, reports.c.received_at < end)
        .group_by(HUMAN)
    )
    return {row.human: row.how_many for row in connection.execute(query)}


def files_by_human(connection: Connection, begin: datetime, end: datetime) -> Mapping[str, int]:
    """How many files each human sent.

    Those of a draft as it was submitted, later ones as they came.
    """
    sent_at = case(
        (report_evidence.c.added_at > reports.c.received_at, report_evidence.c.added_at),
        else_=reports.c.received_at,
    )
    files = (
        select(HUMAN.label("human"), report_evidence.c.report_id, report_evidence.c.sha256)
        .select_from(_sent)
        .join(report_evidence, report_evidence.c.report_id == reports.c.id)
        .where(reports.c.received_at.is_not(None), sent_at >= begin, sent_at < end)
        .distinct()
        .subquery()
    )
    query = select(files.c.human, func.count().label("how_many")).group_by(files.c.human)
    return {row.human: row.how_many for row in connection.execute(query)}


def reports_of_human(
    connection: Connection, human: str, begin: datetime, end: datetime
) -> tuple[str, ...]:
    """The reports that a human sent between two instants, in order."""
    query = (
        select(reports.c.id, reports.c.receipt_seq)
        .select_from(_sent)
        .where(HUMAN.in_((human,)), reports.c.received_at >= begin, reports.c.received_at < end)
        .distinct()
        .order_by(reports.c.receipt_seq)
    )
    return tuple(row.id for row in connection.execute(query))


def substantiated_by_pair(
    connection: Connection, begin: datetime, end: datetime
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(officer, human) -> reports of the one that the other substantiated in a time."""
    query = (
        select(decisions.c.officer, HUMAN.label("human"), decisions.c.report_id)
        .select_from(_sent)
        .join(decisions, decisions.c.report_id == reports.c.id)
        .where(
            decisions.c.decided_at >= begin,
            decisions.c.decided_at < end,
            decisions.c.undone_at.is_(None),
            decisions.c.verdict == Verdict.SUBSTANTIATED,
        )
        .distinct()
        .order_by(decisions.c.report_id)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for officer, human, report_id in connection.execute(query):
        found.setdefault((officer, human), []).append(report_id)
    return {pair: tuple(report_ids) for pair, report_ids in found.items()}


def payments(
    connection: Connection, begin: datetime, end: datetime
) -> tuple[tuple[datetime, Fen], ...]:
    """When how much was paid, in hand or by a settled batch."""
    query = select(shares.c.paid_at, shares.c.amount_fen).where(
        shares.c.paid_at >= begin, shares.c.paid_at < end, shares.c.state.in_(PAID)
    )
    return tuple((paid_at, Fen(amount_fen)) for paid_at, amount_fen in connection.execute(query))


def decided(connection: Connection, begin: datetime, end: datetime) -> tuple[Decided, ...]:
    """The decisions of a time that are still in force."""
    query = (
        select(decisions.c.id, decisions.c.report_id, reports.c.received_at)
        .join(reports, reports.c.id == decisions.c.report_id)
        .where(
            decisions.c.decided_at >= begin, decisions.c.decided_at < end, in_force(decisions.c.id)
        )
        .order_by(decisions.c.id)
    )
    return tuple(Decided(*row) for row in connection.execute(query))


def paid_on_the_spot(connection: Connection, begin: datetime, end: datetime) -> frozenset[str]:
    """The reports of a time that a clerk verified and paid at once."""
    query = select(reports.c.id).where(
        reports.c.paid_on_the_spot_at >= begin, reports.c.paid_on_the_spot_at < end
    )
    return frozenset(connection.execute(query).scalars())


def drawn_before(connection: Connection, decision_ids: Collection[str]) -> frozenset[str]:
    """Those of the decisions that somebody looks at again already."""
    query = select(second_looks.c.decision_id).where(
        second_looks.c.decision_id.in_(decision_ids), second_looks.c.kind.in_(BLIND)
    )
    return frozenset(connection.execute(query).scalars())


def over_in_a_day(connection: Connection, day: date) -> frozenset[str]:
    """The humans who sent more on that day than the policy's figures."""
    query = select(second_looks.c.subject).where(
        second_looks.c.kind.in_((Look.REPORTS, Look.FILES)), second_looks.c.day == day
    )
    return frozenset(
        subject.removeprefix("person/") for subject in connection.execute(query).scalars()
    )


def over_in_a_month(connection: Connection, month: date) -> frozenset[str]:
    """The humans whose payments needed a second person in that month."""
    query = (
        select(HUMAN)
        .select_from(shares)
        .join(persons, persons.c.id == shares.c.person_id)
        .join(second_looks, second_looks.c.share_id == shares.c.id)
        .where(second_looks.c.kind == Look.PAYMENT, second_looks.c.day == month)
    )
    return frozenset(connection.execute(query).scalars())


# -- payments that a second person approves --------------------------------------------------------


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
        .where(
            shares.c.state.in_(TO_BE_PAID), shares.c.amount_fen > 0, or_(*too_much), ~asked.exists()
        )
        .order_by(shares.c.id)
    )
    return tuple(connection.execute(query).scalars())


def _counts(since: datetime) -> ColumnElement[bool]:
    return or_(
        and_(shares.c.state.in_(PAID), shares.c.paid_at >= since),
        shares.c.state == ShareState.IN_BATCH,
    )
