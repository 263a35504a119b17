"""The write lock in other hands."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.store.engine.opening import open_engine
from pipeline.store.unit_of_work import writing

LONG_S = 60
"""Nothing waits so long; a test that would fails."""


@contextmanager
def lock_held(database: str) -> Iterator[None]:
    """Somebody with connections of their own holds the write lock until the block ends."""
    held, done = threading.Event(), threading.Event()
    engine = open_engine(database)

    def hold() -> None:
        with writing(engine):
            held.set()
            done.wait(LONG_S)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(LONG_S)
    try:
        yield
    finally:
        done.set()
        holder.join(LONG_S)
        engine.dispose()
