"""Clocks drawn into the picture: all of them as one statement, and those that say another time."""

from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from scheme.reading import Box, PictureClock, Readings
from verifiers.dossiers.times.statements import (
    FIRST_DIGITAL_YEAR,
    SLACK,
    ZONELESS_DRIFT,
    Doubt,
    Statement,
    Worth,
    run_of,
)

PICTURE = "picture"
"""``source`` of what clocks in the picture say."""

LEAST_PROBABILITY = 0.5
"""Below it a clock was guessed rather than read."""

SURE_PROBABILITY = 0.8
"""From here on a clock that says another time is a second clock, no misread one."""

SLOWEST, FASTEST = 2 / 3, 3 / 2
"""Seconds of the clock in one second of playback that still count as real time: it is read to the
second only.
"""

_Start = tuple[datetime, float]
"""When the recording began by one clock in it, and how surely that was read."""


def runs_real_time(readings: Readings) -> bool:
    """Whether the clock in the picture ticks as clocks do, as far as is known."""
    run = readings.clock_run
    return run is None or run.rate is None or SLOWEST <= run.rate <= FASTEST


def best_clock(readings: Readings) -> PictureClock | None:
    """The clock that a person is shown as proof."""
    return max(readings.clocks, key=lambda clock: (clock.has_date, clock.probability), default=None)


def drawn(
    clocks: Sequence[PictureClock], duration: timedelta, zone: ZoneInfo, anchor: datetime | None
) -> Statement | None:
    """All clocks in the picture as one statement.

    The largest group that agrees, as misread digits stand alone. A clock without a date is dated
    by ``anchor``.
    """
    starts: list[_Start] = []
    for clock in clocks:
        start = _start(clock, zone, anchor)
        if start is not None and clock.probability >= LEAST_PROBABILITY:
            starts.append((start, clock.probability))
    if not starts:
        return None
    groups = [_agreeing(start, starts) for start, _ in starts]
    moments = [start for start, _ in max(groups, key=_rank)]
    return Statement(
        worth=Worth.PICTURE,
        derived=False,
        source=PICTURE,
        stated=min(moments),
        earliest=min(moments) - ZONELESS_DRIFT,
        latest=max(moments) + duration + ZONELESS_DRIFT,
        zone_stated=False,
    )


def _agreeing(start: datetime, starts: Sequence[_Start]) -> list[_Start]:
    return [other for other in starts if abs(other[0] - start) <= ZONELESS_DRIFT]


def _rank(group: Sequence[_Start]) -> tuple[int, float, float]:
    """Of groups alike in size the surer, then the earlier: never the order of frames read."""
    surest = sum(probability for _, probability in group)
    return len(group), surest, -min(start for start, _ in group).timestamp()


def _start(clock: PictureClock, zone: ZoneInfo, anchor: datetime | None) -> datetime | None:
    """When the recording began, by one clock in it.

    None where it can't be dated, or is no camera's.
    """
    at: datetime | None = clock.at
    if not clock.has_date:
        at = _dated(clock.at, zone, anchor)
    if at is None or not FIRST_DIGITAL_YEAR <= at.year < MAXYEAR:
        return None
    return at.replace(tzinfo=at.tzinfo or zone).astimezone(UTC) - run_of(clock.frame_ms or 0)


def _dated(at: datetime, zone: ZoneInfo, anchor: datetime | None) -> datetime | None:
    """The time of day on the day that brings it closest to ``anchor``; ``None`` without one."""
    if anchor is None:
        return None
    local = anchor.astimezone(zone)
    days = [local.date() + timedelta(days=shift) for shift in (-1, 0, 1)]
    same_time = [datetime.combine(day, at.time(), zone) for day in days]
    return min(same_time, key=lambda candidate: (abs(candidate - local), candidate))


def other_clocks(
    clocks: Sequence[PictureClock], main: Statement, zone: ZoneInfo, anchor: datetime | None
) -> Iterator[str]:
    """Clocks elsewhere in the picture that say another time than ``main``, as doubts.

    A camera's beside the bus's own, or one put in later.
    """
    agreeing: list[Box] = []
    apart: list[Box] = []
    for clock in clocks:
        start = _start(clock, zone, anchor)
        if start is None:
            continue
        if main.earliest <= start <= main.latest:
            agreeing.append(clock.box)
        agrees = main.earliest - SLACK <= start <= main.latest + SLACK
        if not agrees and clock.probability >= SURE_PROBABILITY:
            apart.append(clock.box)
    for elsewhere in apart:
        if not any(_overlap(elsewhere, box) for box in agreeing):
            yield f"{PICTURE}:{Doubt.APART}"


def _overlap(one: Box, other: Box) -> bool:
    beside = one.right <= other.left or other.right <= one.left
    above = one.bottom <= other.top or other.bottom <= one.top
    return not beside and not above
