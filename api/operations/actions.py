"""What officers do to a report.

Each form posts to an address of its own, and a refused one is shown again filled in.

Who looked at an older version is refused with what changed since, and may do it again knowing that
(409).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.auth import runtime_of
from api.claim_form import read_claim
from api.errors import REFUSED
from api.forms import Posted, PostedForm
from api.limits import WholeNumber
from api.operations import case_page
from api.operations.addresses import read_box, read_ms
from api.operations.case import VERDICTS, Again, case_response, compare_response, report_in
from api.operations.people import Officer
from api.operations.queue import CONFIRMED, case_path, find_report, nothing_waits
from api.pages import render, see_other
from api.problems import Problem, problem_of, problems_of
from api.turned_away import BadField, NotHere
from pipeline.deciding import corrections, decisions, holding, looking, one_incident, questions
from pipeline.people import identity_access
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from scheme.case import StaleVersion
from scheme.decision import Verdict
from scheme.finding import Proof, Sight
from scheme.reading import Sha256

router = APIRouter(include_in_schema=False)

LONGEST_REASON = 2000


@router.post("/ops/reports/{report_id}/hold")
def hold(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Take a report, or keep it for longer."""
    return _do(
        request,
        officer,
        report_id,
        form,
        "hold",
        lambda work: holding.hold(work, report_id, officer),
    )


