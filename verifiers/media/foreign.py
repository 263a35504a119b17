"""Kinds of files that are refused by name: what strangers send that is no photo or recording.

Nothing here is opened; a name is told from the first bytes, so that a person hears what it was.
"""

import re

FOREIGN_BRANDS = {
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
_SHORTEST_TEXT = 12
"""Bytes: anything shorter may look like text by accident. Chosen, not measured."""
_MOSTLY = 0.98
"""Share of printable characters from which bytes count as text: pages hold a stray control."""


def kind_by_content(head: bytes, *, is_whole: bool) -> str | None:
    """What a file that begins with ``head`` is, by its magic or as text; ``None``: not known.

    ``is_whole``: nothing follows ``head``.
    """
    for at, magic, name in _FOREIGN_MAGIC:
        if head[at : at + len(magic)] == magic:
            return name
    return _text_type(head, is_whole=is_whole)


def _text_type(head: bytes, *, is_whole: bool) -> str | None:
    # The mark itself
    if head.startswith((b"\xfe\xff", b"\xff\xfe")) and len(head) > 2:  # noqa: PLR2004
        head = head.decode("utf-16", "replace").encode()
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "svg" if _SVG.search(text) else "html"
    if text.startswith((b"#EXTM3U", b"ffconcat", b"file ")):
        return "text"
    return "text" if len(head) >= _SHORTEST_TEXT and _is_plain(head, is_whole=is_whole) else None


def _is_plain(head: bytes, *, is_whole: bool) -> bool:
    """Whether nearly all of it is text of some language, in UTF-8."""
    try:
        # A cut UTF-8 character at the end of the head is no sign of binary data.
        decoded = head.decode() if is_whole else head[:-4].decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return False
    # Past the C1 controls
    plain = sum(ord(letter) in _TEXT_BYTES or ord(letter) > 0xA0 for letter in decoded)  # noqa: PLR2004
    return plain >= _MOSTLY * len(decoded) and len(decoded) > len(head) // 4
