"""Two programs on one draft: whoever saves may name what they read, and a stale one is refused.

The marks are those of the forms (``scheme.draft``), written as strong entity tags (RFC 9110, 13.1).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Response

from api.passengers.json_api.bodies import ProblemBody
from api.turned_away import ChangedSinceRead
from scheme.draft import DraftChanged

ETAG: Final = "ETag"
_TAG: Final = re.compile(r'(W/)?"([^"]*)"', re.ASCII)

SAYS_ETAG: Final[dict[str, Any]] = {
    ETAG: {
        "description": "What `If-Match` must name to save over, or submit, exactly this.",
        "schema": {"type": "string"},
    }
}
TELLS_ETAG: Final[dict[int | str, dict[str, Any]]] = {int(HTTPStatus.OK): {"headers": SAYS_ETAG}}
REFUSES_STALE: Final[dict[int | str, dict[str, Any]]] = {
    int(HTTPStatus.PRECONDITION_FAILED): {
        "model": ProblemBody,
        "description": "Somebody has changed it since it was read: read it again, compare, "
        "then save or submit with the new `ETag`.",
    }
}


def tag(mark: str) -> str:
    """A draft's mark as an entity tag."""
    return f'"{mark}"'


def tell(response: Response, mark: str) -> None:
    """Say with the answer what it shows."""
    response.headers[ETAG] = tag(mark)


def _marks_read(
    if_match: Annotated[
        str,
        Header(
            alias="If-Match",
            max_length=400,
            description="The `ETag` (or the draft's `claim_etag`, `reporters_etag`) of what was "
            "read. Without it, or with `*`, whatever is kept is saved over.",
        ),
    ] = "",
) -> tuple[str, ...] | None:
    """The marks that the request names; None for a request that saves over whatever is kept.

    A weak tag, or what is none at all, names nothing that could match.
    """
    if if_match.strip() in ("", "*"):
        return None
    return tuple(mark for weak, mark in _TAG.findall(if_match) if not weak) or ("",)


MarksRead = Annotated[tuple[str, ...] | None, Depends(_marks_read)]


def shown(marks: tuple[str, ...] | None, kept: str) -> str | None:
    """The mark that a stage is told: the kept one where the request names it among others."""
    if marks is None:
        return None
    return kept if kept in marks else marks[0]


@contextmanager
def refused_when_stale() -> Iterator[None]:
    """What a form is told as "changed elsewhere" is a failed precondition here.

    Raises ChangedSinceRead.
    """
    try:
        yield
    except DraftChanged as changed:
        raise ChangedSinceRead from changed
