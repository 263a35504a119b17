"""Clocks that the camera writes into a recording: found once, then read in many frames and fused.

One reading can be wrong in a digit; all of them must tick. Of all starts (and, where real time fits
none, of all rates) the one counts that most frames agree with; what does not agree is dropped, and
the first and the last frame are given the time that the others say.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations

import cv2
import numpy as np

from scheme.reading import Box, ClockRun, PictureClock, TextSeen
from verifiers.media.protocol import Media, Timeline
from verifiers.reading.clocks.clock import NO_DATE, around_both, clock_in, shows_a_time
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.pictures import Pixels, as_pixels
from verifiers.reading.texts.strips import strip_of, strip_steps, text_of

_MOST_OVERLAYS = 2
"""Clocks of one recording that are followed; dashcams draw one, some two. Chosen, not measured."""

_MOST_FRAMES = 14
"""Frames in which a clock is read: fourteen make all seven labelled clips right, to the second."""

_LEAST_FRAMES = 3
"""Frames that have to show it, so that a single misreading is no clock. Chosen, not measured."""

_MARGIN_X, _MARGIN_Y = 0.7, 0.25
"""Of the line's height: a clock's digits differ in width."""

_SLACK_S = 0.35
"""How late or early a recorder may draw its clock."""
_AGREEING = 0.6
"""Share of the readings that has to agree with one start and rate. Chosen, not measured."""

_RATES = (0.0, 20.0)
"""Seconds of the clock a second of the recording, from and to: time lapses run faster. Chosen, not
measured.
"""

_LEAST_SPAN_S = 3.0
"""Seconds between two readings from which a rate can be told. Chosen, not measured."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One frame's clock: ``second`` since midnight of ``NO_DATE``, the date where one was read."""

    ms: int
    second: float
    day: date | None
    text: str
    probability: float
    box: Box


@dataclass(frozen=True, slots=True)
class _Run:
    """``start_s`` would have been shown at 0 ms; ``agreeing`` are the readings that fit."""

    start_s: float
    rate: float
    agreeing: tuple[_Read, ...]

    def shown_at(self, ms: int) -> float:
        """The second that is shown at ``ms``."""
        return float(np.floor(self.start_s + self.rate * ms / 1000 + 1e-6))


def read_overlays(
    media: Media, timeline: Timeline, swept: Sequence[Swept], texts: Sequence[TextSeen], side: int
) -> tuple[tuple[PictureClock, ...], ClockRun | None]:
    """The recording's own clocks, one entry a frame that agrees, and how the best one runs.

    ``texts``: what whole-picture passes read. Frames are fetched at ``side`` pixels. Empty where
    nothing ticks.
    """
    places = _places(texts)
    times = _times(timeline, swept)
    if not places or len(times) < _LEAST_FRAMES:
        return (), None
    reads: dict[Box, list[_Read]] = {place: [] for place in places}
    for frame in media.frames(times, side):
        for place in places:
            reads[place] += _in_strip(frame.pixels, place, frame.ms or 0)
    runs: list[_Run] = []
    clocks: list[PictureClock] = []
    for place in places:
        run = _fitted(reads[place])
        if run is not None:
            runs.append(run)
            clocks.extend(_clocks(run, timeline))
    if not runs:
        return (), None
    best = max(runs, key=lambda run: len(run.agreeing))
    return tuple(clocks), ClockRun(round(best.rate, 2), _agreement(best))


def _places(texts: Sequence[TextSeen]) -> list[Box]:
    """Where lines with a time of day stand.

    Seen in several frames counts more, and an overlay never moves.
    """
    groups: list[list[TextSeen]] = []
    for text in texts:
        if not shows_a_time(text.text):
            continue
        home = next((group for group in groups if _same_place(group[0].box, text.box)), None)
        if home is None:
            groups.append([text])
        else:
            home.append(text)
    groups.sort(key=_weight, reverse=True)
    return [_around(group) for group in groups[:_MOST_OVERLAYS]]


def _weight(group: Sequence[TextSeen]) -> float:
    return sum(text.probability for text in group)


def _same_place(one: Box, other: Box) -> bool:
    tall = min(one.bottom - one.top, other.bottom - other.top)
    apart = abs(one.top + one.bottom - other.top - other.bottom) / 2
    return apart < tall / 2 and min(one.right, other.right) > max(one.left, other.left)


def _around(group: Sequence[TextSeen]) -> Box:
    around = group[0].box
    for text in group[1:]:
        around = around_both(around, text.box)
    return around


