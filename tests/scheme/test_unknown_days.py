"""P19: where the calendar ends, an answer holds under every calendar to come, or is none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.calendar import published_workdays
from scheme.deadlines import (
    Bounds,
    answer_bounds,
    answer_due,
    collect_by,
    collection_bounds,
    in_time,
    unknown_from,
    window_bounds,
    window_closes,
)
from scheme.entitlement import InTime
from scheme.policy import Policy
from scheme.policy_reading import parse_policy
from scheme.report import Channel
from scheme.workdays import SATURDAY, Workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = parse_policy(
    files("scheme").joinpath("policies/shanghai-bus-2012.toml").read_text(encoding="utf-8")
)
CLOSED_ON_SHIFTED = replace(
    POLICY,
    procedure=replace(
        POLICY.procedure, counter=replace(POLICY.procedure.counter, open_on_shifted_weekends=False)
    ),
)
CHANNELS = (Channel.WEB, Channel.POST, Channel.COUNTER)
FIRST, LAST = date(2026, 12, 20), date(2027, 2, 28)
DAYS = [FIRST + timedelta(days=count) for count in range((LAST - FIRST).days + 1)]
TIMES = (time(0), time(8), time(17), time(17, 0, 1), time(23, 59, 59))
UNKNOWN_DAYS = [date(2027, 1, 1) + timedelta(days=count) for count in range(365)]

KNOWN = replace(
    published_workdays(),
    years=frozenset(year for year in published_workdays().years if year <= 2026),
)
"""The published calendar as far as 2026: the coming year is nowhere."""


def published(working: frozenset[date]) -> Workdays:
    """A calendar that could be published for 2027.

    Exactly these days of it work; 2028 is an ordinary year after it.
    """
    return Workdays(
        holidays=KNOWN.holidays
        | {day for day in UNKNOWN_DAYS if day.weekday() < SATURDAY and day not in working},
        shifted=KNOWN.shifted | {day for day in working if day.weekday() >= SATURDAY},
        years=KNOWN.years | {2027, 2028},
    )


def some_calendars() -> Iterator[Workdays]:
    """The two ends, the ordinary week, holidays of every length at the year's turn, drawn ones."""
    yield published(frozenset(UNKNOWN_DAYS))
    yield published(frozenset())
    weekdays = frozenset(day for day in UNKNOWN_DAYS if day.weekday() < SATURDAY)
    yield published(weekdays)
    yield published(frozenset(UNKNOWN_DAYS) - weekdays)
    for length in (1, 3, 9, 20):
        yield published(weekdays - frozenset(UNKNOWN_DAYS[:length]))
        yield published(weekdays - frozenset(UNKNOWN_DAYS[36 : 36 + length]))
    drawn = Random(16)  # noqa: S311 - the same calendars in every run
    for share in (0.1, 0.5, 0.9):
        for _ in range(3):
            yield published(frozenset(day for day in UNKNOWN_DAYS if drawn.random() < share))


CALENDARS = tuple(some_calendars())


def at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "policy", [POLICY, CLOSED_ON_SHIFTED], ids=["open", "closed_on_shifted_weekends"]
)
def test_the_window_is_certain_or_unknown_at_the_turn_of_the_year(
    channel: Channel, policy: Policy
) -> None:
    seen = set()
    for day in DAYS:
        violated_at = at(day, time(8))
        closings = [window_closes(violated_at, channel, policy, calendar) for calendar in CALENDARS]
        for later, clock in product(range(11), TIMES):
            submitted_at = at(day + timedelta(days=later), clock)
            answer = in_time(violated_at, submitted_at, channel, policy, KNOWN)
            possible = {submitted_at < closing for closing in closings}
            expected = (
                InTime.UNKNOWN
                if len(possible) == 2
                else (InTime.YES if possible.pop() else InTime.NO)
            )
            assert answer is expected, (day, later, clock)
            seen.add(answer)
    assert seen == set(InTime)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "policy", [POLICY, CLOSED_ON_SHIFTED], ids=["open", "closed_on_shifted_weekends"]
)
def test_no_calendar_of_the_first_days_of_the_year_says_otherwise(
    channel: Channel, policy: Policy
) -> None:
    """Every one of the 256 ways to work or not on the first eight unknown days, the rest off."""
    eight = UNKNOWN_DAYS[:8]
    every = [
        published(frozenset(day for day, works in zip(eight, choice, strict=True) if works))
        for choice in product((True, False), repeat=len(eight))
    ]
    for day in (date(2026, 12, 25) + timedelta(days=count) for count in range(12)):
        violated_at = at(day, time(8))
        closings = {window_closes(violated_at, channel, policy, calendar) for calendar in every}
        for later, clock in product(range(9), (time(12), time(20))):
            submitted_at = at(day + timedelta(days=later), clock)
            answer = in_time(violated_at, submitted_at, channel, policy, KNOWN)
            if answer is not InTime.UNKNOWN:
                assert {submitted_at < closing for closing in closings} == {answer is InTime.YES}


