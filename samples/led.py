"""LED line signs: glowing dots, whole or with some rows lit as a fast shutter sees them."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samples.fonts import Colour, lettering

AMBER: Colour = (255, 150, 30)
RED: Colour = (255, 70, 40)
_UNLIT = (30, 26, 24)


def matrix(text: str, rows: int, at_most: int) -> NDArray[np.float32]:
    """``text`` as lit dots: float32 (rows, columns), 0..1, squeezed to ``at_most`` columns.

    Dark above and below.
    """
    ink = lettering(text, 160, 0.03)
    inner = rows - 2
    columns = min(at_most, max(1, round(ink.width * inner / ink.height)))
    small = np.asarray(ink.resize((columns, inner), Image.Resampling.BOX), dtype=np.float32) / 255
    return np.pad((small > 0.42).astype(np.float32), ((1, 1), (0, 0)))  # noqa: PLR2004  # ink covers most of the dot


def sign(
    parts: tuple[str, ...],
    size: tuple[int, int],
    colour: Colour = AMBER,
    refreshed: float = 1.0,
    dot_px: int = 8,
) -> Image.Image:
    """A sign of ``size`` (columns, rows) dots showing ``parts`` side by side, in RGB.

    ``dot_px`` pixels a dot.

    ``refreshed`` is the share of rows caught lit: the others glow at a tenth. Long texts are
    squeezed.
    """
    columns, rows = size
    gap = rows // 2
    room = columns - 4 - gap * (len(parts) - 1)
    signs = sum(len(part) for part in parts)
    blocks = [matrix(part, rows, room * len(part) // signs) for part in parts]
    lit = np.zeros((rows, columns), np.float32)
    left = (columns - sum(block.shape[1] for block in blocks) - gap * (len(blocks) - 1)) // 2
    for block in blocks:
        lit[:, left : left + block.shape[1]] = block
        left += block.shape[1] + gap
    lit *= _row_light(rows, refreshed)[:, None]
    return Image.fromarray(_glow(lit, dot_px, colour))


def _row_light(rows: int, refreshed: float) -> NDArray[np.float32]:
    """Multiplexed signs light their rows in groups of four, one after the other."""
    phase = (np.arange(rows) % 4) / 4
    return np.where(phase < refreshed, 1.0, 0.1).astype(np.float32)


def _glow(lit: NDArray[np.float32], dot_px: int, colour: Colour) -> NDArray[np.uint8]:
    axis = (np.arange(dot_px) + 0.5) / dot_px - 0.5
    round_dot = np.clip((0.46 - np.hypot(axis[:, None], axis[None, :])) * dot_px, 0, 1).astype(
        np.float32
    )
    dots = np.kron(lit, round_dot)
    holes = np.kron(np.ones_like(lit), round_dot)[..., None]
    halo = cv2.GaussianBlur(
        np.kron(lit, np.ones((dot_px, dot_px), np.float32)), (0, 0), dot_px * 0.9
    )
    shine = np.asarray(colour, np.float32)
    picture = np.full((*dots.shape, 3), 12, np.float32)
    picture = picture * (1 - holes) + np.asarray(_UNLIT, np.float32) * holes
    picture += shine * (0.95 * dots + 0.3 * halo)[..., None] + 18 * dots[..., None]
    return np.asarray(np.clip(picture, 0, 255), np.uint8)
