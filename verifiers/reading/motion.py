"""How a recording runs: cuts, holes in its timestamps, stretches in which nothing moves.

A sweep of sparse samples says where the picture changed much; only there it is halved down to two neighbouring
frames. A cut is a change between neighbours that no camera makes; what changes gradually is motion.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Motion, Span
from verifiers.media.protocol import Timeline
from verifiers.reading.pictures import Pixels

_GRID = (48, 27)
_SUSPECT_BELOW = 0.72
_CUT_BELOW = 0.55
_CUT_STANDS_OUT = 0.35
"""How much more alike the frames on either side of a cut are than the two across it: a fast pan is uniform."""
_STILL_BELOW = 0.12
_STILL_AT_LEAST_MS = 2500
_MOST_SUSPECTS = 16


@dataclass(frozen=True, slots=True)
class Glance:
    """A frame reduced to what tells scenes apart: a soft 48 × 27 picture (float32, three channels) in 0..255."""

    ms: int
    thumbnail: NDArray[np.float32]


def glance(ms: int, pixels: Pixels) -> Glance:
    """Reduce one BGR frame."""
    small = cv2.resize(pixels, (_GRID[0] * 2, _GRID[1] * 2), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.5), _GRID, interpolation=cv2.INTER_AREA)
    return Glance(ms, soft.astype(np.float32))


def likeness(one: Glance, other: Glance) -> float:
    """1 for the same picture, about 0 for unrelated ones: correlation of the soft pictures, brightness left out."""
    first, second = (each.thumbnail - each.thumbnail.mean(axis=(0, 1)) for each in (one, other))
    energy = float(np.sqrt((first**2).sum() * (second**2).sum()))
    flat = 4.0 * float(first.size)
    return (float((first * second).sum()) + flat) / (energy + flat)


def motion_of(
    glances: Sequence[Glance], timeline: Timeline, look: Callable[[Sequence[int]], Mapping[int, Glance]]
) -> Motion:
    """Cuts, gaps and frozen stretches. ``glances`` are the sweep's, ascending; ``look`` fetches more by frame time.

    ``look`` may return fewer than asked (a decoder that gave up): those suspects stay undecided and are left out.
    """
    return Motion(
        cuts_ms=_cuts(glances, timeline.frames_ms, look),
        gaps=timeline.gaps,
        frozen=_frozen(glances),
        edit_lists=timeline.edit_lists,
    )


def _cuts(
    glances: Sequence[Glance], frames_ms: Sequence[int], look: Callable[[Sequence[int]], Mapping[int, Glance]]
) -> tuple[int, ...]:
    """Halve every suspicious stretch, all at once a round, until its ends are neighbouring frames."""
    pairs = [(likeness(a, b), a, b) for a, b in pairwise(glances)]
    suspects = sorted((pair for pair in pairs if pair[0] < _SUSPECT_BELOW), key=lambda pair: pair[0])
    open_pairs = [(a, b) for _, a, b in suspects[:_MOST_SUSPECTS]]
    places = {ms: position for position, ms in enumerate(frames_ms)}
    jumps: list[tuple[Glance, Glance]] = []
    while open_pairs:
        middles = {(a.ms, b.ms): _middle(a.ms, b.ms, frames_ms, places) for a, b in open_pairs}
        seen = look(sorted({ms for ms in middles.values() if ms is not None}))
        narrowed = []
        for a, b in open_pairs:
            middle = middles[a.ms, b.ms]
            if middle is None:
                if likeness(a, b) < _CUT_BELOW:
                    jumps.append((a, b))
            elif middle in seen:
                between = seen[middle]
                before, after = likeness(a, between), likeness(between, b)
                if min(before, after) < _SUSPECT_BELOW:
                    narrowed.append((a, between) if before < after else (between, b))
        open_pairs = narrowed
    return _standing_out(jumps, frames_ms, places, look)


def _standing_out(
    jumps: Sequence[tuple[Glance, Glance]],
    frames_ms: Sequence[int],
    places: Mapping[int, int],
    look: Callable[[Sequence[int]], Mapping[int, Glance]],
) -> tuple[int, ...]:
    """The jumps between neighbours that their own neighbours do not share, as times of the first frame after."""
    around = {
        (a.ms, b.ms): (frames_ms[max(0, places[a.ms] - 1)], frames_ms[min(len(frames_ms) - 1, places[b.ms] + 1)])
        for a, b in jumps
        if a.ms in places and b.ms in places
    }
    seen = look(sorted({ms for pair in around.values() for ms in pair})) if around else {}
    cuts = set()
    for a, b in jumps:
        before, after = around.get((a.ms, b.ms), (a.ms, b.ms))
        steady = min(likeness(seen.get(before, a), a), likeness(b, seen.get(after, b)))
        if steady - likeness(a, b) >= _CUT_STANDS_OUT:
            cuts.add(b.ms)
    return tuple(sorted(cuts))


def _middle(first: int, last: int, frames_ms: Sequence[int], places: Mapping[int, int]) -> int | None:
    """A frame time between the two, ``None`` when they are neighbours."""
    if first not in places or last not in places:
        return None
    position = (places[first] + places[last]) // 2
    return frames_ms[position] if frames_ms[position] not in (first, last) else None


def _frozen(glances: Sequence[Glance]) -> tuple[Span, ...]:
    """Stretches of the sweep in which not even sensor noise moves: a still shown as a recording."""
    spans: list[Span] = []
    start: Glance | None = None
    for before, after in pairwise(glances):
        still = float(np.abs(after.thumbnail - before.thumbnail).max()) <= _STILL_BELOW
        if still and start is None:
            start = before
        if not still and start is not None:
            spans.append(Span(start.ms, before.ms))
            start = None
    if start is not None:
        spans.append(Span(start.ms, glances[-1].ms))
    return tuple(span for span in spans if span.to_ms - span.from_ms >= _STILL_AT_LEAST_MS)
