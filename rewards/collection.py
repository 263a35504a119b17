"""What happens to a share at the counter.

The document it is collected against, the card, and the last day (R13).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rewards.award import owe
from rewards.ledger import CARD_STOCK, Reason, Transfer, payable, reversal
from scheme.money import Fen

ID_CARD_LENGTH = 18
OLD_ID_CARD_LENGTH = 15
LONGEST_DOCUMENT = 40
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"


class DocumentKind(StrEnum):
    """What may be shown: an 18-digit resident ID (permits of residence too), or what has another number."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Document:
    """An ID document by kind and canonical number.

    ``repr`` hides the number, because it reaches logs.
    """

    kind: DocumentKind
    number: str = field(repr=False)


class DocumentInvalid(ValueError):
    """No valid number of an ID document.

    ``reason`` is empty, bad_kind, bad_sign, bad_length, old_form, bad_date, bad_check.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)  # never the number itself: texts of errors reach logs
        self.reason = reason


def document(text: str, kind: str = "") -> Document:
    """The document of that number.

    A resident ID (GB 11643, check digit, date), else 5 to 17 letters and digits.

    Without a ``kind`` 18 signs are a resident ID and everything else is a passport. Raises
    DocumentInvalid.
    """
    number = _canonical_number(text)
    resident = len(number) == ID_CARD_LENGTH
    if kind and kind not in [*DocumentKind]:
        raise DocumentInvalid("bad_kind")
    if kind == DocumentKind.RESIDENT_ID and not resident:
        raise DocumentInvalid("bad_length")
    if resident and kind in ("", DocumentKind.RESIDENT_ID):
        _require_resident_id(number)
        return Document(DocumentKind.RESIDENT_ID, number)
    if not re.fullmatch(r"(?=.*[0-9])[0-9A-Z]{5,17}", number):
        raise DocumentInvalid("bad_length")
    return Document(DocumentKind(kind) if kind else DocumentKind.PASSPORT, number)


def _canonical_number(text: str) -> str:
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
    return number


def _require_resident_id(number: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise DocumentInvalid("bad_sign")
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as problem:
        raise DocumentInvalid("bad_date") from problem
    if (
        _CHECK_SIGNS[
            sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11
        ]
        != number[-1]
    ):
        raise DocumentInvalid("bad_check")


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
