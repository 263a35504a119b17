"""A prepaid card handed over at the counter.

Handing it over is the payment, so it never stands in a batch (R10).
"""

from rewards.payout import PayoutChannel

CHANNEL = PayoutChannel(
    key="card_in_hand",
    names={"zh": "当面交付交通卡", "en": "Prepaid card in hand"},
    paid_at_collection=True,
)
