"""Whether a person can be erased: nobody has to reach, pay or answer them any more (P22)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic

from scheme.case import OWED, ReportState, ShareState
from scheme.claw_back import RewardWithShares, is_due_back
from scheme.policy_book import PolicyBook
from scheme.standing import R, standing
from scheme.workdays import Workdays

ON_ITS_WAY: Final = (*OWED, ShareState.IN_BATCH)
"""Money that is to reach somebody: a share in a batch that is not settled is one of them."""

OVER: Final = (ReportState.ANSWERED, ReportState.WITHDRAWN)


class MoneyOwed(Exception):
    """A reward of the person is not paid, forfeited or cancelled yet, or is to be given back.

    ``report_numbers``.
    """

    def __init__(self, report_numbers: Collection[str]) -> None:
        super().__init__(", ".join(report_numbers))
        self.report_numbers = ", ".join(report_numbers)


class CaseOpen(Exception):
    """A report of the person is not answered yet: ``report_numbers``."""

    def __init__(self, report_numbers: Collection[str]) -> None:
        super().__init__(", ".join(report_numbers))
        self.report_numbers = ", ".join(report_numbers)


@dataclass(frozen=True, slots=True)
class Sent(Generic[R]):
    """A report that the person has sent, with its rewards and the reports of its case."""

    report_number: str
    state: ReportState
    rewards: tuple[RewardWithShares, ...]
    of_case: tuple[R, ...]


def require_nothing_open(sent: Iterable[Sent[R]], policies: PolicyBook, workdays: Workdays) -> None:
    """Refuse while somebody still has to reach, pay or answer the person.

    Raises CaseOpen, MoneyOwed.
    """
    reports = tuple(sent)
    unanswered = [report.report_number for report in reports if report.state not in OVER]
    if unanswered:
        raise CaseOpen(unanswered)
    unpaid = [
        report.report_number
        for report in reports
        if _is_on_its_way(report.rewards) or _is_to_be_given_back(report, policies, workdays)
    ]
    if unpaid:
        raise MoneyOwed(unpaid)


def _is_on_its_way(rewards: Sequence[RewardWithShares]) -> bool:
    return any(share.state in ON_ITS_WAY for reward in rewards for share in reward.shares)


def _is_to_be_given_back(report: Sent[R], policies: PolicyBook, workdays: Workdays) -> bool:
    if not report.rewards:
        return False
    stands = standing(report.of_case, policies, workdays)
    return any(is_due_back(reward, stands) for reward in report.rewards)
