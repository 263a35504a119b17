"""Plates of a file as readings: views of one plate joined, sure only where measured."""

from collections.abc import Sequence

import numpy as np

from scheme.reading import Candidate, PlateNumber, PlateSeen, Sighted, Unread
from verifiers.reading.plates.detector import Quad
from verifiers.reading.plates.grammar import LONGEST, Ranking, province_gap, ranked
from verifiers.reading.plates.looks import row_or_rows
from verifiers.reading.plates.patch import overlaid
from verifiers.reading.plates.view import (
    SURE_LIKELIHOOD,
    PlateView,
    agree,
    covers,
    doubtful,
    is_as_high,
    is_crisp,
    likelihood_of,
)
from verifiers.reading.texts.text import box_of

SURE_MARGIN = 3.0
"""Gap in log-likelihood to the next plate from which a reading can be sure. Measured on 607 plates,
see ``SURE_LIKELIHOOD``.
"""

_SURE_LIKELIHOOD_HINDERED = -0.5
"""Takes the place of ``SURE_LIKELIHOOD`` where a plate is not crisp, in the dark or seen from the
side. Measured on the degraded sets of ``benchmarks.plates``: sure misreadings went from 3 to 0,
coverage from .97 to .96.
"""

_SURE_HEIGHT_PX = 19.0
"""Height of a plate in pixels below which it is never sure. Measured on 160 real plates shrunk to
eight heights: of 184 sure readings of 9 to 17 px high ones 7 were wrong, the highest at 17.7 px,
three in the province sign; of 379 at 20 to 30 px none. One of 166 labelled plates is lower.
"""

_SURE_PROVINCE_GAP, _PROVINCE_PLAIN_PX = 5.5, 30.0
"""Gap in log-likelihood to the next province sign that a plate lower than so many pixels must have:
a half covered sign 27 px high was read as another with a gap of 5.3. Of 144 real plates otherwise
sure this leaves out 4. Set by this one case, so no measure of what it prevents.
"""

_NEW_ENERGY_GROUNDS, _OTHER_GROUNDS = ("green", "yellow_green"), ("blue", "yellow", "black")
"""Grounds that only plates of eight signs have, and that only plates of seven have: white stands in
neither, since small new-energy plates fade into it.
"""

_VOTERS = 5
"""Frames of a plate that vote, the clearest ones. Chosen, not measured."""

_LAID_OVER, _LAID_WITHIN_MS = 9, 1000
"""Frames laid over each other, and how many milliseconds around the clearest. Measured over nine
jittered frames: .85 read where the best single one was .73.
"""

_MOMENT_MS = 250
"""Unclear views of one place that are no further apart in time are the same plate. Chosen, not
measured.
"""

_SIGNS_APART = 2
"""Best readings of one plate in two frames differ in so many signs at most. Chosen, not
measured.
"""

_NOT_AMONG = -99.0
"""Log-likelihood that stands for a plate which a view does not propose: below any that one has."""

_MASS_SCALE = 8
"""Log-likelihoods over which the probability shown falls to a third where the best reading explains
the pixels badly. Chosen, not measured; nothing is sure by it.
"""


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
    blank: list[PlateView] = []
    for view in views:
        if view.ranking.plates or any(_same_place(view, other) for other in read):
            continue
        blank.append(view)
    if not blank:
        return ()
    closest = max(blank, key=lambda view: view.quad.height)
    return tuple(_unread(view) for view in blank if view.frame_ms == closest.frame_ms)


def _unread(view: PlateView) -> Unread:
    return Unread(
        Sighted.PLATE,
        round(view.quad.score, 4),
        box_of(view.quad.corners, *view.size),
        view.legibility,
        view.frame_ms,
    )


def _area(plate: PlateSeen) -> float:
    return round((plate.box.right - plate.box.left) * (plate.box.bottom - plate.box.top), 6)


def _may_be_same(group: list[PlateView], view: PlateView) -> bool:
    """Another frame's view of a plate of the group.

    Alike in its signs, or in its place; never twice of one frame.
    """
    if any(other.frame_ms == view.frame_ms for other in group):
        return False
    best = group[0]
    likeliest = view.ranking.plates[:2]
    if any(_differing(best.number, plate) <= _SIGNS_APART for plate, _ in likeliest):
        return True
    return view.likelihood < SURE_LIKELIHOOD and any(_same_place(view, other) for other in group)


def _same_place(one: PlateView, other: PlateView) -> bool:
    if one.frame_ms is None or other.frame_ms is None:
        return False
    if abs(one.frame_ms - other.frame_ms) > _MOMENT_MS:
        return False
    return is_as_high(one, other) and covers(one.quad, other.quad)


