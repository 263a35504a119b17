"""Following one's own report.

Number and code are posted, a session answers, and nobody else's report ever shows.
"""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from api.auth import (
    REPORTER,
    OwnReport,
    drop_cookie,
    has_chosen_language,
    keep_language,
    reporter_token,
    require_reporter,
    runtime_of,
    set_cookie,
)
from api.errors import REFUSED
from api.forms import PostedForm
from api.limits import MOST_FILES, PHOTO_MAX_BYTES, VIDEO_MAX_BYTES, VIDEO_MAX_MINUTES
from api.media import frame, poster
from api.pages import policy_now, render, see_other
from api.passengers.files import sent_by_script, told_to_script
from api.passengers.wording import accepted_names, badge_asked
from api.problems import Problem, problem_of, problems_of
from api.rates import Kind, guesses
from api.turned_away import BadField, NotHere, ReporterSignedOut
from api.uploads import ArrivingFile, take_files
from pipeline.answering import proving, tracking, withdrawing
from pipeline.answering.own_report import Progress
from pipeline.receiving import incoming
from pipeline.staff import accounts
from scheme.report import Evidence

router = APIRouter(include_in_schema=False)


@router.get("/s")
def find(request: Request, number: str = "") -> HTMLResponse:
    """Ask for report number and code. The number may stand in the address; the code never does."""
    # As long as the field
    shown = number if len(number) <= 30 and number.isprintable() else ""  # noqa: PLR2004
    return _find_page(request, shown)


@router.post("/s")
def enter(request: Request, form: PostedForm) -> Response:
    """Open a session for the report; wrong number and wrong code are told alike."""
    runtime = runtime_of(request)
    number = form.line("report_number", 30)
    try:
        with guesses(request, Kind.CODE), runtime.write() as work:
            report_id = proving.open_report(
                work, report_number=number, secret_code=form.line("secret_code", 60)
            )
            token = accounts.reporter_session(work, report_id)
            language = tracking.language_of(work, report_id)
    except REFUSED as refusal:
        return _find_page(request, number, problems_of(refusal))
    response, secure = see_other("/s/report"), runtime.settings.secure_cookies
    set_cookie(response, REPORTER, token, secure=secure)
    if language and not has_chosen_language(request):
        keep_language(response, language, secure=secure)
    return response


@router.post("/s/leave")
# Asking for the form checks its token
def leave(request: Request, form: PostedForm) -> Response:  # noqa: ARG001
    """End the session: for those who look on somebody else's phone."""
    secure = runtime_of(request).settings.secure_cookies
    token = reporter_token(request)
    if token:
        with runtime_of(request).write() as work:
            accounts.log_out(work, token)
    response = see_other("/s")
    drop_cookie(response, REPORTER, secure=secure)
    return response


@router.get("/s/report")
def report(request: Request, report_id: OwnReport) -> HTMLResponse:
    """Where the report stands; opening an answer is the receipt of its notice (R13)."""
    return _report_page(request, report_id)


@router.post("/s/report/files")
async def add_files(request: Request, report_id: OwnReport) -> Response:
    """Take further material; the report keeps its place in line.

    The script is answered with JSON.
    """
    runtime = runtime_of(request)

    def store(file: ArrivingFile) -> Evidence:
        return incoming.add_file_to_report(
            runtime, report_id=report_id, file_name=file.file_name, stream=file.stream
        )

    try:
        stored = await take_files(request, store)
    except REFUSED as refusal:
        if sent_by_script(request):
            return told_to_script(request, refusal)
        return await run_in_threadpool(_report_page, request, report_id, problems_of(refusal))
    if sent_by_script(request):
        return JSONResponse({"files": [file.sha256 for file in stored]}, HTTPStatus.CREATED)
    if not stored:
        problem = problem_of(BadField("NO_FILE_CHOSEN", "file"))
        return await run_in_threadpool(_report_page, request, report_id, [problem])
    return see_other("/s/report#files-title")


@router.get("/s/withdraw")
def ask_to_withdraw(request: Request, report_id: OwnReport) -> Response:
    """What withdrawing means, before it is done."""
    progress = _progress(request, report_id)
    if not progress.may_withdraw:
        return see_other("/s/report")
    return render(request, "passengers/withdraw.html", number=progress.report_number)


@router.post("/s/withdraw")
# Checks its token
def withdraw(request: Request, report_id: OwnReport, form: PostedForm) -> Response:  # noqa: ARG001
    """Take the report back."""
    try:
        with runtime_of(request).write() as work:
            withdrawing.withdraw(work, report_id)
    except REFUSED as refusal:
        return _report_page(request, report_id, problems_of(refusal))
    return see_other("/s/report")


@router.get("/s/report/media/{sha256}/poster")
def own_poster(request: Request, report_id: OwnReport, sha256: str) -> Response:
    """A small picture of one's own file."""
    for file in _progress(request, report_id).files:
        if file.sha256 == sha256:
            return poster(runtime_of(request), file, side=320, drawn_for=report_id)
    raise NotHere


@router.get("/s/report/media/proof")
def own_proof(request: Request, report_id: OwnReport) -> Response:
    """The frame that decided one's own report."""
    progress = _progress(request, report_id)
    proof = progress.answer.proof if progress.answer else None
    for file in progress.files:
        if proof is not None and file.sha256 == proof.sha256:
            return frame(runtime_of(request), file, proof.frame_ms)
    raise NotHere


def _progress(request: Request, report_id: str) -> Progress:
    return tracking.look(runtime_of(request), report_id)


def _find_page(request: Request, number: str, problems: Sequence[Problem] = ()) -> HTMLResponse:
    return render(
        request,
        "passengers/find.html",
        problems=problems,
        number=number,
        own_number=_own_number(request),
        counter=policy_now(request).procedure.counter,
    )


def _own_number(request: Request) -> str | None:
    """The number of the report whose session this browser has already."""
    try:
        report_id = require_reporter(request)
    except ReporterSignedOut:
        return None
    with runtime_of(request).read() as work:
        return tracking.number_of(work, report_id)


def _report_page(
    request: Request, report_id: str, problems: Sequence[Problem] = ()
) -> HTMLResponse:
    progress = _progress(request, report_id)
    category = progress.substance.categories[progress.claim.category]
    return render(
        request,
        "passengers/report.html",
        problems=problems,
        progress=progress,
        category=category,
        badge_asked=badge_asked(category),
        accept=accepted_names(category),
        days=progress.substance.window_working_days,
        photo_max=PHOTO_MAX_BYTES,
        video_max=VIDEO_MAX_BYTES,
        video_minutes=VIDEO_MAX_MINUTES,
        files_max=MOST_FILES,
    )
