"""The JSON API for passengers: the same steps as the pages, for an app of somebody's own.

A draft is opened by its key, a report's progress by a session token, both as ``Authorization:
Bearer …``: no cookie is read here, so there is nothing for another site to ride on. Every refusal
is one ``ProblemBody``.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from api.auth import runtime_of
from api.claim_form import read_instant
from api.errors import BadField, NotHere, ReporterSignedOut
from api.pages import texts_of
from api.passengers.advice import advice
from api.passengers.report import policy_now
from api.rates import Kind, count, guesses
from api.uploads import ArrivingFile, take_files
from pipeline.answering import tracking
from pipeline.receiving import claims, drafts, incoming, reporters, submitting
from pipeline.receiving.drafts import Draft, ReporterInput
from pipeline.receiving.receipt_again import receipt_again
from pipeline.staff import accounts
from pipeline.verifying import verification
from scheme.draft import AlreadySubmitted
from scheme.naming import canonical_plate
from scheme.policy import SightsNeeded
from scheme.report import Channel, Claim, Evidence
from scheme.submission import NoEvidence

LONGEST: Final = 200

CODES: Final = (
    # the request itself
    "BAD_JSON",
    "BAD_REQUEST",
    "BODY_TOO_LARGE",
    "FIELD_INVALID",
    "FIELD_MISSING",
    "MALFORMED_BODY",
    "METHOD_NOT_ALLOWED",
    "NOT_FOUND",
    "UNEXPECTED",
    # drafts and files
    "ALREADY_SUBMITTED",
    "DRAFT_EXPIRED",
    "DRAFT_NOT_FOUND",
    "EMPTY_FILE",
    "FILE_TOO_LARGE",
    "MEDIUM_NOT_ADMITTED",
    "SEND_AGAIN",
    "STORAGE_FULL",
    "TOO_MANY_FILES",
    "TYPE_MISMATCH",
    "TYPE_NOT_ALLOWED",
    # the claim and who reports
    "BADGE_INVALID",
    "BEFORE_SCHEME",
    "CATEGORY_UNKNOWN",
    "EMAIL_INVALID",
    "FUTURE_TIME",
    "JOINT_INVALID",
    "KIND_UNKNOWN",
    "NAME_REQUIRED",
    "PHONE_INVALID",
    "PHONE_REQUIRED",
    "PLACE_INVALID",
    "PLATE_INVALID",
    "ROUTE_INVALID",
    "TEXT_TOO_LONG",
    "TIME_INVALID",
    # submitting and following
    "CLAIM_INCOMPLETE",
    "CODE_WRONG",
    "CONSENT_REQUIRED",
    "FORBIDDEN_MOVE",
    "MISSING_IDENTIFIER",
    "NO_EVIDENCE",
    "REPORTER_SIGNED_OUT",
    "TRUTH_REQUIRED",
    "VIDEO_REQUIRED",
    "WAIT",
    # too much at a time
    "STORE_BUSY",
    "TOO_MANY",
    "TOO_MANY_UPLOADS",
    "TOO_SLOW",
)
"""Every code that this API answers a refused request with; a new one is a change of the API."""


class ProblemBody(BaseModel):
    """Why a request was refused.

    ``code`` is stable; ``message`` says what to do; nothing sent is echoed.
    """

    code: str = Field(description="Stable.", json_schema_extra={"enum": list(CODES)})
    message: str
    field: str | None = Field(description="The field at fault, where there is one.")
    values: dict[str, str | int] = Field(
        description="Limits, instants and one's own numbers that the message shows."
    )


class _Asked(BaseModel):
    """Bodies are read strictly: a number is no text, true is no number.

    Unknown fields are ignored.
    """

    model_config = ConfigDict(strict=True, extra="ignore")


class ClaimBody(_Asked):
    """What the reporter says.

    Names are taken in any writing and returned in their one canonical form.
    """

    category: str = Field(max_length=60)
    kind: str | None = Field(
        None, max_length=20, description="One of the category's `kinds`, where it has some."
    )
    violated_at: str | None = Field(
        None,
        max_length=40,
        description="`2012-11-01T08:41`, with or without offset (then Asia/Shanghai).",
    )
    route: str | None = Field(None, max_length=LONGEST)
    plate: str | None = Field(None, max_length=LONGEST)
    badge: str | None = Field(None, max_length=LONGEST)
    fleet_number: str | None = Field(None, max_length=LONGEST)
    place: str | None = Field(None, max_length=LONGEST)
    latitude: float | None = None
    longitude: float | None = None
    note: str = Field("", max_length=2000)


class ReporterBody(_Asked):
    """One reporter; the first named collects for all."""

    name: str = Field(max_length=LONGEST)
    phone: str = Field(max_length=LONGEST)
    email: str = Field("", max_length=LONGEST)


class ReportersBody(_Asked):
    """Who reports. Shares are computed by rule and never taken from a request (R12)."""

    reporters: list[ReporterBody] = Field(max_length=100)


class SubmitBody(_Asked):
    """The declaration: that it is true, and that the data may be used as the privacy notice says."""

    truth: bool
    consent: bool


class SessionBody(_Asked):
    """Number and code of a report; posted, never in an address."""

    report_number: str = Field(max_length=60)
    secret_code: str = Field(max_length=60)


class OpenedDraftBody(BaseModel):
    """A new draft. ``draft_key`` is told once."""

    report_id: str
    draft_key: str


class FileBody(BaseModel):
    """One stored file."""

    sha256: str
    kind: str
    size_bytes: int
    file_name: str
    read: bool | None = Field(
        None, description="Whether the reader has been through it; only in a draft."
    )


class FilesBody(BaseModel):
    """The files of one upload, in order."""

    files: list[FileBody]


class SavedClaimBody(BaseModel):
    """The claim as it is kept."""

    category: str
    kind: str | None
    violated_at: datetime | None
    route: str | None
    plate: str | None
    badge: str | None
    fleet_number: str | None
    place: str | None
    latitude: float | None
    longitude: float | None
    note: str


class DraftBody(BaseModel):
    """A draft as it stands."""

    report_id: str
    expires_at: datetime
    claim: SavedClaimBody | None
    files: list[FileBody]
    reporters: int = Field(description="How many reporters are named.")
    told_by: list[list[str]] = Field(
        description="For each reporter, how they will be told: sms, email, or call where nothing can be sent."
    )
    late: bool = Field(description="Submitted now, it would be received but not rewarded.")
    own_repeats: list[str] = Field(
        description="The reporters' own earlier reports with the same file and kind."
    )


class CoachLineBody(BaseModel):
    """One required sight: seen, not_seen or cant_tell, what it means and the one thing to do."""

    sight: str
    state: str
    code: str
    meaning: str
    fix: str | None
    sha256: str | None
    details: dict[str, str]
    alternatives: list[str]


class FileNoteBody(BaseModel):
    """Something about one file itself, and the one thing to do."""

    sha256: str
    code: str
    meaning: str
    fix: str


class CoachBody(BaseModel):
    """What is seen so far; ``reading`` while files are still being read."""

    reading: bool
    lines: list[CoachLineBody]
    files: list[FileNoteBody]


class ReceiptBody(BaseModel):
    """The receipt. ``secret_code`` is told once and stands nowhere."""

    report_number: str
    received_at: datetime
    secret_code: str
    files: list[FileBody]
    own_repeats: list[str]
    late: bool


class SessionTokenBody(BaseModel):
    """A token for ``GET /api/v1/report``, good for an hour."""

    token: str


class StepBody(BaseModel):
    """One step of the report's way."""

    code: str
    at: datetime


