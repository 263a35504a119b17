"""Working days as published, with the days that an administrator loaded over them (R6, R9; TRUST.md M21)."""

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from chinese_calendar import constants

from scheme.workdays import Workdays

ALARM_MONTH = 11
SATURDAY = 5
YEARS_AHEAD = range(2000, 2100)


class OverlayDay(NamedTuple):
    """One day as an administrator loaded it."""

    day: date
    working: bool
    note: str = ""


class OverlayInvalid(Exception):
    """An overlay file that cannot be used: ``line`` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line, self.problem = line, problem


@cache
def published_workdays() -> Workdays:
    """The State Council's holidays and shifted working weekends, as far as the library knows them."""
    years = frozenset(day.year for day in constants.holidays)
    return Workdays(
        holidays=frozenset(day for day in constants.holidays if day.weekday() < SATURDAY),
        shifted=frozenset(day for day in constants.workdays if day.weekday() >= SATURDAY),
        years=years,
    )


def with_overlay(workdays: Workdays, rows: Iterable[OverlayDay]) -> Workdays:
    """``workdays`` as ``rows`` correct them; a year of which every day is loaded becomes covered."""
    loaded = {row.day: row.working for row in rows}
    off = {day for day, working in loaded.items() if not working}
    on = loaded.keys() - off
    whole_years = {
        year for year in {day.year for day in loaded} - workdays.years if all(day in loaded for day in _days_of(year))
    }
    return Workdays(
        holidays=(workdays.holidays - on) | {day for day in off if day.weekday() < SATURDAY},
        shifted=(workdays.shifted - off) | {day for day in on if day.weekday() >= SATURDAY},
        years=workdays.years | whole_years,
    )


def alarms(workdays: Workdays, today: date) -> tuple[int, ...]:
    """The years that are missing and about to be needed: this one, and from 1 November on the coming one."""
    needed = [today.year] if today.month < ALARM_MONTH else [today.year, today.year + 1]
    return tuple(year for year in needed if year not in workdays.years)


def parse_overlay(text: str) -> tuple[OverlayDay, ...]:
    """Read an overlay file: CSV lines ``day,working,note`` with ``working`` yes or no.

    A line whose day is a year alone (``2027,whole``) loads that year's ordinary week first: Monday to Friday yes,
    the rest no; the other lines are its holidays and shifted weekends. Raises OverlayInvalid.
    """
    days: dict[date, OverlayDay] = {}
    singles: list[OverlayDay] = []
    for line, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        first, second, note = ([cell.strip() for cell in cells] + ["", "", ""])[:3]
        if not first or first.startswith("#") or (line == 1 and first == "day"):
            continue
        if second == "whole":
            days.update((day, OverlayDay(day, day.weekday() < SATURDAY)) for day in _days_of(_year(first, line)))
        else:
            singles.append(OverlayDay(_day(first, line), _working(second, line), note[:80]))
    days.update((row.day, row) for row in singles)
    return tuple(days[day] for day in sorted(days))


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days)]


def _year(text: str, line: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text) in YEARS_AHEAD):
        raise OverlayInvalid(line, f"{text!r} is no year")
    return int(text)


def _day(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise OverlayInvalid(line, f"{text!r} is no day") from problem


def _working(text: str, line: int) -> bool:
    if text not in ("yes", "no"):
        raise OverlayInvalid(line, f"{text!r} is neither yes nor no")
    return text == "yes"
