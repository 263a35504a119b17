"""Somebody who has the database to themselves: the guards against changes go first."""

from sqlalchemy import Connection, text

_OF_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
_OF_POSTGRESQL = (
    "SELECT tgname || ' ON ' || relname FROM pg_trigger"
    " JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
)
GUARDS = {"sqlite": _OF_SQLITE, "postgresql": _OF_POSTGRESQL}
"""Engine -> the triggers that refuse changes, each as DROP TRIGGER names it."""


def take_away(connection: Connection) -> None:
    """Drop every guard; what is written from here on is refused by nobody."""
    guards = connection.execute(text(GUARDS[connection.dialect.name])).scalars().all()
    assert guards
    for guard in guards:
        connection.execute(text(f"DROP TRIGGER {guard}"))
