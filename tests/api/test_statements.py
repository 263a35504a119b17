"""What pages of operations ask of the database: as much whatever is stored."""

from collections.abc import Callable

from api.operations.queue import find_report
from scheme.report import Channel
from tests.api.staff import Browser
from tests.pipeline.desk import Desk
from tests.statements import Counted

MOST_TO_FIND = 3


def numbers(desk: Desk, *report_ids: str) -> list[str]:
    rows = desk.case(report_ids[0]).reports
    return [row.report_number for row in rows]


def test_a_report_is_found_by_its_number_in_three_statements_whatever_its_state(
    desk: Desk, statements: Counted
) -> None:
    decided = desk.report(plate="沪A10001")
    desk.decide(decided)
    waiting = [desk.report(plate=f"沪A2000{count}") for count in range(3)]
    for report_id in (decided, *waiting):
        (number,) = numbers(desk, report_id)
        with desk.runtime.read() as work, statements(desk.runtime.engine) as asked:
            row = find_report(work, f" {number} ")
        assert row is not None
        assert row.report_id == report_id
        assert len(asked) <= MOST_TO_FIND, asked


def test_a_part_of_a_number_or_none_finds_nothing(desk: Desk) -> None:
    (number,) = numbers(desk, desk.report())
    with desk.runtime.read() as work:
        for typed in (number[:-1], number + "0", "", "%", "a" * 41, "\x00"):
            assert find_report(work, typed) is None


def test_the_counter_s_page_asks_as_much_however_long_the_queue(
    desk: Desk, browser: Callable[[str], Browser], statements: Counted
) -> None:
    walk_in = desk.submit(plate="沪A10001", channel=Channel.COUNTER)
    clerk = browser("clerk")
    clerk.page("/ops/counter")
    with statements(desk.runtime.engine) as short:
        page = clerk.page("/ops/counter")
    assert walk_in in page
    for count in range(6):
        desk.report(plate=f"沪A2000{count}")
    with statements(desk.runtime.engine) as long:
        page = clerk.page("/ops/counter")
    assert walk_in in page
    assert len(long) == len(short), long
