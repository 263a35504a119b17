"""Every answer once more, the declaration, and the receipt."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import DRAFT, REPORTER, OwnReport, reporter_token, runtime_of, set_cookie
from api.claim_form import typed_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.pages import policy_now, render, see_other, texts_of
from api.passengers.advice import advice
from api.passengers.claim import what_is_missing
from api.passengers.own_drafts import SHOWN, OwnDraft, category_of, own_draft
from api.passengers.wording import badge_asked, told_by_text
from api.problems import Problem, problem_of, problems_of
from api.texts import grouped_code
from api.turned_away import BadField, NotHere
from pipeline.receiving import claims, reporters, submitting
from pipeline.receiving.drafts import Draft
from pipeline.receiving.receipt_again import receipt_again, receipt_of
from pipeline.staff import accounts
from pipeline.verifying import coaching
from scheme.draft import AlreadySubmitted
from scheme.submission import ConsentRequired

router = APIRouter(include_in_schema=False)


@router.get("/r/{report_id}/check")
def check(request: Request, draft: OwnDraft) -> Response:
    """Every answer once more, late and own repeats said plainly, then the declaration."""
    missing = what_is_missing(request, draft, typed_of(draft.claim))
    if missing is not None:
        return missing
    if not draft.reporters:
        return see_other(f"/r/{draft.report_id}/contact")
    return _check_page(request, draft)


@router.get("/r/{report_id}/done")
def done_again(request: Request, report_id: str) -> Response:
    """Who comes back is told the number, and may ask for the receipt with another code."""
    try:
        own_draft(request, report_id)
    except AlreadySubmitted as submitted:
        if submitted.report_id == report_id:
            return _already(request, submitted)
        raise NotHere from submitted
    return see_other(f"/r/{report_id}/check")


@router.post("/r/{report_id}/done")
def submit(request: Request, report_id: str, form: PostedForm) -> Response:
    """Receive the report and lead to its receipt; the answer carries a session for it.

    Submitted again, because the answer was lost, it leads to the same receipt with a new code in
    place of the first.
    """
    try:
        draft = own_draft(request, report_id)
    except AlreadySubmitted as submitted:
        return _receipt_again(request, report_id, submitted)
    undeclared = [] if form.ticked("truth") else [problem_of(BadField("TRUTH_REQUIRED", "truth"))]
    if undeclared:
        if not form.ticked("consent"):
            undeclared.append(problem_of(ConsentRequired()))
        return _check_page(request, draft, undeclared, form.raw())
    try:
        with runtime_of(request).write() as work:
            receipt = submitting.submit(
                work,
                report_id=draft.report_id,
                consent=form.ticked("consent"),
                shown=form.line(SHOWN, 40) or None,
                language=request.state.language,
            )
            session = accounts.reporter_session(work, receipt.report_id, code=receipt.secret_code)
    except AlreadySubmitted as submitted:
        return _receipt_again(request, report_id, submitted)  # the other click of two was faster
    except REFUSED as refusal:
        return _check_page(request, draft, problems_of(refusal), form.raw())
    return _to_the_receipt(request, session)


def _receipt_again(request: Request, report_id: str, submitted: AlreadySubmitted) -> Response:
    if submitted.report_id != report_id:
        raise NotHere from submitted
    try:
        with runtime_of(request).write() as work:
            receipt = receipt_again(work, draft_key=request.cookies[DRAFT])
            session = accounts.reporter_session(work, receipt.report_id, code=receipt.secret_code)
    except AlreadySubmitted as too_late:
        return _already(request, too_late)
    return _to_the_receipt(request, session, again=True)


def _to_the_receipt(request: Request, session: str, *, again: bool = False) -> Response:
    response = see_other("/s/receipt?again=yes" if again else "/s/receipt")
    set_cookie(response, REPORTER, session, secure=runtime_of(request).settings.secure_cookies)
    return response


@router.get("/s/receipt")
def receipt(request: Request, report_id: OwnReport, again: str = "") -> Response:
    """Number and code, as often as they are looked at, until the reporter has saved them."""
    with runtime_of(request).read() as work:
        code = accounts.unsaved_code(work, reporter_token(request))
        if code is None:
            return see_other("/s/report")
        given = receipt_of(work, report_id=report_id, code=code)
    policy = policy_now(request)
    return render(
        request,
        "passengers/done.html",
        receipt=given,
        replaced=again == "yes",
        code=grouped_code(code),
        days=policy.substance.window_working_days,
        answer_days=policy.procedure.answer_working_days,
    )


@router.post("/s/receipt/saved")
# Asking for the form checks its token
def saved(request: Request, report_id: OwnReport, form: PostedForm) -> Response:  # noqa: ARG001
    """The reporter has the code: it is shown no more."""
    with runtime_of(request).write() as work:
        accounts.code_saved(work, reporter_token(request))
    return see_other("/s/report")


def _check_page(
    request: Request,
    draft: Draft,
    problems: Sequence[Problem] = (),
    ticked: Mapping[str, str] | None = None,
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        category = category_of(work, draft)
        late = claims.late_already(work, report_id=draft.report_id)
        repeats = reporters.own_repeats(work, report_id=draft.report_id)
        lines, notes = coaching.coach(work, report_id=draft.report_id)
    policy = policy_now(request)
    return render(
        request,
        "passengers/check.html",
        problems=problems,
        report_id=draft.report_id,
        category=category,
        badge_asked=badge_asked(category),
        claim=draft.claim,
        evidence=draft.evidence,
        reporters=draft.reporters,
        told_by_text=partial(told_by_text, texts_of(request)),
        told_by=draft.told_by,
        late=late,
        own_repeats=repeats,
        lines=lines,
        notes=notes,
        reading=not all(draft.read.values()),
        asking=False,
        advice=partial(advice, texts_of(request)),
        days=policy.substance.window_working_days,
        consent_version=policy.procedure.consent_version,
        ticked=ticked or {},
        shown=draft.mark,
    )


def _already(request: Request, submitted: AlreadySubmitted) -> HTMLResponse:
    return render(
        request, "passengers/already.html", status=HTTPStatus.CONFLICT, submitted=submitted
    )
