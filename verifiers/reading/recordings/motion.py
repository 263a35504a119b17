"""How a recording runs: cuts, holes in its timestamps, stretches that stand still or come twice.

A sweep of sparse samples says where the picture changed much, the encoder itself says at which
frames: what follows a cut can't be told from what went before, so its frame takes many times the
bytes of its neighbours. Only such frames are looked at. A cut is a change between neighbours that
no camera makes and that stays: what changes gradually is motion, what comes back after a moment is
a flash or a damaged block.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from scheme.reading import Motion, Span
from verifiers.media.protocol import Timeline
from verifiers.reading.frames.glance import BLACK_BELOW, Glance, likeness, likeness_after_a_pan

_SUSPECT_BELOW = 0.72
"""Likeness (-1..1) of two frames under which a cut may lie between them. Chosen, not measured."""

_CUT_BELOW = 0.6
"""Likeness (-1..1) of neighbours under which it does. Chosen, not measured."""

_CUT_STANDS_OUT = 0.35
"""How much more alike the frames on either side of a cut are than the two across it: a fast pan is
uniform.
"""
_STAYS_MS = 300
"""A cut stays: this long before and after it the pictures differ as well."""
_UNTOUCHED = 0.2
"""A cut changes the whole picture; where this much stays to the last level (the frame of a screen),
only a part of it switched. Black bars don't count.
"""
_UNTOUCHED_BELOW = 1.0
"""Levels (of 255) within which a pixel stays the same."""

_HELD_MS = 250
"""Where a recorder held its last picture for longer than this, the world went on meanwhile: a jump
is no cut.
"""
_EMPTY, _EMPTY_SHARE = 1.5, 10
"""Up to this times the fewest bytes of any frame, where those are a tenth of the mean, a frame says
"as before".
"""
_STILL_BELOW = 0.12
"""Mean levels (of 255) under which nothing moves: sensors have more noise. Chosen, not measured."""

_STILL_AT_LEAST_MS = 2500
"""Milliseconds from which standing still is told: shorter ones are halts. Chosen, not measured."""

_MOST_SUSPECTS = 16
"""Pairs of frames that are looked into, for time. Chosen, not measured."""

_MOST_WINDOWS = 24
"""Heavy frames that are looked at, for time. Chosen, not measured."""

_WINDOWS_A_PAIR = 3
"""Of them, between two swept frames. Chosen, not measured."""

_REORDERED = 4
"""Frames before a heavy one that may already show the new scene: predicted from it, though shown
earlier.
"""
_HEAVY = 3.0
"""Times the bytes of its neighbours that the frame after a cut takes at least. Chosen, not
measured.
"""

_AROUND = 12
"""Frames on either side that are its neighbours. Chosen, not measured."""

_RUN_FRAMES = 12
"""Frames that a copied stretch repeats, byte count by byte count; no two encoded moments do."""
_RUN_SIZES = 8
"""Different byte counts that a copied stretch has at least: stills repeat one. Chosen, not
measured.
"""

_REPEATED_AT_LEAST_MS = 500
"""Milliseconds of a stretch that was shown before, at least. Chosen, not measured."""

_RECURRING_AT_LEAST = 3
"""Swept frames in a row that show a stretch again. Chosen, not measured."""

_SAME_PICTURE, _SAME_OF_STEP = 2.0, 0.25
"""Mean difference in levels up to which two glances show one picture, and its share of what moves
between two.
"""
_MOVES = 2.0
"""Mean levels (of 255) between two swept frames in which something moves. Chosen, not measured."""

_SAME_MOMENT_MS = 45
"""Milliseconds by which steps of the same length may differ: hardly more than a frame."""

Look = Callable[[Sequence[int]], Mapping[int, Glance]]


def motion_of(glances: Sequence[Glance], timeline: Timeline, look: Look) -> Motion:
    """Cuts, gaps, frozen and repeated stretches.

    ``glances`` are the sweep's, ascending; ``look`` fetches more.

    ``look`` takes frame times and may return fewer than asked (a decoder that gave up): those
    suspects stay undecided and are left out.
    """
    return Motion(
        cuts_ms=_Search(timeline, look).cuts(glances),
        gaps=timeline.gaps,
        frozen=_frozen(glances),
        edit_lists=timeline.edit_lists,
        repeated=_repeated(timeline) or _recurring(glances),
    )


def _untouched(one: Glance, other: Glance) -> float:
    """Share of the picture, black bars left out, that both frames show alike to the last level."""
    shown = one.thumbnail.max(axis=2) > BLACK_BELOW
    same = np.abs(one.thumbnail - other.thumbnail).max(axis=2) < _UNTOUCHED_BELOW
    if not shown.any():
        return 0.0
    return float(same[shown].mean())


_Pair = tuple[Glance, Glance]


class _Search:
    """The search for cuts in one recording."""

    def __init__(self, timeline: Timeline, look: Look) -> None:
        self.timeline, self.frames_ms, self.look = timeline, timeline.frames_ms, look
        self.places = {ms: position for position, ms in enumerate(timeline.frames_ms)}
        self.weights = _weights(timeline)
        self.empty_bytes = _empty_bytes(timeline.sizes)

    def cuts(self, glances: Sequence[Glance]) -> tuple[int, ...]:
        """Times of the first frame after each cut."""
        suspects: list[tuple[float, _Pair]] = []
        for pair in pairwise(glances):
            alike = likeness_after_a_pan(*pair)
            if alike < _SUSPECT_BELOW:
                suspects.append((alike, pair))
        suspects.sort(key=itemgetter(0))
        open_pairs = [pair for _, pair in suspects[:_MOST_SUSPECTS]]
        if self.weights is not None:
            open_pairs = self._windows(open_pairs, self.weights)
        return self._standing_out(self._halved(open_pairs))

    def _windows(self, pairs: Sequence[_Pair], weights: NDArray[np.float64]) -> list[_Pair]:
        """The few frames before each heavy one within ``pairs``.

        A keyframe that was due is heavy anyway: last.
        """
        windows: list[tuple[int, int]] = []
        for place in self._heavy(pairs, weights)[:_MOST_WINDOWS]:
            start_ms = self.frames_ms[max(0, place - _REORDERED)]
            windows.append((start_ms, self.frames_ms[place]))
        glances = self._look({ms for window in windows for ms in window})
        suspects: list[_Pair] = []
        for start_ms, end_ms in windows:
            if start_ms not in glances or end_ms not in glances:
                continue
            before, after = glances[start_ms], glances[end_ms]
            if likeness(before, after) < _SUSPECT_BELOW:
                suspects.append((before, after))
        return suspects

    def _heavy(self, pairs: Sequence[_Pair], weights: NDArray[np.float64]) -> list[int]:
        """Places of the heaviest frames of each pair, keyframes that were due behind the others."""
        due = _due_keyframes(self.timeline.keyframes_ms)
        heaviest: list[int] = []
        for a, b in pairs:
            first, last = self.places.get(a.ms), self.places.get(b.ms)
            if first is None or last is None:
                continue
            heavy = [place for place in range(first + 1, last + 1) if weights[place] >= _HEAVY]
            heavy.sort(key=lambda place: (self.frames_ms[place] in due, -weights[place]))
            heaviest += heavy[:_WINDOWS_A_PAIR]
        return heaviest

    def _halved(self, open_pairs: list[_Pair]) -> list[_Pair]:
        """Halve every pair, all at once a round, until its ends are neighbouring frames."""
        jumps: list[_Pair] = []
        while open_pairs:
            halves: list[tuple[_Pair, int]] = []
            for a, b in open_pairs:
                middle_ms = self._middle(a.ms, b.ms)
                if middle_ms is not None:
                    halves.append(((a, b), middle_ms))
                elif likeness(a, b) < _CUT_BELOW:
                    jumps.append((a, b))
            glances = self._look({middle_ms for _, middle_ms in halves})
            open_pairs = []
            for pair, middle_ms in halves:
                if middle_ms in glances:
                    open_pairs += _narrowed(pair, glances[middle_ms])
        return jumps

    def _standing_out(self, jumps: Sequence[_Pair]) -> tuple[int, ...]:
        """The jumps that their neighbouring frames do not share, and that stay."""
        wanted: set[int] = set()
        for a, b in jumps:
            wanted.update(self._around(a.ms, b.ms, 1), self._around(a.ms, b.ms, _STAYS_MS))
        glances = self._look(wanted)
        cuts: set[int] = set()
        for a, b in jumps:
            near, far = self._around(a.ms, b.ms, 1), self._around(a.ms, b.ms, _STAYS_MS)
            if not glances.keys() >= {*near, *far}:
                continue
            before, after = glances[near[0]], glances[near[1]]
            steady = min(likeness(before, a), likeness(b, after))
            uniform = steady - likeness(a, b) < _CUT_STANDS_OUT
            passes = likeness(glances[far[0]], glances[far[1]]) >= _SUSPECT_BELOW
            partial = _untouched(a, b) >= _UNTOUCHED
            if not (uniform or passes or partial or self._held(b)):
                cuts.add(b.ms)
        return tuple(sorted(cuts))

    def _around(self, first_ms: int, last_ms: int, by_ms: int) -> tuple[int, int]:
        """The frames at least ``by_ms`` before the first and after the last of two."""
        return self._before(first_ms, by_ms), self._after(last_ms, by_ms)

    def _held(self, after: Glance) -> bool:
        """Whether the frames before ``after`` only held an older picture."""
        sizes = self.timeline.sizes
        if self.weights is None or after.ms not in self.places:
            return False
        last = place = self.places[after.ms] - 1
        while place > 0 and sizes[place] <= self.empty_bytes:
            place -= 1
        return place < last and after.ms - self.frames_ms[place] > _HELD_MS

    def _look(self, wanted: set[int]) -> Mapping[int, Glance]:
        if not wanted:
            return {}
        return self.look(sorted(wanted))

    def _middle(self, first: int, last: int) -> int | None:
        """A frame time between the two, ``None`` when they are neighbours."""
        if first not in self.places or last not in self.places:
            return None
        middle = self.frames_ms[(self.places[first] + self.places[last]) // 2]
        if middle in (first, last):
            return None
        return middle

    def _before(self, ms: int, by_ms: int) -> int:
        """The nearest frame at least ``by_ms`` earlier."""
        if not self.frames_ms:
            return ms
        return self.frames_ms[max(0, bisect_left(self.frames_ms, ms - by_ms + 1) - 1)]

    def _after(self, ms: int, by_ms: int) -> int:
        """The nearest frame at least ``by_ms`` later."""
        if not self.frames_ms:
            return ms
        last = len(self.frames_ms) - 1
        return self.frames_ms[min(last, bisect_left(self.frames_ms, ms + by_ms))]


def _narrowed(pair: _Pair, between: Glance) -> list[_Pair]:
    """The half of a pair in which a cut may lie; none where both halves are alike."""
    a, b = pair
    before, after = likeness(a, between), likeness(between, b)
    if min(before, after) >= _SUSPECT_BELOW:
        return []
    if before < after:
        return [(a, between)]
    return [(between, b)]


def _empty_bytes(sizes: Sequence[int]) -> float:
    """Bytes up to which a frame says "as before"; 0 where no frame is that much smaller."""
    fewest = min(sizes, default=0)
    if fewest * _EMPTY_SHARE * len(sizes) < sum(sizes):
        return _EMPTY * fewest
    return 0


def _due_keyframes(keyframes_ms: Sequence[int]) -> set[int]:
    """Keyframes that come after an interval which recurs.

    Set by the clock, not by what the picture shows.
    """
    by_interval: dict[int, set[int]] = {}
    for before, after in pairwise(keyframes_ms):
        by_interval.setdefault(round((after - before) / 50), set()).add(after)
    recurring = [after for after in by_interval.values() if len(after) > 1]
    return set().union(*recurring)


def _weights(timeline: Timeline) -> NDArray[np.float64] | None:
    """Each frame's bytes over the median of those around it that are no keyframes.

    ``None`` where unknown.

    A recording of keyframes alone tells nothing by its bytes: ``None`` too.
    """
    frames, keyframes_ms = len(timeline.frames_ms), set(timeline.keyframes_ms)
    if len(timeline.sizes) != frames or 2 * len(timeline.keyframes_ms) > frames:
        return None
    sizes = np.asarray(timeline.sizes, np.float64)
    plain = sizes.copy()
    for position, ms in enumerate(timeline.frames_ms):
        if position and ms in keyframes_ms:
            plain[position] = plain[position - 1]
    padded = np.pad(plain, _AROUND, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1)
    return np.asarray(sizes / np.maximum(np.median(around, axis=1), 1.0))


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
    return _lasting(spans, _STILL_AT_LEAST_MS)


def _lasting(spans: Iterable[Span], at_least_ms: int) -> tuple[Span, ...]:
    return tuple(span for span in spans if span.to_ms - span.from_ms >= at_least_ms)


def _repeated(timeline: Timeline) -> tuple[Span, ...]:
    """Stretches whose encoded frames have the very sizes of an earlier one's: a copied loop."""
    sizes, times = timeline.sizes, timeline.frames_ms
    if len(sizes) != len(times):
        return ()
    first_at: dict[tuple[int, ...], int] = {}
    spans: list[Span] = []
    place = 0
    while place + _RUN_FRAMES <= len(sizes):
        run = sizes[place : place + _RUN_FRAMES]
        earlier = first_at.get(run)
        if earlier is None or len(set(run)) < _RUN_SIZES or earlier + _RUN_FRAMES > place:
            first_at.setdefault(run, place)
            place += 1
            continue
        end = place + _RUN_FRAMES
        while end < len(sizes) and sizes[end] == sizes[earlier + end - place]:
            end += 1
        spans.append(Span(times[place], times[end - 1]))
        place = end
    return _lasting(spans, _REPEATED_AT_LEAST_MS)


