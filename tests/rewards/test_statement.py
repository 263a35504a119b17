"""Statements: opening, what moved and why, closing.

Consecutive ones tie, and months add up to the whole.
"""

import csv
import io
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rewards.award import award, cancel, claw_back, owe
from rewards.collection import forfeit, hand_over_card
from rewards.ledger import Reason, Transfer, balances, deposit, stock
from rewards.payout import give_back, settle, take_in
from rewards.statement import BOOKS, Statement, columns, follow, statement, to_csv
from scheme.money import Fen

WAYS = ("owed", "in_hand", "paid", "failed", "forfeited", "reinstated", "cancelled", "clawed_back")
DAY = date(2026, 3, 1)


def way_of(share: str, way: str, fen: Fen) -> list[Transfer]:
    """Every transfer of a share that goes that way, in order."""
    owed = award(fen, [share])[0].transfer
    assert owed is not None
    taken = take_in(f"batch-{share}", share, fen)
    paid = settle(f"batch-{share}", share, fen)
    ways = {
        "owed": [],
        "in_hand": [hand_over_card(share, fen)],
        "paid": [taken, paid],
        "failed": [taken, give_back(taken, Reason.FAILED)],
        "forfeited": [forfeit(owed)],
        "reinstated": [forfeit(owed), owe(share, fen, Reason.REINSTATE)],
        "cancelled": [cancel(owed)],
        "clawed_back": [taken, paid, claw_back(share, fen)],
    }
    return [owed, *ways[way]]


@st.composite
def ledgers(draw: st.DrawFn) -> list[Transfer]:
    """A fund, a drawer, shares that go every way: steps mixed, but each share's in order."""
    shares = draw(st.lists(st.tuples(st.sampled_from(WAYS), st.integers(1, 10_000)), max_size=8))
    queues = [way_of(f"s{number}", way, Fen(fen)) for number, (way, fen) in enumerate(shares)]
    queues.append([deposit("one", Fen(10**6)), stock("one", Fen(10**5)), deposit("two", Fen(7))])
    mixed = []
    while any(queues):
        queue = draw(st.sampled_from([queue for queue in queues if queue]))
        mixed.append(queue.pop(0))
    return mixed


def stated(ledger: list[Transfer], begins: int, ends: int) -> Statement:
    """The statement of the steps from ``begins`` up to ``ends``."""
    moved: dict[Reason, Fen] = {}
    for transfer in ledger[begins:ends]:
        moved[transfer.reason] = Fen(moved.get(transfer.reason, 0) + transfer.amount_fen)
    return statement(
        DAY, DAY, opening=balances(ledger[:begins]), closing=balances(ledger[:ends]), moved=moved
    )


@given(ledger=ledgers(), data=st.data())
def test_consecutive_statements_tie_and_add_up_to_the_whole(
    ledger: list[Transfer], data: st.DataObject
) -> None:
    inner = data.draw(st.lists(st.integers(0, len(ledger)), max_size=4))
    cuts = sorted([0, *inner, len(ledger)])
    parts = [stated(ledger, begins, ends) for begins, ends in pairwise(cuts)]
    whole = stated(ledger, 0, len(ledger))
    assert whole.ties
    assert all(part.ties for part in parts)
    assert all(follow(one, other) for one, other in pairwise(parts))
    for position, book in enumerate(whole.books):
        assert book.opening == parts[0].books[position].opening == 0
        assert book.closing == parts[-1].books[position].closing
        for reason, fen in book.lines.items():
            assert fen == sum(part.books[position].lines[reason] for part in parts)


def test_every_reason_that_moves_a_book_stands_in_it() -> None:
    """A reason that no book knows would show as a statement that does not tie: none is left out."""
    known = {reason for plan in BOOKS.values() for reason in plan.lines}
    within = {
        Reason.BATCH,
        Reason.UNBATCH,
        Reason.FAILED,
    }  # from one account of what is owed to another
    assert known | within == set(Reason)


def test_what_is_not_explained_does_not_tie() -> None:
    owed = award(Fen(5000), ["s"])[0].transfer
    assert owed is not None
    hidden = statement(DAY, DAY, opening={}, closing=balances([owed]), moved={})
    assert not hidden.ties
    assert not follow(hidden, hidden)


def test_the_csv_has_a_row_a_month_and_the_whole_last() -> None:
    ledger = [deposit("one", Fen(10_050)), *way_of("s", "forfeited", Fen(5000))]
    months = [stated(ledger, 0, 1), stated(ledger, 1, 3)]
    content = to_csv(months, stated(ledger, 0, 3), {"ties": "相符"})
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [heading.split()[-1] for heading in header] == list(columns())
    assert header[-1] == "相符 ties"
    cells = [dict(zip(columns(), row, strict=True)) for row in rows]
    assert [row["owed.award"] for row in cells] == ["0.00", "50.00", "50.00"]
    assert [row["owed.forfeit"] for row in cells] == ["0.00", "-50.00", "-50.00"]
    assert [row["fund.closing"] for row in cells] == ["100.50", "100.50", "100.50"]
    assert [row["ties"] for row in cells] == ["yes", "yes", "yes"]
