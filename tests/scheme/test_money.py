"""R12: equal shares that always sum to the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.money import Fen, share_evenly, yuan


def test_fifty_yuan_among_three() -> None:
    assert share_evenly(Fen(5000), 3) == (1667, 1667, 1666)


@given(st.integers(0, 10**9), st.integers(1, 50))
def test_shares_sum_to_the_whole_and_the_first_named_have_the_odd_fen(
    total: int, heads: int
) -> None:
    shares = share_evenly(Fen(total), heads)
    assert sum(shares) == total
    assert len(shares) == heads
    assert list(shares) == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= 1


@pytest.mark.parametrize(("total", "heads"), [(-1, 1), (1, 0), (1, -2)])
def test_what_cannot_be_shared_is_refused(total: int, heads: int) -> None:
    with pytest.raises(ValueError, match="cannot share"):
        share_evenly(Fen(total), heads)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (5000, "50.00"),
        (1667, "16.67"),
        (-5, "-0.05"),
        (-12345, "-123.45"),
    ],
)
def test_fen_as_yuan(fen: int, text: str) -> None:
    assert yuan(Fen(fen)) == text
