"""What an officer watches instead of a recording that browsers do not play: a preview, made once.

It is made in a contained child, one at a time and in the background of the process that shows
pages: the workers that read evidence never wait for it. Whoever may see the original may see it;
the caller asks that. A preview that was lost is made again when it is next wanted.
"""

import fcntl
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog

from pipeline.containment.nursery import ContainmentBroken, Limits
from pipeline.containment.opening import PreviewAsked, open_contained
from pipeline.runtime import Runtime
from pipeline.store.previews import PreviewFiles
from verifiers.media.protocol import MediaError

MOST_WAITING: Final = 32
"""Previews that wait to be made; one more is made when it is asked for again."""
MOST_FAILURES: Final = 1000
ASKED: Final = PreviewAsked(side=1280, size_bytes=64 * 1024**2, seconds=540.0)
LIMITS: Final = Limits(video_s=600.0)
"""The child's whole life: what is asked of it, and a minute to open and to end."""

log = structlog.get_logger()


class State(StrEnum):
    """How far a preview is."""

    READY = "ready"
    MAKING = "making"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview of one recording. ``path`` once it is ready; ``percent`` while it is made."""

    state: State
    path: Path | None = None
    whole: bool = True
    percent: int = 0


@dataclass(frozen=True, slots=True)
class Original:
    """The recording itself: where it lies, what it is called, how long it runs."""

    sha256: str
    path: Path
    file_name: str
    duration_ms: int


class Workshop:
    """Makes previews one after the other in a thread that ends when nothing is left to do."""

    def __init__(self, asked: PreviewAsked = ASKED, limits: Limits = LIMITS) -> None:
        self._asked, self._limits = asked, limits
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, tuple[PreviewFiles, Original]] = OrderedDict()
        self._percent: dict[str, int] = {}
        self._impossible: OrderedDict[str, None] = OrderedDict()
        self._thread: threading.Thread | None = None

    def preview(self, files: PreviewFiles, original: Original) -> Preview:
        """The preview of ``original`` as it is now; it is begun where there is none."""
        kept = files.find(original.sha256)
        if kept is not None:
            return Preview(State.READY, kept.path, kept.whole, 100)
        with self._lock:
            if original.sha256 in self._impossible:
                return Preview(State.IMPOSSIBLE)
            self._begin(files, original)
            return Preview(State.MAKING, percent=self._percent.get(original.sha256, 0))

    def finish(self, timeout_s: float) -> None:
        """Wait until nothing is being made, or the time is over."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _begin(self, files: PreviewFiles, original: Original) -> None:
        known = original.sha256 in self._waiting or original.sha256 in self._percent
        if not known and len(self._waiting) < MOST_WAITING:
            self._waiting[original.sha256] = (files, original)
        if self._waiting and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="previews", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (wanted := self._next()) is not None:
            files, original = wanted
            try:
                self._make(files, original)
            except (MediaError, ContainmentBroken, OSError) as problem:
                self._give_up(original, problem)
            finally:
                with self._lock:
                    self._percent.pop(original.sha256, None)

    def _next(self) -> tuple[PreviewFiles, Original] | None:
        with self._lock:
            if not self._waiting:
                self._thread = None
                return None
            sha256, wanted = self._waiting.popitem(last=False)
            self._percent[sha256] = 0
            return wanted

    def _make(self, files: PreviewFiles, original: Original) -> None:
        with _alone(files):
            if files.find(original.sha256) is not None:  # another process was first
                return
            with open_contained(original.path, original.file_name, self._limits) as media:
                made = media.preview(self._asked, lambda ms: self._tell(original, ms))
            files.keep(original.sha256, made.content, whole=made.whole)

    def _tell(self, original: Original, reached_ms: int) -> None:
        share = reached_ms / max(original.duration_ms, 1)
        with self._lock:
            self._percent[original.sha256] = min(99, round(100 * share))

    def _give_up(self, original: Original, problem: Exception) -> None:
        """A file that can't be shown stays so; a full disk or a broken cell may pass."""
        log.warning("preview_not_made", sha256=original.sha256, problem=type(problem).__name__)
        if not isinstance(problem, MediaError):
            return
        with self._lock:
            self._impossible[original.sha256] = None
            if len(self._impossible) > MOST_FAILURES:
                self._impossible.popitem(last=False)


WORKSHOP: Final = Workshop()
"""This process's."""


def preview_of(
    runtime: Runtime, sha256: str, file_name: str, duration_ms: int, workshop: Workshop = WORKSHOP
) -> Preview:
    """The preview of a stored recording as it is now; it is begun where there is none."""
    files = PreviewFiles.beside(runtime.files)
    original = Original(sha256, runtime.files.path(sha256), file_name, duration_ms)
    return workshop.preview(files, original)


@contextmanager
def _alone(files: PreviewFiles) -> Iterator[None]:
    """Of all processes of this installation only one makes a preview at a time."""
    files.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (files.root / "one-at-a-time").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
