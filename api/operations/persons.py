"""Who is who: questions about reporters, asked by one and answered by another, and their history.

Identities stay closed until they are opened, which is on record each time; document numbers are
never shown whole.
"""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.acting import act
from api.auth import runtime_of
from api.forms import Again, Posted, PostedForm
from api.operations.people import OfficerOrClerk
from api.operations.queue import find_report
from api.pages import NOTHING_REFUSED, page_asked, render, see_other
from api.turned_away import BadField
from pipeline.listed import cut
from pipeline.people import history, looking, opening, questions
from pipeline.people.opening import OpenedQuestion, PersonView
from pipeline.people.proposals import proposal
from pipeline.runtime import Work
from scheme.person_questions import ACCEPTED, REFUSED
from scheme.staff import Account, Role

router = APIRouter(include_in_schema=False)


@router.get("/ops/persons")
def desk(request: Request, account: OfficerOrClerk, number: str = "") -> HTMLResponse:
    """The questions that wait for a second person.

    With a report number, its reporters and what is asked of them.
    """
    return _desk_page(request, account, number)


@router.post("/ops/persons/{report_id}/open")
def open_reporters(
    request: Request, account: OfficerOrClerk, report_id: str, form: PostedForm
) -> Response:
    """Open who reported, for a reason: shown once, in this very answer, and on record."""
    number = form.line("number", 40)
    return act(
        request,
        form,
        lambda work: opening.open_persons(
            work, report_id=report_id, account=account, reason=form.line("reason", 600)
        ),
        then=lambda opened: _desk_page(request, account, number, opened=opened),
        again=lambda again: _desk_page(request, account, number, again),
        form="identity",
    )


@router.post("/ops/persons/{report_id}/questions")
def ask(request: Request, account: OfficerOrClerk, report_id: str, form: PostedForm) -> Response:
    """Ask something about a reporter, for a second person to answer."""

    def change(work: Work) -> str:
        return questions.ask(
            work,
            kind=_kind(form),
            report_id=report_id,
            position=_place(form, "position"),
            account=account,
            reason=form.line("reason", 600),
            proposal=proposal(
                id_number=form.line("id_number", 60),
                id_kind=form.line("id_kind", 20),
                name=form.line("name_on_document"),
                phone=form.line("reporters.0.phone"),
                other_report=form.line("other_report", 40),
                other_position=_place(form, "other_position"),
            ),
        )

    return act(
        request,
        form,
        change,
        then=lambda question_id: see_other(f"/ops/persons/questions/{question_id}", "question"),
        again=lambda again: _desk_page(request, account, form.line("number", 40), again),
    )


@router.get("/ops/persons/questions/{question_id}")
def question(request: Request, account: OfficerOrClerk, question_id: str) -> HTMLResponse:
    """One question, closed."""
    return _question_page(request, account, question_id)


@router.post("/ops/persons/questions/{question_id}/open")
def open_question(
    request: Request, account: OfficerOrClerk, question_id: str, form: PostedForm
) -> Response:
    """Open what the answer depends on: shown once, in this very answer, and on record."""
    return act(
        request,
        form,
        lambda work: opening.open_question(work, question_id=question_id, account=account),
        then=lambda opened: _question_page(request, account, question_id, opened=opened),
        again=lambda again: _question_page(request, account, question_id, again),
    )


@router.post("/ops/persons/questions/{question_id}/answer")
def answer(
    request: Request, account: OfficerOrClerk, question_id: str, form: PostedForm
) -> Response:
    """Accept, which does what was asked, or refuse: never by whoever asked."""

    def change(work: Work) -> None:
        questions.answer(
            work,
            question_id=question_id,
            account=account,
            accepted=_is_accepted(form),
            reason=form.line("reason", 600),
        )

    return act(
        request,
        form,
        change,
        then=lambda _: see_other(f"/ops/persons/questions/{question_id}", "question_answered"),
        again=lambda again: _question_page(request, account, question_id, again),
    )


def _is_accepted(form: Posted) -> bool:
    said = form.line("answer", 10)
    if said not in (ACCEPTED, REFUSED):
        raise BadField("QUESTION_ANSWER_MISSING", "answer")
    return said == ACCEPTED


def _kind(form: Posted) -> str:
    said = form.line("kind", 20)
    if said not in looking.QUESTION_KINDS:
        raise BadField("QUESTION_KIND_MISSING", "kind")
    return said


def _place(form: Posted, name: str) -> int:
    """A reporter's place as people count it, from 1; the first where nothing is said."""
    return max(form.number(name) - 1, 0) if form.line(name, 10) else 0


def _desk_page(
    request: Request,
    account: Account,
    number: str,
    again: Again = NOTHING_REFUSED,
    *,
    opened: Sequence[PersonView | None] = (),
) -> HTMLResponse:
    officer = account.role is Role.OPERATIONS
    with runtime_of(request).read() as work:
        report = find_report(work, number)
        reporters = looking.reporters(work, report.report_id) if report else ()
        about = looking.questions_of(work, report.report_id, account) if report else ()
        # A history names other reports of the same people: that is for operations, not for the
        # counter (R15).
        lines = (
            [history.history(work, report.report_id, one.position) for one in reporters]
            if report and officer
            else []
        )
        waiting = looking.open_questions(work, account, page_asked(request))
    return render(
        request,
        "operations/persons.html",
        again=again,
        number=number.strip()[:40],
        report=report,
        reporters=reporters,
        about=cut(about, 1),
        histories=lines,
        waiting=waiting,
        opened=opened,
        kinds=looking.QUESTION_KINDS,
        id_kinds=looking.DOCUMENT_KINDS,
    )


def _question_page(
    request: Request,
    account: Account,
    question_id: str,
    again: Again = NOTHING_REFUSED,
    *,
    opened: OpenedQuestion | None = None,
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        view = looking.question_view(work, question_id, account)
        now = work.now
    return render(
        request,
        "operations/person_question.html",
        again=again,
        question=view,
        opened=opened,
        now=now,
    )
