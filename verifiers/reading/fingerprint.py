"""PDQ, the 256-bit fingerprint of pictures (ThreatExchange, "PDQ and TMK", 2019), in numpy.

It survives recoding, resizing and toning, not crops; here it only ever asks a question (distance <=
31, R14). The seven mirrored and turned views follow from the same 16 × 16 transform: turning is a
transposition and signs.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scheme.reading import Fingerprint
from verifiers.reading.pictures import Pixels, scaled

Grid = NDArray[np.float32]

ALGORITHM = "pdq"
VERSION = 1
"""Of this way to take it; two versions are never compared."""

VIEWS = 8
"""0 as it is; 1 to 3 turned clockwise by 90°, 180°, 270°; 4 mirrored left-right, 5 upside down, 6,
7 on a diagonal.
"""

_SIDE = 64
"""Pixels of the picture that PDQ works on, by its paper."""

_KEPT = 16
"""Rows and columns of frequencies that PDQ keeps, by its paper."""

_LARGEST = 512
"""Pixels a picture is shrunk to first, as the reference does."""


def fingerprints(
    pixels: Pixels, frame_ms: int | None = None, views: int = VIEWS
) -> tuple[Fingerprint, ...]:
    """The first ``views`` of the eight views of one BGR picture; all share its quality (0 blank ..

    100 busy).
    """
    luma = _luma(pixels)
    grid = _decimated(luma)
    quality = _quality(grid)
    transform = _transformed(grid)
    return tuple(
        Fingerprint(ALGORITHM, VERSION, view, _hex(turned > np.median(turned)), quality, frame_ms)
        for view, turned in zip(range(views), _turned(transform), strict=False)
    )


def distance(one: str, other: str) -> int:
    """Differing bits of two fingerprints in hex: 0..256."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _luma(pixels: Pixels) -> Grid:
    """Brightness as float32, no side over 512 px, as the reference does.

    The filter sees no more.
    """
    factor = _LARGEST / max(pixels.shape[:2])
    if factor < 1:
        pixels = scaled(pixels, factor)
    weights = np.array([0.114, 0.587, 0.299], dtype=np.float32)
    return np.asarray(pixels.astype(np.float32) @ weights, dtype=np.float32)


def _decimated(luma: Grid) -> Grid:
    """64 × 64: two box filters a direction (Jarosz), then the middle sample of each cell."""
    rows, columns = luma.shape
    for _ in range(2):
        luma = _box(luma, 1, (columns + 2 * _SIDE - 1) // (2 * _SIDE))
        luma = _box(luma, 0, (rows + 2 * _SIDE - 1) // (2 * _SIDE))
    middle = np.arange(_SIDE) + 0.5
    down = (middle * rows / _SIDE).astype(np.intp)
    across = (middle * columns / _SIDE).astype(np.intp)
    return luma[np.ix_(down, across)]


def _box(values: Grid, axis: int, window: int) -> Grid:
    """Mean over ``window`` neighbours along ``axis``; at the edges over those that exist."""
    length = values.shape[axis]
    after = (window + 2) // 2
    place = np.arange(length)
    low = np.maximum(place - (window - after), 0)
    high = np.minimum(place + after, length)
    sums = np.cumsum(values, axis=axis, dtype=np.float64)
    sums = np.concatenate((np.zeros_like(np.take(sums, [0], axis=axis)), sums), axis=axis)
    counts = (high - low).reshape((-1, 1) if axis == 0 else (1, -1))
    means = (np.take(sums, high, axis=axis) - np.take(sums, low, axis=axis)) / counts
    return np.asarray(means, dtype=np.float32)


def _quality(grid: Grid) -> int:
    """How much gradient there is; below 50 a fingerprint says little."""
    steps = sum(
        float(np.abs(np.trunc(np.diff(grid, axis=axis) * 100 / 255)).sum()) for axis in (0, 1)
    )
    return min(100, int(steps / 90))


@cache
def _cosines() -> Grid:
    frequency = np.arange(1, _KEPT + 1)[:, None]
    place = 2 * np.arange(_SIDE)[None, :] + 1
    waves = np.sqrt(2 / _SIDE) * np.cos(np.pi / 2 / _SIDE * frequency * place)
    return np.asarray(waves, dtype=np.float32)


def _transformed(grid: Grid) -> Grid:
    cosines = _cosines()
    return np.asarray(cosines @ grid @ cosines.T, dtype=np.float32)


def _turned(transform: Grid) -> Iterator[Grid]:
    """The transforms of the eight views.

    Mirroring an axis flips the sign of its odd frequencies.
    """
    sign = np.where(np.arange(1, _KEPT + 1) % 2, -1.0, 1.0).astype(np.float32)
    left_right = transform * sign[None, :]
    upside_down = transform * sign[:, None]
    both = upside_down * sign[None, :]
    yield transform
    yield upside_down.T
    yield both
    yield left_right.T
    yield left_right
    yield upside_down
    yield transform.T
    yield both.T


def _hex(bits: NDArray[np.bool_]) -> str:
    """64 hex digits, the highest frequency first, as the reference implementation prints them."""
    packed = np.packbits(bits.reshape(-1)[::-1])
    return packed.tobytes().hex()
