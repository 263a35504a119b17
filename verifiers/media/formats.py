"""The one table of file formats, and the limits under which they are opened.

A new format is one row here, and an opener where Pillow has none: sniffing, layout, file inputs and
MIME type come from the row. What a file is, is told from its first bytes (``sniff``); its name is
only ever a claim. Standard library only: the intake asks here before a
byte is decoded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from scheme.reading import MediaKind
from verifiers.media.foreign import FOREIGN_BRANDS, kind_by_content

MIB = 1024 * 1024

HEAD_BYTES = 4096
"""How many first bytes ``sniff`` and ``admit`` want to see."""

PHOTO_BYTES = 50 * MIB
"""Chosen: phones take up to 200 MP, which at two bits a pixel are 48 MiB."""
VIDEO_BYTES = 500 * MIB
"""Chosen: five minutes at 14 Mbit a second, about what phones use for 1080p."""
FULL_DECODE_PIXELS = 50_000_000
"""A photo is decoded in full up to here; a larger JPEG at reduced scale up to
``REDUCED_DECODE_PIXELS``.
"""
REDUCED_DECODE_PIXELS = 220_000_000
"""Phones take up to 200 MP."""
JPEG_SCANS = 32
"""Chosen: libjpeg's own list for colour has ten; each one costs a pass over the picture."""
JPEG_COEFFICIENT_BYTES = 700 * MIB
"""A progressive JPEG keeps all its coefficients in memory until the last scan, at any scale."""
PHOTO_SECONDS = 20
"""A verdict on a photo stands within this time, what was read so far included; videos within
``VIDEO_SECONDS``.
"""
VIDEO_SECONDS = 60
"""Seconds within which a verdict on a video stands."""
PHOTO_DECODE_SECONDS = 14
"""The decoder's share of ``PHOTO_SECONDS``; the rest is for looking at the pixels."""
VIDEO_DECODE_SECONDS = 42
"""The same of ``VIDEO_SECONDS``."""
VIDEO_DURATION_MS = 5 * 60 * 1000
"""Later frames of a longer recording are not looked at."""
VIDEO_FRAME_PIXELS = 36_000_000
"""Frames of 8K (7680x4320) have 33 million."""
VIDEO_DECODED_PIXELS = 20_000_000_000
"""Pixels decoded in one opening of a recording, all frames together: 5 minutes of 1080p at 30
frames a second.
"""
VIDEO_PACKETS = 120_000
"""Frames that are walked: eight minutes at 240 a second."""
MOVIE_HEADER_BYTES = 64 * MIB
"""Chosen: an index of ``VIDEO_PACKETS`` frames at 20 bytes each has 2.3 MiB."""
CHILD_MEMORY_BYTES = 1536 * MIB
"""Chosen: coefficients as above, the picture in three channels, the decoders themselves."""


class Opener(StrEnum):
    """Which part opens a format: ``photo`` through Pillow, ``video`` through libav."""

    PHOTO = "photo"
    VIDEO = "video"


class Walk(StrEnum):
    """How the bytes of a format are laid out; ``verifiers.media.layout`` has a walk for each."""

    JPEG = "jpeg"
    PNG = "png"
    RIFF = "riff"
    BOXES = "boxes"


