"""The answer's clock (R9): it begins with the receipt, and anew with an explanation in time."""

from datetime import datetime

from pipeline.runtime import Work
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
    return deadlines.last_day_before(due_at, work.policies.procedure_at(work.now).zone)
