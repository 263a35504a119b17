"""Deciding one report, taking a decision back, and opening the way to another one."""

from collections.abc import Sequence
from datetime import datetime

from pipeline.deciding.holding import hold
from pipeline.deciding.substantiating import case_for, with_unread
from pipeline.deciding.undoing import undo_time, undo_until
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import case_reports, decisions, ledger, reports, undecided
from pipeline.store.actions import Action
from scheme.case import PAID, ForbiddenMove, ReportState, ShareState
from scheme.decision import Verdict
from scheme.finding import Proof
from scheme.plain_text import required
from scheme.substantiation import answered


class UndoTooLate(Exception):
    """The time for undoing ended at ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


class NotDecidedByYou(Exception):
    """Only who decided can undo; anybody else reopens."""


class AlreadyPaid(Exception):
    """The reward of the report is ``state``.

    It can't be undone any more, only reopened and clawed back.
    """

    def __init__(self, state: ShareState) -> None:
        super().__init__(state)
        self.state = state


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
    desk = undecided.read(work.connection, report_id, officer.account_id, work.now)
    report = with_unread(work, desk) if desk.earlier else desk.report
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
    work.record(
        officer.account_id,
        Action.REPORT_DECIDED,
        f"report/{report_id}",
        decision=decision_id,
        verdict=verdict,
        reasons=list(reasons),
        supersedes=report.last_decision,
    )
    awarding.settle_case(work, desk.case_id, actor=officer.account_id)
    work.ring("deliver_notices")
    return decision_id


def undo(work: Work, *, report_id: str, officer: Account) -> None:
    """Take one's own decision back within the seconds for it: nobody has been told yet.

    The report is verified again; where the decision superseded another, that one is in force again,
    as answered. Raises ForbiddenMove, NotDecidedByYou, UndoTooLate, AlreadyPaid (a card was handed
    over).
    """
    report = reports.by_id(work.connection, report_id)
    in_force = case_reports.of_report(work.connection, report_id)
    if report.state is not ReportState.DECIDED or in_force is None or in_force.decision_id is None:
        raise ForbiddenMove("report", report.state, ReportState.VERIFIED)
    decision = decisions.of_report(work.connection, report_id)[-1]
    if decision.officer != officer.account_id:
        raise NotDecidedByYou
    until = undo_until(work, report)
    if until is None:
        raise UndoTooLate(decision.decided_at + undo_time(work))
    for reward in ledger.rewards_of_report(work.connection, report_id):
        for share in ledger.shares_of(work.connection, reward.id):
            if reward.live_case_id is not None and share.state in (
                *PAID,
                ShareState.IN_BATCH,
            ):
                raise AlreadyPaid(share.state)
    decisions.undo(work.connection, decision.decision_id, work.now)
    before = next(
        (
            d
            for d in reversed(decisions.of_report(work.connection, report_id))
            if d.undone_at is None
        ),
        None,
    )
    if before is not None and report.answered_at is not None:
        reports.move(work.connection, report_id, ReportState.ANSWERED, decided_at=before.decided_at)
    else:
        reports.move(work.connection, report_id, ReportState.VERIFIED, decided_at=None)
    work.record(
        officer.account_id,
        Action.DECISION_UNDONE,
        f"report/{report_id}",
        decision=decision.decision_id,
    )
    awarding.settle_case(work, case_for(work, report), actor=officer.account_id)


def reopen(work: Work, *, report_id: str, officer: Account, reason: str) -> None:
    """Open the way to a superseding decision on an answered report.

    The old one counts until ``decide``.

    Raises ForbiddenMove unless it is answered, ReasonRequired, HeldByOther.
    """
    report = reports.by_id(work.connection, report_id)
    if report.state is not ReportState.ANSWERED:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    reason = required(reason)
    hold(work, report_id, officer)
    reports.change(work.connection, report_id, reopened_at=work.now)
    work.record(officer.account_id, Action.REPORT_REOPENED, f"report/{report_id}", reason=reason)


def may_be_undone(work: Work, report_id: str) -> bool:
    """Whether the report is decided, but whoever did it can still take it back."""
    report = reports.by_id(work.connection, report_id)
    return report.state is ReportState.DECIDED and undo_until(work, report) is not None
