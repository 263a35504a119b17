"""How well a plate, a sign or a frame can be read where it is seen, and what hinders most.

One measure for all of them: the patch is brought to a common height first, for a smear of three
pixels ruins a plate 20 px high and does nothing to one of 200 px. Pure functions of pixels.
"""

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Hindrance, Legibility
from verifiers.reading.pictures import Pixels, scaled

PLATE_SMALL_PX = 14.0
"""Plates lower than this lose their province sign."""

LETTERS_SMALL_PX = 9.0
"""Characters of a sign lower than this are guessed more than read: about those of a plate at its
own limit.
"""

_MEASURED_HEIGHT = 24
"""Pixels to which what is measured is brought first, so that sharpness compares. Chosen, not
measured.
"""

_CRISP_STEP = 0.5
"""The steepest steps between neighbouring pixels of a crisp patch, as a share of its contrast."""

_BURNT = 250
"""Level (of 255) from which a pixel is burnt out. Chosen, not measured."""

_GLARE_SHARE = 0.3
"""Share of burnt-out pixels from which glare hinders. Chosen, not measured."""

_DARK_LEVEL = 90.0
"""Mean level (of 255) under which darkness hinders. Chosen, not measured."""

_LEAST_CONTRAST = 0.1
"""Contrast (0..1) under which it does, too. Chosen, not measured."""

_BLURRED_BELOW = 0.4
"""Of real plates one in twenty lies below; smeared over 9 px two in three do, and many are misread
there.
"""

_STEEP_SHARE = 0.5
"""Share of its width that a thing keeps; less is steep. Chosen, not measured."""


def legibility(
    patch: Pixels,
    height_px: float,
    *,
    small_px: float = PLATE_SMALL_PX,
    known: Collection[Hindrance] = (),
) -> Legibility:
    """Legibility of a BGR ``patch`` that fills a box ``height_px`` high in the original picture.

    The patch may have been enlarged or straightened. ``known``: what one patch can't show and the
    caller has seen (cut off by the border, half refreshed, from the side). Of all that applies the
    worst is named.
    """
    small = scaled(patch, min(1.0, min(_MEASURED_HEIGHT, max(height_px, 1.0)) / patch.shape[0]))
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    dim, bright = (float(level) for level in np.percentile(grey, (5, 95)))
    contrast = (bright - dim) / 255
    glare = float((small.min(axis=2) >= _BURNT).mean())
    sharpness = _sharpness(grey, bright - dim)
    applies = {
        *known,
        *([Hindrance.SMALL] if height_px < small_px else ()),
        *([Hindrance.GLARE] if glare > _GLARE_SHARE else ()),
        *([Hindrance.DARK] if bright < _DARK_LEVEL else ()),
        *([Hindrance.BLURRED] if sharpness < _BLURRED_BELOW or contrast < _LEAST_CONTRAST else ()),
    }
    worst = next((hindrance for hindrance in Hindrance if hindrance in applies), Hindrance.NONE)
    return Legibility(
        round(height_px, 1), round(sharpness, 3), round(contrast, 3), round(glare, 3), worst
    )


def is_steep(corners: NDArray[np.float32], shape: float) -> bool:
    """Whether a thing of ``shape`` (width : height) is seen so askew that half of it is lost."""
    top_left, top_right, bottom_right, bottom_left = corners
    along = (top_right + bottom_right - top_left - bottom_left) / 2
    down = (bottom_left + bottom_right - top_left - top_right) / 2
    area = abs(float(along[0] * down[1] - along[1] * down[0]))
    return area < _STEEP_SHARE * shape * float(down @ down)


def _sharpness(grey: NDArray[np.float32], contrast: float) -> float:
    """How steep the steps from stroke to ground are, across and down; the softer direction counts.

    Noise adds steps of its own, so its share (the median step, which strokes hardly touch) is taken
    off first.
    """
    if min(grey.shape) < 4 or contrast < 1:  # noqa: PLR2004 -- too little to have a stroke
        return 0.0
    softest = 1.0
    for axis in (0, 1):
        steps = np.abs(np.diff(grey, axis=axis))
        steepest, usual = (float(step) for step in np.percentile(steps, (95, 50)))
        softest = min(softest, max(0.0, steepest - usual) / (_CRISP_STEP * contrast))
    return softest
