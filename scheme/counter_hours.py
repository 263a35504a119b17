"""Whether the counter serves at an instant, and when it opens next (R8).

In an unknown year the week decides.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from scheme.deadlines import counter_is_open_at, counter_is_open_on
from scheme.policy import Policy
from scheme.workdays import CalendarGap, Workdays

DAYS_AHEAD = 31
"""How far the next opening is looked for: no series of holidays is longer."""


class Hours(StrEnum):
    """What is known of the counter at an instant."""

    OPEN = "open"
    CLOSED = "closed"
    CALENDAR_UNKNOWN = "calendar_unknown"
    """An ordinary opening hour of the week on a day that no calendar covers: whoever stands there
    is served.
    """


def hours_at(at: datetime, policy: Policy, workdays: Workdays) -> Hours:
    """Whether the counter serves at ``at``.

    Its closing second still counts, as it does for the window (R6).
    """
    second = at.replace(microsecond=0)
    try:
        return Hours.OPEN if counter_is_open_at(second, policy, workdays) else Hours.CLOSED
    except CalendarGap as gap:
        ordinary = Workdays(holidays=frozenset(), shifted=frozenset(), years=frozenset({gap.year}))
        return (
            Hours.CALENDAR_UNKNOWN if counter_is_open_at(second, policy, ordinary) else Hours.CLOSED
        )


def opens_next(at: datetime, policy: Policy, workdays: Workdays) -> datetime | None:
    """When the counter opens next after ``at``.

    None where the calendar ends before that is certain.
    """
    local, counter = at.astimezone(policy.zone), policy.procedure.counter
    for ahead in range(DAYS_AHEAD):
        day = local.date() + timedelta(days=ahead)
        opening = datetime.combine(day, counter.opens, policy.zone)
        try:
            if opening > at and counter_is_open_on(day, counter, workdays):
                return opening.astimezone(at.tzinfo)
        except CalendarGap:
            return None
    return None
