"""A refusal as a page or a JSON body shows it: the text that says what to do, and the field.

A bug is logged without a word of its message, and the visitor gets a reference.
"""

import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as column
from datetime import date, datetime
from email.utils import format_datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.errors import REFUSALS
from api.texts import Texts
from api.turned_away import BadField, BadForm
from pipeline.store.storage import StorageFull, takes_nothing
from scheme.money import Fen, yuan
from scheme.patience import Wait
from scheme.submission import (
    ClaimIncomplete,
)

LOG = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal as a page or a JSON body shows it."""

    status: HTTPStatus
    code: str
    field: str = ""
    values: Mapping[str, object] = column(default_factory=lambda: MappingProxyType({}))
    variant: str = ""
    retry_after: str = ""
    """When to come again, as ``Retry-After`` says it; empty where waiting does not help."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What an answer with this problem carries."""
        return {"Retry-After": self.retry_after} if self.retry_after else {}

    def text(self, texts: Texts) -> str:
        """What happened and what to do, in the visitor's language."""
        values = {name: _shown(name, value, texts) for name, value in self.values.items()}
        return texts.t(
            f"error.{self.code}.{self.variant}" if self.variant else f"error.{self.code}", **values
        )


def problems_of(refusal: Exception) -> tuple[Problem, ...]:
    """What a form shows for ``refusal``: one problem a field.

    Raises KeyError for a class without a row.
    """
    if isinstance(refusal, OSError) and takes_nothing(refusal):
        refusal = StorageFull()
    if isinstance(refusal, BadForm):
        return tuple(problem for one in refusal.refusals for problem in problems_of(one))
    if isinstance(refusal, BadField):
        return (Problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code, refusal.field),)
    row = next((REFUSALS[kind] for kind in type(refusal).__mro__ if kind in REFUSALS), None)
    if row is None:
        raise KeyError(type(refusal).__name__)
    if isinstance(refusal, ClaimIncomplete):
        return tuple(Problem(row.status, row.code, name, variant=name) for name in refusal.fields)
    name = row.field.format_map(vars(refusal)) if row.field else str(getattr(refusal, "field", ""))
    values = {shown: getattr(refusal, shown) for shown in row.shown}
    variant = str(getattr(refusal, row.variant)) if row.variant else ""
    return (Problem(row.status, row.code, name, values, variant, _retry_after(refusal)),)


def _retry_after(refusal: Exception) -> str:
    """Seconds, or the instant, from which on another try makes sense."""
    until = getattr(refusal, "until", None) if isinstance(refusal, Wait) else None
    return (
        format_datetime(until, usegmt=True) if until else str(getattr(refusal, "retry_after_s", ""))
    )


def problem_of(refusal: Exception) -> Problem:
    """The first of ``problems_of``: what a JSON answer or a page of its own shows."""
    return problems_of(refusal)[0]


def problem_of_status(error: HTTPException) -> Problem:
    """What the framework refuses by itself (unknown path, wrong method) in the same words."""
    status = HTTPStatus(error.status_code)
    known = {HTTPStatus.NOT_FOUND: "NOT_FOUND", HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED"}
    return Problem(status, known.get(status, "BAD_REQUEST"))


def problem_of_validation(error: RequestValidationError) -> Problem:
    """The first field that does not fit the API's model.

    Its name only, the value is never echoed.
    """
    first: Mapping[str, Any] = next(iter(error.errors()), {})
    place = [
        str(part)
        for part in first.get("loc", ())
        if part not in ("body", "query", "path", "header")
    ]
    missing = first.get("type") == "missing"
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "FIELD_MISSING" if missing else "FIELD_INVALID",
        ".".join(place),
    )


def log_unexpected(error: BaseException, route: str) -> str:
    """Log a bug without a word of its message (messages carry values).

    Return the reference shown to the visitor.
    """
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    LOG.error(
        "unexpected",
        reference=reference,
        route=route,
        error=type(error).__name__,
        at=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    )
    return reference


def _shown(name: str, value: object, texts: Texts) -> object:
    """A value for people: instants as wall-clock time, days with weekday, bytes as sizes."""
    if isinstance(value, datetime):
        return texts.when(value)
    if isinstance(value, date):
        return texts.day(value)
    if name.endswith("_fen") and isinstance(value, int):
        return yuan(Fen(value))
    if name.endswith("_bytes") and isinstance(value, int):
        return texts.size(value)
    return "–" if value is None else value