@router.post("/ops/reports/{report_id}/release")
def release(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Give a report back for colleagues."""
    return _do(
        request,
        officer,
        report_id,
        form,
        "hold",
        lambda work: holding.release(work, report_id, officer),
    )


@router.post("/ops/reports/{report_id}/decide")
def decide(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Answer the report; then the next one is opened, or this page again with the way to undo."""

    def act(work: Work) -> None:
        decisions.decide(
            work,
            report_id=report_id,
            officer=officer,
            row_version=_row_version(form),
            verdict=_verdict(form),
            reasons=form.all(f"reasons_{form.line('verdict', 40)}"),
            note=form.text("note"),
            proof=_proof(work, report_id, form),
        )

    answer = _do(request, officer, report_id, form, "decide", act, done=True)
    if answer.status_code != HTTPStatus.SEE_OTHER or not form.ticked("next"):
        return answer
    with runtime_of(request).write() as work:
        following = holding.take_next(work, officer)
        case_id = looking.case_of(work, following) if following else ""
    return (
        see_other(case_path(case_id, following, report_id))
        if following
        else nothing_waits(request, report_id)
    )


@router.post("/ops/reports/{report_id}/undo")
def undo(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Take one's own decision back, while nobody has been told."""
    return _do(request, officer, report_id, form, "undo", lambda work: decisions.undo(
        work, report_id=report_id, officer=officer
    ))  # fmt: skip


@router.post("/ops/reports/{report_id}/reopen")
def reopen(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Open the way to a superseding decision."""
    return _do(request, officer, report_id, form, "reopen", lambda work: decisions.reopen(
        work, report_id=report_id, officer=officer, reason=_reason(form)
    ))  # fmt: skip


@router.post("/ops/reports/{report_id}/correct")
def correct(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Put another version of the claim in force, beside what the reporter said."""
    read = read_claim(form.line("category", 60), form.raw())
    if read.problems:
        return _again(request, officer, report_id, form, "correct", read.problems)

    def act(work: Work) -> None:
        before = report_in(looking.case_around(work, report_id), report_id).claim
        claim = replace(
            read.claim,  # what the form does not ask about stays as it is
            fleet_number=before.fleet_number,
            latitude=before.latitude,
            longitude=before.longitude,
        )
        corrections.correct_claim(
            work, report_id=report_id, officer=officer, row_version=_row_version(form), claim=claim,
            reason=_reason(form),
        )  # fmt: skip

    return _do(request, officer, report_id, form, "correct", act)


@router.post("/ops/reports/{report_id}/ask")
def ask(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Ask the reporter for more, with what exactly is missing."""

    def act(work: Work) -> None:
        sights = [Sight(sight) for sight in form.all("sights") if sight in set(Sight)]
        questions.ask_for_more(
            work,
            report_id=report_id,
            officer=officer,
            row_version=_row_version(form),
            text=form.text("text", LONGEST_REASON),
            sights=sights,
        )

    return _do(request, officer, report_id, form, "ask", act)


@router.post("/ops/reports/{report_id}/explain")
def explain(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Tell the reporter why there is no result yet."""
    return _do(request, officer, report_id, form, "explain", lambda work: questions.explain(
        work, report_id=report_id, officer=officer, text=form.text("text", LONGEST_REASON)
    ))  # fmt: skip


@router.post("/ops/reports/{report_id}/tie")
def tie(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Say that the files of the report show one bus."""
    return _do(request, officer, report_id, form, "tie", lambda work: corrections.tie_files(
        work, report_id=report_id, officer=officer, reason=_reason(form)
    ))  # fmt: skip


@router.post("/ops/reports/{report_id}/exclude")
def exclude(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Take a report out of the line for the reward, or put it back."""
    return _do(
        request,
        officer,
        report_id,
        form,
        "exclude",
        lambda work: corrections.exclude(
            work,
            report_id=report_id,
            officer=officer,
            reason=_reason(form),
            excluded=not form.ticked("readmit"),
        ),
    )


@router.post("/ops/reports/{report_id}/split")
def split(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Take a report out of its case into one of its own."""
    return _do(request, officer, report_id, form, "split", lambda work: one_incident.split(
        work, report_id=report_id, officer=officer, reason=_reason(form)
    ))  # fmt: skip


@router.post("/ops/reports/{report_id}/merge")
def merge(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Make the case of this report and that of another one case."""

    def act(work: Work) -> None:
        other = find_report(work, form.line("other_number", 40))
        if other is None or other.case_id is None:
            raise BadField("REPORT_NOT_FOUND", "other_number")
        here = looking.case_of(work, report_id)
        one_incident.merge(
            work, case_id=here, into_case_id=other.case_id, officer=officer, reason=_reason(form)
        )

    return _do(request, officer, report_id, form, "merge", act)


@router.post("/ops/reports/{report_id}/identity")
def identity(request: Request, officer: Officer, report_id: str, form: PostedForm) -> Response:
    """Open who reported, for a reason: shown once, in this very answer, and on record."""
    try:
        with runtime_of(request).write() as work:
            people = identity_access.open_identity(
                work, report_id=report_id, officer=officer, reason=form.line("identity_reason", 600)
            )
            case_id = looking.case_of(work, report_id)
    except REFUSED as refusal:
        return _again(request, officer, report_id, form, "identity", problems_of(refusal))
    return case_response(request, officer, case_id, report_id, Again(identities=people))


@router.post("/ops/cases/{case_id}/compare/{candidate_id}")
def answer(
    request: Request, officer: Officer, case_id: str, candidate_id: WholeNumber, form: PostedForm
) -> Response:
    """Answer "same incident?"."""
    said = form.line("same", 10)
    if said not in ("same", "different"):
        return compare_response(
            request,
            case_id,
            candidate_id,
            [problem_of(BadField("ANSWER_REQUIRED", "same"))],
            form.raw(),
        )
    try:
        with runtime_of(request).write() as work:
            one_incident.answer_candidate(
                work,
                candidate_id=candidate_id,
                officer=officer,
                same=said == "same",
                reason=_reason(form),
            )
    except REFUSED as refusal:
        return compare_response(request, case_id, candidate_id, problems_of(refusal), form.raw())
    back = form.line("report", 40)
    with runtime_of(request).read() as work:
        now_in = looking.case_of(work, back) if back else case_id
    return see_other(case_path(now_in, back))


# -- shared by these forms -------------------------------------------------------------------------


def _do(  # noqa: PLR0913, PLR0917 - a form's whole way
    request: Request,
    officer: Account,
    report_id: str,
    form: Posted,
    name: str,
    act: Callable[[Work], object],
    done: bool = False,  # noqa: FBT001, FBT002 - named by every caller
) -> Response:
    """One action in one transaction.

    Then the case page, or the form again with what kept it from being done.
    """
    try:
        with runtime_of(request).write() as work:
            act(work)
    except StaleVersion as stale:
        return _changed_meanwhile(request, report_id, form, name, stale)
    except REFUSED as refusal:
        return _again(request, officer, report_id, form, name, problems_of(refusal))
    with runtime_of(request).read() as work:
        case_id = looking.case_of(work, report_id)
    shown = report_id if done else ""
    return see_other(case_path(case_id, report_id, shown, name if name in CONFIRMED else ""))


def _again(  # noqa: PLR0913, PLR0917 - what the page needs to show the form again
    request: Request,
    officer: Account,
    report_id: str,
    form: Posted,
    name: str,
    problems: tuple[Problem, ...],
) -> Response:
    with runtime_of(request).read() as work:
        case_id = looking.case_of(work, report_id)
    ticked = tuple(
        code
        for field, codes in form.fields.items()
        if field.startswith("reasons_")
        for code in codes
    )
    of_this_form = [
        replace(problem, field=f"{name}-{problem.field}" if problem.field else "")
        for problem in problems
    ]
    again = Again(problems=of_this_form, typed=form.raw(), reasons=ticked, form=name)
    return case_response(request, officer, case_id, report_id, again)


def _changed_meanwhile(
    request: Request, report_id: str, form: Posted, name: str, stale: StaleVersion
) -> Response:
    """What happened since the officer looked, and the same form with the version that is now."""
    with runtime_of(request).read() as work:
        case = looking.case_around(work, report_id)
        policy = work.policies.procedure_at(work.now)
    kept = [
        (key, value)
        for key, values in form.fields.items()
        for value in values
        if key not in ("csrf", "row_version", "looked_at", "next")
    ]
    return render(
        request,
        "operations/stale.html",
        status=problem_of(stale).status,
        case=case,
        report=report_in(case, report_id),
        changes=case_page.history(case, since=_instant(form.line("looked_at", 40))),
        numbers=case_page.numbers_by_subject(case),
        kept=kept,
        form_name=name,
        policy=policy,
    )


def _verdict(form: Posted) -> Verdict:
    said = form.line("verdict", 40)
    if said not in VERDICTS:
        raise BadField("VERDICT_REQUIRED", "verdict")
    return Verdict(said)


def _proof(work: Work, report_id: str, form: Posted) -> Proof | None:
    """The frame in the viewer, where the officer ticked that it decides.

    It must be of this report.
    """
    if not form.ticked("with_proof"):
        return None
    sha256 = form.line("proof_file", 64)
    if sha256 not in {file.sha256 for file in looking.evidence_of(work, report_id)}:
        raise NotHere
    return Proof(
        Sha256(sha256), read_ms(form.line("proof_ms", 10)), read_box(form.line("proof_box", 60))
    )


def _row_version(form: Posted) -> int:
    return form.number("row_version")


def _reason(form: Posted) -> str:
    return form.text("reason", LONGEST_REASON)


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
