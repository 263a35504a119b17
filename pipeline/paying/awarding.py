"""One mechanism for everything that changes who is first.

Compare what the decisions say with what is promised.

Deciding, undoing, reopening, withdrawing, merging and splitting all end in ``settle_case``. It
never asks what happened: it looks at the whole case, takes back a reward that is not due any more,
awards the one that is, and writes the answers that can be given now. Run twice, it does nothing the
second time.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from pipeline.runtime import Work
from pipeline.store import (
    case_reports,
    cases,
    decisions,
    ledger,
    notices,
    reports,
    settlement,
    transfers,
)
from pipeline.store.actions import Action
from pipeline.store.case_file import FiledReward
from pipeline.store.case_reports import CaseReport
from pipeline.store.ledger import RewardRow, ShareRow
from pipeline.store.notices import ANSWER, REWARD
from pipeline.store.reports import ReportRow
from rewards.collection import reinstate as owe_again
from rewards.settlement import settled
from scheme import standing as rule
from scheme.case import OUT_OF_HAND, ForbiddenMove, ReportState, ShareState
from scheme.claw_back import is_due_back
from scheme.deadlines import collect_by
from scheme.entitlement import InTime
from scheme.policy import Policy
from scheme.standing import Standing
from scheme.workdays import CalendarGap

SYSTEM = "system"


def standing(work: Work, case_id: str) -> Standing[CaseReport]:
    """Who is first, by rule, from the decisions as they are now (R6, R11)."""
    return standing_of(work, case_reports.of_case(work.connection, case_id))


def standing_of(work: Work, reports_of_case: Sequence[CaseReport]) -> Standing[CaseReport]:
    """The same of all reports of a case, as they were read."""
    return rule.standing(reports_of_case, work.policies, work.workdays)


def settle_case(
    work: Work, case_id: str, *, actor: str = SYSTEM, merged: Sequence[str] = ()
) -> Standing[CaseReport]:
    """Make rewards and answers of the case what its decisions say.

    Call it under the write lock after any change. ``actor`` is whose doing it is: an account id,
    ``reporter`` or ``system``. ``merged``: cases whose reports it was handed just now; at most one
    of all their rewards stays, and where two were paid the other is a claw-back to decide (R14).
    """
    case = settlement.read(work.connection, case_id, merged)
    fresh_id = partial(secrets.token_hex, 16)
    follows = settled(case, work.policies, work.workdays, work.now, fresh_id=fresh_id)
    settlement.settle(work.connection, follows, made_by=actor, at=work.now)
    if follows.award is not None or any(answer.facts for answer in follows.to_tell):
        work.ring("deliver_notices")
    return follows.standing


def settle_cases(work: Work, case_ids: Sequence[str], *, actor: str) -> None:
    """The same for several cases that one change has touched."""
    for case_id in case_ids:
        settle_case(work, case_id, actor=actor)


def notice_received(
    work: Work, report_id: str, *, at: datetime | None = None, actor: str = SYSTEM
) -> bool:
    """The reporter has the notice of the reward.

    Opened, handed over, or deemed so; the 15 days begin, once (R13).

    Call it when the tracking page shows the result. True if it began the 15 days now. Where the
    calendar does not reach, the last day stays empty, and nothing is forfeited on it.
    """
    received_at = work.now if at is None else at
    begun = False
    for reward in ledger.rewards_of_report(work.connection, report_id):
        last_moment = last_moment_to_collect(work, received_at)
        for share in ledger.shares_of(work.connection, reward.id):
            if ledger.notice_received(
                work.connection, share.id, at=received_at, collect_by=last_moment
            ):
                begun = True
    if begun:
        work.record(actor, Action.NOTICE_RECEIVED, f"report/{report_id}")
    return begun


def last_moment_to_collect(work: Work, received_at: datetime) -> datetime | None:
    """The last moment to collect after a notice received at that instant.

    None where no calendar gives it.
    """
    try:
        return collect_by(received_at, work.policies.procedure_at(received_at), work.workdays)
    except CalendarGap:
        return None


def reinstate(
    work: Work, reward: RewardRow, *, requested_by: str, approved_by: str, reason: str
) -> tuple[ShareRow, ...]:
    """Owe again what was forfeited of a reward, by two people and for a reason (R13)."""
    forfeited = [
        share
        for share in ledger.shares_of(work.connection, reward.id)
        if share.state is ShareState.FORFEITED
    ]
    for share in forfeited:
        ledger.move_share(work.connection, share.id, ShareState.REINSTATED)
        if share.amount_fen:
            again = owe_again(share.id, share.amount_fen)
            transfers.post(work.connection, again, at=work.now, made_by=approved_by)
        work.record(
            requested_by,
            Action.SHARE_REINSTATED,
            f"share/{share.id}",
            approved_by=approved_by,
            reason=reason,
            report=reward.report_id,
        )
    return tuple(forfeited)


def require_unanswered(work: Work, report: ReportRow, to: ReportState) -> None:
    """Refuse a decided report whose answer has left, or whose reward was paid.

    One that only waits may still be changed by its reporter: a refusal would show that it is
    decided and waits for somebody else's report. Raises ForbiddenMove.
    """
    states: set[ShareState] = set()
    for reward in ledger.rewards_of_report(work.connection, report.id):
        states.update(share.state for share in ledger.shares_of(work.connection, reward.id))
    messages = notices.of_report(work.connection, report.id)
    tried = any(notice.attempts for notice in messages if notice.kind in (ANSWER, REWARD))
    if tried or states & {*OUT_OF_HAND}:
        raise ForbiddenMove("report", ReportState.ANSWERED, to)


def set_aside(work: Work, report: ReportRow, to: ReportState) -> None:
    """Take back a decision that nobody was told of, because its reporter changes the report.

    It is verified again. ``to`` is what the reporter wants of it. Raises ForbiddenMove as
    ``require_unanswered`` does.
    """
    require_unanswered(work, report, to)
    in_case = case_reports.of_report(work.connection, report.id)
    if in_case is None or in_case.decision_id is None:
        raise AssertionError(f"report {report.id} is decided without a decision")
    decisions.undo(work.connection, in_case.decision_id, work.now)
    reports.move(work.connection, report.id, ReportState.VERIFIED, decided_at=None)
    work.record(
        "reporter", Action.DECISION_SET_ASIDE, f"report/{report.id}", decision=in_case.decision_id
    )
    if report.case_id is not None:
        settle_case(work, report.case_id, actor="reporter")


def claw_back_is_due(work: Work, reward: RewardRow) -> bool:
    """Whether a paid reward is not due any more.

    Its report is not the first of its case, or another one counts.
    """
    case_id = cases.case_of_report(work.connection, reward.report_id)
    if case_id is None:
        raise AssertionError(f"report {reward.report_id} was rewarded without a case")
    with_shares = FiledReward(reward, ledger.shares_of(work.connection, reward.id))
    return is_due_back(with_shares, standing(work, case_id))


def claw_backs_due(work: Work) -> tuple[RewardRow, ...]:
    """Paid rewards that are not due any more and that nobody decided about yet."""
    doubted = ledger.rewards_doubted(work.connection)
    return tuple(reward for reward in doubted if claw_back_is_due(work, reward))


def substance_of(work: Work, report: CaseReport) -> Policy:
    """The policy that judges the report: the one pinned to it, else by its violation."""
    return rule.substance_of(report, work.policies)


def window_of(work: Work, report: CaseReport) -> InTime:
    """Whether the report's material reached us in time (R6).

    As two people have ruled, else as the calendar says.
    """
    return rule.window_of(report, work.policies, work.workdays)


def window_by_calendar(work: Work, report: CaseReport) -> InTime:
    """Whether the report's material reached us in time, whatever anybody has ruled (R6)."""
    return rule.window_by_calendar(report, work.policies, work.workdays)
