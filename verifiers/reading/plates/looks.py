"""One look at a plate: straightened, recognised, told as an emission for the grammar.

Another look is another stretch, other corners or another recogniser.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from verifiers.reading.models import plate_recogniser, sign_recogniser
from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.plates.detector import Quad, find_quads
from verifiers.reading.plates.grammar import Emission, emission, joined
from verifiers.reading.texts.recogniser import steps_of

HEIGHT = 48
"""Pixels: what the recogniser was trained on."""

STRETCH = 4.5
"""Width of the straightened row in its heights. Wider than a plate (3.1): the recogniser was
trained on wider lines. Chosen over the plates of the benchmarks, no figure kept.
"""

SECOND_STRETCH = 3.6
"""Another width in heights, so that a second look errs otherwise. Chosen, not measured."""

_MARGIN_X, _MARGIN_Y = 0.03, 0.08
"""Surroundings straightened along, in shares of the plate's sides: corners that lie a little inside
cut signs off. Chosen, not measured.
"""

_SAME_PLATE = 0.3
"""Share of the plate's width by which its centre may move when it is found again on a zoom: farther
away it is a neighbour. Chosen, not measured.
"""

_ZOOM, _ZOOMED_PX = 3.0, 480
"""The zoom enlarges no more than so many times, to no more than so many pixels: more shows the
detector nothing new. Chosen, not measured.
"""

_DOUBLE = (264, 132)
"""Width and height in pixels of a straightened plate of two rows, 440 x 220 mm."""

_UPPER_SHARE, UPPER_SHARE_AGAIN = 0.42, 0.38
"""Share of a plate's height that its upper row takes, and where it is cut on a second look. By
GA 36 60 of 220 mm are signs, above and below them are gaps; chosen, not measured.
"""


def single_row(pixels: Pixels, quad: Quad, stretch: float = STRETCH) -> Emission:
    """A plate of one row, ``stretch`` times as wide as high."""
    return _recognised(warped(pixels, quad.corners, round(HEIGHT * stretch / 8) * 8, HEIGHT))


def double_row(pixels: Pixels, quad: Quad, split: float = _UPPER_SHARE) -> Emission:
    """Upper row (province and place letter) and lower row (the serial), joined in time."""
    whole = warped(pixels, quad.corners, *_DOUBLE)
    edge = round(_DOUBLE[1] * split)
    upper = as_pixels(
        cv2.resize(whole[4 : edge + 3, 40:224], (128, HEIGHT), interpolation=cv2.INTER_LINEAR)
    )
    lower = as_pixels(
        cv2.resize(whole[edge - 3 : 130], (184, HEIGHT), interpolation=cv2.INTER_LINEAR)
    )
    return joined(_recognised(upper), _recognised(lower))


def row_or_rows(pixels: Pixels, quad: Quad, rows: int) -> Emission:
    """A plate of one row or of two."""
    return single_row(pixels, quad) if rows == 1 else double_row(pixels, quad)


def by_plate_recogniser(pixels: Pixels, quad: Quad) -> Emission:
    """What the detector wheel's own recogniser makes of it (160 x 32 px)."""
    crop = warped(pixels, quad.corners, 160, 32)
    return emission(steps_of(plate_recogniser(), crop), plate_recogniser()[1])


def _recognised(crop: Pixels) -> Emission:
    return emission(steps_of(sign_recogniser(), crop), sign_recogniser()[1])


def found_again(pixels: Pixels, quad: Quad) -> Quad:
    """The same plate found again on its surroundings, zoomed.

    The old corners where it is not found.
    """
    centre = quad.corners.mean(axis=0)
    reach = np.array(
        [max(quad.width, quad.height * 2) * 1.2, max(quad.width, quad.height * 2) * 0.9]
    )
    height, width = pixels.shape[:2]
    left, top = np.maximum(centre - reach, 0).astype(int)
    right, bottom = np.minimum(centre + reach, (width, height)).astype(int)
    if right - left < 8 or bottom - top < 8:  # noqa: PLR2004 -- nothing to zoom into
        return quad
    crop = pixels[top:bottom, left:right]
    zoom = min(_ZOOM, _ZOOMED_PX / max(crop.shape[:2]))
    zoomed = scaled(crop, zoom, cv2.INTER_CUBIC)
    for found in find_quads(zoomed, long_side=max(zoomed.shape[:2])):
        corners = found.corners / zoom + np.array([left, top], dtype=np.float32)
        if np.hypot(*(corners.mean(axis=0) - centre)) < _SAME_PLATE * quad.width:
            return Quad(corners.astype(np.float32), max(found.score, quad.score))
    return quad


def warped(pixels: Pixels, corners: NDArray[np.float32], width: int, height: int) -> Pixels:
    """The quadrilateral, with a little around it, as an upright picture of that size in pixels."""
    top_left, top_right, bottom_right, bottom_left = corners
    top_left, top_right = _longer(top_left, top_right, _MARGIN_X)
    bottom_left, bottom_right = _longer(bottom_left, bottom_right, _MARGIN_X)
    top_left, bottom_left = _longer(top_left, bottom_left, _MARGIN_Y)
    top_right, bottom_right = _longer(top_right, bottom_right, _MARGIN_Y)
    source = np.array([top_left, top_right, bottom_right, bottom_left], dtype=np.float32)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    # Only the surroundings are warped: the whole of a large picture would have to be touched
    # otherwise, and a plate far larger than the recogniser's input is shrunk by area first, or
    # every other stroke would be lost.
    rows, columns = pixels.shape[:2]
    low = np.clip(np.floor(source.min(axis=0)).astype(int) - 2, 0, (columns - 1, rows - 1))
    high = np.clip(np.ceil(source.max(axis=0)).astype(int) + 2, low + 1, (columns, rows))
    region = pixels[low[1] : high[1], low[0] : high[0]]
    source = source - low.astype(np.float32)
    shrink = float(np.hypot(*(bottom_left - top_left))) / height
    if shrink > 2:  # noqa: PLR2004 -- bilinear sampling skips pixels beyond a factor of two
        smaller = scaled(region, 1 / shrink)
        ratio = np.array(
            [smaller.shape[1] / region.shape[1], smaller.shape[0] / region.shape[0]],
            dtype=np.float32,
        )
        region, source = smaller, source * ratio
    matrix = cv2.getPerspectiveTransform(source, target)
    flat = cv2.warpPerspective(
        region, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return as_pixels(flat)


def _longer(
    start: NDArray[np.float32], end: NDArray[np.float32], share: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    step = (end - start) * share
    return start - step, end + step
