"""Line names among the texts of one picture, best first.

What a text can name stands in ``names``, what its place says of it in ``places``; here both make
one probability. Position helps: signs stand high on a bus, fleet numbers and plates low. Nothing is
dropped for standing in the wrong place; it only ranks lower.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import cv2
import numpy as np

from scheme.reading import LabelSeen
from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.signs.names import WEIGHTS, is_whole, names_in
from verifiers.reading.signs.places import Places, is_beside_a_larger
from verifiers.reading.signs.sign import spellings, word_apart
from verifiers.reading.texts.text import TextLine, box_of, one_look

_UNSURE = 0.65
"""Most probability (0..1) of a name in doubt: under the floor of the shipped policy."""

_ONE_DIGIT = 0.82
"""A wheel, a handle, a pictogram: much looks like one digit."""

LOW_ON_THE_BUS = 0.68
"""Share of the picture's height below which a bus bears plate and numbers rather than its line's
sign.
"""

_PLACE_WEIGHTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"one digit": (_ONE_DIGIT, 0.5), "own number": (0.5, 0.0), "name": (1.0, 0.6)}
)
"""What is left of a name's probability above and below that line. Low on a bus four digits are its
own number, no line. Chosen, not measured.
"""

_CLEAR = 0.7
"""Probability (0..1) from which no second look is paid for."""

_SECOND_LOOK_PIXELS = 500_000
"""Pixels of the second look: dots of an LED sign melt into strokes. Chosen, not measured."""

_MOST_OPINIONS = 5
"""Names of a picture that are read again: 0.14 s a picture for 84 sure lines of 96 instead of 82.
"""

_OPINIONS_OF_ONE_TEXT = 4
"""A bus shows its line in front, on its side and behind; beyond that it is print."""

_WORTH_AN_OPINION = 0.35
"""Probability (0..1) from which one is. Chosen, not measured."""

_UNCONFIRMED = 0.5
"""What is left of a name's probability where no view confirms it. Chosen, not measured."""


def find_routes(
    lines: Sequence[TextLine], width: int, height: int, frame_ms: int | None = None
) -> tuple[LabelSeen, ...]:
    """Possible line names among ``lines``, best first.

    ``probability`` is the text's, weighed by how sign-like it is.

    One entry a name: its best sighting.
    """
    best: dict[str, LabelSeen] = {}
    places = Places(lines)
    for line in lines:
        box = box_of(line.corners, width, height)
        for name in names_in(line.text):
            weight = WEIGHTS[name.manner] * _place_weight(name.text, (box.top + box.bottom) / 2)
            if weight == 0:
                continue
            if places.is_doubtful(name, line):
                weight = min(weight, _UNSURE)
            seen = LabelSeen(
                name.text, line.text, round(line.probability * weight, 4), box, frame_ms
            )
            if name.text not in best or seen.probability > best[name.text].probability:
                best[name.text] = seen
    yielded = [_yielding(seen, best) for seen in best.values()]
    signs = [seen for seen in yielded if seen.probability >= _CLEAR]
    ranked = [
        doubted(seen) if is_beside_a_larger(seen.box, signs, width, height) else seen
        for seen in yielded
    ]
    return tuple(sorted(ranked, key=lambda seen: (-seen.probability, -_height(seen), seen.text)))


def doubted(seen: LabelSeen) -> LabelSeen:
    """``seen`` as a name in doubt, for what its place says against it: never sure."""
    return replace(seen, probability=round(min(seen.probability, _UNSURE), 4))


def _yielding(seen: LabelSeen, others: Mapping[str, LabelSeen]) -> LabelSeen:
    """A number whose digits another sign shows with a dash (``353``, ``3-53``) may be that one."""
    for name, other in others.items():
        is_dashed = name != seen.text and name.replace("-", "") == seen.text
        if is_dashed and other.probability >= seen.probability / 2:
            return replace(seen, probability=round(seen.probability * _UNSURE, 4))
    return seen


