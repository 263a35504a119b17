"""Payout batches: build, freeze, approve by a second, export by a third, settle, close."""

import secrets
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.errors import REFUSED
from api.finance.people import Treasurer
from api.forms import PostedForm
from api.pages import page_asked, render, see_other
from api.problems import Problem, problems_of
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


def _list(request: Request, problems: Sequence[Problem] = ()) -> HTMLResponse:
    with runtime_of(request).read() as work:
        found = batch_views.listed(work, page_asked(request))
        held_back = batches.held_back(work)
        waiting = batches.waiting(work)
        reach = coverage.reach(work)
    return render(
        request,
        "finance/batches.html",
        problems=problems,
        batches=found,
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
    try:
        with runtime_of(request).write() as work:
            batch_id = batches.build_batch(
                work, account, channel=form.line("channel", 20), once=form.line("once", 60)
            )
    except REFUSED as refusal:
        return _list(request, problems_of(refusal))
    return see_other(f"/fin/batches/{batch_id}")


@router.get("/fin/batches/{batch_id}")
def batch(request: Request, account: Treasurer, batch_id: str) -> HTMLResponse:
    """One batch: where it stands, who did what, its lines."""
    return batch_page(request, account, batch_id)


@router.post("/fin/batches/{batch_id}/freeze")
# Asking for the form checks its token
def freeze(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:  # noqa: ARG001
    """Close the list: number, count, total and hash are fixed."""
    return _do(request, account, batch_id, lambda work: batches.freeze(work, batch_id, account))


@router.post("/fin/batches/{batch_id}/approve")
def approve(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:
    """A second person agrees to the frozen list, knowing it where the fund does not cover it."""
    knowing = form.ticked("knowing")
    return _do(
        request,
        account,
        batch_id,
        lambda work: batches.approve(work, batch_id, account, knowing=knowing),
    )


@router.post("/fin/batches/{batch_id}/cancel")
# Asking for the form checks its token
def cancel(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:  # noqa: ARG001
    """Give the batch up: its lines wait for the next one."""
    return _do(request, account, batch_id, lambda work: batches.cancel(work, batch_id, account))


@router.post("/fin/batches/{batch_id}/close")
# Asking for the form checks its token
def close(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:  # noqa: ARG001
    """Nothing more is expected of the batch."""
    return _do(request, account, batch_id, lambda work: batches.close(work, batch_id, account))


@router.post("/fin/batches/{batch_id}/export")
def export(request: Request, account: Treasurer, batch_id: str, form: PostedForm) -> Response:
    """The list as a file.

    It is posted, not got: each export is on record, and the first one moves the batch.
    """
    kind = form.line("kind", 10)
    try:
        with runtime_of(request).write() as work:
            name, content = batches.export(work, batch_id, account, kind)
    except REFUSED as refusal:
        return batch_page(request, account, batch_id, problems_of(refusal))
    return Response(
        content,
        media_type=MEDIA_TYPES[kind],
        headers={
            "Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
        },
    )


def _do(
    request: Request, account: Account, batch_id: str, act: Callable[[Work], object]
) -> Response:
    try:
        with runtime_of(request).write() as work:
            act(work)
    except REFUSED as refusal:
        return batch_page(request, account, batch_id, problems_of(refusal))
    return see_other(f"/fin/batches/{batch_id}")


def batch_page(
    request: Request, account: Account, batch_id: str, problems: Sequence[Problem] = ()
) -> HTMLResponse:
    """The page of one batch, with what was refused last."""
    """The page of one batch, with what was refused last."""
    with runtime_of(request).read() as work:
        batch = batch_views.batch_view(work, batch_id)
        not_you = batches.step_of_others(work, batch_id, account)
        reach = coverage.reach(work)
    return render(
        request,
        "finance/batch.html",
        problems=problems,
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
