"""Judgements: what the checks said of a report, each time it was judged.

A later judgement stands beside the earlier ones, never in their place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, func, insert, select

from pipeline.store.tables import judgements, readings, report_evidence, reports
from scheme.case import DECIDED, ON_THE_DESK, ReportState
from scheme.codec import from_json, to_json
from scheme.decision import Recommendation
from scheme.finding import Finding
from scheme.policy import PolicyRef


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the checks said, when, by which policy and reader, about which version of the claim."""

    judgement_id: int
    made_at: datetime
    policy: PolicyRef
    reader_version: str
    claim_version: int
    recommendation: Recommendation
    findings: tuple[Finding, ...]


JUDGED = (*ON_THE_DESK, *DECIDED)


def add(  # noqa: PLR0913 - what a judgement consists of
    connection: Connection,
    report_id: str,
    *,
    at: datetime,
    policy: PolicyRef,
    reader_version: str,
    claim_version: int,
    recommendation: Recommendation,
    findings: Sequence[Finding],
) -> None:
    """Keep what the checks said; earlier judgements stay."""
    connection.execute(
        insert(judgements).values(
            report_id=report_id,
            made_at=at,
            policy=policy,
            reader_version=reader_version,
            claim_version=claim_version,
            recommendation=recommendation,
            findings=to_json(findings),
        )
    )


def latest(connection: Connection, report_id: str) -> Judgement | None:
    """The latest judgement; None before the first."""
    row = connection.execute(
        select(judgements)
        .where(judgements.c.report_id == report_id)
        .order_by(judgements.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Judgement(
        judgement_id=row.id,
        made_at=row.made_at,
        policy=PolicyRef(row.policy),
        reader_version=row.reader_version,
        claim_version=row.claim_version,
        recommendation=Recommendation(row.recommendation),
        findings=findings_from_json(row.findings),
    )


def latest_of(of: FromClause) -> ColumnElement[bool]:
    """Joins the latest judgement to each row of ``of``, whose ``id`` is a report's."""
    judged = judgements.alias()
    last = select(func.max(judged.c.id)).where(judged.c.report_id == of.c.id)
    return judgements.c.id == last.correlate(of).scalar_subquery()


def findings_from_json(text: str) -> tuple[Finding, ...]:
    """What ``to_json`` made of findings, in their order."""
    return tuple(from_json(tuple[Finding, ...], text))


def reports_since(connection: Connection, since: datetime | None) -> tuple[str, ...]:
    """Reports that were verified and not withdrawn, received since then, in order of receipt.

    What is rechecked.
    """
    query = select(reports.c.id).where(reports.c.state.in_(JUDGED)).order_by(reports.c.receipt_seq)
    if since is not None:
        query = query.where(reports.c.received_at >= since)
    return tuple(row.id for row in connection.execute(query))


def reports_read_since(
    connection: Connection,
    reader_version: str,
    states: Sequence[ReportState],
    since: datetime | None,
) -> tuple[str, ...]:
    """Reports with a file that this reader read after their latest judgement, by receipt."""
    judged_at = (
        select(func.max(judgements.c.made_at))
        .where(judgements.c.report_id == reports.c.id)
        .scalar_subquery()
    )
    query = (
        select(reports.c.id, reports.c.receipt_seq)
        .join(report_evidence, report_evidence.c.report_id == reports.c.id)
        .join(readings, readings.c.sha256 == report_evidence.c.sha256)
        .where(reports.c.state.in_(states), readings.c.reader_version == reader_version)
        .where(readings.c.made_at > judged_at)
        .distinct()
        .order_by(reports.c.receipt_seq)
    )
    if since is not None:
        query = query.where(reports.c.received_at >= since)
    return tuple(row.id for row in connection.execute(query))
