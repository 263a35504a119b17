"""One's own draft: opened by the key in this browser's cookie, never by the address.

The cookie is sent to this draft's pages only; the report id in the address opens nothing by itself.
Several drafts in one browser do not disturb each other.
"""

from typing import Annotated, Final

from fastapi import Depends, Request

from api.auth import DRAFT, runtime_of
from api.problems import Problem, problems_of
from api.turned_away import DraftElsewhere, NotHere
from pipeline.receiving import drafts
from pipeline.receiving.drafts import Draft
from pipeline.runtime import Work
from scheme import claim as claim_rule
from scheme import submission
from scheme.policy import Category

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
    """What the draft lacks yet of what every report must say and show, in the order of the rule.

    Contact details are asked for once nothing of it is missing.
    """
    with runtime_of(request).read() as work:
        draft = drafts.draft_of(work, request.cookies[DRAFT])
        kinds = [file.kind for file in draft.evidence]
        lacking = tuple(submission.missing(draft.claim, kinds, work.policies, work.now))
    return tuple(problem for refusal in lacking for problem in problems_of(refusal))
