"""How the bytes of a picture file are laid out.

Where the picture ends, what stands before, inside and after it.

No pixel is decoded here. This is what lets a bomb be refused before it is opened, a cut file be
told from a whole one, and the clip of a Motion Photo from something glued on.
"""

import re
from dataclasses import dataclass, field, replace
from io import BytesIO

from verifiers.media.boxes import top_boxes
from verifiers.media.formats import HEIC, JPEG, PNG, Format
from verifiers.media.protocol import MediaError

_MOST_SEGMENTS = 20_000
_MOST_CHUNKS = 200_000
_MOST_EMBEDDED = 16
_MOST_PADDING = 64 * 1024
_HARMLESS_REST = 16
"""A few stray bytes are a sloppy writer, not a hidden file."""
_EXIF_JPEG = b"Exif\0"
_XMP_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
# Fill bytes (FF FF …) before a marker need no place in it, and without them the search is 30 times
# as fast.
_JPEG_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOF = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_APP1, _COM = 0xE1, 0xFE
_RST = range(0xD0, 0xD8)
_ACTIVE = re.compile(rb"<\?php|<script|<html|<!doctype html|<svg[\s>]|<iframe", re.IGNORECASE)
_SAMSUNG_MARK = b"MotionPhoto_Data"
_HUAWEI_TAIL = re.compile(rb"^v\d_f\d+[\s\S]{0,40}LIVE_\d+\s*$|^LIVE_\d+\s*$")
_MOVIE_KINDS = frozenset(
    {
        b"ftyp",
        b"moov",
        b"mdat",
        b"free",
        b"skip",
        b"wide",
        b"uuid",
        b"moof",
        b"mfra",
        b"sidx",
        b"udta",
    }
)


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


def layout_of(data: bytes, known: Format) -> Layout:
    """The layout of the photo ``data`` of format ``known``.

    Raises ``MediaError`` for what is no such file at all.
    """
    if known is JPEG:
        layout = _jpeg(data, 0)
    elif known is PNG:
        layout = _png(data)
    elif known is HEIC:
        layout = _heic(data)
    else:
        layout = _webp(data)
    if layout.end is None:
        return layout
    tail = _Tail(data, layout.end)
    tail.read()
    return replace(layout, embedded=(*layout.embedded, *tail.embedded), trailing=tail.trailing)


def _jpeg(data: bytes, start: int) -> Layout:
    at, found = start + 2, Layout(end=None, scans=0)
    for _ in range(_MOST_SEGMENTS):
        match = _JPEG_NEXT.search(data, at)
        if match is None:
            return found
        marker, body = data[match.end() - 1], match.end()
        if marker == _EOI:
            return replace(found, end=body)
        if marker in (_SOI, _TEM) or marker in _RST:
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


def _heic(data: bytes) -> Layout:
    end, embedded, cut = 0, [], False
    for box in top_boxes(BytesIO(data), len(data)):
        if end and box.kind == b"ftyp":  # a second file begins: the tail's business
            break
        cut = box.overruns
        end = box.end
        if box.kind == b"mpvd":
            embedded.append(_clip_name(box.body, box.end))
    return Layout(end=None if cut or not end else end, embedded=tuple(embedded[:_MOST_EMBEDDED]))


def _clip_name(start: int, end: int) -> str:
    return f"motion_photo_mp4@{start}+{end - start}"


@dataclass(slots=True)
class _Tail:
    """Reads what follows the picture, piece by piece, until something no camera writes."""

    data: bytes
    at: int
    embedded: list[str] = field(default_factory=list)
    trailing: str = ""

    def read(self) -> None:
        stop = self._samsung_trailer()
        for _ in range(_MOST_EMBEDDED):
            padding = self._skip_padding(stop)
            if padding > _MOST_PADDING:
                self.trailing = f"{padding} bytes of padding"
                return
            if self.at >= stop:
                return
            if not self._piece(stop):
                break
        rest = bytes(self.data[self.at : self.at + 64])
        if stop - self.at > _HARMLESS_REST and not _HUAWEI_TAIL.match(
            self.data[self.at : stop][:100]
        ):
            self.trailing = f"{stop - self.at} bytes at {self.at}: {rest[:8].hex()}"

    def _skip_padding(self, stop: int) -> int:
        begin = self.at
        while self.at < stop:
            block = self.data[self.at : min(self.at + 4096, stop)]
            left = block.lstrip(b"\0\xff\n\r ")
            # FF may be the beginning of a further JPEG: give it back.
            if left and left[0] == _SOI and len(left) < len(block):
                left = b"\xff" + left
            # A box begins with the high bytes of its length, which look like padding.
            # The length before it
            if (box := block.find(b"ftyp")) >= 4 and len(block) - len(left) > box - 4:  # noqa: PLR2004
                left = block[box - 4 :]
            self.at += len(block) - len(left)
            if left:
                break
        return self.at - begin

    def _piece(self, stop: int) -> bool:
        data, at = self.data, self.at
        if data.startswith(_SAMSUNG_MARK, at):
            self.at += len(_SAMSUNG_MARK)
            return True
        if data.startswith(b"\xff\xd8\xff", at):
            inner = _jpeg(data, at)
            if inner.end is None or inner.scans == 0:
                return False
            self.embedded.append(f"jpeg@{at}+{inner.end - at}")
            self.at = inner.end
            return True
        if data[at + 4 : at + 8] == b"ftyp":
            return self._clip(stop)
        return False

    def _clip(self, stop: int) -> bool:
        end, kinds = self.at, set()
        for box in top_boxes(BytesIO(self.data[self.at : stop]), stop - self.at):
            if (
                box.kind not in _MOVIE_KINDS
                or box.overruns
                or (end > self.at and box.kind == b"ftyp")
            ):
                break
            kinds.add(box.kind)
            end = self.at + box.end
        if b"moov" not in kinds:
            return False
        self.embedded.append(_clip_name(self.at, end))
        self.at = end
        return True

    def _samsung_trailer(self) -> int:
        """Samsung's SEF directory at the very end.

        Returns where its blocks begin (else the end of the file).
        """
        data, size = self.data, len(self.data)
        if data[-4:] != b"SEFT" or size - self.at < 20:  # noqa: PLR2004 - the smallest directory
            return size
        directory = size - 8 - int.from_bytes(data[-8:-4], "little")
        if directory < self.at or data[directory : directory + 4] != b"SEFH":
            return size
        count = min(int.from_bytes(data[directory + 8 : directory + 12], "little"), 200)
        begin = directory
        for entry in range(directory + 12, min(directory + 12 + 12 * count, size - 11), 12):
            back, length = (
                int.from_bytes(data[entry + i : entry + i + 4], "little") for i in (4, 8)
            )
            block = directory - back
            if block < self.at or length > back:
                return size
            begin = min(begin, block)
            self._samsung_block(block, block + length)
        return begin

    def _samsung_block(self, start: int, end: int) -> None:
        name_end = start + 8 + min(int.from_bytes(self.data[start + 4 : start + 8], "little"), 100)
        if (
            self.data[start + 8 : name_end] == _SAMSUNG_MARK
            and self.data[name_end + 4 : name_end + 8] == b"ftyp"
        ):
            self.embedded.append(_clip_name(name_end, end))
