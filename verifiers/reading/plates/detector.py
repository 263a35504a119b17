"""Where plates are: quadrilaterals found by the plate detector, on a picture shrunk to 960 px."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from verifiers.reading.models import plate_detector
from verifiers.reading.pictures import Pixels, scaled

LONG_SIDE = 960
"""Pixels a picture is shrunk to: what the network was trained on."""

MOST = 4
"""Plates of one picture that are looked at. Chosen for time (each doubtful one costs 0.1 s), not
measured.
"""

_LEAST_SCORE, _MOST_BOXES = 0.1, 200
"""Score (0..1) from which a box counts, and how many go on, best first. Low, since the grammar
sorts out what is no plate; chosen, not measured.
"""

_OVERLAP = 0.4
"""Share of their common area from which two boxes are one plate. Chosen, not measured."""

_STRIDES = (8, 16, 32)
_SIZES = ((24, 48), (96, 192), (384, 768))
_MEAN = np.array((104, 117, 123), dtype=np.float32)
_CENTRES, _SPREADS, _MOST_SPREAD = 0.1, 0.2, 4
"""The network's own figures: pixels from one prior to the next, the priors' sides in pixels, BGR
taken off, and what its outputs are scaled by. The last keeps an exponent finite.
"""

LARGEST = 2.0
"""Small pictures are read near their own size: blown up to 960 px their plates outgrow the
detector's training.
"""


@dataclass(frozen=True, slots=True)
class Quad:
    """A plate's corners in pixels of the given picture.

    Top left, top right, bottom right, bottom left.
    """

    corners: NDArray[np.float32]
    score: float

    @property
    def height(self) -> float:
        """Mean length of the two upright sides, in pixels."""
        top_left, top_right, bottom_right, bottom_left = self.corners
        return (
            float(np.hypot(*(bottom_left - top_left)) + np.hypot(*(bottom_right - top_right))) / 2
        )

    @property
    def width(self) -> float:
        """Mean length of the two lying sides, in pixels."""
        top_left, top_right, bottom_right, bottom_left = self.corners
        return (
            float(np.hypot(*(top_right - top_left)) + np.hypot(*(bottom_right - bottom_left))) / 2
        )


def find_quads(pixels: Pixels, long_side: int = LONG_SIDE, most: int = MOST) -> tuple[Quad, ...]:
    """Up to ``most`` plates of a BGR picture, best score first, overlapping ones merged."""
    height, width = pixels.shape[:2]
    factor = min(long_side / max(height, width), LARGEST)
    small = scaled(pixels, factor)
    fitted_h, fitted_w = (-(-side // 32) * 32 for side in small.shape[:2])
    canvas = np.zeros((fitted_h, fitted_w, 3), dtype=np.float32)
    canvas[: small.shape[0], : small.shape[1]] = small.astype(np.float32) - _MEAN
    boxes, confidence, landmarks = plate_detector().run(
        ["loc", "conf", "landms"], {"image": np.ascontiguousarray(canvas.transpose(2, 0, 1)[None])}
    )
    scores = confidence[0, :, 1]
    likely = np.flatnonzero(scores >= _LEAST_SCORE)
    likely = likely[np.argsort(-scores[likely], kind="stable")][:_MOST_BOXES]
    if not likely.size:
        return ()
    priors = _priors(fitted_h, fitted_w)[likely]
    centres = priors[:, :2] + boxes[0, likely, :2] * _CENTRES * priors[:, 2:]
    sizes = priors[:, 2:] * np.exp(
        np.clip(boxes[0, likely, 2:] * _SPREADS, -_MOST_SPREAD, _MOST_SPREAD)
    )
    corners = (
        priors[:, None, :2]
        + landmarks[0, likely].reshape(-1, 4, 2) * _CENTRES * priors[:, None, 2:]
    )
    rectangles = np.concatenate((centres - sizes / 2, centres + sizes / 2), axis=1)
    back = np.array([width / small.shape[1], height / small.shape[0]], dtype=np.float32)
    kept = _without_overlaps(rectangles, most)
    return tuple(
        Quad(in_order(corners[i].astype(np.float32) * back), float(scores[likely[i]])) for i in kept
    )


def in_order(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Four corners: top left, top right, bottom right, bottom left; the network mixes them up."""
    centre = corners.mean(axis=0)
    around = np.argsort(
        np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]), kind="stable"
    )
    ring = corners[around]
    # Signs run from left to right, however steep: the upper side is the one that runs most to the
    # right.
    runs = [
        ring[(i + 1) % 4, 0] - ring[i, 0] - ring[(i + 3) % 4, 0] + ring[(i + 2) % 4, 0]
        for i in range(4)
    ]
    return np.ascontiguousarray(np.roll(ring, -int(np.argmax(runs)), axis=0), dtype=np.float32)


@lru_cache(maxsize=32)
def _priors(height: int, width: int) -> NDArray[np.float32]:
    """(n, 4): centre x, y and side of every prior in pixels, in the network's order."""
    parts = []
    for stride, sizes in zip(_STRIDES, _SIZES, strict=True):
        rows, columns = -(-height // stride), -(-width // stride)
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        for_each = [
            np.stack(
                ((x + 0.5) * stride, (y + 0.5) * stride, np.full_like(x, s), np.full_like(x, s)),
                axis=-1,
            )
            for s in sizes
        ]
        parts.append(np.stack(for_each, axis=2).reshape(-1, 4))
    return np.concatenate(parts)


def _without_overlaps(rectangles: NDArray[np.float32], most: int) -> list[int]:
    """Greedy suppression; ``rectangles`` come best first."""
    areas = np.prod(rectangles[:, 2:] - rectangles[:, :2], axis=1)
    kept: list[int] = []
    for i, rectangle in enumerate(rectangles):
        if kept:
            others = rectangles[kept]
            near = np.maximum(others[:, :2], rectangle[:2])
            far = np.minimum(others[:, 2:], rectangle[2:])
            common = np.prod(np.maximum(far - near, 0), axis=1)
            if np.any(common / (areas[kept] + areas[i] - common + 1e-9) > _OVERLAP):
                continue
        kept.append(i)
        if len(kept) == most:
            break
    return kept
