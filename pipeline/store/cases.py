"""Cases: which reports are about one incident, the questions between them, the decisions.

Everything that changes a case runs under the write lock, so what is read here stays true until the
commit.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from pipeline.store.counters import next_number
from pipeline.store.reports import ReportRow, proof_from_json
from pipeline.store.tables import candidates, cases, decisions, reports, rulings
from scheme.case import CaseNotFound, ReportState
from scheme.codec import to_json
from scheme.deadlines import DateKind
from scheme.decision import Verdict
from scheme.finding import Proof
from scheme.policy import PolicyRef
from scheme.report import Channel

DECIDED_STATES = (ReportState.DECIDED, ReportState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Case:
    """One incident.

    ``merged_into`` names the case that took it over; reports always point at that one.
    """

    case_id: str
    number: str
    category: str
    opened_at: datetime
    merged_into: str | None


@dataclass(frozen=True, slots=True)
class WindowRuling:
    """What two people ruled of a report's window; counts for the violation ``about`` (R6)."""

    about: datetime
    in_time: bool


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One report as its case sees it.

    ``verdict`` and ``decision_id`` are of the decision in force, if any.
    """

    report_id: str
    report_number: str
    receipt_seq: int
    row_version: int
    state: ReportState
    channel: Channel
    received_at: datetime
    submitted_to_us_at: datetime | None
    violated_at: datetime | None
    substance_policy: PolicyRef | None
    excluded: bool
    verdict: Verdict | None
    decision_id: str | None
    reasons: tuple[str, ...]
    ruled: WindowRuling | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One answer to one report; never edited, only undone or superseded by a later version."""

    decision_id: str
    report_id: str
    version: int
    verdict: Verdict
    reasons: tuple[str, ...]
    note: str
    proof: Proof | None
    officer: str
    decided_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """The question whether two reports are about one incident (R14).

    ``same`` is None while it is open.
    """

    candidate_id: int
    report_id: str
    other_report_id: str
    reasons: tuple[str, ...]
    found_at: datetime
    same: bool | None
    answered_by: str | None
    answered_at: datetime | None
    answer_reason: str | None


# -- cases -----------------------------------------------------------------------------------------


def open_case(connection: Connection, *, category: str, at: datetime) -> str:
    """A new case without reports; returns its id."""
    case_id = secrets.token_hex(16)
    number = f"C{at:%y}-{next_number(connection, 'case_number'):05d}"
    connection.execute(
        insert(cases).values(id=case_id, number=number, category=category, opened_at=at)
    )
    return case_id


def case_of_report(connection: Connection, report_id: str) -> str | None:
    """The case that the report stands in now; None before it was linked."""
    return connection.execute(
        select(reports.c.case_id).where(reports.c.id == report_id)
    ).scalar_one_or_none()


def link(connection: Connection, report_id: str, case_id: str) -> None:
    """Put the report into the case (or into the case that took that one over)."""
    whole = resolve(connection, case_id)
    connection.execute(update(reports).where(reports.c.id == report_id).values(case_id=whole))


def resolve(connection: Connection, case_id: str) -> str:
    """Follow merges to the case that stands for ``case_id`` today. Raises CaseNotFound."""
    return read_whole(connection, case_id).case_id


def read(connection: Connection, case_id: str) -> Case:
    """The case row itself, merged or not. Raises CaseNotFound."""
    row = connection.execute(select(cases).where(cases.c.id == case_id)).one_or_none()
    if row is None:
        raise CaseNotFound(case_id)
    return case_of_row(row)


def case_of_row(row: Row[Any]) -> Case:
    """The case in a row that has all columns of ``cases``."""
    return Case(row.id, row.number, row.category, row.opened_at, row.merged_into)


def read_whole(connection: Connection, case_id: str) -> Case:
    """The case that stands for ``case_id`` today. Raises CaseNotFound."""
    case = read(connection, case_id)
    while case.merged_into is not None:
        case = read(connection, case.merged_into)
    return case


def merge(connection: Connection, case_id: str, into_case_id: str) -> None:
    """Hand every report of ``case_id`` to ``into_case_id``.

    Both must be whole; rewards are the caller's to move.
    """
    connection.execute(update(cases).where(cases.c.id == case_id).values(merged_into=into_case_id))
    connection.execute(
        update(reports).where(reports.c.case_id == case_id).values(case_id=into_case_id)
    )


