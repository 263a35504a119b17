"""One mechanism for everything that changes who is first.

Compare what the decisions say with what is promised.

Deciding, undoing, reopening, withdrawing, merging and splitting all end in ``settle_case``. It
never asks what happened: it looks at the whole case, takes back a reward that is not due any more,
awards the one that is, and writes the answers that can be given now. Run twice, it does nothing the
second time.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.runtime import Work
from pipeline.store import cases, joined, ledger, notices, reports
from pipeline.store.actions import Action
from pipeline.store.cases import CaseReport
from pipeline.store.ledger import RewardRow, ShareRow
from pipeline.store.reports import ReportRow
from rewards.award import award, cancel
from rewards.collection import reinstate as owe_again
from scheme.case import ForbiddenMove, ReportState, ShareState
from scheme.deadlines import collect_by, in_time
from scheme.decision import Verdict
from scheme.entitlement import Entitlement, InTime, RankedReport, entitlements
from scheme.policy import Policy
from scheme.workdays import CalendarGap

SYSTEM = "system"
PAID = (ShareState.PAID, ShareState.PAID_IN_HAND)
CANCELLABLE = (ShareState.AWARDED, ShareState.NOTIFIED, ShareState.COLLECTED, ShareState.REINSTATED)
SPENT = (*PAID, ShareState.IN_BATCH, ShareState.FORFEITED)
"""What a report had its turn with: it never gets a second reward beside such a share."""
ANSWER, REWARD = "answer", "reward"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: its reports in order of receipt, and what each is entitled to (None: undecided)."""

    reports: tuple[CaseReport, ...]
    entitlements: Mapping[str, Entitlement | None]
    windows: Mapping[str, InTime]
    """Whether each report's material reached us in time (R6)."""

    @property
    def first(self) -> CaseReport | None:
        """The report that the reward of this case goes to."""
        return next(
            (r for r in self.reports if self.entitlements[r.report_id] is Entitlement.FIRST), None
        )


def standing(work: Work, case_id: str) -> Standing:
    """Who is first, by rule, from the decisions as they are now (R6, R11)."""
    return standing_of(work, cases.reports_of_case(work.connection, case_id))


def standing_of(work: Work, found: Sequence[CaseReport]) -> Standing:
    """The same of all reports of a case, as they were read."""
    windows = {report.report_id: window_of(work, report) for report in found}
    ranked = [
        RankedReport(
            report_id=report.report_id,
            receipt_seq=report.receipt_seq,
            verdict=report.verdict,
            in_time=windows[report.report_id],
            withdrawn=report.state is ReportState.WITHDRAWN,
            excluded=report.excluded,
        )
        for report in found
    ]
    return Standing(tuple(found), entitlements(ranked), windows)


def settle_case(work: Work, case_id: str, *, actor: str = SYSTEM) -> Standing:
    """Make rewards and answers of the case what its decisions say.

    Call it under the write lock after any change.

    ``actor`` is whose doing it is: an account id, ``reporter`` or ``system``.
    """
    now = standing(work, case_id)
    live = ledger.live_reward(work.connection, case_id)
    if live is not None and (
        now.first is None
        or live.report_id != now.first.report_id
        or _shared_among_others(work, live)
    ):
        live = _take_back(work, live, actor)
    if live is None and now.first is not None and _sharers(work, now.first.report_id):
        if not _revive(work, case_id, now.first, actor):
            _award(work, case_id, now.first, actor)
        live = ledger.live_reward(work.connection, case_id)
    _drop_rest(work, case_id, actor)
    for report in now.reports:
        _tell(work, report, _can_be_told(report, now, live))
    return now


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
    """Owe again what was forfeited of a reward, by two people and for a reason, which go on record (R13)."""
    forfeited = [
        share
        for share in ledger.shares_of(work.connection, reward.id)
        if share.state is ShareState.FORFEITED
    ]
    for share in forfeited:
        ledger.move_share(work.connection, share.id, ShareState.REINSTATED)
        if share.amount_fen:
            again = owe_again(share.id, share.amount_fen)
            ledger.post(work.connection, again, at=work.now, made_by=approved_by)
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
    decided = cases.report_in_case(work.connection, report.id)
    if decided is None or decided.decision_id is None:
        raise AssertionError(f"report {report.id} is decided without a decision")
    cases.undo_decision(work.connection, decided.decision_id, work.now)
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


