"""What happens to a share at the counter: the document it is collected against, the card, and the last day (R13)."""

import re
import unicodedata
from datetime import date

from rewards.award import owe
from rewards.ledger import CARD_STOCK, Reason, Transfer, payable, reversal
from scheme.money import Fen

ID_CARD_LENGTH = 18
OLD_ID_CARD_LENGTH = 15
LONGEST_DOCUMENT = 40
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"


class DocumentInvalid(ValueError):
    """No valid number of an ID document: ``reason`` is empty, bad_sign, bad_length, old_form, bad_date, bad_check."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)  # never the number itself: texts of errors reach logs
        self.reason = reason


def document_number(text: str) -> str:
    """One canonical form of a resident ID number (GB 11643, check digit and date tested) or a passport number.

    Passports, permits of Hong Kong, Macau and Taiwan: 5 to 17 letters and digits. Raises DocumentInvalid.
    """
    if len(text) > LONGEST_DOCUMENT:
        raise DocumentInvalid("bad_length")
    folded = unicodedata.normalize("NFKC", text).upper()
    number = "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZPC")
    if not number:
        raise DocumentInvalid("empty")
    if not re.fullmatch(r"[0-9A-Z]+", number):
        raise DocumentInvalid("bad_sign")
    if len(number) == OLD_ID_CARD_LENGTH and number.isdigit():
        raise DocumentInvalid("old_form")
    if len(number) == ID_CARD_LENGTH:
        _require_resident_id(number)
    elif not re.fullmatch(r"(?=.*[0-9])[0-9A-Z]{5,17}", number):
        raise DocumentInvalid("bad_length")
    return number


def _require_resident_id(number: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise DocumentInvalid("bad_sign")
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as problem:
        raise DocumentInvalid("bad_date") from problem
    if (
        _CHECK_SIGNS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]
        != number[-1]
    ):
        raise DocumentInvalid("bad_check")


def hand_over_card(share_id: str, amount_fen: Fen) -> Transfer:
    """A prepaid card handed over is the payment: the debt is settled out of the card stock (R10)."""
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
