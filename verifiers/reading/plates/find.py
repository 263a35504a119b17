"""All plates of one picture: by the detector, in a mended copy, close up, far off, among its texts.

Every plate in view is returned, tied to its box: which vehicle is reported never rides on size
alone.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.plates.detector import LONG_SIDE, Quad, find_quads
from verifiers.reading.plates.patch import picture_unblurred, spread
from verifiers.reading.plates.sizes import close_up_quads, far_off_quads, is_trusted
from verifiers.reading.plates.view import (
    PLATE_FOR_SURE,
    SURE_LIKELIHOOD,
    PlateView,
    covers,
    is_as_high,
    view_of,
)
from verifiers.reading.plates.worded import is_disputed, plate_like_lines
from verifiers.reading.texts.text import TextLine

_DIM = 70.0
"""Mean brightness (0..255) under which a picture without a clear plate is brightened, and looked
through once more. Chosen, not measured by itself; with brightened patches dark and noisy plates
went from 59 to 66 of 82.
"""

_SOFT_PX = 1.0
"""Pixels (σ): noise smoothed away before a dark picture is brightened. Chosen, not measured."""

_CLOSE_UP_SHAPE = (1.8, 6.0)
"""Width in heights of a picture that may be nothing but a plate: the shapes of one and of two rows
with some room. Chosen, not measured.
"""

_CLOSE_UP_LIKELIHOOD = -6.0
"""Log-likelihood from which such a picture is taken for a plate, if nothing else in it is one.
Measured on real crops: .979 exact became .981.
"""

_A_PART = 0.9
"""Share of a clear plate's width below which another one in its place, with another number, is a
part of it: of drawn plates of eight signs that take 75 % of the width the first seven were read.
"""


def find_plates(
    pixels: Pixels,
    frame_ms: int | None = None,
    lines: Sequence[TextLine] = (),
    *,
    second_looks: bool = True,
    long_side: int = LONG_SIDE,
) -> tuple[PlateView, ...]:
    """All plates of one BGR picture, largest first.

    ``lines`` (texts of the same picture) are the fallback.

    ``second_looks`` off: one look a plate, for the frames of a recording that only vote.
    ``long_side``: what the picture is shrunk to for the detector.
    """
    worded = plate_like_lines(lines)
    quads = find_quads(pixels, long_side)
    if second_looks and not any(quad.score >= PLATE_FOR_SURE for quad in quads):
        quads = _quads_in_a_mended_picture(pixels, long_side) or quads
    close_up = _whole_picture(pixels)
    around = (*worded, *close_up)

    def looked_at(quads: Sequence[Quad], around: Sequence[Quad]) -> list[PlateView]:
        views = [
            view_of(pixels, each, frame_ms, around, second_looks=second_looks) for each in quads
        ]
        return [view for view in views if view is not None]

    seen = looked_at(quads, around)
    if second_looks:
        seen += looked_at(_quads_of_other_sizes(pixels, lines, _clear(seen), long_side), around)
    missed = [quad for quad in worded if not any(covers(other, quad) for other in _clear(seen))]
    if not missed and not any(view.ranking.plates for view in seen):
        missed = close_up
    least = SURE_LIKELIHOOD if missed is not close_up else _CLOSE_UP_LIKELIHOOD
    found = [view for view in looked_at(missed, ()) if view.likelihood >= least]
    # What the texts found clearly replaces the unclear views that the detector had of the same
    # place.
    seen = [
        view for view in seen if not any(covers(view.quad, other.quad) for other in found)
    ] + found
    told = [_as_texts_allow(view, lines) for view in _once_a_place(seen)]
    return tuple(sorted(told, key=lambda view: -view.quad.width * view.quad.height))


def _clear(views: Sequence[PlateView]) -> list[Quad]:
    return [view.quad for view in views if view.likelihood >= SURE_LIKELIHOOD]


def _quads_of_other_sizes(
    pixels: Pixels, lines: Sequence[TextLine], clear: Sequence[Quad], long_side: int
) -> list[Quad]:
    """Plates too large or too small for the usual pass, where it left something to be wished."""
    if is_trusted(clear, pixels, long_side):
        return []
    quads = close_up_quads(pixels, long_side)
    return quads if clear or quads else far_off_quads(pixels, lines, long_side)


def _as_texts_allow(view: PlateView, lines: Sequence[TextLine]) -> PlateView:
    """The view; not backed where the picture's texts name another plate in its place."""
    if is_disputed(view.number, view.quad, lines):
        return replace(view, backed=False)
    return view


def _once_a_place(seen: Sequence[PlateView]) -> list[PlateView]:
    """Without the less clear views of a plate that is there twice.

    Corners refined on a zoom may land on another's.
    """
    kept: list[PlateView] = []
    for view in sorted(seen, key=lambda view: -view.likelihood):
        if any(_is_part_of(view, other) for other in seen):
            continue
        if not any(is_as_high(view, other) and covers(other.quad, view.quad) for other in kept):
            kept.append(view)
    return kept


def _is_part_of(view: PlateView, other: PlateView) -> bool:
    """Whether a view is of some signs of a plate that is clear as a whole.

    They can read as a plate of their own, and as clearly.
    """
    narrower = view.quad.width < _A_PART * other.quad.width and view.number != other.number
    return narrower and other.likelihood >= SURE_LIKELIHOOD and covers(other.quad, view.quad)


def _quads_in_a_mended_picture(pixels: Pixels, long_side: int) -> tuple[Quad, ...]:
    """Plates found on a small copy.

    Without its smear where it is blurred, else brightened where it is dark.
    """
    factor = min(1.0, long_side / max(pixels.shape[:2]))
    small = scaled(pixels, factor)
    clear = picture_unblurred(as_pixels(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)))
    found: tuple[Quad, ...] = ()
    if clear is not None:
        found = find_quads(as_pixels(cv2.cvtColor(clear, cv2.COLOR_GRAY2BGR)), long_side)
    if not found and small.mean() < _DIM:
        found = find_quads(spread(as_pixels(cv2.GaussianBlur(small, (0, 0), _SOFT_PX))), long_side)
    return tuple(Quad((quad.corners / factor).astype(np.float32), quad.score) for quad in found)


def _whole_picture(pixels: Pixels) -> list[Quad]:
    """A picture of a plate's shape may be nothing but a plate, too close for the detector."""
    height, width = pixels.shape[:2]
    if not _CLOSE_UP_SHAPE[0] <= width / height <= _CLOSE_UP_SHAPE[1]:
        return []
    return [
        Quad(np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32), 0.0)
    ]
