"""The file of a case: all that is on record about one incident, read once.

The number of statements is the same whatever the case holds: each kind of thing is asked for once,
for all reports together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, func, select

from pipeline.by_name import copied
from pipeline.store import candidates as stored_candidates
from pipeline.store import case_reports, ledger
from pipeline.store import cases as stored_cases
from pipeline.store import claims as stored_claims
from pipeline.store import decisions as stored_decisions
from pipeline.store import explanations as stored_explanations
from pipeline.store import judgements as stored_judgements
from pipeline.store import reports as stored_reports
from pipeline.store.candidates import CandidateRow
from pipeline.store.case_reports import CaseReport
from pipeline.store.cases import Case
from pipeline.store.claims import ClaimVersion
from pipeline.store.decisions import DecisionRow
from pipeline.store.explanations import Explanation
from pipeline.store.ledger import RewardRow, ShareRow
from pipeline.store.reports import ReportRow
from pipeline.store.tables import (
    candidates,
    cases,
    claims,
    decisions,
    evidence,
    explanations,
    judgements,
    letters,
    readings,
    report_evidence,
    report_reporters,
    reports,
    rewards,
    rulings,
    shares,
)
from scheme.case import CaseNotFound
from scheme.decision import Recommendation
from scheme.finding import Finding
from scheme.reading import MediaKind, Readings, Sha256
from scheme.report import FiledEvidence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FiledReport:
    """One report with all that is on record about it but who sent it."""

    row: ReportRow
    in_case: CaseReport
    reporters: int
    """How many people reported jointly."""
    postmarked_on: date | None
    recommendation: Recommendation | None
    findings: tuple[Finding, ...]
    claims: tuple[ClaimVersion, ...]
    evidence: tuple[FiledEvidence, ...]
    decisions: tuple[DecisionRow, ...]
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class FiledQuestion:
    """A question "same incident?" and what the two reports are called."""

    row: CandidateRow
    report_number: str
    case_id: str | None
    other_report_number: str
    other_case_id: str | None


@dataclass(frozen=True, slots=True)
class FiledReward:
    """A reward with its shares, first named first."""

    row: RewardRow
    shares: tuple[ShareRow, ...]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One incident: its reports in order of receipt, and all that is on record about it."""

    case: Case
    merged: tuple[Case, ...]
    """Every case that this one took over, by number."""
    reports: tuple[FiledReport, ...]
    questions: tuple[FiledQuestion, ...]
    rewards: tuple[FiledReward, ...]
    """Of reports that stand in the case now, oldest first."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the events about the case are about: itself, its reports, rewards and shares."""
        of_reports = [f"report/{report.row.id}" for report in self.reports]
        of_rewards = [f"reward/{reward.row.id}" for reward in self.rewards]
        of_shares = [f"share/{share.id}" for reward in self.rewards for share in reward.shares]
        return (f"case/{self.case.case_id}", *of_reports, *of_rewards, *of_shares)


def read(connection: Connection, case_id: str) -> CaseFile:
    """The file of the case that stands for ``case_id`` today. Raises CaseNotFound."""
    case, merged = _case(connection, case_id)
    filed = _reports(connection, case.case_id)
    report_ids = [report.row.id for report in filed]
    return CaseFile(
        case=case,
        merged=merged,
        reports=filed,
        questions=_questions(connection, report_ids),
        rewards=_rewards(connection, case.case_id),
    )


def _case(connection: Connection, case_id: str) -> tuple[Case, tuple[Case, ...]]:
    """Up to the case that stands today, and down to every case that it took over."""
    start = select(cases).where(cases.c.id == case_id).cte("up", recursive=True)
    up = start.union_all(select(cases).where(cases.c.id == start.c.merged_into))
    whole = select(up.c.id).where(up.c.merged_into.is_(None)).scalar_subquery()
    top = select(cases).where(cases.c.id == whole).cte("down", recursive=True)
    down = top.union_all(select(cases).where(cases.c.merged_into == top.c.id))
    rows = connection.execute(select(down).order_by(down.c.number))
    family = [stored_cases.case_of_row(row) for row in rows]
    if not family:
        raise CaseNotFound(case_id)
    (whole_case,) = [case for case in family if case.merged_into is None]
    return whole_case, tuple(case for case in family if case.merged_into is not None)


# -- reports ---------------------------------------------------------------------------------------


def _reports(connection: Connection, case_id: str) -> tuple[FiledReport, ...]:
    rows = connection.execute(_reports_query(case_id)).all()
    report_ids = [row.id for row in rows]
    claimed = _claims(connection, report_ids)
    files = evidence_of(connection, report_ids)
    decided = _decisions(connection, report_ids)
    explained = _explanations(connection, report_ids)
    return tuple(
        _filed(row, claimed[row.id], files[row.id], decided[row.id], explained[row.id])
        for row in rows
    )


def _reports_query(case_id: str) -> Select[Any]:
    people = (
        select(func.count())
        .where(report_reporters.c.report_id == reports.c.id)
        .correlate(reports)
        .scalar_subquery()
    )
    return (
        select(
            *stored_reports.COLUMNS,
            people.label("reporters"),
            letters.c.postmarked_on,
            *case_reports.RULED_WINDOW,
            judgements.c.recommendation,
            judgements.c.findings,
        )
        .select_from(
            reports.outerjoin(letters, letters.c.report_id == reports.c.id)
            .outerjoin(rulings, case_reports.ruled_window())
            .outerjoin(judgements, stored_judgements.latest_of(reports))
        )
        .where(reports.c.case_id == case_id)
        .order_by(reports.c.receipt_seq)
    )


