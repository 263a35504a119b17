"""Whose turn it is to write, among the threads of one process.

SQLite lets one write and tells the others to ask again: forty threads would then poll, and take
every thread there is. Here one of a process asks for the database's lock, the others wait for their
turn; for so long, and so many.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.store.storage import StoreBusy


@dataclass(slots=True)
class Turns:
    """The turns of one process. ``waiting`` counts those who wait, not the one whose turn it is."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    counting: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0

    @contextmanager
    def taken(self, wait_s: float, most_waiting: int) -> Iterator[float]:
        """Hold the turn; the value is how many seconds are left to wait. Raises StoreBusy.

        At once where ``most_waiting`` wait already, else after ``wait_s``.
        """
        give_up = time.monotonic() + wait_s
        if not self.turn.acquire(blocking=False):
            self._wait(wait_s, most_waiting)
        try:
            yield max(0.0, give_up - time.monotonic())
        finally:
            self.turn.release()

    def _wait(self, wait_s: float, most_waiting: int) -> None:
        with self.counting:
            if self.waiting >= most_waiting:
                raise StoreBusy
            self.waiting += 1
        try:
            if not self.turn.acquire(timeout=wait_s):
                raise StoreBusy
        finally:
            with self.counting:
                self.waiting -= 1
