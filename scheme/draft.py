"""A draft: how long it lives, and what it may have become (R7, "Receipt")."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheme.case import ReportState
from scheme.policy import PolicyBook


class DraftNotFound(Exception):
    """No such draft, or it is not this visitor's."""


class DraftExpired(DraftNotFound):
    """The draft lived until ``expired_at``; what was typed in it is forgotten."""

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(expired_at.isoformat())
        self.expired_at = expired_at


class AlreadySubmitted(Exception):
    """The draft is a report already: ``report_id``, ``report_number``.

    ``renewable``: the draft would still live, and whoever holds its key may have the receipt with
    another code.
    """

    def __init__(self, report_id: str, report_number: str, *, renewable: bool = False) -> None:
        super().__init__(report_number)
        self.report_id, self.report_number, self.renewable = report_id, report_number, renewable


@dataclass(frozen=True, slots=True)
class DraftState:
    """What has become of a draft so far."""

    report_id: str
    state: ReportState
    created_at: datetime
    report_number: str | None


def expires_at(created_at: datetime, policies: PolicyBook, now: datetime) -> datetime:
    """Until when a draft lives that was opened then."""
    return created_at + timedelta(days=policies.procedure_at(now).procedure.draft_days)


def require_open(draft: DraftState, policies: PolicyBook, now: datetime) -> None:
    """Whether it can still be changed and submitted. Raises AlreadySubmitted, DraftExpired."""
    until = expires_at(draft.created_at, policies, now)
    if draft.report_number is not None:
        raise AlreadySubmitted(draft.report_id, draft.report_number, renewable=now < until)
    if draft.state is not ReportState.DRAFT or now >= until:
        raise DraftExpired(until)
