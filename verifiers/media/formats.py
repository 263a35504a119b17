"""The one table of file formats, and the limits under which they are opened.

A new format is one row here and its opener. What a file is, is told from its first bytes
(``sniff``); its name is only ever a claim. Standard library only: the intake asks here before a
byte is decoded.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from scheme.reading import MediaKind

MIB = 1024 * 1024

HEAD_BYTES = 4096
"""How many first bytes ``sniff`` and ``admit`` want to see."""

PHOTO_BYTES = 50 * MIB
VIDEO_BYTES = 500 * MIB
FULL_DECODE_PIXELS = 50_000_000
"""A photo is decoded in full up to here; a larger JPEG at reduced scale up to
``REDUCED_DECODE_PIXELS``.
"""
REDUCED_DECODE_PIXELS = 220_000_000
JPEG_SCANS = 32
JPEG_COEFFICIENT_BYTES = 700 * MIB
"""A progressive JPEG keeps all its coefficients in memory until the last scan, at any scale."""
PHOTO_SECONDS = 20
"""A verdict on a photo stands within this time, what was read so far included; videos within
``VIDEO_SECONDS``.
"""
VIDEO_SECONDS = 60
PHOTO_DECODE_SECONDS = 14
"""The decoder's share of ``PHOTO_SECONDS``; the rest is for looking at the pixels."""
VIDEO_DECODE_SECONDS = 42
VIDEO_DURATION_MS = 5 * 60 * 1000
"""Later frames of a longer recording are not looked at."""
VIDEO_FRAME_PIXELS = 36_000_000
VIDEO_DECODED_PIXELS = 20_000_000_000
"""Pixels decoded in one opening of a recording, all frames together: 5 minutes of 1080p at 30
frames a second.
"""
VIDEO_PACKETS = 120_000
MOVIE_HEADER_BYTES = 64 * MIB
CHILD_MEMORY_BYTES = 1536 * MIB


class Opener(StrEnum):
    """Which part opens a format: ``photo`` through Pillow, ``video`` through libav."""

    PHOTO = "photo"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Format:
    """One format: ``decoder`` is the opener's own name for it.

    ``suffixes`` are lower case, the usual one first.
    """

    name: str
    kind: MediaKind
    mime: str
    suffixes: tuple[str, ...]
    opener: Opener
    decoder: str
    max_bytes: int
    max_pixels: int


def _photo(
    name: str, suffixes: tuple[str, ...], decoder: str, pixels: int = FULL_DECODE_PIXELS
) -> Format:
    return Format(
        name, MediaKind.PHOTO, f"image/{name}", suffixes, Opener.PHOTO, decoder, PHOTO_BYTES, pixels
    )


def _video(name: str, mime: str, suffixes: tuple[str, ...]) -> Format:
    return Format(
        name, MediaKind.VIDEO, mime, suffixes, Opener.VIDEO, "mov", VIDEO_BYTES, VIDEO_FRAME_PIXELS
    )


JPEG = _photo("jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG", REDUCED_DECODE_PIXELS)
PNG = _photo("png", (".png",), "PNG")
WEBP = _photo("webp", (".webp",), "WEBP")
HEIC = _photo("heic", (".heic", ".heif", ".hif"), "HEIF")
MP4 = _video("mp4", "video/mp4", (".mp4", ".m4v", ".3gp", ".3g2"))
MOV = _video("mov", "video/quicktime", (".mov", ".qt"))

FORMATS: tuple[Format, ...] = (JPEG, PNG, WEBP, HEIC, MP4, MOV)

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1", b"mif2"})
_FOREIGN_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"vvic": "heif-vvc",
    b"avci": "heif-avc",
    b"jpeg": "heif-jpeg",
    b"j2ki": "heif-jpeg2000",
    b"mif3": "heif-mini",
    b"crx ": "cr3",
    b"jp2 ": "jpeg2000",
    b"jpx ": "jpeg2000",
    b"jxl ": "jpegxl",
    b"M4A ": "m4a",
    b"M4B ": "m4a",
    b"M4P ": "m4a",
}
_MOVIE_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid"})

