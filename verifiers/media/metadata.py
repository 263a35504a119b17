"""What a file says about when, where and with what it was taken.

Every reader of it can fail; none may stop the case.

exifread reads EXIF first; Pillow reads what exifread misses; XMP is searched with plain patterns
(no XML parser, so no entity tricks); MP4 and MOV come from ``verifiers.media.boxes``.
"""

import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

import exifread
from PIL import ExifTags, Image

from scheme.reading import CaptureClock, Flag, Place
from verifiers.media.boxes import Movie
from verifiers.media.clocks import (
    clock,
    place_from_degrees,
    place_from_iso_6709,
    printable,
    since_1904,
    stamp_in,
)

logging.getLogger("exifread").setLevel(
    logging.CRITICAL
)  # it complains about strangers' files at length

_LONGEST_TEXT = 200
_MOST_EXIF_BYTES = 4 * 1024 * 1024
_MOST_XMP_BYTES = 1024 * 1024
_MOST_ENTRIES = 1000
_MOST_DIRECTORIES = 32
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_MAKER_NOTE = 0x927C
_VALUE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_IFD_NAMES = frozenset({"Image", "EXIF", "GPS"})

_CLOCK_FIELDS = (
    ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"),
    ("DateTimeDigitized", "SubSecTimeDigitized", "OffsetTimeDigitized"),
    ("DateTime", "SubSecTime", "OffsetTime"),
)
_XMP_CLOCKS = (
    ("exif", "DateTimeOriginal"),
    ("xmp", "CreateDate"),
    ("photoshop", "DateCreated"),
    ("xmp", "ModifyDate"),
)
_MOVIE_CLOCKS = (
    ("com.apple.quicktime.creationdate", "quicktime.creationdate"),
    ("\xa9day", "quicktime.day"),
    ("com.apple.proapps.shootDate", "quicktime.shootdate"),
)
_MOVIE_PLACES = ("com.apple.quicktime.location.ISO6709", "\xa9xyz", "loci")
_MOVIE_MAKES = ("com.apple.quicktime.make", "com.android.manufacturer", "\xa9mak")
_MOVIE_MODELS = ("com.apple.quicktime.model", "com.android.model", "\xa9mod")
_MOVIE_SOFTWARE = ("com.apple.quicktime.software", "com.android.version", "\xa9swr", "\xa9too")

_Values = dict[str, object]


@dataclass(slots=True)
class Stored:
    """What the metadata of one file says. ``orientation`` is the EXIF number, 1 = upright."""

    clocks: list[CaptureClock] = field(default_factory=list)
    place: Place | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None
    orientation: int = 1
    flags: list[Flag] = field(default_factory=list)

    def flag(self, code: str, detail: str) -> None:
        """Note ``code`` once, with its first reason."""
        if all(known.code != code for known in self.flags):
            self.flags.append(Flag(code, detail))


def of_photo(exif: bytes, xmp: bytes, file_name: str) -> Stored:
    """Read a photo's EXIF (a TIFF stream) and XMP packet, each possibly empty, and the stamp in its name."""
    stored = Stored()
    if exif:
        _exif(stored, exif[:_MOST_EXIF_BYTES])
    if xmp:
        _xmp(stored, xmp[:_MOST_XMP_BYTES])
    _file_name(stored, file_name)
    return stored


def of_movie(movie: Movie, file_name: str) -> Stored:
    """Read a recording's dates, place and device, and the stamp in its name."""
    stored, texts = Stored(), movie.texts
    if movie.created is not None:
        stored.clocks.append(since_1904("mvhd.creation_time", movie.created))
    stored.clocks.extend(clock(source, texts[key]) for key, source in _MOVIE_CLOCKS if key in texts)
    for key in _MOVIE_PLACES:
        if key in texts and stored.place is None:
            stored.place, wrong = place_from_iso_6709(
                texts[key], f"quicktime.{key}".replace("\xa9", "")
            )
            if wrong:
                stored.flag("PLACE_INVALID", wrong)
    stored.make = _first(texts, _MOVIE_MAKES)
    stored.model = _first(texts, _MOVIE_MODELS)
    stored.software = _first(texts, _MOVIE_SOFTWARE)
    if movie.xmp:
        _xmp(stored, movie.xmp[:_MOST_XMP_BYTES])
    for problem in movie.problems:
        broken = problem.endswith("broken")
        stored.flag("METADATA_UNREADABLE" if broken else "CONTAINER_TIMES_INVALID", problem)
    _file_name(stored, file_name)
    return stored


