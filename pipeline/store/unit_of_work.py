"""One transaction, committed whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from pipeline.store.engine.needs import WRITES
from pipeline.store.engine.opening import kind_of
from pipeline.store.storage import StoreBusy, full_disk_named

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
        _refusals_named(engine, writes=True),
        engine.connect().execution_options(**{WRITES: wait_ms}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One unmoving view of the database, beside any writer.

    Writing through it is refused by the database.
    """
    with (
        _refusals_named(engine, writes=False),
        engine.connect() as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _refusals_named(engine: Engine, *, writes: bool) -> Iterator[None]:
    """Raise StorageFull, StoreBusy or DatabaseDamaged for what the block meets.

    Not ``writes``: a database that refuses to be written to is then a bug of the block, and stays
    one.
    """
    try:
        with full_disk_named():
            yield
    except NoConnectionFree as problem:
        raise StoreBusy from problem
    except DBAPIError as problem:
        named = kind_of(engine).named(problem, writes=writes)
        if named is None:
            raise
        raise named from problem
