"""Balances that tie, the accounts behind them, and the money that comes in: deposits and cards."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.errors import REFUSED
from api.finance.people import Treasurer
from api.forms import Posted, PostedForm
from api.pages import render, see_other
from api.problems import Problem, problem_of, problems_of
from api.texts import ZONE
from api.turned_away import BadField
from pipeline.paying import batch_views, funds

router = APIRouter(include_in_schema=False)

NOTHING_TYPED: Final[Mapping[str, str]] = MappingProxyType({"amount": "", "reference": ""})
_YUAN = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?", re.ASCII)


@router.get("/fin")
# Asking for the account is the check
def overview(request: Request, account: Treasurer, since: str = "") -> HTMLResponse:  # noqa: ARG001
    """Opening + accrued - paid - forfeited = payable, and every account."""
    return _page(request, since)


@router.post("/fin/deposit")
def deposit(request: Request, account: Treasurer, form: PostedForm) -> Response:
    """Money came into the fund."""
    try:
        amount = read_yuan(form)
        with runtime_of(request).write() as work:
            funds.deposit(work, account, amount, form.line("reference"))
    except REFUSED as refusal:
        return _page(request, "", problems_of(refusal), form.raw(), "deposit")
    return see_other("/fin?done=deposit")


@router.post("/fin/cards")
def stock_cards(request: Request, account: Treasurer, form: PostedForm) -> Response:
    """Prepaid cards were bought for the counter's drawer."""
    try:
        amount = read_yuan(form)
        with runtime_of(request).write() as work:
            funds.stock_cards(work, account, amount)
    except REFUSED as refusal:
        return _page(request, "", problems_of(refusal), form.raw(), "cards")
    return see_other("/fin?done=cards")


def read_yuan(form: Posted) -> int:
    """The field ``amount`` (``1234.50``, thousands' commas allowed) in fen. Raises BadField."""
    found = _YUAN.fullmatch(form.line("amount", 20).replace(",", ""))
    if found is None:
        raise BadField("AMOUNT_INVALID", "amount")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _page(
    request: Request,
    since: str,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] = NOTHING_TYPED,
    refused: str = "",
) -> HTMLResponse:
    begins = None
    try:
        begins = _begins(since)
    except BadField as refusal:
        problems = [problem_of(refusal)]
    with runtime_of(request).read() as work:
        balances = funds.balances(work, since=begins)
        newest = batch_views.batches(work)[:5]
        now = work.now
    return render(
        request,
        "finance/balances.html",
        status=problems[0].status if problems else HTTPStatus.OK,
        problems=problems,
        balances=balances,
        newest=newest,
        since=since if begins else "",
        month=now.astimezone(ZONE).date().replace(day=1).isoformat(),
        year=now.astimezone(ZONE).date().replace(month=1, day=1).isoformat(),
        typed={**NOTHING_TYPED, **typed},
        refused=refused,
        done=request.query_params.get("done", ""),
        now=now,
    )


def _begins(since: str) -> datetime | None:
    if not since:
        return None
    try:
        return datetime.combine(date.fromisoformat(since), time(), ZONE).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise BadField("DAY_INVALID", "since") from problem
