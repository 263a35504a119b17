"""Plates at sizes that one pass of the detector misses: far larger and far smaller ones.

Looked for only where the usual pass left nothing clear, or something too wide to be trusted.
"""

import re
from collections.abc import Sequence

import numpy as np

from verifiers.reading.pictures import Pixels, scaled
from verifiers.reading.plates.detector import LARGEST, Quad, find_quads
from verifiers.reading.plates.worded import signs_of
from verifiers.reading.texts.text import TextLine

_CLOSE_UP_SIDES = (320, 240)
"""Pixels of the longer side to which a close-up is shrunk: a plate of 50 to 95 % of it is then as
wide as those that the detector was trained on. Of 15 drawn plates of such sizes all were found at
320 px, one row and two, where 960 px found 11.
"""

_CLOSE_UP_SHARE, _CLOSE_UP_SCORE = 0.3, 0.3
"""Share of the picture's width, and score, from which something found there is looked at: smaller
ones are the usual pass's. Chosen, not measured.
"""

_TOO_WIDE = 380.0
"""Pixels of width in the detector's picture from which a plate may be a part of one: at 700 px
rows were cut to three fifths, and read as clearly as whole ones. Chosen, not measured.
"""

_PIECE = re.compile(r"(?=(?:.*\d){3})[A-Z0-9\u4e00-\u9fff]{5,9}")
"""A text that may be a plate or a piece of one, read in a hurry."""

_TOO_NARROW, _AROUND, _ZOOMED, _MOST_PIECES = 64.0, 3.0, 480, 2
"""A text narrower than so many pixels in the detector's picture is looked at on a zoom: so many of
its widths to each side, on so many pixels, and so many texts of a picture. Chosen from drawn plates
of 2 % of the width, of which the usual pass finds none.
"""


def is_trusted(quads: Sequence[Quad], pixels: Pixels, long_side: int) -> bool:
    """Whether these clear plates leave nothing to look for: some, and none of them too wide."""
    factor = min(long_side / max(pixels.shape[:2]), LARGEST)
    return bool(quads) and all(quad.width * factor < _TOO_WIDE for quad in quads)


def close_up_quads(pixels: Pixels, long_side: int) -> list[Quad]:
    """Plates that fill a third of the picture's width and more, on copies small enough for them."""
    least = _CLOSE_UP_SHARE * pixels.shape[1]
    return [
        quad
        for side in _CLOSE_UP_SIDES
        if side < min(long_side, LARGEST * max(pixels.shape[:2]))
        for quad in find_quads(pixels, side)
        if quad.width >= least and quad.score >= _CLOSE_UP_SCORE
    ]


def far_off_quads(pixels: Pixels, lines: Sequence[TextLine], long_side: int) -> list[Quad]:
    """Plates around small texts that may be pieces of one, on a zoom."""
    factor = min(long_side / max(pixels.shape[:2]), LARGEST)
    pieces = [
        line
        for line in lines
        if _width(line) * factor < _TOO_NARROW and _PIECE.fullmatch(signs_of(line.text))
    ]
    found: list[Quad] = []
    for line in sorted(pieces, key=lambda line: -line.probability)[:_MOST_PIECES]:
        found += _zoomed(pixels, line)
    return found


def _width(line: TextLine) -> float:
    return float(np.hypot(*(line.corners[1] - line.corners[0])))


def _zoomed(pixels: Pixels, line: TextLine) -> list[Quad]:
    """Plates within some widths of the text."""
    height, width = pixels.shape[:2]
    reach = _AROUND * _width(line)
    centre = line.corners.mean(axis=0)
    left, top = np.maximum(centre - reach, 0).astype(int)
    right, bottom = np.minimum(centre + reach + 1, (width, height)).astype(int)
    part = pixels[top:bottom, left:right]
    zoom = _ZOOMED / max(part.shape[:2])
    offset = np.array([left, top], dtype=np.float32)
    return [
        Quad((quad.corners / zoom + offset).astype(np.float32), quad.score)
        for quad in find_quads(scaled(part, zoom), _ZOOMED)
    ]
