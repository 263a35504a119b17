"""The counter: take in what a walk-in brings, and replace a lost code (R7, R8).

Verifying and paying at once is in ``on_the_spot``, handing out rewards in ``handing_out``.
"""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.acting import act, attempt
from api.auth import runtime_of
from api.claim_form import read_moment
from api.forms import Again, Posted, PostedForm
from api.operations.people import Clerk
from api.operations.registering import (
    Handed,
    claim_and,
    form_values,
    handed_in,
    people,
)
from api.pages import NOTHING_REFUSED, page_asked, policy_now, render, texts_of
from api.problems import problem_of
from api.texts import ZONE, grouped_code
from api.turned_away import BadField
from pipeline.deciding import waiting
from pipeline.doors import counter
from pipeline.paying import counter_hours, funds, presenting
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.submitting import Receipt
from pipeline.runtime import Work
from scheme.staff import Account

router = APIRouter(include_in_schema=False)


# -- the desk --------------------------------------------------------------------------------------


@router.get("/ops/counter")
# Asking for the clerk is the check
def desk(request: Request, clerk: Clerk) -> HTMLResponse:  # noqa: ARG001
    """What a clerk begins with: take in, or hand out; and the cards in the drawer."""
    with runtime_of(request).read() as work:
        to_collect = waiting.uncollected(work)
        registered = waiting.walk_ins(work, page_asked(request))
        stock = funds.balances(work).card_stock
        closed = counter_hours.closed_until(work)
    return render(
        request,
        "operations/counter.html",
        waiting=to_collect,
        registered=registered,
        stock=stock,
        policy=policy_now(request),
        closed=problem_of(closed).text(texts_of(request)) if closed else "",
    )


# -- taking in -------------------------------------------------------------------------------------


@router.get("/ops/counter/register")
# Asking for the clerk is the check
def register_form(request: Request, clerk: Clerk) -> HTMLResponse:  # noqa: ARG001
    """The form for what a walk-in brings."""
    return _register_page(request)


@router.post("/ops/counter/register/files")
async def register(request: Request, clerk: Clerk) -> Response:
    """Register a walk-in's material; the slip with number and code is shown in this very answer."""
    async with handed_in(request) as handed:
        return await run_in_threadpool(_register, request, clerk, handed)


def _register(request: Request, clerk: Account, handed: Handed) -> Response:
    form = handed.form

    def register_walk_in() -> Receipt:
        claim, stood_at = claim_and(form, lambda posted: _stood_at(request, posted))
        return counter.register_walk_in(
            runtime_of(request),
            clerk=clerk,
            claim=claim,
            reporters=people(form),
            files=handed.files,
            consent=form.ticked("consent"),
            stood_at=stood_at,
        )

    return attempt(
        form,
        register_walk_in,
        then=lambda receipt: render(
            request,
            "operations/registered.html",
            status=HTTPStatus.CREATED,
            receipt=receipt,
            code=grouped_code(receipt.secret_code),
            policy=policy_now(request),
        ),
        again=lambda again: _register_page(request, again),
    )


def _register_page(request: Request, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    return render(request, "operations/register.html", again=again, **form_values(request))


def _stood_at(request: Request, form: Posted) -> datetime | None:
    """When the walk-in stood in line, today; None for now."""
    clock = form.line("stood", 8)
    if not clock:
        return None
    try:
        return read_moment(runtime_of(request).now().astimezone(ZONE).date().isoformat(), clock)
    except BadField as problem:
        raise BadField(problem.code, "stood") from problem


# -- a lost code -----------------------------------------------------------------------------------


@router.get("/ops/counter/code")
# Asking for the clerk is the check
def lost_code_form(request: Request, clerk: Clerk) -> HTMLResponse:  # noqa: ARG001
    """The form for a reporter who lost the secret code."""
    return _lost_code_page(request)


@router.post("/ops/counter/code")
def replace_code(request: Request, clerk: Clerk, form: PostedForm) -> Response:
    """A new code against the document; shown in this very answer."""

    def change(work: Work) -> str:
        return counter.replace_code(
            work,
            report_number=form.line("report_number", 40),
            clerk=clerk,
            reporter=ReporterInput(form.line("reporters.0.name"), form.line("reporters.0.phone")),
            id_number=form.line("id_number", 60),
            document_kind=form.line("id_kind", 20),
        )

    return act(
        request,
        form,
        change,
        then=lambda code: render(
            request,
            "operations/code_slip.html",
            number=form.line("report_number", 40),
            code=grouped_code(code),
            at=runtime_of(request).now(),
            policy=policy_now(request),
        ),
        again=lambda again: _lost_code_page(request, again),
    )


def _lost_code_page(request: Request, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    return render(request, "operations/lost_code.html", again=again, id_kinds=presenting.KINDS)