def is_clear(routes: Sequence[LabelSeen]) -> bool:
    """Whether a line sign was read so well that a second look is not worth its price."""
    return bool(routes) and routes[0].probability >= _CLEAR


def look_again(pixels: Pixels, anchor_top: float | None) -> tuple[TextLine, ...]:
    """Texts of the part where the sign should be.

    Above ``anchor_top`` (a plate's top, a share), else the upper half.

    Softened and on a scale where the dots of an LED sign melt into strokes; a fraction of a text
    pass.
    """
    height = pixels.shape[0]
    bottom = max(0.3, min(0.7, anchor_top - 0.02 if anchor_top is not None else 0.62))
    top = max(0.0, bottom - 0.62)
    region = pixels[round(top * height) : round(bottom * height)]
    factor = float(np.sqrt(_SECOND_LOOK_PIXELS / (region.shape[0] * region.shape[1])))
    soft = as_pixels(cv2.GaussianBlur(scaled(region, factor, cv2.INTER_CUBIC), (0, 0), 1.2))
    shift = np.array([0, round(top * height)], dtype=np.float32)
    return tuple(
        TextLine(line.text, line.probability * 0.95, line.corners / factor + shift)
        for line in one_look(soft)
    )


def second_opinions(pixels: Pixels, lines: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """The same lines, those that may be a line's name read again and as sure as that leaves them.

    A name that begins or ends a longer text (``Punggol 382G``) becomes a line of its own. Of a text
    that stands there many times the last ones are not read again, and so less sure.
    """
    height, width = pixels.shape[:2]
    ranked = find_routes(lines, width, height)[:_MOST_OPINIONS]
    sure_enough = [seen for seen in ranked if seen.probability >= _WORTH_AN_OPINION]
    worth = {seen.raw: seen.text for seen in reversed(sure_enough)}
    times: Counter[str] = Counter()
    told: list[TextLine] = []
    for line in lines:
        if line.text not in worth:
            told.append(line)
            continue
        times[line.text] += 1
        if times[line.text] > _OPINIONS_OF_ONE_TEXT:
            told.append(replace(line, probability=line.probability * _UNCONFIRMED))
            continue
        told.extend(_read_again(pixels, line, worth[line.text]))
    return tuple(told)


def _read_again(pixels: Pixels, line: TextLine, name: str) -> Sequence[TextLine]:
    """``line`` as surely as a second opinion on ``name`` leaves it; the name as its own line first.

    A destination is read well beside a number that is not, so the text is no surer than its number.
    """
    if is_whole(line.text):
        return (_opinion(pixels, line),)
    part = word_apart(pixels, line, name)
    if part is None:
        return (line,)
    own = _opinion(pixels, part)
    sure = own.probability if own.text == part.text else line.probability * _UNCONFIRMED
    return own, replace(line, probability=min(line.probability, sure))


def _opinion(pixels: Pixels, line: TextLine) -> TextLine:
    """``line`` as the views agree on it; they may prefer another spelling."""
    ways: dict[str, float] = {}
    for way in spellings(pixels, line.corners):
        if names := names_in(way.text):
            ways[names[0].text] = ways.get(names[0].text, 0.0) + way.probability
    own = names_in(line.text)
    if not own:
        return line
    if not ways:
        return TextLine(line.text, line.probability * _UNCONFIRMED, line.corners)
    best = max(ways, key=lambda name: (ways[name], name))
    probability = min(1.0, ways[best])
    if best == own[0].text:
        return replace(line, probability=probability)
    return TextLine(best, probability, line.corners)


def _height(seen: LabelSeen) -> float:
    return seen.box.bottom - seen.box.top


def _place_weight(name: str, middle: float) -> float:
    high_up, low_down = _PLACE_WEIGHTS[_shape(name)]
    if middle >= LOW_ON_THE_BUS:
        return low_down
    return high_up


def _shape(name: str) -> str:
    if name.isdigit() and len(name) == 1:
        return "one digit"
    if name.isdigit() and len(name) >= 4:  # noqa: PLR2004 - as buses' own numbers have
        return "own number"
    return "name"
