"""Receipts: the order of receipt, the public number that says nothing of it, and the secret code.

A number is the day and six random digits, so it tells no order within a day, and a check digit
against slips.
"""

import secrets
import unicodedata
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from pipeline.store.counters import next_number
from pipeline.store.tables import reports

COUNTER: Final = "receipt_seq"
CODE_DIGITS: Final = 16
RANDOM_DIGITS: Final = 6
NUMBER_DIGITS: Final = 15
MOST_TRIES: Final = 200


class NumbersExhausted(Exception):
    """No free number was found for this day: nearly a million receipts."""


def next_in_order(connection: Connection) -> int:
    """The next ``receipt_seq``, under the write lock: who comes first (R11).

    Never shown to anybody.
    """
    return next_number(connection, COUNTER)


def new_report_number(connection: Connection, day: date) -> str:
    """A free public number such as ``20260311-4821073``. Raises NumbersExhausted."""
    for _ in range(MOST_TRIES):
        digits = f"{day:%Y%m%d}{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}}"
        number = _written(digits + _check_digit(digits))
        if (
            connection.execute(
                select(reports.c.id).where(reports.c.report_number == number)
            ).first()
            is None
        ):
            return number
    raise NumbersExhausted(str(day))


def canonical_report_number(text: str) -> str | None:
    """The number as it is stored, from what a person typed.

    None when no report can have it (a slip, nonsense).
    """
    digits = _digits(text)
    if len(digits) != NUMBER_DIGITS or _check_digit(digits[:-1]) != digits[-1]:
        return None
    return _written(digits)


def new_code() -> str:
    """A secret code: 16 random digits, shown once."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def canonical_code(text: str) -> str:
    """The code from what a person typed: spaces, dashes and full-width digits do not matter."""
    return _digits(text)


def _digits(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:100])
    return "".join(
        str(unicodedata.digit(sign)) for sign in folded if unicodedata.digit(sign, None) is not None
    )


def _written(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:]}"


def _check_digit(digits: str) -> str:
    """Luhn: finds every wrong digit and nearly every pair of swapped ones."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 - place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004 - the sum of the two digits
    return str(-total % 10)
