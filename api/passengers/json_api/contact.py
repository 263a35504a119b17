"""Who reports."""

from fastapi import APIRouter, Request

from api.auth import runtime_of
from api.passengers.json_api.access import OwnDraft
from api.passengers.json_api.bodies import DraftBody, ReportersBody
from api.passengers.json_api.evidence import draft_body
from pipeline.receiving import reporters
from pipeline.receiving.drafts import ReporterInput

router = APIRouter()


@router.put("/drafts/{report_id}/reporters")
def save_reporters(request: Request, draft: OwnDraft, body: ReportersBody) -> DraftBody:
    """Keep who reports, the first named first."""
    people = [ReporterInput(person.name, person.phone, person.email) for person in body.reporters]
    runtime = runtime_of(request)
    with runtime.write() as work:
        reporters.save_reporters(work, report_id=draft.report_id, reporters=people)
    return draft_body(request, draft)
