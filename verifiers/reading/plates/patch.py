"""A plate with its surroundings, small and grey.

What is mended when it is blurred or dark, and laid over others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.plates.deblur import Grey, Smear, likely_smears, restored
from verifiers.reading.plates.detector import Quad

_Matrix = NDArray[np.float32]

_HEIGHT = 48
"""Pixels that a plate has in its patch at most: a smear beyond a character's width can't be undone
anyway.
"""

_MARGIN, _LEAST_MARGIN_PX = 0.6, 12
"""Surroundings cut out along, in shares of the plate's height and in pixels: room for a smear's
tails. Chosen, not measured.
"""

_WIDEST = 400
"""Pixels of a patch at most: a bound for its cost."""

_TILE = (96, 192)
"""Rows and columns of the tile whose smear stands for the whole picture: the size of the spectrum
that smears are told from.
"""

_BLURRED_EDGES = 0.25
"""Power of edges (Laplacian) over that of the picture: half of those smeared over 9 px have less,
of others 15 %.
"""

_LEAST_FIT = 0.6
"""Correlation of two patches (0..1) from which they show the same plate. Chosen, not measured."""

_AROUND = 0.6
"""Share of the plate's size around its centre that is compared: the plate and a rim, no road."""

_STEPS, _STEP = 30, 1e-3
"""Turns of the fit, and the gain under which it ends. Chosen for time, not measured."""

_DARKEST, _BRIGHTEST = 1, 99.5
"""Percentiles that become 0 and 255: a hundredth and a two-hundredth of the pixels may clip."""

_SMOOTHED = (7, 40, 2)
"""The bilateral filter's width in pixels, levels (of 255) and reach in pixels. Chosen over dark and
noisy plates (59 of 82 read became 66), not measured one by one.
"""


@dataclass(frozen=True, slots=True)
class Patch:
    """``corners``: of the plate, in pixels of ``grey``, ordered as in ``Quad``."""

    grey: Grey
    corners: NDArray[np.float32]

    @property
    def pixels(self) -> Pixels:
        """The patch as a BGR picture."""
        return as_pixels(cv2.cvtColor(self.grey, cv2.COLOR_GRAY2BGR))


def patch_of(pixels: Pixels, quad: Quad) -> Patch:
    """The plate cut out with a margin, shrunk to 48 px of plate height where it has more."""
    low, high = quad.corners.min(axis=0), quad.corners.max(axis=0)
    margin = max(_LEAST_MARGIN_PX, _MARGIN * float(high[1] - low[1]))
    size = np.array(pixels.shape[1::-1])
    first = np.clip(low - margin, 0, size - 1).astype(int)
    last = np.clip(high + margin, first + 1, size).astype(int)
    cut = pixels[first[1] : last[1], first[0] : last[0]]
    small = scaled(cut, min(1.0, _HEIGHT / max(quad.height, 1.0), _WIDEST / cut.shape[1]))
    factor = np.array(small.shape[1::-1]) / np.array(cut.shape[1::-1])
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    return Patch(grey, ((quad.corners - first) * factor).astype(np.float32))


def unblurred(patch: Patch) -> tuple[Patch, ...]:
    """The patch restored from its likeliest motion, and from its likeliest softness."""
    return tuple(
        Patch(restored([patch.grey], [smear]), patch.corners) for smear in likely_smears(patch.grey)
    )


def picture_unblurred(grey: Grey) -> Grey | None:
    """A whole picture restored from the motion that its richest tile shows.

    ``None`` where that one is crisp.
    """
    high, wide = _TILE
    tiles = [
        grey[top : top + high, left : left + wide]
        for top in range(0, max(1, grey.shape[0] - high + 1), high // 2)
        for left in range(0, max(1, grey.shape[1] - wide + 1), wide // 2)
    ]
    edges = [float(cv2.Laplacian(tile, cv2.CV_32F).var()) for tile in tiles]
    richest = int(np.argmax(edges))
    if edges[richest] > _BLURRED_EDGES * max(1.0, float(tiles[richest].astype(np.float32).var())):
        return None
    return restored([grey], [likely_smears(tiles[richest])[0]])


def brightened(patch: Patch) -> tuple[Patch, ...]:
    """A dark patch with its brightness spread out.

    As it is, and with its noise smoothed between edges.
    """
    smooth = cv2.bilateralFilter(patch.grey, *_SMOOTHED).astype(np.uint8)
    return tuple(Patch(spread(grey), patch.corners) for grey in (patch.grey, smooth))


def overlaid(patches: Sequence[Patch]) -> tuple[Patch, ...]:
    """One plate of several frames laid over each other, in the place of the first.

    Restored together, and averaged.

    Empty where no other patch fits the first.
    """
    first = patches[0]
    smears = [likely_smears(patch.grey)[0] for patch in patches]
    sharp = [restored([patch.grey], [smear]) for patch, smear in zip(patches, smears, strict=True)]
    greys, moved = [first.grey], [smears[0]]
    for patch, smear, clear in zip(patches[1:], smears[1:], sharp[1:], strict=True):
        step = _step(Patch(clear, patch.corners), Patch(sharp[0], first.corners))
        if step is not None:
            greys.append(_laid(patch.grey, step, first.grey.shape))
            moved.append(_turned(smear, step))
    if len(greys) == 1:
        return ()
    mean = np.mean(greys, axis=0).astype(np.uint8)
    return Patch(restored(greys, moved), first.corners), Patch(spread(mean), first.corners)


def _step(patch: Patch, onto: Patch) -> _Matrix | None:
    """The 2 × 3 matrix from ``onto``'s pixels to ``patch``'s.

    By the corners first, then as the pixels fit best.
    """
    size, onto_size = np.ptp(patch.corners, axis=0), np.ptp(onto.corners, axis=0)
    scale = float(size[0] / max(onto_size[0], 1.0))
    here, there = onto.corners.mean(axis=0), patch.corners.mean(axis=0)
    matrix = np.array(
        [[scale, 0, there[0] - scale * here[0]], [0, scale, there[1] - scale * here[1]]], np.float32
    )
    mask = np.zeros(patch.grey.shape, np.uint8)
    (left, top), (right, bottom) = (
        np.maximum(there - size * _AROUND, 0).astype(int),
        (there + size * _AROUND).astype(int),
    )
    mask[top:bottom, left:right] = 1
    enough = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, _STEP)
    try:
        fit, found = cv2.findTransformECC(
            onto.grey, patch.grey, matrix, cv2.MOTION_AFFINE, enough, mask, 3
        )
    except cv2.error:  # it raises where nothing of the two is alike
        return None
    return found.astype(np.float32) if fit >= _LEAST_FIT else None


def _laid(grey: Grey, step: _Matrix, shape: tuple[int, ...]) -> Grey:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(
        grey, step, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(laid, dtype=np.uint8)


def _turned(smear: Smear, step: _Matrix) -> Smear:
    """The smear as it lies after its patch was laid: the step's inverse turns and stretches it."""
    turn = np.deg2rad(smear.angle)
    along = np.linalg.solve(step[:, :2], smear.length * np.array([np.cos(turn), np.sin(turn)]))
    angle = float(np.rad2deg(np.arctan2(along[1], along[0])))
    return replace(smear, length=float(np.hypot(*along)), angle=angle)


def spread(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``picture`` with its darkest hundredth at 0 and its brightest two-hundredth at 255."""
    low, high = np.percentile(picture, (_DARKEST, _BRIGHTEST))
    levels = (picture.astype(np.float32) - low) * (255 / max(high - low, 1))
    return np.asarray(np.clip(levels, 0, 255), dtype=np.uint8)
