"""What no calendar says yet can be settled by two people.

One proposes, another confirms, both on record (R6, R9, R13).

What they settle stands, also when a calendar comes: where it says otherwise, that is named, and can
be ruled anew.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from pipeline.dates import open_dates
from pipeline.dates.open_dates import OpenDate
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import cases, ledger, rulings
from pipeline.store import open_dates as stored
from pipeline.store.accounts import Account
from pipeline.store.actions import Action
from pipeline.store.rulings import Ruling
from scheme.deadlines import DateKind
from scheme.plain_text import required

FURTHEST = timedelta(days=31)
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


def propose(  # noqa: PLR0913 - what a ruling consists of
    work: Work,
    *,
    report_id: str,
    kind: DateKind,
    officer: Account,
    reason: str,
    in_time: bool | None = None,
    day: date | None = None,
) -> str:
    """Propose whether the report was in time, or the last day of another date.

    Returns the ruling's id.

    Raises NothingToSettle, AlreadyProposed, RulingIncomplete, ReasonRequired, DayOutOfRange.
    """
    reason = required(reason)
    asked = _open(work, report_id, kind)
    if asked.proposal is not None:
        raise AlreadyProposed
    due_at = None
    if kind is DateKind.WINDOW:
        if in_time is None or day is not None:
            raise RulingIncomplete
    else:
        if day is None or in_time is not None:
            raise RulingIncomplete
        due_at = _due_at(work, kind, day, asked.counted_from)
        _require_in_range(work, asked, due_at)
    outdated = rulings.proposed(work.connection, report_id, kind)
    if outdated is not None:  # about another violation time: the claim was corrected since
        rulings.end(work.connection, outdated, by=officer.account_id, at=work.now)
    ruling_id = rulings.propose(
        work.connection,
        report_id,
        kind,
        counted_from=asked.counted_from,
        in_time=in_time,
        due_at=due_at,
        reason=reason,
        by=officer.account_id,
        at=work.now,
    )
    _record(
        work,
        officer.account_id,
        Action.RULING_PROPOSED,
        _proposed(work, ruling_id),
    )
    return ruling_id


def confirm(work: Work, *, ruling_id: str, officer: Account) -> Ruling:
    """Let a proposed ruling count, by a second person.

    What follows for the case follows in this transaction.

    Raises RulingNotFound, SecondOfficerNeeded, NothingToSettle (a calendar came meanwhile),
    DayOutOfRange (the day has passed meanwhile).
    """
    ruling = _proposed(work, ruling_id)
    if ruling.proposed_by == officer.account_id:
        raise SecondOfficerNeeded
    asked = _open(work, ruling.report_id, ruling.kind)
    if asked.counted_from != ruling.counted_from:
        raise NothingToSettle
    if ruling.due_at is not None:
        _require_in_range(work, asked, ruling.due_at)
    if not rulings.confirm(work.connection, ruling, by=officer.account_id, at=work.now):
        raise RulingNotFound(ruling_id)
    _record(work, officer.account_id, Action.RULING_CONFIRMED, ruling)
    _follow(work, ruling, officer)
    return ruling


def _proposed(work: Work, ruling_id: str) -> Ruling:
    ruling = rulings.read_proposed(work.connection, ruling_id)
    if ruling is None:
        raise RulingNotFound(ruling_id)
    return ruling


def refuse(work: Work, *, ruling_id: str, officer: Account) -> None:
    """End a proposed ruling that does not count.

    A second person refuses it, or who proposed takes it back.

    Raises RulingNotFound.
    """
    ruling = _proposed(work, ruling_id)
    if not rulings.end(work.connection, ruling, by=officer.account_id, at=work.now):
        raise RulingNotFound(ruling_id)
    _record(work, officer.account_id, Action.RULING_REFUSED, ruling)


def drop_answered(work: Work, *, actor: str) -> int:
    """End the rulings that wait for a second person about what the calendar says by now.

    Returns how many.
    """
    dropped = 0
    for ruling in rulings.all_proposed(work.connection):
        try:
            asked = _open(work, ruling.report_id, ruling.kind)
        except NothingToSettle:
            asked = None
        if asked is None or asked.counted_from != ruling.counted_from:
            rulings.end(work.connection, ruling, by=None, at=work.now)
            _record(work, actor, Action.RULING_ANSWERED, ruling)
            dropped += 1
    return dropped


def _follow(work: Work, ruling: Ruling, officer: Account) -> None:
    if ruling.kind is DateKind.WINDOW:
        case_id = cases.case_of_report(work.connection, ruling.report_id)
        if case_id is not None:
            awarding.settle_case(work, case_id, actor=officer.account_id)
            work.ring("deliver_notices")
    elif ruling.due_at is None:
        raise AssertionError(f"ruling {ruling.ruling_id} has no value")
    elif ruling.kind is DateKind.ANSWER:
        stored.set_answer_date(work.connection, ruling.report_id, ruling.due_at)
    else:
        for reward in ledger.rewards_of_report(work.connection, ruling.report_id):
            for share in ledger.shares_of(work.connection, reward.id):
                if share.notice_received_at is not None:
                    ledger.set_collect_by(work.connection, share.id, ruling.due_at)


def _open(work: Work, report_id: str, kind: DateKind) -> OpenDate:
    """What of the report there is to settle, or to settle anew. Raises NothingToSettle."""

    def candidates() -> Iterator[OpenDate]:
        yield from open_dates.waiting(work, report_id)
        yield from open_dates.contradicted(work)

    found = next(
        (one for one in candidates() if (one.report_id, one.kind) == (report_id, kind)), None
    )
    if found is None:
        raise NothingToSettle
    return found


def _due_at(work: Work, kind: DateKind, day: date, counted_from: datetime) -> datetime:
    """The instant of a ruled day.

    The end of an answer's, the counter's close on a last day to collect.
    """
    policy = work.policies.procedure_at(counted_from)
    if kind is DateKind.ANSWER:
        return datetime.combine(day + timedelta(days=1), time(), policy.zone).astimezone(
            work.now.tzinfo
        )
    return datetime.combine(day, policy.procedure.counter.closes, policy.zone).astimezone(
        work.now.tzinfo
    )


def _require_in_range(work: Work, asked: OpenDate, due_at: datetime) -> None:
    earliest = asked.bounds.earliest
    if asked.kind is DateKind.LAST_DAY:
        earliest = max(earliest, work.now)  # nobody forfeits by a day that has passed
    latest = max(earliest, work.now) + FURTHEST
    if asked.bounds.latest is not None:
        latest = min(latest, asked.bounds.latest)
    if not earliest <= due_at <= latest:
        zone = work.policies.procedure_at(work.now).zone
        raise DayOutOfRange(_last_day(earliest, zone), _last_day(latest, zone))


def _last_day(until: datetime, zone: tzinfo) -> date:
    return (until - timedelta(microseconds=1)).astimezone(zone).date()


def _record(work: Work, actor: str, action: Action, ruling: Ruling) -> None:
    zone = work.policies.procedure_at(work.now).zone
    day = "" if ruling.due_at is None else _last_day(ruling.due_at, zone).isoformat()
    work.record(
        actor, action, f"report/{ruling.report_id}", ruling=ruling.ruling_id, kind=ruling.kind,
        in_time=ruling.in_time, day=day, reason=ruling.reason,
    )  # fmt: skip
