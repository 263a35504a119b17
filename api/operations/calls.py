"""Calls at the desk: whom nothing of ours can tell, and messages that no provider has taken yet."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.acting import act
from api.auth import runtime_of
from api.forms import Again, PostedForm
from api.operations.people import OfficerOrClerk
from api.pages import NOTHING_REFUSED, page_asked, render, see_other
from pipeline.answering import calls
from pipeline.answering.by_hand import Sheet
from pipeline.runtime import Work
from scheme.staff import Account

router = APIRouter(include_in_schema=False)


@router.get("/ops/calls")
# Asking for the account is the check
def desk(request: Request, account: OfficerOrClerk) -> HTMLResponse:  # noqa: ARG001
    """Calls that wait to be made; nothing here says to whom."""
    return _desk_page(request)


@router.post("/ops/calls/{notice_id}/open")
def open_one(
    request: Request, account: OfficerOrClerk, notice_id: str, form: PostedForm
) -> Response:
    """Whom to call and what to say; it is posted, not got.

    Each opening of a number is on record.
    """
    return _opened(request, account, notice_id, form)


@router.post("/ops/calls/{notice_id}/told")
def told(request: Request, account: OfficerOrClerk, notice_id: str, form: PostedForm) -> Response:
    """The reporter was told, with what was said."""
    return act(
        request,
        form,
        lambda work: calls.mark_told(work, notice_id, account, form.text("note")),
        then=lambda _: see_other("/ops/calls", did="told"),
        again=lambda again: _opened(request, account, notice_id, form, again),
    )


def _opened(
    request: Request,
    account: Account,
    notice_id: str,
    form: PostedForm,
    again: Again = NOTHING_REFUSED,
) -> Response:
    """The sheet of one call; the list, with why, where it need not be made any more."""

    def change(work: Work) -> Sheet:
        return calls.open_call(work, notice_id, account)

    return act(
        request,
        form,
        change,
        then=lambda sheet: render(request, "operations/call.html", again=again, sheet=sheet),
        again=lambda gone: _desk_page(request, gone),
    )


def _desk_page(request: Request, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    with runtime_of(request).read() as work:
        waiting = calls.to_make(work, page_asked(request))
        stuck = calls.stuck(work, page_asked(request, "stuck"))
    return render(request, "operations/calls.html", again=again, waiting=waiting, stuck=stuck)
