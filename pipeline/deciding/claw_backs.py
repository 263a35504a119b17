"""Rewards that were paid and are not due any more: a person decides about each share."""

from pipeline.deciding.case_views import RewardView
from pipeline.deciding.looking import reward_view
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import claw_backs, ledger, reports
from pipeline.store.case_file import FiledReward
from pipeline.store.ledger import RewardRow
from scheme.claw_back import clawed_back
from scheme.staff import Account


def claw_back(work: Work, *, share_id: str, officer: Account, reason: str) -> None:
    """Decide that a wrongly paid share is to be given back.

    Then the rightful first report is rewarded. Raises ShareNotFound and what
    ``scheme.claw_back.clawed_back`` raises.
    """
    paid = claw_backs.read(work.connection, share_id)
    back = clawed_back(paid.reward, share_id, paid.of_case, work.policies, work.workdays, reason)
    claw_backs.claw_back(work.connection, back, officer=officer.account_id, at=work.now)
    awarding.settle_case(work, paid.case_id, actor=officer.account_id)


def claw_backs_due(work: Work) -> tuple[RewardView, ...]:
    """Paid rewards that are not due any more: a decision to make for each of their shares."""
    return tuple(_view(work, reward) for reward in awarding.claw_backs_due(work))


def _view(work: Work, reward: RewardRow) -> RewardView:
    report = reports.by_id(work.connection, reward.report_id)
    with_shares = FiledReward(reward, ledger.shares_of(work.connection, reward.id))
    case_id = report.case_id or reward.case_id
    return reward_view(with_shares, report.report_number or "", case_id, due_back=True)
