"""Deciding one report, taking a decision back, and opening the way to another one."""

from collections.abc import Sequence

from pipeline.deciding.substantiating import with_unread
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import desk, reports, undecided, undoing
from scheme.case import ReportState
from scheme.decision import Verdict
from scheme.finding import Proof
from scheme.reopening import reopened
from scheme.staff import Account
from scheme.substantiation import answered
from scheme.undoing import undo_until, undone


def decide(  # noqa: PLR0913 - what a decision consists of
    work: Work,
    *,
    report_id: str,
    officer: Account,
    row_version: int,
    verdict: Verdict,
    reasons: Sequence[str],
    note: str = "",
    proof: Proof | None = None,
) -> str:
    """Answer one report; returns the decision's id.

    What follows for the whole case follows in this transaction.

    Raises what ``answered`` raises.
    """
    dossier = undecided.read(work.connection, report_id, officer.account_id, work.now)
    report = with_unread(work, dossier) if dossier.earlier else dossier.report
    answer = answered(
        report,
        row_version=row_version,
        verdict=verdict,
        reasons=reasons,
        note=note,
        policies=work.policies,
        now=work.now,
    )
    decision_id = undecided.decide(
        work.connection, report, answer, proof=proof, officer=officer.account_id, at=work.now
    )
    awarding.settle_case(work, dossier.case_id, actor=officer.account_id)
    return decision_id


def undo(work: Work, *, report_id: str, officer: Account) -> None:
    """Take one's own decision back within the seconds for it: nobody has been told yet.

    Raises NoSuchReport and what ``scheme.undoing.undone`` raises.
    """
    report = undoing.read(work.connection, report_id)
    back = undone(report, officer.account_id, work.policies, work.now)
    undoing.undo(work.connection, report, back, officer=officer.account_id, at=work.now)
    if report.case_id is not None:
        awarding.settle_case(work, report.case_id, actor=officer.account_id)


def reopen(work: Work, *, report_id: str, officer: Account, reason: str) -> None:
    """Open the way to a superseding decision on an answered report.

    The old one counts until ``decide``. Raises NoSuchReport and what ``scheme.reopening.reopened``
    raises.
    """
    report = desk.read(work.connection, report_id, officer.account_id, work.now)
    reopening = reopened(report, reason, work.policies, work.now)
    desk.reopen(work.connection, report, reopening, officer=officer.account_id, at=work.now)


def may_be_undone(work: Work, report_id: str) -> bool:
    """Whether the report is decided, but whoever did it can still take it back."""
    report = reports.by_id(work.connection, report_id)
    until = undo_until(report.decided_at, work.policies, work.now)
    return report.state is ReportState.DECIDED and until is not None
