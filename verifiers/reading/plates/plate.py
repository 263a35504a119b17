"""Plates: found, straightened, read under the plate grammar, and said to be sure only where measurement allows it.

Every plate in view is returned, tied to its box: which vehicle is reported never rides on size
alone. More views of a plate (landmarks refined on a zoom, another stretch, the detector wheel's own
recogniser) are paid for only on doubt, so the usual plate costs one detector pass and one small
recogniser pass.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Candidate, Hindrance, Legibility, PlateNumber, PlateSeen, Sighted, Unread
from verifiers.reading.legibility import is_steep, legibility
from verifiers.reading.models import plate_recogniser, sign_recogniser
from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.plates.detector import LONG_SIDE, Quad, find_quads
from verifiers.reading.plates.grammar import Emission, Ranking, emission, joined, ranked
from verifiers.reading.plates.patch import (
    Patch,
    brightened,
    overlaid,
    patch_of,
    picture_unblurred,
    spread,
    unblurred,
)
from verifiers.reading.texts.recogniser import steps_of
from verifiers.reading.texts.text import TextLine, box_of

SURE_MARGIN = 3.0
SURE_LIKELIHOOD = -3.0
"""Measured on 607 plates: at gap >= 3 and mean log-likelihood >= -3 no reading was wrong, at 94 %
coverage.
"""

_DOUBT_MARGIN = 3.0
_DOUBT_LIKELIHOOD = -1.2
_READABLE_LIKELIHOOD = -9.0
"""Below this the crop is no plate, or nothing of it is legible."""

_PLATE_FOR_SURE = 0.5
"""Detector score from which a plate that can't be read is reported as such, if its pixels show why
it can't.
"""

_CRISP, _SMEARED = 0.6, 0.3
"""Below the first sharpness a reading is sure only if a mended look says the same, below the second
never: smeared signs turn into others (G into 6, D into 0), as clear to a recogniser as true ones.
"""

_SURE_LIKELIHOOD_HINDERED = -0.5
"""Below the first sharpness, in the dark or from the side this takes the place of
``SURE_LIKELIHOOD``.
"""

_MENDED_BETTER_BY = 1.0
"""Log-likelihood that a mended look has to be ahead: mending adds ringing, so untouched pixels go
first.
"""

_DIM = 70.0
"""Mean brightness under which a picture without a clear plate is brightened, and looked through
once more.
"""

_VOTERS = 5
_LAID_OVER, _LAID_WITHIN_MS = 9, 1000
_MOMENT_MS = 250
"""Unclear views of one place that are no further apart in time are the same plate."""

_HEIGHT = 48
_STRETCH = 4.5
_SECOND_STRETCH = 3.6
_MARGIN_X, _MARGIN_Y = 0.03, 0.08
_DOUBLE_ROW_BELOW = 2.6
"""Width : height under which a plate may have two rows (440 x 220 mm; single rows have 3.1 and
more).
"""

_SHAPES = MappingProxyType({1: 440 / 140, 2: 440 / 220})
"""Rows -> width : height, seen from straight ahead."""

_CLOSE_UP_SHAPE = (1.8, 6.0)
_CLOSE_UP_WIDTH = 800
_CLOSE_UP_LIKELIHOOD = -6.0
"""From here a picture that may be nothing but a plate is taken for one, if nothing else in it is."""

_SAME_PLATE_PX = 0.3
_PLATE_LIKE = re.compile(r"[\u4e00-\u9fff]?[A-Z](?:[A-Z0-9]{5,6}|[A-Z0-9]{4}[\u4e00-\u9fff])")
_SERIAL = re.compile(r"(?=(?:.*\d){3})[A-Z0-9]{4}[A-Z0-9\u4e00-\u9fff]")
_UPPER_ROW = re.compile(r"[\u4e00-\u9fff]?[A-Z]|[\u4e00-\u9fff]{1,2}[A-Z]?")


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
        return self.ranking.plates[0][0] if self.ranking.plates else ""

    @property
    def likelihood(self) -> float:
        """Mean log-likelihood of the best reading; -99 where there is none."""
        return self.ranking.plates[0][1] if self.ranking.plates else -99.0


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
    worded = _plate_like_lines(lines)
    quads = find_quads(pixels, long_side)
    if second_looks and not any(quad.score >= _PLATE_FOR_SURE for quad in quads):
        quads = _quads_in_a_mended_picture(pixels, long_side) or quads
    close_up = _whole_picture(pixels)
    around = (*worded, *close_up)
    views = [_view(pixels, quad, frame_ms, around, second_looks=second_looks) for quad in quads]
    seen = [view for view in views if view is not None]
    clear = [view.quad for view in seen if view.likelihood >= SURE_LIKELIHOOD]
    missed = [quad for quad in worded if not any(_covers(other, quad) for other in clear)]
    if not missed and not any(view.ranking.plates for view in seen):
        missed = close_up
    least = SURE_LIKELIHOOD if missed is not close_up else _CLOSE_UP_LIKELIHOOD
    views = [_view(pixels, quad, frame_ms, (), second_looks=second_looks) for quad in missed]
    found = [view for view in views if view is not None and view.likelihood >= least]
    # What the texts found clearly replaces the unclear views that the detector had of the same
    # place.
    seen = [
        view for view in seen if not any(_covers(view.quad, other.quad) for other in found)
    ] + found
    return tuple(sorted(_once_a_place(seen), key=lambda view: -view.quad.width * view.quad.height))


def _once_a_place(seen: Sequence[PlateView]) -> list[PlateView]:
    """Without the less clear views of a plate that is there twice.

    Corners refined on a zoom may land on another's.
    """
    kept: list[PlateView] = []
    for view in sorted(seen, key=lambda view: -view.likelihood):
        if not any(_is_as_high(view, other) and _covers(other.quad, view.quad) for other in kept):
            kept.append(view)
    return kept


def plates_seen(views: Sequence[PlateView]) -> tuple[PlateSeen, ...]:
    """Views of one photo, or of several frames of a recording, as readings: one entry a plate.

    Views join when they can be the same number (their best readings differ in at most two signs),
    or stand in the same place a moment apart and are not clear. The joint number is the one with
    the highest mean log-likelihood over all looks, or what the frames say when laid over each
    other; it stands on its clearest frame.
    """
    groups: list[list[PlateView]] = []
    for view in sorted(views, key=lambda view: -view.likelihood):
        home = next((group for group in groups if _may_be_same(group, view)), None)
        if home is None:
            groups.append([view])
        else:
            home.append(view)
    seen = [_fused(group) for group in groups if group[0].ranking.plates]
    return tuple(sorted(seen, key=lambda plate: (-_area(plate), plate.number)))


def plates_unread(views: Sequence[PlateView]) -> tuple[Unread, ...]:
    """Plates that are in view but can't be read, each with the reason.

    Of a recording those of the closest frame.

    Left out is what a moment before or after can be read, and what has no visible hindrance and
    still says nothing under the grammar: a foreign plate or a sign.
    """
    read = [view for view in views if view.ranking.plates]
    blank = [
        view
        for view in views
        if not view.ranking.plates and not any(_same_place(view, one) for one in read)
    ]
    if not blank:
        return ()
    closest = max(blank, key=lambda view: view.quad.height)
    return tuple(
        Unread(
            Sighted.PLATE,
            round(view.quad.score, 4),
            box_of(view.quad.corners, *view.size),
            view.legibility,
            view.frame_ms,
        )
        for view in blank
        if view.frame_ms == closest.frame_ms
    )


def _area(plate: PlateSeen) -> float:
    return round((plate.box.right - plate.box.left) * (plate.box.bottom - plate.box.top), 6)


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
        found = find_quads(spread(as_pixels(cv2.GaussianBlur(small, (0, 0), 1.0))), long_side)
    return tuple(Quad((quad.corners / factor).astype(np.float32), quad.score) for quad in found)


def _view(
    pixels: Pixels, quad: Quad, frame_ms: int | None, worded: Sequence[Quad], *, second_looks: bool
) -> PlateView | None:
    rows, looks, ranking = _first_looks(pixels, quad)
    if second_looks and _doubtful(ranking):
        quad, rows, looks, ranking = _second_looks(pixels, quad, rows, looks, worded)
    height, width = pixels.shape[:2]
    flat = _warped(pixels, quad.corners, 144, _HEIGHT)
    cut = _touches_border(quad, width, height)
    steep = is_steep(quad.corners, _SHAPES[rows])
    clear = legibility(
        flat, quad.height, known=[Hindrance.CUT_OFF] * cut + [Hindrance.STEEP] * steep
    )
    patch, backed = patch_of(pixels, quad), _is_crisp(clear)
    # Crisp pixels that say nothing at all are a foreign plate or a sign: there is nothing to mend.
    legible = ranking is not None and ranking.plates[0][1] >= _READABLE_LIKELIHOOD
    if second_looks and (not backed or (legible and _doubtful(ranking))):
        mended, mended_looks = _mended(patch, rows, clear)
        backed = backed or (clear.sharpness >= _SMEARED and _agree(ranking, mended))
        if mended and (
            ranking is None or mended.plates[0][1] > ranking.plates[0][1] + _MENDED_BETTER_BY
        ):
            looks, ranking = mended_looks, mended
    if ranking is None or ranking.plates[0][1] < _READABLE_LIKELIHOOD:
        looks, ranking = (), Ranking(())
    if not ranking.plates and (quad.score < _PLATE_FOR_SURE or clear.hindrance is Hindrance.NONE):
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


def _is_crisp(clear: Legibility) -> bool:
    return clear.sharpness >= _CRISP and clear.hindrance not in (Hindrance.DARK, Hindrance.STEEP)


def _doubtful(ranking: Ranking | None) -> bool:
    return (
        ranking is None
        or ranking.margin < _DOUBT_MARGIN
        or ranking.plates[0][1] < _DOUBT_LIKELIHOOD
    )


def _first_looks(pixels: Pixels, quad: Quad) -> tuple[int, tuple[Emission, ...], Ranking | None]:
    """One row, and two rows as well where the shape allows them: the likelier wins."""
    single = (_single_row(pixels, quad, _STRETCH),)
    ranking = ranked(single)
    if quad.width >= _DOUBLE_ROW_BELOW * quad.height:
        return 1, single, ranking
    double = (_double_row(pixels, quad),)
    double_ranking = ranked(double)
    if double_ranking and (ranking is None or double_ranking.plates[0][1] > ranking.plates[0][1]):
        return 2, double, double_ranking
    return 1, single, ranking


def _second_looks(
    pixels: Pixels, quad: Quad, rows: int, looks: tuple[Emission, ...], worded: Sequence[Quad]
) -> tuple[Quad, int, tuple[Emission, ...], Ranking | None]:
    """Look again: landmarks refined on a zoom, another stretch, another recogniser, sheared against slant."""
    refined = _refined(pixels, quad)
    if rows == 2:  # noqa: PLR2004 -- two rows
        looks = (*looks, _double_row(pixels, refined), _double_row(pixels, refined, split=0.38))
    else:
        looks = (
            *looks,
            _single_row(pixels, refined, _STRETCH),
            _single_row(pixels, refined, _SECOND_STRETCH),
            _by_plate_recogniser(pixels, refined),
            *(_single_row(pixels, line, _STRETCH) for line in worded if _covers(refined, line)),
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
        tuple(_row_or_rows(each.pixels, Quad(each.corners, 1.0), rows) for each in kind)
        for kind in kinds
    ]
    rankings = [(ranked(looks), looks) for looks in looked]
    return max(rankings, key=lambda each: each[0].plates[0][1] if each[0] else -99.0)


def _agree(one: Ranking | None, other: Ranking | None) -> bool:
    return one is not None and other is not None and one.plates[0][0] == other.plates[0][0]


def _row_or_rows(pixels: Pixels, quad: Quad, rows: int) -> Emission:
    return _single_row(pixels, quad, _STRETCH) if rows == 1 else _double_row(pixels, quad)


def _refined(pixels: Pixels, quad: Quad) -> Quad:
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
    zoom = min(3.0, 480 / max(crop.shape[:2]))
    zoomed = scaled(crop, zoom, cv2.INTER_CUBIC)
    for found in find_quads(zoomed, long_side=max(zoomed.shape[:2])):
        corners = found.corners / zoom + np.array([left, top], dtype=np.float32)
        if np.hypot(*(corners.mean(axis=0) - centre)) < _SAME_PLATE_PX * quad.width:
            return Quad(corners.astype(np.float32), max(found.score, quad.score))
    return quad


def _single_row(pixels: Pixels, quad: Quad, stretch: float) -> Emission:
    return _recognised(_warped(pixels, quad.corners, round(_HEIGHT * stretch / 8) * 8, _HEIGHT))


def _double_row(pixels: Pixels, quad: Quad, split: float = 0.42) -> Emission:
    """Upper row (province and place letter) and lower row (the serial), recognised apart and joined in time."""
    whole = _warped(pixels, quad.corners, 264, 132)
    edge = round(132 * split)
    upper = as_pixels(
        cv2.resize(whole[4 : edge + 3, 40:224], (128, _HEIGHT), interpolation=cv2.INTER_LINEAR)
    )
    lower = as_pixels(
        cv2.resize(whole[edge - 3 : 130], (184, _HEIGHT), interpolation=cv2.INTER_LINEAR)
    )
    return joined(_recognised(upper), _recognised(lower))


def _recognised(crop: Pixels) -> Emission:
    return emission(steps_of(sign_recogniser(), crop), sign_recogniser()[1])


def _by_plate_recogniser(pixels: Pixels, quad: Quad) -> Emission:
    crop = _warped(pixels, quad.corners, 160, 32)
    return emission(steps_of(plate_recogniser(), crop), plate_recogniser()[1])


def _warped(pixels: Pixels, corners: NDArray[np.float32], width: int, height: int) -> Pixels:
    """The quadrilateral, with a little of its surroundings, as an upright ``width`` × ``height`` picture."""
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


def _touches_border(quad: Quad, width: int, height: int) -> bool:
    """Whether part of the plate may lie outside the picture.

    Such a rest can read as a complete plate.
    """
    slack = max(1.5, 0.02 * quad.width)
    left, top = quad.corners.min(axis=0)
    right, bottom = quad.corners.max(axis=0)
    return bool(left < slack or top < 1 or right > width - slack or bottom > height - 1)


def _whole_picture(pixels: Pixels) -> list[Quad]:
    """A small picture of a plate's shape may be nothing but a plate, too close for the detector."""
    height, width = pixels.shape[:2]
    if not _CLOSE_UP_SHAPE[0] <= width / height <= _CLOSE_UP_SHAPE[1] or width > _CLOSE_UP_WIDTH:
        return []
    return [
        Quad(np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32), 0.0)
    ]


