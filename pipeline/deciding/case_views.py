"""What the case page shows: frozen values, nothing that can be written. ``looking`` fills them.

What stands there as it was stored is the store's own noun; a view is more, or on purpose less: a
share names nobody.
"""

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.deciding.holding import Hold
from pipeline.store.claims import ClaimVersion
from pipeline.store.decisions import DecisionRow
from pipeline.store.events import Event
from pipeline.store.explanations import Explanation
from scheme.case import ReportState, ShareState
from scheme.decision import Recommendation
from scheme.entitlement import Entitlement, InTime
from scheme.finding import Finding, Outcome, Sight
from scheme.money import Fen
from scheme.policy import PolicyRef
from scheme.report import Channel, Claim, FiledEvidence


@dataclass(frozen=True, slots=True)
class SightView:
    """One line of the checklist: a sight that the category needs (R5), and what was found about it.

    ``outcome`` is the best of the findings' outcomes, None where no check spoke of it.
    """

    sight: Sight
    required: bool
    """False: only one of several will do (badge or plate)."""
    outcome: Outcome | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything about one report but who sent it.

    Give ``row_version`` back with whatever you do to it.
    """

    report_id: str
    report_number: str
    state: ReportState
    row_version: int
    channel: Channel
    received_at: datetime
    submitted_to_us_at: datetime | None
    postmarked_on: date | None
    """The day of the stamp, where it came as a letter (R6)."""
    answer_due_at: datetime | None
    explanations: tuple[Explanation, ...]
    """Why there was no result yet: those in time began the answer's clock anew (R9)."""
    violated_at: datetime | None
    """The accepted violation time."""
    captured_from: datetime | None
    captured_to: datetime | None
    substance_policy: PolicyRef | None
    claims: tuple[ClaimVersion, ...]
    claim: Claim
    """The version in force."""
    evidence: tuple[FiledEvidence, ...]
    findings: tuple[Finding, ...]
    recommendation: Recommendation | None
    sights: tuple[SightView, ...]
    decisions: tuple[DecisionRow, ...]
    """Every version, the first first; ``officer`` is a display name."""
    decision: DecisionRow | None
    """The one that counts now."""
    entitlement: Entitlement | None
    window: InTime
    """Whether the material reached us in time (R6), as far as anybody knows."""
    excluded: bool
    tied_by_officer: bool
    asked_for: str | None
    hold: Hold | None
    undo_until: datetime | None
    """Until when the decision in force can be undone; None when it can't."""
    reopened: bool
    """An answered report for which somebody opened the way to a superseding decision."""
    reporters: int
    """How many people reported jointly."""


@dataclass(frozen=True, slots=True)
class CandidateView:
    """The question whether two reports are one incident. ``same`` None: open.

    ``answered_by`` is a display name.
    """

    candidate_id: int
    report_id: str
    report_number: str
    other_report_id: str
    other_report_number: str
    other_case_id: str | None
    reasons: tuple[str, ...]
    found_at: datetime
    same: bool | None
    answered_by: str | None
    answered_at: datetime | None
    answer_reason: str | None


@dataclass(frozen=True, slots=True)
class ShareView:
    """One person's part of a reward; the person is not named here."""

    share_id: str
    position: int
    amount_fen: Fen
    state: ShareState
    channel: str
    notified_at: datetime | None
    notice_received_at: datetime | None
    collect_by: datetime | None
    collected_at: datetime | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class RewardView:
    """A reward of the case.

    ``claw_back_due``: it was paid, but its report is not the first any more.
    """

    reward_id: str
    report_id: str
    report_number: str
    case_id: str
    """The case that its report stands in today."""
    amount_fen: Fen
    live: bool
    claw_back_due: bool
    awarded_at: datetime
    shares: tuple[ShareView, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """One incident with its reports in order of receipt.

    Asked for a merged case, it is the one that took it over.
    """

    case_id: str
    number: str
    category: str
    merged: tuple[str, ...]
    """Numbers of the cases that were merged into this one."""
    reports: tuple[ReportView, ...]
    candidates: tuple[CandidateView, ...]
    """Open questions first."""
    history: tuple[Event, ...]
    """Oldest first; ``actor`` is a display name, ``reporter`` or ``system``."""
    reward: RewardView | None
    """The one that counts."""
    past_rewards: tuple[RewardView, ...]

    def latest(self, since: datetime | None = None) -> tuple[Event, ...]:
        """The history, newest first; with ``since`` only what came after it."""
        return tuple(event for event in reversed(self.history) if since is None or event.at > since)