def _times(timeline: Timeline, swept: Sequence[Swept]) -> list[int]:
    """First and last frame and swept ones between them, evenly."""
    if not swept or not timeline.frames_ms:
        return [frame.ms for frame in swept[:_MOST_FRAMES]]
    inner = swept[:: -(-len(swept) // (_MOST_FRAMES - 2))]
    return sorted({timeline.frames_ms[0], timeline.frames_ms[-1], *(frame.ms for frame in inner)})


def _in_strip(pixels: Pixels, place: Box, ms: int) -> Iterable[_Read]:
    """The clock at ``place``, read in two views of it.

    As it is, and with its contrast stretched.
    """
    strip = strip_of(pixels, place, (_MARGIN_X, _MARGIN_Y))
    if strip is None:
        return
    for view in (strip, _stretched(strip)):
        text, probability = text_of(strip_steps(view))
        found = clock_in(text)
        if found is not None:
            day, time = found
            yield _Read(ms, time.total_seconds(), day, text, probability, place)


def _stretched(strip: Pixels) -> Pixels:
    """Grey, its darkest and brightest twentieth black and white.

    A faint or coloured overlay stands out.
    """
    grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY).astype(np.float32)
    dark, bright = np.percentile(grey, (5, 99))
    return as_pixels(
        np.repeat(
            np.clip((grey - dark) * 255 / max(bright - dark, 1), 0, 255)[..., None], 3, axis=2
        )
    )


def _fitted(reads: Sequence[_Read]) -> _Run | None:
    """The run that most frames agree with.

    At real time, else at whatever rate; ``None`` where most do not agree.
    """
    frames = _frames(reads)
    if frames < _LEAST_FRAMES:
        return None
    enough = max(_LEAST_FRAMES, _AGREEING * frames)
    run = _at_rate(reads, 1.0)
    if _agreement(run) < enough:
        others = [_at_rate(reads, rate) for rate in _rates(reads)]
        run = max(others, key=_how_likely, default=run)
    if _agreement(run) < enough:
        return None
    return run


def _how_likely(run: _Run) -> tuple[int, float]:
    """More frames agree, then nearer to real time."""
    return _agreement(run), -abs(run.rate - 1)


def _agreement(run: _Run) -> int:
    return _frames(run.agreeing)


def _frames(reads: Iterable[_Read]) -> int:
    return len({read.ms for read in reads})


def _rates(reads: Sequence[_Read]) -> list[float]:
    """Rates that two readings far apart would mean, and none at all."""
    far = max((reads[-1].ms - reads[0].ms) / 2, 1000 * _LEAST_SPAN_S)
    slowest, fastest = _RATES
    found: set[float] = set()
    for earlier, later in combinations(reads, 2):
        apart_ms = later.ms - earlier.ms
        if apart_ms > far:
            rate = round((later.second - earlier.second) / apart_ms * 1000, 4)
            if slowest <= rate <= fastest:
                found.add(rate)
    return sorted(found)


def _at_rate(reads: Sequence[_Read], rate: float) -> _Run:
    """The start that most readings allow.

    Each allows the second that it shows, and a little around it.
    """
    lows = np.array([read.second - rate * read.ms / 1000 for read in reads])
    weights = np.array([read.probability for read in reads])
    best_start, best_weight = 0.0, -1.0
    for start in np.concatenate((lows, lows + 1 - 1e-3)):
        fits = (lows - _SLACK_S <= start) & (start < lows + 1 + _SLACK_S)
        if weights[fits].sum() > best_weight:
            best_start, best_weight = float(start), float(weights[fits].sum())
    fits = (lows - _SLACK_S <= best_start) & (best_start < lows + 1 + _SLACK_S)
    agreeing = tuple(read for read, fit in zip(reads, fits, strict=True) if fit)
    # The strictest bounds of those that agree, met in the middle: that is the start to a fraction
    # of a second.
    low, high = float(np.quantile(lows[fits], 0.9)), float(np.quantile(lows[fits], 0.1)) + 1
    return _Run((low + high) / 2, rate, agreeing)


def _clocks(run: _Run, timeline: Timeline) -> list[PictureClock]:
    """One clock for every frame that agrees, as read there.

    At both ends of the recording as the run says.
    """
    day = _day(run)
    midnight = day or NO_DATE
    clocks: dict[int, PictureClock] = {}
    for read in sorted(run.agreeing, key=lambda read: (read.ms, -read.probability)):
        at, probability = midnight + timedelta(seconds=read.second), round(read.probability, 4)
        clock = PictureClock(at, day is not None, read.text, probability, read.box, read.ms)
        clocks.setdefault(read.ms, clock)
    likeliest = max(clocks.values(), key=lambda clock: clock.probability)
    for ms in (*timeline.frames_ms[:1], *timeline.frames_ms[-1:]):
        if ms not in clocks:
            at = midnight + timedelta(seconds=run.shown_at(ms))
            clocks[ms] = replace(likeliest, at=at, frame_ms=ms)
    return [clocks[ms] for ms in sorted(clocks)]


def _day(run: _Run) -> datetime | None:
    """Midnight of the day that most readings show; None where none shows one."""
    days = Counter(read.day for read in run.agreeing)
    del days[None]
    if not days:
        return None
    ((day, _),) = days.most_common(1)
    if day is None:
        return None
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a picture's clock has no zone
