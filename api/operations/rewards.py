"""Rewards after the decision.

What waits to be collected, calls about it, and claw-backs for operations to decide.
"""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.operations.people import Officer, OfficerOrClerk
from api.operations.queue import problem_status
from api.pages import render, see_other
from api.problems import Problem, problems_of
from pipeline.answering import arriving
from pipeline.deciding import claw_backs
from pipeline.paying import collection
from pipeline.staff.accounts import Account, Role

router = APIRouter(include_in_schema=False)


@router.get("/ops/rewards")
def waiting(request: Request, account: OfficerOrClerk) -> HTMLResponse:
    """Rewards that were announced and not collected, last moment first."""
    return _waiting_page(request, account)


@router.post("/ops/rewards/{share_id}/call")
def call(request: Request, account: OfficerOrClerk, share_id: str, form: PostedForm) -> Response:
    """Put a telephone call about a reward on record."""
    try:
        with runtime_of(request).write() as work:
            arriving.record_call(work, share_id, account, form.text("note"))
    except REFUSED as refusal:
        return _waiting_page(request, account, problems_of(refusal), share_id, form.text("note"))
    return see_other("/ops/rewards")


@router.get("/ops/claw-backs")
# Asking for the officer is the check
def claw_backs_page(request: Request, officer: Officer) -> HTMLResponse:  # noqa: ARG001
    """Paid rewards that are not due any more."""
    return _claw_backs_page(request)


@router.post("/ops/claw-backs/{share_id}")
def claw_back_share(
    request: Request, officer: Officer, share_id: str, form: PostedForm
) -> Response:
    """Decide that a share is to be given back."""
    try:
        with runtime_of(request).write() as work:
            claw_backs.claw_back(
                work, share_id=share_id, officer=officer, reason=form.text("reason")
            )
    except REFUSED as refusal:
        return _claw_backs_page(request, problems_of(refusal))
    return see_other("/ops/claw-backs")


def _waiting_page(
    request: Request,
    account: Account,
    problems: Sequence[Problem] = (),
    called: str = "",
    note: str = "",
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        shares = collection.shares_to_collect(work, clerk=account)
        now = work.now
    return render(
        request,
        "operations/rewards.html",
        status=problem_status(problems),
        problems=problems,
        shares=shares,
        at_counter=account.role is Role.COUNTER,
        called=called,
        note=note,
        now=now,
    )


def _claw_backs_page(request: Request, problems: Sequence[Problem] = ()) -> HTMLResponse:
    with runtime_of(request).read() as work:
        due = claw_backs.claw_backs_due(work)
    return render(
        request,
        "operations/claw_backs.html",
        status=problem_status(problems),
        problems=problems,
        due=due,
    )