working_days = st.frozensets(st.sampled_from(UNKNOWN_DAYS[:90]), max_size=90)


@given(
    st.sampled_from(DAYS), st.integers(0, 10), st.times(), st.sampled_from(CHANNELS), working_days
)
def test_no_drawn_calendar_says_otherwise(
    day: date, later: int, clock: time, channel: Channel, working: frozenset[date]
) -> None:
    violated_at, submitted_at = at(day, time(0)), at(day + timedelta(days=later), clock)
    answer = in_time(violated_at, submitted_at, channel, POLICY, KNOWN)
    if answer is not InTime.UNKNOWN:
        assert in_time(violated_at, submitted_at, channel, POLICY, published(working)) is answer


@pytest.mark.parametrize("channel", CHANNELS)
def test_within_three_calendar_days_is_in_time_whatever_is_published(channel: Channel) -> None:
    for day, later in product(DAYS, range(4)):
        handed_in = at(day + timedelta(days=later), time(17))
        assert in_time(at(day, time(8)), handed_in, channel, POLICY, KNOWN) is InTime.YES


@pytest.mark.parametrize(
    "policy", [POLICY, CLOSED_ON_SHIFTED], ids=["open", "closed_on_shifted_weekends"]
)
def test_answer_dates_and_last_days_are_known_exactly_where_every_calendar_agrees(
    policy: Policy,
) -> None:
    for day in (date(2026, 12, 1) + timedelta(days=count) for count in range(90)):
        since = at(day, time(12))
        for bounds, due in ((answer_bounds, answer_due), (collection_bounds, collect_by)):
            found = bounds(since, policy, KNOWN)
            possible = {due(since, policy, calendar) for calendar in CALENDARS}
            assert found.known == (possible.pop() if len(possible) == 1 else None)


@given(
    st.dates(date(2026, 12, 1), LAST), working_days, st.sampled_from([POLICY, CLOSED_ON_SHIFTED])
)
def test_every_due_date_lies_within_its_bounds(
    day: date, working: frozenset[date], policy: Policy
) -> None:
    since, calendar = at(day, time(12)), published(working)

    def lies_within(due: datetime, bounds: Bounds) -> bool:
        return bounds.earliest <= due and (bounds.latest is None or due <= bounds.latest)

    assert lies_within(answer_due(since, policy, calendar), answer_bounds(since, policy, KNOWN))
    assert lies_within(collect_by(since, policy, calendar), collection_bounds(since, policy, KNOWN))
    for channel in CHANNELS:
        closes = window_closes(since, channel, policy, calendar)
        assert lies_within(closes, window_bounds(since, channel, policy, KNOWN))


def test_a_year_that_is_missing_between_two_known_ones_bounds_the_window() -> None:
    gap = replace(KNOWN, years=KNOWN.years | {2028})
    violated_at = at(date(2026, 12, 30), time(8))
    bounds = window_bounds(violated_at, Channel.WEB, POLICY, gap)
    assert bounds.latest == at(date(2028, 1, 5), time(0))  # 31 December, then 3 and 4 January 2028
    assert (
        in_time(violated_at, at(date(2028, 1, 4), time(23)), Channel.WEB, POLICY, gap)
        is InTime.UNKNOWN
    )
    assert (
        in_time(violated_at, at(date(2028, 1, 5), time(0)), Channel.WEB, POLICY, gap) is InTime.NO
    )


def test_a_closed_weekend_needs_no_calendar() -> None:
    """Saturday 30 December 2028 and Sunday.

    Closed whether they are shifted or not, and Monday is known.
    """
    gap = replace(KNOWN, years=KNOWN.years | {2027, 2029})
    received = at(date(2028, 12, 15), time(12))
    assert collect_by(received, CLOSED_ON_SHIFTED, gap) == at(date(2029, 1, 1), time(17))
    assert collection_bounds(received, POLICY, gap).known is None


def test_from_which_day_on_the_coming_year_is_needed() -> None:
    needed = unknown_from(2027, POLICY, KNOWN)
    assert needed.violation == date(2026, 12, 29)
    assert needed.receipt == date(2026, 12, 29)
    assert needed.notice == date(2026, 12, 17)
    assert collect_by(at(date(2026, 12, 16), time(23, 59)), POLICY, KNOWN) == at(
        date(2026, 12, 31), time(17)
    )