def _plate_like_lines(lines: Sequence[TextLine]) -> list[Quad]:
    found = []
    for line in lines:
        signs = _signs(line.text)
        # No word
        if _PLATE_LIKE.fullmatch(signs) and sum(sign.isdigit() for sign in signs) >= 2:  # noqa: PLR2004
            found.append(Quad(line.corners, line.probability * 0.5))
    return found + _stacked_lines(lines)


def _stacked_lines(lines: Sequence[TextLine]) -> list[Quad]:
    """Two texts that stand like the rows of a double-row plate.

    Province and letter over a serial of five.
    """
    found = []
    for lower in lines:
        if not _SERIAL.fullmatch(_signs(lower.text)):
            continue
        top_left, top_right, bottom_right, bottom_left = lower.corners
        along, down = top_right - top_left, bottom_left - top_left
        wide, high = float(np.hypot(*along)), float(np.hypot(*down))
        for upper in lines:
            across, below = lower.corners.mean(axis=0) - upper.corners.mean(axis=0)
            near = abs(across) < 0.3 * wide and 0.4 * high < below < 1.6 * high
            if near and _UPPER_ROW.fullmatch(_signs(upper.text)):
                edge, above, under = along * 0.04, down * 0.7, down * 0.12
                corners = (
                    top_left - edge - above, top_right + edge - above,
                    bottom_right + edge + under, bottom_left - edge + under,
                )  # fmt: skip
                found.append(Quad(np.array(corners, dtype=np.float32), lower.probability * 0.5))
                break
    return found


