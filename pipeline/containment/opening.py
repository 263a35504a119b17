"""Strangers' files are opened in a child process that may die.

The same ``Media`` protocol, served over a socket.

One long-lived nursery process (``pipeline.containment.nursery``) has the decoders loaded; for each
file it forks a fresh child in a locked cell, which gets the open file and a socket, nothing else,
and ends with it. This process only ever sees lengths, JSON and plain pixels. Death, hang and limit
come back as ``MediaError``; what was handed out before stays good, and the next file gets the next
child.

Linux sets the memory limit in the child (RLIMIT_AS). Where that can't be done (macOS) this side
watches the child's memory while it waits and ends it.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from pipeline.containment.nursery import (
    DEFAULT_LIMITS,
    NURSERIES,
    Child,
    Limits,
    Nursery,
    Usage,
)
from scheme.reading import Box, MediaFacts, MediaKind
from verifiers.media import wire
from verifiers.media.cell import Layer
from verifiers.media.protocol import Frame, MediaError, Timeline

_WATCH_EVERY_S = 0.25

_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class PreviewAsked:
    """How large a preview may get: longest side in pixels, bytes; and how long it may take."""

    side: int
    size_bytes: int
    seconds: float


class PreviewMade(NamedTuple):
    """An MP4 that browsers play; not ``whole``: it ends before the recording does."""

    content: bytes
    whole: bool


class ContainedMedia:
    """A ``Media`` whose decoder lives in a child process. Made by ``open_contained``."""

    def __init__(self, nursery: Nursery, child: Child, limits: Limits) -> None:
        self._nursery, self._channel, self._limits = nursery, child.channel, limits
        self._waiter = _Waiter(child.channel, child.pid, child.seconds, limits.memory_bytes)
        self._failure: MediaError | None = None
        self._facts: MediaFacts | None = None
        self._timeline: Timeline | None = None
        self._turn = 0
        self.child_pid = child.pid
        self.usage: Usage | None = None

    @property
    def facts(self) -> MediaFacts:
        """What the file says about itself; stays known when the child dies later."""
        if self._facts is None:
            raise self._failure or MediaError("UNREADABLE", "not open")
        return self._facts

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        """As in ``Media``; frames come one at a time, so leaving early costs nothing.

        A later call of ``frames``, ``poster``, ``strip`` or ``crop`` takes the decoder over:
        reading on here then raises ``RuntimeError``.
        """
        times = None if times_ms is None else [int(ms) for ms in times_ms]
        question: dict[str, object] = {
            "ask": "frames",
            "times_ms": times,
            "max_side": int(max_side),
        }
        turn = self._take_turn()
        while True:
            if turn != self._turn:
                raise RuntimeError("the decoder was asked for other frames meanwhile")
            self._ask(question)
            frame = self._frame(max_side)
            if frame is None:
                return
            yield frame
            question = {"ask": "next"}

    def keyframe_times(self) -> tuple[int, ...]:
        """When decoding can start; empty for a photo."""
        return self.timeline().keyframes_ms

    def timeline(self) -> Timeline:
        """Presentation times, holes and edits; empty for a photo."""
        if self._timeline is None:
            if self.facts.kind is MediaKind.PHOTO:
                self._timeline = Timeline()
            else:
                self._ask({"ask": "timeline"})
                answer, _ = self._answer()
                self._timeline = self._parsed(lambda: wire.timeline_from_json(answer["timeline"]))
        return self._timeline

    def poster(self, max_side: int = 1280) -> bytes:
        """``verifiers.media.render.poster``, made in the child: JPEG bytes."""
        return self._render({"what": "poster", "max_side": max_side})

    def strip(self, pictures: int = 8, height: int = 160) -> bytes:
        """``verifiers.media.render.strip``, made in the child: JPEG bytes."""
        return self._render({"what": "strip", "pictures": pictures, "height": height})

    def crop(self, frame_ms: int | None, box: Box, max_side: int = 800) -> bytes:
        """``verifiers.media.render.crop``, made in the child: JPEG bytes."""
        sides = (box.left, box.top, box.right, box.bottom)
        return self._render(
            {"what": "crop", "frame_ms": frame_ms, "box": sides, "max_side": max_side}
        )

    def preview(self, asked: PreviewAsked, tell: Callable[[int], None]) -> PreviewMade:
        """``verifiers.media.preview``, made in the child; ``tell`` hears up to which ms it is.

        Raises ``MediaError``.
        """
        self._take_turn()
        question: dict[str, object] = {"ask": "preview", **asdict(asked)}
        while True:
            self._ask(question)
            answer, content = self._answer()
            if answer.get("end"):
                return PreviewMade(bytes(content), whole=bool(answer.get("whole")))
            tell(self._parsed(partial(_reached_ms, answer)))
            question = {"ask": "preview_step"}

    def close(self) -> None:
        """End the child. Calling it twice is fine."""
        if self.usage is None:
            self._channel.close()
            self.usage = self._nursery.end(self.child_pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self, file_name: str) -> None:
        """Ask for the facts. Raises ``MediaError``; the caller closes."""
        self._ask({"ask": "open", "file_name": file_name})
        answer, _ = self._answer()
        self._facts = self._parsed(lambda: wire.facts_from_json(answer["facts"]))
        self._waiter.watch_memory = not answer.get("limited", False)

    def _take_turn(self) -> int:
        self._turn += 1
        return self._turn

    def _render(self, question: Mapping[str, object]) -> bytes:
        self._take_turn()
        self._ask({"ask": "render", **question})
        _, picture = self._answer()
        return bytes(picture)

    def _frame(self, max_side: int) -> Frame | None:
        about, pixels = self._answer()
        if about.get("end"):
            return None
        return self._parsed(lambda: _frame_from(about, pixels, max_side))

    def _ask(self, question: Mapping[str, object]) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            wire.send(self._channel, question)
        except OSError as error:
            raise self._died() from error

    def _answer(self) -> tuple[dict[str, Any], bytearray]:
        """The child's answer.

        Raises what it reports; a dead, silent or confused child is ended here.
        """
        try:
            answer, payload = wire.receive(self._waiter)
        except _OutOfTime as error:
            raise self._lost(
                MediaError("DECODER_TIMEOUT", f"{self._waiter.seconds:.0f} s")
            ) from error
        except _OutOfMemory as error:
            raise self._lost(MediaError("TOO_COMPLEX", "out of memory")) from error
        except (wire.ChannelBroken, OSError) as error:
            raise self._died() from error
        if "error" in answer:
            raise self._parsed(
                lambda: MediaError(str(answer["error"]), str(answer.get("detail", ""))[:500])
            )
        return answer, payload

    def _parsed(self, parse: Callable[[], _Parsed]) -> _Parsed:
        try:
            return parse()
        except (wire.ChannelBroken, ValueError, TypeError, KeyError) as error:
            raise self._died() from error

    def _died(self) -> MediaError:
        self.close()
        used = self.usage
        if used is not None and used.signal == signal.SIGXCPU:
            return self._lost(MediaError("DECODER_TIMEOUT", "processor time"))
        reason = (
            f"signal {used.signal}"
            if used and used.signal
            else f"exit code {used.code if used else '?'}"
        )
        return self._lost(MediaError("DECODER_DIED", reason))

    def _lost(self, failure: MediaError) -> MediaError:
        self._failure = failure
        self.close()
        return failure


@contextmanager
def open_contained(
    path: Path, file_name: str, limits: Limits = DEFAULT_LIMITS, nursery: Nursery | None = None
) -> Iterator[ContainedMedia]:
    """Open the file at ``path`` in a child of its own, which ends with the ``with`` block.

    ``file_name`` is what the sender called it. Raises ``MediaError`` when nothing of it can be
    shown, ``ContainmentBroken`` when no child can be had at all.
    """
    nursery = nursery or NURSERIES.nursery()
    media = ContainedMedia(nursery, nursery.start(path, limits), limits)
    try:
        media.open(file_name)
        yield media
    finally:
        media.close()


def render_contained(
    path: Path,
    file_name: str,
    crops: Sequence[tuple[int | None, Box]] = (),
    *,
    poster_side: int = 1280,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[bytes, tuple[bytes, ...]]:
    """``(poster, crops)`` of a file as JPEG bytes, from one opening. Raises ``MediaError``."""
    with open_contained(path, file_name, limits) as media:
        pictures = tuple(media.crop(frame_ms, box) for frame_ms, box in crops)
        return media.poster(poster_side), pictures


def missing_layers() -> Mapping[Layer, str]:
    """The layers of the decoder's cell (``verifiers.media.cell``) that this machine lacks, and why.

    The first call starts the nursery. Raises ``ContainmentBroken``.
    """
    return NURSERIES.missing_layers()


def require_whole_cell() -> None:
    """From now on open no file in this process while a layer is missing: ``CellIncomplete``."""
    NURSERIES.whole_cell = True


def start_decoders() -> None:
    """Start the nursery now, so that the first file need not wait.

    Raises ``CellIncomplete`` where all is asked for.
    """
    NURSERIES.nursery()


def shut_down() -> None:
    """End the nursery and every child. The next file starts a new one."""
    NURSERIES.close()


def _reached_ms(answer: Mapping[str, Any]) -> int:
    return int(answer["reached_ms"])


def _frame_from(about: Mapping[str, Any], pixels: bytearray, max_side: int) -> Frame:
    width, height, ms = int(about["width"]), int(about["height"]), about["ms"]
    if width * height * 3 != len(pixels) or not 0 < max(width, height) <= max(max_side, 1):
        raise wire.ChannelBroken("a frame of another size than told")
    shown = np.frombuffer(pixels, dtype=np.uint8).reshape(height, width, 3)
    return Frame(None if ms is None else int(ms), shown, float(about["scale"]))


class _OutOfTime(Exception):
    pass


class _OutOfMemory(Exception):
    pass


class _Waiter:
    """Receives from a child, counting the seconds that are spent waiting for it."""

    def __init__(self, channel: socket.socket, pid: int, seconds: float, memory_bytes: int) -> None:
        self.channel, self.pid, self.seconds, self.memory_bytes = (
            channel,
            pid,
            seconds,
            memory_bytes,
        )
        self.left_s = seconds
        self._next_look = 0.0
        self.watch_memory = sys.platform == "darwin"

    def sendall(self, data: bytes | memoryview, /) -> None:
        self.channel.sendall(data)

    def recv_into(self, buffer: memoryview, /) -> int:
        while True:
            if self.left_s <= 0:
                raise _OutOfTime
            began = time.monotonic()
            patience = min(self.left_s, _WATCH_EVERY_S) if self.watch_memory else self.left_s
            ready, _, _ = select.select([self.channel], [], [], patience)
            now = time.monotonic()
            self.left_s -= now - began
            if self.watch_memory and now >= self._next_look:
                self._next_look = now + _WATCH_EVERY_S
                if _resident_bytes(self.pid) > self.memory_bytes:
                    raise _OutOfMemory
            if ready:
                return self.channel.recv_into(buffer)


def _resident_bytes(pid: int) -> int:
    statm = Path(f"/proc/{pid}/statm")
    if statm.exists():
        return int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False
    )
    return int(shown.stdout or 0) * 1024
