"""A postmark is a day, not an instant (R6).

Which instant of it serves the window, and whether it can be.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class PostmarkImpossible(Exception):
    """The postmark can't be: ``reason`` is future or before_violation."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def reached_us_at(postmarked_on: date, received_at: datetime, zone: ZoneInfo) -> datetime:
    """The instant that serves R6: the end of the postmark's day, and never later than the receipt.

    The sender is given the whole day, because the stamp does not say when. Raises
    PostmarkImpossible.
    """
    if postmarked_on > received_at.astimezone(zone).date():
        raise PostmarkImpossible("future")
    midnight = datetime.combine(postmarked_on + timedelta(days=1), time(), zone)
    return min(midnight.astimezone(received_at.tzinfo) - timedelta(microseconds=1), received_at)


def require_after(violated_at: datetime, reached_at: datetime) -> None:
    """Raise PostmarkImpossible where the postmark's whole day lies before the violation."""
    if reached_at < violated_at:
        raise PostmarkImpossible("before_violation")
