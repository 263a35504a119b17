"""Slowing down those who guess codes and pass words, whether a name exists or not.

Failures on what exists are counted on its own row by the caller. Failures on what does not exist
are counted here, in a fixed number of bins, so that a guesser meets the same wait for both and the
table cannot grow beyond them. Names come as blind indexes: who could compute a bin could lock it
through names that nobody has, and then see by one try whether another name in it exists.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import counters

FREE_FAILURES: Final = 5
FIRST_WAIT_S: Final = 60
LONGEST_WAIT_S: Final = 3600
BIN_DIGITS: Final = 5
"""A million bins: filling most of them takes longer than their waits last."""


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
        return Failures(count, now.replace(microsecond=0) + timedelta(seconds=seconds))


def of_nobody(connection: Connection, kind: str, name: str) -> Failures:
    """Failures on a name that does not exist; ``name`` is its blind index (``Vault.index``)."""
    bin_name = bin_of(kind, name)
    values = {
        row.name: row.value
        for row in connection.execute(
            select(counters).where(counters.c.name.in_([bin_name, f"{bin_name}/until"]))
        )
    }
    until = values.get(f"{bin_name}/until")
    return Failures(
        values.get(bin_name, 0), None if until is None else datetime.fromtimestamp(until, UTC)
    )


def note_nobody(connection: Connection, kind: str, name: str, failures: Failures) -> None:
    """Keep the failures on a name that does not exist."""
    bin_name = bin_of(kind, name)
    connection.execute(delete(counters).where(counters.c.name.in_([bin_name, f"{bin_name}/until"])))
    connection.execute(insert(counters).values(name=bin_name, value=failures.count))
    if failures.until is not None:
        connection.execute(
            insert(counters).values(name=f"{bin_name}/until", value=int(failures.until.timestamp()))
        )


def bin_of(kind: str, name: str) -> str:
    """Under which counter the failures on ``name`` (a blind index) are kept."""
    return f"wrong/{kind}/{name[:BIN_DIGITS]}"
