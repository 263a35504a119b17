"""One page of a list: how long the list is, and the rows on this page. Every list is cut alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Row = TypeVar("Row")
Other = TypeVar("Other")

A_PAGE: Final = 50
"""Rows on one page: as many as are read at one sitting."""


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """The rows of one page, counted from 1; ``total`` is the number of rows on all pages."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int

    def shown_as(self, show: Callable[[Row], Other]) -> "Listed[Other]":
        """The same page, each row as whoever looks may see it."""
        return self.with_rows(tuple(show(row) for row in self.rows))

    def with_rows(self, rows: tuple[Other, ...]) -> "Listed[Other]":
        """The same page of the same list, with these rows."""
        return Listed(rows, self.total, self.page, self.pages)


def page_and_pages(total: int, asked: int, size: int = A_PAGE) -> tuple[int, int]:
    """The page nearest to the one that was asked for, and how many there are; both at least 1."""
    pages = max(1, -(-total // size))
    return min(max(1, asked), pages), pages


def cut(rows: Sequence[Row], asked: int, size: int = A_PAGE) -> Listed[Row]:
    """One page of rows that are all known, because a rule had to look at each."""
    page, pages = page_and_pages(len(rows), asked, size)
    return Listed(tuple(rows[(page - 1) * size : page * size]), len(rows), page, pages)
