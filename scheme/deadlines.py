"""Every due date of the scheme, as instants in UTC. A calendar that does not reach raises CalendarGap (P19)."""

from datetime import UTC, date, datetime, time, timedelta

from scheme.entitlement import InTime
from scheme.policy import Counter, Policy
from scheme.report import Channel
from scheme.workdays import CalendarGap, Workdays


def window_closes(violated_at: datetime, channel: Channel, policy: Policy, workdays: Workdays) -> datetime:
    """The first instant that is too late for the reward (R6): exclusive.

    Online and by post the window closes at 24:00 of the last working day; at the counter when the counter closes.
    """
    last_day = workdays.add(violated_at.astimezone(policy.zone).date(), policy.substance.window_working_days)
    if channel is Channel.COUNTER:
        closing = datetime.combine(last_day, policy.procedure.counter.closes, policy.zone)
        return (closing + timedelta(seconds=1)).astimezone(UTC)  # who stands there as it closes is served
    return datetime.combine(last_day + timedelta(days=1), time(), policy.zone).astimezone(UTC)


def in_time(
    violated_at: datetime, submitted_at: datetime, channel: Channel, policy: Policy, workdays: Workdays
) -> InTime:
    """Whether material that reached us at ``submitted_at`` is in the window; UNKNOWN where the calendar ends (R6)."""
    try:
        return InTime.YES if submitted_at < window_closes(violated_at, channel, policy, workdays) else InTime.NO
    except CalendarGap:
        return InTime.UNKNOWN


def answer_due(received_at: datetime, policy: Policy, workdays: Workdays) -> datetime:
    """When the reporter must have a result or an explanation (R9): 24:00 of the last working day."""
    last_day = workdays.add(received_at.astimezone(policy.zone).date(), policy.procedure.answer_working_days)
    return datetime.combine(last_day + timedelta(days=1), time(), policy.zone).astimezone(UTC)


def counter_is_open_on(day: date, counter: Counter, workdays: Workdays) -> bool:
    """Whether the counter opens on ``day`` (R8)."""
    if workdays.is_shifted_weekend(day):
        return counter.open_on_shifted_weekends
    return day.isoweekday() in counter.weekdays and workdays.is_working(day)


def counter_is_open_at(at: datetime, policy: Policy, workdays: Workdays) -> bool:
    """Whether the counter is open at the instant ``at`` (R8)."""
    local = at.astimezone(policy.zone)
    counter = policy.procedure.counter
    return counter_is_open_on(local.date(), counter, workdays) and counter.opens <= local.time() <= counter.closes


def collect_by(notice_received_at: datetime, policy: Policy, workdays: Workdays) -> datetime:
    """The last moment to collect (R13): inclusive, the counter's close.

    The day of receipt is not counted; if the counter is closed on the last day, the next day that it is open.
    """
    day = notice_received_at.astimezone(policy.zone).date() + timedelta(days=policy.procedure.claim_days)
    counter = policy.procedure.counter
    while not counter_is_open_on(day, counter, workdays):
        day += timedelta(days=1)
    return datetime.combine(day, counter.closes, policy.zone).astimezone(UTC)


def notice_deemed_received(sent_at: datetime, policy: Policy) -> datetime:
    """When a notice that nobody opened counts as received, given a telephone call on record (R13, longstop)."""
    return sent_at + timedelta(days=policy.procedure.longstop_days)
