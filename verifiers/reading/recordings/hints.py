"""Hints for the officer's eyes: lit traffic lights and a solid centre line, from when to when.

Never a verdict.

A lamp is a small round of one saturated colour in the upper part of the picture, on a dark housing
that is longer than the lamp and darker than what is behind it. By night housings can't be told from
the sky: then nothing is said. A centre line is yellow, thin, long and runs towards the horizon.
Both must stay over several swept frames.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Box, Hint, Hinted, Span
from verifiers.reading.frames.glance import pan_between
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.pictures import Pixels

_HUES = MappingProxyType(
    {
        Hinted.RED_LIGHT: ((0, 9), (168, 179)),
        Hinted.YELLOW_LIGHT: ((15, 30),),
        Hinted.GREEN_LIGHT: ((45, 98),),
    }
)
"""OpenCV hues (0..179) of a lit lamp."""

_VIVID, _BRIGHT, _DARK = 110, 140, 90
"""Saturation and value (of 255) of a lit lamp, and value of what surrounds it. Chosen, not
measured.
"""

_UPPER = 0.6
"""Share of the picture, from above, in which lamps are sought. Chosen, not measured."""

_LAMP_PX = (3, 26)
"""Pixels of a lamp at 512 px of picture, from and to. Chosen, not measured."""

_ROUND = (0.65, 1.5)
"""Width over height of a lamp, from and to. Chosen, not measured."""

_FILLED = 0.6
"""Share of its box that a lamp fills: a disk fills 0.79. Chosen, not measured."""

_RING_DARK = 0.75
"""Share of the ring around a lamp that is dark. Chosen, not measured."""

_HOUSING = 1.5
"""Diameters by which the dark housing goes on beyond the lamp, along one axis."""
_HOUSING_STANDS_OUT = 25
"""Levels (of 255) by which what is behind a housing is brighter. Chosen, not measured."""

_SAME_PLACE = 0.035
"""Share of the picture by which a lamp may move from frame to frame. Chosen, not measured."""

_LEAST_FRAMES = 3
"""Swept frames that have to show a hint. Chosen, not measured."""

_LEAST_MS = 1500
"""Milliseconds for which a hint has to be seen. Chosen, not measured."""

_MISSED = 2
"""Swept frames in which it may be hidden before it counts as another."""
_MOST_A_KIND = 4
"""Hints of one kind that are told: they point an officer's eyes, no more. Chosen, not measured."""

_YELLOW = ((15, 70, 90), (35, 255, 255))
"""Lowest and highest hue (0..179), saturation and value (of 255) of a yellow line. Chosen, not
measured.
"""

_LINE_LENGTH = 0.22
"""Share of the picture's height that a line is long at least. Chosen, not measured."""

_LINE_FROM = 0.4
"""Share of the picture, from above, below which lines lie. Chosen, not measured."""

_LINE_STEEP, _LINE_UPRIGHT = 0.3, 0.08
"""What lies flatter is a stop line or a kerb, what stands upright a post."""

_LINE_FILLED, _LINE_BESIDE = 0.85, 0.35
"""Share of a solid line that is yellow at least, and of what lies beside it at most. Chosen, not
measured.
"""

