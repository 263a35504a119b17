"""A report as it lies before an officer, and the move that decides it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from pipeline.store import candidates, case_reports, desk, events, incidents, notices, reports
from pipeline.store import decisions as stored_decisions
from pipeline.store.actions import Action
from pipeline.store.leases import AT_THE_DESK
from pipeline.store.reports import ReportRow
from pipeline.store.tables import claims, decisions
from scheme.case import ReportState
from scheme.finding import Proof
from scheme.substantiation import Answer, Undecided


@dataclass(frozen=True, slots=True)
class ForOfficer:
    """The dossier of a decision.

    ``earlier``: reports of its category received before it that nobody has read yet. Which of them
    can be about its incident is another question, asked only where there are any.
    """

    report: Undecided
    members: tuple[str, ...]
    """All reports of its case."""
    case_id: str
    """Empty for a report that was never verified."""
    earlier: tuple[str, ...]


def read(connection: Connection, report_id: str, officer: str, now: datetime) -> ForOfficer:
    """What an officer has before them who decides the report at ``now``. Raises NoSuchReport."""
    report = reports.by_id(connection, report_id)
    members: tuple[str, ...] = (report_id,)
    if report.case_id is not None:
        of_case = case_reports.of_case(connection, report.case_id)
        members = tuple(member.report_id for member in of_case)
    questions = candidates.open_ids(connection, members)
    earlier = _unread_earlier(connection, report)
    return ForOfficer(
        report=Undecided(
            **desk.lying(connection, report, officer, now),
            last_decision=_last_decision(connection, report_id),
            open_questions=questions,
        ),
        members=members,
        case_id=report.case_id or "",
        earlier=tuple(other for other in earlier if other not in members),
    )


def decide(  # noqa: PLR0913 - what a decision consists of
    connection: Connection,
    report: Undecided,
    answer: Answer,
    *,
    proof: Proof | None,
    officer: str,
    at: datetime,
) -> str:
    """Decide the report; returns the decision's id. Raises ForbiddenMove, StaleVersion.

    Of a report that waits for its reporter nothing is waited for any more: a question that has not
    left is taken back.
    """
    row_version = report.row_version
    if report.state is ReportState.AWAITING_REPORTER:
        notices.cancel_unsent(connection, at, kinds=("ask",), report_id=report.report_id)
        row_version = reports.move(
            connection,
            report.report_id,
            ReportState.VERIFIED,
            row_version=row_version,
            asked_for=None,
        ).row_version
    reports.move(
        connection,
        report.report_id,
        ReportState.DECIDED,
        row_version=row_version,
        decided_at=at,
        reopened_at=None,
        **AT_THE_DESK.ended,
    )
    decision_id = stored_decisions.add(
        connection,
        report.report_id,
        verdict=answer.verdict,
        reasons=answer.reasons,
        note=answer.note,
        proof=proof,
        officer=officer,
        at=at,
        procedure_policy=answer.procedure_policy,
    )
    detail = {
        "decision": decision_id,
        "verdict": answer.verdict,
        "reasons": list(answer.reasons),
        "supersedes": report.last_decision,
    }
    subject = f"report/{report.report_id}"
    events.append(connection, at, officer, Action.REPORT_DECIDED, subject, detail)
    return decision_id


def _unread_earlier(connection: Connection, report: ReportRow) -> tuple[str, ...]:
    if report.receipt_seq is None:
        return ()
    query = select(claims.c.category).where(claims.c.report_id == report.id)
    category = connection.execute(query.order_by(claims.c.version.desc()).limit(1)).scalar_one()
    return incidents.unread_before(connection, report.receipt_seq, category=category)


def _last_decision(connection: Connection, report_id: str) -> str | None:
    query = select(decisions.c.id).where(decisions.c.report_id == report_id)
    return connection.execute(query.order_by(decisions.c.version.desc()).limit(1)).scalar()