def _signs(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())


def _covers(one: Quad, other: Quad) -> bool:
    distance = np.abs(one.corners.mean(axis=0) - other.corners.mean(axis=0))
    return bool(distance[0] < one.width * 0.6 and distance[1] < one.height * 0.9)


def _may_be_same(group: list[PlateView], view: PlateView) -> bool:
    """Another frame's view of a plate of the group.

    Alike in its signs, or in its place; never twice of one frame.
    """
    if any(other.frame_ms == view.frame_ms for other in group):
        return False
    best = group[0]
    # Signs
    if any(_differing(best.number, plate) <= 2 for plate, _ in view.ranking.plates[:2]):  # noqa: PLR2004
        return True
    return view.likelihood < SURE_LIKELIHOOD and any(_same_place(view, other) for other in group)


def _same_place(one: PlateView, other: PlateView) -> bool:
    if (
        one.frame_ms is None
        or other.frame_ms is None
        or abs(one.frame_ms - other.frame_ms) > _MOMENT_MS
    ):
        return False
    return _is_as_high(one, other) and _covers(one.quad, other.quad)


def _is_as_high(one: PlateView, other: PlateView) -> bool:
    # A plate grows slowly
    return 0.8 < one.quad.height / max(other.quad.height, 1.0) < 1.25  # noqa: PLR2004


