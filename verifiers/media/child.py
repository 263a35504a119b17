"""The process that opens strangers' files.

``python -m verifiers.media.child``, started by ``pipeline.containment.opening``.

It loads everything that decoders use, enters the cell (``verifiers.media.cell``), and then forks
one child for each file: a clean process in a few milliseconds, that locks its cell and ends with
its file. The parent process itself never sees a byte of a file. It talks over the socket that it
inherits as file descriptor 0; when that closes, everything here ends.
"""

# ``socket.recv_fds`` loads it late, and nothing can be loaded in the cell
import array  # noqa: F401
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from scheme.reading import Box
from verifiers.media import open_media_file, wire
from verifiers.media.cell import ALL, Cell, Layer
from verifiers.media.formats import FORMATS
from verifiers.media.protocol import Frame, Media, MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from verifiers.media.preview import Preview

_LARGEST_ORDER = 64 * 1024
"""Bytes of an order: a name, a method and a few numbers. Chosen, not measured."""
_OUT_OF_MEMORY = MediaError("TOO_COMPLEX", "out of memory")
_LOADED = (
    "verifiers.media.photo",
    "verifiers.media.preview",
    "verifiers.media.render",
    "verifiers.media.video",
    "PIL.BmpImagePlugin",
    "PIL.ImageFile",
    "PIL.ImageOps",
    "PIL.TiffImagePlugin",
    *(module for known in FORMATS for module in known.loads),
)
"""The decoders, and what Pillow would load with the first file that needs it: the cell has nothing
to load it from.
"""
_LOADED_WHOLE = ("av", "exifread", "pillow_heif")
"""Packages of which any module may be loaded late."""


def main(
    answers: "type[_Answers] | None" = None,
    layers: frozenset[Layer] = ALL,
    given: frozenset[Layer] = frozenset(),
) -> None:
    """Serve orders from the socket on file descriptor 0 until it closes; ``given`` as for ``Cell``.

    Tests try the cell from inside: with ``answers`` that do what no decoder should, and with fewer
    ``layers``.
    """
    control = socket.socket(fileno=os.dup(0))
    _quiet()
    cell = Cell(layers, given)
    try:
        _load_decoders()
        cell.enter()
    except Exception as error:
        control.sendall(json.dumps({"failed": f"{type(error).__name__}: {error}"[:1000]}).encode())
        raise
    control.sendall(json.dumps({"missing": cell.missing}).encode())
    gc.collect()
    gc.freeze()  # so that forked children share these pages
    nursery = _Nursery(control, cell, answers or _Answers)
    try:
        while nursery.serve():
            pass
    finally:
        nursery.end_all()