def _recurring(glances: Sequence[Glance]) -> tuple[Span, ...]:
    """Stretches in which things move and that an earlier one shows picture for picture.

    What was encoded anew has other sizes, but the same pictures in the same order at the same
    distances.
    """
    if len(glances) < 2 * _RECURRING_AT_LEAST:
        return ()
    flat = np.stack([glance.thumbnail.reshape(-1) for glance in glances])
    steps = [float(np.abs(a - b).mean()) for a, b in pairwise(flat)]
    spans: list[Span] = []
    later = _RECURRING_AT_LEAST
    while later + _RECURRING_AT_LEAST <= len(glances):
        runs = (_run(glances, flat, steps, first, later) for first in range(later - 1))
        longest = max(runs, default=0)
        if longest >= _RECURRING_AT_LEAST:
            spans.append(Span(glances[later].ms, glances[later + longest - 1].ms))
            later += longest
        else:
            later += 1
    return tuple(spans)


def _run(
    glances: Sequence[Glance],
    flat: NDArray[np.float32],
    steps: Sequence[float],
    first: int,
    later: int,
) -> int:
    """How many glances from ``later`` on show what those from ``first`` on do, all moving."""
    apart, count = glances[later].ms - glances[first].ms, 0
    while later + count < len(glances) and first + count < later:
        one, other = first + count, later + count
        steady = abs(glances[other].ms - glances[one].ms - apart) <= _SAME_MOMENT_MS
        moved = min(steps[max(0, one - 1) : one + 1])
        differs = float(np.abs(flat[one] - flat[other]).mean())
        if not steady or moved < _MOVES or differs > min(_SAME_PICTURE, _SAME_OF_STEP * moved):
            break
        count += 1
    return count
