"""The case page, the page that compares two reports, and the pictures on both."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api import media
from api.auth import runtime_of
from api.claim_form import typed_of
from api.forms import Again
from api.limits import WholeNumber
from api.operations import case_page, previews
from api.operations.addresses import CaseAddresses, read_box, read_ms
from api.operations.people import Officer
from api.pages import NOTHING_REFUSED, policy_now, render, texts_of
from api.turned_away import NotHere
from pipeline.dates import open_dates
from pipeline.deciding import looking
from pipeline.deciding.case_views import CandidateView, CaseView, ReportView
from pipeline.paying import coverage
from pipeline.runtime import Work
from scheme.case import ON_THE_DESK, UNDECIDED, CaseNotFound, NoSuchReport
from scheme.decision import Verdict
from scheme.finding import Sight
from scheme.meeting import Why
from scheme.report import FiledEvidence
from scheme.reporter import Identity
from scheme.staff import Account

router = APIRouter(include_in_schema=False)

SIDES: Final = (160, 320, 480, 960, 1280)
"""Widths in which pictures are drawn: few, so that one drawn once is found again."""

VERDICTS: Final = (Verdict.SUBSTANTIATED, Verdict.UNSUBSTANTIATED, Verdict.ASSISTED)


@router.get("/ops/cases/{case_id}")
def case(request: Request, officer: Officer, case_id: str) -> Response:
    """One incident with its reports, opened on one of them."""
    return case_response(request, officer, case_id, request.query_params.get("report", ""))


@router.get("/ops/cases/{case_id}/compare/{candidate_id}")
def compare(
    request: Request,
    officer: Officer,  # noqa: ARG001
    case_id: str,
    candidate_id: WholeNumber,
) -> HTMLResponse:
    """Two reports side by side, and the question whether they are one incident."""
    return compare_response(request, case_id, candidate_id)


@router.get("/ops/reports/{report_id}/media/{sha256}/poster")
def report_poster(
    request: Request,
    officer: Officer,  # noqa: ARG001
    report_id: str,
    sha256: str,
    side: str = "",
) -> Response:
    """A file's whole picture, or its first good frame."""
    return media.poster(
        runtime_of(request), evidence_file(request, report_id, sha256), side=_side(side)
    )


@router.get("/ops/reports/{report_id}/media/{sha256}/frame")
# Asking for the officer is the check
def report_frame(request: Request, officer: Officer, report_id: str, sha256: str) -> Response:  # noqa: ARG001
    """One frame of a file, or the part of it that proves something."""
    return frame_response(request, evidence_file(request, report_id, sha256))


@router.get("/ops/reports/{report_id}/media/{sha256}/strip")
# Asking for the officer is the check
def report_strip(request: Request, officer: Officer, report_id: str, sha256: str) -> Response:  # noqa: ARG001
    """Frames through a recording, in a row."""
    file = evidence_file(request, report_id, sha256)
    return media.strip(runtime_of(request), file, pictures=case_page.STRIP_PICTURES)


@router.get("/ops/reports/{report_id}/media/{sha256}/recording")
# Asking for the officer is the check
def report_recording(request: Request, officer: Officer, report_id: str, sha256: str) -> Response:  # noqa: ARG001
    """A recording for the player; only what browsers play."""
    file = evidence_file(request, report_id, sha256)
    if not case_page.plays(file):
        raise NotHere
    return media.recording(runtime_of(request), file)


@router.get("/ops/reports/{report_id}/media/{sha256}/preview")
# Asking for the officer is the check
def report_preview(request: Request, officer: Officer, report_id: str, sha256: str) -> Response:  # noqa: ARG001
    """What is watched instead of a recording that browsers do not play."""
    return previews.recording(request, evidence_file(request, report_id, sha256))


@router.get("/ops/reports/{report_id}/media/{sha256}/preview-state")
# Asking for the officer is the check
def report_preview_state(
    request: Request,
    officer: Officer,  # noqa: ARG001
    report_id: str,
    sha256: str,
) -> Response:
    """How far that is."""
    return previews.state(request, evidence_file(request, report_id, sha256))


@router.get("/ops/reports/{report_id}/media/{sha256}/frame-times")
# Asking for the officer is the check
def report_frame_times(request: Request, officer: Officer, report_id: str, sha256: str) -> Response:  # noqa: ARG001
    """When each frame of a recording is shown: for stepping through it frame by frame."""
    return media.frame_times(runtime_of(request), evidence_file(request, report_id, sha256))


@router.get("/ops/reports/{report_id}/media/{sha256}/original")
# Asking for the officer is the check
def report_original(request: Request, officer: Officer, report_id: str, sha256: str) -> Response:  # noqa: ARG001
    """The stored bytes, as a download only."""
    return media.original(runtime_of(request), evidence_file(request, report_id, sha256))


def frame_response(request: Request, file: FiledEvidence) -> Response:
    """The frame or crop that the query asks for: ``ms``, ``box``, ``side``."""
    asked = request.query_params
    return media.frame(
        runtime_of(request),
        file,
        read_ms(asked.get("ms", "")),
        box=read_box(asked.get("box", "")),
        side=_side(asked.get("side", "")),
    )


