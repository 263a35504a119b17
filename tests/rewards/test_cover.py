"""The fund over what is owed: how far it reaches, and what may leave it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.cover import COMING, Asked, Cover, FundShort, Reach, lacking, require_covered
from scheme.case import OWED, ShareState
from scheme.money import Fen

AMOUNTS = st.integers(0, 1_000_000).map(Fen)


@st.composite
def reaches(draw: st.DrawFn) -> Reach:
    in_batches = draw(AMOUNTS)
    asked = Asked(
        leaving=Fen(draw(st.integers(0, in_batches))),
        in_batches=in_batches,
        due=draw(AMOUNTS),
        coming=draw(AMOUNTS),
    )
    return Reach(Fen(draw(st.integers(-1_000_000, 3_000_000))), draw(AMOUNTS), asked)


def with_deposit(reach: Reach, amount: int) -> Reach:
    return Reach(Fen(reach.fund + amount), reach.card_stock, reach.asked)


@given(reaches())
def test_what_is_missing_paid_in_covers_everything_and_a_fen_less_does_not(reach: Reach) -> None:
    paid_in = with_deposit(reach, reach.short)
    assert paid_in.cover is Cover.COVERED or (reach.short == 0 and reach.fund < 0)
    assert paid_in.short == 0
    if reach.short:
        assert with_deposit(reach, reach.short - 1).short == 1


@given(reaches())
def test_each_level_says_what_it_means(reach: Reach) -> None:
    for_the_bank = reach.asked.in_batches + reach.asked.due
    match reach.cover:
        case Cover.OVERDRAWN:
            assert reach.fund < 0
        case Cover.DUE_SHORT:
            assert 0 <= reach.fund < for_the_bank
        case Cover.COMING_SHORT:
            assert for_the_bank <= reach.fund
            assert reach.fund + reach.card_stock < for_the_bank + reach.asked.coming
        case Cover.COVERED:
            assert for_the_bank <= reach.fund
            assert reach.fund + reach.card_stock >= for_the_bank + reach.asked.coming


@given(reaches(), st.integers(0, 1_000_000))
def test_money_that_comes_in_never_makes_it_worse(reach: Reach, amount: int) -> None:
    levels = list(Cover)
    better = with_deposit(reach, amount)
    assert levels.index(better.cover) <= levels.index(reach.cover)
    assert better.short <= reach.short
    assert better.for_approval >= better.free  # what was approved lies in batches


@given(st.integers(-1_000_000, 1_000_000), AMOUNTS)
def test_nothing_leaves_beyond_the_fund_but_knowingly(available: int, amount: Fen) -> None:
    short = lacking(available, amount)
    assert 0 <= short <= amount
    assert (short == 0) is (amount == 0 or available >= amount)
    assert require_covered(available, amount, knowing=True) == short
    if short == 0:
        assert require_covered(available, amount, knowing=False) == 0
        return
    with pytest.raises(FundShort) as refusal:
        require_covered(available, amount, knowing=False)
    assert refusal.value.short_fen == short


def test_what_may_still_be_collected_is_all_that_is_owed_and_was_not_collected() -> None:
    assert set(OWED) - {ShareState.COLLECTED} == COMING
