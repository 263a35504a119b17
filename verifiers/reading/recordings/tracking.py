"""When what is read is legible: the timeline of a recording's plates, signs, numbers and clocks.

A thing is sighted where it was read, or where its very pixels are found again as large and as sharp
in another swept frame. Two sightings count as one stretch only when nothing but a moment, or an
unchanged view, lies between them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Box, LabelSeen, PictureClock, PlateSeen, Sighted, Sighting, Span
from verifiers.reading.frames.glance import likeness_after_a_pan, pan_between
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.legibility import PLATE_SMALL_PX
from verifiers.reading.pictures import Pixels
from verifiers.reading.plates.view import SURE_LIKELIHOOD, PlateView

Grey: TypeAlias = NDArray[np.uint8]
"""(height, width)."""

MOMENT_MS = 2100
"""Milliseconds between two sightings that are one stretch: two steps of the sweep."""

_UNCHANGED_MS = 4200
"""The same where the picture stays alike in between. Chosen, not measured."""

_UNCHANGED = 0.8
"""Likeness (-1..1) from which it does. Chosen, not measured."""

_CLOCK_MS = 15_000
"""An overlay that ticks rightly at both ends of this has been there all the time."""

_MOST_LABELS = 6
"""Names of each kind on a timeline, the likeliest. Chosen, not measured."""

_MOST_FOLLOWED = 3
"""Things followed from frame to frame, for time. Chosen, not measured."""

_CLEAR_ENOUGH = 0.5
"""Probability (0..1) from which a name is followed. Chosen, not measured."""

_FOUND_AGAIN = 0.75
"""Correlation (-1..1) from which a thing is found again. Chosen, not measured."""

_AS_LARGE, _AS_SHARP = 0.6, 0.5
"""Share of its best height and sharpness with which it is legible still. Chosen, not measured."""

_LEAST_SHARP = 0.01
"""Sharpness of what has no steps at all, so that a size times it is never 0. Chosen, not measured.
"""

_SCALES = (0.87, 1.0, 1.15)
"""Sizes tried from one frame to the next. Chosen, not measured."""

_REACH = 0.12
"""Share of the picture's width in which it is sought, after the pan. Chosen, not measured."""

_SURROUNDINGS = 0.6
"""Heights of the thing that are compared along with it. Chosen, not measured."""

_LEAST_PX = 10
"""Pixels (at 512) below which nothing can be found again. Chosen, not measured."""

