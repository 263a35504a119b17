"""Handing out: a reward against an ID document, at the counter (R13).

First the document is shown, and the name reported stands beside it; then the clerk says that they
agree, or in what they differ. Account and ID numbers are typed, kept and never shown whole again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.acting import act, attempt
from api.auth import runtime_of
from api.callers import caller_of
from api.forms import Again, Posted, PostedForm
from api.operations.people import Clerk
from api.operations.queue import find_report
from api.pages import NOTHING_REFUSED, policy_now, render, see_other
from api.rates import Kind, guesses
from api.turned_away import SignedOut
from pipeline.deciding import looking
from pipeline.deciding.case_views import ShareView
from pipeline.paying import (
    batch_views,
    channels,
    collecting,
    forfeiture,
    funds,
    presenting,
    waiting_rewards,
)
from pipeline.paying.collecting import Collected
from pipeline.paying.presenting import SideBySide
from pipeline.paying.waiting_rewards import ToCollect
from pipeline.runtime import Work
from pipeline.staff import accounts
from scheme.case import ShareState
from scheme.staff import Account

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


@router.post("/ops/counter/collect/{share_id}/present")
def present(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """A document is shown: the name reported stands beside it from here on, which is on record."""
    return _present(request, clerk, share_id, form, presenting.present)


@router.post("/ops/counter/collect/{share_id}/card/present")
def present_account(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """The same, before another account is taken."""
    return _present(request, clerk, share_id, form, presenting.present_account)


def _present(
    request: Request,
    clerk: Account,
    share_id: str,
    form: Posted,
    stage: Callable[..., SideBySide],
) -> Response:
    number = form.line("number", 40)
    return act(
        request,
        form,
        lambda work: stage(
            work,
            share_id=share_id,
            clerk=clerk,
            id_number=form.line("id_number", 60),
            document_kind=form.line("id_kind", 20),
            name_on_document=form.line("name_on_document"),
        ),
        then=lambda side: _collect_page(request, clerk, number, side=side),
        again=lambda again: _collect_page(request, clerk, number, again),
    )


@router.post("/ops/counter/collect/{share_id}")
def collect(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """What was shown agrees: a card in hand, or an account for the next payout batch."""
    in_hand = form.line("way", 20) == "in_hand"

    def change(work: Work) -> Collected:
        fields = () if in_hand else channels.fields_of(channels.by_batch(work))
        return collecting.collect(
            work,
            share_id=share_id,
            showing_id=form.line("showing", 40),
            clerk=clerk,
            agreed=form.ticked("agreed"),
            account=_typed(form, fields),
            in_hand=in_hand,
        )

    return act(
        request,
        form,
        change,
        then=lambda collected: slip(request, collected),
        again=lambda again: _compared_again(request, clerk, form, again),
    )


@router.post("/ops/counter/collect/{share_id}/differs")
# The showing says which reward it is of
def differs(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:  # noqa: ARG001
    """What was shown does not agree: noted, and nothing is handed out."""
    number = form.line("number", 40)
    return act(
        request,
        form,
        lambda work: note_difference(work, clerk, form),
        then=lambda _: see_other(_address(number), "differs_noted"),
        again=lambda again: _compared_again(request, clerk, form, again),
    )


def note_difference(work: Work, clerk: Account, form: Posted) -> None:
    """Put on record that document, person and report do not agree. Raises what the stage does."""
    presenting.differs(
        work,
        showing_id=form.line("showing", 40),
        clerk=clerk,
        difference=form.line("difference", 20),
        note=form.text("note"),
    )


@router.post("/ops/counter/collect/{share_id}/card")
def correct_account(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """Another account, against the same document."""
    number = form.line("number", 40)

    def change(work: Work) -> None:
        fields = channels.fields_of(collecting.channel_of(work, share_id))
        collecting.correct_account(
            work,
            share_id=share_id,
            showing_id=form.line("showing", 40),
            clerk=clerk,
            agreed=form.ticked("agreed"),
            account=_typed(form, fields),
        )

    return act(
        request,
        form,
        change,
        then=lambda _: see_other(_address(number), "card_corrected"),
        again=lambda again: _compared_again(request, clerk, form, again),
    )


def _compared_again(request: Request, clerk: Account, form: Posted, again: Again) -> HTMLResponse:
    """The page with what this clerk still has side by side, and the form that was refused."""
    side = shown_again(request, clerk, form.line("showing", 40))
    return _collect_page(request, clerk, form.line("number", 40), again, side=side)


def shown_again(request: Request, clerk: Account, showing_id: str) -> SideBySide | None:
    """What this clerk still has side by side, while something else is mended."""
    with runtime_of(request).read() as work:
        return presenting.shown_again(work, showing_id=showing_id, clerk=clerk)


@router.post("/ops/counter/collect/{share_id}/reinstate")
def reinstate(request: Request, clerk: Clerk, share_id: str, form: PostedForm) -> Response:
    """Owe a forfeited reward again.

    A second person signs with a log-in of their own, here and now.
    """
    number = form.line("number", 40)

    def change() -> None:
        second = _second_person(request, form)
        with runtime_of(request).write() as work:
            forfeiture.reinstate(
                work,
                share_id=share_id,
                requested_by=clerk,
                approved_by=second,
                reason=form.text("reason"),
            )

    return attempt(
        form,
        change,
        then=lambda _: see_other(_address(number), "reinstated"),
        again=lambda again: _collect_page(request, clerk, number, _signed(again)),
    )


def _address(number: str) -> str:
    """Where the reward of that report is handed out."""
    return f"/ops/counter/collect?{urlencode({'number': number})}"


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


def _signed(again: Again) -> Again:
    """A wrong log-in belongs to the second person's field."""
    return replace(
        again,
        problems=[
            replace(problem, field="second_login") if problem.field == "login" else problem
            for problem in again.problems
        ],
    )


def _collect_page(
    request: Request,
    clerk: Account,
    number: str,
    again: Again = NOTHING_REFUSED,
    *,
    side: SideBySide | None = None,
) -> HTMLResponse:
    number = side.report_number if side else number
    with runtime_of(request).read() as work:
        found = _find(work, clerk, number) if number.strip() else None
        stock = funds.balances(work).card_stock
        by_batch = channels.by_batch(work)
        refused = _refused(work, found)
        now = work.now
    return render(
        request,
        "operations/collect.html",
        again=again,
        number=number.strip()[:40],
        found=found,
        stock=stock,
        side=side,
        id_kinds=presenting.KINDS,
        differences=presenting.DIFFERENCES,
        by_batch=by_batch,
        refused=refused,
        collected_for=channels.known(found.shares[0].channel) if found and found.shares else None,
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
    to_collect = waiting_rewards.shares_to_collect(
        work, clerk=clerk, report_number=row.report_number
    )
    shares: tuple[ShareView, ...] = ()
    if row.case_id:
        case = looking.case_view(work, case_id=row.case_id)
        rewards = [case.reward, *case.past_rewards] if case.reward else list(case.past_rewards)
        shares = next(
            (reward.shares for reward in rewards if reward.report_id == row.report_id), ()
        )
    return Found(row.report_number, to_collect[0] if to_collect else None, shares, known=True)


def _refused(work: Work, found: Found | None) -> str | None:
    """Why the bank sent back what was collected, if it did."""
    if found is None or not found.shares:
        return None
    return batch_views.refusal_of(work, found.shares[0].share_id)


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
