"""One page of a list: every row stands on exactly one page, whatever is asked for."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.listed import Listed, cut, page_and_pages


@given(st.integers(0, 40), st.integers(1, 7))
def test_the_pages_hold_every_row_once_and_in_order(total: int, size: int) -> None:
    rows = range(total)
    pages = cut(rows, 1, size).pages
    turned = [cut(rows, page, size) for page in range(1, pages + 1)]
    assert [row for page in turned for row in page.rows] == list(rows)
    assert {page.total for page in turned} == {total}
    assert all(len(page.rows) == size for page in turned[:-1])


@given(st.integers(0, 40), st.integers(-3, 99), st.integers(1, 7))
def test_a_page_that_is_not_there_is_the_nearest_one(total: int, asked: int, size: int) -> None:
    page, pages = page_and_pages(total, asked, size)
    assert 1 <= page <= pages
    assert page == asked or asked < 1 or asked > pages


def test_an_empty_list_is_one_empty_page() -> None:
    empty: Listed[int] = cut((), 5)
    assert (empty.rows, empty.total, empty.page, empty.pages) == ((), 0, 1, 1)


def test_rows_are_shown_otherwise_on_the_same_page() -> None:
    shown = cut(range(5), 2, 2).shown_as(str)
    assert (shown.rows, shown.total, shown.page, shown.pages) == (("2", "3"), 5, 2, 3)
