"""Second looks: each day is looked through once it is over, what stands out is raised, and somebody else answers (R8).

A look never refuses anything. Which payments and decisions are drawn follows from the master key
and the day, so that nobody who decides can know it beforehand, and drawing again draws the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipeline.paying import second_approval
from pipeline.runtime import Runtime, Work
from pipeline.staff.accounts import Account
from pipeline.store import accounts, cases, joined, ledger, reports, second_looks
from pipeline.store.actions import Action
from pipeline.store.cases import DecisionRow
from pipeline.store.second_looks import APPROVED, Decided, LookRow, NoSuchLook
from scheme.decision import Verdict
from scheme.plain_text import required
from scheme.policy import Policy, SecondLook
from scheme.second_look import BLIND, Look, beyond, drawn, stands_out

__all__ = [
    "AlreadyLookedAt",
    "AnswerRequired",
    "LookView",
    "NoSuchLook",
    "YouTookPart",
    "answer",
    "answered",
    "disagreements",
    "look_through",
    "look_view",
    "open_looks",
]

SEEN: Final = "seen"
MOST_DAYS: Final = 31
"""Days looked through in one sweep at most, after a time in which nothing ran."""

MOST_SHOWN: Final = 200


class YouTookPart(Exception):
    """Who registered, decided or handed out can't be the one who looks again."""


class AlreadyLookedAt(Exception):
    """Somebody has answered this look."""


class AnswerRequired(Exception):
    """A decision is looked at again by deciding: substantiated, unsubstantiated or assisted."""


@dataclass(frozen=True, slots=True)
class LookView:
    """One second look as it is shown.

    ``reports`` are (id, number, case) of what it is about; no person is named.

    ``decision`` is None until the look is answered: who decides again does not see what was
    decided.
    """

    look_id: str
    kind: Look
    day: date
    figures: Mapping[str, int]
    raised_at: datetime
    reports: tuple[tuple[str, str, str], ...]
    about: str
    """The name of the officer that it is about; empty where it is about nobody here."""
    blind: bool
    may_answer: bool
    answered_by: str
    answered_at: datetime | None
    answer: str
    agrees: bool | None
    reason: str
    decision: DecisionRow | None
    decided_by: str
    stands: bool
    """Whether the decision that was looked at is still in force."""


# -- raising ---------------------------------------------------------------------------------------


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
    end = _begins(work, day + timedelta(days=1))
    policy = work.policies.procedure_at(end - timedelta(microseconds=1))
    over = _Day(day, _begins(work, day), end, _begins(work, day.replace(day=1)), policy)
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


def _begins(work: Work, day: date) -> datetime:
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
    sent = second_looks.reports_by_human(work.connection, over.begin, over.end)
    files = second_looks.files_by_human(work.connection, over.begin, over.end)
    pairs = second_looks.substantiated_by_pair(work.connection, over.month_begins, over.end)
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
    since = _begins(work, over.day - timedelta(days=over.second_look.paid_median_days or 0))
    by_day: dict[date, int] = {}
    for paid_at, fen in second_looks.payments(work.connection, since, over.end):
        local = paid_at.astimezone(over.policy.zone).date()
        by_day[local] = by_day.get(local, 0) + fen
    paid_fen = by_day.pop(over.day, 0)
    median_fen = stands_out(paid_fen, by_day.values(), over.second_look.paid_day_times_median)
    return {} if median_fen is None else {"ledger": {"fen": paid_fen, "median_fen": median_fen}}


def _draw(work: Work, over: _Day) -> int:
    """The blind looks of a day: all about people over a figure, and a sample of payments on the spot and decisions."""
    decided = second_looks.decided(work.connection, over.begin, over.end)
    paid = second_looks.paid_on_the_spot(work.connection, over.begin, over.end)
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
        for person in reports.person_ids(work.connection, one.report_id)
    }
    received_on = one.received_at.astimezone(over.policy.zone).date()
    that_day = second_looks.over_in_a_day(work.connection, received_on)
    return bool(people & (that_day | second_looks.over_in_a_month(work.connection, over.month)))


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


# -- looking ---------------------------------------------------------------------------------------


def open_looks(work: Work, officer: Account) -> tuple[LookView, ...]:
    """What waits for somebody, the longest waiting first."""
    return tuple(
        _view(work, row, officer) for row in second_looks.open_looks(work.connection, MOST_SHOWN)
    )


def disagreements(work: Work, officer: Account) -> tuple[LookView, ...]:
    """Decisions that somebody else would have decided otherwise, and that still stand.

    To be reopened.
    """
    return tuple(
        _view(work, row, officer) for row in second_looks.disagreements(work.connection, MOST_SHOWN)
    )


def answered(work: Work, officer: Account, most: int = 30) -> tuple[LookView, ...]:
    """What was answered last."""
    return tuple(_view(work, row, officer) for row in second_looks.answered(work.connection, most))


