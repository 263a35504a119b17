"""SQLite: a file beside the product, one writer at a time by its own lock.

It runs in WAL with synchronous=FULL: WAL with NORMAL lost acknowledged rows in 155 of 300
simulated power cuts, FULL in none (TRUST.md M5).
"""

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from pipeline.store.engine.needs import OPEN_MS, READ_MS, REBUILDS, WRITES, DurabilityRefused
from pipeline.store.storage import DatabaseDamaged, StorageFull, StoreBusy

SYNCHRONOUS_FULL: Final = 2
BESIDE: Final = ("", "-wal", "-shm", "-journal")
AGAIN_S: Final = 0.02
"""After so long the journal of a new database is asked for again."""

_PRIMARY: Final = 0xFF
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FULL: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,  # the files beside the database can't be made
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_READONLY_CANTINIT,
        sqlite3.SQLITE_READONLY_DIRECTORY,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMMAP,
    }
)


def prepare(url: URL) -> URL:
    """Make the folder. Raises DurabilityRefused for a database in memory."""
    if not url.database or url.database == ":memory:":
        raise DurabilityRefused("database", url.render_as_string(hide_password=True))
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return url


def attend(engine: Engine) -> None:
    """Set each connection up, and begin transactions ourselves."""
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)


def named(problem: DBAPIError, *, writes: bool) -> Exception | None:
    """SQLite tells a disk that takes nothing in many ways; they mean the same."""
    if not isinstance(problem.orig, sqlite3.Error):
        return None
    code = getattr(problem.orig, "sqlite_errorcode", 0)
    primary = code & _PRIMARY
    if primary in _BUSY:
        return StoreBusy()
    if primary in _DAMAGED:
        return DatabaseDamaged("restore it from a backup")
    a_readers_bug = primary == sqlite3.SQLITE_READONLY and not writes
    return StorageFull() if code in _FULL and not a_readers_bug else None


def empty_log(engine: Engine) -> bool:
    """Move the write-ahead log into the database and empty it."""
    connection = engine.raw_connection()
    try:
        busy, _, _ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return not busy


def require_references(connection: Connection) -> None:
    """A constraint is changed by making the table anew, which looks at no reference."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        raise AssertionError(
            f"a migration left a reference without its row: {broken[0]} -> {broken[2]}"
        )


def files(url: URL) -> tuple[Path, ...]:
    """The database, its write-ahead log and what else lies beside it."""
    if not url.database:
        return ()
    return tuple(Path(url.database + ending) for ending in BESIDE)


# The driver's own class
def _set_up(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401
    dbapi_connection.isolation_level = None  # the driver must not begin by itself: _begin does
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {OPEN_MS}")
    _set_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # a destroyed key must not stand on in a page's free space (M20)
    cursor.execute("PRAGMA secure_delete = ON")
    wanted = {"journal_mode": "wal", "synchronous": SYNCHRONOUS_FULL, "foreign_keys": 1}
    for setting, value_wanted in wanted.items():
        value = cursor.execute(f"PRAGMA {setting}").fetchone()[0]
        if value != value_wanted:
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
            passes_by_itself = problem.sqlite_errorcode & _PRIMARY in _BUSY
            if not passes_by_itself or time.monotonic() > give_up:
                raise
            time.sleep(AGAIN_S)
        else:
            return


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    wait_ms = options.get(WRITES)
    writes = wait_ms is not None
    references = "OFF" if options.get(REBUILDS, False) else "ON"
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait_ms if writes else READ_MS}")
    connection.exec_driver_sql(f"PRAGMA foreign_keys = {references}")  # not settable once begun
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