def _first(texts: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    return next(
        (shown for key in keys if (shown := printable(texts.get(key, ""))[:_LONGEST_TEXT])), None
    )


def _file_name(stored: Stored, file_name: str) -> None:
    stamp = stamp_in(file_name)
    if stamp is not None:
        stored.clocks.append(stamp)


# --- EXIF


def _exif(stored: Stored, exif: bytes) -> None:
    damage = exif_damage(exif)
    values: _Values = {}
    if damage:
        stored.flag("METADATA_UNREADABLE", damage)
    else:
        try:
            values = _by_exifread(exif)
        # It raises IndexError, AssertionError, UnicodeDecodeError, struct.error and more on real
        # files.
        except Exception as error:  # noqa: BLE001
            stored.flag("METADATA_UNREADABLE", f"exifread: {type(error).__name__}")
    if "DateTimeOriginal" not in values:
        try:
            values = _by_pillow(exif) | values
        except Exception as error:  # noqa: BLE001 - as above
            stored.flag("METADATA_UNREADABLE", f"Pillow: {type(error).__name__}")
    _exif_values(stored, values)


def exif_damage(exif: bytes) -> str:
    """What is wrong with a TIFF stream's directories (loops, counts beyond the stream).

    Empty when they are sound.
    """
    order = {b"II": "little", b"MM": "big"}.get(exif[:2])
    if order is None or len(exif) < 8:  # noqa: PLR2004 - a TIFF header
        return "no TIFF header"
    reader = _Directories(exif, order == "little")
    return reader.damage(int.from_bytes(exif[4:8], reader.order))


class _Directories:
    """Walks EXIF's directories without keeping a value."""

    def __init__(self, exif: bytes, little: bool) -> None:  # noqa: FBT001 - the two byte orders
        self.exif = exif
        self.order: Literal["little", "big"] = "little" if little else "big"
        self.seen: set[int] = set()

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.exif[at : at + size], self.order)

    def damage(self, first: int) -> str:
        waiting, chained = [first], {first}
        while waiting:
            at = waiting.pop()
            if at in self.seen:
                return "directories run in a circle"
            if len(self.seen) >= _MOST_DIRECTORIES:
                return "too many directories"
            self.seen.add(at)
            count = self.number(at, 2)
            # Past the TIFF header
            if at < 8 or at + 2 + count * 12 > len(self.exif):  # noqa: PLR2004
                return "a directory lies outside"
            if count > _MOST_ENTRIES:
                return f"{count} entries in one directory"
            for entry in range(at + 2, at + 2 + count * 12, 12):
                wrong = self._entry(entry, waiting)
                if wrong:
                    return wrong
            following = self.number(at + 2 + count * 12, 4)
            if (
                following and at in chained
            ):  # only the main chain has a next one; others keep anything there
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


def _by_exifread(exif: bytes) -> _Values:
    tags = exifread.process_file(BytesIO(exif), details=False, extract_thumbnail=False)
    values: _Values = {}
    for name, tag in tags.items():
        directory, _, key = name.partition(" ")
        if directory in _IFD_NAMES and hasattr(tag, "values"):
            value = tag.values
            values.setdefault(
                key, value[0] if isinstance(value, list) and len(value) == 1 else value
            )
    return values


def _by_pillow(exif: bytes) -> _Values:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about truncated entries: the flags say it already
        return _pillow_values(exif)


def _pillow_values(exif: bytes) -> _Values:
    read = Image.Exif()
    read.load(b"Exif\0\0" + exif)
    values: _Values = {
        ExifTags.TAGS[tag]: value for tag, value in read.items() if tag in ExifTags.TAGS
    }
    for pointer, names in ((_EXIF_POINTER, ExifTags.TAGS), (_GPS_POINTER, ExifTags.GPSTAGS)):
        directory = read.get_ifd(pointer)
        values |= {str(names[tag]): value for tag, value in directory.items() if tag in names}
    return values


