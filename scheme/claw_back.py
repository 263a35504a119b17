"""A paid reward that is not due any more: when, and when a share of it is asked back (R14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheme.case import PAID, ShareState
from scheme.money import Fen
from scheme.plain_text import required
from scheme.policy_book import PolicyBook
from scheme.standing import R, Standing, standing
from scheme.workdays import Workdays


class NotDue(Exception):
    """Nothing is to be clawed back: the share is not paid, or its report is still the first."""


class ShareOnRecord(Protocol):
    """One person's part of a reward, as it stands."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def person_id(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def amount_fen(self) -> Fen: ...  # noqa: D102 - as it is called
    @property
    def state(self) -> ShareState: ...  # noqa: D102 - as it is called


class RewardOnRecord(Protocol):
    """A reward; ``live_case_id`` is None where it counts no more."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def report_id(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def live_case_id(self) -> str | None: ...  # noqa: D102 - as it is called
    @property
    def awarded_at(self) -> datetime: ...  # noqa: D102 - as it is called


class RewardWithShares(Protocol):
    """A reward with its shares, first named first."""

    @property
    def row(self) -> RewardOnRecord: ...  # noqa: D102 - as it is called
    @property
    def shares(self) -> Sequence[ShareOnRecord]: ...  # noqa: D102 - as it is called


@dataclass(frozen=True, slots=True)
class ClawBack:
    """A share that is to be given back."""

    share_id: str
    report_id: str
    amount_fen: Fen
    reason: str


def clawed_back(  # noqa: PLR0913, PLR0917 - what it consists of, and what rules it
    reward: RewardWithShares,
    share_id: str,
    of_case: Sequence[R],
    policies: PolicyBook,
    workdays: Workdays,
    reason: str,
) -> ClawBack:
    """Have a wrongly paid share given back.

    ``of_case``: the reports of the case that the reward's report stands in. Raises ReasonRequired,
    NotDue unless the share is paid and its report is not the first any more.
    """
    reason = required(reason)
    (share,) = [share for share in reward.shares if share.id == share_id]
    stands = standing(of_case, policies, workdays)
    if share.state not in PAID or not is_due_back(reward, stands):
        raise NotDue
    return ClawBack(share_id, reward.row.report_id, share.amount_fen, reason)


def is_due_back(reward: RewardWithShares, stands: Standing[R]) -> bool:
    """Whether a paid reward is not due any more: another counts, or another report is the first."""
    if not any(share.state in PAID for share in reward.shares):
        return False
    counts = reward.row.live_case_id is not None
    return not counts or stands.first is None or stands.first.report_id != reward.row.report_id