def _differing(one: str, other: str) -> int:
    if len(one) != len(other):
        return len(one) + len(other)
    return sum(a != b for a, b in zip(one, other, strict=True))


def _fused(group: list[PlateView]) -> PlateSeen:
    # Frames that cut the plate off have no say where others don't: half a province sign reads as
    # another one.
    group = [view for view in group if view.ranking.plates and not view.cut_by_border] or group
    # The group comes clearest first: far and blurred frames would only water the vote down.
    voters = [view for view in group[:_VOTERS] if view.ranking.plates]
    ranking = (
        group[0].ranking
        if len(voters) == 1
        else ranked([look for view in voters for look in view.looks])
    )
    if ranking is None:
        raise AssertionError("every view of the group had a reading")
    backed = any(view.backed and view.number == ranking.plates[0][0] for view in voters)
    if len(group) > 1 and (_doubtful(ranking) or not backed):
        laid = _laid_over(group)
        backed = backed or _agree(ranking, laid)
        if laid and laid.plates[0][1] > ranking.plates[0][1]:
            ranking = laid
    number, likelihood = ranking.plates[0]
    clearest = max(
        group, key=lambda view: (dict(view.ranking.plates).get(number, -99.0), view.quad.height)
    )
    # Frames of one scene are not independent, so the gap grows with the square root of their number
    # only.
    margin = ranking.margin * float(np.sqrt(len(voters)))
    cut = all(view.cut_by_border for view in group)
    least = SURE_LIKELIHOOD if _is_crisp(clearest.legibility) else _SURE_LIKELIHOOD_HINDERED
    certain = margin >= SURE_MARGIN and likelihood >= least and not cut and backed
    return PlateSeen(
        number=PlateNumber(number),
        probability=_share_of_best(ranking),
        certain=certain,
        colour=clearest.colour,
        box=box_of(clearest.quad.corners, *clearest.size),
        height_px=round(clearest.quad.height, 1),
        candidates=tuple(Candidate(plate, round(score, 3)) for plate, score in ranking.plates),
        frame_ms=clearest.frame_ms,
        rows=clearest.rows,
        cut_by_border=clearest.cut_by_border,
        legibility=clearest.legibility,
    )


