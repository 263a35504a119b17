"""Lists of the desk: pages that keep what else was asked for, counts, and what is said of none."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from pipeline.deciding import holding, second_looks
from pipeline.store import batches
from pipeline.store import second_looks as stored
from scheme.second_look import Look
from tests.api.staff import Browser, plain
from tests.pipeline.desk import Desk

Open = Callable[[str], Browser]
MANY = 51
"""One more than a page holds."""


@pytest.fixture
def looks(desk: Desk) -> Desk:
    """As many second looks that wait as were answered."""
    with desk.runtime.write() as work:
        policy = work.policies.procedure_at(work.now).ref
        for number in range(2 * MANY):
            stored.add(
                work.connection,
                kind=Look.PAID_IN_A_DAY,
                subject=f"day/{number}",
                day=work.now.date(),
                figures={"fen": 100_000, "median_fen": 5_000},
                policy=policy,
                at=work.now,
            )
        waiting = second_looks.open_looks(work, desk.officer).rows
        for look in (*waiting, second_looks.open_looks(work, desk.officer, 2).rows[0]):
            second_looks.answer(work, look_id=look.look_id, officer=desk.officer, reason="seen")
    return desk


def links(page: str, rel: str) -> list[str]:
    """Where "next" and "previous" lead."""
    return [unescape(found) for found in re.findall(rf'rel="{rel}" href="([^"]+)"', page)]


def test_two_lists_of_one_page_turn_over_apart(looks: Desk, browser: Open) -> None:
    officer = browser("officer")
    first = officer.page("/ops/second-looks")
    assert plain(first).count(f"{MANY} in all") == 2
    assert links(first, "next") == ["/ops/second-looks?page=2", "/ops/second-looks?answered=2"]
    both = officer.page(links(officer.page("/ops/second-looks?page=2"), "next")[0])
    assert links(both, "next") == []
    assert links(both, "prev") == [
        "/ops/second-looks?answered=2&page=1",
        "/ops/second-looks?page=2&answered=1",
    ]
    assert both.count("<tr>") == 2 + 2  # one row a list, and its heading


@pytest.mark.parametrize("asked", ["page=", "page=0", "page=-1", "page=x", "page=1e3", "page=٢"])
def test_a_page_that_makes_no_sense_is_the_first(looks: Desk, browser: Open, asked: str) -> None:
    page = browser("officer").page(f"/ops/second-looks?{asked}")
    assert "Page 1 of 2" in plain(page)


def test_turning_over_says_nothing_that_was_done_before_once_more(
    looks: Desk, browser: Open
) -> None:
    page = browser("officer").page("/ops/second-looks?did=told&lang=en")
    assert "the reporter was told" in plain(page)
    assert links(page, "next")[0] == "/ops/second-looks?page=2"


@pytest.mark.parametrize(
    "address",
    [
        "/ops/queue",
        "/ops/calls",
        "/ops/letters",
        "/ops/rewards",
        "/ops/claw-backs",
        "/ops/persons",
        "/ops/second-looks",
    ],
)
def test_an_empty_list_says_so_and_has_one_page(browser: Open, address: str) -> None:
    page = browser("officer").page(address)
    assert 'class="card' in page
    assert 'class="pages"' not in page


def test_finance_turns_over_its_batches(desk: Desk, browser: Open) -> None:
    with desk.runtime.write() as work:
        for number in range(MANY):
            batches.add_batch(
                work.connection,
                f"{number:032x}",
                channel="card_top_up",
                procedure_policy=work.policies.procedure_at(work.now).ref,
                built_by=desk.finance.account_id,
                at=work.now,
            )
    finance = browser("finance")
    first = finance.page("/fin/batches")
    assert f"{MANY} in all" in plain(first)
    assert links(first, "next") == ["/fin/batches?page=2"]
    second = finance.page("/fin/batches?page=2")
    numbers = [re.findall(r">(B26-\d+)<", page) for page in (first, second)]
    assert (len(numbers[0]), numbers[1]) == (50, ["B26-00001"])  # newest first
    assert len(re.findall(r">B26-\d+<", finance.page("/fin"))) == 5


def test_whoever_skips_goes_through_the_queue_in_its_order_and_round(desk: Desk) -> None:
    in_order = [desk.report(plate=f"沪A{number:05d}") for number in range(3)]
    with desk.runtime.write() as work:
        holding.hold(work, in_order[1], desk.other_officer)
        taken = [holding.take_next(work, desk.officer)]
        for _ in range(3):
            taken.append(holding.take_next(work, desk.officer, skipped=taken[-1] or ""))
    assert taken == [in_order[0], in_order[2], in_order[0], in_order[2]]
