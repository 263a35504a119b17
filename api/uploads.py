"""Files as they arrive: a multipart body is parsed while it streams in, each file in one pass.

Nothing of a file is held here but the piece that just came; the form's token must stand before the
first file (or in a header), so no stranger's byte is stored. Uploads have threads of their own:
slow senders never block the pages.
"""

import io
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final, TypeVar, cast

import anyio
from anyio import CapacityLimiter, from_thread, to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from api.auth import TOKEN_FIELD, TOKEN_HEADER, require_own_form
from api.limits import FORM_MAX_PARTS, MIB
from api.patience import Places
from api.rates import Kind, count
from api.turned_away import BodyTooLarge, MalformedBody, TooSlow

T = TypeVar("T")

SIMULTANEOUS_UPLOADS: Final = 160
"""Each holds a thread and at most half a MiB; most of them wait for a slow line."""
LONGEST_FILE_NAME: Final = 255
LONGEST_FIELD_BYTES: Final = 64 * 1024
DRAINED_BYTES: Final = 16 * MIB
"""So much more is read and thrown away after a refusal: a browser then sees the answer."""

_BIDI_AND_CONTROL = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_limiter = CapacityLimiter(2 * SIMULTANEOUS_UPLOADS)
"""Places are what is scarce; whoever lost one still needs a moment to put away what came."""


@dataclass(frozen=True, slots=True)
class ArrivingFile:
    """One file of a form, to be read once and before the next one is asked for."""

    field: str
    file_name: str
    stream: BinaryIO


async def take_files(
    request: Request,
    store: Callable[[ArrivingFile], T],
    *,
    own_form: bool = True,
    kind: Kind | None = Kind.FILE,
) -> list[T]:
    """Call ``store`` in an upload thread for every non-empty file of a multipart body.

    Return what it returned.

    ``own_form``: check the form's token first (pages); the JSON API has no cookie to steal and
    needs none. ``kind``: as what the files of a stranger are counted; staff's are not. Raises
    MalformedBody, NotOurForm, BodyTooLarge, TooMany, and whatever ``store`` raises; files before it
    stay stored.
    """
    content_type, options = parse_options_header(request.headers.get("content-type", ""))
    if content_type != b"multipart/form-data" or b"boundary" not in options:
        raise MalformedBody
    body = request.stream()

    async def next_chunk() -> bytes:
        async for chunk in body:
            if chunk:
                return chunk
        return b""

    def counted(file: ArrivingFile) -> T:
        if kind is not None:
            count(request, kind)
        return store(file)

    reader = MultipartReader(options[b"boundary"], partial(from_thread.run, next_chunk))
    token = request.headers.get(TOKEN_HEADER)
    places, pace = places_of(request), request.state.pace
    try:
        places.take(pace)
        return await to_thread.run_sync(
            _take, request, reader, counted, token, own_form, limiter=_limiter
        )
    except (ClientDisconnect, BodyTooLarge, MalformedBody, TooSlow):
        raise
    except Exception:
        await _drain(next_chunk)
        raise
    finally:
        places.leave(pace)


def places_of(request: Request) -> Places:
    """The places for uploads in this server process."""
    places: Places = request.app.state.places
    return places


def _take(
    request: Request,
    reader: "MultipartReader",
    store: Callable[[ArrivingFile], T],
    token: str | None,
    own_form: bool,  # noqa: FBT001 - run_sync hands on by position
) -> list[T]:
    stored: list[T] = []
    if token is not None and own_form:
        require_own_form(request, token)
    for part in reader.parts():
        if part.file_name is None:
            if part.name == TOKEN_FIELD and token is None:
                token = part.read_field().decode("utf-8", "replace")
                if own_form:
                    require_own_form(request, token)
            continue
        if own_form and token is None:
            require_own_form(request, "")
        if part.file_name or part.peek():  # an empty file input sends an empty part without a name
            stored.append(
                store(ArrivingFile(part.name, safe_file_name(part.file_name), part.stream()))
            )
    return stored


async def _drain(next_chunk: Callable[[], Awaitable[bytes]]) -> None:
    drained = 0
    with anyio.move_on_after(5):
        try:
            while drained < DRAINED_BYTES and (chunk := await next_chunk()):
                drained += len(chunk)
        except (ClientDisconnect, BodyTooLarge, TooSlow):
            return