class AnswerBody(BaseModel):
    """The answer to one's own report."""

    verdict: str
    reasons: list[str]
    note: str
    entitlement: str
    answered_at: datetime
    changed: bool


class ShareBody(BaseModel):
    """One reporter's part of the reward."""

    position: int
    amount_fen: int
    state: str
    collect_by: datetime | None


class ReportBody(BaseModel):
    """One's own report."""

    report_number: str
    state: str
    received_at: datetime
    answer_due_at: datetime | None
    claim: SavedClaimBody
    files: list[FileBody]
    answer: AnswerBody | None
    shares: list[ShareBody]
    asked_for: str | None
    timeline: list[StepBody]


class SightsBody(BaseModel):
    """An and/or expression over sights."""

    mode: str
    parts: list["str | SightsBody"]


class CategoryBody(BaseModel):
    """One kind of violation and what its evidence must show, by medium."""

    key: str
    names: dict[str, str]
    describes: dict[str, str]
    kinds: list[str]
    sights: dict[str, SightsBody]


_WHY: Final = {
    HTTPStatus.BAD_REQUEST: "The body breaks its format.",
    HTTPStatus.UNAUTHORIZED: "No live session.",
    HTTPStatus.NOT_FOUND: "Nothing here that this key or token opens.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in time.",
    HTTPStatus.CONFLICT: "The state does not allow it (any more).",
    HTTPStatus.GONE: "The draft has expired.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too many bytes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Not a file of an accepted kind.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A field can't be taken; it is named.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many (wrong) attempts; `Retry-After` says when to come again.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A bug; the message carries a reference.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too much at a time; `Retry-After` says when to come again.",
    HTTPStatus.INSUFFICIENT_STORAGE: "Storage is full; the draft is safe.",
}
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    int(status): {"model": ProblemBody, "description": why} for status, why in _WHY.items()
}

