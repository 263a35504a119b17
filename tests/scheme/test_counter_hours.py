"""R8: Monday to Friday except holidays, 9:00 to 17:00; shifted weekends by parameter.

An unknown day by the week.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from scheme.counter_hours import Hours, hours_at, opens_next
from scheme.policy import Policy
from scheme.policy_reading import parse_policy
from scheme.workdays import Workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = parse_policy(
    files("scheme").joinpath("policies/shanghai-bus-2012.toml").read_text(encoding="utf-8")
)
SPRING = Workdays(
    holidays=frozenset(date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)),
    shifted=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
    years=frozenset({2026}),
)


def local(*at: int) -> datetime:
    return datetime(*at, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]  # year to microsecond


def shifted(open_on_shifted_weekends: bool) -> Policy:  # noqa: FBT001 - a table's column
    counter = replace(POLICY.procedure.counter, open_on_shifted_weekends=open_on_shifted_weekends)
    return replace(POLICY, procedure=replace(POLICY.procedure, counter=counter))


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (local(2026, 3, 10, 8, 59, 59), Hours.CLOSED),
        (local(2026, 3, 10, 9), Hours.OPEN),
        (local(2026, 3, 10, 17), Hours.OPEN),
        (local(2026, 3, 10, 17, 0, 0, 999_999), Hours.OPEN),  # the closing second still counts
        (local(2026, 3, 10, 17, 0, 1), Hours.CLOSED),
        (local(2026, 3, 7, 23, 30), Hours.CLOSED),  # a Saturday night
        (local(2026, 3, 7, 11), Hours.CLOSED),  # a Saturday morning
        (local(2026, 2, 17, 11), Hours.CLOSED),  # New Year's Day of the moon, a Tuesday
        (local(2027, 1, 4, 11), Hours.CALENDAR_UNKNOWN),  # a Monday that no calendar covers
        (local(2027, 1, 4, 17, 0, 1), Hours.CLOSED),
        (local(2027, 1, 3, 11), Hours.CLOSED),  # a Sunday that no calendar covers
    ],
)
def test_the_counters_hours(at: datetime, hours: Hours) -> None:
    assert hours_at(at, POLICY, SPRING) is hours
    assert hours_at(at.astimezone(UTC), POLICY, SPRING) is hours


@pytest.mark.parametrize(("parameter", "hours"), [(True, Hours.OPEN), (False, Hours.CLOSED)])
# A table's column
def test_a_shifted_saturday_by_the_parameter(parameter: bool, hours: Hours) -> None:  # noqa: FBT001
    assert hours_at(local(2026, 2, 28, 11), shifted(parameter), SPRING) is hours


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (local(2026, 3, 10, 8), local(2026, 3, 10, 9)),
        (local(2026, 3, 10, 17, 0, 1), local(2026, 3, 11, 9)),
        (local(2026, 3, 7, 23, 30), local(2026, 3, 9, 9)),
        (local(2026, 2, 13, 18), local(2026, 2, 14, 9)),  # the shifted Saturday before the holidays
        (local(2026, 2, 14, 18), local(2026, 2, 24, 9)),  # ten days later
        (local(2026, 12, 31, 18), None),  # the next day is one that nobody knows
    ],
)
def test_when_it_opens_next(at: datetime, opens: datetime | None) -> None:
    assert opens_next(at, POLICY, SPRING) == opens
    if opens is not None:
        assert hours_at(opens - timedelta(seconds=1), POLICY, SPRING) is Hours.CLOSED


def test_a_closed_shifted_saturday_is_no_next_opening() -> None:
    # A parameter of the policy
    assert opens_next(local(2026, 2, 13, 18), shifted(False), SPRING) == local(2026, 2, 24, 9)  # noqa: FBT003
