"""On the spot: what a walk-in brought is verified at the desk and paid at once (R8).

A clerk sees a report's evidence only where it was registered here and waits to be verified.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from api import media
from api.acting import act
from api.auth import runtime_of
from api.forms import Again, Posted, PostedForm
from api.operations import case_page
from api.operations.addresses import CaseAddresses
from api.operations.case import frame_response, report_in
from api.operations.handing_out import note_difference, shown_again, slip
from api.operations.people import Clerk
from api.pages import NOTHING_REFUSED, policy_now, render, see_other, texts_of
from api.turned_away import BadField, NotHere
from pipeline.deciding import looking
from pipeline.deciding.case_views import ReportView
from pipeline.doors import counter
from pipeline.paying import presenting
from pipeline.paying.collecting import Collected
from pipeline.paying.presenting import SideBySide
from pipeline.runtime import Work
from scheme.case import CaseNotFound, ReportState
from scheme.finding import Scope
from scheme.policy import Substance
from scheme.report import Channel, FiledEvidence
from scheme.staff import Account
from scheme.substantiation import OpenCandidates

router = APIRouter(include_in_schema=False)


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


@router.post("/ops/counter/reports/{report_id}/present")
def present(request: Request, clerk: Clerk, report: OwnReport, form: PostedForm) -> Response:
    """The document beside the name that was registered, which is on record."""
    return act(
        request,
        form,
        lambda work: counter.present_on_the_spot(
            work,
            report_id=report.report_id,
            clerk=clerk,
            id_number=form.line("id_number", 60),
            document_kind=form.line("id_kind", 20),
            name_on_document=form.line("name_on_document"),
        ),
        then=lambda side: _walk_in_page(request, report, side=side),
        again=lambda again: _walk_in_page(request, report, again),
    )


@router.post("/ops/counter/reports/{report_id}/differs")
def differs(request: Request, clerk: Clerk, report: OwnReport, form: PostedForm) -> Response:
    """What was shown does not agree: noted, nothing is paid, and the report waits as it was."""
    return act(
        request,
        form,
        lambda work: note_difference(work, clerk, form),
        then=lambda _: see_other(f"/ops/counter/reports/{report.report_id}", "differs_noted"),
        again=lambda again: _compared_again(request, clerk, report, form, again),
    )


@router.post("/ops/counter/reports/{report_id}/pay")
def pay(request: Request, clerk: Clerk, report: OwnReport, form: PostedForm) -> Response:
    """What was shown agrees: substantiate and hand over a card at once."""

    def change(work: Work) -> Collected:
        if not form.ticked("seen"):
            raise BadField("CONFIRM_SEEN", "seen")
        try:
            return counter.pay_on_the_spot(
                work,
                report_id=report.report_id,
                clerk=clerk,
                showing_id=form.line("showing", 40),
                agreed=form.ticked("agreed"),
                row_version=form.number("row_version"),
            )
        except OpenCandidates:
            # The question is about another person's report: operations answers it, and nobody here
            # is told (R15).
            raise counter.EarlierUndecided(()) from None

    return act(
        request,
        form,
        change,
        then=lambda collected: slip(request, collected),
        again=lambda again: _compared_again(request, clerk, report, form, again),
    )


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


def _file(report: ReportView, sha256: str) -> FiledEvidence:
    for file in report.evidence:
        if file.sha256 == sha256:
            return file
    raise NotHere


def _compared_again(
    request: Request, clerk: Account, report: ReportView, form: Posted, again: Again
) -> HTMLResponse:
    """The page with what this clerk still has side by side, and the form that was refused."""
    side = shown_again(request, clerk, form.line("showing", 40))
    return _walk_in_page(request, report, again, side=side)


def _walk_in_page(
    request: Request,
    report: ReportView,
    again: Again = NOTHING_REFUSED,
    *,
    side: SideBySide | None = None,
) -> HTMLResponse:
    texts = texts_of(request)
    page = f"/ops/counter/reports/{report.report_id}"
    addresses = CaseAddresses(page, f"{page}/media", report.report_id)
    return render(
        request,
        "operations/walk_in.html",
        again=again,
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
        side=side,
        id_kinds=presenting.KINDS,
        differences=presenting.DIFFERENCES,
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
