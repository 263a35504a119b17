"""The answer's clock (R9): it begins with the receipt, and anew with an explanation in time."""

from datetime import datetime, timedelta

from pipeline.runtime import Work
from pipeline.store import explanations, reports
from pipeline.store.accounts import Account
from pipeline.store.actions import Action
from pipeline.store.explanations import Explanation
from pipeline.store.reports import ReportRow
from scheme import deadlines
from scheme.workdays import CalendarGap


def due_from(work: Work, began_at: datetime) -> datetime | None:
    """When an answer is due whose clock began then; None where the calendar ends.

    An alarm, never a guess.
    """
    try:
        return deadlines.answer_due(began_at, work.policies.procedure_at(began_at), work.workdays)
    except CalendarGap:
        return None


def last_day(work: Work, due_at: datetime | None) -> str:
    """The last day before a due time, as messages to reporters say it.

    Empty where there is none.
    """
    if due_at is None:
        return ""
    zone = work.policies.procedure_at(work.now).zone
    return (due_at - timedelta(seconds=1)).astimezone(zone).date().isoformat()


def explained(work: Work, report: ReportRow, officer: Account) -> Explanation:
    """Put an explanation on record.

    In time, it is what R9 asks for: the next answer is due three working days later.

    A late one is told and counted as well, but heals nothing: the report stays overdue until its
    answer. Where no calendar says when the answer was due, nobody can say that the explanation came
    too late.
    """
    due_was = report.answer_due_at
    in_time = due_was is None or work.now < due_was
    due_now = due_from(work, work.now) if in_time else due_was
    explanation = Explanation(work.now, officer.account_id, in_time, due_was, due_now)
    explanations.add(work.connection, report.id, explanation)
    if in_time:
        reports.change(work.connection, report.id, answer_due_at=due_now)
    work.record(
        officer.account_id, Action.REPORTER_TOLD_WHY, f"report/{report.id}", in_time=in_time,
        due_was=last_day(work, due_was), due_now=last_day(work, due_now),
    )  # fmt: skip
    return explanation
