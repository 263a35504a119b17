"""Following one's own report."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from api.auth import runtime_of
from api.passengers.json_api.access import OwnReport
from api.passengers.json_api.bodies import (
    AnswerBody,
    FileBody,
    ReportBody,
    SessionBody,
    SessionTokenBody,
    ShareBody,
    StepBody,
    claim_body,
)
from api.rates import Kind, guesses
from pipeline.answering import proving, tracking
from pipeline.staff import accounts

router = APIRouter()


@router.post("/session", status_code=HTTPStatus.CREATED)
def open_session(request: Request, body: SessionBody) -> SessionTokenBody:
    """Exchange number and code for a session; wrong number and wrong code are told alike."""
    with guesses(request, Kind.CODE), runtime_of(request).write() as work:
        report_id = proving.open_report(
            work, report_number=body.report_number, secret_code=body.secret_code
        )
        token = accounts.reporter_session(work, report_id)
    return SessionTokenBody(token=token)


@router.get("/report")
def report(request: Request, report_id: OwnReport) -> ReportBody:
    """One's own report; opening an answer is the receipt of its notice (R13)."""
    progress = tracking.look(runtime_of(request), report_id)
    answer = progress.answer
    return ReportBody(
        report_number=progress.report_number,
        state=progress.state,
        received_at=progress.received_at,
        answer_due_at=progress.answer_due_at,
        claim=claim_body(progress.claim),
        files=[
            FileBody(
                sha256=file.sha256,
                kind=file.kind,
                size_bytes=file.size_bytes,
                file_name=file.file_name,
                read=None,
            )
            for file in progress.files
        ],
        answer=None
        if answer is None
        else AnswerBody(
            verdict=answer.verdict,
            reasons=list(answer.reasons),
            note=answer.note,
            entitlement=answer.entitlement,
            answered_at=answer.answered_at,
            changed=answer.changed,
        ),
        shares=[
            ShareBody(
                position=share.position,
                amount_fen=share.amount_fen,
                state=share.state,
                collect_by=share.collect_by,
            )
            for share in progress.shares
        ],
        asked_for=progress.asked_for,
        timeline=[StepBody(code=step.code, at=step.at) for step in progress.timeline],
    )