def _laid_over(group: list[PlateView]) -> Ranking | None:
    """What the clearest view and those next to it in time say when their patches are laid over each other."""
    rows, at_ms = group[0].rows, group[0].frame_ms or 0
    near = [
        view
        for view in group
        if view.rows == rows and abs((view.frame_ms or 0) - at_ms) <= _LAID_WITHIN_MS
    ]
    laid = overlaid([view.patch for view in near[:_LAID_OVER]]) if len(near) > 1 else ()
    rankings = [ranked([_row_or_rows(each.pixels, Quad(each.corners, 1.0), rows)]) for each in laid]
    return max(
        rankings, key=lambda ranking: ranking.plates[0][1] if ranking else -99.0, default=None
    )


def _share_of_best(ranking: Ranking) -> float:
    """How much of the candidates' mass is the best one's, times how well it explains the pixels at all."""
    scores = np.array([score for _, score in ranking.plates])
    share = 1.0 / float(np.exp(scores - scores[0]).sum())
    return round(share * float(np.exp(min(0.0, scores[0]) / 8)), 4)


_HUES = (("blue", 95, 130), ("yellow", 12, 34), ("green", 35, 94))
"""OpenCV hues (0..179)."""


def colour_of(crop: Pixels) -> str:
    """blue, yellow, green, yellow_green (large new-energy vehicles), white, black or unknown."""
    inner = crop[crop.shape[0] // 12 : -crop.shape[0] // 12 or None]
    hue, saturation, value = cv2.split(cv2.cvtColor(np.ascontiguousarray(inner), cv2.COLOR_BGR2HSV))
    vivid = (saturation > 70) & (value > 45)  # noqa: PLR2004 -- of 255
    shares = {
        name: float(((hue >= low) & (hue <= high) & vivid).mean()) for name, low, high in _HUES
    }
    # A third of that plate is yellow
    if shares["green"] > 0.2 and shares["yellow"] > 0.08:  # noqa: PLR2004
        return "yellow_green"
    best = max(shares, key=lambda name: shares[name])
    if shares[best] > 0.25:  # noqa: PLR2004 -- signs and dirt cover the rest
        return best
    # Signs take up to half of the ground, so neither white nor black need be the usual value.
    bright, dim = float((value > 140).mean()), float((value < 80).mean())  # noqa: PLR2004 -- of 255
    if max(bright, dim) < 0.4:  # noqa: PLR2004 -- neither is a ground
        return "unknown"
    return "white" if bright > dim else "black"
