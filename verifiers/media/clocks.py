"""Dates and places as cameras, phones and file names write them.

Texts in, scheme types out; nothing is opened.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from scheme.reading import CaptureClock, ClockMark, Place

FILE_NAME = "filename"
"""``source`` of a clock that stands in the file's name: it comes with whoever sends the file, not
with its bytes.
"""

_LONGEST_RAW = 100
"""Characters of a date as written, and of a file's name, that are kept."""
_DAY_S, _MINUTE_S, _YEAR_S = 86_400.0, 60.0, 31_536_000.0
_POLE, _DATE_LINE = 90, 180
_EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)
_EPOCH_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_1904_TO_1970 = 2_082_844_800
_LEAP_SECOND = 60
_MIDNIGHT = 24
"""Some phones count the hours of a day from 1 to 24, so that half past midnight of a day is its
24:30 (public reports: immich 5714, Piwigo 1017, whose file name says 00:28 beside 24:28).
"""
_FARTHEST_ZONE = timedelta(hours=14)
"""Kiribati; clocks that claim more state no zone."""
_OFFSET = r"(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?"
# A blank may stand for the zero before a single digit.
_DATE = re.compile(
    r"^\s*(?P<year>\d{4})[:\-/.] ?(?P<month>\d{1,2})[:\-/.] ?(?P<day>\d{1,2})"
    r"(?:[ T]+(?P<hour>\d{1,2})[:.] ?(?P<minute>\d{1,2})"
    r"(?:[:.] ?(?P<second>\d{1,2}))?(?:[.,](?P<part>\d{1,9}))?)?"
    rf"\s*(?P<zone>Z|{_OFFSET})?\s*$"
)
_YEAR = re.compile(r"^\s*(\d{4})\s*$")
_ZONE = re.compile(r"^\s*(?:GMT|UTC)?([+-])(\d{1,2}?)(?::?(\d{2}))?\s*$")
_ISO_6709 = re.compile(r"^\s*([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)")

_STAMP_PIXEL = re.compile(r"PXL_(\d{8})_(\d{6})(\d{3})")
_STAMP_EPOCH = re.compile(r"(?<!\d)(1[3-9]\d{11})(?!\d)")
_STAMP = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_.年]?(\d{2})[-_.月]?(\d{2})[-_.日 T]{0,3}"
    r"(\d{2})[-_.:：时]?(\d{2})[-_.:：分]?(\d{2})(?:[-_.]?(\d{3}))?(Z)?(?!\d)"
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
    text = printable(raw.strip() + fraction + zone.strip())[:_LONGEST_RAW]
    statement = CaptureClock(source, text, at, resolution_s)
    return replace(statement, at=None) if statement.is_placeholder else statement


def parse_date(raw: str, part: str = "", zone: str = "") -> tuple[datetime | None, float]:
    """``(time, resolution in seconds)``.

    The time is ``None`` for what is no date, a 30th of February included. Second 60 is the next
    minute's first, hour 24 the day's own midnight (``satellite_time`` differs).
    """
    match = _DATE.match(raw.strip("\0 "))
    if match is None:
        year = _YEAR.match(raw)
        return (_date(int(year[1])), _YEAR_S) if year else (None, 1.0)
    fields = match.groupdict()
    day = _date(int(fields["year"]), int(fields["month"]), int(fields["day"]))
    if day is None:
        return None, 1.0
    offset = _offset(fields["zone"] or zone)
    if fields["hour"] is None:
        return day.replace(tzinfo=offset), _DAY_S
    hour, minute, second = (int(fields[name] or 0) for name in ("hour", "minute", "second"))
    at = _time_of_day(day, 0 if hour == _MIDNIGHT else hour, minute, second)
    if at is None or fields["second"] is None:
        return (at.replace(tzinfo=offset) if at else None), _MINUTE_S
    fraction = fields["part"] or (part.strip() if part.strip().isdigit() else "")
    if not fraction:
        return at.replace(tzinfo=offset), 1.0
    digits = fraction[:6]
    at += timedelta(seconds=float(f"0.{digits}"))
    return at.replace(tzinfo=offset), 10.0 ** -len(digits)


