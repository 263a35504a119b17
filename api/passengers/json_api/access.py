"""Who asks: a draft's key or a report's session token, as ``Authorization: Bearer …``.

No cookie is read here, so there is nothing for another site to ride on.
"""

from http import HTTPStatus
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.auth import runtime_of
from api.passengers.json_api.bodies import ProblemBody
from api.turned_away import NotHere, ReporterSignedOut
from pipeline.receiving import drafts
from pipeline.receiving.drafts import Draft
from pipeline.staff import accounts
from scheme.draft import AlreadySubmitted

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
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Too many (wrong) attempts; `Retry-After` says when to come again."
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: "A bug; the message carries a reference.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too much at a time; `Retry-After` says when to come again.",
    HTTPStatus.INSUFFICIENT_STORAGE: "Storage is full; the draft is safe.",
}


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    int(status): {"model": ProblemBody, "description": why} for status, why in _WHY.items()
}


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


class Submission(NamedTuple):
    """What is to be submitted: the key that opens it, and its mark where it is a draft yet."""

    key: str
    mark: str


def own_submission(request: Request, report_id: str, token: Token) -> Submission:
    """A dependency: the draft in the address, or what this became, when the key opens it."""
    try:
        mark = own_draft(request, report_id, token).mark
    except AlreadySubmitted as submitted:
        if submitted.report_id != report_id:
            raise NotHere from submitted
        mark = ""
    return Submission(token, mark)


def own_report(request: Request, token: Token) -> str:
    """A dependency: the report that the session token in the header opens."""
    with runtime_of(request).read() as work:
        report_id = accounts.reporter_of(work, token) if token else None
    if report_id is None:
        raise ReporterSignedOut
    return report_id


OwnDraft = Annotated[Draft, Depends(own_draft)]


OwnSubmission = Annotated[Submission, Depends(own_submission)]


OwnReport = Annotated[str, Depends(own_report)]
