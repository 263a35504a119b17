"""Which frames of a recording are worth reading: a cheap sweep first, the dear text passes on the best of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scheme.reading import FrameLooked
from verifiers.reading.pictures import Pixels, scaled

SWEEP_STEP_MS = 1000
MOST_SWEPT = 90
LEAST_SWEPT = 12
MOST_TEXT_PASSES = 7
_PASS_EVERY_MS = 25_000
_LEAST_TEXT_PASSES = 3
SMALL_SIDE = 1024
"""Sharpness is a matter of scale: it is always measured at this size."""


def looked_at(frame_ms: int | None, pixels: Pixels) -> FrameLooked:
    """Sharpness (variance of the Laplacian at 1024 px) and brightness (mean of 0..255) of one BGR picture."""
    factor = min(1.0, SMALL_SIDE / max(pixels.shape[:2]))
    grey = cv2.cvtColor(scaled(pixels, factor), cv2.COLOR_BGR2GRAY)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    return FrameLooked(frame_ms, round(sharpness, 2), round(float(grey.mean()), 2))


def sweep_times(frames_ms: Sequence[int], keyframes_ms: Sequence[int]) -> tuple[int, ...]:
    """Times to sweep, ascending: at most 90, at least 12 where there are as many frames, about one a second.

    Keyframes where there are enough of them: each is decoded alone, any other frame with all those before it.
    """
    if len(frames_ms) <= LEAST_SWEPT:
        return tuple(frames_ms)
    duration = frames_ms[-1] - frames_ms[0]
    wanted = min(MOST_SWEPT, max(LEAST_SWEPT, duration // SWEEP_STEP_MS + 1))
    keys = _spread(keyframes_ms, int(wanted))
    if len(keys) >= LEAST_SWEPT:
        return keys
    return tuple(sorted({*keys, *_spread(frames_ms, LEAST_SWEPT)}))


def _spread(times: Sequence[int], count: int) -> tuple[int, ...]:
    """``count`` of ``times``, evenly over their span, first and last among them; all where there are fewer."""
    if len(times) <= count:
        return tuple(times)
    evenly = np.linspace(times[0], times[-1], count)
    known = np.asarray(times)
    after = np.clip(np.searchsorted(known, evenly), 1, len(known) - 1)
    nearest = np.where(evenly - known[after - 1] <= known[after] - evenly, after - 1, after)
    return tuple(sorted({times[int(place)] for place in nearest}))


@dataclass(frozen=True, slots=True)
class Swept:
    """A frame of the sweep: how sharp it is, and how high the best plate on it is (share of the picture)."""

    looked: FrameLooked
    plate_height: float


def worth_reading(swept: Sequence[Swept]) -> tuple[int, ...]:
    """Frame times for the text passes, ascending: the sharpest of each stretch, and the closest look at a plate."""
    timed = [(frame.looked.frame_ms, frame) for frame in swept if frame.looked.frame_ms is not None]
    if not timed:
        return ()
    first, last = timed[0][0], timed[-1][0]
    passes = int(min(MOST_TEXT_PASSES, max(_LEAST_TEXT_PASSES, (last - first) // _PASS_EVERY_MS + 2)))
    chosen: set[int] = set()
    closest = max(timed, key=lambda item: (item[1].plate_height, item[1].looked.sharpness))
    if closest[1].plate_height > 0:
        chosen.add(closest[0])
    stretches = passes - len(chosen)
    for stretch in range(stretches):
        begin = first + (last - first) * stretch / stretches
        end = first + (last - first) * (stretch + 1) / stretches
        inside = [item for item in timed if begin <= item[0] < end or (stretch == stretches - 1 and item[0] == last)]
        if inside:
            chosen.add(max(inside, key=lambda item: item[1].looked.sharpness)[0])
    return tuple(sorted(chosen))
