"""Whether the product is alive, for the supervisor and for monitoring."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from api.auth import runtime_of

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health(request: Request) -> PlainTextResponse:
    """``ok`` when the database answers; a failure is a 500."""
    with runtime_of(request).read() as work:
        now = work.now
    return PlainTextResponse(f"ok {now.isoformat(timespec='seconds')}\n", headers={"Cache-Control": "no-store"})