def look_view(work: Work, look_id: str, officer: Account) -> LookView:
    """One look. Raises NoSuchLook."""
    return _view(work, second_looks.by_id(work.connection, look_id), officer)


def answer(
    work: Work, *, look_id: str, officer: Account, reason: str, verdict: Verdict | None = None
) -> bool | None:
    """Answer a look, once, by somebody who took no part.

    Whether it agrees with the decision that was made again.

    A payment is approved by it; a signal is seen. A disagreement changes nothing by itself: it
    stands on the page until somebody reopens the report. Raises NoSuchLook, AlreadyLookedAt,
    YouTookPart, AnswerRequired, ReasonRequired.
    """
    row = second_looks.by_id(work.connection, look_id)
    reason = required(reason)
    if row.answered_at is not None:
        raise AlreadyLookedAt
    if officer.account_id in _took_part(work, row):
        raise YouTookPart
    if row.kind in BLIND and verdict is None:
        raise AnswerRequired
    decision = _decision(work, row)
    agrees = None if decision is None else decision.verdict is verdict
    said = (
        verdict if row.kind in BLIND and verdict else APPROVED if row.kind is Look.PAYMENT else SEEN
    )
    if not second_looks.set_answer(
        work.connection,
        look_id,
        answer=said,
        agrees=agrees,
        by=officer.account_id,
        at=work.now,
        reason=reason,
    ):
        raise AlreadyLookedAt
    subject = f"report/{row.report_id}" if row.report_id else f"second_look/{look_id}"
    work.record(
        officer.account_id,
        Action.SECOND_LOOK_ANSWERED,
        subject,
        kind=row.kind,
        answer=said,
        agrees=agrees,
        reason=reason,
    )
    return agrees


def _took_part(work: Work, row: LookRow) -> frozenset[str]:
    """Accounts that registered, decided or handed out what the look is about, or that it is about."""
    involved = {part for part in row.subject.split("/") if row.kind is Look.PAIR}
    if row.share_id:
        involved.add(ledger.share(work.connection, row.share_id).collected_by or "")
    case_id = cases.case_of_report(work.connection, row.report_id) if row.report_id else None
    if case_id:
        involved |= cases.who_took_part(work.connection, case_id)
    return frozenset(involved)


def _decision(work: Work, row: LookRow) -> DecisionRow | None:
    if row.decision_id is None or row.report_id is None:
        return None
    decisions = cases.decisions_of(work.connection, row.report_id)
    return next(decision for decision in decisions if decision.decision_id == row.decision_id)


def _view(work: Work, row: LookRow, officer: Account) -> LookView:
    names = accounts.names(work.connection)
    decision = _decision(work, row)
    told = row.answered_at is not None
    about = row.subject.split("/")[1] if row.kind is Look.PAIR else ""
    hidden = row.kind in BLIND and not told
    return LookView(
        look_id=row.id,
        kind=row.kind,
        day=row.day,
        figures=row.figures,
        raised_at=row.raised_at,
        reports=tuple(
            _named(work, report_id, hidden=hidden) for report_id in _reports_of(work, row)
        ),
        about=names.get(about, ""),
        blind=row.kind in BLIND,
        may_answer=not told and officer.account_id not in _took_part(work, row),
        answered_by=names.get(row.answered_by or "", ""),
        answered_at=row.answered_at,
        answer=row.answer or "",
        agrees=row.agrees,
        reason=row.reason or "",
        decision=decision if told else None,
        decided_by=names.get(decision.officer, "") if decision and told else "",
        stands=decision is not None
        and second_looks.still_stands(work.connection, decision.decision_id),
    )


def _reports_of(work: Work, row: LookRow) -> Sequence[str]:
    """What the figures were counted over, as it is now."""
    if row.report_id is not None:
        return (row.report_id,)
    begin = _begins(work, row.day)
    if row.kind in (Look.REPORTS, Look.FILES):
        person_id = row.subject.removeprefix("person/")
        return second_looks.reports_of_human(
            work.connection, person_id, begin, begin + timedelta(days=1)
        )
    if row.kind is Look.PAIR:
        _, officer, _, person_id = row.subject.split("/")
        end = _begins(work, (row.day + timedelta(days=31)).replace(day=1))
        return second_looks.substantiated_by_pair(work.connection, begin, end).get(
            (officer, person_id), ()
        )
    return ()


def _named(work: Work, report_id: str, *, hidden: bool) -> tuple[str, str, str]:
    """Number and case lead to the first decision.

    Who decides again gets neither before answering.
    """
    report = reports.by_id(work.connection, report_id)
    return (
        report_id,
        "" if hidden else report.report_number or "",
        "" if hidden else report.case_id or "",
    )
