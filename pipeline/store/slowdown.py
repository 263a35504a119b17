"""Slowing down those who guess codes and pass words, alike for names that exist and for names that do not.

Failures on what exists are counted on its own row by the caller. Failures on what does not exist are counted here,
in a fixed number of bins, so that a guesser meets the same wait for both and the table cannot grow.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import counters

FREE_FAILURES: Final = 5
FIRST_WAIT_S: Final = 60
LONGEST_WAIT_S: Final = 3600
BINS: Final = 1024


class Wait(Exception):
    """Too many wrong tries: the next one counts from ``until`` on."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, slots=True)
class Failures:
    """How often somebody was wrong in a row, and until when they must wait."""

    count: int = 0
    until: datetime | None = None

    def require_patience(self, now: datetime) -> None:
        """Raise Wait while the wait lasts."""
        if self.until is not None and now < self.until:
            raise Wait(self.until)

    def and_one_more(self, now: datetime) -> "Failures":
        """After another wrong try: from the fifth on a wait that doubles, up to an hour."""
        count = self.count + 1
        if count < FREE_FAILURES:
            return Failures(count)
        seconds = min(FIRST_WAIT_S * 2 ** min(count - FREE_FAILURES, 10), LONGEST_WAIT_S)
        return Failures(count, now + timedelta(seconds=seconds))


def of_nobody(connection: Connection, kind: str, name: str) -> Failures:
    """Failures on a name that does not exist."""
    bin_name = _bin(kind, name)
    values = {
        row.name: row.value
        for row in connection.execute(select(counters).where(counters.c.name.in_([bin_name, f"{bin_name}/until"])))
    }
    until = values.get(f"{bin_name}/until")
    return Failures(values.get(bin_name, 0), None if until is None else datetime.fromtimestamp(until, UTC))


def note_nobody(connection: Connection, kind: str, name: str, failures: Failures) -> None:
    """Keep the failures on a name that does not exist."""
    bin_name = _bin(kind, name)
    connection.execute(delete(counters).where(counters.c.name.in_([bin_name, f"{bin_name}/until"])))
    connection.execute(insert(counters).values(name=bin_name, value=failures.count))
    if failures.until is not None:
        connection.execute(insert(counters).values(name=f"{bin_name}/until", value=int(failures.until.timestamp())))


def _bin(kind: str, name: str) -> str:
    number = int.from_bytes(hmac.digest(kind.encode(), name.encode(), sha256)[:4], "big") % BINS
    return f"wrong/{kind}/{number}"
