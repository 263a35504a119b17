"""What a file's own fields state about its moment, each as an interval with its worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import IntEnum, StrEnum

from scheme.reading import CaptureClock, ClockMark, Readings

FIRST_DIGITAL_YEAR = 2001
"""Cameras that lost their clock say 1904, 1970, 1980 or 2000; nothing before can be a capture."""

DRIFT = timedelta(seconds=30)
"""How far the clock of a phone on the net may be off."""

ZONELESS_DRIFT = timedelta(seconds=90)
"""The same without a zone: cameras set by hand, clocks in pictures that show minutes only."""

FIX_AGE = timedelta(minutes=5)
"""A photo may carry a satellite time that is older than itself by so much."""

SLACK = timedelta(seconds=60)
"""Statements closer than this do not contradict each other: files are closed after the shutter."""

ANY_ZONE = timedelta(hours=14)
"""A day without a zone may have begun so much earlier or later."""

COARSE_S = 3600.0
"""Seconds: a statement as coarse as a day or a year proves no time of day."""

FINE_S = 60.0
"""Seconds: a statement this fine tells a moment, not only a day."""

LONGEST_RECORDING = timedelta(hours=2)
"""Longer than any recording that is admitted."""

NAMED_BEFORE = timedelta(minutes=10)
"""A recording may be named so long before its header is written."""

SAME_WRITER = timedelta(seconds=2)
"""Two fields this close were written by one program in one go."""

_DAY_MS = 86_400_000
_ZONE_STEP_S, _HOUR_S = 900, 3600
"""Seconds between neighbouring zones at least, and mostly."""

_NEAREST_ZONES, _FARTHEST_ZONES = timedelta(minutes=20), timedelta(hours=20)
"""Times closer than a zone apart differ for other reasons; Shanghai lies 20 hours from the date
line. By geography, not measured.
"""


class Worth(IntEnum):
    """What a kind of statement is worth, best first."""

    SATELLITE = 0
    ZONED = 1
    ZONELESS = 2
    PICTURE = 3
    HEADER = 4
    CHANGED = 5
    NAME = 6


class Doubt(StrEnum):
    """What is wrong with a statement, beside the others or by itself."""

    ZONE_OFF = "zone_off"
    """Whole zones apart from the base."""
    APART = "apart"
    IMPOSSIBLE = "impossible"
    """Before digital cameras, or after receipt."""
    NO_DATE = "no_date"
    LATER = "later"
    """A movie header newer than the capture, as trimming, exporting and a phone's own picker leave
    it: told, but no reason to doubt.
    """


class ReadAs(StrEnum):
    """How a statement was read where that is not what stands in it word for word."""

    GPS_WEEK = "gps_week"
    """Moved on by the 1,024 weeks that a satellite receiver lost."""
    OLD_FIX = "old_fix"
    """A satellite fix from before the shutter: the capture is later than it."""
    LOCAL_TIME = "local_time"
    """A movie header that holds the wall clock where the standard wants UTC."""
    SINCE_1970 = "since_1970"
    """A movie header that counts from 1970 where the standard wants 1904."""


@dataclass(frozen=True, slots=True, order=True)
class Statement:
    """One statement as an interval, both ends inclusive, UTC.

    ``stated`` is the moment it names. Statements sort by what they are worth.
    """

    worth: Worth
    derived: bool
    """Digitised, created, encoded: fields that follow the moment of the shutter, where one names
    that itself.
    """
    source: str
    stated: datetime
    earliest: datetime
    latest: datetime
    zone_stated: bool
    fine: bool = True
    by_recorder: bool = False
    """The file bears the marks of a make that writes this field in local time or in UTC."""


def called(statement: Statement | CaptureClock, what: Doubt | ReadAs) -> str:
    """How a contradiction or a reading is named: ``source:reason``."""
    return f"{statement.source}:{what}"


def statements_of(
    clocks: Sequence[CaptureClock], duration: timedelta, zone: tzinfo
) -> tuple[list[Statement], list[str]]:
    """``(statements, doubts)``: a clock that is no date at all is a doubt, a blank is nothing."""
    stated: list[Statement] = []
    doubts: list[str] = []
    assumed = _stated_zone(clocks) or zone
    for clock in clocks:
        if clock.at is None:
            if not (clock.is_blank or clock.is_placeholder):
                doubts.append(called(clock, Doubt.NO_DATE))
            continue
        statement = _statement(clock, clock.at, duration, assumed)
        if statement is None:
            doubts.append(called(clock, Doubt.IMPOSSIBLE))
        else:
            stated.append(statement)
    return stated, doubts


def worth_of(clock: CaptureClock) -> Worth:
    """What a clock is worth, by the field it stands in."""
    source = clock.source.lower()
    field = source.rpartition(".")[2]
    is_name = source == "filename"
    if field.startswith("gps") and not is_name:
        return Worth.SATELLITE
    if is_name or clock.resolution_s > COARSE_S:
        return Worth.NAME
    if field in {"datetime", "modifydate", "metadatadate"}:
        return Worth.CHANGED
    if field in {"creation_time", "creationtime"}:
        return Worth.HEADER
    if clock.at is None or clock.at.tzinfo is None:
        return Worth.ZONELESS
    return Worth.ZONED


def duration_of(readings: Readings) -> timedelta:
    """How long the recording runs, by its header."""
    if readings.facts is None:
        return timedelta()
    return run_of(readings.facts.duration_ms or 0)


def run_of(milliseconds: int) -> timedelta:
    """A length or place in a recording.

    What claims to be longer than any that is admitted is not believed.
    """
    return min(timedelta(milliseconds=max(0, min(milliseconds, _DAY_MS))), LONGEST_RECORDING)


def apart(one: Statement, other: Statement) -> timedelta:
    """The gap between two intervals, negative where they overlap."""
    return max(one.earliest - other.latest, other.earliest - one.latest)


def reason_against(base: Statement, other: Statement) -> Doubt | None:
    """Why a statement that does not meet the base contradicts it; ``None`` where it does not."""
    is_later = other.earliest > base.latest
    if is_later and other.worth in {Worth.NAME, Worth.CHANGED}:
        return None  # saved or changed later is the way of the world; before it was taken is not
    if other.worth is Worth.NAME and base.worth is not Worth.HEADER:
        return Doubt.APART
    if other.worth is Worth.NAME and apart(base, other) <= NAMED_BEFORE:
        return None
    if is_zone_off(base, other):
        return Doubt.ZONE_OFF
    if other.worth is Worth.HEADER and is_later:
        return Doubt.LATER
    return Doubt.APART


def is_zone_off(one: Statement, other: Statement) -> bool:
    """Whether a missing or wrong zone explains what is between two statements."""
    if one.zone_stated and other.zone_stated and Worth.HEADER not in {one.worth, other.worth}:
        return False
    spread = (one.latest - one.earliest + (other.latest - other.earliest)) / 2
    return whole_zones(abs(one.stated - other.stated), max(spread, SLACK))


def whole_zones(difference: timedelta, slack: timedelta) -> bool:
    """Whether two times differ by whole hours or a zone of quarter hours, as a lost zone does."""
    step = _ZONE_STEP_S
    if slack >= timedelta(seconds=_ZONE_STEP_S / 2):
        step = _HOUR_S
    rest = difference.total_seconds() % step
    near = min(rest, step - rest) <= min(slack.total_seconds(), step / 6)
    return _NEAREST_ZONES <= difference <= _FARTHEST_ZONES and near


def _stated_zone(clocks: Sequence[CaptureClock]) -> tzinfo | None:
    """The zone that the file's own clocks state, for its fields that leave it out.

    ``None`` unless they state just one. UTC does not count: programs write it whatever the zone of
    the camera was. Nor does the zone of the last change, which is an editor's, unless that change
    was the shutter itself.
    """
    dated = [(clock, clock.at) for clock in clocks if clock.at]
    shutter = [at.replace(tzinfo=None) for clock, at in dated if _is_own(clock)]
    offsets: set[timedelta] = set()
    for clock, at in dated:
        offset = at.utcoffset()
        if offset and (_is_own(clock) or _changed_at_once(clock, at, shutter)):
            offsets.add(offset)
    if len(offsets) != 1:
        return None
    return timezone(offsets.pop())


def _is_own(clock: CaptureClock) -> bool:
    return worth_of(clock) in {Worth.ZONED, Worth.ZONELESS}


def _changed_at_once(clock: CaptureClock, at: datetime, shutter: Sequence[datetime]) -> bool:
    wall = at.replace(tzinfo=None)
    same = any(abs(wall - own) <= SAME_WRITER for own in shutter)
    return same and worth_of(clock) is Worth.CHANGED


def _statement(
    clock: CaptureClock, at: datetime, duration: timedelta, zone: tzinfo
) -> Statement | None:
    worth = worth_of(clock)
    early, late = _leeway(clock, worth)
    try:
        instant = at.replace(tzinfo=at.tzinfo or zone).astimezone(UTC)
        # Whether a recording is dated by its begin or its end differs between makers: both are
        # allowed for.
        earliest = instant - duration - early
        latest = instant + duration + timedelta(seconds=clock.resolution_s) + late
    except OverflowError:  # the year 1 or 9999: no camera's
        return None
    return Statement(
        worth=worth,
        derived=not clock.source.lower().endswith(("original", "creationdate")),
        source=clock.source,
        stated=instant,
        earliest=earliest,
        latest=latest,
        zone_stated=at.tzinfo is not None,
        fine=clock.resolution_s <= FINE_S,
        by_recorder=ClockMark.RECORDER in clock.marks,
    )


def _leeway(clock: CaptureClock, worth: Worth) -> tuple[timedelta, timedelta]:
    """How much earlier and how much later the capture may be than its statement."""
    if worth is Worth.SATELLITE:
        return timedelta(seconds=1), FIX_AGE
    if clock.at is not None and clock.at.tzinfo is not None:
        return DRIFT, DRIFT
    if clock.resolution_s > COARSE_S:
        return ANY_ZONE, ANY_ZONE
    return ZONELESS_DRIFT, ZONELESS_DRIFT