def evidence_file(request: Request, report_id: str, sha256: str) -> FiledEvidence:
    """The file, where it stands in that very report. Raises NotHere."""
    with runtime_of(request).read() as work:
        files = looking.evidence_of(work, report_id)
    for file in files:
        if file.sha256 == sha256:
            return file
    raise NotHere


def report_in(case: CaseView, report_id: str) -> ReportView:
    """One report of a case. Raises NotHere."""
    for report in case.reports:
        if report.report_id == report_id:
            return report
    raise NotHere


def case_response(  # noqa: PLR0913 - what the page shows besides the case
    request: Request,
    officer: Account,
    case_id: str,
    report_id: str,
    again: Again = NOTHING_REFUSED,
    *,
    identities: Sequence[Identity] = (),
) -> HTMLResponse:
    """The case page; ``again`` where a form on it was refused, ``identities`` opened just now."""
    runtime, texts = runtime_of(request), texts_of(request)
    with runtime.read() as work:
        case = looking.case_view(work, case_id=case_id)
        done = _done_before(work, request.query_params.get("done", ""))
        # Whoever has just promised a reward hears it where the fund does not reach so far.
        reach = None if done is None else coverage.reach(work)
        now, policies = work.now, work.policies
        report = report_in(case, report_id) if report_id else _first_to_look_at(case)
        waits = (
            open_dates.waiting(work, report.report_id)
            if looking.hangs_on_the_calendar(case, report)
            else ()
        )
    ref = report.substance_policy
    policy = (
        policies.by_ref(ref)
        if ref
        else policies.substance_at(report.violated_at or report.received_at)
    )
    addresses = addresses_of(case, report)
    viewer = case_page.viewer(report, request.query_params, addresses)
    return render(
        request,
        "operations/case.html",
        again=again,
        case=case,
        report=report,
        here=f"/ops/cases/{case.case_id}?report={report.report_id}",
        addresses=addresses,
        viewer=previews.watched(runtime, viewer, request.query_params, addresses),
        checklist=case_page.checklist(report, texts, addresses),
        others=case_page.other_findings(report, texts, addresses),
        reasons={verdict: case_page.reasons_of(verdict) for verdict in VERDICTS},
        suggested=case_page.suggested(report),
        open_dates=waits,
        history=case.latest(),
        numbers=case_page.numbers_by_subject(case),
        reasons_why=tuple(Why),
        open_candidates=[candidate for candidate in case.candidates if candidate.same is None],
        questions=_questions(case),
        said=typed_of(report.claim),
        identities=identities,
        categories=policy.substance.categories,
        sights=tuple(Sight),
        held_by_other=report.hold
        if report.hold and report.hold.account_id != officer.account_id
        else None,
        may_decide=report.state in ON_THE_DESK or report.reopened,
        may_correct=report.state in ON_THE_DESK,
        done=done,
        reach=reach,
        now=now,
    )


def compare_response(
    request: Request,
    case_id: str,
    candidate_id: int,
    again: Again = NOTHING_REFUSED,
) -> HTMLResponse:
    """Both reports of one question. Raises NotHere."""
    texts = texts_of(request)
    with runtime_of(request).read() as work:
        case = looking.case_view(work, case_id=case_id)
        candidate = _candidate(case, candidate_id)
        other_case = looking.case_around(work, candidate.other_report_id)
    sides = []
    for whole, report_id in ((case, candidate.report_id), (other_case, candidate.other_report_id)):
        report = report_in(whole, report_id)
        addresses = addresses_of(whole, report)
        sides.append(
            {
                "case": whole,
                "report": report,
                "addresses": addresses,
                "checklist": case_page.checklist(report, texts, addresses),
            }
        )
    return render(
        request,
        "operations/compare.html",
        again=again,
        case=case,
        candidate=candidate,
        reasons_why=tuple(Why),
        sides=sides,
        policy=policy_now(request),
    )


def addresses_of(case: CaseView, report: ReportView) -> CaseAddresses:
    """Where the pictures of a report are, for officers."""
    return CaseAddresses(
        f"/ops/cases/{case.case_id}", f"/ops/reports/{report.report_id}/media", report.report_id
    )


def _questions(case: CaseView) -> Mapping[str, tuple[str, str]]:
    """Report id -> (address, number) of the question about it, from whichever side one looks."""
    found: dict[str, tuple[str, str]] = {}
    for candidate in case.candidates:
        address = f"/ops/cases/{case.case_id}/compare/{candidate.candidate_id}"
        found.setdefault(candidate.report_id, (address, candidate.report_number))
        found.setdefault(candidate.other_report_id, (address, candidate.other_report_number))
    return found


def _done_before(work: Work, report_id: str) -> ReportView | None:
    """The report decided just before, while that can still be undone.

    Its notice stands on the next page.
    """
    if not report_id:
        return None
    try:
        report = report_in(looking.case_around(work, report_id), report_id)
    except (NoSuchReport, CaseNotFound, NotHere):
        return None
    return report if report.undo_until else None


def _first_to_look_at(case: CaseView) -> ReportView:
    """The earliest undecided report, else the earliest."""
    return next((report for report in case.reports if report.state in UNDECIDED), case.reports[0])


def _candidate(case: CaseView, candidate_id: int) -> CandidateView:
    for candidate in case.candidates:
        if candidate.candidate_id == candidate_id:
            return candidate
    raise NotHere


def _side(text: str) -> int:
    return int(text) if text in {str(side) for side in SIDES} else 1280
