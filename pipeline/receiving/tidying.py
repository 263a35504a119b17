"""What nobody refers to any more goes.

Files of expired drafts and of senders who took them away, broken-off uploads.

A file lies once under its hash, whoever has sent it, so it goes only when no draft and no report
has it. The same bytes may be coming in at that very moment, written already and not yet in a row:
whoever sends them writes the file anew, so bytes go only when they have no row *and* were not
written for a day, both asked under the lock under which rows are made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pipeline import clock
from pipeline.runtime import Runtime
from pipeline.store import evidence_files, unreferenced
from pipeline.store.actions import Action
from pipeline.store.previews import PreviewFiles
from scheme.reading import Sha256

UNTOUCHED: Final = timedelta(days=1)
"""Longer than any upload takes."""
MOST_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many files and pieces went."""

    files: int
    pieces: int


def tidy(runtime: Runtime) -> Tidied:
    """Remove what nobody refers to; safe at any moment, beside any upload, after any crash."""
    with runtime.read() as work:
        suspected = unreferenced.suspected(work.connection, MOST_AT_ONCE)
    removed = [
        _remove(runtime, sha256) for sha256 in suspected if not _touched(runtime.files.path(sha256))
    ]
    return Tidied(files=sum(removed), pieces=_remove_pieces(runtime))


def _remove(runtime: Runtime, sha256: Sha256) -> bool:
    """Rows first, bytes once that is committed: no row ever lacks its file.

    False where somebody has it after all.
    """
    with runtime.write() as work:
        if unreferenced.is_referenced(work.connection, sha256):
            unreferenced.settle(work.connection, sha256)
            return False
        if unreferenced.forget(work.connection, sha256):
            work.record("system", Action.EVIDENCE_REMOVED, f"evidence/{sha256}")
    with runtime.write() as work:
        path = work.files.path(sha256)
        if evidence_files.is_known(work.connection, sha256) or _touched(path):
            return False  # it came in again
        path.unlink(missing_ok=True)
        PreviewFiles.beside(work.files).forget(sha256)
        unreferenced.settle(work.connection, sha256)
    return True


def _remove_pieces(runtime: Runtime) -> int:
    old = [piece for piece in runtime.files.left_aside() if not _touched(piece)]
    for piece in old:
        piece.unlink(missing_ok=True)
    return len(old)


def _touched(path: Path) -> bool:
    """Whether the file was written within the last day, by the real clock.

    That is what files are dated by.
    """
    now = clock.now()
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo) < UNTOUCHED
    except FileNotFoundError:
        return False
