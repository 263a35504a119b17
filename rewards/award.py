"""From a reward to what each of the first report is owed, back when one falls (R10-R12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewards.ledger import REWARD_EXPENSE, Reason, Transfer, payable, recoverable, reversal
from scheme.money import Fen, share_evenly


@dataclass(frozen=True, slots=True)
class Part:
    """One share of a reward. ``position`` 0 is the first named, who collects for all (R12)."""

    share_id: str
    position: int
    amount_fen: Fen
    transfer: Transfer | None
    """None for a share of 0 fen: more people than fen."""


def award(amount_fen: Fen, share_ids: Sequence[str]) -> tuple[Part, ...]:
    """Share ``amount_fen`` among as many people as ``share_ids``, in the order they are named."""
    amounts = share_evenly(amount_fen, len(share_ids))
    return tuple(
        Part(share_id, position, amount, owe(share_id, amount, Reason.AWARD) if amount else None)
        for position, (share_id, amount) in enumerate(zip(share_ids, amounts, strict=True))
    )


def owe(share_id: str, amount_fen: Fen, reason: Reason) -> Transfer:
    """The share becomes a debt of ours: by award, or by reinstatement after it was forfeited."""
    return Transfer(
        id=f"{reason}/{share_id}",
        debit=REWARD_EXPENSE,
        credit=payable(share_id),
        amount_fen=amount_fen,
        reason=reason,
        share_id=share_id,
    )


def cancel(owed: Transfer) -> Transfer:
    """The share is not owed after all: its decision was superseded.

    ``owed`` is what made it a debt.
    """
    return reversal(owed, id=f"{Reason.CANCEL}/{owed.share_id}", reason=Reason.CANCEL)


def claw_back(share_id: str, amount_fen: Fen) -> Transfer:
    """What was paid wrongly is to be given back: no expense any more, but a claim on the person."""
    return Transfer(
        id=f"{Reason.CLAW_BACK}/{share_id}",
        debit=recoverable(share_id),
        credit=REWARD_EXPENSE,
        amount_fen=amount_fen,
        reason=Reason.CLAW_BACK,
        share_id=share_id,
    )
