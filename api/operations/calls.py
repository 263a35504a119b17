"""Calls at the desk: whom nothing of ours can tell, and messages that no provider has taken yet."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.operations.people import OfficerOrClerk
from api.operations.queue import problem_status
from api.pages import render, see_other
from api.problems import Problem, problems_of
from pipeline.answering import arriving, calls

router = APIRouter(include_in_schema=False)


@router.get("/ops/calls")
# Asking for the account is the check
def desk(request: Request, account: OfficerOrClerk) -> HTMLResponse:  # noqa: ARG001
    """Calls that wait to be made; nothing here says to whom."""
    return _desk_page(request)


@router.post("/ops/calls/{notice_id}/open")
def open_one(
    request: Request,
    account: OfficerOrClerk,
    notice_id: str,
    form: PostedForm,  # noqa: ARG001
) -> Response:
    """Whom to call and what to say; it is posted, not got.

    Each opening of a number is on record.
    """
    return _sheet_page(request, account, notice_id)


@router.post("/ops/calls/{notice_id}/told")
def told(request: Request, account: OfficerOrClerk, notice_id: str, form: PostedForm) -> Response:
    """The reporter was told, with what was said."""
    try:
        with runtime_of(request).write() as work:
            calls.mark_told(work, notice_id, account, form.text("note"))
    except arriving.CallNoteRequired as refusal:
        return _sheet_page(request, account, notice_id, problems_of(refusal))
    except REFUSED as refusal:
        return _desk_page(request, problems_of(refusal))
    return see_other("/ops/calls?done=told")


def _sheet_page(
    request: Request, account: OfficerOrClerk, notice_id: str, problems: Sequence[Problem] = ()
) -> HTMLResponse:
    try:
        with runtime_of(request).write() as work:
            sheet = calls.open_call(work, notice_id, account)
    except REFUSED as refusal:
        return _desk_page(request, problems_of(refusal))
    return render(
        request,
        "operations/call.html",
        status=problem_status(problems),
        problems=problems,
        sheet=sheet,
    )


def _desk_page(request: Request, problems: Sequence[Problem] = ()) -> HTMLResponse:
    with runtime_of(request).read() as work:
        waiting, stuck = calls.to_make(work), calls.stuck(work)
    return render(
        request,
        "operations/calls.html",
        status=problem_status(problems),
        problems=problems,
        waiting=waiting,
        stuck=stuck,
        told=request.query_params.get("done") == "told",
    )
