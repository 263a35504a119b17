"""What the store needs of every engine; the conformance suite holds each to it."""

from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

OPEN_MS: Final = 30_000
"""So long a new connection waits for others who set up or migrate the database."""
READ_MS: Final = 5_000
WRITES: Final = "busreport_writes"
"""Execution option of a connection that is going to write: for how many milliseconds it waits for
the lock.
"""
REBUILDS: Final = "busreport_rebuilds"
"""Execution option of the migrations' connection: tables are made anew, and references looked at in
the end.
"""


class DurabilityRefused(Exception):
    """The database does not promise to keep what it acknowledged.

    ``setting`` is not as it must be (P2).
    """

    def __init__(self, setting: str, value: object) -> None:
        super().__init__(f"{setting} is {value!r}")
        self.setting, self.value = setting, value


class StoreEngine(Protocol):
    """One database engine, as the store meets it."""

    def prepare(self, url: URL) -> URL:
        """Make ready what a first connection needs; where to connect. Raises DurabilityRefused."""

    def attend(self, engine: Engine) -> None:
        """Check each new connection for durability, and begin each transaction as it was meant.

        A writer holds the one write lock from its first statement on; a reader sees one unmoving
        view, and the database refuses its writes.
        """

    def named(self, problem: DBAPIError, *, writes: bool) -> Exception | None:
        """StoreBusy, StorageFull or DatabaseDamaged for what the driver said; None for all else."""

    def empty_log(self, engine: Engine) -> bool:
        """Leave nothing of destroyed values in the log; False while a reader needs it."""

    def require_references(self, connection: Connection) -> None:
        """Look at what was not looked at while tables were made anew. Raises AssertionError."""

    def files(self, url: URL) -> tuple[Path, ...]:
        """The files of the database on this machine's disks, its own first."""
