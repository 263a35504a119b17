"""Whose buses count: the company, and its lines as the roster of the day names them (R2)."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.pages import policy_now, render
from pipeline.verifying import fleet

router = APIRouter(include_in_schema=False)


@router.get("/lines")
def lines(request: Request) -> HTMLResponse:
    """Every line, in the order of its number; whoever does not find theirs is told whom to call."""
    with runtime_of(request).read() as work:
        served = fleet.lines(work)
    return render(
        request,
        "passengers/lines.html",
        lines=served,
        phone=policy_now(request).procedure.counter.phone,
    )
