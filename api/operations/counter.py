"""The counter: take in what a walk-in brings, verify and pay it at once, and hand out rewards against an ID (R8, R13).

A clerk sees a report's evidence only where it was registered here and waits to be verified on the
spot; card and ID numbers are typed, kept and never shown again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api import media
from api.auth import runtime_of
from api.callers import caller_of
from api.claim_form import read_claim, read_moment
from api.errors import REFUSED, BadField, NotHere, Problem, SignedOut, problem_of, problems_of
from api.forms import Posted, PostedForm
from api.operations import case_page
from api.operations.addresses import CaseAddresses
from api.operations.case import frame_response, report_in
from api.operations.people import Clerk
from api.operations.queue import find_report, policy_now, problem_status
from api.operations.registering import Handed, form_values, handed_in, people, spaced
from api.pages import render, texts_of
from api.rates import Kind, guesses
from api.texts import ZONE
from pipeline.deciding import looking, waiting
from pipeline.deciding.case_views import EvidenceView, ReportView, ShareView
from pipeline.deciding.waiting import QueueRow
from pipeline.doors import counter
from pipeline.paying import collection, counter_hours, payment
from pipeline.paying.collection import Collected, Collector, DocumentKind, ToCollect
from pipeline.receiving.drafts import ReporterInput
from pipeline.runtime import Work
from pipeline.staff import accounts
from pipeline.staff.accounts import Account
from scheme.case import CaseNotFound, ReportState, ShareState
from scheme.finding import Scope
from scheme.policy import Substance
from scheme.report import Channel
from scheme.substantiation import OpenCandidates

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a report number leads to.

    The reward that can be collected, or the state of its shares.
    """

    number: str
    to_collect: ToCollect | None
    shares: tuple[ShareView, ...]
    known: bool


# -- the desk --------------------------------------------------------------------------------------


@router.get("/ops/counter")
def desk(request: Request, clerk: Clerk) -> HTMLResponse:
    """What a clerk begins with: take in, or hand out; and the cards in the drawer."""
    with runtime_of(request).read() as work:
        to_collect = collection.shares_to_collect(work, clerk=clerk)
        registered = [row for row in _undecided(work) if row.channel is Channel.COUNTER]
        stock = payment.balances(work).card_stock
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
    return _register_page(request, {})


@router.post("/ops/counter/register/files")
async def register(request: Request, clerk: Clerk) -> Response:
    """Register a walk-in's material; the slip with number and code is shown in this very answer."""
    async with handed_in(request) as handed:
        return await run_in_threadpool(_register, request, clerk, handed)


def _register(request: Request, clerk: Account, handed: Handed) -> Response:
    form = handed.form
    read = read_claim(form.line("category", 60), form.raw())
    try:
        stood_at = _stood_at(request, form)
    except BadField as refusal:
        return _register_page(request, form.raw(), (*read.problems, problem_of(refusal)))
    if read.problems:
        return _register_page(request, form.raw(), read.problems)
    try:
        receipt = counter.register_walk_in(
            runtime_of(request),
            clerk=clerk,
            claim=read.claim,
            reporters=people(form),
            files=handed.files,
            consent=form.ticked("consent"),
            stood_at=stood_at,
        )
    except REFUSED as refusal:
        return _register_page(request, form.raw(), problems_of(refusal))
    policy = policy_now(request)
    return render(
        request,
        "operations/registered.html",
        status=HTTPStatus.CREATED,
        receipt=receipt,
        code=spaced(receipt.secret_code),
        policy=policy,
    )


def _register_page(
    request: Request, typed: Mapping[str, str], problems: Sequence[Problem] = ()
) -> HTMLResponse:
    return render(
        request,
        "operations/register.html",
        status=problem_status(problems),
        problems=problems,
        **form_values(request, typed, "stood"),
    )


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
    return _lost_code_page(request, {})


@router.post("/ops/counter/code")
def replace_code(request: Request, clerk: Clerk, form: PostedForm) -> Response:
    """A new code against the document; shown in this very answer."""
    number = form.line("report_number", 40)
    try:
        with runtime_of(request).write() as work:
            code = counter.replace_code(
                work,
                report_number=number,
                clerk=clerk,
                reporter=ReporterInput(
                    form.line("reporters.0.name"), form.line("reporters.0.phone")
                ),
                id_number=form.line("id_number", 60),
                document_kind=form.line("id_kind", 20),
            )
    except REFUSED as refusal:
        return _lost_code_page(request, form.raw(), problems_of(refusal))
    return render(
        request,
        "operations/code_slip.html",
        number=number,
        code=spaced(code),
        at=runtime_of(request).now(),
        policy=policy_now(request),
    )


def _lost_code_page(
    request: Request, typed: Mapping[str, str], problems: Sequence[Problem] = ()
) -> HTMLResponse:
    return render(
        request,
        "operations/lost_code.html",
        status=problem_status(problems),
        problems=problems,
        id_kinds=tuple(DocumentKind),
        typed={
            name: typed.get(name, "")
            for name in ("report_number", "reporters.0.name", "reporters.0.phone")
        },
    )


