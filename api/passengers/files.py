"""Files of a draft: taken in, listed, shown, taken out."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from api.auth import runtime_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.media import poster
from api.pages import render, see_other, texts_of
from api.passengers.evidence import evidence_page
from api.passengers.own_drafts import OwnDraft
from api.problems import Problem, problem_of, problems_of
from api.turned_away import BadField, NotHere
from api.uploads import ArrivingFile, take_files
from pipeline.receiving import incoming
from pipeline.receiving.drafts import Draft
from scheme.report import Evidence

router = APIRouter(include_in_schema=False)


@router.post("/r/{report_id}/files")
async def upload(request: Request, draft: OwnDraft) -> Response:
    """Take files into the draft, each in one pass.

    The script is answered with JSON, a plain form with the page.
    """
    runtime = runtime_of(request)

    def store(file: ArrivingFile) -> Evidence:
        return incoming.store_file(
            runtime, report_id=draft.report_id, file_name=file.file_name, stream=file.stream
        )

    try:
        stored = await take_files(request, store)
    except REFUSED as refusal:
        if sent_by_script(request):
            return told_to_script(request, refusal)
        return await _page_in_thread(request, draft, problems_of(refusal))
    if sent_by_script(request):
        return JSONResponse({"files": [file.sha256 for file in stored]}, HTTPStatus.CREATED)
    if not stored:
        return await _page_in_thread(
            request, draft, [problem_of(BadField("NO_FILE_CHOSEN", "file"))]
        )
    return see_other(f"/r/{draft.report_id}/evidence#upload-title")


@router.get("/r/{report_id}/files")
def files(request: Request, draft: OwnDraft) -> HTMLResponse:
    """The list of files alone, for the script."""
    return render(
        request,
        "passengers/files.html",
        report_id=draft.report_id,
        evidence=draft.evidence,
        read=draft.read,
    )


@router.post("/r/{report_id}/files/{sha256}/remove")
# Checks its token
def remove(request: Request, draft: OwnDraft, sha256: str, form: PostedForm) -> Response:  # noqa: ARG001
    """Take one file out of the draft."""
    with runtime_of(request).write() as work:
        incoming.remove_file(work, report_id=draft.report_id, sha256=sha256)
    return see_other(f"/r/{draft.report_id}/evidence#upload-title")


@router.get("/r/{report_id}/files/{sha256}/poster")
def draft_poster(request: Request, draft: OwnDraft, sha256: str) -> Response:
    """A small picture of one's own file."""
    file = next((file for file in draft.evidence if file.sha256 == sha256), None)
    if file is None:
        raise NotHere
    return poster(runtime_of(request), file, side=320, drawn_for=draft.report_id)


def sent_by_script(request: Request) -> bool:
    """Whether our own script sent the files and shows the answer itself."""
    return "application/json" in request.headers.get("accept", "")


def told_to_script(request: Request, refusal: Exception) -> JSONResponse:
    """Why a file was refused, in the words that the page would use."""
    problem = problem_of(refusal)
    told = {"code": problem.code, "message": problem.text(texts_of(request))}
    return JSONResponse(told, problem.status, headers=dict(problem.headers))


async def _page_in_thread(request: Request, draft: Draft, problems: Sequence[Problem]) -> Response:
    """Show the evidence page again from an asynchronous endpoint, without blocking the others."""
    return await run_in_threadpool(evidence_page, request, draft, problems)
