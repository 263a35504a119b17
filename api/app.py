"""The web application: every audience's routes behind one set of limits, headers and refusals.

``create_app(runtime)`` for tests and the demo; ``application()`` is what the server is given by
import string.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import anyio.to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import entrance, health, outbox
from api.auth import Visits
from api.callers import Callers
from api.errors import REFUSED, is_refusal
from api.finance import routes as finance
from api.limits import ByteCap, HangUp, StrictJson
from api.operations import routes as operations
from api.pages import STATIC, render, see_other, texts_of
from api.passengers import routes as passengers
from api.patience import BodyInTime, Places
from api.problems import (
    Problem,
    log_unexpected,
    problem_of,
    problem_of_status,
    problem_of_validation,
)
from api.rates import Rates
from api.texts import language_or_default
from api.turned_away import ReporterSignedOut, SignedOut
from api.uploads import SIMULTANEOUS_UPLOADS
from pipeline.doors.tasks import current_settings, open_runtime
from pipeline.runtime import Runtime
from scheme.draft import AlreadySubmitted

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    }
)
"""On every answer; a response that sets its own (a sandboxed original) keeps it."""

PARTS: Final = (health, entrance, outbox, passengers, operations, finance)
"""Whose routes there are."""

WRITE_WAIT_S: Final = 5.0
"""How long a page or request waits for its turn to write before it is told to come again."""
THREADS: Final = 96
"""More than may wait to write at a time (``pipeline.runtime.MOST_WAITING``): the rest is always
there for reading.
"""


@asynccontextmanager
async def _with_threads(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def create_app(runtime: Runtime) -> FastAPI:
    """The application over one running product. The caller closes the runtime."""
    app = FastAPI(
        title="Paid reports of bus driving violations",
        version="1",
        description=(
            "JSON API for passengers. "
            "Errors: one stable code, a text in the language asked for (`?lang=`)."
        ),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # the page would load scripts of strangers
        redoc_url=None,
        lifespan=_with_threads,
        routes=[route for part in PARTS for route in part.router.routes],
    )
    runtime = replace(runtime, write_wait_s=WRITE_WAIT_S)
    app.state.runtime = runtime
    app.state.rates = Rates(runtime.settings.limit_factor)
    app.state.places = Places(SIMULTANEOUS_UPLOADS)
    app.state.examination = health.Examination(runtime)
    app.mount("/static", GZipMiddleware(_Assets(directory=STATIC)))
    for kind in REFUSED:
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(HTTPException, _refused_by_framework)
    app.add_exception_handler(RequestValidationError, _refused_by_model)
    # The last one added is the first one asked.
    app.add_middleware(StrictJson)
    app.add_middleware(ByteCap)
    app.add_middleware(BodyInTime)
    app.add_middleware(Visits, secure=runtime.settings.secure_cookies)
    app.add_middleware(_LastResort)
    app.add_middleware(_SecurityHeaders)
    app.add_middleware(HangUp)
    app.add_middleware(Callers, proxies=runtime.settings.proxies)
    return app


def application() -> FastAPI:
    """The server's factory: settings from the environment, one runtime, Celery as bell."""
    return create_app(open_runtime(current_settings()))


def answer_problem(request: Request, problem: Problem) -> Response:
    """A refusal as JSON for the API, as a page for people."""
    if request.url.path.startswith("/api/"):
        body = {
            "code": problem.code,
            "message": problem.text(texts_of(request)),
            "field": problem.field or None,
            "values": {name: _plain(value) for name, value in problem.values.items()},
        }
        return JSONResponse(body, status_code=problem.status, headers=dict(problem.headers))
    page = render(
        request,
        "problem.html",
        status=problem.status,
        problem=problem,
        text=problem.text(texts_of(request)),
    )
    page.headers.update(problem.headers)
    return page


def _plain(value: object) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


async def _refused(request: Request, refusal: Exception) -> Response:
    problem = problem_of(refusal)
    if request.url.path.startswith("/api/"):
        return answer_problem(request, problem)
    if isinstance(refusal, SignedOut):
        here = quote(request.url.path) if request.method in ("GET", "HEAD") else ""
        door = f"/login?next={here}" if here else "/login"
        if request.headers.get("hx-request"):
            return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": door})
        return see_other(door)
    if isinstance(refusal, AlreadySubmitted):
        return see_other(f"/r/{refusal.report_id}/done")
    if isinstance(refusal, ReporterSignedOut):
        return see_other("/s")
    return answer_problem(request, problem)


async def _refused_by_framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error).__name__)
    response = answer_problem(request, problem_of_status(error))
    response.headers.update(error.headers or {})
    return response


async def _refused_by_model(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error).__name__)
    return answer_problem(request, problem_of_validation(error))


class _LastResort:
    """Answers what nobody else did.

    A refusal raised by the limits, or a bug (500 with a reference, logged).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; when an exception comes back and nothing was sent yet, send its page."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return  # nobody is left to answer, and it is no bug
        except Exception as error:  # noqa: BLE001 - the one place where a bug becomes an answer
            request = Request(scope)
            # It may fail before a visit begins
            request.state._state.setdefault("language", language_or_default(None))  # noqa: SLF001
            request.state._state.setdefault("visitor", "")  # noqa: SLF001 - the same
            if is_refusal(error):
                problem = problem_of(error)
            else:
                reference = log_unexpected(error, _route_of(scope))
                problem = Problem(
                    HTTPStatus.INTERNAL_SERVER_ERROR, "UNEXPECTED", values={"reference": reference}
                )
            if not begun:
                await answer_problem(request, problem)(scope, receive, send)


class _SecurityHeaders:
    """Puts SECURITY_HEADERS on every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding headers to the start of the answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class _Assets(StaticFiles):
    """Files under ``/static``: an address with a content hash may be kept for a year."""

    # StaticFiles' own signature
    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        """Add the cache header."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _route_of(scope: Scope) -> str:
    """The route's template (``/r/{report_id}/check``).

    An address itself may carry what was typed.
    """
    return f"{scope['method']} {getattr(scope.get('route'), 'path', '?')}"
