"""The database connection: durable by assertion, one writer at a time.

SQLite runs in WAL with synchronous=FULL: WAL with NORMAL lost acknowledged rows in 155 of 300
simulated power cuts, FULL in none (TRUST.md M5). Writers take the write lock when they begin, so
what they read stays true until they commit; on PostgreSQL one advisory lock does the same.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

OPEN_MS: Final = 30_000
"""So long a new connection waits for others who set up or migrate the database."""
READ_MS: Final = 5_000
POOLED: Final = 8
MOST_CONNECTIONS: Final = 256
CONNECTION_WAIT_S: Final = 5
WRITES: Final = "busreport_writes"
"""Execution option of a connection that is going to write: for how many milliseconds it waits for
the lock.
"""
REBUILDS: Final = "busreport_rebuilds"
"""Execution option of the migrations' connection: tables are made anew, and references looked at in
the end.
"""

ADVISORY_LOCK: Final = 20121018
FULL: Final = 2
WAITS: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""What passes by itself while another process sets the database up."""


class DurabilityRefused(Exception):
    """The database does not promise to keep what it acknowledged.

    ``setting`` is not as it must be (P2).
    """

    def __init__(self, setting: str, value: object) -> None:
        super().__init__(f"{setting} is {value!r}")
        self.setting, self.value = setting, value


def open_engine(database: str) -> Engine:
    """Connect to ``database`` (an SQLAlchemy URL).

    Raises DurabilityRefused at the first connection.
    """
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        _prepare_folder(url)
    engine = create_engine(
        url,
        hide_parameters=True,  # error texts reach logs; parameters are personal data (TRUST.md M19)
        pool_size=POOLED,
        max_overflow=MOST_CONNECTIONS - POOLED,
        pool_timeout=CONNECTION_WAIT_S,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _check_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def folder_of(database: str) -> Path | None:
    """In which folder the database lies.

    None for one that is somewhere else than on this machine's disks.
    """
    url = make_url(database)
    return (
        Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else None
    )


def empty_log(engine: Engine) -> bool:
    """Move SQLite's write-ahead log into the database and empty it.

    False while a reader needs an older state.

    On PostgreSQL this is the server's own doing (autovacuum, its log's retention), and nothing is
    done here.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        busy, _, _ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return not busy


def _prepare_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise DurabilityRefused("database", url.render_as_string(hide_password=True))
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)


# The driver's own class
def _set_up_sqlite(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401
    dbapi_connection.isolation_level = (
        None  # the driver must not begin by itself: _begin_sqlite does
    )
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {OPEN_MS}")
    _set_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(
        "PRAGMA secure_delete = ON"
    )  # a destroyed key must not stand on in a page's free space (M20)
    for setting, wanted in (("journal_mode", "wal"), ("synchronous", FULL), ("foreign_keys", 1)):
        value = cursor.execute(f"PRAGMA {setting}").fetchone()[0]
        if value != wanted:
            raise DurabilityRefused(setting, value)
    cursor.close()


def _set_wal(cursor: Any) -> None:  # noqa: ANN401 - the driver's own class
    """Change the journal of a new database.

    SQLite does not wait for others here, busy_timeout or not.
    """
    give_up = time.monotonic() + OPEN_MS / 1000
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF not in WAITS or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    wait_ms = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {READ_MS if wait_ms is None else wait_ms}")
    rebuilds = connection.get_execution_options().get(REBUILDS, False)
    connection.exec_driver_sql(
        f"PRAGMA foreign_keys = {'OFF' if rebuilds else 'ON'}"
    )  # not settable once begun
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if wait_ms is None else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if wait_ms is None else "BEGIN IMMEDIATE")


# The driver's own class
def _check_postgresql(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401
    cursor = dbapi_connection.cursor()
    for setting in ("fsync", "synchronous_commit"):
        value = cursor.execute(f"SHOW {setting}").fetchone()[0]
        if value != "on":
            raise DurabilityRefused(setting, value)
    dbapi_connection.rollback()


def _begin_postgresql(connection: Connection) -> None:
    wait_ms = connection.get_execution_options().get(WRITES)
    if wait_ms is not None:
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = {max(1, wait_ms)}"
        )  # 0 would be for ever
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
