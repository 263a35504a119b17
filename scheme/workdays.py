"""Working days, given the published holidays and shifted working weekends (调休) of the years that are known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5


class CalendarGap(Exception):
    """The calendar does not cover ``year``: a due date that needs it stays unknown, never guessed (R6)."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no working-day calendar for {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class Workdays:
    """``holidays``: weekdays off. ``shifted``: Saturdays and Sundays that are worked. ``years``: what is covered."""

    holidays: frozenset[date]
    shifted: frozenset[date]
    years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``. Raises CalendarGap for a year that is not covered."""
        if day.year not in self.years:
            raise CalendarGap(day.year)
        return day in self.shifted or (day.weekday() < SATURDAY and day not in self.holidays)

    def is_shifted_weekend(self, day: date) -> bool:
        """Whether ``day`` is a Saturday or Sunday that is worked in exchange for a holiday."""
        return self.is_working(day) and day.weekday() >= SATURDAY

    def after(self, day: date) -> Iterator[date]:
        """The working days after ``day``, in order; ``day`` itself is day 0. Raises CalendarGap on the way."""
        while True:
            day += timedelta(days=1)
            if self.is_working(day):
                yield day

    def add(self, day: date, working_days: int) -> date:
        """The ``working_days``-th working day after ``day`` (R6, R9). Raises CalendarGap, ValueError below 1."""
        if working_days < 1:
            raise ValueError(f"cannot add {working_days} working days")
        for count, working_day in enumerate(self.after(day), start=1):
            if count == working_days:
                return working_day
        raise AssertionError("after() never ends")
