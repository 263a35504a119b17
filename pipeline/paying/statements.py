"""Finance's statements: from one day to another, month by month, over the ledger as it stands.

Days are Shanghai's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pipeline.runtime import Work
from pipeline.store import transfers
from rewards import statement as books
from rewards.statement import Statement, follow, statement, to_csv

MOST_MONTHS: Final = 60
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2200


class SpanInvalid(Exception):
    """No span of time for a statement.

    ``reason`` is backwards, too_long (``limit`` months) or no_such_year.
    """

    def __init__(self, reason: str, limit: int = MOST_MONTHS) -> None:
        super().__init__(reason)
        self.reason, self.limit = reason, limit


@dataclass(frozen=True, slots=True)
class Span:
    """A statement and its months, in order.

    ``over``: its last day is; before that the figures can still change.
    """

    whole: Statement
    months: tuple[Statement, ...]
    over: bool

    @property
    def ties(self) -> bool:
        """Whether each month ties, begins as the last ended, and together they are the whole."""
        following = all(
            follow(one, other) for one, other in zip(self.months, self.months[1:], strict=False)
        )
        return self.whole.ties and following and all(month.ties for month in self.months)


def span(work: Work, first_day: date, last_day: date) -> Span:
    """The statement of both days and all between. Raises SpanInvalid."""
    if first_day.year < FIRST_YEAR or last_day.year > LAST_YEAR:
        raise SpanInvalid("no_such_year")
    if last_day < first_day:
        raise SpanInvalid("backwards")
    pieces = _months(first_day, last_day)
    if len(pieces) > MOST_MONTHS:
        raise SpanInvalid("too_long")
    zone = work.policies.procedure_at(work.now).zone
    return Span(
        whole=_statement(work, first_day, last_day, zone),
        months=tuple(_statement(work, first, last, zone) for first, last in pieces),
        over=_midnight_after(last_day, zone) <= work.now,
    )


def as_csv(found: Span, headings: Mapping[str, str]) -> bytes:
    """The months and the whole as CSV. ``headings``: column -> what a person calls it."""
    return to_csv(found.months, found.whole, headings)


def columns() -> tuple[str, ...]:
    """The columns of the statement's CSV, for which whoever shows it has headings."""
    return books.columns()


def _statement(work: Work, first_day: date, last_day: date, zone: ZoneInfo) -> Statement:
    begins, ends = (
        _midnight_after(first_day - timedelta(days=1), zone),
        _midnight_after(last_day, zone),
    )
    return statement(
        first_day,
        last_day,
        opening=transfers.account_balances(work.connection, before=begins),
        closing=transfers.account_balances(work.connection, before=ends),
        moved=transfers.moved_for(work.connection, since=begins, before=ends),
    )


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def _months(first_day: date, last_day: date) -> list[tuple[date, date]]:
    """The days from first to last, cut where a month begins."""
    pieces = []
    while first_day <= last_day:
        next_month = (first_day.replace(day=1) + timedelta(days=31)).replace(day=1)
        end = min(last_day, next_month - timedelta(days=1))
        pieces.append((first_day, end))
        if len(pieces) > MOST_MONTHS:
            break
        first_day = end + timedelta(days=1)
    return pieces