def _quiet() -> None:
    """Nothing that decoders print about a stranger's file reaches a terminal or a log."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is the parent's: the socket closes when it ends


def _load_decoders() -> None:
    # By name, not at the top: a test of the parent's side may import this module for its words.
    for name in _LOADED:
        importlib.import_module(name)
    importlib.import_module("PIL.Image").preinit()
    for name in _LOADED_WHOLE:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


class _Nursery:
    """Forks a child for each file and buries it."""

    def __init__(self, control: socket.socket, cell: Cell, answers: "type[_Answers]") -> None:
        self.control, self.cell, self.answers = control, cell, answers
        self.alive: set[int] = set()

    def serve(self) -> bool:
        """Serve one order: ``start`` with two descriptors (channel, file), or ``end``."""
        text, descriptors, _, _ = socket.recv_fds(self.control, _LARGEST_ORDER, 2)
        if not text:
            return False
        order = json.loads(text)
        answer = (
            self.start(order, *descriptors) if order["do"] == "start" else self.end(order["pid"])
        )
        self.control.sendall(json.dumps(answer).encode())
        return True

    def start(self, order: dict[str, Any], channel: int, file: int) -> dict[str, object]:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                self.control.close()
                code = self.live(order, channel, file)
            finally:
                os._exit(code)
        os.close(channel)
        os.close(file)
        self.alive.add(pid)
        return {"pid": pid}

    def live(self, order: dict[str, Any], channel: int, file: int) -> int:
        """The whole life of a child.

        The cell is locked, one file, answers until the channel closes; the exit code.
        """
        speaker, held = socket.socket(fileno=channel), os.fdopen(file, "rb")
        limited = self.cell.lock(order["memory_bytes"], order["cpu_s"])
        with suppress(wire.ChannelBroken, OSError):  # the parent has all it wanted
            self.answers(speaker, held, limited=limited).serve()
        return 0

    def end(self, pid: int) -> dict[str, object]:
        """End the child if it still lives; tell how it ended and what it used."""
        if pid not in self.alive:
            return {"signal": 0, "code": 1, "peak_rss_bytes": 0, "cpu_s": 0.0}
        ended, status, used = os.wait4(pid, os.WNOHANG)
        killed = ended == 0
        if killed:
            os.kill(pid, signal.SIGKILL)
            _, status, used = os.wait4(pid, 0)
        self.alive.discard(pid)
        unit = (
            1 if sys.platform == "darwin" else 1024
        )  # ru_maxrss counts bytes there, KiB elsewhere
        return {
            "killed": killed,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "peak_rss_bytes": used.ru_maxrss * unit,
            "cpu_s": used.ru_utime + used.ru_stime,
        }

    def end_all(self) -> None:
        for pid in self.alive:
            os.kill(pid, signal.SIGKILL)


class _Answers:
    """Answers the parent's questions about one file."""

    def __init__(self, channel: socket.socket, file: BinaryIO, *, limited: bool) -> None:
        self.channel, self.file, self.limited = channel, file, limited
        self.media: Media | None = None
        self.frames: Iterator[Frame] = iter(())
        self.preview: Preview | None = None
        self.preview_steps: Iterator[int] = iter(())
        self.questions: dict[str, Callable[[dict[str, Any]], None]] = {
            "open": self.open,
            "frames": self.start_frames,
            "next": self.next_frame,
            "timeline": self.timeline,
            "render": self.render,
            "preview": self.start_preview,
            "preview_step": self.step_preview,
        }

    def serve(self) -> None:
        while True:
            question, _ = wire.receive(self.channel)
            try:
                self.questions[question["ask"]](question)
            except MediaError as error:
                self.fail(error)
            except MemoryError:
                self.fail(_OUT_OF_MEMORY)
            # Nothing above foresaw it: told as what it is, a failure of this program, not of the
            # file.
            except Exception as error:  # noqa: BLE001
                self.fail(MediaError("DECODER_DIED", type(error).__name__))

    def fail(self, error: MediaError) -> None:
        wire.send(self.channel, {"error": error.code, "detail": error.detail})

    def opened(self) -> Media:
        if self.media is None:
            raise MediaError("UNREADABLE", "not open")
        return self.media

    def open(self, question: dict[str, Any]) -> None:
        self.media = open_media_file(self.file, question["file_name"])
        wire.send(
            self.channel, {"facts": wire.facts_to_json(self.media.facts), "limited": self.limited}
        )

    def start_frames(self, question: dict[str, Any]) -> None:
        self.frames = self.opened().frames(question["times_ms"], question["max_side"])
        self.next_frame(question)

    def next_frame(self, _: dict[str, Any]) -> None:
        frame = next(self.frames, None)
        if frame is None:
            wire.send(self.channel, {"end": True})
            return
        height, width = frame.pixels.shape[:2]
        about = {"ms": frame.ms, "scale": frame.scale, "width": width, "height": height}
        wire.send(self.channel, about, np.ascontiguousarray(frame.pixels).data.cast("B"))

    def timeline(self, _: dict[str, Any]) -> None:
        wire.send(self.channel, {"timeline": wire.timeline_to_json(self.opened().timeline())})

    def render(self, question: dict[str, Any]) -> None:
        # Loaded before the fork
        from verifiers.media.render import crop, poster, strip  # noqa: PLC0415

        media = self.opened()
        if question["what"] == "poster":
            picture = poster(media, question["max_side"])
        elif question["what"] == "strip":
            picture = strip(media, question["pictures"], question["height"])
        else:
            picture = crop(media, question["frame_ms"], Box(*question["box"]), question["max_side"])
        wire.send(self.channel, {"jpeg": len(picture)}, picture)

    def start_preview(self, question: dict[str, Any]) -> None:
        # Loaded before the fork
        from verifiers.media.preview import Preview, PreviewLimits  # noqa: PLC0415
        from verifiers.media.video import Video  # noqa: PLC0415

        media = self.opened()
        if not isinstance(media, Video):
            raise MediaError("NO_VIDEO", "a photo has no preview")
        limits = PreviewLimits(question["side"], question["size_bytes"], question["seconds"])
        self.preview = Preview(media, limits)
        self.preview_steps = self.preview.steps()
        self.step_preview(question)

    def step_preview(self, _: dict[str, Any]) -> None:
        made = self.preview
        if made is None:
            raise MediaError("UNREADABLE", "no preview is being made")
        reached_ms = next(self.preview_steps, None)
        if reached_ms is not None:
            wire.send(self.channel, {"reached_ms": reached_ms})
            return
        wire.send(self.channel, {"end": True, "whole": made.whole}, made.content)


if __name__ == "__main__":
    main(given=frozenset(Layer(name) for name in sys.argv[1:]))
