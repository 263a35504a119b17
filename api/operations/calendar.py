"""The calendar's page: what is missing, what waits, loading a year, rulings by two people."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.auth import runtime_of
from api.errors import REFUSED
from api.forms import Posted, PostedForm
from api.operations.people import Officer, OfficerOrAdmin
from api.operations.queue import problem_status
from api.pages import render, see_other
from api.problems import Problem, problem_of, problems_of
from api.turned_away import BadField
from api.uploads import ArrivingFile, take_files
from pipeline.calendar import LARGEST_FILE_BYTES
from pipeline.dates import calendar_loading, open_dates, rulings
from pipeline.dates.calendar_loading import Loaded
from pipeline.staff.accounts import Account, Role
from scheme.deadlines import DateKind

router = APIRouter(include_in_schema=False)

MOST_SHOWN: Final = 100
"""What waits beyond these is counted, not listed: a missing year is loaded, not settled report by
report.
"""
ANSWERS: Final[Mapping[str, bool]] = MappingProxyType({"yes": True, "no": False})


@router.get("/ops/calendar")
def calendar(request: Request, account: OfficerOrAdmin) -> HTMLResponse:
    """What no calendar says, and who waits for it."""
    return _page(request, account)


@router.post("/ops/calendar/files")
async def look(request: Request, account: OfficerOrAdmin) -> Response:
    """Read a calendar file, and show what loading it would change; nothing is stored."""

    def read(file: ArrivingFile) -> bytes:
        return file.stream.read(LARGEST_FILE_BYTES + 1)

    files = await take_files(request, read)
    try:
        return await run_in_threadpool(_preview, request, files[0] if files else b"")
    except (calendar_loading.OverlayInvalid, BadField) as refusal:
        return await run_in_threadpool(_page, request, account, problems_of(refusal))


@router.post("/ops/calendar/load")
def load(request: Request, account: OfficerOrAdmin, form: PostedForm) -> Response:
    """Load the file that was looked at, and say what followed; doing it again changes nothing."""
    try:
        days = calendar_loading.read_calendar(form.text("text", LARGEST_FILE_BYTES).encode())
        with runtime_of(request).write() as work:
            loaded = calendar_loading.load(work, days, actor=account.account_id)
    except REFUSED as refusal:
        return _page(request, account, problems_of(refusal))
    return _page(request, account, loaded=loaded)


@router.post("/ops/calendar/reports/{report_id}")
def propose(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Propose a ruling for a second person to confirm."""
    kind = form.line("kind", 20)
    if kind not in set(DateKind):
        return _page(request, officer, [problem_of(BadField("FIELD_INVALID", ""))])
    try:
        with runtime_of(request).write() as work:
            rulings.propose(
                work,
                report_id=report_id,
                kind=DateKind(kind),
                officer=officer,
                reason=form.text("reason"),
                in_time=ANSWERS.get(form.line("in_time", 10)),
                day=_day(form),
            )
    except REFUSED as refusal:
        return _page(
            request, officer, problems_of(refusal), refused=f"{kind}-{report_id}", typed=form.raw()
        )
    return see_other("/ops/calendar#waiting")


@router.post("/ops/calendar/rulings/{ruling_id}/confirm")
# Asking for the form checks its token
def confirm(request: Request, officer: Officer, ruling_id: str, form: PostedForm) -> Response:  # noqa: ARG001
    """Let a ruling count, by a second person."""
    try:
        with runtime_of(request).write() as work:
            rulings.confirm(work, ruling_id=ruling_id, officer=officer)
    except REFUSED as refusal:
        return _page(request, officer, problems_of(refusal))
    return see_other("/ops/calendar#waiting")


@router.post("/ops/calendar/rulings/{ruling_id}/refuse")
# Asking for the form checks its token
def refuse(request: Request, officer: Officer, ruling_id: str, form: PostedForm) -> Response:  # noqa: ARG001
    """End a ruling that does not count."""
    try:
        with runtime_of(request).write() as work:
            rulings.refuse(work, ruling_id=ruling_id, officer=officer)
    except REFUSED as refusal:
        return _page(request, officer, problems_of(refusal))
    return see_other("/ops/calendar#waiting")


def _preview(request: Request, content: bytes) -> HTMLResponse:
    if not content:
        raise BadField("NO_FILE_CHOSEN", "file")
    days = calendar_loading.read_calendar(content)
    with runtime_of(request).read() as work:
        planned = calendar_loading.preview(work, days)
    return render(
        request,
        "operations/calendar_preview.html",
        planned=planned,
        text=content.decode("utf-8-sig"),
    )


def _page(  # noqa: PLR0913 - what the page shows again
    request: Request,
    account: Account,
    problems: Sequence[Problem] = (),
    *,
    loaded: Loaded | None = None,
    refused: str = "",
    typed: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    officer = account.role is Role.OPERATIONS
    with runtime_of(request).read() as work:
        missing = open_dates.missing_years(work)
        years = sorted(work.workdays.years)
        waiting = (*open_dates.contradicted(work), *open_dates.waiting(work))
    return render(
        request,
        "operations/calendar.html",
        status=problem_status(problems),
        problems=problems,
        missing=missing,
        years=years,
        waiting=waiting[:MOST_SHOWN] if officer else (),
        more=len(waiting) - MOST_SHOWN if officer else len(waiting),
        officer=officer,
        loaded=loaded,
        refused=refused,
        typed=typed,
    )


def _day(form: Posted) -> date | None:
    """The day that is proposed; None where the form has none. Raises BadField."""
    text = form.line("day", 10)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise BadField("DAY_INVALID", "value") from problem
