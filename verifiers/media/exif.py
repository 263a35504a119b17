"""EXIF as two libraries read it: one mapping of values by the standard's names.

exifread reads first; Pillow reads what exifread misses. Both fail on real files in ways of their
own, and some streams would keep them busy for ever: the directories are walked before either may
look.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Literal

import exifread
from PIL import ExifTags, Image

# It complains about strangers' files at length.
logging.getLogger("exifread").setLevel(logging.CRITICAL)

MOST_BYTES = 4 * 1024 * 1024
"""An EXIF stream is looked at this far: the largest of 243 real photos has 52 kB."""

_MOST_ENTRIES = 1000
"""Entries of one directory: at most 155 in those photos."""
_MOST_DIRECTORIES = 32
"""Directories of one stream: at most 4 in those photos."""
_ByteOrder = Literal["little", "big"]
_BYTE_ORDERS: Mapping[bytes, _ByteOrder] = MappingProxyType({b"II": "little", b"MM": "big"})
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_MAKER_NOTE = 0x927C
_VALUE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of one value of each of TIFF's types."""
_USER_COMMENT = (b"\x92\x86\x00\x07", b"\x86\x92\x07\x00")
"""How its entry begins in either byte order: the tag, then its type."""
_CHARSET_BYTES = 8
"""Of a ``UserComment``, before its text."""
_IFD_NAMES = frozenset({"Image", "EXIF", "GPS"})

Values = Mapping[str, object]
"""Tag name -> value as the library gave it: text, number, bytes, or several of them."""


def read_exif(exif: bytes) -> tuple[Values, str]:
    """``(values, trouble)`` of a TIFF stream: ``trouble`` says why values may be missing."""
    exif = exif[:MOST_BYTES]
    values: dict[str, object] = {}
    trouble = exif_damage(exif)
    if not trouble:
        try:
            values = _by_exifread(exif)
        # It raises IndexError, AssertionError, UnicodeDecodeError, struct.error and more on real
        # files.
        except Exception as error:  # noqa: BLE001
            trouble = f"exifread: {type(error).__name__}"
    if "DateTimeOriginal" not in values or _has_comment(exif):
        try:
            values = _by_pillow(exif) | values
        except Exception as error:  # noqa: BLE001 - as above
            trouble = trouble or f"Pillow: {type(error).__name__}"
    return values, trouble


def _has_comment(exif: bytes) -> bool:
    """Whether there may be a ``UserComment``, which exifread leaves out unless asked for all."""
    return any(tag in exif for tag in _USER_COMMENT)


def exif_damage(
    exif: bytes, most_directories: int = _MOST_DIRECTORIES, most_entries: int = _MOST_ENTRIES
) -> str:
    """What is wrong with a TIFF stream's directories (loops, counts beyond the stream).

    Empty when they are sound.
    """
    order = _BYTE_ORDERS.get(exif[:2])
    if order is None or len(exif) < 8:  # noqa: PLR2004 - a TIFF header
        return "no TIFF header"
    reader = _Directories(exif, order, most_directories, most_entries)
    return reader.damage(int.from_bytes(exif[4:8], reader.order))


class _Directories:
    """Walks EXIF's directories without keeping a value."""

    def __init__(
        self, exif: bytes, order: _ByteOrder, most_directories: int, most_entries: int
    ) -> None:
        self.exif, self.order = exif, order
        self.most_directories, self.most_entries = most_directories, most_entries
        self.seen: set[int] = set()

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.exif[at : at + size], self.order)

    def damage(self, first: int) -> str:
        waiting, chained = [first], {first}
        while waiting:
            at = waiting.pop()
            if at in self.seen:
                return "directories run in a circle"
            if len(self.seen) >= self.most_directories:
                return "too many directories"
            self.seen.add(at)
            count = self.number(at, 2)
            # Past the TIFF header
            if at < 8 or at + 2 + count * 12 > len(self.exif):  # noqa: PLR2004
                return "a directory lies outside"
            if count > self.most_entries:
                return f"{count} entries in one directory"
            for entry in range(at + 2, at + 2 + count * 12, 12):
                wrong = self._entry(entry, waiting)
                if wrong:
                    return wrong
            following = self.number(at + 2 + count * 12, 4)
            # Only the main chain has a next one; others keep anything there.
            if following and at in chained:
                waiting.append(following)
                chained.add(following)
        return ""

    def _entry(self, entry: int, waiting: list[int]) -> str:
        tag, kind, count = (
            self.number(entry, 2),
            self.number(entry + 2, 2),
            self.number(entry + 4, 4),
        )
        size = _VALUE_SIZES.get(kind, 1) * count
        if tag in (_EXIF_POINTER, _GPS_POINTER):
            waiting.append(self.number(entry + 8, 4))
        elif size > len(self.exif):
            return f"tag {tag:#06x} claims {size} bytes"
        # Kept in place
        elif size > 4 and tag != _MAKER_NOTE and self.number(entry + 8, 4) + size > len(self.exif):  # noqa: PLR2004
            return f"tag {tag:#06x} lies outside"
        return ""


def _by_exifread(exif: bytes) -> dict[str, object]:
    tags = exifread.process_file(BytesIO(exif), details=False, extract_thumbnail=False)
    values: dict[str, object] = {}
    for name, tag in tags.items():
        directory, _, key = name.partition(" ")
        if directory in _IFD_NAMES and hasattr(tag, "values"):
            alone = isinstance(tag.values, list) and len(tag.values) == 1
            values.setdefault(key, tag.values[0] if alone else tag.values)
    return values


def _by_pillow(exif: bytes) -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about truncated entries: the flags say it already
        return _pillow_values(exif)


def _pillow_values(exif: bytes) -> dict[str, object]:
    read = Image.Exif()
    read.load(b"Exif\0\0" + exif)
    values: dict[str, object] = {
        ExifTags.TAGS[tag]: value for tag, value in read.items() if tag in ExifTags.TAGS
    }
    for pointer, names in ((_EXIF_POINTER, ExifTags.TAGS), (_GPS_POINTER, ExifTags.GPSTAGS)):
        directory = read.get_ifd(pointer)
        values |= {str(names[tag]): value for tag, value in directory.items() if tag in names}
    return values


def text_of(value: object) -> str:
    """A text up to its first NUL; empty for anything but text and bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 ")
    return value.split("\0", 1)[0] if isinstance(value, str) else ""


def comment_of(value: object) -> str:
    """A ``UserComment``: eight bytes name its character set, the text follows."""
    if isinstance(value, (list, tuple)):
        letters = [letter for letter in value if isinstance(letter, int)]
        value = bytes(letter & 0xFF for letter in letters)
    if isinstance(value, bytes):
        charset, text = value[:_CHARSET_BYTES], value[_CHARSET_BYTES:]
        wide = charset.startswith(b"UNICODE")
        value = text.decode("utf-16-be" if wide else "utf-8", "replace")
    return value.strip("\0 ") if isinstance(value, str) else ""


def numbers_of(value: object) -> Iterator[float]:
    """Fractions of either library as floats; NaN for n/0 and for what is no number."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    for part in parts:
        numerator = getattr(part, "numerator", None)
        denominator = getattr(part, "denominator", None)
        if isinstance(numerator, int) and isinstance(denominator, int) and denominator:
            yield numerator / denominator
        else:
            yield float("nan")
