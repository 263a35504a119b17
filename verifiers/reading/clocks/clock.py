"""Clocks drawn into the picture by dashcam, watermark app or recorder, from its texts."""

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from scheme.reading import Box, PictureClock
from verifiers.reading.texts.text import TextLine, box_of

# A picture's clock has no zone; only its time of day counts here
NO_DATE = datetime(1900, 1, 1)  # noqa: DTZ001
"""The day that stands in ``PictureClock.at`` where ``has_date`` is false."""

_YEAR_FIRST = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[-/.年:]\s?(\d{1,2})\s?[-/.月:]\s?(\d{1,2})\s?日?"
)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?((?:19|20)\d\d)")
_SHORT_YEAR_LAST = re.compile(r"(?<![\d:])(\d{1,2})[-/.](\d{1,2})[-/.](\d\d)(?!\d)")
_TIME = re.compile(
    r"(?<!\d)(?<!\d[.:])([01]?\d|2[0-3])\s?[:;.时]\s?([0-5]\d)\s?(?:[:;.分]\s?([0-5]\d)秒?)?(?![\d])\s?([AP]M)?"
)
_GLUED = re.compile(r"(?<!\d)((?:19|20)\d\d[-/.年]\d\d[-/.月]\d\d日?)([0-2]\d[:;.]\d\d)")
_GLUED_AFTER = re.compile(r"([0-2]\d[:;.][0-5]\d[:;.][0-5]\d)(\d{1,2}[-/.]\d{1,2}[-/.]\d\d)(?!\d)")
_ZERO_TWINS = re.compile(r"(?:(?<=[\d:/.-])|^)O(?=[\dO:/.-]|$)")
_DIGIT_TWINS = re.compile(r"(?<=[-/.])[Z2][0O]\d\d")
_TIME_LIKE = re.compile(r"[\dA-Z]{1,2}\s?[:;.]\s?[\dA-Z]{2}\s?[:;.]\s?\d[\dA-Z]|\d{1,2}:\d\d:")
_NOON = 12
"""Hour of the twelve-hour clock."""

_MONTHS, _CENTURY = 12, 100
"""A month is no more, and a year of two digits less."""

_TICK_S = 2.0
"""Seconds within which two readings of one clock agree with their frames. Chosen, not measured."""


def find_clocks(
    lines: Sequence[TextLine], width: int, height: int, frame_ms: int | None = None
) -> tuple[PictureClock, ...]:
    """Times of day with a date where one stands in the same text or in one beside it.

    Hours and minutes without seconds count only together with a date: ``10:30`` alone is an opening
    hour.
    """
    found = []
    said = [_date(_folded(line.text)) for line in lines]
    dated = [(line, day) for line, (day, _) in zip(lines, said, strict=True) if day is not None]
    for line, (own_day, rest) in zip(lines, said, strict=True):
        day, time = own_day, _time(rest)
        if time is None:
            continue
        box, probability = box_of(line.corners, width, height), line.probability
        shown = line.text
        if day is None and (near := _dated_neighbour(line, dated)) is not None:
            other, day = near
            box = around_both(box, box_of(other.corners, width, height))
            probability = min(probability, other.probability)
            shown = f"{other.text} {line.text}"
        moment, to_the_second = time
        if day is None and not to_the_second:
            continue
        found.append(
            PictureClock(
                (day or NO_DATE) + moment,
                day is not None,
                shown,
                round(probability, 4),
                box,
                frame_ms,
            )
        )
    return tuple(found)


def clock_in(text: str) -> tuple[datetime | None, timedelta] | None:
    """The date (where there is one) and the time of day, to the second, that one line shows."""
    day, rest = _date(_folded(text))
    found = _time(rest)
    if found is None:
        return None
    time, to_the_second = found
    if not to_the_second:
        return None
    return day, time


def shows_a_time(text: str) -> bool:
    """Whether a line may be a clock that shows seconds, be it misread in a digit."""
    return _TIME_LIKE.search(_folded(text)) is not None


def ticking(clocks: Sequence[PictureClock]) -> tuple[PictureClock, ...]:
    """A recording's clocks without misread ones.

    Where most agree on how they run, the odd ones are dropped.
    """
    timed = [clock for clock in clocks if clock.frame_ms is not None]
    if len(timed) < 3:  # noqa: PLR2004 -- two that differ don't say which is wrong
        return tuple(clocks)
    most: list[PictureClock] = []
    for clock in timed:
        agreeing = _agreeing(timed, _start_s(clock))
        if len(agreeing) > len(most):
            most = agreeing
    if 2 * len(most) <= len(timed):
        return tuple(clocks)
    return tuple(most)


def _agreeing(clocks: Sequence[PictureClock], start_s: float) -> list[PictureClock]:
    """Those that run as if they had shown that second at the first frame."""
    return [clock for clock in clocks if abs(_start_s(clock) - start_s) <= _TICK_S]


def _start_s(clock: PictureClock) -> float:
    """What the clock would have shown at the first frame, in seconds."""
    return (clock.at - NO_DATE).total_seconds() - (clock.frame_ms or 0) / 1000


def _folded(text: str) -> str:
    """Compatibility forms, letters that stand for digits, date and time read as one parted."""
    text = unicodedata.normalize("NFKC", text).upper()
    text = _ZERO_TWINS.sub("0", text)
    text = _DIGIT_TWINS.sub(lambda match: match[0].replace("Z", "2"), text)
    return _GLUED.sub(r"\1 \2", _GLUED_AFTER.sub(r"\1 \2", text))


def _date(text: str) -> tuple[datetime | None, str]:
    """A date in ``text`` and what is left of it. Day before month, unless that is impossible."""
    if match := _YEAR_FIRST.search(text):
        year, month, day = map(int, match.groups())
    elif match := _YEAR_LAST.search(text) or _SHORT_YEAR_LAST.search(text):
        day, month, year = map(int, match.groups())
        if month > _MONTHS:
            day, month = month, day
        if year < _CENTURY:
            year += 2000
    else:
        return None, text
    try:
        found = datetime(year, month, day)  # noqa: DTZ001 -- wall-clock time without zone
    except ValueError:
        return None, text
    return found, text[: match.start()] + " " + text[match.end() :]


def _time(text: str) -> tuple[timedelta, bool] | None:
    match = _TIME.search(text.replace("PN", "PM"))
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), match[3]
    if match[4] is not None:
        if not 1 <= hour <= _NOON:
            return None
        hour %= _NOON
        if match[4] == "PM":
            hour += _NOON
    return timedelta(hours=hour, minutes=minute, seconds=int(second or 0)), second is not None


def _dated_neighbour(
    line: TextLine, dated: Sequence[tuple[TextLine, datetime]]
) -> tuple[TextLine, datetime] | None:
    """The nearest of the texts with a date, on the same row as ``line`` or within two rows."""
    middle = line.corners.mean(axis=0)
    tall = float(np.ptp(line.corners[:, 1])) or 1.0
    nearest, nearest_px = None, math.inf
    for other, day in dated:
        across, down = np.abs(other.corners.mean(axis=0) - middle)
        reach = 0.8 * float(np.ptp(line.corners[:, 0]) + np.ptp(other.corners[:, 0]))
        if down > 2.5 * tall or across > max(reach, 3 * tall):
            continue
        if across + down < nearest_px:
            nearest, nearest_px = (other, day), float(across + down)
    return nearest


def around_both(one: Box, other: Box) -> Box:
    """The smallest box that holds both."""
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
