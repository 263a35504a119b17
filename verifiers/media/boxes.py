"""A small reader of ISO-BMFF and QuickTime boxes.

What MP4, MOV and HEIC say about themselves, no frame decoded.

It believes no length, count or nesting further than the file goes; what is broken is left out and
named in ``Movie.problems``.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import BinaryIO

from verifiers.media import recorders
from verifiers.media.clocks import printable
from verifiers.media.formats import MOVIE_HEADER_BYTES
from verifiers.media.protocol import MediaError

_MOST_BOXES = 20_000
"""Boxes side by side inside another: chosen, far above what a header holds."""
MOST_TOP_BOXES = 250_000
"""A recording in fragments has two boxes a fragment, and may begin one with each of the
``VIDEO_PACKETS`` that are walked; reading so many headers took 1.2 s of one core.
"""
_MOST_TEXTS = 200
"""Texts kept of one header: at most 10 in 37 real clips."""
_LONGEST_TEXT = 2_000
"""Bytes of a text that are kept: at most 36 in those clips."""
_LARGE_SIZE = 1
_UNKNOWN_DURATION = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_TKHD_V0, _TKHD_V1 = 20, 32
_MVHD_V0, _MVHD_V1 = 16, 28
"""Bytes of dates, durations and numbers in a header of either version."""
_TKHD_TO_MATRIX, _MVHD_TO_MATRIX = 16, 16
"""Bytes of volume, layer, rate and what is reserved between those and the matrix."""
_FIXED = 65536


@dataclass(frozen=True, slots=True)
class Box:
    """``start``: where the header begins, ``body``: where the content does, ``end``: past it."""

    kind: bytes
    start: int
    body: int
    end: int
    overruns: bool = False
    """The header claims more than there is; ``end`` is what there is."""


UNTURNED = (_FIXED, 0, 0, _FIXED)
"""The matrix of a picture that is shown as it is stored."""

Matrix = tuple[int, int, int, int]
"""``a b c d`` of a display matrix, 16.16 fixed point.

The point (x, y) as stored is shown at (ax + cy, bx + dy).
"""


@dataclass(frozen=True, slots=True)
class Track:
    """One track.

    ``number`` is the file's own for it; ``edits`` counts the entries of its edit list that show
    media; ``name`` is what its handler calls itself.
    """

    number: int
    handler: str
    codec: str
    matrix: Matrix
    edits: int
    timescale: int | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Movie:
    """The ``moov`` box as read.

    ``created`` is seconds since 1904 (UTC by the standard), ``None`` without ``mvhd``.
    ``recorder``: the file bears the marks of a dashcam or another camera that is no phone.
    """

    created: int | None = None
    timescale: int | None = None
    duration: int | None = None
    matrix: Matrix = UNTURNED
    """Turns every picture track, after the track's own."""
    tracks: tuple[Track, ...] = ()
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    xmp: bytes = b""
    problems: tuple[str, ...] = ()
    recorder: bool = False


