"""Following one's own report."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from api.auth import runtime_of
from api.passengers.json_api.access import OwnReport
from api.passengers.json_api.bodies import (
    ReportBody,
    SessionBody,
    SessionTokenBody,
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
    return ReportBody.model_validate(tracking.look(runtime_of(request), report_id))
