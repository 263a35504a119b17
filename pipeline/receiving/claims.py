"""What the reporter says of the violation, kept in the draft; and whether it would be late."""

from pipeline.receiving import drafts
from pipeline.runtime import Work
from pipeline.store import claims
from pipeline.store.actions import Action
from scheme import submission
from scheme.claim import checked
from scheme.draft import mark, require_as_shown
from scheme.report import Claim


def save_claim(work: Work, *, report_id: str, claim: Claim, shown: str | None = None) -> Claim:
    """Keep what the reporter says, in canonical form (returned). It may still be incomplete.

    ``shown`` is the draft's ``claim_mark`` as the form showed it. Raises DraftChanged where
    somebody has saved something else since, what ``scheme.claim.checked`` raises, DraftNotFound,
    DraftExpired, AlreadySubmitted; the draft stays as it was then.
    """
    drafts.still_open(work, report_id)
    canonical = checked(claim, work.policies, work.now)
    kept = claims.in_force(work.connection, report_id)
    if kept is None or kept.claim != canonical:
        require_as_shown(shown, mark(kept.claim if kept else None))
    claims.set_draft(work.connection, report_id, canonical, work.now)
    work.record("reporter", Action.CLAIM_SAVED, f"report/{report_id}", category=canonical.category)
    return canonical


def late_already(work: Work, *, report_id: str) -> bool:
    """Whether a report submitted now would be too late for the reward (R6). Unknown is not late."""
    report = drafts.still_open(work, report_id)
    version = claims.in_force(work.connection, report_id)
    if version is None or version.claim.violated_at is None:
        return False
    return submission.is_late(
        version.claim.violated_at, work.now, report.channel, work.policies, work.workdays
    )
