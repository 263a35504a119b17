"""The statement: from one day to another, month by month, each line explained, and whether it ties.

Also as CSV.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api import downloads
from api.auth import runtime_of
from api.errors import REFUSED
from api.finance.people import Treasurer
from api.pages import render, texts_of
from api.problems import Problem, problems_of
from api.texts import ZONE, Texts
from api.turned_away import BadField
from pipeline.paying import statements
from pipeline.paying.statements import Span

router = APIRouter(include_in_schema=False)


@router.get("/fin/statement")
# Asking for the account is the check
def statement(request: Request, account: Treasurer) -> HTMLResponse:  # noqa: ARG001
    """The books over the days asked for (``from``, ``to``); last month where none are."""
    first, last = _asked(request)
    try:
        return _page(request, first, last, _span(request, first, last))
    except REFUSED as refusal:
        return _page(request, first, last, None, problems_of(refusal))


@router.get("/fin/statement.csv")
# Asking for the account is the check
def as_file(request: Request, account: Treasurer) -> Response:  # noqa: ARG001
    """The same as CSV: a row a month, the last one the whole."""
    first, last = _asked(request)
    try:
        found = _span(request, first, last)
    except REFUSED as refusal:
        return _page(request, first, last, None, problems_of(refusal))
    table = statements.as_csv(found, _headings(texts_of(request)))
    return downloads.made(table, f"statement-{first}-{last}.csv", "text/csv; charset=utf-8")


def _asked(request: Request) -> tuple[str, str]:
    """The days as asked for; without any, the whole of last month."""
    today = runtime_of(request).now().astimezone(ZONE).date()
    end = today.replace(day=1) - timedelta(days=1)
    asked = request.query_params
    return (
        asked.get("from", end.replace(day=1).isoformat()).strip()[:10],
        asked.get("to", end.isoformat()).strip()[:10],
    )


def _span(request: Request, first: str, last: str) -> Span:
    with runtime_of(request).read() as work:
        return statements.span(work, _day(first, "from"), _day(last, "to"))


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise BadField("DAY_INVALID", field) from problem


def _page(
    request: Request, first: str, last: str, found: Span | None, problems: Sequence[Problem] = ()
) -> HTMLResponse:
    return render(
        request,
        "finance/statement.html",
        problems=problems,
        first=first,
        last=last,
        found=found,
    )


def _headings(texts: Texts) -> dict[str, str]:
    """What a person calls each column: the book and the line."""
    headings = {}
    for column in statements.columns():
        book, _, line = column.partition(".")
        headings[column] = (
            f"{texts.t(f'fin.book.{book}')} {texts.t(f'fin.line.{line}')}"
            if line
            else texts.t(f"fin.column.{column}")
        )
    return headings
