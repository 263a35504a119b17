"""Until when a decision can be taken back."""

from datetime import datetime, timedelta

from pipeline.runtime import Work
from pipeline.store.reports import ReportRow


def undo_time(work: Work) -> timedelta:
    """How long a decision can be taken back."""
    return timedelta(seconds=work.policies.procedure_at(work.now).procedure.undo_seconds)


def undo_until(work: Work, report: ReportRow) -> datetime | None:
    """Until when the decision on a report can be taken back; None when it is over."""
    if report.decided_at is None:
        return None
    until = report.decided_at + undo_time(work)
    return until if work.now < until else None