def is_due_back(reward: RewardRow, shares: Sequence[ShareRow], now: Standing) -> bool:
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
    if report.substance_policy is not None:
        return work.policies.by_ref(report.substance_policy)
    return work.policies.substance_at(report.violated_at or report.received_at)


def window_of(work: Work, report: CaseReport) -> InTime:
    """Whether the report's material reached us in time (R6).

    As two people have ruled, else as the calendar says.
    """
    if report.ruled is not None and report.ruled.about == report.violated_at:
        return InTime.YES if report.ruled.in_time else InTime.NO
    return window_by_calendar(work, report)


def window_by_calendar(work: Work, report: CaseReport) -> InTime:
    """Whether the report's material reached us in time, whatever anybody has ruled (R6)."""
    if report.violated_at is None:
        return InTime.UNKNOWN
    reached_us_at = report.submitted_to_us_at or report.received_at
    return in_time(
        report.violated_at, reached_us_at, report.channel, substance_of(work, report), work.workdays
    )


# -- rewards ---------------------------------------------------------------------------------------


def _award(work: Work, case_id: str, first: CaseReport, actor: str) -> None:
    """The case's reward: shares for the reporters of its first report, each owed to them, each told (R10-R12)."""
    if first.decision_id is None:
        raise AssertionError(f"report {first.report_id} is first without a decision")
    substance, procedure = substance_of(work, first), work.policies.procedure_at(work.now)
    people = _sharers(work, first.report_id)
    parts = award(substance.substance.amount_fen, [secrets.token_hex(16) for _ in people])
    reward_id = ledger.add_reward(
        work.connection,
        case_id=case_id,
        report_id=first.report_id,
        decision_id=first.decision_id,
        amount_fen=substance.substance.amount_fen,
        substance_policy=substance.ref,
        channel=procedure.procedure.default_channel,
        at=work.now,
        people=people,
        parts=parts,
    )
    for part in parts:
        if part.transfer is not None:
            ledger.post(work.connection, part.transfer, at=work.now, made_by=actor)
    work.record(
        actor, Action.REWARD_AWARDED, f"case/{case_id}", report=first.report_id, reward=reward_id,
        amounts_fen=[part.amount_fen for part in parts],
    )  # fmt: skip
    _announce(work, first, ledger.shares_of(work.connection, reward_id), procedure)


def _sharers(work: Work, report_id: str) -> tuple[str, ...]:
    """Who shares the reward of a report.

    All who reported and were not erased, each human once (R12).
    """
    return joined.apart(work.connection, reports.person_ids(work.connection, report_id))


def _shared_among_others(work: Work, reward: RewardRow) -> bool:
    """Whether an uncollected reward is shared among others than its reporters.

    Some were joined or parted since.
    """
    shares = ledger.shares_of(work.connection, reward.id)
    untouched = all(share.state in (ShareState.AWARDED, ShareState.NOTIFIED) for share in shares)
    return untouched and tuple(share.person_id for share in shares) != _sharers(
        work, reward.report_id
    )


def _revive(work: Work, case_id: str, first: CaseReport, actor: str) -> bool:
    """Let the reward that the report was paid, or forfeited, count again.

    It lost its case to another in a merge.
    """
    for reward in ledger.rewards_of_report(work.connection, first.report_id):
        if any(share.state in SPENT for share in ledger.shares_of(work.connection, reward.id)):
            ledger.set_live_case(work.connection, reward.id, case_id)
            work.record(
                actor,
                Action.REWARD_REVIVED,
                f"reward/{reward.id}",
                report=first.report_id,
                case=case_id,
            )
            return True
    return False


