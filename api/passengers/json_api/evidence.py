"""The draft: its files, its claim, and what is seen so far."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.auth import runtime_of
from api.claim_form import read_instant
from api.pages import texts_of
from api.passengers.advice import advice
from api.passengers.json_api.access import OwnDraft
from api.passengers.json_api.as_read import (
    REFUSES_STALE,
    TELLS_ETAG,
    MarksRead,
    refused_when_stale,
    shown,
    tag,
    tell,
)
from api.passengers.json_api.bodies import (
    ClaimBody,
    CoachBody,
    CoachLineBody,
    DraftBody,
    FileBody,
    FileNoteBody,
    FilesBody,
    SavedClaimBody,
    draft_file_body,
)
from api.uploads import ArrivingFile, take_files
from pipeline.receiving import claims, drafts, incoming, reporters
from pipeline.receiving.drafts import Draft
from pipeline.verifying import coaching
from scheme.draft import mark
from scheme.naming import canonical_plate
from scheme.report import Claim, Evidence
from scheme.submission import NoEvidence

router = APIRouter()


@router.get("/drafts/{report_id}", responses=TELLS_ETAG)
def draft(request: Request, response: Response, draft: OwnDraft) -> DraftBody:
    """The draft as it stands.

    Its `ETag` changes with what is said and sent, not with what is seen in the files meanwhile.
    """
    tell(response, draft.mark)
    return draft_body(request, draft)


@router.post(
    "/drafts/{report_id}/files",
    status_code=HTTPStatus.CREATED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "file": {
                                "type": "array",
                                "items": {"type": "string", "format": "binary"},
                            },
                        },
                    }
                }
            },
        }
    },
)
async def add_files(request: Request, draft: OwnDraft) -> FilesBody:
    """Upload files into the draft, streamed; each is durable when this answers.

    The same file again is no error.
    """
    runtime = runtime_of(request)

    def store(file: ArrivingFile) -> Evidence:
        return incoming.store_file(
            runtime, report_id=draft.report_id, file_name=file.file_name, stream=file.stream
        )

    stored = await take_files(request, store, own_form=False)
    if not stored:
        raise NoEvidence
    return FilesBody(files=[FileBody.model_validate(file) for file in stored])


@router.delete("/drafts/{report_id}/files/{sha256}", status_code=HTTPStatus.NO_CONTENT)
def remove_file(request: Request, draft: OwnDraft, sha256: str) -> Response:
    """Take a file out of the draft."""
    with runtime_of(request).write() as work:
        incoming.remove_file(work, report_id=draft.report_id, sha256=sha256)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put("/drafts/{report_id}/claim", responses=TELLS_ETAG | REFUSES_STALE)
def save_claim(
    request: Request, response: Response, draft: OwnDraft, read: MarksRead, body: ClaimBody
) -> SavedClaimBody:
    """Keep what the reporter says; it may still be incomplete."""
    said = Claim(
        category=body.category,
        violated_at=read_instant(body.violated_at) if body.violated_at else None,
        route=body.route,
        plate=canonical_plate(body.plate) if body.plate and body.plate.strip() else None,
        badge=body.badge,
        fleet_number=body.fleet_number,
        place=body.place,
        latitude=body.latitude,
        longitude=body.longitude,
        note=body.note,
        kind=body.kind,
    )
    with refused_when_stale(), runtime_of(request).write() as work:
        kept = claims.save_claim(
            work, report_id=draft.report_id, claim=said, shown=shown(read, draft.claim_mark)
        )
    tell(response, mark(kept))
    return SavedClaimBody.model_validate(kept)


@router.get("/drafts/{report_id}/coach")
def coach(request: Request, draft: OwnDraft) -> CoachBody:
    """Per required sight: seen, not seen, can't tell, and the one thing to do."""
    texts = texts_of(request)
    with runtime_of(request).read() as work:
        lines, notes = coaching.coach(work, report_id=draft.report_id)
    return CoachBody(
        reading=not all(draft.read.values()),
        lines=[
            CoachLineBody(
                sight=line.sight,
                state=line.state,
                code=line.code,
                meaning=texts.t(f"finding.{line.code}"),
                fix=advice(texts, line),
                sha256=line.sha256,
                details=dict(line.details),
                alternatives=list(line.alternatives),
            )
            for line in lines
        ],
        files=[
            FileNoteBody(
                sha256=note.sha256,
                code=note.code,
                meaning=texts.t(f"finding.{note.code}"),
                fix=texts.t(f"fix.{note.code}"),
            )
            for note in notes
        ],
    )


def draft_body(request: Request, draft: Draft) -> DraftBody:
    """The draft after a change, read anew."""
    with runtime_of(request).read() as work:
        late = claims.late_already(work, report_id=draft.report_id)
        repeats = reporters.own_repeats(work, report_id=draft.report_id)
        token = request.headers.get("authorization", "").partition(" ")[2]
        fresh = drafts.draft_of(work, token)
    return DraftBody(
        report_id=fresh.report_id,
        expires_at=fresh.expires_at,
        claim=SavedClaimBody.model_validate(fresh.claim) if fresh.claim else None,
        claim_etag=tag(fresh.claim_mark),
        files=[draft_file_body(file, fresh.read) for file in fresh.evidence],
        reporters=len(fresh.reporters),
        reporters_etag=tag(fresh.reporters_mark),
        told_by=[[str(way) for way in ways] for ways in fresh.told_by],
        late=late,
        own_repeats=list(repeats),
    )
