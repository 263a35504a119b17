"""What a disk and a database refuse, by name: StorageFull, StoreBusy, DatabaseDamaged.

All else stays what it is.

SQLite tells a disk that takes nothing in several ways (full, read-only, a failed write of the log
beside it), the operating system in others, PostgreSQL by its own codes. For whoever asked they mean
the same: nothing was kept.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

TAKES_NOTHING: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
RETRY_AFTER_S: Final = 5

_SQLITE_FULL: Final = frozenset(
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
_SQLITE_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_POSTGRESQL_FULL: Final = ("53100", "25006")
"""disk_full, read_only_sql_transaction."""
_POSTGRESQL_BUSY: Final = ("55P03",)
"""lock_not_available: lock_timeout is over."""
_SQLITE_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY: Final = 0xFF


class DatabaseDamaged(Exception):
    """The database file holds no database any more.

    Only a backup helps, and nothing is written over it.
    """


class StorageFull(Exception):
    """The disk takes no more, or is read-only; nothing of what was asked for was kept."""


class StoreBusy(Exception):
    """Others write for longer than this one may wait; nothing was kept.

    Worth another try in ``retry_after_s``.
    """

    def __init__(self, retry_after_s: int = RETRY_AFTER_S) -> None:
        super().__init__(f"again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


@contextmanager
def refusals_named(*, writes: bool) -> Iterator[None]:
    """Raise StorageFull or StoreBusy for what the block meets of disk and database.

    Not ``writes``: a database that refuses to be written to is then a bug of the block, and stays
    one.
    """
    try:
        yield
    except NoConnectionFree as problem:
        raise StoreBusy from problem
    except DBAPIError as problem:
        named = _named(problem, writes=writes)
        if named is None:
            raise
        raise named from problem
    except OSError as problem:
        if not takes_nothing(problem):
            raise
        raise StorageFull from problem


def takes_nothing(problem: OSError) -> bool:
    """Whether the system says that the disk is full, over quota or read-only."""
    return problem.errno in TAKES_NOTHING


def _named(
    problem: DBAPIError, *, writes: bool
) -> StorageFull | StoreBusy | DatabaseDamaged | None:
    if isinstance(problem.orig, sqlite3.Error):
        code = getattr(problem.orig, "sqlite_errorcode", 0)
        if code & _PRIMARY in _SQLITE_BUSY:
            return StoreBusy()
        if code & _PRIMARY in _SQLITE_DAMAGED:
            return DatabaseDamaged("restore it from a backup")
        full = code in _SQLITE_FULL and (writes or code & _PRIMARY != sqlite3.SQLITE_READONLY)
        return StorageFull() if full else None
    state = getattr(problem.orig, "sqlstate", None)
    if state in _POSTGRESQL_BUSY:
        return StoreBusy()
    return StorageFull() if state in _POSTGRESQL_FULL and writes else None
