"""What the product writes is nobody else's on this machine: folders 0700, files 0600 (R17)."""

import os
import stat
from pathlib import Path
from typing import Final

from pipeline.store.engine.opening import files_of
from pipeline.store.storage import full_disk_named, takes_nothing

FOR_OTHERS: Final = 0o077
FOLDER, FILE = 0o700, 0o600
OURS: Final = ("evidence", "outbox", "broker")
"""Folders in the home that an older version may have left open."""


class OpenToOthers(Exception):
    """Others on this machine may read what is ours, and it is not for us to change that.

    ``path``, ``what_to_do``.
    """

    def __init__(self, path: Path, what_to_do: str) -> None:
        super().__init__(f"{path} is open to others: {what_to_do}")
        self.path, self.what_to_do = path, what_to_do


class HomeUnusable(Exception):
    """No folder can be made at ``path``, or what is there is none: ``problem`` says why."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


def keep_to_ourselves(home: Path, database: str) -> None:
    """Close home, evidence and database to others, and whatever is written from here on.

    The first start after an upgrade closes what an older one left open.

    Raises OpenToOthers, HomeUnusable, StorageFull.
    """
    os.umask(os.umask(FOR_OTHERS) | FOR_OTHERS)
    with full_disk_named():
        _make(home)
    if home.stat().st_mode & stat.S_IWOTH:
        raise OpenToOthers(
            home, "everybody writes there; choose a folder of its own for BUSREPORT_HOME"
        )
    for folder in (home, *(home / name for name in OURS)):
        _close(folder, FOLDER)
    for file in files_of(database):
        _close(file, FILE)


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=FOLDER)
    except OSError as problem:
        if takes_nothing(problem):
            raise
        raise HomeUnusable(home, problem.strerror or type(problem).__name__) from problem


def _close(path: Path, mode: int) -> None:
    try:
        if stat.S_IMODE(path.stat().st_mode) & FOR_OTHERS:
            path.chmod(mode)
    except FileNotFoundError:
        return  # it comes with our umask
    except PermissionError as problem:
        raise OpenToOthers(path, f"it is another user's; let them chmod go= {path}") from problem
