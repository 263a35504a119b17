"""What a disk and a database refuse, by name: StorageFull, StoreBusy, DatabaseDamaged.

A disk that takes nothing is told in many ways (full, read-only, over quota, a failed write of the
log beside the database). For whoever asked they mean the same: nothing was kept. What each engine
says of itself is named in ``engine``.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

TAKES_NOTHING: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
RETRY_AFTER_S: Final = 5


class DatabaseDamaged(Exception):
    """The database holds no database any more.

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


class DatabaseUnreachable(StoreBusy):
    """No server answers where the settings say that the database is."""


@contextmanager
def full_disk_named() -> Iterator[None]:
    """Raise StorageFull for what the block meets of a disk that takes nothing."""
    try:
        yield
    except OSError as problem:
        if not takes_nothing(problem):
            raise
        raise StorageFull from problem


def takes_nothing(problem: OSError) -> bool:
    """Whether the system says that the disk is full, over quota or read-only."""
    return problem.errno in TAKES_NOTHING