def set_category(connection: Connection, case_id: str, category: str) -> None:
    """The case is of another category: its only report's claim was corrected."""
    connection.execute(update(cases).where(cases.c.id == case_id).values(category=category))


def merged_into(connection: Connection, case_id: str) -> tuple[Case, ...]:
    """Every case that this one took over, straight or through another, by number."""
    found: list[Case] = []
    waiting = [case_id]
    while waiting:
        query = select(cases).where(cases.c.merged_into == waiting.pop()).order_by(cases.c.number)
        for row in connection.execute(query):
            found.append(case_of_row(row))
            waiting.append(row.id)
    return tuple(sorted(found, key=lambda case: case.number))


def open_questions(connection: Connection) -> int:
    """How many candidates wait for an officer's answer."""
    gone = select(reports.c.id).where(reports.c.state == ReportState.WITHDRAWN)
    query = (
        select(func.count())
        .select_from(candidates)
        .where(
            candidates.c.answer.is_(None),
            candidates.c.report_id.not_in(gone),
            candidates.c.other_report_id.not_in(gone),
        )
    )
    return connection.execute(query).scalar_one()


def reports_of_case(connection: Connection, case_id: str) -> tuple[CaseReport, ...]:
    """Every report of the case, in order of receipt, each with its decision in force."""
    rows = connection.execute(
        _reports().where(reports.c.case_id == case_id).order_by(reports.c.receipt_seq)
    )
    return tuple(_case_report(row) for row in rows)


def report_in_case(connection: Connection, report_id: str) -> CaseReport | None:
    """One received report with its decision in force; None where there is none."""
    row = connection.execute(
        _reports().where(reports.c.id == report_id, reports.c.receipt_seq.is_not(None))
    ).one_or_none()
    return _case_report(row) if row else None


def reports_since(
    connection: Connection, since: datetime, states: Collection[ReportState]
) -> tuple[CaseReport, ...]:
    """Received reports in ``states`` about a violation since then, in order of receipt."""
    wanted = (
        reports.c.violated_at >= since,
        reports.c.state.in_(states),
        reports.c.receipt_seq.is_not(None),
    )
    rows = connection.execute(_reports().where(*wanted).order_by(reports.c.receipt_seq))
    return tuple(_case_report(row) for row in rows)


def cases_with_unanswered(connection: Connection) -> tuple[str, ...]:
    """Cases in which a report is decided but not answered.

    Its entitlement may have become known since.
    """
    query = select(reports.c.case_id).where(
        reports.c.state == ReportState.DECIDED, reports.c.case_id.is_not(None)
    )
    return tuple(connection.execute(query.distinct()).scalars())


def _reports() -> Select[Any]:
    versions = decisions.alias()
    newest = (
        select(func.max(versions.c.version))
        .where(versions.c.report_id == reports.c.id, versions.c.undone_at.is_(None))
        .correlate(reports)
        .scalar_subquery()
    )
    return select(
        reports.c.id,
        reports.c.report_number,
        reports.c.receipt_seq,
        reports.c.row_version,
        reports.c.state,
        reports.c.channel,
        reports.c.received_at,
        reports.c.submitted_to_us_at,
        reports.c.violated_at,
        reports.c.substance_policy,
        reports.c.excluded,
        decisions.c.id.label("decision_id"),
        decisions.c.verdict,
        decisions.c.reasons,
        rulings.c.counted_from.label("ruled_about"),
        rulings.c.in_time.label("ruled_in_time"),
    ).select_from(
        reports.outerjoin(
            decisions, and_(decisions.c.report_id == reports.c.id, decisions.c.version == newest)
        ).outerjoin(rulings, ruled_window())
    )


def ruled_window() -> ColumnElement[bool]:
    """Joins the ruling of a report's window that counts."""
    return rulings.c.in_force_for == literal(f"{DateKind.WINDOW}/") + reports.c.id


def window_of_row(row: Row[Any]) -> WindowRuling | None:
    """The ruling in a row that has ``ruled_about`` and ``ruled_in_time``."""
    if row.ruled_about is None:
        return None
    return WindowRuling(row.ruled_about, row.ruled_in_time)


