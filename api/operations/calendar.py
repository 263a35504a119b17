"""The calendar's page: what is missing, what waits, loading a year, rulings by two people."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.acting import act, attempt
from api.auth import runtime_of
from api.forms import Again, Posted, PostedForm
from api.operations.people import Officer, OfficerOrAdmin
from api.pages import NOTHING_REFUSED, page_asked, render, see_other
from api.turned_away import BadField
from api.uploads import ArrivingFile, take_files
from pipeline.calendar import LARGEST_FILE_BYTES, read_calendar
from pipeline.dates import calendar_loading, open_dates, rulings
from pipeline.dates.calendar_loading import Loaded
from pipeline.listed import cut
from pipeline.runtime import Work
from scheme.deadlines import DateKind
from scheme.staff import Account, Role

router = APIRouter(include_in_schema=False)

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
    return await run_in_threadpool(
        attempt,
        Posted({}),
        lambda: _planned(request, files[0] if files else b""),
        then=lambda shown: shown,
        again=lambda again: _page(request, account, again),
    )


@router.post("/ops/calendar/load")
def load(request: Request, account: OfficerOrAdmin, form: PostedForm) -> Response:
    """Load the file that was looked at, and say what followed; doing it again changes nothing."""

    def change(work: Work) -> Loaded:
        text = form.text("text", LARGEST_FILE_BYTES)
        days = read_calendar(text.encode())
        return calendar_loading.load(work, days, actor=account.account_id)

    return act(
        request,
        form,
        change,
        then=lambda loaded: _page(request, account, loaded=loaded),
        again=lambda again: _page(request, account, again),
    )


@router.post("/ops/calendar/reports/{report_id}")
def propose(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Propose a ruling for a second person to confirm."""

    def change(work: Work) -> None:
        rulings.propose(
            work,
            report_id=report_id,
            kind=_kind(form),
            officer=officer,
            reason=form.text("reason"),
            in_time=ANSWERS.get(form.line("in_time", 10)),
            day=_day(form),
        )

    return _ruled(
        request, officer, form, change, "proposed", f"{form.line('kind', 20)}-{report_id}"
    )


@router.post("/ops/calendar/rulings/{ruling_id}/confirm")
def confirm(request: Request, officer: Officer, ruling_id: str, form: PostedForm) -> Response:
    """Let a ruling count, by a second person."""

    def change(work: Work) -> None:
        rulings.confirm(work, ruling_id=ruling_id, officer=officer)

    return _ruled(request, officer, form, change, "ruled")


@router.post("/ops/calendar/rulings/{ruling_id}/refuse")
def refuse(request: Request, officer: Officer, ruling_id: str, form: PostedForm) -> Response:
    """End a ruling that does not count."""

    def change(work: Work) -> None:
        rulings.refuse(work, ruling_id=ruling_id, officer=officer)

    return _ruled(request, officer, form, change, "not_ruled")


def _ruled(  # noqa: PLR0913, PLR0917 - a form's whole way
    request: Request,
    officer: Account,
    form: Posted,
    change: Callable[[Work], None],
    did: str,
    name: str = "",
) -> Response:
    return act(
        request,
        form,
        change,
        then=lambda _: see_other("/ops/calendar#waiting", did),
        again=lambda again: _page(request, officer, again),
        form=name,
    )


def _planned(request: Request, content: bytes) -> HTMLResponse:
    if not content:
        raise BadField("NO_FILE_CHOSEN", "file")
    days = read_calendar(content)
    with runtime_of(request).read() as work:
        planned = calendar_loading.preview(work, days)
    return render(
        request,
        "operations/calendar_preview.html",
        planned=planned,
        text=content.decode("utf-8-sig"),
    )


def _page(
    request: Request,
    account: Account,
    again: Again = NOTHING_REFUSED,
    *,
    loaded: Loaded | None = None,
) -> HTMLResponse:
    officer = account.role is Role.OPERATIONS
    with runtime_of(request).read() as work:
        missing = open_dates.missing_years(work)
        years = sorted(work.workdays.years)
        waiting = (*open_dates.contradicted(work), *open_dates.waiting(work))
    return render(
        request,
        "operations/calendar.html",
        again=again,
        missing=missing,
        years=years,
        waiting=cut(waiting, page_asked(request)),
        officer=officer,
        loaded=loaded,
    )


def _kind(form: Posted) -> DateKind:
    said = form.line("kind", 20)
    if said not in set(DateKind):
        raise BadField("FIELD_INVALID", "")
    return DateKind(said)


def _day(form: Posted) -> date | None:
    """The day that is proposed; None where the form has none. Raises BadField."""
    text = form.line("day", 10)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise BadField("DAY_INVALID", "value") from problem
