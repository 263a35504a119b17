"""Top-up of the person's own transport card.

The number is taken at collection, the payout batch pays (R10).
"""

from functools import partial

from rewards.accounts import AccountKind, AccountPart, digits
from rewards.payout import PayoutChannel

CARD = AccountKind(
    key="card",
    parts=(
        AccountPart(
            field="card_number",
            column="card",
            names={"zh": "交通卡号", "en": "Transport card number"},
            hints={
                "zh": "卡背面的数字，可含空格",
                "en": "The digits on the back; blanks do no harm",
            },
            kept=partial(digits, shortest=8, longest=20),
        ),
    ),
)

CHANNEL = PayoutChannel(
    key="card_top_up",
    names={"zh": "交通卡充值", "en": "Transport card top-up"},
    account=CARD,
    columns=("batch", "line", "payee", "card", "amount", "result", "reason"),
)
