"""The front page, the queue, and taking the next report: what waits, in order of its due time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.forms import PostedForm
from api.limits import text_is_safe
from api.operations.people import Officer
from api.pages import page_asked, policy_now, render, see_other
from api.texts import ZONE
from pipeline.deciding import holding, looking, waiting
from pipeline.deciding.waiting import QueueFilter
from pipeline.paying import coverage
from pipeline.runtime import Work
from scheme.case import ReportState
from scheme.policy import Policy

router = APIRouter(include_in_schema=False)

DUE: Final = ("", "overdue", "today")
STATES: Final = (
    ReportState.VERIFIED,
    ReportState.RECEIVED,
    ReportState.AWAITING_REPORTER,
    ReportState.DECIDED,
    ReportState.ANSWERED,
    ReportState.WITHDRAWN,
)
LONGEST_SEARCH: Final = 40


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters as they stand in the address; what is unknown reads as not asked."""

    state: str = ""
    category: str = ""
    due: str = ""
    text: str = ""

    @property
    def anything(self) -> bool:
        """Whether anything is left out."""
        return any((self.state, self.category, self.due, self.text))


@router.get("/ops")
# Asking for the officer is the check
def overview(request: Request, officer: Officer) -> HTMLResponse:  # noqa: ARG001
    """What is due, what is overdue, what waits; the calendar's alarm."""
    with runtime_of(request).read() as work:
        numbers = waiting.overview(work)
        first = waiting.queue(work)
        reach = coverage.reach(work)
        now = work.now
    return render(
        request,
        "operations/overview.html",
        numbers=numbers,
        rows=first.rows[:8],
        reach=reach,
        now=now,
        policy=policy_now(request),
    )


@router.get("/ops/queue")
# Asking for the officer is the check
def queue(request: Request, officer: Officer) -> HTMLResponse:  # noqa: ARG001
    """The reports that wait, filtered and by pages; the address holds all of it."""
    policy = policy_now(request)
    chosen = _chosen(request.query_params, policy)
    with runtime_of(request).read() as work:
        found = waiting.queue(work, filter=_filter(chosen, work.now), page=page_asked(request))
        now = work.now
    return render(
        request,
        "operations/queue.html",
        found=found,
        chosen=chosen,
        states=STATES,
        due_choices=DUE,
        now=now,
        policy=policy,
    )


@router.get("/ops/next")
# Asking for the officer is the check
def next_is_taken_by_a_button(officer: Officer) -> Response:  # noqa: ARG001
    """Looking changes nothing: the next report is taken by the button on the front page."""
    return see_other("/ops")


@router.post("/ops/next")
def take_next(request: Request, officer: Officer, form: PostedForm) -> Response:
    """Hold the report that is due first and open it.

    ``skip`` gives one back and takes the one after it.
    """
    skipped, done = form.line("skip", 40), form.line("done", 40)
    with runtime_of(request).write() as work:
        report_id = holding.take_next(work, officer, skipped=skipped)
        case_id = looking.case_of(work, report_id) if report_id else ""
    if report_id is None:
        return nothing_waits(request, done)
    return see_other(case_path(case_id, report_id, done))


def nothing_waits(request: Request, done: str = "") -> HTMLResponse:
    """All is decided, or in colleagues' hands."""
    return render(request, "operations/nothing.html", done=done)


def case_path(case_id: str, report_id: str, done: str = "") -> str:
    """The address of the case page, opened on one report. ``done``: the one decided before it."""
    fields = {"report": report_id, "done": done}
    given = {name: value for name, value in fields.items() if value}
    return f"/ops/cases/{case_id}?{urlencode(given)}"


def find_report(work: Work, number: str) -> waiting.Numbered | None:
    """The received report of exactly that number, in whatever state; None where there is none."""
    number = number.strip()
    if not number or len(number) > LONGEST_SEARCH or not text_is_safe(number):
        return None
    return waiting.numbered(work, number)


def _chosen(typed: Mapping[str, str], policy: Policy) -> Filters:
    state, category, due, text = (
        typed.get(name, "").strip() for name in ("state", "category", "due", "q")
    )
    return Filters(
        state if state in STATES else "",
        category if category in policy.substance.categories else "",
        due if due in DUE else "",
        text[:LONGEST_SEARCH] if text_is_safe(text) else "",
    )


def _filter(chosen: Filters, now: datetime) -> QueueFilter:
    tomorrow = datetime.combine(now.astimezone(ZONE).date() + timedelta(days=1), time(), ZONE)
    return QueueFilter(
        state=ReportState(chosen.state) if chosen.state else None,
        category=chosen.category or None,
        due_before={"overdue": now, "today": tomorrow + timedelta(seconds=1)}.get(chosen.due),
        text=chosen.text or None,
    )
