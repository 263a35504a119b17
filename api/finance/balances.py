"""Balances that tie, the accounts behind them, and the money that comes in: deposits and cards."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.acting import act
from api.auth import runtime_of
from api.finance.people import Treasurer
from api.forms import Again, Posted, PostedForm
from api.pages import NOTHING_REFUSED, render, see_other
from api.problems import problem_of
from api.texts import ZONE
from api.turned_away import BadField
from pipeline.paying import batch_views, coverage, funds
from pipeline.runtime import Work

router = APIRouter(include_in_schema=False)

NEWEST: Final = 5
"""Batches that stand on the front page."""
_YUAN = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?", re.ASCII)


@router.get("/fin")
# Asking for the account is the check
def overview(request: Request, account: Treasurer, since: str = "") -> HTMLResponse:  # noqa: ARG001
    """Opening + accrued - paid - forfeited = payable, and every account."""
    return _page(request, since)


@router.post("/fin/deposit")
def deposit(request: Request, account: Treasurer, form: PostedForm) -> Response:
    """Money came into the fund."""
    return _entered(
        request,
        form,
        "deposit",
        lambda work: funds.deposit(work, account, read_yuan(form), form.line("reference")),
    )


@router.post("/fin/cards")
def stock_cards(request: Request, account: Treasurer, form: PostedForm) -> Response:
    """Prepaid cards were bought for the counter's drawer."""
    return _entered(
        request,
        form,
        "cards",
        lambda work: funds.stock_cards(
            work, account, read_yuan(form), knowing=form.ticked("knowing")
        ),
    )


def _entered(
    request: Request, form: Posted, what: str, change: Callable[[Work], object]
) -> Response:
    return act(
        request,
        form,
        change,
        then=lambda _: see_other("/fin", did=what),
        again=lambda again: _page(request, "", again),
        form=what,
    )


def read_yuan(form: Posted) -> int:
    """The field ``amount`` (``1234.50``, thousands' commas allowed) in fen. Raises BadField."""
    found = _YUAN.fullmatch(form.line("amount", 20).replace(",", ""))
    if found is None:
        raise BadField("AMOUNT_INVALID", "amount")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _page(request: Request, since: str, again: Again = NOTHING_REFUSED) -> HTMLResponse:
    begins, problems = None, []
    try:
        begins = _begins(since)
    except BadField as refusal:
        problems = [problem_of(refusal)]
    with runtime_of(request).read() as work:
        balances = funds.balances(work, since=begins)
        reach = coverage.reach(work)
        newest = batch_views.listed(work).rows[:NEWEST]
        now = work.now
    return render(
        request,
        "finance/balances.html",
        problems=problems,
        again=again,
        balances=balances,
        reach=reach,
        newest=newest,
        since=since if begins else "",
        month=now.astimezone(ZONE).date().replace(day=1).isoformat(),
        year=now.astimezone(ZONE).date().replace(month=1, day=1).isoformat(),
        now=now,
    )


def _begins(since: str) -> datetime | None:
    if not since:
        return None
    try:
        return datetime.combine(date.fromisoformat(since), time(), ZONE).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise BadField("DAY_INVALID", "since") from problem
