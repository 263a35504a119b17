"""What a file says about when, where and with what it was taken.

Every reader of it can fail; none may stop the case. EXIF comes from ``verifiers.media.exif``, MP4
and MOV from ``verifiers.media.boxes``; XMP is searched with plain patterns (no XML parser, so no
entity tricks).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isnan

from scheme.reading import CaptureClock, ClockMark, Flag, Place
from verifiers.media.boxes import Movie
from verifiers.media.clocks import (
    FILE_NAME,
    clock,
    place_from_degrees,
    place_from_iso_6709,
    printable,
    satellite_time,
    since_1904,
    stamp_in,
)
from verifiers.media.exif import Values, comment_of, numbers_of, read_exif, text_of

_LONGEST_TEXT = 200
"""Characters of a make, a model or a program's name that are kept."""
_MOST_XMP_BYTES = 1024 * 1024
"""Of an XMP packet so much is searched: the largest of 243 real photos has 36 kB."""

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
_GPS_CLOCK, _GPS_PLACE = "exif.GPSDateStamp", "exif.GPS"
_MOVIE_HEADER = "mvhd.creation_time"
_MOVIE_PLACES = (
    ("com.apple.quicktime.location.ISO6709", "quicktime.location"),
    ("\xa9xyz", "quicktime.xyz"),
    ("loci", "quicktime.loci"),
)
_MOVIE_MAKES = ("com.apple.quicktime.make", "com.android.manufacturer", "\xa9mak")
_MOVIE_MODELS = ("com.apple.quicktime.model", "com.android.model", "\xa9mod")
_MOVIE_SOFTWARE = ("com.apple.quicktime.software", "com.android.version", "\xa9swr", "\xa9too")
_MOVIE_AUTHOR = "com.apple.quicktime.author"
_SCREEN = re.compile(r"screen ?shot|screen ?record|replaykit|截屏|截图|录屏", re.IGNORECASE)
"""What phones write as a comment or author when they store what their own screen shows."""

CLOCK_SOURCES = (
    *(f"exif.{name}" for name, _, _ in _CLOCK_FIELDS),
    _GPS_CLOCK,
    *(f"xmp.{name}" for _, name in _XMP_CLOCKS),
    _MOVIE_HEADER,
    *(source for _, source in _MOVIE_CLOCKS),
    FILE_NAME,
)
"""Every ``source`` that a clock can have; pages have a word for each."""

PLACE_SOURCES = (_GPS_PLACE, *(source for _, source in _MOVIE_PLACES))
"""The same for places."""


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
    """Read a photo's EXIF (a TIFF stream) and XMP packet, each possibly empty, and its name."""
    stored = Stored()
    if exif:
        _exif(stored, exif)
    if xmp:
        _xmp(stored, xmp[:_MOST_XMP_BYTES])
    _file_name(stored, file_name)
    return stored


def of_movie(movie: Movie, file_name: str) -> Stored:
    """Read a recording's dates, place and device, and the stamp in its name."""
    stored, texts = Stored(), movie.texts
    stored.make = _first(texts, _MOVIE_MAKES)
    stored.model = _first(texts, _MOVIE_MODELS)
    stored.software = _first(texts, _MOVIE_SOFTWARE)
    if movie.created is not None:
        stored.clocks.append(_movie_header(movie.created, movie))
    stored.clocks.extend(clock(source, texts[key]) for key, source in _MOVIE_CLOCKS if key in texts)
    _movie_place(stored, texts)
    if movie.xmp:
        _xmp(stored, movie.xmp[:_MOST_XMP_BYTES])
    _note_screen(stored, texts.get(_MOVIE_AUTHOR, ""))
    for problem in movie.problems:
        broken = problem.endswith("broken")
        stored.flag("METADATA_UNREADABLE" if broken else "CONTAINER_TIMES_INVALID", problem)
    _file_name(stored, file_name)
    return stored


def _movie_header(created: int, movie: Movie) -> CaptureClock:
    """The header's clock; marked where the file bears a recorder's marks and no phone's."""
    header = since_1904(_MOVIE_HEADER, created)
    if movie.recorder and not _by_a_phone(movie.texts):
        return replace(header, marks=(*header.marks, ClockMark.RECORDER))
    return header


def _by_a_phone(texts: Mapping[str, str]) -> bool:
    return any(key.startswith(("com.apple.quicktime.", "com.android.")) for key in texts)


