"""The figures that raise second looks: how much a human sent, an officer granted, a day paid.

Humans are counted, by id; nothing here opens an identity, and nothing is written.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, case, func, select

from pipeline.store import decisions as stored_decisions
from pipeline.store.joined import HUMAN
from pipeline.store.tables import (
    decisions,
    persons,
    report_evidence,
    report_reporters,
    reports,
    second_looks,
    shares,
)
from scheme.case import PAID
from scheme.decision import Verdict
from scheme.money import Fen
from scheme.second_look import Look

_sent = reports.join(report_reporters, report_reporters.c.report_id == reports.c.id).join(
    persons, persons.c.id == report_reporters.c.person_id
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in force, for drawing."""

    decision_id: str
    report_id: str
    received_at: datetime


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
    by_pair: dict[tuple[str, str], list[str]] = {}
    for officer, human, report_id in connection.execute(query):
        by_pair.setdefault((officer, human), []).append(report_id)
    return {pair: tuple(report_ids) for pair, report_ids in by_pair.items()}


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
            decisions.c.decided_at >= begin,
            decisions.c.decided_at < end,
            stored_decisions.counts(decisions.c.id),
        )
        .order_by(decisions.c.id)
    )
    return tuple(Decided(*row) for row in connection.execute(query))


def humans_of(connection: Connection, report_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Who sent each of these reports, each human once."""
    query = (
        select(reports.c.id, HUMAN.label("human"))
        .select_from(_sent)
        .where(reports.c.id.in_(report_ids))
    )
    by_report: dict[str, set[str]] = {}
    for report_id, human in connection.execute(query):
        by_report.setdefault(report_id, set()).add(human)
    return {report_id: frozenset(humans) for report_id, humans in by_report.items()}


def paid_on_the_spot(connection: Connection, begin: datetime, end: datetime) -> frozenset[str]:
    """The reports of a time that a clerk verified and paid at once."""
    query = select(reports.c.id).where(
        reports.c.paid_on_the_spot_at >= begin, reports.c.paid_on_the_spot_at < end
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