# -- verifying and paying on the spot --------------------------------------------------------------


# Asking for the clerk is the check
def own_report(request: Request, clerk: Clerk, report_id: str) -> ReportView:  # noqa: ARG001
    """A dependency: a report that was registered at the counter and is verified.

    Raises NotHere, CaseNotFound.
    """
    with runtime_of(request).read() as work:
        report = report_in(looking.case_around(work, report_id), report_id)
    if report.channel is not Channel.COUNTER:
        raise NotHere
    return report


OwnReport = Annotated[ReportView, Depends(own_report)]


@router.get("/ops/counter/reports/{report_id}")
def walk_in(request: Request, clerk: Clerk, report_id: str) -> HTMLResponse:
    """What was read in a walk-in's material, and the way to pay at once."""
    try:
        report = own_report(request, clerk, report_id)
    except CaseNotFound:
        return render(request, "operations/being_read.html", report_id=report_id)
    return _walk_in_page(request, report)


@router.post("/ops/counter/reports/{report_id}/pay")
def pay(request: Request, clerk: Clerk, report: OwnReport, form: PostedForm) -> Response:
    """Substantiate and hand over a card at once."""
    if not form.ticked("seen"):
        return _walk_in_page(request, report, [problem_of(BadField("CONFIRM_SEEN", "seen"))])
    try:
        with runtime_of(request).write() as work:
            collected = counter.pay_on_the_spot(
                work,
                report_id=report.report_id,
                clerk=clerk,
                id_number=form.line("id_number", 60),
                document_kind=form.line("id_kind", 20),
                name_on_document=form.line("name_on_document"),
                row_version=form.number("row_version"),
            )
    except OpenCandidates:
        # The question is about another person's report: operations answers it, and nobody here is
        # told (R15).
        return _walk_in_page(request, report, [problem_of(counter.EarlierUndecided(()))])
    except REFUSED as refusal:
        return _walk_in_page(request, report, problems_of(refusal))
    return _slip(request, collected)


@router.get("/ops/counter/reports/{report_id}/media/{sha256}/poster")
def walk_in_poster(request: Request, report: OwnReport, sha256: str) -> Response:
    """A picture of a walk-in's file."""
    return media.poster(runtime_of(request), _file(report, sha256), side=960)


@router.get("/ops/counter/reports/{report_id}/media/{sha256}/frame")
def walk_in_frame(request: Request, report: OwnReport, sha256: str) -> Response:
    """A frame or crop of a walk-in's file."""
    return frame_response(request, _file(report, sha256))


@router.get("/ops/counter/reports/{report_id}/media/{sha256}/strip")
def walk_in_strip(request: Request, report: OwnReport, sha256: str) -> Response:
    """Frames through a walk-in's recording."""
    return media.strip(
        runtime_of(request), _file(report, sha256), pictures=case_page.STRIP_PICTURES
    )


def _file(report: ReportView, sha256: str) -> EvidenceView:
    for file in report.evidence:
        if file.sha256 == sha256:
            return file
    raise NotHere


def _walk_in_page(
    request: Request, report: ReportView, problems: Sequence[Problem] = ()
) -> HTMLResponse:
    texts = texts_of(request)
    page = f"/ops/counter/reports/{report.report_id}"
    addresses = CaseAddresses(page, f"{page}/media", report.report_id)
    return render(
        request,
        "operations/walk_in.html",
        status=problem_status(problems),
        problems=problems,
        report=report,
        addresses=addresses,
        checklist=case_page.checklist(report, texts, addresses),
        others=[
            line
            for line in case_page.other_findings(report, texts, addresses)
            if line.mark != "seen"
            and line.finding.scope is not Scope.CASE  # nothing of other people's reports (R15)
        ],
        may_pay=report.state is ReportState.VERIFIED,
        amount_fen=_substance(request, report).amount_fen,
        id_kinds=tuple(DocumentKind),
        policy=policy_now(request),
    )


def _substance(request: Request, report: ReportView) -> Substance:
    """What the report is judged by, which need not be what is in force today."""
    policies = runtime_of(request).policies
    ref = report.substance_policy
    return (
        policies.by_ref(ref)
        if ref
        else policies.substance_at(report.violated_at or report.received_at)
    ).substance


# -- handing out -----------------------------------------------------------------------------------


@router.get("/ops/counter/collect")
def find(request: Request, clerk: Clerk, number: str = "") -> HTMLResponse:
    """A reward by its report number."""
    return _collect_page(request, clerk, number)


