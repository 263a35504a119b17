"""An installation whose parts run as they do for real.

The supervisor's own commands, each a process, one clock.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from pipeline import clock
from pipeline.doors import supervisor
from pipeline.runtime import Runtime
from pipeline.settings import Settings


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


CHECKOUT = Path(__file__).parents[1]
HANGS_AFTER_S = 120.0
"""How long a test waits for what only a hang keeps from coming."""


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for ``true``."""
    end = time.monotonic() + HANGS_AFTER_S
    while not true():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.05)


@dataclass
class House:
    """A home folder and the processes that a test has started in it.

    ``stop`` ends what still runs.
    """

    home: Path
    port: int = field(default_factory=_free_port)
    health_port: int = 0
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ahead: timedelta = timedelta()
    database: str = ""
    """Where its rows are; empty: in the home."""

    @property
    def settings(self) -> Settings:
        """The settings of this home, as its processes see them (but for the clock)."""
        settings = replace(Settings.under(self.home), demo=True)
        return replace(settings, database=self.database) if self.database else settings

    @property
    def url(self) -> str:
        """Where its web server listens, once started."""
        return f"http://127.0.0.1:{self.port}"

    def set_clock(self, now: datetime) -> None:
        """Let every process started from here on begin at ``now``.

        The file that ``busreport run`` keeps it in.
        """
        self.ahead = now - clock.now()
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "clock-ahead").write_text(str(self.ahead.total_seconds()), encoding="utf-8")

    def now(self) -> datetime:
        """What its clock shows."""
        return clock.now() + self.ahead

    def open(self) -> Runtime:
        """A look into it from the test's own process, by the same clock. The caller closes it."""
        return Runtime.open(self.settings, now=self.now)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start the supervisor's part of that name (web, worker photos, worker videos, beat)."""
        part = next(part for part in supervisor.parts() if part.name == name)
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("BUSREPORT_")
        }
        environment |= {"BUSREPORT_HOME": str(self.home), "BUSREPORT_PORT": str(self.port)}
        environment |= {"BUSREPORT_HEALTH_PORT": str(self.health_port), "BUSREPORT_DEMO": "yes"}
        environment["BUSREPORT_DATABASE"] = self.database
        with (self.home / f"{name.replace(' ', '-')}.log").open("ab") as log:
            process = subprocess.Popen(
                list(part.command), cwd=CHECKOUT, env=environment, stdout=log, stderr=log
            )
        self.running.append(process)
        if name == "web":
            until(lambda: supervisor.listens("127.0.0.1", self.port), "the web server listens")
        return process

    def stop(self) -> None:
        """End everything, the way the supervisor does."""
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def said(self) -> str:
        """What its processes have written on their terminals."""
        return "\n".join(
            f"{log.name}:\n{log.read_text('utf-8')}" for log in sorted(self.home.glob("*.log"))
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL: no handler runs, nothing is put away."""
    process.kill()
    assert process.wait(30) == -signal.SIGKILL


def children_of(pid: int) -> list[int]:
    """Processes whose parent is ``pid``. Linux only."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1]
        except OSError:
            continue  # it ended meanwhile
        if int(parent) == pid:
            found.append(int(folder.name))
    return found
