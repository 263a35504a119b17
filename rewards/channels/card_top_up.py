"""Top-up of the person's own transport card.

The number is taken at collection, the payout batch pays (R10).
"""

import re
import unicodedata

from rewards.payout import AccountInvalid, PayoutChannel


def card_number(text: str | None) -> str:
    """The number of a transport card: 8 to 20 digits, leading zeros kept. Raises AccountInvalid."""
    folded = unicodedata.normalize("NFKC", (text or "")[:60])
    number = "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZPC")
    if not number:
        raise AccountInvalid("missing")
    if not re.fullmatch(r"[0-9]+", number):
        raise AccountInvalid("bad_sign")
    if not re.fullmatch(r"[0-9]{8,20}", number):
        raise AccountInvalid("bad_length")
    return number


CHANNEL = PayoutChannel(
    key="card_top_up",
    paid_at_collection=False,
    account_of=card_number,
    columns=("batch", "line", "payee", "card", "amount", "result", "reason"),
    checked=("card", "amount"),
)