router = APIRouter(prefix="/api/v1", tags=["passengers"], responses=_REFUSALS)
_bearer = HTTPBearer(auto_error=False, description="A draft's key or a report's session token.")


def _token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    return credentials.credentials if credentials else ""


Token = Annotated[str, Depends(_token)]


def own_draft(request: Request, report_id: str, token: Token) -> Draft:
    """A dependency: the draft in the address, when the key in the header opens it."""
    with runtime_of(request).read() as work:
        draft = drafts.draft_of(work, token) if token else None
    if draft is None or draft.report_id != report_id:
        raise NotHere
    return draft


def own_submission(request: Request, report_id: str, token: Token) -> str:
    """A dependency: the key in the header, when it opens the draft in the address or the report that this became."""
    try:
        own_draft(request, report_id, token)
    except AlreadySubmitted as submitted:
        if submitted.report_id != report_id:
            raise NotHere from submitted
    return token


def own_report(request: Request, token: Token) -> str:
    """A dependency: the report that the session token in the header opens."""
    with runtime_of(request).read() as work:
        report_id = accounts.reporter_of(work, token) if token else None
    if report_id is None:
        raise ReporterSignedOut
    return report_id


OwnDraft = Annotated[Draft, Depends(own_draft)]
OwnReport = Annotated[str, Depends(own_report)]


@router.get("/categories")
def categories(request: Request) -> list[CategoryBody]:
    """The kinds of violation in force now."""
    return [
        CategoryBody(
            key=category.key,
            names=dict(category.names),
            describes=dict(category.describes),
            kinds=list(category.kinds),
            sights={kind: _sights(needed) for kind, needed in category.sights.items()},
        )
        for category in policy_now(request).substance.categories.values()
    ]


@router.post("/drafts", status_code=HTTPStatus.CREATED)
def open_draft(request: Request) -> OpenedDraftBody:
    """Begin a report."""
    count(request, Kind.DRAFT)
    with runtime_of(request).write() as work:
        opened = drafts.open_draft(work, channel=Channel.API)
    return OpenedDraftBody(report_id=opened.report_id, draft_key=opened.draft_key)


@router.get("/drafts/{report_id}")
def draft(request: Request, draft: OwnDraft) -> DraftBody:
    """The draft as it stands."""
    return _draft_body(request, draft)


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
    return FilesBody(files=[_file_body(file) for file in stored])


@router.delete("/drafts/{report_id}/files/{sha256}", status_code=HTTPStatus.NO_CONTENT)
def remove_file(request: Request, draft: OwnDraft, sha256: str) -> Response:
    """Take a file out of the draft."""
    with runtime_of(request).write() as work:
        incoming.remove_file(work, report_id=draft.report_id, sha256=sha256)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put("/drafts/{report_id}/claim")
def save_claim(request: Request, draft: OwnDraft, body: ClaimBody) -> SavedClaimBody:
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
    with runtime_of(request).write() as work:
        kept = claims.save_claim(work, report_id=draft.report_id, claim=said)
    return _claim_body(kept)


