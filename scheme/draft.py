"""A draft: how long it lives, and what it may have become (R7, "Receipt")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from scheme.case import ReportState
from scheme.codec import to_json
from scheme.policy_book import PolicyBook
from scheme.report import Claim, Evidence

MARK_SIGNS: Final = 16


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


class DraftChanged(Exception):
    """What is to be saved or submitted was shown before somebody saved something else.

    In another tab, as a rule. Nothing of either is lost: the draft stays, the form is shown again.
    """


class Typed(Protocol):
    """Who reports, as it was typed."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def phone(self) -> str:
        """The number."""

    @property
    def email(self) -> str:
        """The address, or empty."""


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


def mark(*shown: Claim | Sequence[str] | None) -> str:
    """What a form showed, as a short text: equal while nobody has saved anything else since."""
    return sha256("\n".join(to_json(part) for part in shown).encode()).hexdigest()[:MARK_SIGNS]


def reporters_mark(people: Sequence[Typed]) -> str:
    """What a form for these reporters was filled from."""
    return mark(*([person.name, person.phone, person.email] for person in people))


def whole_mark(claim: Claim | None, evidence: Sequence[Evidence], people: Sequence[Typed]) -> str:
    """What a page that shows all of a draft was filled from."""
    return mark(claim, [file.sha256 for file in evidence], [reporters_mark(people)])


def require_as_shown(shown: str | None, now_kept: str) -> None:
    """Whether the draft is still what the form was filled from.

    ``shown`` is None for whoever saw no form. Raises DraftChanged.
    """
    if shown is not None and shown != now_kept:
        raise DraftChanged
