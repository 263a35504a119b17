"""What happens to a share at the counter.

The card that is handed over, and the last day (R13). What it is collected against is in
``documents``.
"""

from rewards.award import owe
from rewards.ledger import CARD_STOCK, Reason, Transfer, payable, reversal
from scheme.money import Fen


def hand_over_card(share_id: str, amount_fen: Fen) -> Transfer:
    """A prepaid card handed over is the payment.

    The debt is settled out of the card stock (R10).
    """
    return Transfer(
        id=f"{Reason.CARD_IN_HAND}/{share_id}",
        debit=payable(share_id),
        credit=CARD_STOCK,
        amount_fen=amount_fen,
        reason=Reason.CARD_IN_HAND,
        share_id=share_id,
    )


def forfeit(owed: Transfer) -> Transfer:
    """Not collected in time: the debt falls away (R13). ``owed`` is what made it a debt."""
    return reversal(owed, id=f"{Reason.FORFEIT}/{owed.share_id}", reason=Reason.FORFEIT)


def reinstate(share_id: str, amount_fen: Fen) -> Transfer:
    """Special circumstances, on record and approved by a second person: it is owed again (R13)."""
    return owe(share_id, amount_fen, Reason.REINSTATE)