def _differing(one: str, other: str) -> int:
    if len(one) != len(other):
        return len(one) + len(other)
    return sum(a != b for a, b in zip(one, other, strict=True))


def _fused(group: list[PlateView]) -> PlateSeen:
    # Frames that cut the plate off have no say where others don't: half a province sign reads as
    # another one.
    group = [view for view in group if view.ranking.plates and not view.cut_by_border] or group
    ranking, backed = _voted(group)
    if len(group) > 1 and (doubtful(ranking) or not backed):
        laid = _laid_over(group)
        backed = backed or agree(ranking, laid)
        if laid and laid.likelihood > ranking.likelihood:
            ranking = laid
    number = ranking.number

    def how_clear(view: PlateView) -> tuple[float, float]:
        return dict(view.ranking.plates).get(number, _NOT_AMONG), view.quad.height

    clearest = max(group, key=how_clear)
    cut = all(view.cut_by_border for view in group)
    return PlateSeen(
        number=PlateNumber(number),
        probability=_share_of_best(ranking),
        certain=_is_clear(ranking, clearest)
        and backed
        and not cut
        and _has_its_ground(number, clearest.colour)
        and _has_its_province(number, clearest),
        colour=clearest.colour,
        box=box_of(clearest.quad.corners, *clearest.size),
        height_px=round(clearest.quad.height, 1),
        candidates=tuple(Candidate(plate, round(score, 3)) for plate, score in ranking.plates),
        frame_ms=clearest.frame_ms,
        rows=clearest.rows,
        cut_by_border=clearest.cut_by_border,
        legibility=clearest.legibility,
    )


def _voted(group: Sequence[PlateView]) -> tuple[Ranking, bool]:
    """What the clearest views say together, and whether one of them alone is backed in it.

    The group comes clearest first: far and blurred frames would only water the vote down.
    """
    voters = [view for view in group[:_VOTERS] if view.ranking.plates]
    ranking: Ranking | None = group[0].ranking
    if len(voters) != 1:
        ranking = ranked([look for view in voters for look in view.looks])
    if ranking is None:
        raise AssertionError("every view of the group had a reading")
    number = ranking.number
    return ranking, any(view.backed and view.number == number for view in voters)


def _is_clear(ranking: Ranking, clearest: PlateView) -> bool:
    """Whether it leads by enough, however many frames there are: a smear fools them all alike."""
    least = _SURE_LIKELIHOOD_HINDERED
    if is_crisp(clearest.legibility):
        least = SURE_LIKELIHOOD
    clear = ranking.margin >= SURE_MARGIN and ranking.likelihood >= least
    return clear and clearest.quad.height >= _SURE_HEIGHT_PX


def _has_its_ground(number: str, colour: str) -> bool:
    """Whether the ground is one that a plate of so many signs can have.

    Else a sign is lost, or something beside the plate was read along.
    """
    if len(number) == LONGEST:
        return colour not in _OTHER_GROUNDS
    return colour not in _NEW_ENERGY_GROUNDS


def _has_its_province(number: str, clearest: PlateView) -> bool:
    """Whether the province sign stands out: the densest sign is the first that few pixels lose."""
    if clearest.quad.height >= _PROVINCE_PLAIN_PX:
        return True
    return province_gap(clearest.looks, number) >= _SURE_PROVINCE_GAP


def _laid_over(group: list[PlateView]) -> Ranking | None:
    """What the clearest view and those next to it in time say, laid over each other."""
    rows, at_ms = group[0].rows, group[0].frame_ms or 0
    alike = [view for view in group if view.rows == rows]
    near = [view for view in alike if abs((view.frame_ms or 0) - at_ms) <= _LAID_WITHIN_MS]
    if len(near) <= 1:
        return None
    rankings: list[Ranking | None] = []
    for patch in overlaid([view.patch for view in near[:_LAID_OVER]]):
        look = row_or_rows(patch.pixels, Quad(patch.corners, 1.0), rows)
        rankings.append(ranked([look]))
    return max(rankings, key=likelihood_of, default=None)


def _share_of_best(ranking: Ranking) -> float:
    """How much of the candidates' mass is the best one's, times how well it explains the pixels."""
    scores = np.array([score for _, score in ranking.plates])
    share = 1.0 / float(np.exp(scores - scores[0]).sum())
    return round(share * float(np.exp(min(0.0, scores[0]) / _MASS_SCALE)), 4)
