"""Every due date, as instants in UTC, and what is certain where the calendar ends (P19).

Days of a year that no calendar covers may still turn out working or not. ``Bounds`` say between
which instants a due date lies whatever is published: the two ends are reached, so it is known
exactly where they meet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from scheme.entitlement import InTime
from scheme.policy import Counter, Policy
from scheme.report import Channel
from scheme.workdays import CalendarGap, Workdays


class DateKind(StrEnum):
    """What can hang on days that no calendar covers."""

    WINDOW = "window"
    """Whether a report's material reached us in time (R6)."""
    ANSWER = "answer"
    """When its answer is due (R9)."""
    LAST_DAY = "last_day"
    """Until when its reward can be collected (R13)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which instants a due date lies under every calendar that can still be published.

    ``latest`` is None where nothing bounds it: nobody can prove how many days in a row will be off.
    """

    earliest: datetime
    latest: datetime | None

    @property
    def known(self) -> datetime | None:
        """The due date, where every calendar gives the same; else None."""
        return self.earliest if self.earliest == self.latest else None


@dataclass(frozen=True, slots=True)
class UnknownFrom:
    """The first days whose window, answer date or last day hangs on an uncovered year."""

    violation: date
    receipt: date
    notice: date


# -- the window (R6) -------------------------------------------------------------------------------


def window_closes(
    violated_at: datetime, channel: Channel, policy: Policy, workdays: Workdays
) -> datetime:
    """The first instant that is too late for the reward (R6): exclusive.

    Raises CalendarGap where it is not certain.

    Online and by post the window closes at 24:00 of the last working day; at the counter when the
    counter closes on that day, or, if it does not open then, on the next day that it does.
    """
    return _known(
        window_bounds(violated_at, channel, policy, workdays), violated_at, policy, workdays
    )


def window_bounds(
    violated_at: datetime, channel: Channel, policy: Policy, workdays: Workdays
) -> Bounds:
    """Between which instants the window closes, whatever is still published (R6)."""
    return _bounds(lambda days: _window_closes(violated_at, channel, policy, days), workdays)


def in_time(
    violated_at: datetime,
    submitted_at: datetime,
    channel: Channel,
    policy: Policy,
    workdays: Workdays,
) -> InTime:
    """Whether material that reached us at ``submitted_at`` is in the window (R6).

    YES and NO are what every calendar that can still be published says; UNKNOWN where it depends on
    which.
    """
    closes = window_bounds(violated_at, channel, policy, workdays)
    if submitted_at < closes.earliest:
        return InTime.YES
    return InTime.UNKNOWN if closes.latest is None or submitted_at < closes.latest else InTime.NO


def _window_closes(
    violated_at: datetime, channel: Channel, policy: Policy, workdays: Workdays
) -> datetime:
    last_day = workdays.add(
        violated_at.astimezone(policy.zone).date(), policy.substance.window_working_days
    )
    if channel is Channel.COUNTER:
        closing = _counter_closes_from(last_day, policy, workdays)
        return closing + timedelta(seconds=1)  # who stands there as it closes is served
    return _midnight_after(last_day, policy)


# -- answers, the counter, collection --------------------------------------------------------------


def answer_due(received_at: datetime, policy: Policy, workdays: Workdays) -> datetime:
    """When the reporter must have a result or an explanation (R9): 24:00 of the last working day.

    Raises CalendarGap where it is not certain.
    """
    return _known(answer_bounds(received_at, policy, workdays), received_at, policy, workdays)


def answer_bounds(received_at: datetime, policy: Policy, workdays: Workdays) -> Bounds:
    """Between which instants the answer is due, whatever is still published (R9)."""
    return _bounds(lambda days: _answer_due(received_at, policy, days), workdays)


def _answer_due(received_at: datetime, policy: Policy, workdays: Workdays) -> datetime:
    last_day = workdays.add(
        received_at.astimezone(policy.zone).date(), policy.procedure.answer_working_days
    )
    return _midnight_after(last_day, policy)


