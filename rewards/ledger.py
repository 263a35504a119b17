"""Double entry in fen: the accounts, what a transfer is, and what the accounts hold.

Transfers are only ever added. A mistake is corrected by a reversal that names what it takes back,
and a transfer's id is its idempotency key: the same step can never count twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheme.money import Fen

FUND = "fund"
"""Money that the scheme has at the bank."""
REWARD_EXPENSE = "reward_expense"
CARD_STOCK = "card_stock"
"""Prepaid cards in the counter's drawer, by face value (R10)."""
GROUP = "group"
"""Where the fund's money comes from: the bus group."""
PAYABLE, IN_PAYOUT, RECOVERABLE = "payable/", "in_payout/", "recoverable/"


class Reason(StrEnum):
    """Why money moved; ``reason`` of a transfer."""

    DEPOSIT = "deposit"
    STOCK = "stock"
    AWARD = "award"
    CANCEL = "cancel"
    FORFEIT = "forfeit"
    REINSTATE = "reinstate"
    CARD_IN_HAND = "card_in_hand"
    BATCH = "batch"
    UNBATCH = "unbatch"
    FAILED = "failed"
    PAID = "paid"
    CLAW_BACK = "claw_back"


def payable(share_id: str) -> str:
    """What is owed for one share."""
    return PAYABLE + share_id


def in_payout(batch_id: str) -> str:
    """What lies in one payout batch until the bank has answered."""
    return IN_PAYOUT + batch_id


def recoverable(share_id: str) -> str:
    """What somebody was paid and has to give back."""
    return RECOVERABLE + share_id


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement: ``amount_fen`` leaves ``credit`` and arrives at ``debit``.

    ``id`` is the idempotency key.
    """

    id: str
    debit: str
    credit: str
    amount_fen: Fen
    reason: Reason
    share_id: str | None = None
    batch_id: str | None = None
    reverses: str | None = None

    def __post_init__(self) -> None:
        if self.amount_fen <= 0:
            raise ValueError(f"{self.id}: {self.amount_fen} fen is no movement")
        if self.debit == self.credit:
            raise ValueError(f"{self.id}: from and to {self.debit}")


def reversal(transfer: Transfer, *, id: str, reason: Reason) -> Transfer:  # noqa: A002  # the field's own name
    """The transfer that takes ``transfer`` back, in full."""
    return Transfer(
        id=id,
        debit=transfer.credit,
        credit=transfer.debit,
        amount_fen=transfer.amount_fen,
        reason=reason,
        share_id=transfer.share_id,
        batch_id=transfer.batch_id,
        reverses=transfer.id,
    )


def deposit(key: str, amount_fen: Fen) -> Transfer:
    """Money from the group into the fund.

    ``key`` is the reference of the payment: the same one never counts twice.
    """
    return Transfer(f"deposit/{key}", FUND, GROUP, amount_fen, Reason.DEPOSIT)


def stock(key: str, amount_fen: Fen) -> Transfer:
    """Prepaid cards bought from the fund, by face value."""
    return Transfer(f"stock/{key}", CARD_STOCK, FUND, amount_fen, Reason.STOCK)


def balances(transfers: Iterable[Transfer]) -> Mapping[str, int]:
    """Account -> debits less credits in fen; accounts that came out even are left in.

    The sum is zero, or it raises.
    """
    held: defaultdict[str, int] = defaultdict(int)
    for transfer in transfers:
        held[transfer.debit] += transfer.amount_fen
        held[transfer.credit] -= transfer.amount_fen
    require_zero_sum(held)
    return dict(held)


def require_zero_sum(held: Mapping[str, int]) -> None:
    """Raise AssertionError unless the accounts sum to zero.

    Anything else is a bug, never bad input.
    """
    total = sum(held.values())
    if total != 0:
        raise AssertionError(f"the ledger is off by {total} fen")
