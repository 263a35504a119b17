"""Payout batches: build, freeze, approve by a second, export by a third, settle, close."""

import secrets
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api import downloads
from api.acting import act
from api.auth import runtime_of
from api.finance.people import Treasurer
from api.forms import Again, Posted, PostedForm
from api.pages import NOTHING_REFUSED, page_asked, render, see_other
from pipeline.paying import batch_views, batches, coverage
from pipeline.runtime import Work
from scheme.case import BatchState
from scheme.staff import Account

router = APIRouter(include_in_schema=False)

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STEPS: Final = (
    BatchState.OPEN,
    BatchState.FROZEN,
    BatchState.APPROVED,
    BatchState.EXPORTED,
    BatchState.SETTLED,
    BatchState.CLOSED,
)
"""The way of a batch that goes well, in order."""

EXPORTABLE: Final = (
    BatchState.APPROVED,
    BatchState.EXPORTED,
    BatchState.SETTLED,
    BatchState.PARTLY_SETTLED,
    BatchState.CLOSED,
)


@router.get("/fin/batches")
# Asking for the account is the check
def every_batch(request: Request, account: Treasurer) -> HTMLResponse:  # noqa: ARG001
    """Every batch, newest first."""
    return _list(request)


def _list(request: Request, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    with runtime_of(request).read() as work:
        newest = batch_views.listed(work, page_asked(request))
        held_back = batches.held_back(work)
        waiting = batches.waiting(work)
        reach = coverage.reach(work)
    return render(
        request,
        "finance/batches.html",
        again=again,
        batches=newest,
        held_back=held_back,
        waiting=waiting,
        reach=reach,
        once=secrets.token_urlsafe(16),
    )


@router.post("/fin/batches")
def build(request: Request, account: Treasurer, form: PostedForm) -> Response:
    """Put everything that was collected and waits for a channel into a new batch.

    Clicked twice, it is the same one.
    """
    return act(
        request,
        form,
        lambda work: batches.build_batch(
            work, account, channel=form.line("channel", 20), once=form.line("once", 60)
        ),
        then=lambda batch_id: see_other(f"/fin/batches/{batch_id}"),
        again=lambda again: _list(request, again),
    )


@router.get("/fin/batches/{batch_id}")
def batch(request: Request, account: Treasurer, batch_id: str) -> HTMLResponse:
    """One batch: where it stands, who did what, its lines."""
    return batch_page(request, account, batch_id)


@router.post("/fin/batches/{batch_id}/freeze")
def freeze(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:
    """Close the list: number, count, total and hash are fixed."""
    return _step(
        request,
        account,
        batch_id,
        form,
        "freeze",
        lambda work: batches.freeze(work, batch_id, account),
    )


@router.post("/fin/batches/{batch_id}/approve")
def approve(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:
    """A second person agrees to the frozen list, knowing it where the fund does not cover it."""
    return _step(
        request,
        account,
        batch_id,
        form,
        "approve",
        lambda work: batches.approve(work, batch_id, account, knowing=form.ticked("knowing")),
    )


@router.post("/fin/batches/{batch_id}/cancel")
def cancel(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:
    """Give the batch up: its lines wait for the next one."""
    return _step(
        request,
        account,
        batch_id,
        form,
        "cancel",
        lambda work: batches.cancel(work, batch_id, account),
    )


@router.post("/fin/batches/{batch_id}/close")
def close(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:
    """Nothing more is expected of the batch."""
    return _step(
        request,
        account,
        batch_id,
        form,
        "close",
        lambda work: batches.close(work, batch_id, account),
    )


@router.post("/fin/batches/{batch_id}/export")
def export(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:
    """The list as a file.

    It is posted, not got: each export is on record, and the first one moves the batch.
    """

    def change(work: Work) -> Response:
        kind = form.line("kind", 10)
        name, content = batches.export(work, batch_id, account, kind)
        return downloads.made(content, name, MEDIA_TYPES[kind])

    return act(
        request,
        form,
        change,
        then=lambda download: download,
        again=lambda again: batch_page(request, account, batch_id, again),
        form="export",
    )


def _step(  # noqa: PLR0913, PLR0917 - a form's whole way
    request: Request,
    account: Account,
    batch_id: str,
    form: Posted,
    step: str,
    change: Callable[[Work], object],
) -> Response:
    """One step of the batch; then its page, which says that it was done."""
    return act(
        request,
        form,
        change,
        then=lambda _: see_other(f"/fin/batches/{batch_id}", did=step),
        again=lambda again: batch_page(request, account, batch_id, again),
        form=step,
    )


def batch_page(
    request: Request, account: Account, batch_id: str, again: Again = NOTHING_REFUSED
) -> HTMLResponse:
    """The page of one batch, with what was refused last."""
    with runtime_of(request).read() as work:
        batch = batch_views.batch_view(work, batch_id)
        not_you = batches.step_of_others(work, batch_id, account)
        reach = coverage.reach(work)
    return render(
        request,
        "finance/batch.html",
        again=again,
        batch=batch,
        steps=STEPS,
        reached=STEPS.index(_on_the_way(batch.state))
        if batch.state is not BatchState.CANCELLED
        else -1,
        not_you=not_you,
        reach=reach,
        lacking=coverage.lacking(reach, batch.state, batch.total_fen),
        namesake=not not_you and account.display_name in {batch.frozen_by, batch.approved_by},
        exportable=batch.state in EXPORTABLE,
        lines_open=sum(line.result is None for line in batch.lines),
    )


def _on_the_way(state: BatchState) -> BatchState:
    """Partly settled stands where settled does."""
    return BatchState.SETTLED if state is BatchState.PARTLY_SETTLED else state
