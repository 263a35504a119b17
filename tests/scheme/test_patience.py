"""The wait after wrong tries: none for the first four, then doubling, up to an hour."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.patience import Failures, Wait

NOW = datetime(2026, 6, 10, 2, 0, 0, 250_000, tzinfo=UTC)


def after(tries: int) -> Failures:
    failures = Failures()
    for _ in range(tries):
        failures = failures.and_one_more(NOW)
    return failures


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(5, 60), (6, 120), (7, 240), (8, 480), (9, 960), (10, 1920), (11, 3600), (12, 3600)],
)
def test_from_the_fifth_wrong_try_on_the_wait_doubles_up_to_an_hour(
    tries: int, seconds: int
) -> None:
    until = after(tries).until
    assert until == datetime(2026, 6, 10, 2, 0, tzinfo=UTC) + timedelta(seconds=seconds)


def test_the_first_four_cost_nothing() -> None:
    for tries in range(5):
        failures = after(tries)
        assert (failures.count, failures.until) == (tries, None)
        failures.require_patience(NOW)


def test_the_wait_is_over_at_its_very_end_and_says_until_when_it_lasts() -> None:
    failures = after(5)
    assert failures.until is not None
    with pytest.raises(Wait) as refusal:
        failures.require_patience(failures.until - timedelta(seconds=1))
    assert refusal.value.until == failures.until
    failures.require_patience(failures.until)


@given(st.integers(0, 10_000))
def test_no_number_of_tries_shortens_the_wait_or_locks_for_longer_than_an_hour(count: int) -> None:
    failures = Failures(count).and_one_more(NOW)
    more = failures.and_one_more(NOW)
    assert (more.until or NOW) >= (failures.until or NOW)
    assert (more.until or NOW) - NOW <= timedelta(hours=1)
