"""A statement of a span of time.

For each book what it held, what moved it and why, and what it holds; it must tie.

Opening and closing are what the accounts held; the lines are what was moved for a reason. The two
are added up apart, so that a statement that ties says something.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from rewards.ledger import CARD_STOCK, FUND, IN_PAYOUT, PAYABLE, RECOVERABLE, Reason
from scheme.money import Fen, yuan


@dataclass(frozen=True, slots=True)
class BookPlan:
    """Which accounts a book adds up, and what each reason adds to it.

    ``sign`` -1: what we owe reads as positive.
    """

    accounts: tuple[str, ...]
    sign: int
    lines: Mapping[Reason, int]


BOOKS: Mapping[str, BookPlan] = MappingProxyType(
    {
        "owed": BookPlan(
            (PAYABLE, IN_PAYOUT),
            -1,
            {
                Reason.AWARD: 1,
                Reason.REINSTATE: 1,
                Reason.CARD_IN_HAND: -1,
                Reason.PAID: -1,
                Reason.FORFEIT: -1,
                Reason.CANCEL: -1,
            },
        ),
        "fund": BookPlan((FUND,), 1, {Reason.DEPOSIT: 1, Reason.STOCK: -1, Reason.PAID: -1}),
        "card_stock": BookPlan((CARD_STOCK,), 1, {Reason.STOCK: 1, Reason.CARD_IN_HAND: -1}),
        "recoverable": BookPlan((RECOVERABLE,), 1, {Reason.CLAW_BACK: 1}),
    }
)
"""What finance answers for. Taking a share into a batch and back moves nothing of what is owed."""


@dataclass(frozen=True, slots=True)
class Book:
    """One book over the span. ``lines``: reason -> fen, minus where it takes away."""

    key: str
    opening: Fen
    lines: Mapping[Reason, Fen]
    closing: Fen

    @property
    def ties(self) -> bool:
        """Whether what moved explains the difference."""
        return self.opening + sum(self.lines.values()) == self.closing


@dataclass(frozen=True, slots=True)
class Statement:
    """The books from the beginning of ``first_day`` to the end of ``last_day``."""

    first_day: date
    last_day: date
    books: tuple[Book, ...]

    @property
    def ties(self) -> bool:
        """Whether every book does."""
        return all(book.ties for book in self.books)


def statement(
    first_day: date,
    last_day: date,
    *,
    opening: Mapping[str, int],
    closing: Mapping[str, int],
    moved: Mapping[Reason, Fen],
) -> Statement:
    """Put the books together: the accounts before and after, and what moved between."""
    return Statement(
        first_day,
        last_day,
        tuple(
            Book(
                key=key,
                opening=_held(plan, opening),
                lines={
                    reason: Fen(sign * moved.get(reason, 0)) for reason, sign in plan.lines.items()
                },
                closing=_held(plan, closing),
            )
            for key, plan in BOOKS.items()
        ),
    )


def follow(earlier: Statement, later: Statement) -> bool:
    """Whether the later statement begins with what the earlier one ended with."""
    return [book.closing for book in earlier.books] == [book.opening for book in later.books]


def to_csv(months: Sequence[Statement], whole: Statement, headings: Mapping[str, str]) -> bytes:
    """A row a month and a last one for the whole, as CSV (UTF-8 with a byte-order mark, CRLF).

    ``headings``: column -> what a person calls it. Every cell is a day, a number or a word of ours.
    """
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(f"{headings.get(column, '')} {column}".strip() for column in columns())
    for one in (*months, whole):
        writer.writerow(_cells(one))
    return sheet.getvalue().encode("utf-8-sig")


def columns() -> tuple[str, ...]:
    """The columns of the CSV: ``owed.opening`` … ``owed.closing``, each book's, and ``ties``."""
    return (
        "first_day",
        "last_day",
        *(
            f"{key}.{line}"
            for key, plan in BOOKS.items()
            for line in ("opening", *plan.lines, "closing")
        ),
        "ties",
    )


def _cells(one: Statement) -> list[str]:
    amounts = [
        fen for book in one.books for fen in (book.opening, *book.lines.values(), book.closing)
    ]
    return [
        one.first_day.isoformat(),
        one.last_day.isoformat(),
        *(yuan(fen) for fen in amounts),
        "yes" if one.ties else "no",
    ]


def _held(plan: BookPlan, accounts: Mapping[str, int]) -> Fen:
    return Fen(
        plan.sign
        * sum(fen for account, fen in accounts.items() if account.startswith(plan.accounts))
    )
