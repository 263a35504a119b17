"""Account numbers, names and amounts as spreadsheets and banks leave them, held to what was sent.

A spreadsheet rounds a long number (6.22202E+18), drops leading zeros, keeps a tab or an apostrophe;
a bank hides digits (6222****1234). What is lost is never guessed: it is said.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, Self

from rewards.payout import clean, undefused
from rewards.returned_list import Unit
from scheme.money import Fen

FEN_PER_YUAN: Final = 100
MOST_DIGITS: Final = 18
"""Longer amounts are no amounts."""

KEPT_DIGITS: Final = 15
"""So many digits of a number a spreadsheet keeps."""

SURE_DIGITS: Final = 14
"""So many of them no rounding of the last one changes, but where it carries over."""

_HIDING: Final = "*●•×#?"
_HIDDEN: Final = re.compile(r"(?:[*●•×#?]|xx)[*●•×#?x]*")
_HIDDEN_IN_NAMES: Final = re.compile(r"[*●•×?○〇]+")
_ROUNDED: Final = re.compile(r"[0-9](\.[0-9]+)?e\+?[0-9]{1,2}")
_DECORATION: Final = re.compile("['’`\t\"=]")
_AMOUNT: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_AROUND_AMOUNT: Final = re.compile(r"^(?:人民币|rmb|cny)?¥?|(?:元|cny|rmb)?$")


class Likeness(StrEnum):
    """How what is written stands to what was sent.

    ``same`` and ``same_decorated`` have every sign; ``hidden``, ``rounded``, ``zeros_lost`` and
    ``absent`` fit without proving anything; ``other`` is somebody else's.
    """

    SAME = "same"
    SAME_DECORATED = "same_decorated"
    HIDDEN = "hidden"
    ROUNDED = "rounded"
    ZEROS_LOST = "zeros_lost"
    ABSENT = "absent"
    OTHER = "other"

    @property
    def proves(self) -> bool:
        """Whether the account is known by it."""
        return self in (Likeness.SAME, Likeness.SAME_DECORATED)


@dataclass(frozen=True, slots=True)
class WrittenAccount:
    """An account's cell, taken apart once and held to many accounts (as ``plain`` makes them)."""

    digits: str
    decorated: bool
    shown: tuple[str, ...]
    """What shows between hidden digits; empty where nothing is hidden."""
    rounded: tuple[int, int] | None
    """Of a number with an exponent: the number, and what its last kept digit is worth."""

    @classmethod
    def of(cls, cell: str) -> Self:
        """Take the cell apart."""
        digits = plain(undefused(cell))
        shown = tuple(_HIDDEN.split(digits)) if _HIDDEN.search(digits) else ()
        return cls(digits, bool(_DECORATION.search(cell)), shown, _rounded(digits))

    def likeness(self, sent: str) -> Likeness:
        """How the cell stands to an account that was sent."""
        if not self.digits:
            return Likeness.ABSENT
        if self.digits == sent:
            return Likeness.SAME_DECORATED if self.decorated else Likeness.SAME
        if self.shown:
            return Likeness.HIDDEN if _stand_in(self.shown, sent) else Likeness.OTHER
        if self._was_rounded(sent):
            return Likeness.ROUNDED
        zeros_lost = self.digits.isdigit() and self.digits == sent.lstrip("0")
        return Likeness.ZEROS_LOST if zeros_lost else Likeness.OTHER

    def _was_rounded(self, sent: str) -> bool:
        """Whether a spreadsheet makes the cell out of ``sent``."""
        if self.rounded is not None:
            return sent.isdecimal() and _rounds_to(int(sent), *self.rounded)
        if len(sent) <= KEPT_DIGITS or self.digits[:SURE_DIGITS] != sent[:SURE_DIGITS]:
            return False
        kept = sent[:KEPT_DIGITS] + "0" * (len(sent) - KEPT_DIGITS)
        return sent.isdecimal() and self.digits in (kept, str(int(float(sent))))


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A payee's cell. Blanks and widths are touched by banks, signs are not."""

    name: str
    shown: tuple[str, ...]

    @classmethod
    def of(cls, cell: str) -> Self:
        """Take the cell apart."""
        name = plain_name(undefused(cell))
        parts = _HIDDEN_IN_NAMES.split(name) if _HIDDEN_IN_NAMES.search(name) else ()
        return cls(name, tuple(parts))

    def likeness(self, sent: str) -> Likeness:
        """How the cell stands to the name that was sent (as ``plain_name`` makes it)."""
        if not self.name:
            return Likeness.ABSENT
        if self.name == sent:
            return Likeness.SAME
        hidden = bool(self.shown) and _stand_in(self.shown, sent)
        return Likeness.HIDDEN if hidden else Likeness.OTHER


def amount_of(written: str, unit: Unit) -> Fen | None:
    """The amount in fen: ``￥1,234.50``, ``１２３４．５`` or ``50.00元``.

    None for what is no amount: signs, thousands that are not, parts of a fen.
    """
    folded = unicodedata.normalize("NFKC", undefused(written.strip())).casefold()
    text = _AROUND_AMOUNT.sub("", re.sub(r"[\s']", "", folded))
    if len(text) > MOST_DIGITS or not _AMOUNT.fullmatch(text):
        return None
    try:
        amount = Decimal(text.replace(",", "")) * (FEN_PER_YUAN if unit is Unit.YUAN else 1)
    except InvalidOperation:
        return None
    return Fen(int(amount)) if amount == int(amount) else None


def plain(account: str) -> str:
    """An account as it is compared: of a number its digits and hiding signs alone.

    In any other every sign may count, but blanks and what spreadsheets put around a text.
    """
    marked = account.replace("…", "*").replace("尾号", "*")
    folded = unicodedata.normalize("NFKC", marked).casefold()
    if _ROUNDED.fullmatch(folded.strip()):
        return folded.strip()
    number = "".join(sign for sign in folded if sign.isalnum() or sign in _HIDING)
    if not number.strip("0123456789x" + _HIDING):
        return number
    return "".join(folded.split()).strip("'’`\"=")


def plain_name(name: str) -> str:
    """A name as it is compared: of one width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", clean(name)).casefold().split())


def _stand_in(shown: Sequence[str], sent: str) -> bool:
    """Whether the parts that show stand in ``sent``, in order and at its ends; some has to show."""
    signs = sum(map(len, shown))
    if not (0 < signs < len(sent) and sent.startswith(shown[0]) and sent.endswith(shown[-1])):
        return False
    return bool(re.fullmatch(".+".join(re.escape(part) for part in shown), sent))


def _rounds_to(account: int, number: int, worth: int) -> bool:
    """Whether ``account``, rounded or cut off at its digit of that worth, is ``number``.

    Spreadsheets keep it as a binary number first, which may already lie a little beside it.
    """
    beside = int(math.ulp(float(account)))
    return -worth - beside <= 2 * (account - number) < 2 * worth + beside


def _rounded(written: str) -> tuple[int, int] | None:
    if not _ROUNDED.fullmatch(written):
        return None
    number = Decimal(written)
    exponent = int(number.as_tuple().exponent)
    return (int(number), 10**exponent) if exponent >= 0 else None
