"""R6, R8, R9, R13, P19: edges to the second, over holidays and shifted weekends, no guess."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.deadlines import (
    answer_due,
    collect_by,
    counter_is_open_at,
    in_time,
    notice_deemed_received,
    window_closes,
)
from scheme.entitlement import InTime
from scheme.policy_reading import parse_policy
from scheme.report import Channel
from scheme.workdays import CalendarGap, Workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = parse_policy(
    files("scheme").joinpath("policies/shanghai-bus-2012.toml").read_text(encoding="utf-8")
)
SPRING = Workdays(
    holidays=frozenset(date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)),
    shifted=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
    years=frozenset({2025, 2026}),
)
"""Spring Festival of 2026: 15 to 23 February off, Saturdays 14 and 28 February worked."""

ONE_SECOND = timedelta(seconds=1)


def local(*at: int) -> datetime:
    return datetime(*at, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]  # year to second


# -- working days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a shifted Saturday
        (date(2026, 2, 15), False),  # Sunday
        (date(2026, 2, 16), False),  # a holiday
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), False),
    ],
)
# A table's column
def test_working_days_around_spring_festival(day: date, working: bool) -> None:  # noqa: FBT001
    assert SPRING.is_working(day) is working


@pytest.mark.parametrize(
    ("day", "third"),
    [
        (date(2026, 3, 10), date(2026, 3, 13)),
        (date(2026, 3, 12), date(2026, 3, 17)),  # over a weekend
        (date(2026, 2, 13), date(2026, 2, 25)),  # 14, then 24 and 25
        (date(2026, 2, 18), date(2026, 2, 26)),  # begun on a holiday
        (date(2026, 2, 25), date(2026, 2, 28)),  # ends on a shifted Saturday
    ],
)
def test_the_third_working_day(day: date, third: date) -> None:
    assert SPRING.add(day, 3) == third


@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(1, 10))
def test_adding_working_days_counts_each_once(day: date, count: int) -> None:
    last = SPRING.add(day, count)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(SPRING.is_working(one) for one in between) == count
    assert SPRING.is_working(last)
    if count > 1:
        assert SPRING.add(day, count - 1) < last


def test_what_no_calendar_covers_is_a_gap_and_never_a_guess() -> None:
    with pytest.raises(CalendarGap) as gap:
        SPRING.add(date(2026, 12, 30), 3)
    assert gap.value.year == 2027
    assert SPRING.add(date(2026, 12, 28), 3) == date(2026, 12, 31)
    with pytest.raises(ValueError, match="cannot add"):
        SPRING.add(date(2026, 3, 1), 0)


# -- the window (R6) -------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.API, Channel.POST, Channel.CLI])
def test_the_window_ends_with_the_third_working_day(channel: Channel) -> None:
    violated_at = local(2026, 3, 10, 23, 59, 59)
    last = local(2026, 3, 13, 23, 59, 59)
    assert in_time(violated_at, last, channel, POLICY, SPRING) is InTime.YES
    assert in_time(violated_at, last + ONE_SECOND, channel, POLICY, SPRING) is InTime.NO
    assert (
        in_time(violated_at + ONE_SECOND, last + ONE_SECOND, channel, POLICY, SPRING) is InTime.YES
    )  # day 0 is 11


def test_at_the_counter_the_window_ends_when_it_closes() -> None:
    violated_at = local(2026, 3, 10, 8)
    closing = local(2026, 3, 13, 17)
    assert in_time(violated_at, closing, Channel.COUNTER, POLICY, SPRING) is InTime.YES
    assert in_time(violated_at, closing + ONE_SECOND, Channel.COUNTER, POLICY, SPRING) is InTime.NO


def test_the_day_is_the_scheme_zones_day_whatever_the_servers() -> None:
    violated_at = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)  # midnight in Shanghai: 10 March begins
    assert window_closes(violated_at, Channel.WEB, POLICY, SPRING) == local(2026, 3, 14)
    assert window_closes(violated_at - ONE_SECOND, Channel.WEB, POLICY, SPRING) == local(
        2026, 3, 13
    )


def test_where_the_calendar_ends_only_what_hangs_on_unknown_days_is_unknown() -> None:
    violated_at = local(2026, 12, 29, 8)  # 30 and 31 December work; 1 January may, or any later day
    certain = local(2027, 1, 1, 23, 59, 59)
    assert in_time(violated_at, local(2026, 12, 29, 10), Channel.WEB, POLICY, SPRING) is InTime.YES
    assert in_time(violated_at, certain, Channel.WEB, POLICY, SPRING) is InTime.YES
    assert in_time(violated_at, certain + ONE_SECOND, Channel.WEB, POLICY, SPRING) is InTime.UNKNOWN
    assert (
        in_time(violated_at, local(2027, 12, 31), Channel.WEB, POLICY, SPRING) is InTime.UNKNOWN
    )  # without proof
    assert (
        in_time(local(2026, 12, 28, 8), local(2027, 1, 1), Channel.WEB, POLICY, SPRING) is InTime.NO
    )
    with pytest.raises(CalendarGap) as gap:
        window_closes(violated_at, Channel.WEB, POLICY, SPRING)
    assert gap.value.year == 2027


def test_a_counter_that_is_closed_on_the_last_day_takes_material_until_it_closes_on_the_next() -> (
    None
):
    closed = replace(POLICY.procedure.counter, open_on_shifted_weekends=False)
    policy = replace(POLICY, procedure=replace(POLICY.procedure, counter=closed))
    violated_at = local(2026, 2, 25, 8)  # the third working day is Saturday 28 February, worked
    monday = local(2026, 3, 2, 17)
    assert in_time(violated_at, monday, Channel.COUNTER, policy, SPRING) is InTime.YES
    assert in_time(violated_at, monday + ONE_SECOND, Channel.COUNTER, policy, SPRING) is InTime.NO
    assert window_closes(violated_at, Channel.WEB, policy, SPRING) == local(
        2026, 3, 1
    )  # online as ever
    assert (
        window_closes(violated_at, Channel.COUNTER, POLICY, SPRING)
        == local(2026, 2, 28, 17) + ONE_SECOND
    )


# Local below
@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20)), st.integers(-1, 1))  # noqa: DTZ001
def test_every_window_holds_to_the_second(at: datetime, seconds: int) -> None:
    violated_at = at.replace(tzinfo=SHANGHAI)
    closes = window_closes(violated_at, Channel.WEB, POLICY, SPRING)
    submitted = closes + timedelta(seconds=seconds)
    assert (in_time(violated_at, submitted, Channel.WEB, POLICY, SPRING) is InTime.YES) == (
        seconds < 0
    )


# -- answers, the counter, collection --------------------------------------------------------------


def test_an_answer_is_due_by_the_end_of_the_third_working_day() -> None:
    assert answer_due(local(2026, 2, 13, 9), POLICY, SPRING) == local(2026, 2, 26)
    with pytest.raises(CalendarGap):
        answer_due(local(2026, 12, 31, 9), POLICY, SPRING)


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        (local(2026, 3, 10, 9), True),
        (local(2026, 3, 10, 8, 59, 59), False),
        (local(2026, 3, 10, 17), True),
        (local(2026, 3, 10, 17, 0, 1), False),
        (local(2026, 3, 14, 10), False),  # Saturday
        (local(2026, 2, 14, 10), True),  # a shifted Saturday
        (local(2026, 2, 17, 10), False),  # a holiday
    ],
)
# A table's column
def test_when_the_counter_is_open(at: datetime, opened: bool) -> None:  # noqa: FBT001
    assert counter_is_open_at(at, POLICY, SPRING) is opened


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (local(2026, 3, 10, 0, 0), local(2026, 3, 25, 17)),
        (
            local(2026, 3, 10, 23, 59, 59),
            local(2026, 3, 25, 17),
        ),  # the day of receipt is not counted
        (local(2026, 3, 6, 12), local(2026, 3, 23, 17)),  # Saturday 21, so Monday 23
        (
            local(2026, 2, 1, 12),
            local(2026, 2, 24, 17),
        ),  # the 16th is a holiday, and so on until the 24th
        (local(2026, 2, 13, 12), local(2026, 2, 28, 17)),  # a shifted Saturday is open
    ],
)
def test_the_last_moment_to_collect(received: datetime, last: datetime) -> None:
    assert collect_by(received, POLICY, SPRING) == last


def test_a_last_day_beyond_the_calendar_stays_unknown() -> None:
    with pytest.raises(CalendarGap):
        collect_by(local(2026, 12, 20, 12), POLICY, SPRING)


def test_the_longstop() -> None:
    assert notice_deemed_received(local(2026, 3, 10, 12), POLICY) == local(2026, 3, 13, 12)