def last_day_before(due_at: datetime | None, zone: tzinfo) -> str:
    """The last day before a due time, as messages to reporters say it.

    Empty where there is none.
    """
    if due_at is None:
        return ""
    return (due_at - timedelta(seconds=1)).astimezone(zone).date().isoformat()


def counter_is_open_on(day: date, counter: Counter, workdays: Workdays) -> bool:
    """Whether the counter opens on ``day`` (R8)."""
    if workdays.is_shifted_weekend(day):
        return counter.open_on_shifted_weekends
    return day.isoweekday() in counter.weekdays and workdays.is_working(day)


def counter_is_open_at(at: datetime, policy: Policy, workdays: Workdays) -> bool:
    """Whether the counter is open at the instant ``at`` (R8)."""
    local = at.astimezone(policy.zone)
    counter = policy.procedure.counter
    return (
        counter_is_open_on(local.date(), counter, workdays)
        and counter.opens <= local.time() <= counter.closes
    )


def collect_by(notice_received_at: datetime, policy: Policy, workdays: Workdays) -> datetime:
    """The last moment to collect (R13): inclusive, the counter's close.

    Raises CalendarGap where it is not certain.

    The day of receipt is not counted; if the counter is closed on the last day, the next day that
    it is open.
    """
    return _known(
        collection_bounds(notice_received_at, policy, workdays),
        notice_received_at,
        policy,
        workdays,
    )


def collection_bounds(notice_received_at: datetime, policy: Policy, workdays: Workdays) -> Bounds:
    """Between which instants the last moment to collect lies, whatever is still published (R13)."""
    last_day = notice_received_at.astimezone(policy.zone).date() + timedelta(
        days=policy.procedure.claim_days
    )
    return _bounds(lambda days: _counter_closes_from(last_day, policy, days), workdays)


def _counter_closes_from(day: date, policy: Policy, workdays: Workdays) -> datetime:
    """When the counter closes on ``day``, or on the next day that it is open."""
    counter = policy.procedure.counter
    while not counter_is_open_on(day, counter, workdays):
        day += timedelta(days=1)
    return datetime.combine(day, counter.closes, policy.zone).astimezone(UTC)


def notice_deemed_received(sent_at: datetime, policy: Policy) -> datetime:
    """When a notice that nobody opened counts as received, given a call on record (R13)."""
    return sent_at + timedelta(days=policy.procedure.longstop_days)


# -- what the calendar does not give ---------------------------------------------------------------


def unknown_from(year: int, policy: Policy, workdays: Workdays) -> UnknownFrom:
    """From which violation, receipt and notice on something hangs on the year.

    No calendar covers ``year``.

    A violation of an earlier day has a certain window; one of that day or later may have none, for
    late material.
    """
    return UnknownFrom(
        violation=_first_unknown(
            year, policy, lambda at: window_bounds(at, Channel.WEB, policy, workdays)
        ),
        receipt=_first_unknown(year, policy, lambda at: answer_bounds(at, policy, workdays)),
        notice=_first_unknown(year, policy, lambda at: collection_bounds(at, policy, workdays)),
    )


def _first_unknown(year: int, policy: Policy, bounds_at: Callable[[datetime], Bounds]) -> date:
    day = date(year, 1, 1)
    while day > policy.effective_from.date():
        before = day - timedelta(days=1)
        if bounds_at(datetime.combine(before, time(12), policy.zone)).known is not None:
            break
        day = before
    return day


def _bounds(due: Callable[[Workdays], datetime], workdays: Workdays) -> Bounds:
    try:
        latest = due(workdays.least_working())
    except CalendarGap:
        latest = None
    return Bounds(due(workdays.most_working()), latest)


def _known(bounds: Bounds, since: datetime, policy: Policy, workdays: Workdays) -> datetime:
    if bounds.known is None:
        raise CalendarGap(workdays.missing_from(since.astimezone(policy.zone).date()))
    return bounds.known


def _midnight_after(day: date, policy: Policy) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), policy.zone).astimezone(UTC)