def top_boxes(file: BinaryIO, size: int, most: int = MOST_TOP_BOXES) -> Iterator[Box]:
    """The boxes of a whole file of ``size`` bytes, only their headers read.

    Stops where no box can begin. Raises ``MediaError`` for more than ``most`` of them.
    """
    at = 0
    for _ in range(most):
        if at + 8 > size:
            return
        file.seek(at)
        box = _header(file.read(16), 0, at, size)
        if box is None:
            return
        yield box
        at = box.end
    if at < size:
        raise MediaError("TOO_COMPLEX", f"more than {most} boxes")


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes that stand side by side in ``data[start:end]``."""
    at, end = start, min(end, len(data))
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        box = _header(data, at, at, end)
        if box is None:
            return
        yield box
        at = box.end


def read_movie(file: BinaryIO, size: int) -> Movie:
    """What the first ``moov`` of a file says; an empty ``Movie`` when there is none."""
    movie, by_recorder = None, False
    for box in top_boxes(file, size):
        if box.kind == b"moov" and movie is None:
            file.seek(box.body)
            movie = parse_movie(file.read(min(box.end - box.body, MOVIE_HEADER_BYTES)))
        elif not by_recorder:
            by_recorder = _is_recorders(file, box)
    if movie is None:
        return Movie()
    return replace(movie, recorder=True) if by_recorder else movie


def _is_recorders(file: BinaryIO, box: Box) -> bool:
    file.seek(box.body)
    return recorders.is_box(box.kind, file.read(recorders.LONGEST_BEGIN))


def parse_movie(moov: bytes) -> Movie:
    """The same for the content of a ``moov`` box."""
    reader = _MovieReader(moov)
    reader.read()
    return Movie(
        created=reader.created,
        timescale=reader.timescale,
        duration=reader.duration,
        matrix=reader.matrix,
        tracks=tuple(reader.tracks),
        texts=MappingProxyType(reader.texts),
        xmp=reader.xmp,
        problems=tuple(dict.fromkeys(reader.problems)),
        recorder=reader.recorder,
    )


def _header(data: bytes, at: int, start: int, limit: int) -> Box | None:
    """The box whose header is ``data[at:]``.

    ``start`` is its place in the file, ``limit`` the last possible end.
    """
    if at + 8 > len(data):
        return None
    claimed, kind = struct.unpack_from(">I4s", data, at)
    body = start + 8
    if claimed == _LARGE_SIZE:
        if at + 16 > len(data):
            return None
        claimed, body = struct.unpack_from(">Q", data, at + 8)[0], start + 16
    if claimed == 0:
        claimed = limit - start
    if claimed < body - start or not all(
        0x20 <= letter < 0x7F or letter == 0xA9  # noqa: PLR2004
        for letter in kind
    ):
        return None
    end = start + claimed
    return Box(kind, start, body, min(end, limit), overruns=end > limit)


class _MovieReader:
    """Collects one ``moov``. Each broken box is noted and skipped."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.created: int | None = None
        self.timescale: int | None = None
        self.duration: int | None = None
        self.matrix = UNTURNED
        self.tracks: list[Track] = []
        self.texts: dict[str, str] = {}
        self.xmp = b""
        self.problems: list[str] = []
        self.recorder = False

    def read(self) -> None:
        for box in boxes(self.data, 0, len(self.data)):
            try:
                self._movie_box(box)
            except (struct.error, IndexError, ValueError):
                self.problems.append(f"{_name(box.kind)} is broken")

    def _movie_box(self, box: Box) -> None:
        self.recorder = self.recorder or recorders.is_box(box.kind)
        if box.kind == b"mvhd":
            self._movie_header(box)
        elif box.kind == b"trak":
            self.tracks.append(self._track(box))
        elif box.kind == b"udta":
            self._user_data(box)
        elif box.kind == b"meta":
            self._meta(box)
        elif box.kind == b"uuid" and self.data[box.body : box.body + 16] == _XMP_UUID:
            self.xmp = self.data[box.body + 16 : box.end]

    def _movie_header(self, box: Box) -> None:
        version = self.data[box.body]
        layout = ">QQIQ" if version == 1 else ">IIII"
        created, _, self.timescale, duration = struct.unpack_from(layout, self.data, box.body + 4)
        self.created = created
        self.duration = None if duration in _UNKNOWN_DURATION else duration
        if self.timescale == 0:
            self.problems.append("time scale 0")
        if duration in _UNKNOWN_DURATION:
            self.problems.append("duration unknown")
        after_times = box.body + 4 + (_MVHD_V1 if version == 1 else _MVHD_V0)
        self.matrix = self._matrix(after_times + _MVHD_TO_MATRIX)

    def _track(self, trak: Box) -> Track:
        number, handler, codec, name = 0, "", "", ""
        matrix, edits, timescale = UNTURNED, 0, None
        for box in boxes(self.data, trak.body, trak.end):
            if box.kind == b"tkhd":
                number, matrix = self._track_header(box)
            elif box.kind == b"edts":
                edits = self._edits(box)
            elif box.kind == b"mdia":
                handler, codec, name, timescale = self._media(box)
        if timescale == 0:
            self.problems.append("time scale 0")
        self.recorder = self.recorder or recorders.is_name(name)
        return Track(number, handler, codec, matrix, edits, timescale, name)

    def _track_header(self, box: Box) -> tuple[int, Matrix]:
        wide = self.data[box.body] == 1
        at = box.body + 4
        (number,) = struct.unpack_from(">I", self.data, at + (16 if wide else 8))
        after_times = at + (_TKHD_V1 if wide else _TKHD_V0)
        return number, self._matrix(after_times + _TKHD_TO_MATRIX)

    def _matrix(self, at: int) -> Matrix:
        a, b, _, c, d = struct.unpack_from(">5i", self.data, at)
        return a, b, c, d

    def _edits(self, edts: Box) -> int:
        shown = 0
        for box in boxes(self.data, edts.body, edts.end):
            if box.kind != b"elst":
                continue
            wide = self.data[box.body] == 1
            layout, step = (">qqI", 20) if wide else (">iiI", 12)
            count = min(
                int.from_bytes(self.data[box.body + 4 : box.body + 8], "big"),
                (box.end - box.body - 8) // step,
            )
            for index in range(min(count, _MOST_BOXES)):
                length, begin, rate = struct.unpack_from(
                    layout, self.data, box.body + 8 + index * step
                )
                shown += begin >= 0 and length != 0
                shown += begin >= 0 and rate != _FIXED  # another speed is an edit of its own
        return shown

    def _media(self, mdia: Box) -> tuple[str, str, str, int | None]:
        handler, codec, name, timescale = "", "", "", None
        for box in boxes(self.data, mdia.body, mdia.end):
            if box.kind == b"mdhd":
                at = box.body + 4 + (16 if self.data[box.body] == 1 else 8)
                timescale = int(struct.unpack_from(">I", self.data, at)[0])
            elif box.kind == b"hdlr":
                handler = _name(self.data[box.body + 8 : box.body + 12])
                name = printable(_text(self.data[box.body + 24 : box.end]))
            elif box.kind == b"minf":
                codec = self._codec(box)
        return handler, codec, name, timescale

    def _codec(self, minf: Box) -> str:
        for stbl in boxes(self.data, minf.body, minf.end):
            if stbl.kind != b"stbl":
                continue
            for stsd in boxes(self.data, stbl.body, stbl.end):
                if stsd.kind == b"stsd":
                    return _name(self.data[stsd.body + 12 : stsd.body + 16])
        return ""

    def _user_data(self, udta: Box) -> None:
        for box in boxes(self.data, udta.body, udta.end):
            self.recorder = self.recorder or recorders.is_box(box.kind)
            if box.kind == b"meta":
                self._meta(box)
            elif box.kind == b"XMP_":
                self.xmp = self.data[box.body : box.end]
            elif box.kind == b"loci":
                self._note("loci", self._3gpp_place(box))
            elif box.kind[:1] == b"\xa9":
                self._note(_name(box.kind), self._international_text(box))

    def _international_text(self, box: Box) -> str:
        length = int.from_bytes(self.data[box.body : box.body + 2], "big")
        start = box.body + 4
        if start + length > box.end:  # some writers leave the length out
            start, length = box.body, box.end - box.body
        return _text(self.data[start : start + length])

    def _3gpp_place(self, box: Box) -> str:
        after_name = self.data.index(0, box.body + 6, box.end) + 1
        longitude, latitude = struct.unpack_from(">ii", self.data, after_name + 1)
        return f"{latitude / _FIXED:+08.4f}{longitude / _FIXED:+09.4f}/"

    def _meta(self, meta: Box) -> None:
        # QuickTime's box has no version field, the ISO one has: the first inner box tells.
        body = (
            meta.body
            if self.data[meta.body + 4 : meta.body + 8] in (b"hdlr", b"keys")
            else meta.body + 4
        )
        keys: list[str] = []
        for box in boxes(self.data, body, meta.end):
            if box.kind == b"keys":
                keys = [
                    _text(self.data[key.body : key.end])
                    for key in boxes(self.data, box.body + 8, box.end)
                ]
            elif box.kind == b"ilst":
                self._items(box, keys)

    def _items(self, ilst: Box, keys: list[str]) -> None:
        at = ilst.body
        for _ in range(_MOST_TEXTS):
            if at + 8 > ilst.end:
                return
            size, kind = struct.unpack_from(">I4s", self.data, at)
            if size < 8:  # noqa: PLR2004 - an item's own header
                return
            number = int.from_bytes(kind, "big")
            name = keys[number - 1] if 1 <= number <= len(keys) else _name(kind)
            for data in boxes(self.data, at + 8, min(at + size, ilst.end)):
                if data.kind == b"data" and self.data[data.body + 3] in (
                    1,
                    0,
                ):  # UTF-8, or "by convention"
                    self._note(name, _text(self.data[data.body + 8 : data.end]))
            at += size

    def _note(self, name: str, text: str) -> None:
        if text and len(self.texts) < _MOST_TEXTS:
            self.texts.setdefault(name, text)


def _name(kind: bytes) -> str:
    return kind.decode("latin-1").strip("\0 ")


def _text(raw: bytes) -> str:
    return raw[:_LONGEST_TEXT].decode("utf-8", "replace").strip("\0 \r\n\t")
