"""This side of the nursery, the process that has the decoders loaded.

It forks a child in a locked cell for each file.

One a process, started when the first file is opened and again when it was lost. Which layers of the
cell this machine lacks is known from its start (``verifiers.media.cell``); an installation may
refuse to go on without all of them.
"""

import atexit
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.containment import bubblewrap
from scheme.reading import MediaKind
from verifiers.media import formats
from verifiers.media.cell import Layer

CHILD = "verifiers.media.child"
_START_TIMEOUT_S = 60.0
_ORDER_TIMEOUT_S = 20.0
_LARGEST_ANSWER = 64 * 1024


class ContainmentBroken(Exception):
    """The nursery itself can't be started or does not answer.

    A fault of the installation, not of a file.
    """


class CellIncomplete(ContainmentBroken):
    """This machine lacks layers of the decoder's cell; BUSREPORT_REQUIRE_SANDBOX asks for all."""

    def __init__(self, missing: Mapping[Layer, str]) -> None:
        lacks = "; ".join(f"{layer} ({reason})" for layer, reason in missing.items())
        super().__init__(
            "BUSREPORT_REQUIRE_SANDBOX=yes, "
            f"and this machine lacks layers of the decoder's cell: {lacks}. "
            "docs/isolation.md says what each needs. Provide them, or unset it to run without them."
        )
        self.missing, self.lacks = dict(missing), lacks


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    Seconds count while we wait for its child, so that slow readers are not charged.
    """

    memory_bytes: int = formats.CHILD_MEMORY_BYTES
    photo_s: float = formats.PHOTO_DECODE_SECONDS
    video_s: float = formats.VIDEO_DECODE_SECONDS


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a child used in its life; known once its ``Media`` is closed."""

    cpu_s: float
    peak_rss_bytes: int
    signal: int
    code: int


class Child(NamedTuple):
    """A process that holds one file and has not looked at it yet."""

    channel: socket.socket
    pid: int
    seconds: float
    """How long we wait for its answers in all."""


class Nursery:
    """This side of one nursery process.

    ``module`` with ``arguments`` is what it runs: another one tries the cell.

    ``before`` is a command in which it runs.
    """

    def __init__(self, module: str = CHILD, *arguments: str, before: Sequence[str] = ()) -> None:
        self.owner = os.getpid()
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*before, sys.executable, "-P", "-s", "-m", module, *arguments],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        self._control = ours
        try:
            told = self._hear(_START_TIMEOUT_S)["missing"]
            self.missing = {Layer(name): str(reason) for name, reason in told.items()}
            """Layers of the cell that this machine lacks, and why."""
        except ContainmentBroken:
            self.close()
            raise

    def start(self, path: Path, limits: Limits) -> Child:
        """A child that holds the file at ``path``.

        Nothing of the file has been looked at yet but its first bytes.
        """
        with path.open("rb") as file:
            known = formats.sniff(file.read(formats.HEAD_BYTES))
            file.seek(0)
            photo = known is None or known.kind is MediaKind.PHOTO
            seconds = limits.photo_s if photo else limits.video_s
            ours, theirs = socket.socketpair()
            order = {
                "do": "start",
                "memory_bytes": limits.memory_bytes,
                "cpu_s": math.ceil(seconds) + 1,
            }
            try:
                with theirs:
                    answer = self._order(order, (theirs.fileno(), file.fileno()))
            except ContainmentBroken:
                ours.close()
                raise
        return Child(ours, int(answer["pid"]), seconds)

    def end(self, pid: int) -> Usage:
        """End the child ``pid`` if it lives; what it used."""
        try:
            told = self._order({"do": "end", "pid": pid})
        except ContainmentBroken:
            return Usage(0.0, 0, signal.SIGKILL, 0)  # the nursery is gone, and its children with it
        return Usage(
            float(told["cpu_s"]),
            int(told["peak_rss_bytes"]),
            int(told["signal"]),
            int(told["code"]),
        )

    def alive(self) -> bool:
        """Whether its process lives."""
        return self._process.poll() is None

    def close(self) -> None:
        """End its process and every child."""
        self._control.close()
        try:
            self._process.wait(_ORDER_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def abandon(self) -> None:
        """Forget a nursery that belongs to the process we were forked from."""
        self._control.close()
        self._process.returncode = 0  # it is not ours to wait for

    def _order(
        self, order: Mapping[str, object], descriptors: Sequence[int] = ()
    ) -> dict[str, Any]:
        with self._lock:
            try:
                socket.send_fds(self._control, [json.dumps(order).encode()], descriptors)
            except OSError as error:
                raise ContainmentBroken("the nursery has gone") from error
            return self._hear(_ORDER_TIMEOUT_S)

    def _hear(self, timeout_s: float) -> dict[str, Any]:
        self._control.settimeout(timeout_s)
        try:
            text = self._control.recv(_LARGEST_ANSWER)
        except OSError as error:
            raise ContainmentBroken("the nursery does not answer") from error
        if not text:
            raise ContainmentBroken("the nursery has gone")
        answer = json.loads(text)
        assert isinstance(answer, dict)  # noqa: S101 - our own process speaks here, not a file's
        if "failed" in answer:
            raise ContainmentBroken(str(answer["failed"]))
        return answer


def _environment() -> dict[str, str]:
    """The nursery's whole environment.

    Where the code is, and one thread for the numeric libraries.
    """
    return {
        "PYTHONPATH": str(bubblewrap.CODE),
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _best() -> Nursery:
    """A nursery, in a bubble where this machine refuses namespaces to us and not to bubblewrap."""
    plain = Nursery()
    before = (
        bubblewrap.command(("scheme", "verifiers"))
        if plain.missing.keys() & {*bubblewrap.LAYERS}
        else []
    )
    if not before:
        return plain
    try:
        wrapped = Nursery(CHILD, *bubblewrap.LAYERS, before=before)
    except ContainmentBroken:  # it stands here, and may not either
        return plain
    if len(wrapped.missing) < len(plain.missing):
        plain.close()
        return wrapped
    wrapped.close()
    return plain


class Nurseries:
    """The one nursery of this process, started when wanted and again when it was lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nursery: Nursery | None = None
        self._missing: Mapping[Layer, str] | None = None
        self.whole_cell = False
        """Whether no file may be opened while a layer of the cell is missing."""

    def nursery(self) -> Nursery:
        """The nursery of this process.

        Raises ``ContainmentBroken``; ``CellIncomplete`` where all is asked for.
        """
        known = self._started()
        if self.whole_cell and known.missing:
            raise CellIncomplete(known.missing)
        return known

    def missing_layers(self) -> Mapping[Layer, str]:
        """What this machine's cell lacks, as the last nursery told.

        Starts one where none told yet.
        """
        missing = self._missing
        return self._started().missing if missing is None else missing

    def _started(self) -> Nursery:
        with self._lock:
            known = self._nursery
            if known is not None and known.owner != os.getpid():
                known.abandon()
                known = None
            if known is not None and not known.alive():
                known.close()
                known = None
            if known is None:
                known = self._nursery = _best()
                self._missing = known.missing
            return known

    def close(self) -> None:
        """End the nursery of this process."""
        with self._lock:
            if self._nursery is not None and self._nursery.owner == os.getpid():
                self._nursery.close()
            self._nursery = None


NURSERIES = Nurseries()
atexit.register(NURSERIES.close)
