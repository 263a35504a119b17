"""Submitting, and the receipt."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from api.auth import runtime_of
from api.passengers.json_api.access import OwnSubmission
from api.passengers.json_api.as_read import REFUSES_STALE, MarksRead, refused_when_stale, shown
from api.passengers.json_api.bodies import FileBody, ReceiptBody, SubmitBody
from api.turned_away import BadField
from pipeline.receiving import incoming, submitting
from pipeline.receiving.receipt_again import receipt_again
from scheme.draft import AlreadySubmitted

router = APIRouter()


@router.post("/drafts/{report_id}/submit", status_code=HTTPStatus.CREATED, responses=REFUSES_STALE)
def submit(
    request: Request, report_id: str, own: OwnSubmission, read: MarksRead, body: SubmitBody
) -> ReceiptBody:
    """Receive the report, where `If-Match` is given only as the draft's `ETag` shows it.

    Asked again with the same key, because the answer was lost, it answers with the same receipt and
    a new code in place of the first; once the draft would have expired, 409 ALREADY_SUBMITTED.
    """
    if not body.truth:
        raise BadField("TRUTH_REQUIRED", "truth")
    runtime = runtime_of(request)
    try:
        with refused_when_stale(), runtime.write() as work:
            receipt = submitting.submit(
                work,
                report_id=report_id,
                consent=body.consent,
                shown=shown(read, own.mark),
                language=request.state.language,
            )
    except AlreadySubmitted:
        with runtime.write() as work:
            receipt = receipt_again(work, draft_key=own.key)
    with runtime.read() as work:
        files = incoming.files_of(work, receipt.report_id)
    return ReceiptBody(
        report_number=receipt.report_number,
        received_at=receipt.received_at,
        secret_code=receipt.secret_code,
        files=[FileBody.model_validate(file) for file in files],
        own_repeats=list(receipt.own_repeats),
        late=receipt.late,
    )
