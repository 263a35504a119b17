"""One transaction, committed whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from pipeline.store.engine import WRITES


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Hold the write lock from the first statement on; commit at the end, roll back on any exception."""
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One unmoving view of the database, beside any writer; writing through it is refused by the database."""
    with engine.connect() as connection, connection.begin():
        yield connection
