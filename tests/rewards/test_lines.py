"""One line an account and batch: sums, what is paid and what goes back, whatever is answered."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from rewards.accounts import AccountText
from rewards.known_channels import channel_named
from rewards.ledger import Reason, balances, in_payout, payable
from rewards.payout import (
    LineAnswer,
    LineShare,
    Payable,
    PayoutLine,
    cells,
    control_total,
    one_line_an_account,
    require_of_batch,
    settlement,
    take_in,
)
from scheme.money import Fen

CHANNEL = channel_named("card_top_up")
amounts = st.lists(
    st.tuples(st.integers(0, 10_000), st.sampled_from(["00000001", "00000002", "00000003"])),
    max_size=12,
)


def payables(drawn: list[tuple[int, str]]) -> list[Payable]:
    """A share each, all collected by somebody else."""
    return [
        Payable(LineShare(f"s{n}", Fen(amount)), f"p{n}", AccountText(card))
        for n, (amount, card) in enumerate(drawn)
    ]


def frozen(drawn: list[tuple[int, str]]) -> list[PayoutLine]:
    """The lines of a batch of them."""
    goes_to = {payable.share.share_id: payable.account for payable in payables(drawn)}
    return [
        PayoutLine(number, shares, "x", goes_to[shares[0].share_id])
        for number, shares in enumerate(one_line_an_account(payables(drawn)), start=1)
    ]


@given(amounts)
def test_every_share_stands_in_one_line_that_goes_to_its_account(
    drawn: list[tuple[int, str]],
) -> None:
    lines = frozen(drawn)
    taken = [share for line in lines for share in line.shares]
    assert Counter(taken) == Counter(payable.share for payable in payables(drawn))
    assert len({line.account for line in lines}) == len(lines) == len({card for _, card in drawn})
    cards = {f"s{n}": card for n, (_, card) in enumerate(drawn)}
    assert all(cards[share.share_id] == line.account for line in lines for share in line.shares)


@given(amounts)
def test_the_lines_sum_to_the_shares(drawn: list[tuple[int, str]]) -> None:
    lines = frozen(drawn)
    assert control_total(lines).total_fen == sum(amount for amount, _ in drawn)
    for line in lines:
        assert line.amount_fen == sum(share.amount_fen for share in line.shares)


def test_where_no_account_is_needed_each_payee_is_a_line() -> None:
    shares = [LineShare(f"s{n}", Fen(100)) for n in range(3)]
    waiting = [Payable(share, payee, None) for share, payee in zip(shares, "aba", strict=True)]
    assert one_line_an_account(waiting) == ((shares[0], shares[2]), (shares[1],))


@given(amounts, st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3))
def test_a_line_is_paid_or_goes_back_whole_and_nothing_is_paid_twice(
    drawn: list[tuple[int, str]], said: list[bool | None]
) -> None:
    lines = frozen(drawn)
    answers = [
        LineAnswer(line.number, told(line), paid, "" if paid else "no such card")
        for line, paid in zip(lines, said, strict=False)
        if paid is not None
    ]
    held = require_of_batch("B1", CHANNEL, lines, answers[::-1])
    settled = settlement("b", lines, held)
    for line, answer in zip(settled, answers, strict=True):
        assert {share.paid for share in line.shares} == {answer.paid}
        assert line.failure == answer.failure
    left = {share.share_id: share for line in settled for share in line.shares}
    answered = {answer.number for answer in answers}
    shares = {share: line.number for line in lines for share in line.shares}
    assert left.keys() == {share.share_id for share in shares if shares[share] in answered}
    taken_in = [take_in("b", *share) for share in shares if share.amount_fen]
    moves = [share.transfer for share in left.values() if share.transfer is not None]
    assert len({transfer.id for transfer in [*taken_in, *moves]}) == len(taken_in) + len(moves)
    assert {transfer.reason for transfer in moves} <= {Reason.PAID, Reason.FAILED}
    after = balances([*taken_in, *moves])
    open_still = [share for share in shares if shares[share] not in answered]
    assert after.get(in_payout("b"), 0) == -sum(share.amount_fen for share in open_still)
    for share_id, amount_fen in shares:
        owed = 0 if share_id in left and not left[share_id].paid else amount_fen
        assert after.get(payable(share_id), 0) == owed


def told(line: PayoutLine) -> Mapping[str, str]:
    """A line as it comes back: its account and its amount."""
    whole = cells("B1", CHANNEL, line)
    return {column: whole[column] for column in CHANNEL.checked}
