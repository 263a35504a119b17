"""What a channel pays to: a kind of account says how one is typed, kept, masked and compared."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType

AccountText = NewType("AccountText", str)
"""An account in its one form: the values of its parts, a line each. Sealed and frozen so."""

LONGEST_TYPED: Final = 60
KEEP_DIGITS: Final = 4
FALLBACK: Final = "en"
KEY: Final = r"[a-z][a-z0-9_]{0,19}"
_BETWEEN: Final = "\n"


class Wrong(StrEnum):
    """What is the matter with a part of an account as it was typed."""

    MISSING = "missing"
    BAD_SIGN = "bad_sign"
    BAD_LENGTH = "bad_length"
    BAD_CHECK = "bad_check"


class AccountInvalid(ValueError):
    """An account that the channel can't pay to.

    ``reason`` is one of ``Wrong``, ``field`` the part that it is about.
    """

    def __init__(self, reason: Wrong, field: str = "") -> None:
        super().__init__(reason)  # never the number itself
        self.reason, self.field = reason, field


def require_key(key: str) -> None:
    """Raise ValueError for what the database can't keep beside a share."""
    if not re.fullmatch(KEY, key):
        raise ValueError(f"{key!r} is no key: up to 20 small letters, digits and '_'")


def require_english(what: str, names: Mapping[str, str]) -> None:
    """Raise ValueError for names without the one that is said where a language lacks its own."""
    if FALLBACK not in names:
        raise ValueError(f"{what}: its names lack English")


def masked(text: str, keep: int) -> str:
    """``masked("123456789", 4)`` -> ``"*****6789"``."""
    hidden = max(0, len(text) - keep)
    return "*" * hidden + text[hidden:]


def last_digits(value: str) -> str:
    """What finance sees of a number before the export."""
    return masked(value, KEEP_DIGITS)


def same_but_blanks(read: str, kept: str) -> bool:
    """Spreadsheets and banks touch blanks, never signs."""
    return read.split() == kept.split()


def digits(text: str, shortest: int, longest: int) -> str:
    """A number as people type it, with blanks and dashes, in digits only; leading zeros stay.

    Raises AccountInvalid.
    """
    folded = unicodedata.normalize("NFKC", text[:LONGEST_TYPED])
    number = "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZPC")
    if not number:
        raise AccountInvalid(Wrong.MISSING)
    if not re.fullmatch(r"[0-9]+", number):
        raise AccountInvalid(Wrong.BAD_SIGN)
    if not shortest <= len(number) <= longest:
        raise AccountInvalid(Wrong.BAD_LENGTH)
    return number


@dataclass(frozen=True, slots=True)
class AccountPart:
    """One value of an account: a field at the counter and a column of the list.

    ``names`` and ``hints`` are by language, English always among them. ``kept`` brings what was
    typed into its one form or raises AccountInvalid; ``same`` compares what a result list says with
    what is kept.
    """

    field: str
    column: str
    names: Mapping[str, str]
    kept: Callable[[str], str]
    hints: Mapping[str, str] = attribute(default_factory=lambda: MappingProxyType({}))
    masked: Callable[[str], str] = last_digits
    same: Callable[[str, str], bool] = same_but_blanks

    def __post_init__(self) -> None:
        require_english(self.field, self.names)

    def heading(self, language: str) -> str:
        """What its column is called in a language, in English where that has no word for it."""
        return self.names.get(language, self.names[FALLBACK])


@dataclass(frozen=True, slots=True)
class AccountKind:
    """A kind of account. ``key`` stands beside every account of it, and binds its sealing."""

    key: str
    parts: tuple[AccountPart, ...]

    def __post_init__(self) -> None:
        require_key(self.key)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it fills in its channel's list."""
        return tuple(part.column for part in self.parts)

    def account(self, typed: Mapping[str, str]) -> AccountText:
        """The account out of what was typed, field by field. Raises AccountInvalid."""
        return AccountText(_BETWEEN.join(_value(part, typed) for part in self.parts))

    def cells(self, account: AccountText) -> Mapping[str, str]:
        """Column -> its value."""
        return dict(zip(self.columns, account.split(_BETWEEN), strict=True))

    def shown(self, account: AccountText) -> str:
        """The whole account, for people who may see it."""
        return " · ".join(account.split(_BETWEEN))

    def masked(self, account: AccountText) -> str:
        """The account as finance sees it before the export."""
        values = zip(self.parts, account.split(_BETWEEN), strict=True)
        return " · ".join(part.masked(value) for part, value in values)

    def same(self, column: str, read: str, kept: str) -> bool:
        """Whether a result list names this account in that column."""
        return next(part for part in self.parts if part.column == column).same(read, kept)


def _value(part: AccountPart, typed: Mapping[str, str]) -> str:
    try:
        value = part.kept(typed.get(part.field, ""))
    except AccountInvalid as problem:
        raise AccountInvalid(problem.reason, part.field) from problem
    if _BETWEEN in value:
        raise AssertionError(f"{part.field}: a value is one line")
    return value
