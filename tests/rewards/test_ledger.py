"""R10 to R13 as money: each step's moves sum to zero, and reversals take all of it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.award import award, cancel, claw_back
from rewards.collection import forfeit, hand_over_card, reinstate
from rewards.ledger import (
    CARD_STOCK,
    FUND,
    GROUP,
    REWARD_EXPENSE,
    Reason,
    Transfer,
    balances,
    deposit,
    in_payout,
    payable,
    recoverable,
    require_zero_sum,
    reversal,
    stock,
)
from rewards.payout import give_back, settle, take_in
from scheme.money import Fen

amounts = st.integers(1, 1_000_000).map(Fen)


def held(*transfers: Transfer) -> dict[str, int]:
    return {account: amount for account, amount in balances(transfers).items() if amount}


def owed() -> Transfer:
    (part,) = award(Fen(5000), ["s"])
    assert part.transfer is not None
    return part.transfer


def test_an_award_is_an_expense_and_a_debt() -> None:
    assert held(owed()) == {REWARD_EXPENSE: 5000, payable("s"): -5000}


def test_three_jointly_are_owed_their_parts() -> None:
    parts = award(Fen(5000), ["a", "b", "c"])
    assert [(part.position, part.amount_fen) for part in parts] == [(0, 1667), (1, 1667), (2, 1666)]


def test_more_people_than_fen_leaves_parts_without_a_transfer() -> None:
    parts = award(Fen(2), ["a", "b", "c"])
    assert [part.transfer is None for part in parts] == [False, False, True]


@given(amounts, st.integers(1, 20))
def test_whatever_is_shared_the_debts_sum_to_the_expense(amount: Fen, heads: int) -> None:
    parts = award(amount, [str(number) for number in range(heads)])
    made = [part.transfer for part in parts if part.transfer is not None]
    assert sum(part.amount_fen for part in parts) == amount
    assert balances(made)[REWARD_EXPENSE] == amount


def test_a_card_in_hand_settles_the_debt_out_of_the_stock() -> None:
    assert held(owed(), hand_over_card("s", Fen(5000))) == {REWARD_EXPENSE: 5000, CARD_STOCK: -5000}


def test_a_batch_settles_the_debt_out_of_the_fund() -> None:
    steps = [owed(), take_in("b", "s", Fen(5000))]
    assert held(*steps) == {REWARD_EXPENSE: 5000, in_payout("b"): -5000}
    assert held(*steps, settle("b", "s", Fen(5000))) == {REWARD_EXPENSE: 5000, FUND: -5000}


@pytest.mark.parametrize("reason", [Reason.FAILED, Reason.UNBATCH])
def test_what_leaves_a_batch_unpaid_is_owed_again(reason: Reason) -> None:
    taken_in = take_in("b", "s", Fen(5000))
    assert held(owed(), taken_in, give_back(taken_in, reason)) == held(owed())


@pytest.mark.parametrize("end", [forfeit, cancel])
def test_forfeit_and_cancel_are_reversals(end: object) -> None:
    assert callable(end)
    last = end(owed())
    assert held(owed(), last) == {}
    assert last.reverses == owed().id


def test_reinstated_is_owed_once_more_under_an_id_of_its_own() -> None:
    again = reinstate("s", Fen(5000))
    assert held(owed(), forfeit(owed()), again) == held(owed())
    assert again.id != owed().id


def test_a_claw_back_is_a_claim_and_no_expense() -> None:
    steps = (owed(), hand_over_card("s", Fen(5000)), claw_back("s", Fen(5000)))
    assert held(*steps) == {CARD_STOCK: -5000, recoverable("s"): 5000}


def test_the_fund_is_filled_by_the_group_and_buys_cards() -> None:
    assert held(deposit("k", Fen(900)), stock("k", Fen(400))) == {
        GROUP: -900,
        FUND: 500,
        CARD_STOCK: 400,
    }


def test_ids_name_the_step_so_that_it_can_count_only_once() -> None:
    steps = [
        owed(),
        cancel(owed()),
        forfeit(owed()),
        reinstate("s", Fen(1)),
        hand_over_card("s", Fen(1)),
        take_in("b", "s", Fen(1)),
        give_back(take_in("b", "s", Fen(1)), Reason.FAILED),
        give_back(take_in("b", "s", Fen(1)), Reason.UNBATCH),
        settle("b", "s", Fen(1)),
        claw_back("s", Fen(1)),
    ]
    assert len({step.id for step in steps}) == len(steps)
    assert owed().id == owed().id
    assert all(len(step.id) <= 100 for step in steps)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz"), amounts), max_size=30))
def test_any_ledger_sums_to_zero_and_reversing_all_of_it_leaves_nothing(
    moves: list[tuple[str, str, Fen]],
) -> None:
    made = [
        Transfer(str(number), debit, credit, amount, Reason.AWARD)
        for number, (debit, credit, amount) in enumerate(moves)
    ]
    back = [reversal(transfer, id=f"r{transfer.id}", reason=Reason.CANCEL) for transfer in made]
    assert sum(balances(made).values()) == 0
    assert held(*made, *back) == {}


def test_a_ledger_that_is_off_is_a_bug_and_says_so() -> None:
    with pytest.raises(AssertionError, match="off by 1 fen"):
        require_zero_sum({"a": 1})


@pytest.mark.parametrize(
    ("debit", "credit", "amount"), [("a", "a", 1), ("a", "b", 0), ("a", "b", -5)]
)
def test_what_moves_nothing_is_no_transfer(debit: str, credit: str, amount: int) -> None:
    with pytest.raises(ValueError, match="x:"):
        Transfer("x", debit, credit, Fen(amount), Reason.AWARD)
