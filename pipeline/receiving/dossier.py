"""All that submitting a draft is decided by, read once."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.runtime import Work
from pipeline.store import drafts
from pipeline.store.drafts import WholeDraft
from scheme.case import NoSuchReport
from scheme.draft import DraftNotFound, DraftState, whole_mark
from scheme.submission import Submission
from scheme.workdays import Workdays


@dataclass(frozen=True, slots=True)
class DraftDossier:
    """A draft, the question that is asked of the rule, and what goes onto the receipt."""

    draft: WholeDraft
    submission: Submission
    own_repeats: tuple[str, ...]
    workdays: Workdays


def gathered(
    work: Work,
    report_id: str,
    *,
    consent: bool,
    submitted_to_us_at: datetime | None,
    shown: str | None,
) -> DraftDossier:
    """The dossier of a draft as it stands under the write lock. Raises DraftNotFound."""
    try:
        draft = drafts.whole(work.connection, work.vault, report_id)
    except NoSuchReport as problem:
        raise DraftNotFound from problem
    report = draft.report
    submission = Submission(
        draft=DraftState(report.id, report.state, report.created_at, report.report_number),
        channel=report.channel,
        claim=draft.claim,
        files=tuple(file.kind for file in draft.evidence),
        people=len(draft.reporters),
        consent=consent,
        submitted_to_us_at=submitted_to_us_at,
        shown=shown,
        kept=whole_mark(draft.claim, draft.evidence, draft.reporters),
    )
    repeats = drafts.own_repeats(work.connection, work.vault, draft)
    return DraftDossier(draft, submission, repeats, work.workdays)
