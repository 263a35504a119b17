"""R6 by post: a postmark is a day. All of it is in time, none of it is later than the receipt."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.postmark import PostmarkImpossible, reached_us_at, require_after

SHANGHAI = ZoneInfo("Asia/Shanghai")
RECEIVED = datetime(2026, 3, 12, 14, 30, tzinfo=SHANGHAI)


def test_the_end_of_the_day_serves_the_window() -> None:
    reached = reached_us_at(date(2026, 3, 10), RECEIVED, SHANGHAI)
    assert reached == datetime(2026, 3, 10, 23, 59, 59, 999_999, tzinfo=SHANGHAI)


def test_it_never_lies_after_the_receipt() -> None:
    assert reached_us_at(date(2026, 3, 12), RECEIVED, SHANGHAI) == RECEIVED


def test_a_postmark_of_tomorrow_is_impossible() -> None:
    with pytest.raises(PostmarkImpossible) as refusal:
        reached_us_at(date(2026, 3, 13), RECEIVED.astimezone(UTC), SHANGHAI)
    assert refusal.value.reason == "future"


def test_the_day_is_shanghais_though_utc_has_another() -> None:
    early = datetime(2026, 3, 12, 7, tzinfo=SHANGHAI).astimezone(UTC)  # the 11th, 23:00 in UTC
    assert reached_us_at(date(2026, 3, 12), early, SHANGHAI) == early


@given(
    # Drawn as Shanghai's clock
    violated=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 30)),  # noqa: DTZ001
    days=st.integers(-3, 3),
)
def test_any_violation_of_the_postmarks_day_is_taken_and_a_later_one_refused(
    violated: datetime, days: int
) -> None:
    violated_at = violated.replace(tzinfo=SHANGHAI)
    stamped = violated.date() + timedelta(days=days)
    received = violated_at + timedelta(days=10)
    reached = reached_us_at(stamped, received.astimezone(UTC), SHANGHAI)
    if days >= 0:
        require_after(violated_at, reached)
    else:
        with pytest.raises(PostmarkImpossible) as refusal:
            require_after(violated_at, reached)
        assert refusal.value.reason == "before_violation"
