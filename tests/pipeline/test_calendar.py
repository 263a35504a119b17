"""Working days as published and as corrected, and the alarm about a year that is missing (R6, P19)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import calendar
from pipeline.calendar import OverlayDay, OverlayInvalid, parse_overlay, published_workdays, with_overlay
from pipeline.runtime import Runtime
from pipeline.store import roster
from scheme.workdays import CalendarGap


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
def test_a_loaded_day_counts_over_the_published_one(day: date, working: bool) -> None:  # noqa: FBT001 - hypothesis hands it over
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
        roster.load_overlay(work.connection, parse_overlay("2027-01-04,no,x\n2027-01-04,no,y"), work.now)
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
    ("text", "line"),
    [
        ("2027-02-30,no", 1),
        ("day,working\n2027-01-01,vielleicht", 2),
        ("1927,whole", 1),
        ("二〇二七,whole", 1),
        ("x", 1),
    ],
)
def test_a_bad_line_is_named(text: str, line: int) -> None:
    with pytest.raises(OverlayInvalid) as told:
        parse_overlay(text)
    assert told.value.line == line
