"""A prepaid card handed over at the counter.

Handing it over is the payment, so it never stands in a batch (R10).
"""

from rewards.payout import PayoutChannel


def no_account(_text: str | None) -> None:
    """Nothing is asked for: the card itself is the money."""
    return


CHANNEL = PayoutChannel(key="card_in_hand", paid_at_collection=True, account_of=no_account)
