"""Working days as published, under those that an administrator loaded (R6, R9; M21)."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from chinese_calendar import constants

from scheme.workdays import SATURDAY, Workdays

ALARM_MONTH = 11
YEARS_AHEAD = range(2000, 2100)
LARGEST_FILE_BYTES = 64 * 1024
LONGEST_NOTE = 80
ALWAYS_OFF = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Days that are off in every year by the State Council's regulation: a list without them is not a
year's list yet.
"""


class OverlayDay(NamedTuple):
    """One day as an administrator loaded it."""

    day: date
    working: bool
    note: str = ""


class OverlayInvalid(Exception):
    """A calendar file that cannot be used.

    ``reason`` is a code, ``line`` counts from 1 (0: the file as a whole).
    """

    def __init__(self, line: int, reason: str, value: str = "") -> None:
        place = f"line {line}: " if line else ""
        super().__init__(f"{place}{PROBLEMS[reason]}{f' ({value})' if value else ''}")
        self.line, self.reason = line, reason


PROBLEMS: Mapping[str, str] = {
    "too_long": "the file is too long for a calendar",
    "not_text": "the file is no UTF-8 text",
    "not_json": "the file is no JSON of holidays: it needs a year"
    " and a list of days, each with date and isOffDay",
    "no_days": "there is no day in it",
    "not_a_year": "no year",
    "not_a_day": "no day",
    "not_yes_or_no": "neither yes nor no",
    "contradicts": "the day stands there twice, once working and once off",
    "other_year": "the day is far from the year of the file",
    "not_published_yet": "days that are always off are missing:"
    " the year is not published yet, or the list is cut off",
}
"""Reason -> what is wrong, for the command line; pages have their texts in the catalogue."""


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What loading days would change.

    ``holidays`` and ``shifted`` are of years that no calendar covered before.
    """

    covered: tuple[int, ...]
    incomplete: tuple[int, ...]
    """Years of which only some days are loaded: none counts until every day of it is."""
    holidays: tuple[OverlayDay, ...]
    shifted: tuple[OverlayDay, ...]
    corrected: tuple[OverlayDay, ...]
    """Days of years covered before that turn from working to off, or the other way."""

    @property
    def first_day(self) -> date | None:
        """The first day that counts otherwise than before."""
        return min(
            [date(year, 1, 1) for year in self.covered] + [row.day for row in self.corrected],
            default=None,
        )


@cache
def published_workdays() -> Workdays:
    """The State Council's holidays and working weekends, as far as the library knows."""
    years = frozenset(day.year for day in constants.holidays)
    return Workdays(
        holidays=frozenset(day for day in constants.holidays if day.weekday() < SATURDAY),
        shifted=frozenset(day for day in constants.workdays if day.weekday() >= SATURDAY),
        years=years,
    )


def with_overlay(workdays: Workdays, rows: Iterable[OverlayDay]) -> Workdays:
    """``workdays`` as ``rows`` correct them.

    A year of which every day is loaded becomes covered.
    """
    loaded = {row.day: row.working for row in rows}
    off = {day for day, working in loaded.items() if not working}
    on = loaded.keys() - off
    whole_years = {
        year
        for year in {day.year for day in loaded} - workdays.years
        if all(day in loaded for day in _days_of(year))
    }
    return Workdays(
        holidays=(workdays.holidays - on) | {day for day in off if day.weekday() < SATURDAY},
        shifted=(workdays.shifted - off) | {day for day in on if day.weekday() >= SATURDAY},
        years=workdays.years | whole_years,
    )


def alarms(workdays: Workdays, today: date) -> tuple[int, ...]:
    """The years that are missing and about to be needed.

    This one, and from 1 November on the coming one.
    """
    needed = [today.year] if today.month < ALARM_MONTH else [today.year, today.year + 1]
    return tuple(year for year in needed if year not in workdays.years)


def change(before: Workdays, after: Workdays, rows: Iterable[OverlayDay]) -> CalendarChange:
    """What ``rows`` change, between the calendar without and with them."""
    rows = sorted(rows)
    new = after.years - before.years
    there = [row for row in rows if row.day.year in new]
    return CalendarChange(
        covered=tuple(sorted(new)),
        incomplete=tuple(sorted({row.day.year for row in rows} - after.years)),
        holidays=tuple(row for row in there if not row.working and row.day.weekday() < SATURDAY),
        shifted=tuple(row for row in there if row.working and row.day.weekday() >= SATURDAY),
        corrected=tuple(
            row
            for row in rows
            if row.day.year in before.years and before.is_working(row.day) != row.working
        ),
    )