def _movie_place(stored: Stored, texts: Mapping[str, str]) -> None:
    for key, source in _MOVIE_PLACES:
        if key in texts and stored.place is None:
            stored.place, wrong = place_from_iso_6709(texts[key], source)
            if wrong:
                stored.flag("PLACE_INVALID", wrong)


def _note_screen(stored: Stored, text: str) -> None:
    """Note that the file shows a screen: its clocks then tell when the screen was kept."""
    if _SCREEN.search(text):
        stored.flag("SCREEN_CAPTURE", printable(text)[:_LONGEST_TEXT])


def _first(texts: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    shown = (_short(texts.get(key, "")) for key in keys)
    return next((text for text in shown if text), None)


def _short(text: str) -> str | None:
    """A name for people: printable, not endless; ``None`` where nothing is left."""
    return printable(text)[:_LONGEST_TEXT] or None


def _file_name(stored: Stored, file_name: str) -> None:
    stamp = stamp_in(file_name)
    if stamp is not None:
        stored.clocks.append(stamp)


# --- EXIF


def _exif(stored: Stored, exif: bytes) -> None:
    values, trouble = read_exif(exif)
    if trouble:
        stored.flag("METADATA_UNREADABLE", trouble)
    _exif_values(stored, values)


def _exif_values(stored: Stored, values: Values) -> None:
    for name, part, zone in _CLOCK_FIELDS:
        if name in values:
            texts = [text_of(values.get(key, "")) for key in (name, part, zone)]
            stored.clocks.append(clock(f"exif.{name}", *texts))
    _gps_clock(stored, values)
    _gps_place(stored, values)
    stored.make = _short(text_of(values.get("Make", "")))
    stored.model = _short(text_of(values.get("Model", "")))
    stored.software = _short(text_of(values.get("Software", "")))
    _note_screen(stored, comment_of(values.get("UserComment", "")))
    orientation = values.get("Orientation")
    # The eight of the standard
    if isinstance(orientation, int) and 1 <= orientation <= 8:  # noqa: PLR2004
        stored.orientation = orientation


def _gps_clock(stored: Stored, values: Values) -> None:
    day = text_of(values.get("GPSDate", values.get("GPSDateStamp", "")))
    if day and "GPSTimeStamp" in values:
        parts = list(numbers_of(values["GPSTimeStamp"]))
        stored.clocks.append(satellite_time(_GPS_CLOCK, day, parts))


def _gps_place(stored: Stored, values: Values) -> None:
    if not values.get("GPSLatitude") or not values.get("GPSLongitude"):  # missing or blank
        return
    latitude = _degrees(values["GPSLatitude"], values.get("GPSLatitudeRef"), "S")
    longitude = _degrees(values["GPSLongitude"], values.get("GPSLongitudeRef"), "W")
    stored.place, wrong = place_from_degrees(latitude, longitude, _GPS_PLACE)
    if wrong:
        stored.flag("PLACE_INVALID", wrong)


def _degrees(value: object, reference: object, negative: str) -> float:
    numbers = list(numbers_of(value))[:3]
    if not numbers:
        return float("nan")
    degrees, *smaller = numbers
    # 0/0 minutes and seconds: the degrees are decimal.
    if any(number != 0 and not isnan(number) for number in smaller):
        degrees = sum(number / 60**place for place, number in enumerate(numbers))
    return -degrees if text_of(reference).strip().upper() == negative else degrees


# --- XMP


def _xmp(stored: Stored, packet: bytes) -> None:
    text = packet.decode("utf-8", "replace")
    for prefix, name in _XMP_CLOCKS:
        value = _xmp_value(text, prefix, name)
        if value:
            stored.clocks.append(clock(f"xmp.{name}", value))
    stored.software = stored.software or _short(_xmp_value(text, "xmp", "CreatorTool"))
    stored.make = stored.make or _short(_xmp_value(text, "tiff", "Make"))
    stored.model = stored.model or _short(_xmp_value(text, "tiff", "Model"))
    _note_screen(stored, _xmp_value(text, "exif", "UserComment"))


def _xmp_value(text: str, prefix: str, name: str) -> str:
    """A property's text, as an attribute, an element, or the first item of its list."""
    inner = r"(?:<rdf:(?:Alt|Bag|Seq)>\s*<rdf:li[^>]{0,100}>\s*)?"
    start = rf"\b{prefix}:{name}(?:\s*=\s*[\"']|\s*>\s*{inner})"
    found = re.search(rf"{start}\s*([^\"'<>]{{1,200}})", text)
    return found[1].strip() if found else ""
