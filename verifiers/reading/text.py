"""All texts of a picture: one pass of the text reader, the dearest step of a reading (so: one a photo)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheme.reading import Box, TextSeen
from verifiers.reading.models import text_reader
from verifiers.reading.pictures import Pixels, scaled

LONGEST_SIDE = 2000
"""The reader's own limit; shrinking before it with area averaging is cheaper and kinder to small signs."""

MOST_PIXELS = 2_200_000
"""More costs memory without reading more: the passes of a worker stay below 1 GiB."""

_THINNEST_SIDE = 8
"""Below this many pixels nothing is legible, and the reader's resizing fails."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line with its four corners in pixels of the picture that was given (top left first, clockwise)."""

    text: str
    probability: float
    corners: NDArray[np.float32]


def read_lines(pixels: Pixels, longest_side: int = LONGEST_SIDE) -> tuple[TextLine, ...]:
    """The lines of one BGR picture, in the reader's order (top to bottom); empty where there is no text.

    It is read at no more than ``longest_side`` pixels; corners are in pixels of the picture that was given.
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, longest_side / max(height, width), (MOST_PIXELS / (height * width)) ** 0.5)
    small = scaled(pixels, factor)
    if min(small.shape[:2]) < _THINNEST_SIDE:
        return ()
    result = text_reader()(small)
    if result.boxes is None or result.txts is None:
        return ()
    back = np.array([width / small.shape[1], height / small.shape[0]], dtype=np.float32)
    return tuple(
        TextLine(str(text), float(score), np.asarray(corners, dtype=np.float32) * back)
        for text, score, corners in zip(result.txts, result.scores, result.boxes, strict=True)
    )


def box_of(corners: NDArray[np.float32], width: int, height: int) -> Box:
    """The upright rectangle around ``corners`` (pixels), as fractions of a ``width`` × ``height`` picture."""
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return Box(_share(left, width), _share(top, height), _share(right, width), _share(bottom, height))


def texts_seen(lines: tuple[TextLine, ...], width: int, height: int, frame_ms: int | None) -> tuple[TextSeen, ...]:
    """The lines as readings."""
    return tuple(
        TextSeen(line.text, round(line.probability, 4), box_of(line.corners, width, height), frame_ms) for line in lines
    )


def _share(pixel: float, side: int) -> float:
    return round(min(1.0, max(0.0, float(pixel) / side)), 5)