def _filed(
    row: Row[Any],
    claimed: Sequence[ClaimVersion],
    files: Sequence[FiledEvidence],
    decided: Sequence[DecisionRow],
    explained: Sequence[Explanation],
) -> FiledReport:
    report = stored_reports.report_of_row(row)
    recommendation: Recommendation | None = None
    findings: tuple[Finding, ...] = ()
    if row.findings is not None:
        recommendation = Recommendation(row.recommendation)
        findings = stored_judgements.findings_from_json(row.findings)
    return FiledReport(
        row=report,
        in_case=case_reports.in_case(report, decided, case_reports.window_of_row(row)),
        reporters=row.reporters,
        postmarked_on=row.postmarked_on,
        recommendation=recommendation,
        findings=findings,
        claims=tuple(claimed),
        evidence=tuple(files),
        decisions=tuple(decided),
        explanations=tuple(explained),
    )


def _claims(
    connection: Connection, report_ids: Sequence[str]
) -> Mapping[str, Sequence[ClaimVersion]]:
    query = select(claims).where(claims.c.report_id.in_(report_ids)).order_by(claims.c.version)
    rows = connection.execute(query)
    return _by_report((row.report_id, stored_claims.version_of_row(row)) for row in rows)


def evidence_of(
    connection: Connection, report_ids: Sequence[str]
) -> Mapping[str, Sequence[FiledEvidence]]:
    """The files of each report, in the order they came, each with its newest reading."""
    other = readings.alias()
    newest = (
        select(other.c.reader_version)
        .where(other.c.sha256 == evidence.c.sha256)
        .order_by(other.c.made_at.desc())
        .limit(1)
        .correlate(evidence)
        .scalar_subquery()
    )
    read_last = and_(readings.c.sha256 == evidence.c.sha256, readings.c.reader_version == newest)
    query = (
        select(report_evidence, evidence, readings.c.body)
        .select_from(
            report_evidence.join(evidence, evidence.c.sha256 == report_evidence.c.sha256).outerjoin(
                readings, read_last
            )
        )
        .where(report_evidence.c.report_id.in_(report_ids))
        .order_by(report_evidence.c.position)
    )
    rows = connection.execute(query)
    return _by_report((row.report_id, _evidence(row)) for row in rows)


def _evidence(row: Row[Any]) -> FiledEvidence:
    read_last = None if row.body is None else Readings.from_json(row.body)
    return copied(
        FiledEvidence,
        row,
        sha256=Sha256(row.sha256),
        kind=MediaKind(row.kind),
        readings=read_last,
    )


def _decisions(
    connection: Connection, report_ids: Sequence[str]
) -> Mapping[str, Sequence[DecisionRow]]:
    query = select(decisions).where(decisions.c.report_id.in_(report_ids))
    rows = connection.execute(query.order_by(decisions.c.version))
    return _by_report((row.report_id, stored_decisions.decision_of_row(row)) for row in rows)


def _explanations(
    connection: Connection, report_ids: Sequence[str]
) -> Mapping[str, Sequence[Explanation]]:
    query = select(explanations).where(explanations.c.report_id.in_(report_ids))
    rows = connection.execute(query.order_by(explanations.c.id))
    return _by_report((row.report_id, stored_explanations.explanation_of_row(row)) for row in rows)


def _by_report(pairs: Iterable[tuple[str, T]]) -> Mapping[str, Sequence[T]]:
    by_report: defaultdict[str, list[T]] = defaultdict(list)
    for report_id, thing in pairs:
        by_report[report_id].append(thing)
    return by_report


# -- questions, rewards ----------------------------------------------------------------------------


def _questions(connection: Connection, report_ids: Sequence[str]) -> tuple[FiledQuestion, ...]:
    first, other = reports.alias(), reports.alias()
    query = (
        select(
            candidates,
            first.c.report_number.label("number"),
            first.c.case_id.label("case_id"),
            other.c.report_number.label("other_number"),
            other.c.case_id.label("other_case_id"),
        )
        .select_from(
            candidates.join(first, first.c.id == candidates.c.report_id).join(
                other, other.c.id == candidates.c.other_report_id
            )
        )
        .where(stored_candidates.touching(report_ids))
        .order_by(candidates.c.id)
    )
    return tuple(
        FiledQuestion(
            stored_candidates.candidate_of_row(row),
            row.number or "",
            row.case_id,
            row.other_number or "",
            row.other_case_id,
        )
        for row in connection.execute(query)
    )


def _rewards(connection: Connection, case_id: str) -> tuple[FiledReward, ...]:
    query = (
        select(rewards, shares)
        .join(shares, shares.c.reward_id == rewards.c.id)
        .join(reports, reports.c.id == rewards.c.report_id)
        .where(reports.c.case_id == case_id)
        .order_by(rewards.c.awarded_at, rewards.c.id, shares.c.position)
    )
    rows_of: dict[str, RewardRow] = {}
    shares_of: defaultdict[str, list[ShareRow]] = defaultdict(list)
    for row in connection.execute(query):
        reward, share = ledger.reward_and_share(row)
        rows_of[reward.id] = reward
        shares_of[reward.id].append(share)
    return tuple(FiledReward(row, tuple(shares_of[row.id])) for row in rows_of.values())
