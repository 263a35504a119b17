"""One transaction, committed whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine

from pipeline.store.engine import WRITES
from pipeline.store.storage import refusals_named

PATIENT_S: Final = 30.0
"""How long whoever has time waits for the write lock: workers, sweep, command line."""


@contextmanager
def writing(engine: Engine, wait_s: float = PATIENT_S) -> Iterator[Connection]:
    """Hold the write lock from the first statement on.

    Commit at the end, roll back on any exception.

    Raises StoreBusy when the lock is not to be had in ``wait_s``, StorageFull when the disk takes
    nothing.
    """
    wait_ms = round(wait_s * 1000)
    with (
        refusals_named(writes=True),
        engine.connect().execution_options(**{WRITES: wait_ms}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One unmoving view of the database, beside any writer.

    Writing through it is refused by the database.
    """
    with refusals_named(writes=False), engine.connect() as connection, connection.begin():
        yield connection
