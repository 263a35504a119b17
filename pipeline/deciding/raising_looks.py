"""Raising second looks: each day is looked through once it is over (R8).

Which payments and decisions are drawn follows from the master key and the day, so that nobody who
decides can know it beforehand, and drawing again draws the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipeline.paying import second_approval
from pipeline.runtime import Runtime, Work
from pipeline.store import joined, second_look_figures, second_looks, whose
from pipeline.store.actions import Action
from pipeline.store.second_look_figures import Decided
from scheme.policy import Policy, SecondLook
from scheme.second_look import Look, beyond, drawn, stands_out

MOST_DAYS: Final = 31
"""Days looked through in one sweep at most, after a time in which nothing ran."""


def look_through(runtime: Runtime) -> tuple[int, int]:
    """Look through every day that is over and was not looked through; ask about payments.

    (looks, payments) raised.
    """
    raised = 0
    with runtime.read() as work:
        due = _days_due(work)
    for day in due:
        with runtime.write() as work:
            if day in _days_due(work):  # another process may have been faster
                raised += _close(work, day)
    with runtime.write() as work:
        asked = second_approval.ask_where_due(work)
    return raised, asked


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


@dataclass(frozen=True, slots=True)
class _Day:
    """A day that is over, from instant to instant, with the policy in force as it ended."""

    day: date
    begin: datetime
    end: datetime
    month_begins: datetime
    policy: Policy

    @property
    def month(self) -> date:
        return self.day.replace(day=1)

    @property
    def second_look(self) -> SecondLook:
        return self.policy.procedure.second_look


def _close(work: Work, day: date) -> int:
    end = begins(work, day + timedelta(days=1))
    policy = work.policies.procedure_at(end - timedelta(microseconds=1))
    over = _Day(day, begins(work, day), end, begins(work, day.replace(day=1)), policy)
    raised = _signals(work, over) + _draw(work, over)
    second_looks.close_day(work.connection, day, work.now, policy.ref, raised)
    work.record(
        "system",
        Action.DAY_LOOKED_THROUGH,
        f"day/{day.isoformat()}",
        looks=raised,
        policy=policy.ref,
    )
    return raised


def begins(work: Work, day: date) -> datetime:
    """The first instant of a day, where the counter is."""
    return datetime.combine(day, time(), work.policies.procedure_at(work.now).zone).astimezone(UTC)


def _raise(
    work: Work,
    over: _Day,
    kind: Look,
    figures: Mapping[str, Mapping[str, int]],
    day: date | None = None,
) -> int:
    """Raise a look of the kind for each subject, once a ``day`` (that of ``over`` unless given).

    How many are new.
    """
    return sum(
        second_looks.add(
            work.connection,
            kind=kind,
            subject=subject,
            day=day or over.day,
            figures=figures[subject],
            policy=over.policy.ref,
            at=work.now,
        )
        for subject in sorted(figures)
    )


def _signals(work: Work, over: _Day) -> int:
    """What stands out of one day, and of its month so far."""
    second_look = over.second_look
    sent = second_look_figures.reports_by_human(work.connection, over.begin, over.end)
    files = second_look_figures.files_by_human(work.connection, over.begin, over.end)
    pairs = second_look_figures.substantiated_by_pair(work.connection, over.month_begins, over.end)
    too_many = beyond(sent, second_look.reports_per_person_per_day)
    too_much = beyond(files, second_look.files_per_person_per_day)
    too_often = beyond(
        {
            f"account/{officer}/person/{person}": len(found)
            for (officer, person), found in pairs.items()
        },
        second_look.same_officer_and_reporter_per_month,
    )
    return (
        _raise(
            work,
            over,
            Look.REPORTS,
            {f"person/{person}": {"count": count} for person, count in too_many.items()},
        )
        + _raise(
            work,
            over,
            Look.FILES,
            {f"person/{person}": {"count": count} for person, count in too_much.items()},
        )
        + _raise(
            work,
            over,
            Look.PAIR,
            {pair: {"count": count} for pair, count in too_often.items()},
            over.month,
        )
        + _raise(work, over, Look.PAID_IN_A_DAY, _paid_in_a_day(work, over))
    )


def _paid_in_a_day(work: Work, over: _Day) -> Mapping[str, Mapping[str, int]]:
    since = begins(work, over.day - timedelta(days=over.second_look.paid_median_days or 0))
    by_day: dict[date, int] = {}
    for paid_at, fen in second_look_figures.payments(work.connection, since, over.end):
        local = paid_at.astimezone(over.policy.zone).date()
        by_day[local] = by_day.get(local, 0) + fen
    paid_fen = by_day.pop(over.day, 0)
    median_fen = stands_out(paid_fen, by_day.values(), over.second_look.paid_day_times_median)
    return {} if median_fen is None else {"ledger": {"fen": paid_fen, "median_fen": median_fen}}


def _draw(work: Work, over: _Day) -> int:
    """The blind looks of a day: all about people over a figure, and samples of all others."""
    decided = second_look_figures.decided(work.connection, over.begin, over.end)
    paid = second_look_figures.paid_on_the_spot(work.connection, over.begin, over.end)
    on_the_spot = [one for one in decided if one.report_id in paid]
    others = [one for one in decided if one.report_id not in paid]
    return (
        _look_again(
            work, over, Look.OVER_A_FIGURE, [one for one in decided if _is_over(work, one, over)]
        )
        + _look_again(
            work,
            over,
            Look.ON_THE_SPOT,
            _drawn(work, over, on_the_spot, over.second_look.on_the_spot_sample_percent),
        )
        + _look_again(
            work,
            over,
            Look.SAMPLE,
            _drawn(work, over, others, over.second_look.decisions_sample_percent),
        )
    )


def _is_over(work: Work, one: Decided, over: _Day) -> bool:
    """Whether a reporter of it was over a figure.

    On the day of its receipt, or by payments of this month.
    """
    people = {
        joined.human(work.connection, person)
        for person in whose.person_ids(work.connection, one.report_id)
    }
    received_on = one.received_at.astimezone(over.policy.zone).date()
    that_day = second_look_figures.over_in_a_day(work.connection, received_on)
    return bool(
        people & (that_day | second_look_figures.over_in_a_month(work.connection, over.month))
    )


def _drawn(
    work: Work, over: _Day, decided: Sequence[Decided], percent: int | None
) -> Sequence[Decided]:
    by_id = {one.decision_id: one for one in decided}
    ranked = sorted(
        by_id, key=lambda decision_id: work.vault.index("second look", f"{over.day}/{decision_id}")
    )
    return [by_id[decision_id] for decision_id in drawn(ranked, percent)]


def _look_again(work: Work, over: _Day, kind: Look, chosen: Sequence[Decided]) -> int:
    already = second_looks.drawn_before(work.connection, [one.decision_id for one in chosen])
    return sum(
        second_looks.add(
            work.connection,
            kind=kind,
            subject=f"decision/{one.decision_id}",
            day=over.day,
            figures={},
            policy=over.policy.ref,
            at=work.now,
            report_id=one.report_id,
            decision_id=one.decision_id,
        )
        for one in chosen
        if one.decision_id not in already
    )
