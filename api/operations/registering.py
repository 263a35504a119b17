"""What the forms for a walk-in and for a letter have in common.

The claim, who reports, and the files.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, TypeVar

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.auth import TOKEN_FIELD, require_own_form, runtime_of
from api.claim_form import read_claim, typed_of
from api.forms import Posted
from api.limits import (
    FORM_MAX_PARTS,
    MOST_FILES,
    PHOTO_MAX_BYTES,
    VIDEO_MAX_BYTES,
    VIDEO_MAX_MINUTES,
)
from api.pages import policy_now
from api.texts import ZONE
from api.turned_away import BadField, BadForm, MalformedBody
from api.uploads import safe_file_name
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.file_inputs import accepted_endings
from scheme.reading import MediaKind
from scheme.report import Claim

Further = TypeVar("Further")

JOINT_ROWS: Final = 4
"""Rows of the form for people who report jointly; more of them report on the passengers' pages."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One posted form with its files, open until the answer is made."""

    form: Posted
    files: tuple[tuple[str, BinaryIO], ...]


@asynccontextmanager
async def handed_in(request: Request) -> AsyncIterator[Handed]:
    """The posted form and its files, the form's token checked. Raises MalformedBody, NotOurForm."""
    try:
        async with request.form(max_files=MOST_FILES, max_fields=FORM_MAX_PARTS) as form:
            items = form.multi_items()
            posted = _posted((name, value) for name, value in items if isinstance(value, str))
            require_own_form(request, posted.line(TOKEN_FIELD))
            files = tuple(
                (safe_file_name(file.filename or ""), file.file)
                for name, file in items
                if isinstance(file, UploadFile) and name == "file" and file.filename
            )
            yield Handed(posted, files)
    except HTTPException as problem:
        raise MalformedBody from problem


def people(form: Posted) -> list[ReporterInput]:
    """Who reports, first named first; rows that were left empty are none."""
    rows = [
        ReporterInput(*(form.line(f"reporters.{row}.{key}") for key in ("name", "phone", "email")))
        for row in range(JOINT_ROWS)
    ]
    return [rows[0], *(row for row in rows[1:] if row.name or row.phone)]


def claim_and(form: Posted, read: Callable[[Posted], Further]) -> tuple[Claim, Further]:
    """The claim, and what only this form asks; what is wrong in both is said at once.

    Raises BadField, BadForm.
    """
    claim = read_claim(form.line("category", 60), form.raw())
    try:
        further = read(form)
    except BadField as slip:
        raise BadForm((*claim.slips, slip)) from slip
    if claim.slips:
        raise BadForm(claim.slips)
    return claim.claim, further


def form_values(request: Request) -> dict[str, Any]:
    """What the form's template is filled with before anybody has typed."""
    runtime = runtime_of(request)
    policy = policy_now(request)
    return {
        "said": typed_of(None),
        "joint_rows": JOINT_ROWS,
        "categories": policy.substance.categories,
        "today": runtime.now().astimezone(ZONE).date().isoformat(),
        "accept": accepted_endings(MediaKind),
        "files_max": MOST_FILES,
        "photo_max": PHOTO_MAX_BYTES,
        "video_max": VIDEO_MAX_BYTES,
        "video_minutes": VIDEO_MAX_MINUTES,
        "consent_version": policy.procedure.consent_version,
    }


def _posted(items: Iterable[tuple[str, str]]) -> Posted:
    fields: dict[str, Sequence[str]] = {}
    for name, value in items:
        fields[name] = [*fields.get(name, ()), value]
    return Posted(fields)