def read_calendar(content: bytes) -> tuple[OverlayDay, ...]:
    """Read a calendar file: our CSV, or the JSON of the public holiday data.

    Its first sign tells which.

    Raises OverlayInvalid.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise OverlayInvalid(0, "too_long")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise OverlayInvalid(0, "not_text") from problem
    return parse_holidays(text) if text.lstrip().startswith("{") else parse_overlay(text)


def parse_holidays(text: str) -> tuple[OverlayDay, ...]:
    """Read the JSON of the public holiday data.

    ``{"year": 2027, "days": [{"name", "date", "isOffDay"}, …]}``.

    Only days that differ from the ordinary week are listed; the year is loaded whole. A day of the
    year before or after (30 December for New Year's Day) is taken as well. Raises OverlayInvalid.
    """
    year, entries = _holiday_list(text)
    listed: list[OverlayDay] = []
    for number, entry in enumerate(entries, start=1):
        row = _holiday(entry, number)
        if abs(row.day.year - year) > 1:
            raise OverlayInvalid(number, "other_year", str(row.day))
        listed.append(row)
    by_day = _by_day(enumerate(listed, start=1))
    if any(
        date(year, *fixed) not in by_day or by_day[date(year, *fixed)].working
        for fixed in ALWAYS_OFF
    ):
        raise OverlayInvalid(0, "not_published_yet", str(year))
    days = _ordinary_week(year) | by_day
    return tuple(days[day] for day in sorted(days))


def parse_overlay(text: str) -> tuple[OverlayDay, ...]:
    """Read an overlay file: CSV lines ``day,working,note`` with ``working`` yes or no.

    A line whose day is a year alone (``2027,whole``) loads that year's ordinary week first: Monday
    to Friday yes, the rest no; the other lines are its holidays and shifted weekends. Raises
    OverlayInvalid.
    """
    days: dict[date, OverlayDay] = {}
    singles: list[tuple[int, OverlayDay]] = []
    try:
        lines = list(csv.reader(io.StringIO(text)))
    except csv.Error as problem:
        raise OverlayInvalid(0, "not_text") from problem
    for line, cells in enumerate(lines, start=1):
        first, second, note = ([cell.strip() for cell in cells] + ["", "", ""])[:3]
        if not first or first.startswith("#") or (line == 1 and first == "day"):
            continue
        if second == "whole":
            days |= _ordinary_week(_year(first, line))
        else:
            singles.append(
                (line, OverlayDay(_day(first, line), _working(second, line), note[:LONGEST_NOTE]))
            )
    days |= _by_day(singles)
    if not days:
        raise OverlayInvalid(0, "no_days")
    return tuple(days[day] for day in sorted(days))


def _by_day(rows: Iterable[tuple[int, OverlayDay]]) -> dict[date, OverlayDay]:
    days: dict[date, OverlayDay] = {}
    for line, row in rows:
        if row.day in days and days[row.day].working != row.working:
            raise OverlayInvalid(line, "contradicts", str(row.day))
        days[row.day] = row
    return days


def _holiday_list(text: str) -> tuple[int, list[Any]]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise OverlayInvalid(0, "not_json") from problem
    year, entries = (said.get("year"), said.get("days")) if isinstance(said, dict) else (None, None)
    if type(year) is not int or not isinstance(entries, list):
        raise OverlayInvalid(0, "not_json")
    if year not in YEARS_AHEAD:
        raise OverlayInvalid(0, "not_a_year", str(year)[:20])
    if not entries:
        raise OverlayInvalid(0, "not_published_yet", str(year))
    return year, entries


def _holiday(entry: Any, number: int) -> OverlayDay:  # noqa: ANN401 - whatever the JSON holds
    if not isinstance(entry, dict) or not isinstance(entry.get("isOffDay"), bool):
        raise OverlayInvalid(number, "not_json")
    name = entry.get("name")
    note = name[:LONGEST_NOTE] if isinstance(name, str) else ""
    return OverlayDay(_day(str(entry.get("date")), number), not entry["isOffDay"], note)


def _ordinary_week(year: int) -> dict[date, OverlayDay]:
    return {day: OverlayDay(day, day.weekday() < SATURDAY) for day in _days_of(year)}


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days)]


def _year(text: str, line: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:5]) in YEARS_AHEAD):
        raise OverlayInvalid(line, "not_a_year", text[:20])
    return int(text)


def _day(text: str, line: int) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as problem:
        raise OverlayInvalid(line, "not_a_day", text[:20]) from problem
    if day.year not in YEARS_AHEAD:
        raise OverlayInvalid(line, "not_a_day", text[:20])
    return day


def _working(text: str, line: int) -> bool:
    if text not in ("yes", "no"):
        raise OverlayInvalid(line, "not_yes_or_no", text[:20])
    return text == "yes"
