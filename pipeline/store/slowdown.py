"""Slowing down those who guess codes and pass words under names that do not exist.

Failures on what exists are counted on its own row by the caller. Failures on what does not exist
are counted here, in a fixed number of bins, so that a guesser meets the same wait for both and the
table cannot grow beyond them. Names come as blind indexes: who could compute a bin could lock it
through names that nobody has, and then see by one try whether another name in it exists.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import counters
from scheme.patience import Failures

BIN_DIGITS: Final = 5
"""A million bins: filling most of them takes longer than their waits last."""


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