def satellite_time(source: str, day: str, parts: Sequence[float]) -> CaptureClock:
    """What a satellite's day and its hours, minutes and seconds (UTC) say together.

    24:00:07 is seven seconds into the next day, as receivers count on past midnight.
    """
    text = f"{day} " + ":".join(f"{part:02.0f}" for part in parts)
    raw = printable(f"{text}Z")[:_LONGEST_RAW]
    begin, _ = parse_date(day)
    hours, minutes, seconds = parts if len(parts) == 3 else (float("nan"),) * 3  # noqa: PLR2004
    is_time = 0 <= hours <= _MIDNIGHT and 0 <= minutes < 60 and 0 <= seconds <= _LEAP_SECOND  # noqa: PLR2004
    if begin is None or not is_time:
        return CaptureClock(source, raw, None)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    try:
        at = midnight + timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    except OverflowError:  # the last day of the year 9999
        return CaptureClock(source, raw, None)
    return CaptureClock(source, raw, at)


def since_1904(source: str, seconds: int) -> CaptureClock:
    """A QuickTime count of seconds; 0 is the blank of that field.

    What would lie before 1970 is counted from 1970, as some recorders do, and marked.
    """
    if not seconds:
        return CaptureClock(source, "0", None)
    is_recent = seconds >= _SECONDS_1904_TO_1970
    marks = () if is_recent else (ClockMark.SINCE_1970,)
    try:
        at = (_EPOCH_1904 if is_recent else _EPOCH_1970) + timedelta(seconds=seconds)
    except OverflowError:
        return CaptureClock(source, str(seconds), None)
    return CaptureClock(source, str(seconds), at, marks=marks)


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
        at = _moment(day[:4], day[4:6], day[6:], time[:2], time[2:4], time[4:])
        return (_with_thousandths(at.replace(tzinfo=UTC), thousandths) if at else None), 0.001
    if epoch := _STAMP_EPOCH.search(name):
        return datetime.fromtimestamp(int(epoch[1]) / 1000, UTC), 0.001
    if stamp := _STAMP.search(name):
        *numbers, thousandths, utc = stamp.groups()
        at = _moment(*numbers)
        if at and utc:
            at = at.replace(tzinfo=UTC)
        if at and thousandths:
            return _with_thousandths(at, thousandths), 0.001
        return at, 1.0
    if day_only := _STAMP_DAY.search(name):
        return _date(*(int(number) for number in day_only.groups() if number)), _DAY_S
    return None, 1.0


def _moment(year: str, month: str, day: str, *time: str) -> datetime | None:
    begin = _date(int(year), int(month), int(day))
    hour, minute, second = (int(number) for number in time)
    return _time_of_day(begin, hour, minute, second) if begin else None


def _with_thousandths(at: datetime, thousandths: str) -> datetime:
    return at.replace(microsecond=int(thousandths) * 1000)


def place_from_degrees(latitude: float, longitude: float, source: str) -> tuple[Place | None, str]:
    """``(place, "")``, or ``(None, why)`` for an impossible one.

    ``(None, "")`` for the null island, which means "no fix".
    """
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
    """A stranger's text without control characters, direction marks and lone surrogates."""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _date(year: int, month: int = 1, day: int = 1) -> datetime | None:
    """The beginning of a day; ``None`` for a day that no calendar has."""
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - the zone is added where one is known
    except ValueError:
        return None


def _time_of_day(day: datetime, hour: int, minute: int, second: int) -> datetime | None:
    """A moment of ``day``; second 60 is a leap second, or a writer that rounded up."""
    if second > _LEAP_SECOND:
        return None
    try:
        return day.replace(hour=hour, minute=minute) + timedelta(seconds=second)
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timezone | None:
    if zone.strip() == "Z":
        return UTC
    match = _ZONE.match(zone)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > _FARTHEST_ZONE:
        return None
    return timezone(-offset if match[1] == "-" else offset)
