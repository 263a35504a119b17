"""PostgreSQL: a server somewhere, one writer at a time by an advisory lock of the database.

Writers take that lock when they begin, so what they read stays true until they commit, exactly as
on SQLite. Processes that start together migrate one after the other by the same lock.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from pipeline.store.engine.needs import WRITES, DurabilityRefused
from pipeline.store.storage import DatabaseDamaged, DatabaseUnreachable, StorageFull, StoreBusy

DRIVER: Final = "psycopg"
WRITE_LOCK: Final = 20121018
DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings without which the server may lose or tear what it acknowledged."""

_BUSY: Final = frozenset(
    {
        "55P03",  # lock_not_available: lock_timeout is over
        "53300",  # too_many_connections
        "57P01",  # admin_shutdown: it is started anew
        "57P03",  # cannot_connect_now: it is just starting
    }
)
_FULL: Final = frozenset({"53100", "58030"})
"""disk_full, io_error."""
_READ_ONLY: Final = "25006"
_DAMAGED: Final = frozenset({"XX001", "XX002"})
"""data_corrupted, index_corrupted."""


class DriverMissing(Exception):
    """The driver is not among what set-up installs for everybody."""

    def __init__(self) -> None:
        super().__init__("install it beside the product: .venv/bin/pip install '.[postgresql]'")


def prepare(url: URL) -> URL:
    """Name the driver; the database itself is made by whoever runs the server.

    Raises DriverMissing.
    """
    if find_spec(DRIVER) is None:
        raise DriverMissing
    return url.set(drivername=f"postgresql+{DRIVER}")


def attend(engine: Engine) -> None:
    """Ask each connection for its settings, and begin each transaction by its purpose."""
    event.listen(engine, "connect", _require_durable)
    event.listen(engine, "begin", _begin)


def named(problem: DBAPIError, *, writes: bool) -> Exception | None:
    """By the standard's five signs, which every driver passes on."""
    state = getattr(problem.orig, "sqlstate", None)
    if state is None and isinstance(problem, OperationalError):
        return DatabaseUnreachable()  # only a server signs its errors
    if state in _BUSY:
        return StoreBusy()
    if state in _DAMAGED:
        return DatabaseDamaged("restore it from a backup")
    takes_nothing = state in _FULL or (writes and state == _READ_ONLY)
    return StorageFull() if takes_nothing else None


def empty_log(engine: Engine) -> bool:
    """The server does it by itself: autovacuum, and its log's retention."""
    del engine
    return True


def require_references(connection: Connection) -> None:
    """Nothing: constraints are changed in place, and each statement is looked at."""
    del connection


def files(url: URL) -> tuple[Path, ...]:
    """None of ours: they are the server's."""
    del url
    return ()


# The driver's own class
def _require_durable(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401
    cursor = dbapi_connection.cursor()
    for setting in DURABLE:
        value = cursor.execute(f"SHOW {setting}").fetchone()[0]
        if value == "off":
            raise DurabilityRefused(setting, value)
    cursor.close()
    dbapi_connection.rollback()


def _begin(connection: Connection) -> None:
    wait_ms = connection.get_execution_options().get(WRITES)
    if wait_ms is None:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return
    at_least_ms = max(1, wait_ms)  # 0 would be for ever
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {at_least_ms}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
