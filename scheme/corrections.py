"""What an officer sets right about a report: its claim, its files, its place in line (R5, R11)."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime

from scheme.case import ForbiddenMove
from scheme.claim import corrected
from scheme.desk import (
    AtTheDesk,
    WithClaim,
    require_as_seen,
    require_free,
    require_on_the_desk,
)
from scheme.plain_text import required
from scheme.policy import PolicyRef
from scheme.policy_book import PolicyBook
from scheme.report import Claim


@dataclass(frozen=True, slots=True)
class Correction:
    """Another version of a claim, with what follows from it for the report and its case."""

    claim: Claim
    version: int
    fields: tuple[str, ...]
    """What the version before said otherwise."""
    reason: str
    policy_before: PolicyRef | None
    policy: PolicyRef
    """By which the violation is judged at the time that is accepted now."""
    case_changes_to: str | None
    """The category that its case is of now, where no other report stands in it."""
    leaves_its_case: bool
    """Another category is another incident (R16): it leaves a case that it shares."""


def correction(  # noqa: PLR0913 - what a correction consists of, and what rules it
    report: WithClaim,
    *,
    row_version: int,
    claim: Claim,
    unasked: Collection[str] = (),
    reason: str,
    policies: PolicyBook,
    now: datetime,
) -> Correction:
    """Put another version of the claim in force, beside what the reporter said.

    The accepted time follows it, and with the time the policy that judges. ``unasked``: fields that
    nobody was asked about; they stay as they are. Raises ReasonRequired,
    StaleVersion, HeldByOther, ForbiddenMove for a report that is not open to operations, and what
    ``scheme.claim.corrected`` raises for a claim that no report could make.
    """
    reason = required(reason)
    claim = corrected(_with_unasked(claim, report.claim, unasked), policies, now)
    require_as_seen(report, row_version)
    require_on_the_desk(report, "claim")
    require_free(report)
    judged_at = claim.violated_at or report.received_at or now
    in_a_case = report.case_id is not None and report.claim is not None
    moves = in_a_case and report.claim is not None and report.claim.category != claim.category
    return Correction(
        claim=claim,
        version=report.claim_version + 1,
        fields=_differing(report.claim, claim),
        reason=reason,
        policy_before=report.substance_policy,
        policy=policies.substance_at(judged_at).ref,
        case_changes_to=claim.category if moves and report.alone else None,
        leaves_its_case=moves and not report.alone,
    )


def tied(report: AtTheDesk, reason: str) -> str:
    """An officer's word that the files of the report show one bus (R5); the reason as it is kept.

    Raises ReasonRequired, ForbiddenMove.
    """
    reason = required(reason)
    require_on_the_desk(report, "files")
    return reason


def excluded_for(report: AtTheDesk, reason: str) -> str:
    """Take a received report out of the line for the reward, or put it back; the reason as kept.

    Raises ReasonRequired, ForbiddenMove for a draft.
    """
    reason = required(reason)
    if report.receipt_seq is None:
        raise ForbiddenMove("report", report.state, report.state)
    return reason


def _with_unasked(claim: Claim, before: Claim | None, unasked: Collection[str]) -> Claim:
    if before is None:
        return claim
    return replace(claim, **{name: getattr(before, name) for name in unasked})


def _differing(before: Claim | None, after: Claim) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in fields(Claim)
        if before is None or getattr(before, field.name) != getattr(after, field.name)
    )
