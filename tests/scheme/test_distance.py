"""How far two places lie apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.distance import metres_between


def test_metres() -> None:
    assert metres_between(31.23, 121.47, 31.23, 121.47) == 0
    assert 111_000 < metres_between(31.0, 121.0, 32.0, 121.0) < 111_400
    assert 95_000 < metres_between(31.0, 121.0, 31.0, 122.0) < 95_600
    assert metres_between(0, 0, 0, 180) == pytest.approx(metres_between(90, 0, -90, 0))


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_distance_is_symmetric_and_never_more_than_half_the_earth(
    a: float, b: float, c: float, d: float
) -> None:
    metres = metres_between(a, b, c, d)
    assert metres == pytest.approx(metres_between(c, d, a, b), abs=1e-3)
    assert 0 <= metres <= 20_015_087
