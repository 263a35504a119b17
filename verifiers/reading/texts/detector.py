"""Where text stands: a network's map of it, boxes cut out of that, parts to look at closely."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from verifiers.reading.models import text_detector
from verifiers.reading.pictures import Pixels, as_pixels

INK = 0.25
"""From here on a pixel of the map belongs to a text."""

FAINT = 0.08
"""From here on (0..1) it may: a sign too small, dotted or bright for this scale answers faintly."""

_MOST_BOXES = 300
"""Boxes of one map that are kept, for time. Chosen, not measured."""

_LEAST_SCORE = 0.42
"""Mean of the map (0..1) inside a box of text: lower than usual: with the
former detector 67 instead of 65 lines were named."""

_LEAST_SIDE = 3.0
"""Pixels of the map under which a box is a speck. Chosen, not measured."""

_GROWTH = 1.6
"""The network marks the heart of a text; its box is larger by ``growth`` times area over girth."""

_MOST_APART = 40
"""Windows up to which every pair is weighed; a wall of texts is one. Chosen, not measured."""

_STRIDE = 32
"""The network's own: sides are multiples of it."""

_MEAN = np.array((0.485, 0.456, 0.406), dtype=np.float32) * 255
"""The network's own: taken off each channel."""

_SPREAD = np.array((0.229, 0.224, 0.225), dtype=np.float32) * 255
"""The network's own: each channel divided by it."""


@dataclass(frozen=True, slots=True)
class TextBox:
    """A text's corners in pixels (top left first, clockwise), and how surely it is text."""

    corners: NDArray[np.float32]
    score: float

    @property
    def width(self) -> float:
        """The longer of the two lying sides, in pixels."""
        top_left, top_right, bottom_right, bottom_left = self.corners
        return float(
            max(np.hypot(*(top_right - top_left)), np.hypot(*(bottom_right - bottom_left)))
        )

    @property
    def height(self) -> float:
        """The longer of the two upright sides, in pixels."""
        top_left, top_right, bottom_right, bottom_left = self.corners
        return float(
            max(np.hypot(*(bottom_left - top_left)), np.hypot(*(bottom_right - top_right)))
        )


def text_map(pixels: Pixels, factor: float) -> NDArray[np.float32]:
    """How much each pixel of ``pixels`` times ``factor`` looks like text, 0..1.

    Sides are multiples of 32.
    """
    sides = [max(_STRIDE, round(side * factor / _STRIDE) * _STRIDE) for side in pixels.shape[:2]]
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(pixels, (sides[1], sides[0]), interpolation=way).astype(np.float32)
    tensor = np.ascontiguousarray(((fitted - _MEAN) / _SPREAD).transpose(2, 0, 1)[None])
    session = text_detector()
    answer: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: tensor})[0][0, 0]
    return answer


def boxes_in(answer: NDArray[np.float32], width: int, height: int) -> list[TextBox]:
    """The texts of one map, in pixels of the ``width`` × ``height`` picture that it was made of."""
    ink = cv2.dilate((answer > INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    back = np.array([width / answer.shape[1], height / answer.shape[0]], dtype=np.float32)
    found = []
    for outline in outlines[:_MOST_BOXES]:
        middle, (wide, high), turn = cv2.minAreaRect(outline)
        if min(wide, high) < _LEAST_SIDE:
            continue
        score = _score(answer, _upright(cv2.boxPoints((middle, (wide, high), turn))))
        if score < _LEAST_SCORE:
            continue
        more = wide * high * _GROWTH / (wide + high)
        corners = _upright(cv2.boxPoints((middle, (wide + more, high + more), turn))) * back
        found.append(TextBox(np.clip(corners, 0, (width, height)).astype(np.float32), score))
    return found


def _upright(corners: NDArray[Any]) -> NDArray[np.float32]:
    """Corners of a rectangle from the top left on, clockwise.

    The two leftmost are its left side.
    """
    left_first = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = (
        pair[np.argsort(pair[:, 1], kind="stable")] for pair in (left_first[:2], left_first[2:])
    )
    return np.array([left[0], right[0], right[1], left[1]], dtype=np.float32)


def _score(answer: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    """Mean of the map inside ``corners``."""
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = np.ascontiguousarray(answer[top:bottom, left:right])
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0]) if part.size else 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """An upright part of a picture, in its pixels; ``right`` and ``bottom`` are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        """Pixels inside."""
        return (self.right - self.left) * (self.bottom - self.top)

    def with_(self, other: "Window") -> "Window":
        """The smallest window around both."""
        return Window(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def windows_of(answer: NDArray[np.float32], width: int, height: int, most: int = 5) -> list[Window]:
    """Up to ``most`` windows of the picture that hold all that answers even faintly."""
    reach = (
        12  # of the map's pixels: what stands beside a text may be its number, too dim to answer
    )
    faint = cv2.dilate(
        (answer > FAINT).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    )
    count, _, stats, _ = cv2.connectedComponentsWithStats(faint)
    down, across = height / answer.shape[0], width / answer.shape[1]
    windows = [
        Window(
            int(left * across),
            int(top * down),
            min(width, int(np.ceil((left + wide) * across))),
            min(height, int(np.ceil((top + high) * down))),
        )
        for left, top, wide, high, _ in stats[1:count]
    ]
    if len(windows) > _MOST_APART:  # a wall of texts
        windows = [reduce(Window.with_, windows)]
    return _merged(windows, most)


def _merged(windows: list[Window], most: int) -> list[Window]:
    """Windows joined while that saves pixels or there are too many, the cheapest pair first."""
    windows = sorted(windows, key=lambda window: (window.top, window.left))
    while len(windows) > 1:
        pairs = [
            (one.with_(other).area - one.area - other.area, i, j)
            for i, one in enumerate(windows)
            for j, other in enumerate(windows[:i])
        ]
        more, i, j = min(pairs)
        if more > 0 and len(windows) <= most:
            break
        joined = windows[i].with_(windows[j])
        windows = [window for place, window in enumerate(windows) if place not in (i, j)] + [joined]
    return windows


def cut_out(pixels: Pixels, box: TextBox, height: int) -> Pixels:
    """The box straightened, ``height`` pixels high.

    A tall one lies on its side, as its text is read.
    """
    wide, high = max(2, round(box.width)), max(2, round(box.height))
    low = np.maximum(np.floor(box.corners.min(axis=0)).astype(int) - 2, 0)
    far = np.ceil(box.corners.max(axis=0)).astype(int) + 3
    region = pixels[low[1] : far[1], low[0] : far[0]]
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(box.corners - low.astype(np.float32), target)
    flat = cv2.warpPerspective(
        region, turn, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if high >= 1.5 * wide:
        flat = np.rot90(flat)
    size = (max(8, round(height * flat.shape[1] / flat.shape[0])), height)
    way = cv2.INTER_AREA if flat.shape[0] > height else cv2.INTER_LINEAR
    return as_pixels(cv2.resize(flat, size, interpolation=way))
