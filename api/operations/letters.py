"""Letters at the desk: register what came by post, print what leaves on paper.

No hour of the counter binds it.
"""

from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.acting import act, attempt
from api.auth import runtime_of
from api.forms import Again, Posted, PostedForm
from api.operations.people import OfficerOrClerk
from api.operations.registering import (
    Handed,
    claim_and,
    form_values,
    handed_in,
    people,
)
from api.pages import NOTHING_REFUSED, page_asked, policy_now, render, see_other
from api.texts import grouped_code
from api.turned_away import BadField
from pipeline.receiving import letters
from pipeline.receiving.submitting import Receipt
from scheme.staff import Account

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
    return _register_page(request)


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
def posted(request: Request, account: OfficerOrClerk, notice_id: str, form: PostedForm) -> Response:
    """The letter lies in the post box."""
    return act(
        request,
        form,
        lambda work: letters.mark_posted(work, notice_id, account.account_id),
        then=lambda _: see_other("/ops/letters", did="posted"),
        again=lambda again: _desk_page(request, again),
    )


def _desk_page(request: Request, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    with runtime_of(request).read() as work:
        waiting = letters.to_post(work, page_asked(request))
    return render(request, "operations/letters.html", again=again, waiting=waiting)


def _register(request: Request, account: Account, handed: Handed) -> Response:
    form = handed.form

    def register_letter() -> Receipt:
        claim, postmarked_on = claim_and(form, _postmark)
        return letters.register(
            runtime_of(request),
            registered_by=account.account_id,
            claim=claim,
            senders=people(form),
            files=handed.files,
            postmarked_on=postmarked_on,
            address=form.line("address", 400),
            consent=form.ticked("consent"),
        )

    return attempt(
        form,
        register_letter,
        then=lambda receipt: _registered_page(request, form, receipt),
        again=lambda again: _register_page(request, again),
    )


def _registered_page(request: Request, form: Posted, receipt: Receipt) -> HTMLResponse:
    with runtime_of(request).read() as work:
        to_post = letters.receipt_to_post(work, receipt.report_id)
    return render(
        request,
        "operations/letter_registered.html",
        status=HTTPStatus.CREATED,
        receipt=receipt,
        code=grouped_code(receipt.secret_code),
        sender=form.line("reporters.0.name"),
        address=form.line("address", 400),
        postmarked_on=_postmark(form),
        to_post=to_post,
        policy=policy_now(request),
    )


def _register_page(request: Request, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    return render(request, "operations/register_letter.html", again=again, **form_values(request))


def _postmark(form: Posted) -> date:
    """The day on the stamp. Raises BadField."""
    try:
        return date.fromisoformat(form.line("postmark", 10))
    except ValueError as problem:
        raise BadField("DAY_INVALID", "postmark") from problem
