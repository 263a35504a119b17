"""A day that is over, looked through: which second looks it raises (R8, R18).

Pure, over the figures of the day. Which decisions are drawn follows from ranks that nobody who
decides can know beforehand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from scheme.policy import PolicyRef, SecondLook
from scheme.second_look import Look, beyond, drawn, stands_out


@dataclass(frozen=True, slots=True)
class Over:
    """A day that is over, from instant to instant, with what was in force as it ended."""

    day: date
    begin: datetime
    end: datetime
    month_begins: datetime
    median_begins: datetime
    """From when on payments count for the median that the day is held against."""
    zone: tzinfo
    second_look: SecondLook
    policy: PolicyRef

    @property
    def month(self) -> date:
        """The month of the day, by its first one."""
        return self.day.replace(day=1)


@dataclass(frozen=True, slots=True)
class DecidedThen:
    """A decision of the day that is still in force."""

    decision_id: str
    report_id: str
    received_at: datetime
    people: frozenset[str]
    """Who reported, each human once."""
    on_the_spot: bool
    """A clerk verified and paid it at once."""
    rank: str
    """Its place in the draw."""
    is_drawn: bool
    """Somebody looks at it again already."""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What was counted over the day, and over its month so far; humans by id."""

    reports: Mapping[str, int]
    """How many each human sent."""
    files: Mapping[str, int]
    pairs: Mapping[tuple[str, str], Sequence[str]]
    """(officer, human) -> reports of the one that the other substantiated in the month."""
    payments: tuple[tuple[datetime, int], ...]
    """When how many fen were paid."""
    decided: tuple[DecidedThen, ...]
    over_in_a_day: Mapping[date, frozenset[str]]
    """Humans who sent more than the figures on the days on which the decided came in."""
    over_in_a_month: frozenset[str]
    """Humans whose payments needed a second person in the month."""


class Raised(NamedTuple):
    """A second look to raise."""

    kind: Look
    subject: str
    day: date
    figures: Mapping[str, int]
    report_id: str | None = None
    decision_id: str | None = None


def raised(day: DayFigures, over: Over) -> tuple[Raised, ...]:
    """What stands out of the day, and what of it is decided again by somebody else."""
    signals = (*_too_many(day, over), *_paid_too_much(day, over))
    return (*signals, *_decided_again(day, over, signals))


def _too_many(day: DayFigures, over: Over) -> Iterable[Raised]:
    """Humans who sent more than the figures, and officers who granted one human too much."""
    second_look = over.second_look
    pairs = {
        f"account/{officer}/person/{human}": len(report_ids)
        for (officer, human), report_ids in day.pairs.items()
    }
    counted = (
        (Look.REPORTS, _persons(day.reports), second_look.reports_per_person_per_day, over.day),
        (Look.FILES, _persons(day.files), second_look.files_per_person_per_day, over.day),
        (Look.PAIR, pairs, second_look.same_officer_and_reporter_per_month, over.month),
    )
    for kind, figures, limit, of_day in counted:
        for subject, count in sorted(beyond(figures, limit).items()):
            yield Raised(kind, subject, of_day, {"count": count})


def _persons(counts: Mapping[str, int]) -> Mapping[str, int]:
    return {f"person/{human}": count for human, count in counts.items()}


def _paid_too_much(day: DayFigures, over: Over) -> Iterable[Raised]:
    by_day: dict[date, int] = {}
    for paid_at, fen in day.payments:
        local = paid_at.astimezone(over.zone).date()
        by_day[local] = by_day.get(local, 0) + fen
    paid_fen = by_day.pop(over.day, 0)
    median_fen = stands_out(paid_fen, by_day.values(), over.second_look.paid_day_times_median)
    if median_fen is not None:
        figures = {"fen": paid_fen, "median_fen": median_fen}
        yield Raised(Look.PAID_IN_A_DAY, "ledger", over.day, figures)


def _decided_again(day: DayFigures, over: Over, signals: Iterable[Raised]) -> Iterable[Raised]:
    """All about people over a figure, and samples of all others; no decision twice."""
    over_now = {
        signal.subject.removeprefix("person/")
        for signal in signals
        if signal.kind in (Look.REPORTS, Look.FILES)
    }
    second_look = over.second_look
    on_the_spot = [decision for decision in day.decided if decision.on_the_spot]
    others = [decision for decision in day.decided if not decision.on_the_spot]
    chosen = (
        (Look.OVER_A_FIGURE, [one for one in day.decided if _is_over(one, day, over, over_now)]),
        (Look.ON_THE_SPOT, _sample(on_the_spot, second_look.on_the_spot_sample_percent)),
        (Look.SAMPLE, _sample(others, second_look.decisions_sample_percent)),
    )
    taken = {decision.decision_id for decision in day.decided if decision.is_drawn}
    for kind, decisions in chosen:
        for decision in decisions:
            if decision.decision_id not in taken:
                taken.add(decision.decision_id)
                yield _again(kind, decision, over)


def _is_over(decision: DecidedThen, day: DayFigures, over: Over, over_now: set[str]) -> bool:
    """Whether a reporter of it was over a figure.

    On the day of its receipt, or by payments of this month.
    """
    received_on = decision.received_at.astimezone(over.zone).date()
    that_day = day.over_in_a_day.get(received_on, frozenset())
    if received_on == over.day:
        that_day |= over_now
    return bool(decision.people & (that_day | day.over_in_a_month))


def _sample(decisions: Sequence[DecidedThen], percent: int | None) -> Sequence[DecidedThen]:
    by_id = {decision.decision_id: decision for decision in decisions}
    ranked = sorted(by_id, key=lambda decision_id: by_id[decision_id].rank)
    return [by_id[decision_id] for decision_id in drawn(ranked, percent)]


def _again(kind: Look, decision: DecidedThen, over: Over) -> Raised:
    return Raised(
        kind,
        f"decision/{decision.decision_id}",
        over.day,
        {},
        report_id=decision.report_id,
        decision_id=decision.decision_id,
    )
