"""Which frames of a recording are worth reading.

A cheap sweep first, the dear text passes on the best of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scheme.reading import FrameLooked
from verifiers.reading.frames.glance import Glance, likeness_after_a_pan
from verifiers.reading.pictures import Pixels, scaled

SWEEP_STEP_MS = 1000
"""Milliseconds between swept frames of a short recording. Chosen, not measured."""

WIDE_STEP_MS = 2000
"""Milliseconds between swept frames where keyframes lie far apart. Chosen, not measured."""

MOST_SWEPT = 60
"""Frames swept at most: with it a minute of 1080p is read in less than half of its decoding."""

DENSE_SWEPT = 24
"""Up to this many seconds a recording is swept once a second, beyond it every other second."""
LEAST_SWEPT = 12
"""Frames swept at least, where there are so many. Chosen, not measured."""

_SPARSE_STEP_MS = 3000
"""Where keyframes are rare a frame costs all those before it: no more than one in this time."""
MOST_TEXT_PASSES = 7
"""Text passes of one recording at most, for time. Chosen, not measured."""

_PASS_EVERY_MS = 25_000
"""Milliseconds of recording that allow one more text pass. Chosen, not measured."""

_LEAST_TEXT_PASSES = 3
"""Text passes that even a short recording may have. Chosen, not measured."""

_NEW_BELOW = 0.9
"""Likeness (-1..1) to every frame read before, under which a frame shows something new. Chosen, not
measured.
"""

SMALL_SIDE = 1024
"""Sharpness is a matter of scale: it is always measured at this size."""


def looked_at(frame_ms: int | None, pixels: Pixels) -> FrameLooked:
    """Sharpness (variance of the Laplacian at 1024 px) and mean brightness (0..255)."""
    factor = min(1.0, SMALL_SIDE / max(pixels.shape[:2]))
    grey = cv2.cvtColor(scaled(pixels, factor), cv2.COLOR_BGR2GRAY)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    return FrameLooked(frame_ms, round(sharpness, 2), round(float(grey.mean()), 2))


def sweep_times(frames_ms: Sequence[int], keyframes_ms: Sequence[int]) -> tuple[int, ...]:
    """Times to sweep, ascending.

    At most 60, at least 12 where there are as many frames, one a second or two.

    Keyframes where there are enough of them: each is decoded alone, any other frame with all those
    before it.
    """
    if len(frames_ms) <= LEAST_SWEPT:
        return tuple(frames_ms)
    duration = frames_ms[-1] - frames_ms[0]
    wanted = min(duration // SWEEP_STEP_MS, max(DENSE_SWEPT, duration // WIDE_STEP_MS)) + 1
    keys = _spread(keyframes_ms, int(min(MOST_SWEPT, max(LEAST_SWEPT, wanted))))
    least = int(min(MOST_SWEPT // 2, max(LEAST_SWEPT, duration // _SPARSE_STEP_MS)))
    if len(keys) >= least:
        return keys
    return tuple(sorted({*keys, *_spread(frames_ms, least)}))


def _spread(times: Sequence[int], count: int) -> tuple[int, ...]:
    """``count`` of ``times``, evenly over their span, first and last among them.

    All where there are fewer.
    """
    if len(times) <= count:
        return tuple(times)
    evenly = np.linspace(times[0], times[-1], count)
    known = np.asarray(times)
    after = np.clip(np.searchsorted(known, evenly), 1, len(known) - 1)
    nearest = np.where(evenly - known[after - 1] <= known[after] - evenly, after - 1, after)
    return tuple(sorted({times[int(place)] for place in nearest}))


@dataclass(frozen=True, slots=True)
class Swept:
    """A frame of the sweep: how sharp it is, how it looks, and how high its best plate is.

    That height is a share of the picture's.

    ``small`` is the BGR picture at no more than 512 px, for what is followed from frame to frame.
    """

    looked: FrameLooked
    plate_height: float
    glance: Glance
    small: Pixels

    @property
    def ms(self) -> int:
        """When it is shown."""
        return self.glance.ms


def worth_reading(swept: Sequence[Swept]) -> tuple[int, ...]:
    """Frame times for the text passes, best first.

    The closest look at a plate, then the sharpest of each stretch.

    Stretches alternate between early and late, so that whoever stops halfway has seen some of
    everything.
    """
    if not swept:
        return ()
    first, last = swept[0].ms, swept[-1].ms
    passes = int(
        min(MOST_TEXT_PASSES, max(_LEAST_TEXT_PASSES, (last - first) // _PASS_EVERY_MS + 2))
    )
    chosen: list[int] = []
    closest = max(swept, key=lambda frame: (frame.plate_height, frame.looked.sharpness))
    if closest.plate_height > 0:
        chosen.append(closest.ms)
    stretches = passes - len(chosen)
    sharpest: list[Swept] = []
    for stretch in range(stretches):
        begin = first + (last - first) * stretch / stretches
        end = first + (last - first) * (stretch + 1) / stretches
        inside = [
            one
            for one in swept
            if begin <= one.ms < end or (stretch == stretches - 1 and one.ms == last)
        ]
        if inside:
            sharpest.append(max(inside, key=lambda frame: frame.looked.sharpness))
    spread = (*sharpest[1::2], *sharpest[::2])
    return tuple(dict.fromkeys((*chosen, *(frame.ms for frame in spread))))


def shows_something_new(frame: Swept, known: Sequence[Swept]) -> bool:
    """Whether ``frame`` is unlike every one of ``known``, a pan between them left out of it."""
    return all(likeness_after_a_pan(frame.glance, other.glance) < _NEW_BELOW for other in known)