def _drop_rest(work: Work, case_id: str, actor: str) -> None:
    """Cancel what came back from a batch, unpaid, of a reward that counts no more."""
    for reward in ledger.rewards_of_case(work.connection, case_id):
        if reward.live_case_id is None:
            shares = ledger.shares_of(work.connection, reward.id)
            rest = [share for share in shares if share.state in CANCELLABLE]
            for share in rest:
                _cancel_share(work, share, actor)
            if rest:
                work.record(
                    actor, Action.REWARD_CANCELLED, f"reward/{reward.id}", report=reward.report_id
                )


def _announce(
    work: Work, report: CaseReport, shares: Sequence[ShareRow], procedure: Policy
) -> None:
    """How much, when, where and with what document.

    To each, the first named with everybody's shares (R12, R13).
    """
    slip = [share.amount_fen for share in shares]
    for share in shares:
        facts = {
            "report_number": report.report_number,
            "amount_fen": share.amount_fen,
            "total_fen": sum(slip),
            "slip_fen": slip,
            "collects": share.position == 0,
            "policy": procedure.ref,
        }
        notices.write(
            work.connection,
            kind=REWARD,
            report_id=report.report_id,
            person_id=share.person_id,
            share_id=share.id,
            facts=facts,
            at=work.now,
            send_after=_after_undo(work),
        )


def _take_back(work: Work, reward: RewardRow, actor: str) -> RewardRow | None:
    """Cancel what can be cancelled.

    What is paid, or in a batch that is not settled, keeps the reward alive.
    """
    for share in ledger.shares_of(work.connection, reward.id):
        if share.state in CANCELLABLE:
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
    owed = ledger.owed(work.connection, share.id)
    ledger.move_share(work.connection, share.id, ShareState.CANCELLED)
    if owed is not None:
        ledger.post(work.connection, cancel(owed), at=work.now, made_by=actor)
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


def _can_be_told(report: CaseReport, now: Standing, live: RewardRow | None) -> Entitlement | None:
    """The entitlement that the reporter may hear of; None while the answer has to wait.

    Waiting reads "still being checked", so nothing leaves. Who would be first while another's paid
    reward is not clawed back yet waits too.
    """
    entitled = now.entitlements[report.report_id]
    if entitled is Entitlement.WAITING:
        return None
    if entitled is Entitlement.FIRST and (live is None or live.report_id != report.report_id):
        return None
    return entitled


def _tell(work: Work, report: CaseReport, entitled: Entitlement | None) -> None:
    """Write the report's answer to each of its reporters, unless the last one said the same."""
    if entitled is None:
        notices.cancel_unsent(
            work.connection, work.now, kinds=(ANSWER,), report_id=report.report_id
        )
        return
    told = notices.of_report(work.connection, report.report_id, ANSWER)
    if told and (told[-1].facts["decision_id"], told[-1].facts["entitlement"]) == (
        report.decision_id,
        entitled,
    ):
        return
    notices.cancel_unsent(work.connection, work.now, kinds=(ANSWER,), report_id=report.report_id)
    told = tuple(notice for notice in told if notice.sent_at is not None)
    if told and (told[-1].facts["decision_id"], told[-1].facts["entitlement"]) == (
        report.decision_id,
        entitled,
    ):
        return  # a superseding decision was undone: what was said before is true again
    facts = {
        "report_number": report.report_number,
        "decision_id": report.decision_id,
        "verdict": report.verdict,
        "reasons": list(report.reasons),
        "entitlement": entitled,
        "changed": bool(told),
        "rewarded": report.verdict is Verdict.SUBSTANTIATED and entitled is Entitlement.FIRST,
        "policy": work.policies.procedure_at(work.now).ref,
    }
    for person_id in reports.person_ids(work.connection, report.report_id):
        notices.write(
            work.connection,
            kind=ANSWER,
            report_id=report.report_id,
            person_id=person_id,
            share_id=None,
            facts=facts,
            at=work.now,
            send_after=_after_undo(work),
        )


def _after_undo(work: Work) -> datetime:
    """Nothing leaves while the decision behind it can be undone."""
    return work.now + timedelta(seconds=work.policies.procedure_at(work.now).procedure.undo_seconds)