@router.post("/ops/counter/collect/{share_id}/name")
def open_name(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """The name to hold beside the document; the opening is on record."""
    with runtime_of(request).write() as work:
        collector = collection.open_collector(work, share_id=share_id, clerk=clerk)
    return _collect_page(request, clerk, form.line("number", 40), collector=collector)


@router.post("/ops/counter/collect/{share_id}")
def collect(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """Against the document: a card in hand, or a card number for the next payout batch."""
    in_hand = form.line("way", 20) == "in_hand"
    try:
        with runtime_of(request).write() as work:
            collected = collection.collect(
                work,
                share_id=share_id,
                clerk=clerk,
                id_number=form.line("id_number", 60),
                document_kind=form.line("id_kind", 20),
                name_on_document=form.line("name_on_document"),
                card_number=None if in_hand else form.line("card_number", 60),
                in_hand=in_hand,
            )
    except REFUSED as refusal:
        return _collect_page(
            request, clerk, form.line("number", 40), problems_of(refusal), in_hand=in_hand
        )
    return _slip(request, collected)


@router.post("/ops/counter/collect/{share_id}/card")
def correct_card(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """Another card number, against the same document."""
    try:
        with runtime_of(request).write() as work:
            collection.correct_card(
                work, share_id=share_id, clerk=clerk, id_number=form.line("id_number", 60),
                document_kind=form.line("id_kind", 20), card_number=form.line("card_number", 60),
            )  # fmt: skip
    except REFUSED as refusal:
        return _collect_page(request, clerk, form.line("number", 40), problems_of(refusal))
    return _collect_page(request, clerk, form.line("number", 40), said="counter.card_corrected")


@router.post("/ops/counter/collect/{share_id}/reinstate")
def reinstate(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """Owe a forfeited reward again.

    A second person signs with a log-in of their own, here and now.
    """
    try:
        second = _second_person(request, form)
        with runtime_of(request).write() as work:
            collection.reinstate(
                work,
                share_id=share_id,
                requested_by=clerk,
                approved_by=second,
                reason=form.text("reason"),
            )
    except REFUSED as refusal:
        return _collect_page(
            request,
            clerk,
            form.line("number", 40),
            _signed(problems_of(refusal)),
            reason=form.text("reason"),
        )
    return _collect_page(request, clerk, form.line("number", 40), said="counter.reinstated")


def _second_person(request: Request, form: Posted) -> Account:
    """Whoever signs: a session of their own that ends at once.

    Raises LogInRefused, DemoClosed, Wait, TooMany.
    """
    runtime, caller = runtime_of(request), caller_of(request)
    here = caller.on_this_machine
    login, password = form.line("second_login", 60), form.line("second_password", 1000)
    with guesses(request, Kind.LOG_IN):
        token = accounts.log_in(
            runtime, login, password, on_this_machine=here, client=caller.household
        )
    with runtime.write() as work:
        second = accounts.who(work, token, on_this_machine=here)
        accounts.log_out(work, token)
    if second is None:
        raise SignedOut
    return second


def _signed(problems: Sequence[Problem]) -> list[Problem]:
    """A wrong log-in belongs to the second person's field."""
    return [
        Problem(
            problem.status,
            problem.code,
            "second_login" if problem.field == "login" else problem.field,
            problem.values,
            problem.variant,
        )
        for problem in problems
    ]


def _collect_page(  # noqa: PLR0913 - what the page shows again
    request: Request,
    clerk: Account,
    number: str,
    problems: Sequence[Problem] = (),
    *,
    collector: Collector | None = None,
    said: str = "",
    in_hand: bool = False,
    reason: str = "",
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        found = _find(work, clerk, number) if number.strip() else None
        stock = payment.balances(work).card_stock
        top_up = collection.takes_card_number(work)
        now = work.now
    return render(
        request,
        "operations/collect.html",
        status=problem_status(problems),
        problems=problems,
        number=number.strip()[:40],
        found=found,
        stock=stock,
        collector=collector,
        id_kinds=tuple(DocumentKind),
        said=said,
        top_up=top_up,
        in_hand=in_hand or not top_up,
        reason=reason,
        now=now,
        collected_state=ShareState.COLLECTED,
        forfeited_state=ShareState.FORFEITED,
        policy=policy_now(request),
    )


def _find(work: Work, clerk: Account, number: str) -> Found:
    """The reward that can be collected under a number, else what became of it."""
    row = find_report(work, number)
    if row is None:
        return Found(number.strip(), None, (), known=False)
    to_collect = collection.shares_to_collect(work, clerk=clerk, report_number=row.report_number)
    shares: tuple[ShareView, ...] = ()
    if row.case_id:
        case = looking.case_view(work, case_id=row.case_id)
        rewards = [case.reward, *case.past_rewards] if case.reward else list(case.past_rewards)
        shares = next(
            (reward.shares for reward in rewards if reward.report_id == row.report_id), ()
        )
    return Found(row.report_number, to_collect[0] if to_collect else None, shares, known=True)


def _slip(request: Request, collected: Collected) -> HTMLResponse:
    """What the reporter signs and takes along; shown in the answer that did it."""
    runtime = runtime_of(request)
    return render(
        request,
        "operations/slip.html",
        collected=collected,
        at=runtime.now(),
        policy=policy_now(request),
    )


def _undecided(work: Work) -> Iterable[QueueRow]:
    page = 1
    while True:
        found = waiting.queue(work, page=page)
        yield from found.rows
        if page >= found.pages:
            return
        page += 1