def _case_report(row: Row[Any]) -> CaseReport:
    decided = row.state in DECIDED_STATES
    return CaseReport(
        report_id=row.id,
        report_number=row.report_number,
        receipt_seq=row.receipt_seq,
        row_version=row.row_version,
        state=ReportState(row.state),
        channel=Channel(row.channel),
        received_at=row.received_at,
        submitted_to_us_at=row.submitted_to_us_at,
        violated_at=row.violated_at,
        substance_policy=row.substance_policy,
        excluded=row.excluded,
        verdict=Verdict(row.verdict) if decided else None,
        decision_id=row.decision_id if decided else None,
        reasons=tuple(json.loads(row.reasons)) if decided else (),
        ruled=window_of_row(row),
    )


def in_case(
    report: ReportRow, made: Sequence[DecisionRow], ruled: WindowRuling | None
) -> CaseReport:
    """A received report as its case sees it, of all decisions ``made`` on it."""
    if report.receipt_seq is None or report.received_at is None:
        raise AssertionError(f"report {report.id} stands in a case and was never received")
    standing = [decision for decision in made if decision.undone_at is None]
    decided = standing[-1] if standing and report.state in DECIDED_STATES else None
    return CaseReport(
        report_id=report.id,
        report_number=report.report_number or "",
        receipt_seq=report.receipt_seq,
        row_version=report.row_version,
        state=report.state,
        channel=report.channel,
        received_at=report.received_at,
        submitted_to_us_at=report.submitted_to_us_at,
        violated_at=report.violated_at,
        substance_policy=report.substance_policy,
        excluded=report.excluded,
        verdict=decided.verdict if decided else None,
        decision_id=decided.decision_id if decided else None,
        reasons=decided.reasons if decided else (),
        ruled=ruled,
    )


# -- candidates ------------------------------------------------------------------------------------


def add_candidate(
    connection: Connection, report_id: str, other_id: str, reasons: Iterable[str], at: datetime
) -> bool:
    """Ask whether the two reports are one incident.

    True if that is a new question; an answered one stays answered.
    """
    first, second = sorted((report_id, other_id))
    known = connection.execute(
        select(candidates).where(
            candidates.c.report_id == first, candidates.c.other_report_id == second
        )
    ).one_or_none()
    if known is None:
        connection.execute(
            insert(candidates).values(
                report_id=first,
                other_report_id=second,
                reasons=json.dumps(sorted(set(reasons))),
                found_at=at,
            )
        )
        return True
    together = sorted({*json.loads(known.reasons), *reasons})
    connection.execute(
        update(candidates).where(candidates.c.id == known.id).values(reasons=json.dumps(together))
    )
    return False


def candidates_of(
    connection: Connection, report_ids: Sequence[str], *, open_only: bool = False
) -> tuple[CandidateRow, ...]:
    """Every question in which one of the reports stands, oldest first.

    A withdrawn report asks nothing any more.
    """
    touched = or_(
        candidates.c.report_id.in_(report_ids), candidates.c.other_report_id.in_(report_ids)
    )
    query = select(candidates).where(touched).order_by(candidates.c.id)
    if open_only:
        gone = select(reports.c.id).where(reports.c.state == ReportState.WITHDRAWN)
        query = query.where(
            candidates.c.answer.is_(None),
            candidates.c.report_id.not_in(gone),
            candidates.c.other_report_id.not_in(gone),
        )
    return tuple(candidate_of_row(row) for row in connection.execute(query))


def read_candidate(connection: Connection, candidate_id: int) -> CandidateRow | None:
    """One question; None where there is none of that id."""
    row = connection.execute(
        select(candidates).where(candidates.c.id == candidate_id)
    ).one_or_none()
    return candidate_of_row(row) if row else None


def answered_candidates(connection: Connection, report_id: str) -> Mapping[str, bool]:
    """Other report -> whether an officer said "same incident"; for the dossier."""
    rows = (row for row in candidates_of(connection, [report_id]) if row.same is not None)
    return {
        row.other_report_id if row.report_id == report_id else row.report_id: bool(row.same)
        for row in rows
    }


def answer_candidate(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    candidate_id: int,
    *,
    same: bool,
    officer: str,
    at: datetime,
    reason: str,
) -> bool:
    """Answer an open question; False if somebody answered it before."""
    answered = connection.execute(
        update(candidates)
        .where(candidates.c.id == candidate_id, candidates.c.answer.is_(None))
        .values(
            answer="same" if same else "different",
            answered_by=officer,
            answered_at=at,
            answer_reason=reason,
        )
    )
    return answered.rowcount == 1


