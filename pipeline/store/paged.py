"""One page of a query, and how many rows it has in all."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, func, select

from pipeline.listed import A_PAGE, Listed, page_and_pages

Value = TypeVar("Value")


def paged(
    connection: Connection,
    query: Select[Any],
    asked: int,
    read: Callable[[Row[Any]], Value],
    size: int = A_PAGE,
) -> Listed[Value]:
    """That page of an ordered query, each row as ``read`` makes it."""
    total = connection.execute(
        select(func.count()).select_from(query.order_by(None).subquery())
    ).scalar_one()
    page, pages = page_and_pages(total, asked, size)
    rows = connection.execute(query.limit(size).offset((page - 1) * size)).all()
    return Listed(tuple(read(row) for row in rows), total, page, pages)
