"""The staff entrance: log in, log out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.auth import (
    STAFF,
    cookie_name,
    current_account,
    drop_cookie,
    local_path,
    require_role,
    runtime_of,
    set_cookie,
)
from api.callers import caller_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.pages import render, see_other
from api.problems import problem_of
from api.rates import Kind, guesses
from pipeline.staff.accounts import log_in, log_out, who
from scheme.staff import Account, Role

router = APIRouter(include_in_schema=False)

ROOMS = MappingProxyType(
    {
        Role.OPERATIONS: "/ops",
        Role.COUNTER: "/ops/counter",
        Role.FINANCE: "/fin",
        Role.ADMIN: "/staff",
        Role.AUDITOR: "/staff",
    }
)
"""Where a role works."""

COMMANDS: Mapping[Role, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        Role.ADMIN: MappingProxyType(
            {
                "accounts": ("busreport create-user", "busreport user --help"),
                "roster": ("busreport roster import", "busreport roster list"),
                "policy": ("busreport policy list", "busreport policy check"),
                "calendar": ("busreport calendar load", "busreport calendar show"),
                "standing": ("busreport init",),
            }
        ),
        Role.AUDITOR: MappingProxyType(
            {
                "audit": ("busreport verify-audit",),
                "files": ("busreport fsck",),
                "rosters": ("busreport roster list",),
            }
        ),
    }
)
"""Whose pages are still to come: what they do (``work.<WHAT>``), and by which commands."""


@router.get("/login")
# The name stands in the address
def entrance(request: Request, next: str = "") -> Response:  # noqa: A002
    """The log-in form; who is signed in already goes to their room."""
    account = current_account(request)
    if account is not None:
        return see_other(local_path(next) or ROOMS[account.role])
    return render(request, "login.html", next=local_path(next), login="")


@router.get("/staff")
def work(request: Request, account: Annotated[Account, Depends(require_role(*Role))]) -> Response:
    """Where the work of a role is that has no pages of its own yet."""
    if account.role not in COMMANDS:
        return see_other(ROOMS[account.role])
    calendar = account.role is Role.ADMIN
    return render(request, "work.html", commands=COMMANDS[account.role], calendar=calendar)


@router.post("/login")
def enter(request: Request, form: PostedForm) -> Response:
    """Check the password; a new session token every time, so none can be fixed beforehand."""
    runtime, caller = runtime_of(request), caller_of(request)
    here = caller.on_this_machine
    target, login = local_path(form.line("next")), form.line("login", 60)
    try:
        with guesses(request, Kind.LOG_IN):
            token = log_in(
                runtime,
                login,
                form.line("password", 1000),
                on_this_machine=here,
                client=caller.household,
            )
    except REFUSED as refusal:
        problem = problem_of(refusal)
        return render(
            request,
            "login.html",
            status=problem.status,
            problems=[problem],
            next=target,
            login=login,
        )
    with runtime.read() as work:
        account = who(work, token, on_this_machine=here)
    response = see_other(target or (ROOMS[account.role] if account else "/login"))
    set_cookie(response, STAFF, token, secure=runtime.settings.secure_cookies, strict=True)
    return response


@router.post("/logout")
# Asking for the form checks its token
def leave(request: Request, form: PostedForm) -> Response:  # noqa: ARG001
    """End the session in the database, then in the browser."""
    runtime = runtime_of(request)
    secure = runtime.settings.secure_cookies
    token = request.cookies.get(cookie_name(STAFF, secure=secure))
    if token:
        with runtime.write() as work:
            log_out(work, token)
    response = see_other("/login")
    drop_cookie(response, STAFF, secure=secure)
    return response
