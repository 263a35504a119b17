"""How long somebody has to wait who typed a code or a pass word wrong again and again.

The same for names that exist and for those that do not; where failures are counted is not here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE_FAILURES: Final = 5
FIRST_WAIT_S: Final = 60
LONGEST_WAIT_S: Final = 3600


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