Magic: TypeAlias = tuple[tuple[int, bytes], ...]
"""``(offset, bytes)``: all of them must stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format: everything that the product knows of it, told once.

    ``suffixes`` are lower case, the usual one first; file inputs offer them. ``decoder`` is the
    opener's own name for it. ``loads`` are the modules that must be loaded before the cell closes.
    """

    name: str
    kind: MediaKind
    mime: str
    suffixes: tuple[str, ...]
    opener: Opener
    decoder: str
    walk: Walk
    max_bytes: int
    max_pixels: int
    magic: Magic = ()
    brands: frozenset[bytes] = frozenset()
    """Brands of an ISO file that are this format's, wherever they stand in its list."""
    general_brands: frozenset[bytes] = frozenset()
    """Brands that several formats share: this one's where no foreign brand stands beside."""
    major_brands: frozenset[bytes] = frozenset()
    """Brands that name this format only in the first place."""
    first_boxes: frozenset[bytes] = frozenset()
    """Boxes that an old file without brands begins with."""
    any_brand: bool = False
    """An ISO file whose brands say nothing else is taken for this format."""
    turned_by_decoder: bool = False
    """The decoder obeys the file's own turn, so that its orientation tag is done with."""
    loads: tuple[str, ...] = ()

    def begins(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` bears this format's magic."""
        parts = [head[at : at + len(mark)] == mark for at, mark in self.magic]
        return bool(parts) and all(parts)


JPEG = Format(
    name="jpeg",
    kind=MediaKind.PHOTO,
    mime="image/jpeg",
    suffixes=(".jpg", ".jpeg", ".jpe", ".jfif"),
    opener=Opener.PHOTO,
    decoder="JPEG",
    walk=Walk.JPEG,
    max_bytes=PHOTO_BYTES,
    max_pixels=REDUCED_DECODE_PIXELS,
    magic=((0, b"\xff\xd8\xff"),),
    loads=("PIL.JpegImagePlugin", "PIL.MpoImagePlugin"),
)
PNG = Format(
    name="png",
    kind=MediaKind.PHOTO,
    mime="image/png",
    suffixes=(".png",),
    opener=Opener.PHOTO,
    decoder="PNG",
    walk=Walk.PNG,
    max_bytes=PHOTO_BYTES,
    max_pixels=FULL_DECODE_PIXELS,
    magic=((0, b"\x89PNG\r\n\x1a\n"),),
    loads=("PIL.PngImagePlugin",),
)
WEBP = Format(
    name="webp",
    kind=MediaKind.PHOTO,
    mime="image/webp",
    suffixes=(".webp",),
    opener=Opener.PHOTO,
    decoder="WEBP",
    walk=Walk.RIFF,
    max_bytes=PHOTO_BYTES,
    max_pixels=FULL_DECODE_PIXELS,
    magic=((0, b"RIFF"), (8, b"WEBP")),
    loads=("PIL.WebPImagePlugin",),
)
HEIC = Format(
    name="heic",
    kind=MediaKind.PHOTO,
    mime="image/heic",
    suffixes=(".heic", ".heif", ".hif"),
    opener=Opener.PHOTO,
    decoder="HEIF",
    walk=Walk.BOXES,
    max_bytes=PHOTO_BYTES,
    max_pixels=FULL_DECODE_PIXELS,
    brands=frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}),
    general_brands=frozenset({b"mif1", b"msf1", b"mif2"}),
    turned_by_decoder=True,
)
MP4 = Format(
    name="mp4",
    kind=MediaKind.VIDEO,
    mime="video/mp4",
    suffixes=(".mp4", ".m4v", ".3gp", ".3g2"),
    opener=Opener.VIDEO,
    decoder="mov",
    walk=Walk.BOXES,
    max_bytes=VIDEO_BYTES,
    max_pixels=VIDEO_FRAME_PIXELS,
    any_brand=True,
)
MOV = Format(
    name="mov",
    kind=MediaKind.VIDEO,
    mime="video/quicktime",
    suffixes=(".mov", ".qt"),
    opener=Opener.VIDEO,
    decoder="mov",
    walk=Walk.BOXES,
    max_bytes=VIDEO_BYTES,
    max_pixels=VIDEO_FRAME_PIXELS,
    major_brands=frozenset({b"qt  "}),
    first_boxes=frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid"}),
)

FORMATS: tuple[Format, ...] = (JPEG, PNG, WEBP, HEIC, MP4, MOV)

_SHORTEST_MAGIC = 12
"""Bytes below which nothing is told from a file's beginning."""


class FileRefused(Exception):
    """A file that is not taken in at all: nothing of it is kept.

    ``code`` is stable, ``detail`` names what it is.
    """

    code = "FILE_REFUSED"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail


class EmptyFile(FileRefused):
    """No byte arrived."""

    code = "EMPTY_FILE"


class TypeMismatch(FileRefused):
    """The name claims a picture or a recording.

    The content is neither (a page, a play list, noise).
    """

    code = "TYPE_MISMATCH"


class TypeNotAllowed(FileRefused):
    """A known kind of file, but none of the table's."""

    code = "TYPE_NOT_ALLOWED"


class FileTooLarge(FileRefused):
    """More bytes than its format may have."""

    code = "FILE_TOO_LARGE"


def sniff(head: bytes) -> Format | None:
    """The format of a file beginning with ``head`` (``HEAD_BYTES`` of it); ``None`` for no row."""
    by_magic = next((known for known in FORMATS if known.begins(head)), None)
    if by_magic is not None:
        return by_magic
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if len(head) < _SHORTEST_MAGIC:
        return None
    return next((known for known in FORMATS if head[4:8] in known.first_boxes), None)


def admit(head: bytes, file_name: str, size_bytes: int | None = None) -> Format:
    """The format of a file that may come in.

    Raises ``EmptyFile``, ``TypeNotAllowed``, ``TypeMismatch`` or ``FileTooLarge``. A file too short
    to tell goes by its name: it will be found unreadable, but a person sees that it was sent.
    """
    if not head:
        raise EmptyFile
    known = sniff(head)
    if known is None:
        known = _unknown(head, file_name)
    if size_bytes is not None and size_bytes > known.max_bytes:
        raise FileTooLarge(f"{size_bytes} bytes, {known.max_bytes} allowed")
    return known


def by_suffix(file_name: str) -> Format | None:
    """The format that the name claims, if any."""
    lower = file_name.lower().strip()
    return next((known for known in FORMATS if lower.endswith(known.suffixes)), None)


def picker_names(kinds: Iterable[MediaKind]) -> str:
    """The name endings that a file input offers for ``kinds``: its ``accept``.

    Endings, not ``image/*``: Android's photo picker drops the place from photos chosen by type.
    """
    wanted = frozenset(kinds)
    endings = [ending for known in FORMATS if known.kind in wanted for ending in known.suffixes]
    return ",".join(dict.fromkeys(endings))


def _by_brand(head: bytes) -> Format | None:
    brands = _brands(head)
    major = brands[0] if brands else b""
    if _foreign(major):
        return None
    for brand in brands:
        own = next((known for known in FORMATS if brand in known.brands), None)
        if own is not None:
            return own
    shared = next((known for known in FORMATS if known.general_brands & set(brands)), None)
    if shared is not None:
        return None if any(_foreign(brand) for brand in brands) else shared
    named = next((known for known in FORMATS if major in known.major_brands), None)
    return named or next((known for known in FORMATS if known.any_brand), None)


def _foreign(brand: bytes) -> str | None:
    """What a brand stands for that no row of the table claims."""
    claimed = any(brand in known.brands for known in FORMATS)
    return None if claimed else FOREIGN_BRANDS.get(brand)


def _brands(head: bytes) -> list[bytes]:
    """Major brand first, then the compatible ones."""
    size = min(int.from_bytes(head[:4], "big"), len(head), 512)
    # A brand is four characters
    return [brand for at in (8, *range(16, size, 4)) if len(brand := head[at : at + 4]) == 4]  # noqa: PLR2004


def _unknown(head: bytes, file_name: str) -> Format:
    foreign, claimed = foreign_type(head), by_suffix(file_name)
    if foreign in ("html", "text") and claimed is not None:
        raise TypeMismatch(foreign)
    if foreign is not None:
        raise TypeNotAllowed(foreign)
    if claimed is not None and len(head) < _SHORTEST_MAGIC:
        return claimed
    raise TypeMismatch("unknown")


def foreign_type(head: bytes) -> str | None:
    """The name of a kind of file that is not in the table, told from its first bytes.

    ``None`` for one that is not recognised.
    """
    if head[4:8] == b"ftyp":
        foreign = (_foreign(brand) for brand in _brands(head))
        return next((name for name in foreign if name), "isobmff")
    return kind_by_content(head, is_whole=len(head) < HEAD_BYTES)
