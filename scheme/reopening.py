"""Opening the way to another decision on a report that was answered (R23)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheme.case import ForbiddenMove, ReportState
from scheme.desk import AtTheDesk, require_free
from scheme.plain_text import required
from scheme.policy_book import PolicyBook


@dataclass(frozen=True, slots=True)
class Reopening:
    """Why it is opened, and until when the officer who does it has the report."""

    reason: str
    held_until: datetime


def reopened(report: AtTheDesk, reason: str, policies: PolicyBook, now: datetime) -> Reopening:
    """Open the way to a superseding decision; the old one counts until then.

    Raises ForbiddenMove unless the report is answered, ReasonRequired, HeldByOther.
    """
    if report.state is not ReportState.ANSWERED:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    reason = required(reason)
    require_free(report)
    return Reopening(reason, hold_until(policies, now))


def hold_until(policies: PolicyBook, now: datetime) -> datetime:
    """Until when an officer has a report that they take now."""
    return now + timedelta(minutes=policies.procedure_at(now).procedure.hold_minutes)
