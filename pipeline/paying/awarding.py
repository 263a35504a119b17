"""One mechanism for everything that changes who is first.

Compare what the decisions say with what is promised.

Deciding, undoing, reopening, withdrawing, merging and splitting all end in ``settle_case``. It
never asks what happened: it looks at the whole case, takes back a reward that is not due any more,
awards the one that is, and writes the answers that can be given now. Run twice, it does nothing the
second time.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

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
from pipeline.store.case_reports import CaseReport
from pipeline.store.ledger import RewardRow, ShareRow
from pipeline.store.notices import ANSWER, REWARD, NoticeRow
from pipeline.store.reports import ReportRow
from pipeline.store.settlement import Answer, Award, Unsettled
from rewards.award import award, cancel
from rewards.collection import reinstate as owe_again
from scheme import standing as rule
from scheme.case import OWED, PAID, ForbiddenMove, ReportState, ShareState
from scheme.deadlines import collect_by
from scheme.decision import Verdict
from scheme.entitlement import Entitlement, InTime
from scheme.policy import Policy
from scheme.standing import Standing, Terms
from scheme.workdays import CalendarGap

SYSTEM = "system"
SPENT = (*PAID, ShareState.IN_BATCH, ShareState.FORFEITED)
"""What a report had its turn with: it never gets a second reward beside such a share."""


def standing(work: Work, case_id: str) -> Standing[CaseReport]:
    """Who is first, by rule, from the decisions as they are now (R6, R11)."""
    return standing_of(work, case_reports.of_case(work.connection, case_id))


def standing_of(work: Work, found: Sequence[CaseReport]) -> Standing[CaseReport]:
    """The same of all reports of a case, as they were read."""
    return rule.standing(found, work.policies, work.workdays)


def settle_case(work: Work, case_id: str, *, actor: str = SYSTEM) -> Standing[CaseReport]:
    """Make rewards and answers of the case what its decisions say.

    Call it under the write lock after any change.

    ``actor`` is whose doing it is: an account id, ``reporter`` or ``system``.
    """
    case = settlement.read(work.connection, case_id)
    terms = rule.terms(case.reports, work.policies, work.workdays, work.now)
    award: Award | None = None
    rewarded = _kept(work, case, terms, actor)
    if rewarded is None and terms.first is not None and case.sharers[terms.first.report_id]:
        rewarded = terms.first.report_id
        if not _revived(work, case, terms.first, actor):
            award = _award(case, terms, terms.first)
    _drop_rest(work, case, actor)
    reward_id = settlement.settle(
        work.connection,
        case_id,
        award=award,
        answers=_answers(case, terms, rewarded),
        made_by=actor,
        at=work.now,
        send_after=terms.send_after,
    )
    if award is not None:
        work.record(
            actor,
            Action.REWARD_AWARDED,
            f"case/{case_id}",
            report=award.report_id,
            reward=reward_id,
            amounts_fen=[part.amount_fen for part in award.parts],
        )
    return terms.standing


def join_rewards(work: Work, case_id: str, into_case_id: str, *, actor: str) -> None:
    """After a merge: leave at most one live reward, and have the merged case settled (R14).

    Where both were paid, one stays and the other is a claw-back for operations to decide.
    """
    rewards = [
        reward
        for case in (into_case_id, case_id)
        if (reward := ledger.live_reward(work.connection, case)) is not None
    ]
    if len(rewards) > 1:
        rewards = [_keep_one(work, rewards, standing(work, into_case_id).first, actor)]
    for reward in rewards:
        if reward.live_case_id != into_case_id:
            ledger.set_live_case(work.connection, reward.id, into_case_id)
    settle_case(work, into_case_id, actor=actor)


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

    Raises ForbiddenMove.

    One that only waits may still be changed by its reporter: a refusal would show that it is
    decided and waits for somebody else's report.
    """
    rewards = ledger.rewards_of_report(work.connection, report.id)
    states = {
        share.state for reward in rewards for share in ledger.shares_of(work.connection, reward.id)
    }
    told = [
        notice
        for notice in notices.of_report(work.connection, report.id)
        if notice.kind in (ANSWER, REWARD)
    ]
    if any(notice.attempts for notice in told) or states & {*PAID, ShareState.IN_BATCH}:
        raise ForbiddenMove("report", ReportState.ANSWERED, to)


