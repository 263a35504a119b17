"""Working days as published and corrected, and the alarm about a missing year (R6, P19)."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import calendar
from pipeline.calendar import (
    OverlayDay,
    OverlayInvalid,
    parse_overlay,
    published_workdays,
    read_calendar,
    with_overlay,
)
from pipeline.runtime import Runtime
from pipeline.store import roster
from scheme.workdays import CalendarGap
from tests.pipeline.holidays import holiday_csv, holiday_json


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 16), False),  # New Year's Eve of the Spring Festival, a Monday
        (date(2026, 2, 14), True),  # the Saturday worked for it
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday
        (date(2026, 3, 11), True),
        (date(2026, 3, 14), False),
        (date(2012, 10, 18), True),
    ],
)
def test_published_days(day: date, *, working: bool) -> None:
    assert published_workdays().is_working(day) is working


def test_the_published_years_end_and_say_so() -> None:
    assert published_workdays().years == frozenset(range(2004, 2027))
    with pytest.raises(CalendarGap):
        published_workdays().is_working(date(2027, 1, 4))


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)), st.booleans())
# Hypothesis hands it over
def test_a_loaded_day_counts_over_the_published_one(day: date, working: bool) -> None:  # noqa: FBT001
    corrected = with_overlay(published_workdays(), [OverlayDay(day, working)])
    assert corrected.is_working(day) is working
    other = day + timedelta(days=1)
    if other.year in corrected.years:
        assert corrected.is_working(other) is published_workdays().is_working(other)


def test_a_whole_year_covers_and_half_a_year_does_not() -> None:
    days = parse_overlay("day,working,note\n2027,whole\n2027-01-01,no,元旦\n2027-02-06,yes,调休\n")
    assert len(days) == 365
    covered = with_overlay(published_workdays(), days)
    assert covered.is_working(date(2027, 1, 1)) is False
    assert covered.is_working(date(2027, 1, 4)) is True
    assert covered.is_shifted_weekend(date(2027, 2, 6)) is True
    assert covered.is_working(date(2027, 2, 7)) is False
    assert 2027 not in with_overlay(published_workdays(), days[:200]).years


def test_loaded_days_reach_the_work(runtime: Runtime) -> None:
    with runtime.write() as work:
        roster.load_overlay(work.connection, parse_overlay("2027,whole"), work.now)
        roster.load_overlay(
            work.connection, parse_overlay("2027-01-04,no,x\n2027-01-04,no,y"), work.now
        )
    with runtime.read() as work:
        assert 2027 in work.workdays.years
        assert work.workdays.is_working(date(2027, 1, 4)) is False


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 10, 31), ()),
        (date(2026, 11, 1), (2027,)),
        (date(2026, 12, 31), (2027,)),
        (date(2027, 1, 1), (2027,)),
        (date(2027, 11, 1), (2027, 2028)),
    ],
)
def test_a_missing_year_is_an_alarm_from_november_on(today: date, missing: tuple[int, ...]) -> None:
    assert calendar.alarms(published_workdays(), today) == missing


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("2027-02-30,no", 1, "not_a_day"),
        ("day,working\n2027-01-01,vielleicht", 2, "not_yes_or_no"),
        ("1927,whole", 1, "not_a_year"),
        ("二〇二七,whole", 1, "not_a_year"),
        ("x", 1, "not_a_day"),
        ("9999-12-31,no", 1, "not_a_day"),
        ("2027-01-04,no\n2027-01-04,yes", 2, "contradicts"),
        ("# nothing\n", 0, "no_days"),
        ("", 0, "no_days"),
        ('"' + "x" * 200_000, 0, "not_text"),
    ],
)
def test_a_bad_line_is_named(text: str, line: int, reason: str) -> None:
    with pytest.raises(OverlayInvalid) as told:
        parse_overlay(text)
    assert (told.value.line, told.value.reason) == (line, reason)


def test_the_public_holiday_data_is_read_as_people_download_it() -> None:
    from_json, from_csv = read_calendar(holiday_json()), read_calendar(holiday_csv())
    assert from_json == from_csv
    year = with_overlay(published_workdays(), from_json)
    assert 2027 in year.years
    assert [year.is_working(date(2027, 1, day)) for day in (1, 4, 30)] == [False, True, True]
    assert year.is_shifted_weekend(date(2027, 2, 20))


def test_days_of_the_year_before_come_with_the_list() -> None:
    """The notice of 2019 moved days of December 2018.

    Such days stand in the list of the year that they belong to.
    """
    days = json.loads(holiday_json())["days"]
    days.append({"name": "元旦", "date": "2026-12-31", "isOffDay": True})
    rows = read_calendar(holiday_json(days=days))
    after = with_overlay(published_workdays(), rows)
    assert after.is_working(date(2026, 12, 31)) is False
    assert after.is_working(date(2026, 12, 30)) is True
    said = calendar.change(published_workdays(), after, rows)
    assert [row.day for row in said.corrected] == [date(2026, 12, 31)]
    assert said.first_day == date(2026, 12, 31)
    assert said.covered == (2027,)
    assert len(said.holidays) == 15  # on weekdays
    assert [row.day.isoformat() for row in said.shifted] == [
        "2027-01-30",
        "2027-02-20",
        "2027-09-26",
        "2027-10-09",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            holiday_json(days=[]),
            "not_published_yet",
        ),  # as the data stands before the State Council has published
        (
            holiday_json(days=[{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]),
            "not_published_yet",
        ),
        (holiday_json(days=[{"name": "元旦", "date": "2027-01-01"}]), "not_json"),
        (
            holiday_json(days=[{"name": "元旦", "date": "2027-13-01", "isOffDay": True}]),
            "not_a_day",
        ),
        (
            holiday_json(days=[{"name": "元旦", "date": "2031-01-01", "isOffDay": True}]),
            "other_year",
        ),
        (holiday_json(days=["2027-01-01"]), "not_json"),
        (holiday_json(year="2027"), "not_json"),
        (holiday_json(year=True), "not_json"),
        (holiday_json(year=1927), "not_a_year"),
        (b'{"year": 2027', "not_json"),
        (b"{" * 10_000, "not_json"),
        ("2027,whole\n2027-01-01,no,元旦".encode("gb18030"), "not_text"),
        (b" " * (calendar.LARGEST_FILE_BYTES + 1), "too_long"),
    ],
)
def test_a_file_that_is_no_calendar_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(OverlayInvalid) as told:
        read_calendar(content)
    assert told.value.reason == reason
    assert str(told.value)


@given(st.binary(max_size=300))
def test_whatever_is_loaded_is_a_calendar_or_refused(content: bytes) -> None:
    try:
        rows = read_calendar(content)
    except OverlayInvalid:
        return
    assert rows


def test_half_a_year_is_called_incomplete() -> None:
    rows = parse_overlay("2027-01-01,no,元旦")
    after = with_overlay(published_workdays(), rows)
    said = calendar.change(published_workdays(), after, rows)
    assert (said.covered, said.incomplete, said.first_day) == ((), (2027,), None)
