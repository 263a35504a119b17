"""What is done face to face is done in the counter's hours (R8).

Letters and telephone calls wait for no hour.
"""

from datetime import datetime

from pipeline.runtime import Work
from scheme.counter_hours import Hours, hours_at, opens_next


class CounterClosed(Exception):
    """The counter is closed now.

    ``opens_at`` is None, and ``known`` says so, where no calendar tells when it opens.
    """

    def __init__(self, opens_at: datetime | None) -> None:
        super().__init__(
            f"until {opens_at}" if opens_at else "until a day that no calendar covers yet"
        )
        self.opens_at = opens_at
        self.known = "opens" if opens_at else "no_calendar"


def require_open(work: Work, *, at: datetime | None = None) -> dict[str, str]:
    """Raise CounterClosed unless the counter serves at ``at`` (now, or since when somebody waits).

    Returns what the step's audit event has to say of it: nothing, or that no calendar covered the
    day.
    """
    policy = work.policies.procedure_at(work.now)
    hours = hours_at(work.now if at is None else at, policy, work.workdays)
    if hours is Hours.CLOSED:
        raise CounterClosed(opens_next(work.now, policy, work.workdays))
    return {"counter": hours.value} if hours is Hours.CALENDAR_UNKNOWN else {}


def closed_until(work: Work) -> CounterClosed | None:
    """That the counter is closed now, for pages that say so beforehand; None while it is open."""
    try:
        require_open(work)
    except CounterClosed as closed:
        return closed
    return None
