"""Raising second looks: each day is looked through once it is over (R8).

Which payments and decisions are drawn follows from the master key and the day, so that nobody who
decides can know it beforehand, and drawing again draws the same.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipeline.paying import second_approval
from pipeline.runtime import Runtime, Work
from pipeline.store import second_look_day, second_looks
from scheme.second_look_day import Over, raised

MOST_DAYS: Final = 31
"""Days looked through in one sweep at most, after a time in which nothing ran."""


def look_through(runtime: Runtime) -> tuple[int, int]:
    """Look through every day that is over and was not looked through; ask about payments.

    (looks, payments) raised.
    """
    looks = 0
    with runtime.read() as work:
        due = _days_due(work)
    for day in due:
        with runtime.write() as work:
            if day in _days_due(work):  # another process may have been faster
                looks += _close(work, day)
    with runtime.write() as work:
        asked = second_approval.ask_where_due(work)
    return looks, asked


def _days_due(work: Work) -> tuple[date, ...]:
    yesterday = work.now.astimezone(work.policies.procedure_at(work.now).zone).date() - timedelta(
        days=1
    )
    last = second_looks.last_day(work.connection)
    first = yesterday if last is None else last + timedelta(days=1)
    return tuple(
        first + timedelta(days=count)
        for count in range(min((yesterday - first).days + 1, MOST_DAYS))
    )


def _close(work: Work, day: date) -> int:
    over = _over(work, day)
    figures = second_look_day.read(work.connection, work.vault, over)
    return second_look_day.close(work.connection, over, raised(figures, over), work.now)


def _over(work: Work, day: date) -> Over:
    end = begins(work, day + timedelta(days=1))
    policy = work.policies.procedure_at(end - timedelta(microseconds=1))
    second_look = policy.procedure.second_look
    return Over(
        day=day,
        begin=begins(work, day),
        end=end,
        month_begins=begins(work, day.replace(day=1)),
        median_begins=begins(work, day - timedelta(days=second_look.paid_median_days or 0)),
        zone=policy.zone,
        second_look=second_look,
        policy=policy.ref,
    )


def begins(work: Work, day: date) -> datetime:
    """The first instant of a day, where the counter is."""
    return datetime.combine(day, time(), work.policies.procedure_at(work.now).zone).astimezone(UTC)
