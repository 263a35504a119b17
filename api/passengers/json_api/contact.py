"""Who reports."""

from fastapi import APIRouter, Request, Response

from api.auth import runtime_of
from api.passengers.json_api.access import OwnDraft
from api.passengers.json_api.as_read import (
    ETAG,
    REFUSES_STALE,
    TELLS_ETAG,
    MarksRead,
    refused_when_stale,
    shown,
)
from api.passengers.json_api.bodies import DraftBody, ReportersBody
from api.passengers.json_api.evidence import draft_body
from pipeline.receiving import reporters
from pipeline.receiving.drafts import ReporterInput

router = APIRouter()


@router.put("/drafts/{report_id}/reporters", responses=TELLS_ETAG | REFUSES_STALE)
def save_reporters(
    request: Request, response: Response, draft: OwnDraft, read: MarksRead, body: ReportersBody
) -> DraftBody:
    """Keep who reports, the first named first. The `ETag` is that of the reporters."""
    people = [ReporterInput(person.name, person.phone, person.email) for person in body.reporters]
    with refused_when_stale(), runtime_of(request).write() as work:
        reporters.save_reporters(
            work,
            report_id=draft.report_id,
            reporters=people,
            shown=shown(read, draft.reporters_mark),
        )
    saved = draft_body(request, draft)
    response.headers[ETAG] = saved.reporters_etag
    return saved
