"""What would have been sent: the sink's messages, for a demo and development on this machine only."""

from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.errors import NotHere
from api.pages import render
from pipeline import notices

router = APIRouter(include_in_schema=False)

SHOWN: Final = 100


@router.get("/dev/outbox")
def outbox(request: Request) -> HTMLResponse:
    """The latest messages. Somebody who does not sit at this machine gets the answer of a missing page."""
    runtime = runtime_of(request)
    if not (is_loopback(runtime.settings.host) and request.client and is_loopback(request.client.host)):
        raise NotHere
    with runtime.read() as work:
        messages = notices.sent(work, limit=SHOWN)
    return render(request, "outbox.html", messages=messages)


def is_loopback(host: str) -> bool:
    """Whether ``host`` names this machine to itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "testclient")
