"""One's own draft: opened by the key in this browser's cookie, never by the address.

The cookie is sent to this draft's pages only; the report id in the address opens nothing by itself.
Several drafts in one browser do not disturb each other.
"""

from typing import Annotated, Final

from fastapi import Depends, Request

from api.auth import DRAFT, runtime_of
from api.passengers.wording import badge_asked
from api.problems import Problem, problems_of
from api.turned_away import DraftElsewhere, NotHere
from pipeline.receiving import drafts
from pipeline.receiving.drafts import Draft
from pipeline.runtime import Work
from scheme import claim as claim_rule
from scheme.policy import Category
from scheme.submission import ClaimIncomplete, MissingIdentifier, NoEvidence

SHOWN: Final = "shown"
"""The hidden field by which a form says what it was filled from: the draft's mark."""


def own_draft(request: Request, report_id: str) -> Draft:
    """A dependency: the draft in the address, when this browser has its key.

    Raises DraftElsewhere, DraftExpired, AlreadySubmitted.
    """
    key = request.cookies.get(DRAFT)
    if not key:
        raise DraftElsewhere
    with runtime_of(request).read() as work:
        draft = drafts.draft_of(work, key)
    if draft.report_id != report_id:
        raise DraftElsewhere
    return draft


OwnDraft = Annotated[Draft, Depends(own_draft)]


def category_of(work: Work, draft: Draft) -> Category:
    """The category of the draft's claim. Raises UnknownCategory, NotHere without a claim."""
    claim = draft.claim
    if claim is None:
        raise NotHere
    return claim_rule.category_of(claim, work.policies, work.now)


def still_missing(request: Request) -> tuple[Problem, ...]:
    """What must be there before contact details are asked for.

    A file, a time, a line, plate or badge.
    """
    with runtime_of(request).read() as work:
        fresh = drafts.draft_of(work, request.cookies[DRAFT])
        category = category_of(work, fresh)
    claim = fresh.claim
    if claim is None:
        raise NotHere
    refusals: list[Exception] = []
    if not fresh.evidence:
        refusals.append(NoEvidence())
    absent = tuple(name for name in ("violated_at", "route") if getattr(claim, name) is None)
    if absent:
        refusals.append(ClaimIncomplete(absent))
    if claim.plate is None and not (badge_asked(category) and claim.badge):
        refusals.append(MissingIdentifier(()))
    return tuple(problem for refusal in refusals for problem in problems_of(refusal))
