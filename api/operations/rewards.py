"""Rewards after the decision.

What waits to be collected, calls about it, and claw-backs for operations to decide.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.acting import act
from api.auth import runtime_of
from api.forms import Again, PostedForm
from api.operations.people import Officer, OfficerOrClerk
from api.pages import NOTHING_REFUSED, page_asked, render, see_other
from pipeline.answering import arriving
from pipeline.deciding import claw_backs
from pipeline.listed import cut
from pipeline.paying import coverage, waiting_rewards
from scheme.staff import Account, Role

router = APIRouter(include_in_schema=False)


@router.get("/ops/rewards")
def waiting(request: Request, account: OfficerOrClerk) -> HTMLResponse:
    """Rewards that were announced and not collected, last moment first."""
    return _waiting_page(request, account)


@router.post("/ops/rewards/{share_id}/call")
def call(request: Request, account: OfficerOrClerk, share_id: str, form: PostedForm) -> Response:
    """Put a telephone call about a reward on record."""
    return act(
        request,
        form,
        lambda work: arriving.record_call(work, share_id, account, form.text("note")),
        then=lambda _: see_other("/ops/rewards", did="call"),
        again=lambda again: _waiting_page(request, account, again),
        form=f"call-{share_id}",
    )


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
    return act(
        request,
        form,
        lambda work: claw_backs.claw_back(
            work, share_id=share_id, officer=officer, reason=form.text("reason")
        ),
        then=lambda _: see_other("/ops/claw-backs", did="claw_back"),
        again=lambda again: _claw_backs_page(request, again),
        form=share_id,
    )


def _waiting_page(
    request: Request, account: Account, again: Again = NOTHING_REFUSED
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        found = waiting_rewards.shares_to_collect(work, clerk=account)
        reach = coverage.reach(work)
        now = work.now
    return render(
        request,
        "operations/rewards.html",
        again=again,
        shares=cut(found, page_asked(request)),
        reach=reach,
        at_counter=account.role is Role.COUNTER,
        now=now,
    )


def _claw_backs_page(request: Request, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    with runtime_of(request).read() as work:
        due = cut(claw_backs.claw_backs_due(work), page_asked(request))
    return render(request, "operations/claw_backs.html", again=again, due=due)
