"""The walks along a picture file's bytes, one for each ``Walk`` of the table of formats.

A walk finds where the picture ends, how large it is, and where its metadata stands. It believes no
length further than the file goes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from types import MappingProxyType

from verifiers.media.boxes import top_boxes
from verifiers.media.formats import Walk
from verifiers.media.protocol import MediaError

_MOST_SEGMENTS = 20_000
_MOST_CHUNKS = 200_000
"""Segments and chunks that are walked: at most 28 segments in 243 real photos, chosen far above."""
MOST_EMBEDDED = 16
"""Pictures and clips that may travel along: chosen."""
_EXIF_JPEG = b"Exif\0"
_XMP_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
# Fill bytes (FF FF …) before a marker need no place in it, and without them the search is 30 times
# as fast.
_JPEG_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOF = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
SOI = 0xD8
_EOI, _SOS, _TEM = 0xD9, 0xDA, 0x01
_APP1, _COM = 0xE1, 0xFE
_RST = range(0xD0, 0xD8)
_ACTIVE = re.compile(rb"<\?php|<script|<html|<!doctype html|<svg[\s>]|<iframe", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """``end`` is one past the last byte of the picture, ``None`` when the file stops before it.

    ``width``/``height`` are as stored, 0 where only the decoder knows. ``embedded`` as in
    ``MediaFacts``; ``trailing`` says what else follows the picture, ``active`` what page or program
    text stands in it.
    """

    end: int | None
    width: int = 0
    height: int = 0
    components: int = 3
    scans: int = 1
    progressive: bool = False
    exif: bytes = b""
    xmp: bytes = b""
    embedded: tuple[str, ...] = ()
    trailing: str = ""
    active: str = ""


def jpeg(data: bytes, start: int) -> Layout:
    """The JPEG that begins at ``start``; more may follow it."""
    at, found = start + 2, Layout(end=None, scans=0)
    for _ in range(_MOST_SEGMENTS):
        match = _JPEG_NEXT.search(data, at)
        if match is None:
            return found
        marker, body = data[match.end() - 1], match.end()
        if marker == _EOI:
            return replace(found, end=body)
        if marker in (SOI, _TEM) or marker in _RST:
            at = body
            continue
        length = int.from_bytes(data[body : body + 2], "big")
        if length < 2 or body + length > len(data):  # noqa: PLR2004 - a length counts itself
            return found
        found = _jpeg_segment(found, marker, data[body + 2 : body + length])
        at = body + length
    raise MediaError("TOO_COMPLEX", f"more than {_MOST_SEGMENTS} JPEG segments")


def _jpeg_segment(found: Layout, marker: int, content: bytes) -> Layout:
    if marker == _SOS:
        return replace(found, scans=found.scans + 1)
    # Precision, height, width, components
    if marker in _SOF and len(content) >= 6 and not found.width:  # noqa: PLR2004
        return replace(
            found,
            height=int.from_bytes(content[1:3], "big"),
            width=int.from_bytes(content[3:5], "big"),
            components=content[5],
            progressive=marker in _PROGRESSIVE,
        )
    if marker == _APP1 and content.startswith(_EXIF_JPEG) and not found.exif:
        return replace(found, exif=content[6:])
    if marker == _APP1 and content.startswith(_XMP_JPEG) and not found.xmp:
        return replace(found, xmp=content[len(_XMP_JPEG) :])
    if marker == _COM and (active := _ACTIVE.search(content)):
        return replace(found, active=f"comment with {active[0].decode('latin-1').strip()}")
    return found


def _png(data: bytes) -> Layout:
    at, found = 8, Layout(end=None)
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(data):
            return found
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, end = at + 8, at + 12 + length
        if end > len(data):
            return found
        if kind == b"IEND":
            return replace(found, end=end)
        found = _png_chunk(found, kind, data[body : body + length])
        at = end
    raise MediaError("TOO_COMPLEX", f"more than {_MOST_CHUNKS} PNG chunks")


def _png_chunk(found: Layout, kind: bytes, content: bytes) -> Layout:
    if kind == b"IHDR" and len(content) >= 8:  # noqa: PLR2004 - width and height
        width, height = (int.from_bytes(content[i : i + 4], "big") for i in (0, 4))
        return replace(found, width=width, height=height)
    if kind == b"eXIf":
        return replace(found, exif=content.removeprefix(b"Exif\0\0"))
    if kind == b"iTXt" and content.startswith(b"XML:com.adobe.xmp\0\0\0"):
        return replace(found, xmp=content.split(b"\0", 5)[-1])
    if kind in (b"tEXt", b"iTXt") and (active := _ACTIVE.search(content)):
        return replace(found, active=f"text with {active[0].decode('latin-1').strip()}")
    return found


def _webp(data: bytes) -> Layout:
    end = 8 + int.from_bytes(data[4:8], "little")
    end += end & 1
    found = Layout(end=end if end <= len(data) else None)
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > min(end, len(data)):
            return found
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        content = data[at + 8 : at + 8 + length]
        if kind == b"EXIF":
            found = replace(found, exif=content.removeprefix(b"Exif\0\0"))
        elif kind == b"XMP ":
            found = replace(found, xmp=content)
        elif kind == b"VP8X" and len(content) >= 10:  # noqa: PLR2004 - flags, then two 24-bit sizes
            width, height = (1 + int.from_bytes(content[i : i + 3], "little") for i in (4, 7))
            found = replace(found, width=width, height=height)
        at += 8 + length + (length & 1)
    raise MediaError("TOO_COMPLEX", f"more than {_MOST_CHUNKS} WebP chunks")


def _boxes(data: bytes) -> Layout:
    end, embedded, cut = 0, [], False
    for box in top_boxes(BytesIO(data), len(data)):
        if end and box.kind == b"ftyp":  # a second file begins: the tail's business
            break
        cut = box.overruns
        end = box.end
        if box.kind == b"mpvd":
            embedded.append(clip_name(box.body, box.end))
    return Layout(end=None if cut or not end else end, embedded=tuple(embedded[:MOST_EMBEDDED]))


def clip_name(start: int, end: int) -> str:
    """How a clip that travels along is named in ``MediaFacts.embedded``."""
    return f"motion_photo_mp4@{start}+{end - start}"


def _whole_jpeg(data: bytes) -> Layout:
    return jpeg(data, 0)


WALKS: Mapping[Walk, Callable[[bytes], Layout]] = MappingProxyType(
    {Walk.JPEG: _whole_jpeg, Walk.PNG: _png, Walk.RIFF: _webp, Walk.BOXES: _boxes}
)
"""A format names its walk; one without is a mistake in the table, never a guess."""