_FOREIGN_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "gif"),
    (0, b"BM", "bmp"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"IIU\0", "rw2"),
    (0, b"IIRO", "orf"),
    (0, b"IIRS", "orf"),
    (6, b"HEAPCCDR", "crw"),
    (0, b"FUJIFILMCCD-RAW", "raf"),
    (0, b"\0MRM", "mrw"),
    (0, b"FOVb", "x3f"),
    (0, b"\xff\x01Exiv2", "exv"),
    (0, b"%PDF", "pdf"),
    (0, b"%!PS", "eps"),
    (0, b"\xc5\xd0\xd3\xc6", "eps"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"Rar!", "rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"(\xb5/\xfd", "zstd"),
    (8, b"AVI ", "avi"),
    (8, b"WAVE", "wav"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"\xff\x4f\xff\x51", "jpeg2000"),
    (0, b"\0\0\0\x0cjP  ", "jpeg2000"),
    (0, b"\xff\x0a", "jpegxl"),
    (0, b"\0\0\0\x0cJXL ", "jpegxl"),
    (0, b"8BPS", "psd"),
    (0, b"\0\0\x01\0", "ico"),
    (0, b"FLV\x01", "flv"),
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"ID3", "mp3"),
    (0, b"\0\0\x01\xba", "mpeg"),
    (0, b"\0\0\x01\xb3", "mpeg"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "asf"),
    (0, b"PGF", "pgf"),
    (0, b"gimp xcf", "xcf"),
    (0, b"SIMPLE  =", "fits"),
    (0, b"MZ", "executable"),
    (0, b"\x7fELF", "executable"),
    (0, b"SQLite format 3", "sqlite"),
)
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_TEXT_BYTES = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0C, 0x0D, 0x1B}
_SHORTEST_MAGIC = 12


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
    """The format that a file beginning with ``head`` (``HEAD_BYTES`` of it) has; ``None``.

    None of the table's.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if len(head) >= _SHORTEST_MAGIC and head[4:8] in _MOVIE_BOXES:
        return MOV
    return None


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


def _by_brand(head: bytes) -> Format | None:
    brands = _brands(head)
    if brands and brands[0] in _FOREIGN_BRANDS:
        return None
    if any(brand in _HEIC_BRANDS for brand in brands):
        return HEIC
    if any(brand in _HEIF_BRANDS for brand in brands):
        return None if any(brand in _FOREIGN_BRANDS for brand in brands) else HEIC
    return MOV if brands and brands[0] == b"qt  " else MP4


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
    """The name of a kind of file that is not in the table, told from its first bytes; ``None``.

    Not recognised.
    """
    if head[4:8] == b"ftyp":
        return next(
            (_FOREIGN_BRANDS[brand] for brand in _brands(head) if brand in _FOREIGN_BRANDS),
            "isobmff",
        )
    for at, magic, name in _FOREIGN_MAGIC:
        if head[at : at + len(magic)] == magic:
            return name
    return _text_type(head)


def _text_type(head: bytes) -> str | None:
    # The mark itself
    if head.startswith((b"\xfe\xff", b"\xff\xfe")) and len(head) > 2:  # noqa: PLR2004
        head = head.decode("utf-16", "replace").encode()
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "svg" if _SVG.search(text) else "html"
    if text.startswith((b"#EXTM3U", b"ffconcat", b"file ")):
        return "text"
    try:
        # A cut UTF-8 character at the end of the head is no sign of binary data.
        decoded = (
            head.decode("utf-8", "strict")
            if len(head) < HEAD_BYTES
            else head[:-4].decode("utf-8", "ignore")
        )
    except UnicodeDecodeError:
        return None
    # Past the C1 controls
    plain = sum(ord(letter) in _TEXT_BYTES or ord(letter) > 0xA0 for letter in decoded)  # noqa: PLR2004
    enough = len(head) >= _SHORTEST_MAGIC
    return (
        "text"
        if enough and plain >= 0.98 * len(decoded) and len(decoded) > len(head) // 4
        else None
    )
