"""Rewards that were paid and are not due any more: a person decides about each share."""

from pipeline.deciding.case_views import RewardView
from pipeline.deciding.looking import case_of, reward_view
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import ledger, reports, transfers
from pipeline.store.actions import Action
from pipeline.store.case_file import FiledReward
from pipeline.store.ledger import RewardRow
from rewards.award import claw_back as claw_back_transfer
from scheme.case import PAID, ShareState
from scheme.plain_text import required


class NotDue(Exception):
    """Nothing is to be clawed back: the share is not paid, or its report is still the first."""


def claw_back(work: Work, *, share_id: str, officer: Account, reason: str) -> None:
    """Decide that a wrongly paid share is to be given back.

    Then the rightful first report is rewarded.

    Raises NotDue unless the share is paid and its report is not the first any more, ReasonRequired.
    """
    reason = required(reason)
    share = ledger.share(work.connection, share_id)
    reward = ledger.reward(work.connection, share.reward_id)
    if share.state not in PAID or not awarding.claw_back_is_due(work, reward):
        raise NotDue
    ledger.move_share(work.connection, share_id, ShareState.CLAWED_BACK)
    if share.amount_fen:
        transfer = claw_back_transfer(share_id, share.amount_fen)
        transfers.post(work.connection, transfer, at=work.now, made_by=officer.account_id)
    work.record(
        officer.account_id,
        Action.SHARE_CLAWED_BACK,
        f"share/{share_id}",
        reason=reason,
        report=reward.report_id,
    )
    awarding.settle_case(work, case_of(work, reward.report_id), actor=officer.account_id)
    work.ring("deliver_notices")


def claw_backs_due(work: Work) -> tuple[RewardView, ...]:
    """Paid rewards that are not due any more: a decision to make for each of their shares."""
    return tuple(_view(work, reward) for reward in awarding.claw_backs_due(work))


def _view(work: Work, reward: RewardRow) -> RewardView:
    report = reports.by_id(work.connection, reward.report_id)
    with_shares = FiledReward(reward, ledger.shares_of(work.connection, reward.id))
    case_id = report.case_id or reward.case_id
    return reward_view(with_shares, report.report_number or "", case_id, due_back=True)
