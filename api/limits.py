"""Limits before anything is parsed: bytes of a body, shape of JSON, parts of a form.

Plain ASGI, so a body is counted as it arrives and nobody holds it whole (TRUST.md section 6 E, M11,
M14).
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BeforeValidator
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.turned_away import BadJson, BodyTooLarge
from pipeline.paying.returned_lists import LIMITS

KIB, MIB = 2**10, 2**20
JSON_MAX_BYTES: Final = 64 * KIB
FORM_MAX_BYTES: Final = 256 * KIB
PHOTO_MAX_BYTES: Final = 50 * MIB
VIDEO_MAX_BYTES: Final = 500 * MIB
VIDEO_MAX_MINUTES: Final = 5
MOST_FILES: Final = 20
"""What the upload page tells beforehand; the pipeline enforces it (a test holds both together)."""
UPLOAD_MAX_BYTES: Final = VIDEO_MAX_BYTES + MIB
"""The largest file the formats allow, and a little for the form around it."""
LIST_MAX_BYTES: Final = LIMITS.file_bytes + MIB
"""The largest list that finance loads, and a little for the form around it."""
LEFT_UNREAD_BYTES: Final = 64 * KIB
"""So much of a request may stay unread behind its answer, and the connection lives on."""
TOO_LATE: Final = 408
"""The rest of such a request may come at any time, or never."""
FORM_MAX_PARTS: Final = 1000
JSON_MAX_DEPTH: Final = 20
JSON_MAX_DIGITS: Final = 18

_UPLOADS = re.compile(r"/files/?$")
_LISTS = re.compile(r"/result/?$")


def body_limit(path: str, content_type: str) -> int:
    """How many bytes a request to ``path`` may carry.

    Uploads end in ``/files``, result lists in ``/result``.
    """
    if content_type.startswith("multipart/form-data"):
        if _UPLOADS.search(path):
            return UPLOAD_MAX_BYTES
        if _LISTS.search(path):
            return LIST_MAX_BYTES
    return JSON_MAX_BYTES if path.startswith("/api/") else FORM_MAX_BYTES


def takes_files(scope: Scope) -> bool:
    """Whether the request brings files: it takes as long as its sender does."""
    multipart = header(scope, b"content-type").startswith("multipart/form-data")
    return multipart and bool(_UPLOADS.search(scope["path"]))


class ByteCap:
    """Counts a request's body and raises BodyTooLarge from ``receive``.

    A declared length is refused at once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on behind the counter."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = body_limit(scope["path"], header(scope, b"content-type"))
        declared = header(scope, b"content-length")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
            raise BodyTooLarge(limit)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge(limit)
            return message

        await self.app(scope, counted, send)


class HangUp:
    """Says ``Connection: close`` with an answer that comes before much of the request.

    Else the server reads on.

    A server alone throws away what follows an answer for as long as it comes, which may be for
    ever.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, watching how much of the body was read when the answer begins."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = header(scope, b"content-length")
        ahead = int(declared[:20]) if declared.isascii() and declared.isdigit() else 0
        over, seen = not (ahead or header(scope, b"transfer-encoding")), 0

        async def watched() -> Message:
            nonlocal over, seen
            message = await receive()
            seen += len(message.get("body", b""))
            over = over or not message.get("more_body", False)
            return message

        async def told(message: Message) -> None:
            unread = not over and (ahead - seen > LEFT_UNREAD_BYTES or not ahead)
            if message["type"] == "http.response.start" and (
                unread or message["status"] == TOO_LATE
            ):
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self.app(scope, watched, told)


class StrictJson:
    """Reads a JSON body once, refuses what is not safe (BadJson), and hands the same bytes on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body checked."""
        is_json = "json" in header(scope, b"content-type") if scope["type"] == "http" else False
        if not is_json:
            await self.app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client went away
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if body:
            strict_json(bytes(body))
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, replay, send)


def strict_json(body: bytes) -> Any:  # noqa: ANN401 - JSON is whatever was sent
    """Parse JSON that is safe to take.

    No NaN, infinities, huge numbers, doubled keys, deep nesting, NUL or lone surrogates.

    Raises BadJson with the name of the key at fault where there is one.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise BadJson("character") from problem
    if _depth(text) > JSON_MAX_DEPTH:
        raise BadJson("depth")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as problem:
        raise BadJson("syntax") from problem
    _check_characters(value, "")
    return value


def text_is_safe(text: str) -> bool:
    """Whether every store can keep the text: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _whole_number(value: object) -> object:
    """Digits only: no sign, blank, underscore or other script's digits (TRUST.md E73, E75)."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII):
        raise ValueError("not a whole number")
    return value


WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
"""A number in a path or query, strictly."""


def header(scope: Scope, name: bytes) -> str:
    """The first header ``name`` (lower case) of an ASGI scope, or an empty text."""
    for key, value in scope.get("headers", ()):
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


def _depth(text: str) -> int:
    """How deep brackets nest outside of strings."""
    deepest = depth = 0
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    for sign in bare:
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _unique(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise BadJson("duplicate_key")
    return names


def _whole(digits: str) -> int:
    if len(digits) > JSON_MAX_DIGITS:
        raise BadJson("number")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits) if len(digits) < JSON_MAX_DIGITS * 2 else math.inf
    if not math.isfinite(number):
        raise BadJson("number")
    return number


def _refuse_constant(name: str) -> float:
    raise BadJson("number", "") from ValueError(name)


def _check_characters(value: Any, name: str) -> None:  # noqa: ANN401 - JSON is whatever was sent
    if isinstance(value, str) and not text_is_safe(value):
        raise BadJson("character", name)
    if isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key, "")
            _check_characters(item, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _check_characters(item, f"{name}.{position}")