def safe_file_name(name: str) -> str:
    """What the sender called the file, as text that can be shown.

    No path, no control or direction signs, not long.
    """
    last = re.split(r"[/\\]", name)[-1]
    return _BIDI_AND_CONTROL.sub("", last)[-LONGEST_FILE_NAME:] or "file"


class MultipartReader:
    """Parses a multipart body piece by piece, pulling the next one when a part needs it."""

    def __init__(self, boundary: bytes, next_chunk: Callable[[], bytes]) -> None:
        self._next_chunk = next_chunk
        self._events: deque[tuple[str, bytes]] = deque()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": lambda: self._events.append(("begin", b"")),
                    "on_header_field": self._noting("field"),
                    "on_header_value": self._noting("value"),
                    "on_header_end": lambda: self._events.append(("header", b"")),
                    "on_headers_finished": lambda: self._events.append(("headers", b"")),
                    "on_part_data": self._noting("data"),
                    "on_part_end": lambda: self._events.append(("end", b"")),
                    "on_end": lambda: self._events.append(("last", b"")),
                },
            )
        except FormParserError as problem:
            raise MalformedBody from problem

    def parts(self) -> Iterator["Part"]:
        """Every part in order; what is left of one is skipped before the next.

        Raises MalformedBody.
        """
        count = 0
        while (event := self.next_event())[0] != "last":
            if event[0] != "begin":
                raise MalformedBody
            count += 1
            if count > FORM_MAX_PARTS:
                raise MalformedBody
            part = Part(self, self._headers())
            yield part
            part.skip()

    def next_event(self) -> tuple[str, bytes]:
        """The parser's next word.

        Raises MalformedBody where the body ends before its closing boundary.
        """
        while not self._events:
            chunk = self._next_chunk()
            if not chunk:
                raise MalformedBody
            try:
                self._parser.write(chunk)
            except FormParserError as problem:
                raise MalformedBody from problem
        return self._events.popleft()

    def _headers(self) -> dict[bytes, bytes]:
        headers: dict[bytes, bytes] = {}
        field = value = b""
        while (event := self.next_event())[0] != "headers":
            if event[0] == "field":
                field += event[1]
            elif event[0] == "value":
                value += event[1]
            else:
                headers[field.lower()] = value
                field = value = b""
        return headers

    def _noting(self, kind: str) -> Callable[[bytes, int, int], None]:
        return lambda data, start, end: self._events.append((kind, data[start:end]))


class Part:
    """One part of a form: a field, or a file (``file_name`` is not None)."""

    def __init__(self, reader: MultipartReader, headers: dict[bytes, bytes]) -> None:
        disposition, options = parse_options_header(headers.get(b"content-disposition", b""))
        if disposition != b"form-data" or b"name" not in options:
            raise MalformedBody
        self.name = options[b"name"].decode("utf-8", "replace")
        named = options.get(b"filename")
        self.file_name = None if named is None else named.decode("utf-8", "replace")
        self._reader = reader
        self._ahead: bytes = b""
        self._over = False

    def peek(self) -> bytes:
        """The next piece without taking it; empty when the part is over."""
        if not self._ahead:
            self._ahead = self.next_piece()
        return self._ahead

    def next_piece(self) -> bytes:
        """The next piece of the part's content; empty when it is over."""
        if self._ahead:
            piece, self._ahead = self._ahead, b""
            return piece
        while not self._over:
            kind, data = self._reader.next_event()
            if kind == "end":
                self._over = True
            elif kind == "data" and data:
                return data
        return b""

    def read_field(self) -> bytes:
        """The whole content of a small field. Raises MalformedBody when it is none."""
        content = bytearray()
        while piece := self.next_piece():
            content += piece
            if len(content) > LONGEST_FIELD_BYTES:
                raise MalformedBody
        return bytes(content)

    def stream(self) -> BinaryIO:
        """The content as a binary stream to be read once."""
        return cast("BinaryIO", io.BufferedReader(_PartStream(self), 256 * 1024))

    def skip(self) -> None:
        """Read on to the end of the part."""
        while self.next_piece():
            pass


class _PartStream(io.RawIOBase):
    """A part's content behind the interface of a file."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]  # narrower than the stub's Buffer
        """Fill ``buffer`` with what comes next."""
        if not self._rest:
            self._rest = memoryview(self._part.next_piece())
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