def set_aside(work: Work, report: ReportRow, to: ReportState) -> None:
    """Take back a decision that nobody was told of, because its reporter changes the report.

    It is verified again.

    ``to`` is what the reporter wants of it. Raises ForbiddenMove as ``require_unanswered`` does.
    """
    require_unanswered(work, report, to)
    decided = case_reports.of_report(work.connection, report.id)
    if decided is None or decided.decision_id is None:
        raise AssertionError(f"report {report.id} is decided without a decision")
    decisions.undo(work.connection, decided.decision_id, work.now)
    reports.move(work.connection, report.id, ReportState.VERIFIED, decided_at=None)
    work.record(
        "reporter", Action.DECISION_SET_ASIDE, f"report/{report.id}", decision=decided.decision_id
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
    shares = ledger.shares_of(work.connection, reward.id)
    return is_due_back(reward, shares, standing(work, case_id))


def is_due_back(reward: RewardRow, shares: Sequence[ShareRow], now: Standing[CaseReport]) -> bool:
    """The same, of what was read: the reward's shares, and where the case of its report stands."""
    if not any(share.state in PAID for share in shares):
        return False
    counts = reward.live_case_id is not None
    return not counts or now.first is None or now.first.report_id != reward.report_id


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


# -- rewards ---------------------------------------------------------------------------------------


def _kept(work: Work, case: Unsettled, terms: Terms[CaseReport], actor: str) -> str | None:
    """The report of the reward that counts and stays; what is not due any more is taken back."""
    if case.live is None:
        return None
    reward, shares = case.live.row, case.live.shares
    due = terms.first is not None and reward.report_id == terms.first.report_id
    if due and not _shared_among_others(case, shares, reward.report_id):
        return reward.report_id
    kept = _take_back(work, reward, actor)
    return None if kept is None else kept.report_id


def _shared_among_others(case: Unsettled, shares: Sequence[ShareRow], report_id: str) -> bool:
    """Whether an uncollected reward is shared among others than its reporters.

    Some were joined or parted since.
    """
    untouched = all(share.state in (ShareState.AWARDED, ShareState.NOTIFIED) for share in shares)
    return untouched and tuple(share.person_id for share in shares) != case.sharers[report_id]


def _award(case: Unsettled, terms: Terms[CaseReport], first: CaseReport) -> Award:
    """The case's reward: shares for the reporters of its first report, each told (R10-R13)."""
    if first.decision_id is None or terms.substance is None:
        raise AssertionError(f"report {first.report_id} is first without a decision")
    people = case.sharers[first.report_id]
    amount_fen = terms.substance.substance.amount_fen
    parts = award(amount_fen, [secrets.token_hex(16) for _ in people])
    slip = [part.amount_fen for part in parts]
    return Award(
        report_id=first.report_id,
        decision_id=first.decision_id,
        amount_fen=amount_fen,
        substance_policy=terms.substance.ref,
        channel=terms.procedure.procedure.default_channel,
        people=people,
        parts=parts,
        facts=tuple(
            {
                "report_number": first.report_number,
                "amount_fen": part.amount_fen,
                "total_fen": sum(slip),
                "slip_fen": slip,
                "collects": part.position == 0,
                "policy": terms.procedure.ref,
            }
            for part in parts
        ),
    )


def _revived(work: Work, case: Unsettled, first: CaseReport, actor: str) -> bool:
    """Let the reward that the report was paid, or forfeited, count again.

    It lost its case to another in a merge.
    """
    for reward in case.past:
        spent = any(share.state in SPENT for share in reward.shares)
        if spent and reward.row.report_id == first.report_id:
            ledger.set_live_case(work.connection, reward.row.id, case.case_id)
            work.record(
                actor,
                Action.REWARD_REVIVED,
                f"reward/{reward.row.id}",
                report=first.report_id,
                case=case.case_id,
            )
            return True
    return False


def _drop_rest(work: Work, case: Unsettled, actor: str) -> None:
    """Cancel what came back from a batch, unpaid, of a reward that counts no more."""
    for reward in case.past:
        rest = [share for share in reward.shares if share.state in OWED]
        if not rest or ledger.reward(work.connection, reward.row.id).live_case_id is not None:
            continue  # nothing is left of it, or it was revived just now
        for share in rest:
            _cancel_share(work, share, actor)
        work.record(
            actor,
            Action.REWARD_CANCELLED,
            f"reward/{reward.row.id}",
            report=reward.row.report_id,
        )


def _take_back(work: Work, reward: RewardRow, actor: str) -> RewardRow | None:
    """Cancel what can be cancelled.

    What is paid, or in a batch that is not settled, keeps the reward alive.
    """
    for share in ledger.shares_of(work.connection, reward.id):
        if share.state in OWED:
            _cancel_share(work, share, actor)
    kept = [s for s in ledger.shares_of(work.connection, reward.id) if s.state not in ledger.ENDED]
    if kept:
        if ledger.doubt(work.connection, reward.id, work.now):
            work.record(
                actor,
                Action.CLAW_BACK_DUE,
                f"reward/{reward.id}",
                report=reward.report_id,
                shares=[share.id for share in kept],
            )
        return reward
    ledger.set_live_case(work.connection, reward.id, None)
    work.record(actor, Action.REWARD_CANCELLED, f"reward/{reward.id}", report=reward.report_id)
    return None


def _cancel_share(work: Work, share: ShareRow, actor: str) -> None:
    owed = transfers.owed(work.connection, share.id)
    ledger.move_share(work.connection, share.id, ShareState.CANCELLED)
    if owed is not None:
        transfers.post(work.connection, cancel(owed), at=work.now, made_by=actor)
    notices.cancel_unsent(work.connection, work.now, kinds=(REWARD,), share_id=share.id)


def _keep_one(
    work: Work, rewards: Sequence[RewardRow], first: CaseReport | None, actor: str
) -> RewardRow:
    """Of two live rewards the paid one stays.

    Of two paid ones the first report's, else the one awarded earlier.
    """

    def rank(reward: RewardRow) -> tuple[bool, bool, datetime]:
        unpaid = not any(
            s.state in (*PAID, ShareState.IN_BATCH)
            for s in ledger.shares_of(work.connection, reward.id)
        )
        return unpaid, first is None or reward.report_id != first.report_id, reward.awarded_at

    kept, *others = sorted(rewards, key=rank)
    for other in others:
        if _take_back(work, other, actor) is not None:
            ledger.set_live_case(
                work.connection, other.id, None
            )  # paid: a claw-back to decide, never a second reward
    return kept


# -- answers ---------------------------------------------------------------------------------------


def _answers(case: Unsettled, terms: Terms[CaseReport], rewarded: str | None) -> tuple[Answer, ...]:
    """What each report's reporters are to hear now, where that is not what they heard last."""
    answers = []
    for report in case.reports:
        people = case.reporters[report.report_id]
        entitled = _can_be_told(report, terms.standing, rewarded)
        if entitled is None:
            answers.append(Answer(report.report_id, people, None))
            continue
        told = case.told[report.report_id]
        if _says_the_same(told, report, entitled):
            continue
        sent = tuple(notice for notice in told if notice.sent_at is not None)
        facts = _answer_facts(report, entitled, terms.procedure, changed=bool(sent))
        # A superseding decision was undone: what was said before is true again.
        again = _says_the_same(sent, report, entitled)
        answers.append(Answer(report.report_id, people, None if again else facts))
    return tuple(answers)


def _can_be_told(
    report: CaseReport, now: Standing[CaseReport], rewarded: str | None
) -> Entitlement | None:
    """The entitlement that the reporter may hear of; None while the answer has to wait.

    Waiting reads "still being checked", so nothing leaves. Who would be first while another's paid
    reward is not clawed back yet waits too.
    """
    entitled = now.entitlements[report.report_id]
    if entitled is Entitlement.WAITING:
        return None
    if entitled is Entitlement.FIRST and rewarded != report.report_id:
        return None
    return entitled


def _says_the_same(told: Sequence[NoticeRow], report: CaseReport, entitled: Entitlement) -> bool:
    if not told:
        return False
    last = told[-1].facts
    return (last["decision_id"], last["entitlement"]) == (report.decision_id, entitled)


def _answer_facts(
    report: CaseReport, entitled: Entitlement, procedure: Policy, *, changed: bool
) -> Mapping[str, object]:
    return {
        "report_number": report.report_number,
        "decision_id": report.decision_id,
        "verdict": report.verdict,
        "reasons": list(report.reasons),
        "entitlement": entitled,
        "changed": changed,
        "rewarded": report.verdict is Verdict.SUBSTANTIATED and entitled is Entitlement.FIRST,
        "policy": procedure.ref,
    }
