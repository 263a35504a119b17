"""A frame at a glance: small and soft, enough to tell scenes apart and pans from each other."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from verifiers.reading.pictures import Pixels

_GRID = (48, 27)
"""Columns and rows of a glance: cuts and pans are told at that size. Chosen, not measured."""

BLACK_BELOW = 24.0
"""Level (of 255) under which a pixel belongs to a black bar. Chosen, not measured."""

_LEAST_OVERLAP = 0.5
"""Share of the picture that two frames have to share after a pan to be compared. Chosen, not
measured.
"""

_FARTHEST_PAN = 0.5
"""Share of a side. Where two pictures have nothing in common, the correlation names shifts of
several pictures.
"""


@dataclass(frozen=True, slots=True)
class Glance:
    """A frame reduced to what tells scenes apart.

    A soft 48 × 27 picture (float32, three channels) in 0..255.
    """

    ms: int
    thumbnail: NDArray[np.float32]


def glance(ms: int, pixels: Pixels) -> Glance:
    """Reduce one BGR frame."""
    small = cv2.resize(pixels, (_GRID[0] * 2, _GRID[1] * 2), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.5), _GRID, interpolation=cv2.INTER_AREA)
    return Glance(ms, soft.astype(np.float32))


def likeness(one: Glance, other: Glance) -> float:
    """1 for the same picture, about 0 for unrelated ones.

    Correlation of the soft pictures, brightness left out.

    Black bars around both pictures are left out too: they would be most of what is compared.
    """
    shown = np.maximum(one.thumbnail, other.thumbnail).max(axis=2) > BLACK_BELOW
    rows, columns = (np.flatnonzero(shown.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return 1.0
    inner = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return _correlation(one.thumbnail[inner], other.thumbnail[inner])


def likeness_after_a_pan(one: Glance, other: Glance) -> float:
    """``likeness`` of what both show, the one shifted onto the other.

    The plain one where they share too little.
    """
    plain = likeness(one, other)
    across, along = pan_between(one, other)
    right, down = round(across * _GRID[0]), round(along * _GRID[1])
    wide, high = _GRID[0] - abs(right), _GRID[1] - abs(down)
    if wide * high < _LEAST_OVERLAP * _GRID[0] * _GRID[1]:
        return plain
    first = one.thumbnail[max(0, -down) :, max(0, -right) :][:high, :wide]
    second = other.thumbnail[max(0, down) :, max(0, right) :][:high, :wide]
    return max(plain, _correlation(first, second))


def pan_between(one: Glance, other: Glance) -> tuple[float, float]:
    """How far what ``one`` shows has moved in ``other``.

    Right and down, in shares of width and height.

    (0, 0) where no shift of up to half the picture explains both.
    """
    first, second = (each.thumbnail.mean(axis=2) for each in (one, other))
    (right, down), _ = cv2.phaseCorrelate(first, second, _window())
    across, along = right / _GRID[0], down / _GRID[1]
    if not (abs(across) <= _FARTHEST_PAN and abs(along) <= _FARTHEST_PAN):  # NaN is no pan either
        return 0.0, 0.0
    return across, along


@cache
def _window() -> NDArray[np.float32]:
    return cv2.createHanningWindow(_GRID, cv2.CV_32F).astype(np.float32, copy=False)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    first, second = (each - each.mean(axis=(0, 1)) for each in (one, other))
    energy = float(np.sqrt((first**2).sum() * (second**2).sum()))
    flat = 4.0 * float(first.size)
    return (float((first * second).sum()) + flat) / (energy + flat)
