"""Handing out: a reward against an ID document, at the counter (R13).

Account and ID numbers are typed, kept and never shown again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.callers import caller_of
from api.errors import REFUSED
from api.forms import Posted, PostedForm
from api.operations.people import Clerk
from api.operations.queue import find_report, policy_now, problem_status
from api.pages import render
from api.problems import Problem, problems_of
from api.rates import Kind, guesses
from api.turned_away import SignedOut
from pipeline.deciding import looking
from pipeline.deciding.case_views import ShareView
from pipeline.paying import channels, collection, funds
from pipeline.paying.collection import Collected, Collector, DocumentKind, ToCollect
from pipeline.runtime import Work
from pipeline.staff import accounts
from pipeline.staff.accounts import Account
from scheme.case import ShareState

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
    """Against the document: a card in hand, or an account for the next payout batch."""
    in_hand = form.line("way", 20) == "in_hand"
    try:
        with runtime_of(request).write() as work:
            fields = () if in_hand else channels.fields_of(channels.by_batch(work))
            collected = collection.collect(
                work,
                share_id=share_id,
                clerk=clerk,
                id_number=form.line("id_number", 60),
                document_kind=form.line("id_kind", 20),
                name_on_document=form.line("name_on_document"),
                account=_typed(form, fields),
                in_hand=in_hand,
            )
    except REFUSED as refusal:
        return _collect_page(
            request, clerk, form.line("number", 40), problems_of(refusal), in_hand=in_hand
        )
    return slip(request, collected)


@router.post("/ops/counter/collect/{share_id}/card")
def correct_account(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """Another account, against the same document."""
    try:
        with runtime_of(request).write() as work:
            fields = channels.fields_of(collection.channel_of(work, share_id))
            collection.correct_account(
                work, share_id=share_id, clerk=clerk, id_number=form.line("id_number", 60),
                document_kind=form.line("id_kind", 20), account=_typed(form, fields),
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


def _typed(form: Posted, fields: Iterable[str]) -> Mapping[str, str]:
    """What was typed into the fields of an account."""
    return {name: form.line(name, 60) for name in fields}


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
        stock = funds.balances(work).card_stock
        by_batch = channels.by_batch(work)
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
        by_batch=by_batch,
        in_hand=in_hand or by_batch is None,
        collected_for=channels.known(found.shares[0].channel) if found and found.shares else None,
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


def slip(request: Request, collected: Collected) -> HTMLResponse:
    """What the reporter signs and takes along; shown in the answer that did it."""
    runtime = runtime_of(request)
    return render(
        request,
        "operations/slip.html",
        collected=collected,
        at=runtime.now(),
        policy=policy_now(request),
    )
