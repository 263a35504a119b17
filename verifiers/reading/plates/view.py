"""One plate in one picture, with every look taken at it.

More looks (landmarks refined on a zoom, another stretch, the detector wheel's own recogniser, the
patch without its blur) are paid for only on doubt, so the usual plate costs one small recogniser
pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from scheme.reading import Hindrance, Legibility
from verifiers.reading.legibility import is_steep, legibility
from verifiers.reading.pictures import Pixels
from verifiers.reading.plates.colour import colour_of
from verifiers.reading.plates.detector import Quad
from verifiers.reading.plates.grammar import Emission, Ranking, ranked
from verifiers.reading.plates.looks import (
    HEIGHT,
    SECOND_STRETCH,
    UPPER_SHARE_AGAIN,
    by_plate_recogniser,
    double_row,
    found_again,
    row_or_rows,
    single_row,
    warped,
)
from verifiers.reading.plates.patch import Patch, brightened, patch_of, unblurred

SURE_LIKELIHOOD = -3.0
"""Mean log-likelihood (natural) from which a reading can be sure. Measured on 607 plates: with a
gap of 3 to the next no reading was wrong, at 94 % coverage.
"""

_DOUBT_MARGIN, _DOUBT_LIKELIHOOD = 3.0, -1.2
"""Gap to the next and log-likelihood under which more looks are paid for: the gap is that of a sure
reading, the likelihood is chosen, not measured.
"""

_READABLE_LIKELIHOOD = -9.0
"""Log-likelihood below which the crop is no plate, or nothing of it is legible. Chosen, not
measured.
"""

PLATE_FOR_SURE = 0.5
"""Detector score (0..1) from which a plate that can't be read is reported as such, if its pixels
show why it can't. Chosen, not measured.
"""

_CRISP, _SMEARED = 0.6, 0.3
"""Below the first sharpness (0..1) a reading is sure only if a mended look says the same, below the
second never: smeared signs turn into others (G into 6, D into 0), as clear to a recogniser as true
ones. Measured on the degraded sets of ``benchmarks.plates``: sure misreadings went from 3 to 0.
"""

_MENDED_BETTER_BY = 1.0
"""Log-likelihood that a mended look has to be ahead: mending adds ringing, so untouched pixels go
first. Measured on real crops: .979 exact became .981.
"""

_DOUBLE_ROW_BELOW = 2.6
"""Width in heights under which a plate may have two rows (440 x 220 mm; single rows have 3.1 and
more).
"""

SHAPES = MappingProxyType({1: 440 / 140, 2: 440 / 220})
"""Rows -> width in heights, seen from straight ahead (GA 36)."""

_GROUND_WIDTH = 144
"""Pixels: width of the straightened plate whose colour and legibility are told, three times its
height.
"""

_SLACK_PX, _SLACK = 1.5, 0.02
"""Pixels, and share of its width, within which a plate touches the picture's left or right edge; at
its upper and lower edge one pixel does. Chosen, not measured.
"""

_REACH_ACROSS, _REACH_DOWN = 0.6, 0.9
"""Two plates share a place when their centres are so many widths and heights apart. Chosen, not
measured.
"""

_GROWS = 1.25
"""Times a plate may be as high as its view a moment before: it grows slowly. Chosen, not
measured.
"""

_TWO_ROWS = 2
"""Rows of a plate on trailers and older buses."""


@dataclass(frozen=True, slots=True)
class PlateView:
    """One plate in one picture, with every look taken at it.

    ``ranking`` is empty where it can't be read.
    """

    quad: Quad
    looks: tuple[Emission, ...]
    ranking: Ranking
    colour: str
    rows: int
    cut_by_border: bool
    size: tuple[int, int]
    """Width and height of the picture, in pixels."""
    frame_ms: int | None
    legibility: Legibility
    patch: Patch
    backed: bool
    """Whether the best reading stands by itself: from crisp pixels, or from blurred ones and mended
    ones alike.
    """

    @property
    def number(self) -> str:
        """The best reading; empty where there is none."""
        return self.ranking.number

    @property
    def likelihood(self) -> float:
        """Mean log-likelihood of the best reading; -99 where there is none."""
        return self.ranking.likelihood


def view_of(
    pixels: Pixels, quad: Quad, frame_ms: int | None, worded: Sequence[Quad], *, second_looks: bool
) -> PlateView | None:
    """One quadrilateral looked at; None where it is no plate of the grammar and nothing hinders it.

    ``worded``: where texts read like a plate; those in the same place are one more look.
    """
    rows, looks, ranking = _first_looks(pixels, quad)
    if second_looks and doubtful(ranking):
        quad, rows, looks, ranking = _second_looks(pixels, quad, rows, looks, worded)
    height, width = pixels.shape[:2]
    flat = warped(pixels, quad.corners, _GROUND_WIDTH, HEIGHT)
    cut = _touches_border(quad, width, height)
    steep = is_steep(quad.corners, SHAPES[rows])
    clear = legibility(
        flat, quad.height, known=[Hindrance.CUT_OFF] * cut + [Hindrance.STEEP] * steep
    )
    patch, backed = patch_of(pixels, quad), is_crisp(clear)
    # Crisp pixels that say nothing at all are a foreign plate or a sign: there is nothing to mend.
    legible = ranking is not None and ranking.likelihood >= _READABLE_LIKELIHOOD
    if second_looks and (not backed or (legible and doubtful(ranking))):
        mended, mended_looks = _mended(patch, rows, clear)
        backed = backed or (clear.sharpness >= _SMEARED and agree(ranking, mended))
        if mended and _leads(mended, ranking):
            looks, ranking = mended_looks, mended
    if ranking is None or ranking.likelihood < _READABLE_LIKELIHOOD:
        looks, ranking = (), Ranking(())
    if not ranking.plates and (quad.score < PLATE_FOR_SURE or clear.hindrance is Hindrance.NONE):
        return None
    return PlateView(
        quad,
        looks,
        ranking,
        colour_of(flat),
        rows,
        cut,
        (width, height),
        frame_ms,
        clear,
        patch,
        backed,
    )


def _leads(mended: Ranking, untouched: Ranking | None) -> bool:
    return untouched is None or mended.likelihood > untouched.likelihood + _MENDED_BETTER_BY


def is_crisp(clear: Legibility) -> bool:
    """Whether a reading of it can be sure by itself, without a mended look that agrees."""
    return clear.sharpness >= _CRISP and clear.hindrance not in (Hindrance.DARK, Hindrance.STEEP)


def doubtful(ranking: Ranking | None) -> bool:
    """Whether more looks are worth their cost."""
    return (
        ranking is None or ranking.margin < _DOUBT_MARGIN or ranking.likelihood < _DOUBT_LIKELIHOOD
    )


def _first_looks(pixels: Pixels, quad: Quad) -> tuple[int, tuple[Emission, ...], Ranking | None]:
    """One row, and two rows as well where the shape allows them: the likelier wins."""
    single = (single_row(pixels, quad),)
    ranking = ranked(single)
    if quad.width >= _DOUBLE_ROW_BELOW * quad.height:
        return 1, single, ranking
    double = (double_row(pixels, quad),)
    double_ranking = ranked(double)
    if double_ranking and (ranking is None or double_ranking.likelihood > ranking.likelihood):
        return _TWO_ROWS, double, double_ranking
    return 1, single, ranking


def _second_looks(
    pixels: Pixels, quad: Quad, rows: int, looks: tuple[Emission, ...], worded: Sequence[Quad]
) -> tuple[Quad, int, tuple[Emission, ...], Ranking | None]:
    """Look again: landmarks refined on a zoom, another stretch, another recogniser."""
    refined = found_again(pixels, quad)
    if rows == _TWO_ROWS:
        again = double_row(pixels, refined, UPPER_SHARE_AGAIN)
        looks = (*looks, double_row(pixels, refined), again)
    else:
        looks = (
            *looks,
            single_row(pixels, refined),
            single_row(pixels, refined, SECOND_STRETCH),
            by_plate_recogniser(pixels, refined),
            *(single_row(pixels, line) for line in worded if covers(refined, line)),
        )
    return refined, rows, looks, ranked(looks)


def _mended(
    patch: Patch, rows: int, clear: Legibility
) -> tuple[Ranking | None, tuple[Emission, ...]]:
    """Look at the patch brightened where it is dark, else without its blur.

    The kind that reads best.
    """
    kinds: list[tuple[Patch, ...]] = [(each,) for each in unblurred(patch)]
    if clear.hindrance is Hindrance.DARK:
        kinds.append(brightened(patch))
    looked = [
        tuple(row_or_rows(each.pixels, Quad(each.corners, 1.0), rows) for each in kind)
        for kind in kinds
    ]
    rankings = [(ranked(looks), looks) for looks in looked]
    return max(rankings, key=lambda each: likelihood_of(each[0]))


def likelihood_of(ranking: Ranking | None) -> float:
    """As ``Ranking.likelihood``; the same -99 where no look allowed any plate."""
    return (ranking or Ranking(())).likelihood


def agree(one: Ranking | None, other: Ranking | None) -> bool:
    """Whether both say the same plate."""
    return one is not None and other is not None and one.number == other.number


def _touches_border(quad: Quad, width: int, height: int) -> bool:
    """Whether part of the plate may lie outside the picture.

    Such a rest can read as a complete plate.
    """
    slack = max(_SLACK_PX, _SLACK * quad.width)
    left, top = quad.corners.min(axis=0)
    right, bottom = quad.corners.max(axis=0)
    return bool(left < slack or top < 1 or right > width - slack or bottom > height - 1)


def covers(one: Quad, other: Quad) -> bool:
    """Whether the other's centre lies on this one."""
    distance = np.abs(one.corners.mean(axis=0) - other.corners.mean(axis=0))
    return bool(distance[0] < one.width * _REACH_ACROSS and distance[1] < one.height * _REACH_DOWN)


def is_as_high(one: PlateView, other: PlateView) -> bool:
    """Whether both can be one plate a moment apart."""
    return 1 / _GROWS < one.quad.height / max(other.quad.height, 1.0) < _GROWS