@router.put("/drafts/{report_id}/reporters")
def save_reporters(request: Request, draft: OwnDraft, body: ReportersBody) -> DraftBody:
    """Keep who reports, the first named first."""
    people = [ReporterInput(person.name, person.phone, person.email) for person in body.reporters]
    runtime = runtime_of(request)
    with runtime.write() as work:
        reporters.save_reporters(work, report_id=draft.report_id, reporters=people)
    return _draft_body(request, draft)


@router.get("/drafts/{report_id}/coach")
def coach(request: Request, draft: OwnDraft) -> CoachBody:
    """Per required sight: seen, not seen, can't tell, and the one thing to do."""
    texts = texts_of(request)
    with runtime_of(request).read() as work:
        lines, notes = verification.coach(work, report_id=draft.report_id)
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


@router.post("/drafts/{report_id}/submit", status_code=HTTPStatus.CREATED)
def submit(
    request: Request, report_id: str, key: Annotated[str, Depends(own_submission)], body: SubmitBody
) -> ReceiptBody:
    """Receive the report.

    Asked again with the same key, because the answer was lost, it answers with the same receipt and
    a new code in place of the first; once the draft would have expired, 409 ALREADY_SUBMITTED.
    """
    if not body.truth:
        raise BadField("TRUTH_REQUIRED", "truth")
    runtime = runtime_of(request)
    try:
        with runtime.write() as work:
            receipt = submitting.submit(work, report_id=report_id, consent=body.consent)
    except AlreadySubmitted:
        with runtime.write() as work:
            receipt = receipt_again(work, draft_key=key)
    with runtime.read() as work:
        files = incoming.files_of(work, receipt.report_id)
    return ReceiptBody(
        report_number=receipt.report_number,
        received_at=receipt.received_at,
        secret_code=receipt.secret_code,
        files=[_file_body(file) for file in files],
        own_repeats=list(receipt.own_repeats),
        late=receipt.late,
    )


@router.post("/session", status_code=HTTPStatus.CREATED)
def open_session(request: Request, body: SessionBody) -> SessionTokenBody:
    """Exchange number and code for a session; wrong number and wrong code are told alike."""
    with guesses(request, Kind.CODE), runtime_of(request).write() as work:
        report_id = tracking.open_report(
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
        claim=_claim_body(progress.claim),
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


def _draft_body(request: Request, draft: Draft) -> DraftBody:
    with runtime_of(request).read() as work:
        late = claims.late_already(work, report_id=draft.report_id)
        repeats = reporters.own_repeats(work, report_id=draft.report_id)
        token = request.headers.get("authorization", "").partition(" ")[2]
        fresh = drafts.draft_of(work, token)
    return DraftBody(
        report_id=fresh.report_id,
        expires_at=fresh.expires_at,
        claim=_claim_body(fresh.claim) if fresh.claim else None,
        files=[_file_body(file, fresh.read) for file in fresh.evidence],
        reporters=len(fresh.reporters),
        told_by=[[str(way) for way in ways] for ways in fresh.told_by],
        late=late,
        own_repeats=list(repeats),
    )


def _file_body(file: Evidence, read: Mapping[Any, bool] | None = None) -> FileBody:
    return FileBody(
        sha256=file.sha256,
        kind=file.kind,
        size_bytes=file.size_bytes,
        file_name=file.file_name,
        read=read[file.sha256] if read is not None else None,
    )


def _claim_body(claim: Claim) -> SavedClaimBody:
    return SavedClaimBody(
        category=claim.category,
        kind=claim.kind,
        violated_at=claim.violated_at,
        route=claim.route,
        plate=claim.plate,
        badge=claim.badge,
        fleet_number=claim.fleet_number,
        place=claim.place,
        latitude=claim.latitude,
        longitude=claim.longitude,
        note=claim.note,
    )


def _sights(needed: SightsNeeded) -> SightsBody:
    return SightsBody(
        mode=needed.mode,
        parts=[
            _sights(part) if isinstance(part, SightsNeeded) else str(part) for part in needed.parts
        ],
    )
