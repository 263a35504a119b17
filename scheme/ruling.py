"""What no calendar says yet is settled by two people (R6, R9, R13).

One proposes, another confirms. What they settle stands, also when a calendar comes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Protocol

from scheme.deadlines import Bounds, DateKind
from scheme.plain_text import required
from scheme.policy_book import PolicyBook

FURTHEST: Final = timedelta(days=31)
"""So far behind the earliest possible day, or today, a ruled day may lie: no series of holidays is
longer.
"""


class RulingNotFound(Exception):
    """No ruling of that id waits for a second person."""


class NothingToSettle(Exception):
    """The calendar gives this date, or there is none to give.

    Two people can't overrule what is published.
    """


class AlreadyProposed(Exception):
    """A ruling about this waits for a second person: it is confirmed or refused first."""


class SecondOfficerNeeded(Exception):
    """Who proposed can't confirm."""


class RulingIncomplete(Exception):
    """A window is ruled in time or late, any other date by a day."""


class DayOutOfRange(Exception):
    """The day lies before ``earliest``, which any calendar grants, or beyond ``latest``."""

    def __init__(self, earliest: date, latest: date) -> None:
        super().__init__(f"{earliest} to {latest}")
        self.earliest, self.latest = earliest, latest


class ToSettle(Protocol):
    """What of a report there is to settle, or to settle anew."""

    @property
    def kind(self) -> DateKind: ...  # noqa: D102 - as it is called
    @property
    def counted_from(self) -> datetime: ...  # noqa: D102 - as it is called
    @property
    def bounds(self) -> Bounds: ...  # noqa: D102 - as it is called
    @property
    def proposal(self) -> object | None: ...  # noqa: D102 - as it is called


class WaitingRuling(Protocol):
    """A ruling that waits for a second person."""

    @property
    def counted_from(self) -> datetime: ...  # noqa: D102 - as it is called
    @property
    def due_at(self) -> datetime | None: ...  # noqa: D102 - as it is called
    @property
    def proposed_by(self) -> str: ...  # noqa: D102 - as it is called


@dataclass(frozen=True, slots=True)
class Value:
    """What is proposed: ``in_time`` of a window, ``due_at`` of any other date."""

    kind: DateKind
    counted_from: datetime
    in_time: bool | None
    due_at: datetime | None
    reason: str


def proposed(  # noqa: PLR0913 - what a ruling consists of, and what rules it
    asked: ToSettle | None,
    *,
    in_time: bool | None,
    day: date | None,
    reason: str,
    policies: PolicyBook,
    now: datetime,
) -> Value:
    """Propose whether a report was in time, or the last day of another date.

    Raises ReasonRequired, NothingToSettle, AlreadyProposed, RulingIncomplete, DayOutOfRange.
    """
    reason = required(reason)
    if asked is None:
        raise NothingToSettle
    if asked.proposal is not None:
        raise AlreadyProposed
    if asked.kind is DateKind.WINDOW:
        if in_time is None or day is not None:
            raise RulingIncomplete
        return Value(asked.kind, asked.counted_from, in_time, None, reason)
    if day is None or in_time is not None:
        raise RulingIncomplete
    due_at = _due_at(asked, day, policies)
    _require_in_range(asked, due_at, policies, now)
    return Value(asked.kind, asked.counted_from, None, due_at, reason)


def require_confirmable(
    ruling: WaitingRuling,
    asked: ToSettle | None,
    officer: str,
    policies: PolicyBook,
    now: datetime,
) -> None:
    """Whether a second person may let the ruling count now.

    Raises SecondOfficerNeeded, NothingToSettle (a calendar came meanwhile), DayOutOfRange (the day
    has passed meanwhile).
    """
    if ruling.proposed_by == officer:
        raise SecondOfficerNeeded
    if asked is None or is_answered(ruling, asked):
        raise NothingToSettle
    if ruling.due_at is not None:
        _require_in_range(asked, ruling.due_at, policies, now)


def is_answered(ruling: WaitingRuling, asked: ToSettle | None) -> bool:
    """Whether the calendar says by now what the ruling is about, or it is about nothing more."""
    return asked is None or asked.counted_from != ruling.counted_from


def last_day(until: datetime, zone: tzinfo) -> date:
    """The day that ends with ``until``."""
    return (until - timedelta(microseconds=1)).astimezone(zone).date()


def _due_at(asked: ToSettle, day: date, policies: PolicyBook) -> datetime:
    """The instant of a ruled day: the end of an answer's, the counter's close on a last day."""
    policy = policies.procedure_at(asked.counted_from)
    if asked.kind is DateKind.ANSWER:
        return datetime.combine(day + timedelta(days=1), time(), policy.zone).astimezone(UTC)
    closes = policy.procedure.counter.closes
    return datetime.combine(day, closes, policy.zone).astimezone(UTC)


def _require_in_range(
    asked: ToSettle, due_at: datetime, policies: PolicyBook, now: datetime
) -> None:
    earliest = asked.bounds.earliest
    if asked.kind is DateKind.LAST_DAY:
        earliest = max(earliest, now)  # nobody forfeits by a day that has passed
    latest = max(earliest, now) + FURTHEST
    if asked.bounds.latest is not None:
        latest = min(latest, asked.bounds.latest)
    if not earliest <= due_at <= latest:
        zone = policies.procedure_at(now).zone
        raise DayOutOfRange(last_day(earliest, zone), last_day(latest, zone))
