"""Letters at the desk: register what came by post, print what leaves on paper.

No hour of the counter binds it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.auth import runtime_of
from api.claim_form import read_claim
from api.errors import REFUSED
from api.forms import Posted, PostedForm
from api.operations.people import OfficerOrClerk
from api.operations.queue import policy_now, problem_status
from api.operations.registering import Handed, form_values, handed_in, people, spaced
from api.pages import render, see_other
from api.problems import Problem, problem_of, problems_of
from api.turned_away import BadField
from pipeline.receiving import letters
from pipeline.staff.accounts import Account

router = APIRouter(include_in_schema=False)


@router.get("/ops/letters")
# Asking for the account is the check
def desk(request: Request, account: OfficerOrClerk) -> HTMLResponse:  # noqa: ARG001
    """Take a letter in; and the letters that wait to be posted."""
    return _desk_page(request)


@router.get("/ops/letters/register")
# Asking for the account is the check
def register_form(request: Request, account: OfficerOrClerk) -> HTMLResponse:  # noqa: ARG001
    """The form for what lies in an envelope."""
    return _register_page(request, {})


@router.post("/ops/letters/register/files")
async def register(request: Request, account: OfficerOrClerk) -> Response:
    """Register a letter; the receipt for its sender is shown in this very answer, to be posted."""
    async with handed_in(request) as handed:
        return await run_in_threadpool(_register, request, account, handed)


@router.post("/ops/letters/{notice_id}/print")
def print_out(
    request: Request,
    account: OfficerOrClerk,
    notice_id: str,
    form: PostedForm,  # noqa: ARG001
) -> Response:
    """One letter with its address; it is posted, not got.

    Each opening of an address is on record.
    """
    with runtime_of(request).write() as work:
        letter = letters.print_out(work, notice_id, account.account_id)
        at = work.now
    return render(
        request, "operations/letter.html", letter=letter, at=at, policy=policy_now(request)
    )


@router.post("/ops/letters/{notice_id}/posted")
# Asking for the form checks its token
def posted(request: Request, account: OfficerOrClerk, notice_id: str, form: PostedForm) -> Response:  # noqa: ARG001
    """The letter lies in the post box."""
    try:
        with runtime_of(request).write() as work:
            letters.mark_posted(work, notice_id, account.account_id)
    except REFUSED as refusal:
        return _desk_page(request, problems_of(refusal))
    return see_other("/ops/letters?done=posted")


def _desk_page(request: Request, problems: Sequence[Problem] = ()) -> HTMLResponse:
    with runtime_of(request).read() as work:
        waiting = letters.to_post(work)
    return render(
        request,
        "operations/letters.html",
        status=problem_status(problems),
        problems=problems,
        waiting=waiting,
        posted=request.query_params.get("done") == "posted",
    )


def _register(request: Request, account: Account, handed: Handed) -> Response:
    form = handed.form
    read = read_claim(form.line("category", 60), form.raw())
    try:
        postmarked_on = _postmark(form)
    except BadField as refusal:
        return _register_page(request, form.raw(), (*read.problems, problem_of(refusal)))
    if read.problems:
        return _register_page(request, form.raw(), read.problems)
    address = form.line("address", 400)
    try:
        receipt = letters.register(
            runtime_of(request),
            registered_by=account.account_id,
            claim=read.claim,
            senders=people(form),
            files=handed.files,
            postmarked_on=postmarked_on,
            address=address,
            consent=form.ticked("consent"),
        )
    except REFUSED as refusal:
        return _register_page(request, form.raw(), problems_of(refusal))
    with runtime_of(request).read() as work:
        to_post = letters.receipt_to_post(work, receipt.report_id)
    return render(
        request,
        "operations/letter_registered.html",
        status=HTTPStatus.CREATED,
        receipt=receipt,
        code=spaced(receipt.secret_code),
        sender=form.line("reporters.0.name"),
        address=address,
        postmarked_on=postmarked_on,
        to_post=to_post,
        policy=policy_now(request),
    )


def _register_page(
    request: Request, typed: Mapping[str, str], problems: Sequence[Problem] = ()
) -> HTMLResponse:
    return render(
        request,
        "operations/register_letter.html",
        status=problem_status(problems),
        problems=problems,
        **form_values(request, typed, "postmark", "address"),
    )


def _postmark(form: Posted) -> date:
    """The day on the stamp. Raises BadField."""
    try:
        return date.fromisoformat(form.line("postmark", 10))
    except ValueError as problem:
        raise BadField("DAY_INVALID", "postmark") from problem