def part_ways(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    report_id: str,
    others: Sequence[str],
    *,
    officer: str,
    at: datetime,
    reason: str,
) -> None:
    """Record that the report is another incident than each of ``others``, whatever was said."""
    for other in others:
        add_candidate(connection, report_id, other, (), at)
    first_or_second = or_(
        and_(candidates.c.report_id == report_id, candidates.c.other_report_id.in_(others)),
        and_(candidates.c.other_report_id == report_id, candidates.c.report_id.in_(others)),
    )
    connection.execute(
        update(candidates)
        .where(first_or_second)
        .values(answer="different", answered_by=officer, answered_at=at, answer_reason=reason)
    )


def open_candidates(connection: Connection, report_ids: Sequence[str]) -> tuple[int, ...]:
    """The questions about these reports that nobody has answered, oldest first."""
    asked = candidates_of(connection, report_ids, open_only=True)
    return tuple(question.candidate_id for question in asked)


def candidate_of_row(row: Row[Any]) -> CandidateRow:
    """The question in a row that has all columns of ``candidates``."""
    return CandidateRow(
        candidate_id=row.id,
        report_id=row.report_id,
        other_report_id=row.other_report_id,
        reasons=tuple(json.loads(row.reasons)),
        found_at=row.found_at,
        same=None if row.answer is None else row.answer == "same",
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        answer_reason=row.answer_reason,
    )


# -- decisions -------------------------------------------------------------------------------------


def add_decision(  # noqa: PLR0913 - what a decision consists of
    connection: Connection,
    report_id: str,
    *,
    verdict: Verdict,
    reasons: Sequence[str],
    note: str,
    proof: Proof | None,
    officer: str,
    at: datetime,
    procedure_policy: str,
) -> str:
    """The next version of the report's decision; returns its id."""
    decision_id = secrets.token_hex(16)
    last = connection.execute(
        select(func.max(decisions.c.version)).where(decisions.c.report_id == report_id)
    ).scalar_one_or_none()
    connection.execute(
        insert(decisions).values(
            id=decision_id,
            report_id=report_id,
            version=(last or 0) + 1,
            verdict=verdict,
            reasons=json.dumps(list(reasons)),
            note=note,
            proof=None if proof is None else to_json(proof),
            officer=officer,
            decided_at=at,
            procedure_policy=procedure_policy,
        )
    )
    return decision_id


def undo_decision(connection: Connection, decision_id: str, at: datetime) -> bool:
    """Take a decision back; False if it was taken back before."""
    undone = connection.execute(
        update(decisions)
        .where(decisions.c.id == decision_id, decisions.c.undone_at.is_(None))
        .values(undone_at=at)
    )
    return undone.rowcount == 1


def decisions_of(connection: Connection, report_id: str) -> tuple[DecisionRow, ...]:
    """Every decision on the report, oldest first, undone ones included."""
    query = (
        select(decisions).where(decisions.c.report_id == report_id).order_by(decisions.c.version)
    )
    return tuple(decision_of_row(row) for row in connection.execute(query))


def deciders_of_case(connection: Connection, case_id: str) -> frozenset[str]:
    """Accounts that decided any report of the case, undone decisions apart."""
    query = (
        select(decisions.c.officer)
        .join(reports, reports.c.id == decisions.c.report_id)
        .where(reports.c.case_id == case_id, decisions.c.undone_at.is_(None))
    )
    return frozenset(connection.execute(query).scalars())


def who_took_part(connection: Connection, case_id: str) -> frozenset[str]:
    """Accounts that registered, decided or paid any report of the case.

    None of them looks at it as a second person.
    """
    query = select(reports.c.registered_by, reports.c.paid_on_the_spot_by).where(
        reports.c.case_id == case_id
    )
    took_part = set(deciders_of_case(connection, case_id))
    for row in connection.execute(query):
        took_part.update(account_id for account_id in row if account_id is not None)
    return frozenset(took_part)


def decision_of_row(row: Row[Any]) -> DecisionRow:
    """The decision in a row that has all columns of ``decisions``."""
    return DecisionRow(
        decision_id=row.id,
        report_id=row.report_id,
        version=row.version,
        verdict=Verdict(row.verdict),
        reasons=tuple(json.loads(row.reasons)),
        note=row.note,
        proof=proof_from_json(row.proof),
        officer=row.officer,
        decided_at=row.decided_at,
        undone_at=row.undone_at,
    )
