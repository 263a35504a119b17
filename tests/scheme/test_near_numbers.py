"""Which numbers are taken for one another, by eye and by reader."""

import pytest

from scheme.near_numbers import look_alike, near_numbers


@pytest.mark.parametrize(
    ("one", "other", "near", "alike"),
    [
        ("沪A12345", "沪A12345", True, False),
        ("沪A12345", "沪A12395", True, False),
        ("沪A12345", "沪A1234", True, False),
        ("沪A12345", "沪A12354", True, True),
        ("沪A0512B", "沪AD5128", True, True),
        ("沪A12345", "沪A12999", False, False),
        ("沪A12345", "沪A21354", False, False),
        ("0123", "0124", False, False),
        ("108426", "108A26", True, True),
    ],
)
def test_numbers_that_are_taken_for_one_another(
    one: str, other: str, *, near: bool, alike: bool
) -> None:
    assert near_numbers(one, other) is near_numbers(other, one) is (near and one != other)
    assert look_alike(one, other) is look_alike(other, one) is alike
