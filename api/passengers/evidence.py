"""The evidence page: the files, and what is seen in them so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import DRAFT, runtime_of
from api.forms import PostedForm
from api.limits import MOST_FILES, PHOTO_MAX_BYTES, VIDEO_MAX_BYTES, VIDEO_MAX_MINUTES
from api.pages import render, see_other, texts_of
from api.passengers.advice import advice
from api.passengers.own_drafts import OwnDraft, category_of
from api.passengers.wording import accepted_names
from api.problems import Problem, problem_of
from pipeline.receiving import drafts
from pipeline.receiving.drafts import Draft
from pipeline.verifying import coaching
from scheme.policy import Category
from scheme.reading import MediaKind
from scheme.submission import NoEvidence

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """One named place for files on the evidence page. ``accept`` is the file input's attribute."""

    key: str
    accept: str


@router.get("/r/{report_id}/evidence")
def evidence(request: Request, draft: OwnDraft) -> HTMLResponse:
    """Files, and what is seen in them."""
    return evidence_page(request, draft)


@router.post("/r/{report_id}/evidence")
# Asking for the form checks its token
def go_on(request: Request, draft: OwnDraft, form: PostedForm) -> Response:  # noqa: ARG001
    """Go on to what happened, when there is a file."""
    if not draft.evidence:
        return evidence_page(request, draft, [problem_of(NoEvidence())])
    return see_other(f"/r/{draft.report_id}/claim")


@router.get("/r/{report_id}/coach")
def coach(request: Request, draft: OwnDraft) -> HTMLResponse:
    """What is seen so far, alone, for the script."""
    return render(request, "passengers/coach.html", **_seen_so_far(request, draft))


def evidence_page(request: Request, draft: Draft, problems: Sequence[Problem] = ()) -> HTMLResponse:
    """The page as it is shown: with the files, what is seen, and what is wrong."""
    with runtime_of(request).read() as work:
        draft = drafts.draft_of(work, request.cookies[DRAFT])
        category = category_of(work, draft)
    return render(
        request,
        "passengers/evidence.html",
        problems=problems,
        category=category,
        slots=_slots(category),
        evidence=draft.evidence,
        read=draft.read,
        expires_at=draft.expires_at,
        photo_max=PHOTO_MAX_BYTES,
        video_max=VIDEO_MAX_BYTES,
        video_minutes=VIDEO_MAX_MINUTES,
        files_max=MOST_FILES,
        **_seen_so_far(request, draft),
    )


def _seen_so_far(request: Request, draft: Draft) -> Mapping[str, Any]:
    """What the coach's template shows."""
    with runtime_of(request).read() as work:
        lines, notes = coaching.coach(work, report_id=draft.report_id)
    return {
        "report_id": draft.report_id,
        "lines": lines if draft.evidence else (),
        "notes": notes,
        "reading": not all(draft.read.values()),
        "asking": True,
        "advice": partial(advice, texts_of(request)),
    }


def _slots(category: Category) -> tuple[Slot, ...]:
    accept = accepted_names(category)
    main = "violation" if category.admits(MediaKind.PHOTO) else "process"
    return Slot(main, accept), Slot("closeup", accept)
