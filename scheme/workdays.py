"""Working days, given holidays and shifted working weekends (调休) of the known years."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

SATURDAY = 5


class CalendarGap(Exception):
    """The calendar does not cover ``year``.

    A due date that needs it stays unknown, never guessed (R6).
    """

    def __init__(self, year: int) -> None:
        super().__init__(f"no working-day calendar for {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class Workdays:
    """``holidays``: weekdays off. ``shifted``: Saturdays and Sundays that are worked.

    ``years``: what is covered.

    Of a year that is not covered any weekday may still become a holiday and any weekend day a
    shifted working day. ``most_working`` and ``least_working`` are the two ends of what can be
    published: every due date of the scheme only moves earlier with more working days, so it lies
    between its values under these two.
    """

    holidays: frozenset[date]
    shifted: frozenset[date]
    years: frozenset[int]
    unknown_days_work: bool | None = None
    """What a day of a year that is not covered counts as; None: nobody knows, asking raises
    CalendarGap.
    """

    def most_working(self) -> "Workdays":
        """These days, were every unknown day a working day."""
        return replace(self, unknown_days_work=True)

    def least_working(self) -> "Workdays":
        """These days, were no unknown day a working day.

        CalendarGap beyond the last covered year, without end.
        """
        return replace(self, unknown_days_work=False)

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``. Raises CalendarGap for a year that is not covered."""
        if day.year not in self.years:
            return self._is_working_if_unknown(day)
        return day in self.shifted or (day.weekday() < SATURDAY and day not in self.holidays)

    def is_shifted_weekend(self, day: date) -> bool:
        """Whether ``day`` is a Saturday or Sunday that is worked in exchange for a holiday."""
        return day.weekday() >= SATURDAY and self.is_working(day)

    def after(self, day: date) -> Iterator[date]:
        """The working days after ``day``, in order; ``day`` itself is day 0.

        Raises CalendarGap on the way.
        """
        while True:
            day += timedelta(days=1)
            if self.is_working(day):
                yield day

    def add(self, day: date, working_days: int) -> date:
        """The ``working_days``-th working day after ``day`` (R6, R9).

        Raises CalendarGap, ValueError below 1.
        """
        if working_days < 1:
            raise ValueError(f"cannot add {working_days} working days")
        for count, working_day in enumerate(self.after(day), start=1):
            if count == working_days:
                return working_day
        raise AssertionError("after() never ends")

    def missing_from(self, day: date) -> int:
        """The first year from that of ``day`` on that is not covered."""
        year = day.year
        while year in self.years:
            year += 1
        return year

    def _is_working_if_unknown(self, day: date) -> bool:
        beyond = not self.unknown_days_work and day.year > max(self.years, default=0)
        if self.unknown_days_work is None or beyond:
            raise CalendarGap(day.year)
        return self.unknown_days_work
