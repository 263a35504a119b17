"""A sign that one frame showed is read again in others; all frames together say what it reads.

Each of a rolling or half-refreshed sign's frames lacks other strokes, a smeared frame turns one
sign into another: the text that explains all of them best counts, not the one that a single frame
was surest of. Besides the frames themselves their brightest pixels count as a look, for what any
exposure lit is lit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from scheme.reading import Box, LabelSeen
from verifiers.media.protocol import Media
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.pictures import Pixels, as_pixels
from verifiers.reading.recordings.tracking import found_again
from verifiers.reading.texts.recogniser import Steps
from verifiers.reading.texts.strips import HEIGHT, fit_of, strip_of, strip_steps, text_of
from verifiers.reading.texts.text import TextLine

Finder = Callable[[Sequence[TextLine], int, int, int | None], Sequence[LabelSeen]]
"""Which labels of one kind lines of text hold."""

_MOST_LABELS = 2
"""Signs that are read again over frames, for time. Chosen, not measured."""

_MOST_FRAMES = 4
"""Frames in which a sign is read again, for time. Chosen, not measured."""

_LIKELY = 0.4
"""Probability (0..1) from which a sign is worth it. Chosen, not measured."""

_MARGINS = (0.3, 0.12)
"""Surroundings of a strip aside, and above and below, in heights of the sign. Chosen, not measured.
"""

_DISBELIEVED = 0.5
"""What is left of a reading's probability when its other frames say something else."""

_LEAST_FRAMES = 2
"""Frames that say more than one."""

_LEAST_TALL = 0.7
"""Share of the largest sighting's height from which a frame counts. Chosen, not measured."""


@dataclass(frozen=True, slots=True)
class _Look:
    """The sign in one frame."""

    ms: int
    box: Box
    strip: Pixels
    steps: Steps


def fused(
    media: Media, swept: Sequence[Swept], labels: Sequence[LabelSeen], find: Finder, side: int
) -> list[LabelSeen]:
    """``labels`` with those that stand on one frame alone judged by their other frames.

    What two frames say stays.

    Where the frames agree with it the label is added for each of them; where they say another it is
    disbelieved and the other one added.
    """
    alone = [label for label in labels if label.frame_ms is not None and _is_alone(label, labels)]
    alone = sorted(alone, key=lambda label: -label.probability)[:_MOST_LABELS]
    places = {label: _places(swept, label) for label in alone if label.probability >= _LIKELY}
    kept = list(labels)
    for label, looks in _looks(media, places, side).items():
        if len(looks) >= _LEAST_FRAMES:
            kept.remove(label)
            kept += _judged(label, looks, find)
    return kept


def _looks(
    media: Media, places: Mapping[LabelSeen, Mapping[int, Box]], side: int
) -> Mapping[LabelSeen, list[_Look]]:
    """Each sign in the frames where it stands, all of them decoded in one go."""
    looks: dict[LabelSeen, list[_Look]] = {label: [] for label in places}
    times = sorted(set().union(*places.values()))
    if not times:
        return looks
    for frame in media.frames(times, side):
        ms = frame.ms
        for label, boxes in places.items():
            if ms is None or ms not in boxes:
                continue
            strip = strip_of(frame.pixels, boxes[ms], _MARGINS)
            if strip is not None:
                looks[label].append(_Look(ms, boxes[ms], strip, strip_steps(strip)))
    return looks


def _is_alone(label: LabelSeen, labels: Sequence[LabelSeen]) -> bool:
    return all(
        other is label or other.text != label.text or other.frame_ms == label.frame_ms
        for other in labels
    )


def _places(swept: Sequence[Swept], label: LabelSeen) -> dict[int, Box]:
    """Where the sign is nearly as large, the largest first; its own frame is among them."""
    ms, tall = label.frame_ms or 0, label.box.bottom - label.box.top
    large: list[tuple[int, Box]] = []
    for frame, box in found_again(swept, ms, label.box):
        if box.bottom - box.top >= _LEAST_TALL * tall:
            large.append((frame.ms, box))
    if not large:
        return {}
    large.sort(key=lambda item: item[1].top - item[1].bottom)
    return {ms: label.box, **dict(large[:_MOST_FRAMES])}


def _judged(label: LabelSeen, looks: Sequence[_Look], find: Finder) -> list[LabelSeen]:
    composite = strip_steps(_brightest([look.strip for look in looks]))
    every = [*(look.steps for look in looks), composite]
    named = {label.raw: label.text}
    for raw in {text_of(steps)[0] for steps in every}:
        names = _names(raw, 1.0, looks[0], find)
        if names and raw != label.raw:
            named[raw] = names[0].text
    best = max(named, key=lambda raw: (sum(fit_of(steps, raw) for steps in every), raw))
    if named[best] != label.text:
        disbelieved = replace(label, probability=round(label.probability * _DISBELIEVED, 4))
        others = _names(best, _agreement(every, best), looks[0], find)
        return [disbelieved, *(replace(other, frame_ms=looks[0].ms) for other in others[:1])]
    elsewhere = [look for look in looks if look.ms != label.frame_ms]
    agreeing = [look for look in elsewhere if text_of(look.steps)[0] == best]
    again = replace(label, legibility=None)
    return [label, *(replace(again, box=look.box, frame_ms=look.ms) for look in agreeing)]


def _names(raw: str, probability: float, look: _Look, find: Finder) -> Sequence[LabelSeen]:
    """What ``raw`` names where ``look`` saw it.

    The finder is shown a picture of a thousand pixels' side.
    """
    box = look.box
    corners = np.array(
        [
            (box.left, box.top),
            (box.right, box.top),
            (box.right, box.bottom),
            (box.left, box.bottom),
        ],
        np.float32,
    )
    return find([TextLine(raw, probability, corners * 1000)], 1000, 1000, look.ms)


def _agreement(every: Sequence[Steps], raw: str) -> float:
    """Mean probability of ``raw``'s signs over all looks."""
    signs = max(1, len(raw))
    return round(float(np.mean([np.exp(fit_of(steps, raw) / signs) for steps in every])), 4)


def _brightest(strips: Sequence[Pixels]) -> Pixels:
    """The brightest of each pixel over all strips, which the tracking has laid one on the other."""
    width = int(np.median([strip.shape[1] for strip in strips]))
    fitted = [
        cv2.resize(strip, (width, HEIGHT), interpolation=cv2.INTER_LINEAR) for strip in strips
    ]
    return as_pixels(np.max(fitted, axis=0))