def _exif_values(stored: Stored, values: _Values) -> None:
    for name, part, zone in _CLOCK_FIELDS:
        if name in values:
            stored.clocks.append(
                clock(f"exif.{name}", *(_plain(values.get(key, "")) for key in (name, part, zone)))
            )
    _gps_clock(stored, values)
    _gps_place(stored, values)
    stored.make, stored.model, stored.software = (
        printable(_plain(values.get(name, "")))[:_LONGEST_TEXT] or None
        for name in ("Make", "Model", "Software")
    )
    orientation = values.get("Orientation")
    # The eight of the standard
    if isinstance(orientation, int) and 1 <= orientation <= 8:  # noqa: PLR2004
        stored.orientation = orientation


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 ")
    return value.split("\0", 1)[0] if isinstance(value, str) else ""


def _numbers(value: object) -> Iterator[float]:
    """Fractions of either library as floats; NaN for n/0."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    for part in parts:
        numerator, denominator = (
            getattr(part, "numerator", None),
            getattr(part, "denominator", None),
        )
        known = isinstance(numerator, int) and isinstance(denominator, int) and denominator != 0
        yield numerator / denominator if known else float("nan")  # type: ignore[operator]  # both are int here


def _gps_clock(stored: Stored, values: _Values) -> None:
    day = _plain(values.get("GPSDate", values.get("GPSDateStamp", "")))
    if not day or "GPSTimeStamp" not in values:
        return
    time = list(_numbers(values["GPSTimeStamp"]))
    # Hours, minutes, seconds
    sane = len(time) == 3 and all(0 <= number < 61 for number in time)  # noqa: PLR2004
    text = (
        f"{day} {int(time[0]):02}:{int(time[1]):02}:{int(time[2]):02}" if sane else f"{day} {time}"
    )
    stored.clocks.append(clock("exif.GPSDateStamp", text, "", "Z"))


def _gps_place(stored: Stored, values: _Values) -> None:
    if not values.get("GPSLatitude") or not values.get("GPSLongitude"):  # missing or blank
        return
    latitude = _degrees(values["GPSLatitude"], values.get("GPSLatitudeRef"), "S")
    longitude = _degrees(values["GPSLongitude"], values.get("GPSLongitudeRef"), "W")
    stored.place, wrong = place_from_degrees(latitude, longitude, "exif.GPS")
    if wrong:
        stored.flag("PLACE_INVALID", wrong)


def _degrees(value: object, reference: object, negative: str) -> float:
    numbers = [*_numbers(value)][:3]
    if (
        numbers
        and all(number == 0 or number != number for number in numbers[1:])  # noqa: PLR0124
        and numbers[0] == numbers[0]
    ):
        numbers = numbers[:1]  # 0/0 minutes and seconds: decimal degrees
    total = (
        sum(number / 60**place for place, number in enumerate(numbers)) if numbers else float("nan")
    )
    return -total if _plain(reference).strip().upper() == negative else total


# --- XMP


def _xmp(stored: Stored, packet: bytes) -> None:
    text = packet.decode("utf-8", "replace")
    for prefix, name in _XMP_CLOCKS:
        value = _xmp_value(text, prefix, name)
        if value:
            stored.clocks.append(clock(f"xmp.{name}", value))
    stored.software = (
        stored.software or printable(_xmp_value(text, "xmp", "CreatorTool"))[:_LONGEST_TEXT] or None
    )
    stored.make = stored.make or printable(_xmp_value(text, "tiff", "Make"))[:_LONGEST_TEXT] or None
    stored.model = (
        stored.model or printable(_xmp_value(text, "tiff", "Model"))[:_LONGEST_TEXT] or None
    )


def _xmp_value(text: str, prefix: str, name: str) -> str:
    found = re.search(rf"\b{prefix}:{name}(?:\s*=\s*[\"']|\s*>)\s*([^\"'<>]{{1,200}})", text)
    return found[1].strip() if found else ""
