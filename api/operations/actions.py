"""What officers do to a report.

Each form posts to an address of its own, and a refused one is shown again filled in.

Who looked at an older version is refused with what changed since, and may do it again knowing that
(409).
"""

from fastapi import APIRouter, Request, Response

from api.acting import act
from api.auth import runtime_of
from api.claim_form import claim_in
from api.forms import Posted, PostedForm
from api.limits import WholeNumber
from api.operations.addresses import read_box, read_ms
from api.operations.case import VERDICTS, case_response, compare_response
from api.operations.on_report import NEXT, FormOnReport, OnReport
from api.operations.people import Officer
from api.operations.queue import case_path, find_report, nothing_waits
from api.pages import see_other
from api.turned_away import BadField, NotHere
from pipeline.deciding import corrections, decisions, holding, looking, one_incident, questions
from pipeline.people import identity_access
from pipeline.runtime import Work
from scheme.decision import Verdict
from scheme.finding import Proof, Sight
from scheme.reading import Sha256

router = APIRouter(include_in_schema=False)

SAME, DIFFERENT = "same", "different"


UNASKED = ("fleet_number", "latitude", "longitude", "note")
"""Fields of a claim that the form for corrections does not ask about."""


@router.post("/ops/reports/{report_id}/hold")
def hold(form: OnReport) -> Response:
    """Take a report, or keep it for longer."""
    return form.do("hold", lambda work: holding.hold(work, form.report_id, form.officer))


@router.post("/ops/reports/{report_id}/release")
def release(form: OnReport) -> Response:
    """Give a report back for colleagues."""
    return form.do("release", lambda work: holding.release(work, form.report_id, form.officer))


@router.post("/ops/reports/{report_id}/decide")
def decide(form: OnReport) -> Response:
    """Answer the report; then the next one is opened, or this page again with the way to undo."""
    posted = form.posted

    def change(work: Work) -> None:
        decisions.decide(
            work,
            report_id=form.report_id,
            officer=form.officer,
            row_version=form.row_version,
            verdict=_verdict(posted),
            reasons=posted.all(f"reasons_{posted.line('verdict', 40)}"),
            note=posted.text("note"),
            proof=_proof(work, form),
        )

    return form.go_on("decide", change, lambda _: _after_decision(form))


@router.post("/ops/reports/{report_id}/undo")
def undo(form: OnReport) -> Response:
    """Take one's own decision back, while nobody has been told."""
    return form.do(
        "undo",
        lambda work: decisions.undo(work, report_id=form.report_id, officer=form.officer),
    )


@router.post("/ops/reports/{report_id}/reopen")
def reopen(form: OnReport) -> Response:
    """Open the way to a superseding decision."""
    return form.do(
        "reopen",
        lambda work: decisions.reopen(
            work, report_id=form.report_id, officer=form.officer, reason=form.reason
        ),
    )


@router.post("/ops/reports/{report_id}/correct")
def correct(form: OnReport) -> Response:
    """Put another version of the claim in force, beside what the reporter said."""
    return form.do(
        "correct",
        lambda work: corrections.correct_claim(
            work,
            report_id=form.report_id,
            officer=form.officer,
            row_version=form.row_version,
            claim=claim_in(form.posted),
            reason=form.reason,
            unasked=UNASKED,
        ),
    )


@router.post("/ops/reports/{report_id}/ask")
def ask(form: OnReport) -> Response:
    """Ask the reporter for more, with what exactly is missing."""
    asked = [Sight(sight) for sight in form.posted.all("sights") if sight in set(Sight)]
    return form.do(
        "ask",
        lambda work: questions.ask_for_more(
            work,
            report_id=form.report_id,
            officer=form.officer,
            row_version=form.row_version,
            text=form.posted.text("text"),
            sights=asked,
        ),
    )


@router.post("/ops/reports/{report_id}/explain")
def explain(form: OnReport) -> Response:
    """Tell the reporter why there is no result yet."""
    return form.do(
        "explain",
        lambda work: questions.explain(
            work,
            report_id=form.report_id,
            officer=form.officer,
            text=form.posted.text("text"),
        ),
    )


@router.post("/ops/reports/{report_id}/tie")
def tie(form: OnReport) -> Response:
    """Say that the files of the report show one bus."""
    return form.do(
        "tie",
        lambda work: corrections.tie_files(
            work, report_id=form.report_id, officer=form.officer, reason=form.reason
        ),
    )


