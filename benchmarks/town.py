"""One installation with its processes, each of which can be killed and started anew."""

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx2

from pipeline import clock
from pipeline.doors import supervisor
from pipeline.doors.tasks import CLOCK_AHEAD
from pipeline.runtime import Runtime
from pipeline.settings import Settings

MORNING: Final = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
"""An ordinary Wednesday, ten in the morning in Shanghai: the counter is open."""


@dataclass(slots=True)
class Town:
    """One installation, its processes by name, and what passengers were told."""

    home: Path
    port: int
    rng: random.Random
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    """Report number and the code that was told last."""
    told_again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where its web server listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start one of its processes."""
        commands = {part.name: list(part.command) for part in supervisor.parts()}
        commands["officer"] = [sys.executable, "-m", "benchmarks.faults", "--officer"]
        environment = {
            variable: value
            for variable, value in os.environ.items()
            if not variable.startswith("BUSREPORT_")
        }
        environment |= {"BUSREPORT_HOME": str(self.home), "BUSREPORT_PORT": str(self.port)}
        with (self.home / f"{name.replace(' ', '-')}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(
                commands[name], env=environment, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """SIGKILL: no handler runs."""
        self.parts[name].kill()
        self.parts[name].wait(30)

    def stop(self) -> None:
        """End what still runs."""
        for process in self.parts.values():
            process.terminate()
        for process in self.parts.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def open(self) -> Runtime:
        """The installation itself, by the clock of its processes."""
        ahead = timedelta(seconds=float((self.home / CLOCK_AHEAD).read_text("utf-8")))
        return Runtime.open(Settings.under(self.home), now=lambda: clock.now() + ahead)

    def until_answering(self) -> float:
        """Wait until the web server answers; how many seconds that took."""
        began = time.perf_counter()
        while True:
            try:
                httpx2.get(f"{self.url}/r", timeout=30)
            except httpx2.TransportError:
                time.sleep(0.02)
            else:
                return time.perf_counter() - began
