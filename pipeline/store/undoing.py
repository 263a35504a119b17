"""A decision that can still be taken back, read once, and the move that takes it back."""

from datetime import datetime

from sqlalchemy import Connection

from pipeline.store import decisions, events, ledger, reports
from pipeline.store.actions import Action
from scheme.undoing import Decided, Undoing


def read(connection: Connection, report_id: str) -> Decided:
    """The report with its last decision and what its reward has come to. Raises NoSuchReport."""
    report = reports.by_id(connection, report_id)
    made = decisions.of_report(connection, report_id)
    standing = [decision for decision in made if decision.undone_at is None]
    last = standing[-1] if standing else None
    return Decided(
        report_id=report_id,
        case_id=report.case_id,
        state=report.state,
        decision_id=last.decision_id if last else None,
        officer=last.officer if last else "",
        decided_at=report.decided_at,
        was_answered=report.answered_at is not None,
        superseded_at=standing[-2].decided_at if len(standing) > 1 else None,
        shares=tuple(
            share.state
            for reward in ledger.rewards_of_report(connection, report_id)
            if reward.live_case_id is not None
            for share in ledger.shares_of(connection, reward.id)
        ),
    )


def undo(
    connection: Connection, report: Decided, undoing: Undoing, *, officer: str, at: datetime
) -> None:
    """Take the decision back, with its event. Raises ForbiddenMove."""
    decisions.undo(connection, undoing.decision_id, at)
    reports.move(connection, report.report_id, undoing.to, decided_at=undoing.decided_at)
    subject, detail = f"report/{report.report_id}", {"decision": undoing.decision_id}
    events.append(connection, at, officer, Action.DECISION_UNDONE, subject, detail)
