"""The process that opens strangers' files: ``python -m verifiers.media.child``, started by ``pipeline.containment``.

It loads the decoders once, gives up the network, and then forks one child for each file: a clean process in a few
milliseconds, under limits, that ends with its file. The parent process itself never sees a byte of a file. It talks
over the socket that it inherits as file descriptor 0; when that closes, everything here ends.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from scheme.reading import Box
from verifiers.media import open_media_file, wire
from verifiers.media.protocol import Frame, Media, MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_LARGEST_ORDER = 64 * 1024
_OPEN_FILES = 32
_OUT_OF_MEMORY = MediaError("TOO_COMPLEX", "out of memory")


def main() -> None:
    """Serve orders from the socket on file descriptor 0 until it closes."""
    control = socket.socket(fileno=os.dup(0))
    _quiet()
    try:
        _load_decoders()
    except Exception as error:
        control.sendall(json.dumps({"failed": f"{type(error).__name__}: {error}"[:1000]}).encode())
        raise
    control.sendall(json.dumps({"no_network": _leave_network()}).encode())
    gc.collect()
    gc.freeze()  # so that forked children share these pages
    nursery = _Nursery(control)
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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: the socket closes when it ends


def _load_decoders() -> None:
    # Loaded here, not at the top: a test of the parent's side may import this module for its words.
    import verifiers.media.photo  # noqa: PLC0415
    import verifiers.media.render  # noqa: PLC0415
    import verifiers.media.video  # noqa: F401, PLC0415


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _leave_network() -> bool:
    """Enter an empty network namespace; ``False`` where the system does not allow it (the libav whitelist remains)."""
    libc = _libc()
    if libc is None:
        return False
    return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET))


class _Nursery:
    """Forks a child for each file and buries it."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.alive: set[int] = set()

    def serve(self) -> bool:
        """Serve one order: ``start`` with two descriptors (channel, file), or ``end`` with a process id."""
        text, descriptors, _, _ = socket.recv_fds(self.control, _LARGEST_ORDER, 2)
        if not text:
            return False
        order = json.loads(text)
        answer = self.start(order, *descriptors) if order["do"] == "start" else self.end(order["pid"])
        self.control.sendall(json.dumps(answer).encode())
        return True

    def start(self, order: dict[str, Any], channel: int, file: int) -> dict[str, object]:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                self.control.close()
                code = _live(order, channel, file)
            finally:
                os._exit(code)
        os.close(channel)
        os.close(file)
        self.alive.add(pid)
        return {"pid": pid}

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
        unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes there, KiB elsewhere
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


def _live(order: dict[str, Any], channel: int, file: int) -> int:
    """The whole life of a child: limits, one file, answers until the channel closes. Returns the exit code."""
    limited = _limit(order["memory_bytes"], order["cpu_s"])
    speaker = socket.socket(fileno=channel)
    try:
        _Answers(speaker, os.fdopen(file, "rb"), limited=limited).serve()
    except (wire.ChannelBroken, OSError):
        return 0  # the parent has all it wanted
    return 0


def _limit(memory_bytes: int, cpu_s: int) -> bool:
    """Set this process's limits; ``False`` where the memory limit can't be set, so that the parent must watch."""
    libc = _libc()
    if libc is not None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    except (ValueError, OSError):
        return False
    return sys.platform != "darwin"  # set there, but not enforced


class _Answers:
    """Answers the parent's questions about one file."""

    def __init__(self, channel: socket.socket, file: BinaryIO, *, limited: bool) -> None:
        self.channel, self.file, self.limited = channel, file, limited
        self.media: Media | None = None
        self.frames: Iterator[Frame] = iter(())

    def serve(self) -> None:
        questions: dict[str, Callable[[dict[str, Any]], None]] = {
            "open": self.open,
            "frames": self.start_frames,
            "next": self.next_frame,
            "timeline": self.timeline,
            "render": self.render,
        }
        while True:
            question, _ = wire.receive(self.channel)
            try:
                questions[question["ask"]](question)
            except MediaError as error:
                self.fail(error)
            except MemoryError:
                self.fail(_OUT_OF_MEMORY)
            # Nothing above foresaw it: told as what it is, a failure of this program, not of the file.
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
        wire.send(self.channel, {"facts": wire.facts_to_json(self.media.facts), "limited": self.limited})

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
        from verifiers.media.render import crop, poster, strip  # noqa: PLC0415 - loaded before the fork

        media = self.opened()
        if question["what"] == "poster":
            picture = poster(media, question["max_side"])
        elif question["what"] == "strip":
            picture = strip(media, question["pictures"], question["height"])
        else:
            picture = crop(media, question["frame_ms"], Box(*question["box"]), question["max_side"])
        wire.send(self.channel, {"jpeg": len(picture)}, picture)


if __name__ == "__main__":
    main()
