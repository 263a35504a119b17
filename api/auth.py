"""Who is there: the visitor's cookie and form token, staff sessions and roles, reporters' sessions.

Cookies are HttpOnly and hold random tokens only; rights are looked up in the database on every
request, so a role that was taken away is gone with the next one. A secret code stands in no address
and no cookie.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import caller_of
from api.texts import language_or_default
from api.turned_away import NotOurForm, ReporterSignedOut, SignedOut, WrongRole
from pipeline.languages import LANGUAGES
from pipeline.runtime import Runtime
from pipeline.staff.accounts import reporter_of, who
from scheme.staff import Account, Role

VISITOR: Final = "visitor"
STAFF: Final = "staff"
REPORTER: Final = "reporter"
DRAFT: Final = "draft"
LANGUAGE: Final = "lang"
YEAR_S: Final = 365 * 86400
TOKEN_FIELD: Final = "csrf"  # noqa: S105 - the name of a field, no secret
TOKEN_HEADER: Final = "x-csrf-token"  # noqa: S105 - the same


class Visits:
    """Gives every visitor a random cookie and a language, before a page is made.

    The cookie is the root of the form token.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app, self.secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set ``request.state.visitor`` and ``.language``; send the cookies that are new."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        known = request.cookies.get(cookie_name(VISITOR, secure=self.secure), "")
        visitor = known if _looks_like_token(known) else secrets.token_urlsafe(24)
        asked = request.query_params.get("lang")
        language = language_or_default(
            asked if asked in LANGUAGES else request.cookies.get(LANGUAGE)
        )
        scope.setdefault("state", {}).update(visitor=visitor, language=language)
        fresh = Response()
        if visitor != known and not scope["path"].startswith(("/static/", "/api/", "/health")):
            set_cookie(fresh, VISITOR, visitor, secure=self.secure)
        if asked in LANGUAGES:
            keep_language(fresh, language, secure=self.secure)
        cookies = [value for name, value in fresh.raw_headers if name == b"set-cookie"]

        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for cookie in cookies:
                    headers.append("set-cookie", cookie.decode("latin-1"))
            await send(message)

        await self.app(scope, receive, with_cookies)


def keep_language(response: Response, language: str, *, secure: bool) -> None:
    """Send the cookie by which this browser reads our pages in ``language`` from now on."""
    response.set_cookie(
        LANGUAGE, language, max_age=YEAR_S, samesite="lax", secure=secure, httponly=True
    )


def has_chosen_language(request: Request) -> bool:
    """Whether this browser was ever told which language to read our pages in."""
    return request.cookies.get(LANGUAGE) in LANGUAGES


def form_token(request: Request) -> str:
    """The token that every POST form of this visitor carries.

    Nobody can make it without the visitor's cookie.
    """
    return hashlib.sha256(f"form:{request.state.visitor}".encode()).hexdigest()


def require_own_form(request: Request, token: str) -> None:
    """Raise NotOurForm unless the POST comes from one of our own pages (T17).

    Its token, and the browser's word.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = site not in ("same-origin", "none") or (
        origin is not None
        and origin != "null"
        and urlsplit(origin).netloc != request.headers.get("host")
    )
    if foreign or not hmac.compare_digest(token.encode(), form_token(request).encode()):
        raise NotOurForm


def runtime_of(request: Request) -> Runtime:
    """The running product behind this application."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def current_account(request: Request) -> Account | None:
    """The signed-in member of staff, looked up now; None without a live session."""
    token = staff_token(request)
    if not token:
        return None
    with runtime_of(request).read() as work:
        return who(work, token, on_this_machine=caller_of(request).on_this_machine)


def staff_token(request: Request) -> str:
    """The token of this browser's staff session, as it was sent; empty where none was."""
    secure = runtime_of(request).settings.secure_cookies
    return request.cookies.get(cookie_name(STAFF, secure=secure), "")


def require_role(*roles: Role) -> Callable[[Request], Account]:
    """A dependency: the signed-in account, with one of ``roles``. Raises SignedOut or WrongRole.

    ``account: Annotated[Account, Depends(require_role(Role.OPERATIONS))]``; the page's layout then
    knows who it is.
    """

    def account_with_role(request: Request) -> Account:
        account = current_account(request)
        if account is None:
            raise SignedOut
        request.state.account = account
        if account.role not in roles:
            raise WrongRole
        return account

    # the role x route test reads it
    account_with_role.roles = frozenset(roles)  # type: ignore[attr-defined]
    return account_with_role


def require_reporter(request: Request) -> str:
    """A dependency: the id of the one report that this reporter's session opens.

    Raises ReporterSignedOut.
    """
    token = reporter_token(request)
    if token:
        with runtime_of(request).read() as work:
            report_id = reporter_of(work, token)
        if report_id is not None:
            return report_id
    raise ReporterSignedOut


OwnReport = Annotated[str, Depends(require_reporter)]


def reporter_token(request: Request) -> str:
    """The token of this browser's reporter's session, as it was sent; empty where none was."""
    secure = runtime_of(request).settings.secure_cookies
    return request.cookies.get(cookie_name(REPORTER, secure=secure), "")


def cookie_name(name: str, *, secure: bool) -> str:
    """``__Host-`` in front where cookies are secure: no other host can then set it for us."""
    return f"__Host-{name}" if secure else name


def set_cookie(
    response: Response, name: str, value: str, *, secure: bool, strict: bool = False
) -> None:
    """A session cookie for the whole site.

    HttpOnly, SameSite Lax (Strict for staff), gone with the browser.
    """
    response.set_cookie(
        cookie_name(name, secure=secure),
        value,
        httponly=True,
        secure=secure,
        samesite="strict" if strict else "lax",
    )


def drop_cookie(response: Response, name: str, *, secure: bool) -> None:
    """Make the browser forget the cookie."""
    response.delete_cookie(cookie_name(name, secure=secure), httponly=True, secure=secure)


def local_path(wanted: str | None) -> str:
    """``wanted`` when it is a path on this very site, else an empty text.

    No redirect leaves the house.
    """
    if (
        not wanted
        or not wanted.startswith("/")
        or wanted.startswith(("//", "/\\"))
        or "\\" in wanted
    ):
        return ""
    return wanted if wanted.isprintable() and not urlsplit(wanted).netloc else ""


def _looks_like_token(text: str) -> bool:
    return (
        20 <= len(text) <= 64  # noqa: PLR2004
        and text.isascii()
        and text.replace("-", "").replace("_", "").isalnum()
    )
