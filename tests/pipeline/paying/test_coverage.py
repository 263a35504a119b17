"""The fund is told short before it is: on every step that promises money or lets it leave."""

import pytest

from pipeline.doors import health
from pipeline.paying import batches, coverage, funds
from pipeline.store import batches as stored_batches
from pipeline.store import events
from rewards.cover import Cover, FundShort, Reach
from scheme.case import BatchState
from scheme.decision import Verdict
from tests.pipeline.desk import Desk


def reach(desk: Desk) -> Reach:
    with desk.runtime.read() as work:
        return coverage.reach(work)


def deposit(desk: Desk, amount_fen: int, reference: str = "BANK-1") -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, amount_fen, reference)


def frozen(desk: Desk) -> str:
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
        batches.freeze(work, batch_id, desk.finance)
    return batch_id


def approve(desk: Desk, batch_id: str, *, knowing: bool = False) -> None:
    with desk.runtime.write() as work:
        batches.approve(work, batch_id, desk.second_finance, knowing=knowing)


def test_a_reward_moves_through_what_is_asked_of_the_fund(desk: Desk) -> None:
    deposit(desk, 12_000)
    assert reach(desk).cover is Cover.COVERED
    waits = desk.report(people=3)
    desk.decide(waits)  # never held up: it is owed
    assert reach(desk).asked.coming == 5000
    desk.to_be_paid(serial=1)
    now = reach(desk)
    assert (now.asked.coming, now.asked.due, now.free, now.cover) == (
        5000,
        5000,
        7000,
        Cover.COVERED,
    )
    batch_id = frozen(desk)
    now = reach(desk)
    assert (now.asked.in_batches, now.asked.due, now.asked.leaving) == (5000, 0, 0)
    approve(desk, batch_id)
    assert reach(desk).asked.leaving == 5000
    desk.decide(desk.report(plate="沪A99999"))
    now = reach(desk)
    assert (now.cover, now.short) == (Cover.COMING_SHORT, 3000)
    desk.books_hold()


def test_a_decision_is_never_held_up_for_want_of_money(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id, Verdict.SUBSTANTIATED)
    assert [share.amount_fen for share in desk.shares(report_id)] == [5000]
    assert (reach(desk).cover, reach(desk).short) == (Cover.COMING_SHORT, 5000)


def test_a_batch_beyond_the_fund_is_approved_only_by_somebody_who_knows(desk: Desk) -> None:
    desk.to_be_paid(serial=1)
    deposit(desk, 1_999)
    assert reach(desk).cover is Cover.DUE_SHORT
    batch_id = frozen(desk)  # built and closed, since nothing leaves by it
    with pytest.raises(FundShort) as refusal:
        approve(desk, batch_id)
    assert refusal.value.short_fen == 3_001
    with desk.runtime.read() as work:
        assert stored_batches.batch(work.connection, batch_id).state is BatchState.FROZEN
    approve(desk, batch_id, knowing=True)
    with desk.runtime.read() as work:
        said = [
            event.detail.get("short_fen")
            for event in events.about(work.connection, f"batch/{batch_id}")
            if event.action == "batch_approved"
        ]
    assert said == [3_001]
    desk.books_hold()


def test_a_batch_that_the_fund_covers_to_the_fen_needs_no_word(desk: Desk) -> None:
    desk.to_be_paid(serial=1)
    deposit(desk, 5_000)
    approve(desk, frozen(desk))
    desk.to_be_paid(serial=2)
    second = frozen(desk)  # what was approved before is spoken for
    with pytest.raises(FundShort) as refusal:
        approve(desk, second)
    assert refusal.value.short_fen == 5_000
    deposit(desk, 5_000, "BANK-2")
    approve(desk, second)


def test_cards_are_bought_beyond_what_is_free_only_by_somebody_who_knows(desk: Desk) -> None:
    desk.to_be_paid(serial=1)
    deposit(desk, 6_000)

    def stock(amount_fen: int, *, knowing: bool = False) -> None:
        with desk.runtime.write() as work:
            funds.stock_cards(work, desk.finance, amount_fen, knowing=knowing)

    stock(1_000)
    with pytest.raises(FundShort) as refusal:
        stock(1)
    assert refusal.value.short_fen == 1
    stock(5_000, knowing=True)
    now = reach(desk)
    assert (now.fund, now.card_stock, now.cover) == (0, 6_000, Cover.DUE_SHORT)


def test_whoever_watches_the_installation_is_told_and_nothing_breaks(desk: Desk) -> None:
    def codes() -> list[str]:
        return [problem.code for problem in health.problems(desk.runtime)]

    desk.to_be_paid(serial=1)
    assert "FUND_SHORT" in codes()
    assert "FUND_SHORT" not in [p.code for p in health.broken(health.problems(desk.runtime))]
    deposit(desk, 5_000)
    assert "FUND_SHORT" not in codes()
