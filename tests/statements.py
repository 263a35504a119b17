"""Counting SQL statements: what a page or a stage asks the database for, whatever it holds."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

import pytest
from sqlalchemy import Engine, event

Counted: TypeAlias = Callable[[Engine], AbstractContextManager[list[str]]]


OPENING = ("PRAGMA", "BEGIN", "SET ")
"""How statements begin by which the engine opens a transaction."""


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    """Every statement that reaches the database inside the block, in order.

    The pragmas and locks by which the engine opens a transaction are not among them.
    """
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # noqa: ANN401
        if not statement.startswith(OPENING):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def statements() -> Counted:
    """Give the block that counts; what it gives is the list of what was asked."""
    return statements_of
