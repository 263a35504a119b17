"""What would have been sent: the messages of a demo, for whoever works in it.

No real installation has this page.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.auth import require_role, runtime_of
from api.callers import caller_of
from api.pages import page_asked, render
from api.turned_away import NotHere
from pipeline.answering import providers
from scheme.staff import Account, Role

router = APIRouter(include_in_schema=False)


def _demo_here(request: Request) -> None:
    """A dependency: a demo on this very machine; everywhere else there is no such page.

    Raises NotHere.
    """
    if not (runtime_of(request).settings.demo_alone and caller_of(request).on_this_machine):
        raise NotHere


Staff = Annotated[Account, Depends(require_role(*Role))]


@router.get("/dev/outbox", dependencies=[Depends(_demo_here)])
# Asking for the account is the check
def outbox(request: Request, account: Staff) -> HTMLResponse:  # noqa: ARG001
    """The messages, newest first."""
    with runtime_of(request).read() as work:
        messages = providers.sent(work, page_asked(request))
    return render(request, "outbox.html", messages=messages)
