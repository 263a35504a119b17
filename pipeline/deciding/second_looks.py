"""Second looks: what stood out is answered by somebody else (R8).

A look never refuses anything. ``raising_looks`` says what is raised, and draws the samples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.deciding.raising_looks import begins
from pipeline.listed import Listed
from pipeline.runtime import Work
from pipeline.store import (
    accounts,
    reports,
    second_look_answers,
    second_look_figures,
    second_looks,
)
from pipeline.store import decisions as stored_decisions
from pipeline.store.decisions import DecisionRow
from pipeline.store.second_looks import LookRow
from scheme.decision import Verdict
from scheme.second_look import BLIND, Look, look_answered
from scheme.staff import Account


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


# -- looking ---------------------------------------------------------------------------------------


def open_looks(work: Work, officer: Account, page: int = 1) -> Listed[LookView]:
    """What waits for somebody, the longest waiting first."""
    return _views(work, second_looks.open_looks(work.connection, page), officer)


def disagreements(work: Work, officer: Account, page: int = 1) -> Listed[LookView]:
    """Decisions that somebody else would have decided otherwise, and that still stand.

    To be reopened.
    """
    return _views(work, second_looks.disagreements(work.connection, page), officer)


def answered(work: Work, officer: Account, page: int = 1) -> Listed[LookView]:
    """What was answered, newest first."""
    return _views(work, second_looks.answered(work.connection, page), officer)


def _views(work: Work, listed: Listed[LookRow], officer: Account) -> Listed[LookView]:
    return listed.shown_as(lambda row: _view(work, row, officer))


def look_view(work: Work, look_id: str, officer: Account) -> LookView:
    """One look. Raises NoSuchLook."""
    return _view(work, second_looks.by_id(work.connection, look_id), officer)


def answer(
    work: Work, *, look_id: str, officer: Account, reason: str, verdict: Verdict | None = None
) -> bool | None:
    """Answer a look, once, by somebody who took no part.

    Whether it agrees with the decision that was made again.

    Raises NoSuchLook and what ``scheme.second_look.look_answered`` raises.
    """
    row, look = second_look_answers.read(work.connection, look_id)
    said = look_answered(look, officer.account_id, reason, verdict)
    second_look_answers.answer(work.connection, row, said, officer=officer.account_id, at=work.now)
    return said.agrees


def _view(work: Work, row: LookRow, officer: Account) -> LookView:
    names = accounts.names(work.connection)
    decision = second_look_answers.decision_of(work.connection, row)
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
        may_answer=not told
        and officer.account_id not in second_look_answers.took_part(work.connection, row),
        answered_by=names.get(row.answered_by or "", ""),
        answered_at=row.answered_at,
        answer=row.answer or "",
        agrees=row.agrees,
        reason=row.reason or "",
        decision=decision if told else None,
        decided_by=names.get(decision.officer, "") if decision and told else "",
        stands=decision is not None
        and stored_decisions.still_stands(work.connection, decision.decision_id),
    )


def _reports_of(work: Work, row: LookRow) -> Sequence[str]:
    """What the figures were counted over, as it is now."""
    if row.report_id is not None:
        return (row.report_id,)
    begin = begins(work, row.day)
    if row.kind in (Look.REPORTS, Look.FILES):
        person_id = row.subject.removeprefix("person/")
        return second_look_figures.reports_of_human(
            work.connection, person_id, begin, begin + timedelta(days=1)
        )
    if row.kind is Look.PAIR:
        _, officer, _, person_id = row.subject.split("/")
        end = begins(work, (row.day + timedelta(days=31)).replace(day=1))
        return second_look_figures.substantiated_by_pair(work.connection, begin, end).get(
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