@router.post("/ops/reports/{report_id}/exclude")
def exclude(form: OnReport) -> Response:
    """Take a report out of the line for the reward, or put it back."""
    return form.do(
        "exclude",
        lambda work: corrections.exclude(
            work,
            report_id=form.report_id,
            officer=form.officer,
            reason=form.reason,
            excluded=not form.posted.ticked("readmit"),
        ),
    )


@router.post("/ops/reports/{report_id}/split")
def split(form: OnReport) -> Response:
    """Take a report out of its case into one of its own."""
    return form.do(
        "split",
        lambda work: one_incident.split(
            work, report_id=form.report_id, officer=form.officer, reason=form.reason
        ),
    )


@router.post("/ops/reports/{report_id}/merge")
def merge(form: OnReport) -> Response:
    """Make the case of this report and that of another one case."""
    return form.do(
        "merge",
        lambda work: one_incident.merge(
            work,
            case_id=looking.case_of(work, form.report_id),
            into_case_id=_other_case(work, form.posted),
            officer=form.officer,
            reason=form.reason,
        ),
    )


@router.post("/ops/reports/{report_id}/identity")
def identity(form: OnReport) -> Response:
    """Open who reported, for a reason: shown once, in this very answer, and on record."""
    return form.go_on(
        "identity",
        lambda work: (
            looking.case_of(work, form.report_id),
            identity_access.open_identity(
                work,
                report_id=form.report_id,
                officer=form.officer,
                reason=form.posted.line("reason", 600),
            ),
        ),
        lambda opened: case_response(
            form.request, form.officer, opened[0], form.report_id, identities=opened[1]
        ),
    )


@router.post("/ops/cases/{case_id}/compare/{candidate_id}")
def answer(
    request: Request, officer: Officer, case_id: str, candidate_id: WholeNumber, form: PostedForm
) -> Response:
    """Answer "same incident?"."""

    def change(work: Work) -> None:
        one_incident.answer_candidate(
            work,
            candidate_id=candidate_id,
            officer=officer,
            same=_is_same(form),
            reason=form.text("reason"),
        )

    def back_to_the_case(_: object) -> Response:
        report_id = form.line("report", 40)
        with runtime_of(request).read() as work:
            now_in = looking.case_of(work, report_id) if report_id else case_id
        return see_other(case_path(now_in, report_id), "compared")

    return act(
        request,
        form,
        change,
        then=back_to_the_case,
        again=lambda again: compare_response(request, case_id, candidate_id, again),
    )


# -- what the fields say ---------------------------------------------------------------------------


def _after_decision(form: FormOnReport) -> Response:
    """The next report, where the officer goes on; else this one, with the way to undo."""
    if not form.posted.ticked(NEXT):
        return form.case_page(done=True)
    with runtime_of(form.request).write() as work:
        following = holding.take_next(work, form.officer)
        case_id = looking.case_of(work, following) if following else ""
    if following:
        return see_other(case_path(case_id, following, form.report_id))
    return nothing_waits(form.request, form.report_id)


def _verdict(posted: Posted) -> Verdict:
    said = posted.line("verdict", 40)
    if said not in VERDICTS:
        raise BadField("VERDICT_REQUIRED", "verdict")
    return Verdict(said)


def _proof(work: Work, form: FormOnReport) -> Proof | None:
    """The frame in the viewer, where the officer ticked that it decides.

    It must be of this report.
    """
    posted = form.posted
    if not posted.ticked("with_proof"):
        return None
    sha256 = posted.line("proof_file", 64)
    if sha256 not in {file.sha256 for file in looking.evidence_of(work, form.report_id)}:
        raise NotHere
    return Proof(
        Sha256(sha256),
        read_ms(posted.line("proof_ms", 10)),
        read_box(posted.line("proof_box", 60)),
    )


def _other_case(work: Work, posted: Posted) -> str:
    other = find_report(work, posted.line("other_number", 40))
    if other is None or other.case_id is None:
        raise BadField("REPORT_NOT_FOUND", "other_number")
    return other.case_id


def _is_same(posted: Posted) -> bool:
    said = posted.line("same", 10)
    if said not in (SAME, DIFFERENT):
        raise BadField("ANSWER_REQUIRED", "same")
    return said == SAME
