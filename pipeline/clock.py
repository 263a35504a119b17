"""The only clock of the product. Everything else gets the instant as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def starting_at(instant: datetime) -> Callable[[], datetime]:
    """A clock that shows ``instant`` now and runs on from there: for demos and tests.

    Refuses a naive datetime.
    """
    if instant.tzinfo is None:
        raise ValueError("a clock must start at an aware instant")
    ahead = instant - now()
    return lambda: now() + ahead