_LINE_APART = 0.04
"""Share of the picture's width aside of a line at which there has to be no other. Chosen, not
measured.
"""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Something in one frame; ``middle`` in shares of the picture."""

    what: Hinted
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2


@dataclass(slots=True)
class _Track:
    """One spot over time; ``at``: where it should be by now, ``missed``: for how many frames."""

    spots: list[tuple[int, _Spot]]
    at: tuple[float, float]
    missed: int = 0


def hints_of(swept: Sequence[Swept]) -> tuple[Hint, ...]:
    """Hints, by kind and time.

    ``probability`` grows with the frames that show the same; at most .9.
    """
    tracks = [*_tracked(swept, _lamps), *_tracked(swept, _centre_lines)]
    found = [hint for track in tracks if (hint := _hint(track)) is not None]
    kept: list[Hint] = []
    for what in Hinted:
        of_kind = sorted(
            (hint for hint in found if hint.what is what), key=lambda hint: -hint.probability
        )
        kept += sorted(of_kind[:_MOST_A_KIND], key=lambda hint: hint.span.from_ms)
    return tuple(kept)


def _tracked(swept: Sequence[Swept], spots_of: Callable[[Pixels], Iterator[_Spot]]) -> list[_Track]:
    tracks: list[_Track] = []
    for place, frame in enumerate(swept):
        right, down = pan_between(swept[place - 1].glance, frame.glance) if place else (0.0, 0.0)
        for track in tracks:
            track.at, track.missed = (track.at[0] + right, track.at[1] + down), track.missed + 1
        for spot in spots_of(frame.small):
            home = next((track for track in tracks if _goes_on(track, spot)), None)
            if home is None:
                tracks.append(_Track([(frame.ms, spot)], spot.middle))
            else:
                home.spots.append((frame.ms, spot))
                home.at, home.missed = spot.middle, 0
    return tracks


def _goes_on(track: _Track, spot: _Spot) -> bool:
    near = np.hypot(spot.middle[0] - track.at[0], spot.middle[1] - track.at[1]) <= _SAME_PLACE
    return track.spots[-1][1].what is spot.what and 0 < track.missed <= _MISSED + 1 and bool(near)


def _hint(track: _Track) -> Hint | None:
    first, last = track.spots[0][0], track.spots[-1][0]
    if len(track.spots) < _LEAST_FRAMES or last - first < _LEAST_MS:
        return None
    largest = max(
        (spot for _, spot in track.spots), key=lambda spot: spot.box.bottom - spot.box.top
    )
    return Hint(
        largest.what,
        Span(first, last),
        largest.box,
        round(min(0.9, 0.4 + 0.05 * len(track.spots)), 2),
    )


def _box(edges: tuple[int, int, int, int], wide: int, high: int) -> Box:
    left, top, right, bottom = (
        round(float(edge), 5) for edge in np.array(edges) / (wide, high, wide, high)
    )
    return Box(left, top, right, bottom)


# -- lamps -----------------------------------------------------------------------------------------


def _lamps(small: Pixels) -> Iterator[_Spot]:
    hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    hue, saturation, value = (channel.astype(np.uint8, copy=False) for channel in cv2.split(hsv))
    high, wide = value.shape
    vivid = (saturation >= _VIVID) & (value >= _BRIGHT)
    vivid[round(_UPPER * high) :] = False
    for what, ranges in _HUES.items():
        mask = np.zeros_like(vivid)
        for lowest, highest in ranges:
            mask |= (hue >= lowest) & (hue <= highest)
        _, _, stats, _ = cv2.connectedComponentsWithStats(
            (mask & vivid).astype(np.uint8), connectivity=8
        )
        for left, top, across, tall, area in stats[1:]:
            if not _LAMP_PX[0] <= min(across, tall) <= max(across, tall) <= _LAMP_PX[1]:
                continue
            is_round = _ROUND[0] <= across / tall <= _ROUND[1] and area >= _FILLED * across * tall
            if is_round and _in_housing(value, (int(left), int(top), int(across), int(tall))):
                yield _Spot(what, _box((left, top, left + across, top + tall), wide, high))


def _in_housing(value: NDArray[np.uint8], lamp: tuple[int, int, int, int]) -> bool:
    """Whether dark surrounds the lamp, goes on along one axis, and ends before the background."""
    left, top, across, tall = lamp
    size = max(across, tall)
    margin = max(2, round(0.35 * size))
    rows, columns = (
        slice(top - margin, top + tall + margin),
        slice(left - margin, left + across + margin),
    )
    if (
        rows.start < 0
        or columns.start < 0
        or rows.stop > value.shape[0]
        or columns.stop > value.shape[1]
    ):
        return False
    ring = value[rows, columns].astype(np.float32)
    outer = np.ones(ring.shape, bool)
    outer[1:-1, 1:-1] = False
    dark = ring < _DARK
    if dark[outer].mean() < _RING_DARK:
        return False
    housing = float(ring[outer & dark].mean())
    middle_x, middle_y = left + across // 2, top + tall // 2
    reach = round(3.2 * size)
    along = (
        value[max(0, top - margin - reach) : top - margin, middle_x][::-1],
        value[top + tall + margin : top + tall + margin + reach, middle_x],
        value[middle_y, max(0, left - margin - reach) : left - margin][::-1],
        value[middle_y, left + across + margin : left + across + margin + reach],
    )
    up, down, to_left, to_right = (_dark_run(line) / size for line in along)
    ends = [
        float(line[_dark_run(line) :][:4].mean()) for line in along if _dark_run(line) < len(line)
    ]
    long, short = max(up + down, to_left + to_right), min(up + down, to_left + to_right)
    # Of four sides
    ends_well = len(ends) >= 3 and float(np.median(ends)) >= housing + _HOUSING_STANDS_OUT  # noqa: PLR2004
    return long >= _HOUSING and short <= _HOUSING / 2 and ends_well


def _dark_run(line: NDArray[np.uint8]) -> int:
    """How many pixels from the beginning are dark."""
    bright = np.flatnonzero(line >= _DARK)
    return int(bright[0]) if bright.size else len(line)


# -- the centre line -------------------------------------------------------------------------------


def _centre_lines(small: Pixels) -> Iterator[_Spot]:
    """The longest solid yellow line of the lower part, if there is one."""
    hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    mask = cv2.inRange(hsv, np.array(_YELLOW[0], np.uint8), np.array(_YELLOW[1], np.uint8)).astype(
        np.uint8, copy=False
    )
    high, wide = mask.shape
    mask[: round(_LINE_FROM * high)] = 0
    least = _LINE_LENGTH * high
    lines = cv2.HoughLinesP(mask, 2, np.pi / 180, 40, minLineLength=least, maxLineGap=4)
    best: tuple[float, Box] | None = None
    for x1, y1, x2, y2 in () if lines is None else lines.reshape(-1, 4)[:200].astype(int):
        length = float(np.hypot(x2 - x1, y2 - y1))
        flat, upright = abs(y2 - y1) < _LINE_STEEP * length, abs(x2 - x1) < _LINE_UPRIGHT * length
        if flat or upright or (best is not None and length <= best[0]):
            continue
        if _share_lit(mask, (x1, y1, x2, y2), 0) < _LINE_FILLED:
            continue
        beside = [_share_lit(mask, (x1, y1, x2, y2), side * _LINE_APART * wide) for side in (-1, 1)]
        if max(beside) > _LINE_BESIDE:
            continue  # a yellow wall or bus, no line
        best = length, _box((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)), wide, high)
    if best is not None:
        yield _Spot(Hinted.CENTRE_LINE, best[1])


def _share_lit(mask: NDArray[np.uint8], line: tuple[int, int, int, int], aside: float) -> float:
    """Share of the points along ``line``, moved ``aside`` pixels to the right, that are lit."""
    x1, y1, x2, y2 = line
    along = np.linspace(0, 1, 40)
    columns = np.clip(np.round(x1 + (x2 - x1) * along + aside).astype(int), 0, mask.shape[1] - 1)
    rows = np.round(y1 + (y2 - y1) * along).astype(int)
    return float((mask[rows, columns] > 0).mean())