_SOFT, _LEAST_SOFT = 0.08, 0.5
"""Softened by this share of its height a sign that is refreshed by halves looks the same in every
frame.
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """One moment of a thing; ``worth``: size times sharpness, 0 where only found again."""

    ms: int
    worth: float


def timeline_of(
    swept: Sequence[Swept],
    plates: tuple[Sequence[PlateSeen], Sequence[PlateView]],
    labels: Sequence[tuple[Sighted, Sequence[LabelSeen]]],
    clocks: Sequence[PictureClock],
) -> tuple[Sighting, ...]:
    """Sightings, by kind in the order of ``Sighted``.

    ``plates``: as read, and the views that they were read from.

    ``labels`` are the sightings of each kind, one entry a frame.
    """
    read, views = plates
    sightings = [_plate(plate, views, swept) for plate in read]
    for what, seen in labels:
        sightings += [_label(what, text, seen, swept) for text in _best_names(seen)]
    sightings.append(_ticking(clocks))
    order = list(Sighted)
    there = [sighting for sighting in sightings if sighting is not None]
    return tuple(sorted(there, key=lambda sighting: order.index(sighting.what)))


def _ticking(clocks: Sequence[PictureClock]) -> Sighting | None:
    """The overlay with a clock, from its first to its last reading."""
    timed = sorted(clock.frame_ms for clock in clocks if clock.frame_ms is not None)
    if not timed:
        return None
    best = max(clocks, key=lambda clock: clock.probability)
    stretches = _spans(timed, lambda before, after: after - before <= _CLOCK_MS)
    return Sighting(Sighted.CLOCK, best.text, stretches, best.frame_ms or 0)


def found_again(swept: Sequence[Swept], at_ms: int, box: Box) -> Iterator[tuple[Swept, Box]]:
    """The thing in ``box`` at ``at_ms``, in swept frames before and after as far as it goes on."""
    start = min(range(len(swept)), key=lambda place: abs(swept[place].ms - at_ms), default=0)
    if not swept or swept[start].ms != at_ms:
        return
    for step in (-1, 1):
        last, place = box, start + step
        while 0 <= place < len(swept):
            near = _again(swept[place - step], swept[place], last)
            if near is None:
                break
            yield swept[place], near
            last, place = near, place + step


def _plate(plate: PlateSeen, views: Sequence[PlateView], swept: Sequence[Swept]) -> Sighting | None:
    seen = list(_read_in(views, plate.number))
    # One look at what is not sure is no sighting
    if len(seen) < 2 and not plate.certain:  # noqa: PLR2004
        return None
    if plate.frame_ms is not None and plate.height_px >= PLATE_SMALL_PX:
        known = {moment.ms for moment in seen}
        followed = _followed(swept, plate.frame_ms, plate.box)
        seen.extend(moment for moment in followed if moment.ms not in known)
    return _sighting(Sighted.PLATE, plate.number, seen, swept)


def _read_in(views: Sequence[PlateView], number: str) -> Iterator[_Seen]:
    """Moments at which a view surely reads this plate, or one that is a sign away."""
    for view in views:
        sure = view.likelihood >= SURE_LIKELIHOOD
        if view.frame_ms is not None and sure and _same(view, number):
            yield _Seen(
                view.frame_ms, view.quad.height * max(view.legibility.sharpness, _LEAST_SHARP)
            )


def _followed(swept: Sequence[Swept], at_ms: int, box: Box) -> Iterator[_Seen]:
    """Moments at which the thing in ``box`` at ``at_ms`` is nearly as large and as sharp."""
    there = next((frame for frame in swept if frame.ms == at_ms), None)
    if there is None:
        return
    worth = _tall(box) * _sharpness(there.small, box)
    for frame, near in found_again(swept, at_ms, box):
        here = _tall(near) * _sharpness(frame.small, near)
        if _tall(near) >= _AS_LARGE * _tall(box) and here >= _AS_SHARP * worth:
            yield _Seen(frame.ms, 0.0)


def _same(view: PlateView, number: str) -> bool:
    best = view.ranking.plates[0][0]
    return len(best) == len(number) and sum(a != b for a, b in zip(best, number, strict=True)) <= 1


def _best_names(labels: Sequence[LabelSeen]) -> list[str]:
    weight: dict[str, float] = {}
    for label in labels:
        if label.probability >= _CLEAR_ENOUGH:
            weight[label.text] = weight.get(label.text, 0.0) + label.probability
    return sorted(weight, key=lambda text: (-weight[text], text))[:_MOST_LABELS]


def _label(
    what: Sighted, text: str, labels: Sequence[LabelSeen], swept: Sequence[Swept]
) -> Sighting | None:
    read = [label for label in labels if label.text == text and label.frame_ms is not None]
    if not read:
        return None
    pictures = {frame.ms: frame for frame in swept}
    seen: dict[int, _Seen] = {}
    for label in read:
        ms, worth = label.frame_ms or 0, 0.0
        if ms in pictures:
            worth = _tall(label.box) * _sharpness(pictures[ms].small, label.box)
        seen[ms] = _Seen(ms, worth)
    for label in sorted(read, key=lambda label: -label.probability)[:_MOST_FOLLOWED]:
        for moment in _followed(swept, label.frame_ms or 0, label.box):
            seen.setdefault(moment.ms, moment)
    return _sighting(what, text, list(seen.values()), swept)


def _sighting(
    what: Sighted, text: str, seen: Sequence[_Seen], swept: Sequence[Swept]
) -> Sighting | None:
    if not seen:
        return None
    best = max(seen, key=lambda moment: (moment.worth, -moment.ms))
    times = sorted({moment.ms for moment in seen})

    def joined(before: int, after: int) -> bool:
        if after - before <= MOMENT_MS:
            return True
        between = [frame.glance for frame in swept if before <= frame.ms <= after]
        # A sign was looked for in every swept frame; a plate may not have been, where the view
        # stays the same.
        unlooked = what is Sighted.PLATE and all(
            likeness_after_a_pan(a, b) >= _UNCHANGED for a, b in pairwise(between)
        )
        # The two themselves
        return after - before <= _UNCHANGED_MS and (unlooked or len(between) <= 2)  # noqa: PLR2004

    return Sighting(what, text, _spans(times, joined), best.ms)


def _spans(times: Sequence[int], joined: Callable[[int, int], bool]) -> tuple[Span, ...]:
    """``times``, ascending, as stretches: neighbours that are ``joined`` are one."""
    spans = [Span(times[0], times[0])]
    for before, after in pairwise(times):
        if joined(before, after):
            spans[-1] = Span(spans[-1].from_ms, after)
        else:
            spans.append(Span(after, after))
    return tuple(spans)


def _again(known: Swept, other: Swept, box: Box) -> Box | None:
    """Where the thing in ``box`` of ``known`` stands in ``other``.

    ``None`` where it is not found.
    """
    patch = _cut_out(known.small, box)
    if patch is None:
        return None
    grey = cv2.cvtColor(other.small, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    right, down = pan_between(known.glance, other.glance)
    near = (box.left + box.right) / 2 + right, (box.top + box.bottom) / 2 + down
    soft = _SOFT * (box.bottom - box.top) * grey.shape[0]
    known_look, other_look = _softened(patch, soft), _softened(grey, soft)
    most, best = -np.inf, None
    for scale in _SCALES:
        sample = cv2.resize(known_look, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        score, middle = _sought(sample.astype(np.uint8, copy=False), other_look, near)
        if score > most and middle is not None:
            wide, high = (box.right - box.left) * scale, (box.bottom - box.top) * scale
            most, best = score, _centred(middle, wide, high)
    if most < _FOUND_AGAIN:
        return None
    return best


def _sought(
    sample: Grey, grey: Grey, near: tuple[float, float]
) -> tuple[float, tuple[float, float] | None]:
    """``(correlation, middle)`` of the place around ``near`` that looks most like ``sample``.

    Places are shares of the picture's width and height; ``None`` where it would not fit in.
    """
    (tall, broad), (high, wide) = sample.shape, grey.shape
    reach = _REACH * wide
    left = max(0, round(near[0] * wide - broad / 2 - reach))
    top = max(0, round(near[1] * high - tall / 2 - reach))
    window = grey[top : round(top + 2 * reach + tall), left : round(left + 2 * reach + broad)]
    if window.shape[0] < tall or window.shape[1] < broad:
        return -np.inf, None
    _, score, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(window, sample, cv2.TM_CCOEFF_NORMED))
    return score, ((left + x + broad / 2) / wide, (top + y + tall / 2) / high)


def _softened(grey: Grey, sigma: float) -> Grey:
    if sigma <= _LEAST_SOFT:
        return grey
    return cv2.GaussianBlur(grey, (0, 0), sigma).astype(np.uint8, copy=False)


def _centred(middle: tuple[float, float], wide: float, high: float) -> Box:
    return Box(
        middle[0] - wide / 2, middle[1] - high / 2, middle[0] + wide / 2, middle[1] + high / 2
    )


def _cut_out(small: Pixels, box: Box) -> Grey | None:
    """Grey pixels of ``box`` with some of what surrounds it.

    ``None`` where too little is left to know it by.
    """
    high, wide = small.shape[:2]
    margin = _SURROUNDINGS * (box.bottom - box.top) * high
    left, right = round(box.left * wide - margin), round(box.right * wide + margin)
    top, bottom = round(box.top * high - margin), round(box.bottom * high + margin)
    if (
        left < 0
        or top < 0
        or right > wide
        or bottom > high
        or min(right - left, bottom - top) < _LEAST_PX
    ):
        return None
    return cv2.cvtColor(small[top:bottom, left:right], cv2.COLOR_BGR2GRAY).astype(
        np.uint8, copy=False
    )


def _tall(box: Box) -> float:
    return box.bottom - box.top


def _sharpness(small: Pixels, box: Box) -> float:
    """How steep the steps in ``box`` are, in grey levels; never 0."""
    high, wide = small.shape[:2]
    rows = slice(max(0, round(box.top * high)), max(0, round(box.bottom * high)))
    patch = small[rows, max(0, round(box.left * wide)) : max(0, round(box.right * wide))]
    if min(patch.shape[:2]) <= 1:
        return _LEAST_SHARP
    return float(cv2.Laplacian(patch, cv2.CV_32F).std()) + _LEAST_SHARP
