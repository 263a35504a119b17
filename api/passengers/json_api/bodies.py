"""What goes in and comes out as JSON, and how the nouns of the scheme are written in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from api.passengers.json_api.codes import CODES
from scheme.policy import SightsNeeded
from scheme.reading import Sha256
from scheme.report import Evidence

LONGEST: Final = 200


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


class _Told(BaseModel):
    """What is told is read off the noun it tells of, by the names of its fields."""

    model_config = ConfigDict(from_attributes=True)


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
    """The declaration: that it is true, and that the data may be used as the notice says."""

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


class FileBody(_Told):
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


class SavedClaimBody(_Told):
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
    claim_etag: str = Field(description="What `If-Match` must name to save over this claim.")
    files: list[FileBody]
    reporters: int = Field(description="How many reporters are named.")
    reporters_etag: str = Field(
        description="What `If-Match` must name to save over these reporters."
    )
    told_by: list[list[str]] = Field(
        description="For each reporter, how they will be told: sms, email, or call where "
        "nothing can be sent."
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


class ReceiptBody(_Told):
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


class StepBody(_Told):
    """One step of the report's way."""

    code: str
    at: datetime


class AnswerBody(_Told):
    """The answer to one's own report."""

    verdict: str
    reasons: list[str]
    note: str
    entitlement: str
    answered_at: datetime
    changed: bool


class ShareBody(_Told):
    """One reporter's part of the reward."""

    position: int
    amount_fen: int
    state: str
    collect_by: datetime | None


class ReportBody(_Told):
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
    asked_sights: list[str] = Field(
        description="What of the violation is to be seen in what is asked for."
    )
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


def draft_file_body(file: Evidence, read: Mapping[Sha256, bool]) -> FileBody:
    """A file of a draft; ``read`` says of each whether it was read."""
    return FileBody.model_validate(file).model_copy(update={"read": read[file.sha256]})


def sights_body(needed: SightsNeeded) -> SightsBody:
    """What must be seen, as an expression."""
    return SightsBody(
        mode=needed.mode,
        parts=[
            sights_body(part) if isinstance(part, SightsNeeded) else str(part)
            for part in needed.parts
        ],
    )
