"""Dates and places as cameras, phones and file names write them.

Texts in, scheme types out; nothing is opened.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from scheme.reading import CaptureClock, Place

FILE_NAME = "filename"
"""``source`` of a clock that stands in the file's name: it comes with whoever sends the file, not
with its bytes.
"""

_LONGEST_RAW = 100
_DAY_S, _MINUTE_S, _YEAR_S = 86_400.0, 60.0, 31_536_000.0
_POLE, _DATE_LINE = 90, 180
_EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)
_DATE = re.compile(
    r"^\s*(?P<year>\d{4})[:\-/.](?P<month>\d{1,2})[:\-/.](?P<day>\d{1,2})"
    r"(?:[ T]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?\s*$"
)
_YEAR = re.compile(r"^\s*(\d{4})\s*$")
_ZONE = re.compile(r"^\s*([+-])(\d{2}):?(\d{2})\s*$")
_ISO_6709 = re.compile(r"^\s*([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)")

_STAMP_PIXEL = re.compile(r"PXL_(\d{8})_(\d{6})(\d{3})")
_STAMP_EPOCH = re.compile(r"(?<!\d)(1[3-9]\d{11})(?!\d)")
_STAMP = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_.年]?(\d{2})[-_.月]?(\d{2})[-_.日 T]{0,3}(\d{2})[-_.:：时]?(\d{2})[-_.:：分]?(\d{2})"
    r"(?:[-_.]?(\d{3}))?(?!\d)"
)
_STAMP_DAY = re.compile(
    r"IMG-((?:19|20)\d{2})(\d{2})(\d{2})-WA\d+|VID-((?:19|20)\d{2})(\d{2})(\d{2})-WA\d+"
)


def clock(source: str, raw: str, part: str = "", zone: str = "") -> CaptureClock:
    """What the field ``source`` says.

    ``part`` (fractions of a second) and ``zone`` come from fields beside it.
    """
    at, resolution_s = parse_date(raw, part, zone)
    fraction = "." + part.strip() if part.strip().isdigit() else ""
    return CaptureClock(
        source, printable(raw.strip() + fraction + zone.strip())[:_LONGEST_RAW], at, resolution_s
    )


def parse_date(raw: str, part: str = "", zone: str = "") -> tuple[datetime | None, float]:
    """``(time, resolution in seconds)``.

    The time is ``None`` for what is no date, a 30th of February included.
    """
    match = _DATE.match(raw.strip("\0 "))
    if match is None:
        year = _YEAR.match(raw)
        return (_date(int(year[1])), _YEAR_S) if year else (None, 1.0)
    fields = match.groupdict()
    fraction = fields["part"] or (part.strip() if part.strip().isdigit() else "")
    hour, minute, second = (int(fields[name] or 0) for name in ("hour", "minute", "second"))
    at = _date(int(fields["year"]), int(fields["month"]), int(fields["day"]), hour, minute, second)
    if at is None:
        return None, 1.0
    if fields["hour"] is None:
        return at, _DAY_S
    resolution_s = 1.0 if fields["second"] is not None else _MINUTE_S
    if fraction and fields["second"] is not None:
        at, resolution_s = (
            at + timedelta(seconds=float(f"0.{fraction[:6]}")),
            10.0 ** -min(len(fraction), 6),
        )
    offset = _offset(fields["zone"] or zone)
    return (at.replace(tzinfo=offset) if offset else at), resolution_s


def since_1904(source: str, seconds: int) -> CaptureClock:
    """A QuickTime count of seconds; 0 is the blank of that field."""
    try:
        at = _EPOCH_1904 + timedelta(seconds=seconds) if seconds else None
    except OverflowError:
        at = None
    return CaptureClock(source, str(seconds), at)


def stamp_in(file_name: str) -> CaptureClock | None:
    """The time that a file name carries, as phones and messengers write it; ``None`` without one.

    ``PXL_…`` is in UTC, ``mmexport…`` and other 13-digit stamps count milliseconds since 1970 (when
    a messenger saved the file, not when it was taken: ``raw`` keeps the name); all others are local
    times without a zone.
    """
    name = printable(file_name)[-200:]
    at, resolution_s = _stamp(name)
    return CaptureClock(FILE_NAME, name[:_LONGEST_RAW], at, resolution_s) if at else None


def _stamp(name: str) -> tuple[datetime | None, float]:
    if pixel := _STAMP_PIXEL.search(name):
        day, time, thousandths = pixel.groups()
        at = _date(
            *(int(day[a:b]) for a, b in ((0, 4), (4, 6), (6, 8))),
            *(int(time[a : a + 2]) for a in (0, 2, 4)),
        )
        return (at.replace(tzinfo=UTC, microsecond=int(thousandths) * 1000) if at else None), 0.001
    if epoch := _STAMP_EPOCH.search(name):
        return datetime.fromtimestamp(int(epoch[1]) / 1000, UTC), 0.001
    if stamp := _STAMP.search(name):
        *numbers, thousandths = stamp.groups()
        at = _date(*map(int, numbers))
        if at and thousandths:
            return at.replace(microsecond=int(thousandths) * 1000), 0.001
        return at, 1.0
    if day_only := _STAMP_DAY.search(name):
        return _date(*(int(number) for number in day_only.groups() if number)), _DAY_S
    return None, 1.0


def place_from_degrees(latitude: float, longitude: float, source: str) -> tuple[Place | None, str]:
    """``(place, "")``, ``(None, "")`` for the null island that means "no fix", or ``(None, why)`` when impossible."""
    if not (abs(latitude) <= _POLE and abs(longitude) <= _DATE_LINE):  # NaN fails here too
        return None, f"{source}: {latitude:.6g}, {longitude:.6g}"
    if latitude == 0 and longitude == 0:
        return None, ""
    return Place(round(latitude, 7), round(longitude, 7), source), ""


def place_from_iso_6709(text: str, source: str) -> tuple[Place | None, str]:
    """The same for ``+31.2304+121.4737/``."""
    match = _ISO_6709.match(text)
    if match is None:
        return None, f"{source}: {printable(text)[:_LONGEST_RAW]}"
    return place_from_degrees(float(match[1]), float(match[2]), source)


def printable(text: str) -> str:
    """Text from a stranger's file without control characters, direction marks and lone surrogates."""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _date(  # noqa: PLR0913, PLR0917 - the six parts of a date
    year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime | None:
    try:
        # The zone is added where one is known
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def _offset(zone: str) -> timezone | None:
    if zone.strip() == "Z":
        return UTC
    match = _ZONE.match(zone)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
