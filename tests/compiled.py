"""What SQLAlchemy compiles of a statement serves every database of this run.

The product has one engine a process and compiles each statement once. Here each test opens an
engine of its own, and would compile everything anew: engines of one kind share their dialect, by
which compiled statements are kept.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Dialect, Engine, event

from pipeline.store.engine import opening


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """The first engine of a kind that connects lends its dialect to all later ones."""
    kinds: dict[str, Dialect] = {}
    compiled: dict[Any, Any] = {}

    def create_engine(*arguments: Any, **options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's own
        engine = sqlalchemy.create_engine(*arguments, **options)
        engine.update_execution_options(compiled_cache=compiled)
        kind = engine.dialect.name
        if kind in kinds:
            engine.dialect = kinds[kind]
        else:
            event.listen(engine, "connect", lambda *_: kinds.setdefault(kind, engine.dialect))
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "create_engine", create_engine)
        yield
