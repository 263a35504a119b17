"""Second looks: what stood out, payments that wait, and decisions made again by somebody else.

Pictures of a decision that is made again have addresses of their own, so that no number leads to
the first decision.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from api import media
from api.acting import act
from api.auth import runtime_of
from api.forms import Again, PostedForm
from api.operations import case_page, previews
from api.operations.addresses import CaseAddresses
from api.operations.case import VERDICTS, frame_response, report_in
from api.operations.people import Officer
from api.pages import NOTHING_REFUSED, page_asked, policy_now, render, see_other, texts_of
from api.turned_away import NotHere
from pipeline.deciding import looking, second_looks
from pipeline.deciding.second_looks import LookView
from pipeline.runtime import Work
from scheme.decision import Verdict
from scheme.reading import Box
from scheme.report import FiledEvidence
from scheme.staff import Account

router = APIRouter(include_in_schema=False)


class FramesOnly(CaseAddresses):
    """Addresses of a page without a viewer: a finding leads to the very frame."""

    # A whole frame
    def look(self, sha256: str, ms: int | None = None, box: Box | None = None) -> str:  # noqa: ARG002
        """The frame itself."""
        return self.picture(sha256, ms)


@router.get("/ops/second-looks")
def looks(request: Request, officer: Officer) -> HTMLResponse:
    """What waits for somebody to look again, what is disputed, and what was answered."""
    with runtime_of(request).read() as work:
        waiting = second_looks.open_looks(work, officer, page_asked(request))
        disputed = second_looks.disagreements(work, officer, page_asked(request, "disputed"))
        answered = second_looks.answered(work, officer, page_asked(request, "answered"))
    return render(
        request,
        "operations/second_looks.html",
        waiting=waiting,
        disputed=disputed,
        answered=answered,
    )


@router.get("/ops/second-looks/{look_id}")
def look(request: Request, officer: Officer, look_id: str) -> HTMLResponse:
    """One look, with all that is needed to answer it."""
    return _page(request, officer, look_id)


@router.post("/ops/second-looks/{look_id}")
def answer(request: Request, officer: Officer, look_id: str, form: PostedForm) -> Response:
    """Answer it; then what was decided at first is shown."""

    def change(work: Work) -> None:
        said = form.line("verdict", 40)
        second_looks.answer(
            work,
            look_id=look_id,
            officer=officer,
            reason=form.text("reason"),
            verdict=Verdict(said) if said in VERDICTS else None,
        )

    return act(
        request,
        form,
        change,
        then=lambda _: see_other(f"/ops/second-looks/{look_id}", "second_look"),
        again=lambda again: _page(request, officer, look_id, again),
    )


def evidence_again(request: Request, officer: Officer, look_id: str, sha256: str) -> FiledEvidence:
    """A dependency: a file of what is decided again, for who may decide it.

    Raises NotHere, NoSuchLook.
    """
    with runtime_of(request).read() as work:
        view = second_looks.look_view(work, look_id, officer)
        files = looking.evidence_of(work, view.reports[0][0]) if _shows_evidence(view) else ()
    for file in files:
        if file.sha256 == sha256:
            return file
    raise NotHere


FileAgain = Annotated[FiledEvidence, Depends(evidence_again)]


@router.get("/ops/second-looks/{look_id}/media/{sha256}/poster")
def poster(request: Request, file: FileAgain) -> Response:
    """A file's whole picture, or its first good frame."""
    return media.poster(runtime_of(request), file, side=960)


@router.get("/ops/second-looks/{look_id}/media/{sha256}/frame")
def frame(request: Request, file: FileAgain) -> Response:
    """A frame, or the part of it that proves something."""
    return frame_response(request, file)


@router.get("/ops/second-looks/{look_id}/media/{sha256}/strip")
def strip(request: Request, file: FileAgain) -> Response:
    """Frames through a recording, in a row."""
    return media.strip(runtime_of(request), file, pictures=case_page.STRIP_PICTURES)


@router.get("/ops/second-looks/{look_id}/media/{sha256}/recording")
def recording(request: Request, file: FileAgain) -> Response:
    """A recording for the player; only what browsers play."""
    if not case_page.plays(file):
        raise NotHere
    return media.recording(runtime_of(request), file)


@router.get("/ops/second-looks/{look_id}/media/{sha256}/preview")
def preview(request: Request, file: FileAgain) -> Response:
    """What is watched instead of a recording that browsers do not play."""
    return previews.recording(request, file)


@router.get("/ops/second-looks/{look_id}/media/{sha256}/preview-state")
def preview_state(request: Request, file: FileAgain) -> Response:
    """How far that is."""
    return previews.state(request, file)


def _shows_evidence(view: LookView) -> bool:
    return view.blind and (view.may_answer or view.answered_at is not None)


def _page(
    request: Request, officer: Account, look_id: str, again: Again = NOTHING_REFUSED
) -> HTMLResponse:
    runtime, texts = runtime_of(request), texts_of(request)
    with runtime.read() as work:
        view = second_looks.look_view(work, look_id, officer)
        report = None
        if _shows_evidence(view):
            report_id = view.reports[0][0]
            report = report_in(looking.case_around(work, report_id), report_id)
    evidence = report.evidence if report else ()
    page = f"/ops/second-looks/{look_id}"
    addresses = FramesOnly(page, f"{page}/media", look_id)
    return render(
        request,
        "operations/second_look.html",
        again=again,
        look=view,
        report=report,
        addresses=addresses,
        checklist=case_page.checklist(report, texts, addresses) if report else (),
        others=case_page.other_findings(report, texts, addresses) if report else (),
        plays=[file.sha256 for file in evidence if case_page.plays(file)],
        previews={file.sha256: previews.of_file(runtime, file) for file in evidence},
        verdicts=VERDICTS,
        policy=policy_now(request),
    )
