"""The process tree of one-command start: web server, two workers, beat.

They start, restart and stop together.

On Linux the kernel kills the children when the supervisor dies, however it dies (prctl
PR_SET_PDEATHSIG). macOS has no such call: there a ``kill -9`` of the supervisor leaves the children
running until they are stopped by hand.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType

PR_SET_PDEATHSIG = 1
POLL_S = 0.2
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 20.0
"""A child that lived this long had no trouble starting: its next pause is the first one again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One child: its name, the command that starts it, and how long it may take to stop.

    After that time it is killed.
    """

    name: str
    command: Sequence[str]
    stop_s: float


@dataclass(slots=True)
class _Child:
    part: Part
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    due: float | None = None
    """When it is started again, while it is down."""


def parts(python: str = sys.executable) -> tuple[Part, ...]:
    """Return the product's parts, in the order in which they stop.

    No new work, no new requests, work finished.
    """
    door = (python, "-m", "pipeline.doors.cli.main")
    return (
        Part("beat", (*door, "beat"), stop_s=5),
        Part("web", (*door, "serve"), stop_s=10),
        Part("worker photos", (*door, "worker", "photos"), stop_s=25),
        Part("worker videos", (*door, "worker", "videos"), stop_s=25),
    )


def supervise(
    children: Sequence[Part],
    say: Callable[[str], None],
    ready: Callable[[], bool],
    announce: Callable[[], None],
) -> None:
    """Run ``children`` until SIGINT or SIGTERM, then stop them in the given order.

    A second signal kills them.

    Calls ``announce`` once, as soon as ``ready`` says yes. A child that ends is started again after
    a pause that doubles with each failure in a row.
    """
    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    running = [_Child(part, _launch(part), time.monotonic()) for part in children]
    announced = False
    try:
        while not signals:
            for child in running:
                _tend(child, say)
            if not announced and ready():
                announced = True
                announce()
            time.sleep(POLL_S)
    finally:
        say("stopping")
        for child in running:
            _stop(child, signals, say)
        for number, handler in before.items():
            signal.signal(number, handler)


def _launch(part: Part) -> subprocess.Popen[bytes]:
    # Its own process group: Ctrl-C reaches the supervisor alone, which then stops the parts in
    # order.
    return subprocess.Popen(  # noqa: S603 - our own commands
        list(part.command),
        process_group=0,
        preexec_fn=partial(_die_with, os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
    )


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the call
            os._exit(1)


def _tend(child: _Child, say: Callable[[str], None]) -> None:
    """Start ``child`` again when it has ended and its pause is over."""
    now = time.monotonic()
    code = child.process.poll()
    if code is None:
        return
    if child.due is None:
        child.failures = 0 if now - child.started > STEADY_S else child.failures + 1
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** max(0, child.failures - 1))
        child.due = now + pause
        say(f"{child.part.name} ended with {code}, starting it again in {pause:g} s")
    elif now >= child.due:
        child.process, child.started, child.due = _launch(child.part), now, None


def _stop(child: _Child, signals: Sequence[int], say: Callable[[str], None]) -> None:
    """Ask ``child`` to finish what it is doing.

    Kill it when its time is over or the person asks again.
    """
    if child.process.poll() is not None:
        return
    child.process.terminate()
    end = time.monotonic() + child.part.stop_s
    # The second Ctrl-C
    while child.process.poll() is None and time.monotonic() < end and len(signals) < 2:  # noqa: PLR2004
        time.sleep(POLL_S / 4)
    if child.process.poll() is None:
        say(f"{child.part.name} did not finish in time; its work is taken up at the next start")
        child.process.kill()
    child.process.wait()


def free(host: str, port: int) -> bool:
    """Tell whether a server may listen on ``port`` of ``host``."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def listens(host: str, port: int) -> bool:
    """Tell whether something listens on ``port`` of ``host``."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.settimeout(1)
        return trial.connect_ex((host, port)) == 0
