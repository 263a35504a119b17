"""Signs that are lit and can't be read.

Small glowing strokes of one colour on a dark ground, and no name in them.

A fast shutter catches a multiplexed sign between two refreshes, so that only some of its rows are
lit; glare, distance and a moving bus do the rest.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Hindrance, Sighted, Unread
from verifiers.reading.legibility import LETTERS_SMALL_PX, legibility
from verifiers.reading.pictures import Pixels, scaled
from verifiers.reading.texts.text import LETTERS_IN_BOX, box_of

_HUES = ((0, 34), (35, 95), (160, 179))
"""OpenCV hues (0..179) of red and amber, green, and red again."""

_GLOWING = 130
"""Brightness (of 255) of a lit dot. Chosen, not measured."""

_VIVID = 90
"""Saturation (of 255) of a coloured one. Chosen, not measured."""

_DARK = 100
"""Brightness (of 255) of the board. Chosen, not measured."""

_INK = (0.08, 0.6)
"""Share of a board that glows, from and to. Chosen, not measured."""

_LEAST_DARK = 0.25
"""Share of a board that is dark. Chosen, not measured."""

_SEEN_AT_PX = 24
"""So high the dots of a whole sign melt into strokes, and a group of dark rows still shows."""

_DARK_ROW = 0.2
"""Share of the brightest row under which a row of dots is off. Chosen, not measured."""

_DARK_ROWS = 0.3
"""Share of rows that are off on a half-lit board. Chosen, not measured."""

_BANDS = 2
"""Parts with dark between them that a half-lit board falls into."""


def unread_sign(
    pixels: Pixels,
    places: Sequence[tuple[NDArray[np.float32], float]],
    lowest: float,
    frame_ms: int | None,
) -> Unread | None:
    """The highest lit sign above ``lowest`` (a share) among places: corners, how surely text."""
    height, width = pixels.shape[:2]
    lit = []
    for corners, score in places:
        box = box_of(corners, width, height)
        if (box.top + box.bottom) / 2 < lowest and is_lit(_patch(pixels, corners)):
            lit.append((box.bottom - box.top, score, corners))
    if not lit:
        return None
    _, score, corners = max(lit, key=lambda one: one[:2])
    patch = _patch(pixels, corners)
    known = (Hindrance.HALF_LIT,) if is_half_lit(patch) else ()
    clear = legibility(
        patch, patch.shape[0] * LETTERS_IN_BOX, small_px=LETTERS_SMALL_PX, known=known
    )
    return Unread(Sighted.ROUTE, round(score, 4), box_of(corners, width, height), clear, frame_ms)


def is_lit(patch: Pixels) -> bool:
    """Whether ink of one colour glows on a dark ground."""
    dark = float((patch.max(axis=2) < _DARK).mean())
    return dark >= _LEAST_DARK and _INK[0] <= float(ink_of(patch).mean()) <= _INK[1]


def is_half_lit(patch: Pixels) -> bool:
    """Whether dark rows run through a lit sign from side to side.

    Several bands of them, or a third of its height.
    """
    rows = ink_of(scaled(patch, _SEEN_AT_PX / patch.shape[0])).mean(axis=1)
    lit = np.flatnonzero(rows > _DARK_ROW * rows.max())
    dark = rows[lit[0] : lit[-1] + 1] <= _DARK_ROW * rows.max()
    begins = dark[1:] & ~dark[:-1]
    return int(begins.sum()) >= _BANDS or float(dark.mean()) >= _DARK_ROWS


def ink_of(patch: Pixels) -> NDArray[np.bool_]:
    """Which pixels glow, in the one colour that most do."""
    hue, vivid, light = cv2.split(cv2.cvtColor(patch, cv2.COLOR_BGR2HSV))
    glowing = (vivid > _VIVID) & (light > _GLOWING)
    return max(
        ((hue >= low) & (hue <= high) & glowing for low, high in _HUES), key=np.count_nonzero
    )


def _patch(pixels: Pixels, corners: NDArray[np.float32]) -> Pixels:
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    return pixels[top : max(bottom, top + 1), left : max(right, left + 1)]
