"""Line names: which of the texts in view can be a bus's route sign, best first.

A sign is a text of its own (``49``, ``K4``, ``隧道三线``), a name with 路 inside a longer text
(``火车站1路梅树园``) or a number beside a destination (``Punggol 382G``). Position helps: signs
stand high on a bus, fleet numbers and plates low. Nothing is dropped for standing in the wrong
place; it only ranks lower. What stands at a stop (several names in rows), names a street (``JURONG
WEST ST 64``) or is a digit with no vehicle near it is never sure.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.naming import InvalidRoute, canonical_route
from scheme.reading import LabelSeen
from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.signs.sign import last_word, spellings
from verifiers.reading.texts.text import TextLine, box_of, one_look

_NUMBER = r"(?:\d{1,4}[A-Z]?|[A-Z]{1,2}\d{1,3}[A-Z]?|\d{1,2}-\d{1,3}[A-Z]?|[A-Z]\d?-\d{1,2}[A-Z]?)"
_KIND = r"(?:区间|大站车?|夜宵|定班车?|高峰|快线|专线|支线|环线|内环|外环)"
_WHOLE = re.compile(
    rf"(?:第|公交)?{_NUMBER}(?:路|線|线|號|号线)?"
    rf"(?:[(（]?(?:{_KIND}|[A-Z]线|[上下]行)[)）]?)?路?"
)
_BRACKETED = re.compile(rf"{_NUMBER}\(\d{{1,2}}-\d{{1,3}}[A-Z]?\)")
_NAMED = re.compile(
    r"(?:[\u4e00-\u9fff]{2,4}(?:[一二三四五六七八九十]{1,2}|\d{1,3})(?:线|路)|[一二三四五六七八九十百]{1,5}路|"
    rf"[\u4e00-\u9fff]{{2,4}}(?:{_KIND}))"
)
_INSIDE = re.compile(rf"(?<![0-9A-Z:./-])({_NUMBER})路(?:[(（]?({_KIND})[)）]?)?")
_BESIDE = re.compile(rf"(?:^|\s)({_NUMBER})(?=$|\s)")
_GLUED = re.compile(r"(?<=[A-Za-z]{3})(\d{1,3}[A-Z]?)$")
_NOT_A_SIGN = re.compile(
    r"\d{2}:\d{2}|\d{4}[-/.年]\d|\d{1,2}[./]\d{1,2}[./]\d{4}|KM/H|限|米|吨|座|%|￥|元|\d{5,}"
)

_STREET = re.compile(
    r"(?:\b|(?<=[A-Z]))(?:AVE(?:NUE)?|AUE|ST(?:REET)?|R(?:OA)?D|LOR(?:ONG)?|L?OHLOR|EXIT|BLK|BLOCK|GATE|PIER|BERTH|LEVEL|NO\.?)"
    r"\s*(\d{1,4}[A-Z]?)$"
)
_VEHICLE = re.compile(
    r"[A-Z\u4e00-\u9fff]{1,4}[-·.]?\d{2,5}[A-Z]?|\d{1,2}-\d{3,5}|\d{1,2}-\d{1,2}\(\d{1,3}\)|\d{4}"
)
"""A plate or a vehicle's own number, near enough: where one stands, a bus is."""

_STOP_PANEL = 2
"""So many other names of the same size next to one: the lines of a stop."""

_UNSURE = 0.65
"""Most probability (0..1) of a name in doubt: under the floor of the shipped policy."""

_ONE_DIGIT = 0.82
"""A wheel, a handle, a pictogram: much looks like one digit."""

_SLIM, _DOWNWARDS = 3.0, 1.5
"""Height over width: of one digit at most, and from where on several run downwards."""

_LEGIBLE_PX = 10
"""A box lower than this holds characters of some seven pixels: they are guessed."""

_BUS_WIDTH = 10
"""A bus is wider than its line's name is high by no more than about this."""

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


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    weight: float


def find_routes(
    lines: Sequence[TextLine], width: int, height: int, frame_ms: int | None = None
) -> tuple[LabelSeen, ...]:
    """Possible line names among ``lines``, best first.

    ``probability`` is the text's, weighed by how sign-like it is.

    One entry a name: its best sighting.
    """
    best: dict[str, LabelSeen] = {}
    places = _Places(lines)
    for line in lines:
        box = box_of(line.corners, width, height)
        for name in _names(line.text):
            weight = name.weight * _place_weight(name.text, (box.top + box.bottom) / 2)
            if weight == 0:
                continue
            if _is_doubtful(name.text, line, places):
                weight = min(weight, _UNSURE)
            seen = LabelSeen(
                name.text, line.text, round(line.probability * weight, 4), box, frame_ms
            )
            if name.text not in best or seen.probability > best[name.text].probability:
                best[name.text] = seen
    told = [_yielding(seen, best) for seen in best.values()]
    return tuple(sorted(told, key=lambda seen: (-seen.probability, -_height(seen), seen.text)))


def _yielding(seen: LabelSeen, others: Mapping[str, LabelSeen]) -> LabelSeen:
    """A number whose digits another sign shows with a dash (``353``, ``3-53``) may be that one."""
    for name, other in others.items():
        is_dashed = name != seen.text and name.replace("-", "") == seen.text
        if is_dashed and other.probability >= seen.probability / 2:
            return replace(seen, probability=round(seen.probability * _UNSURE, 4))
    return seen


class _Places:
    """Where the texts of one picture stand, in its pixels."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        self.lines = lines
        corners = np.array([line.corners for line in lines], dtype=np.float32).reshape(-1, 4, 2)
        self.middles, self.heights = corners.mean(axis=1), np.ptp(corners[:, :, 1], axis=1)

    def beside(self, line: TextLine) -> list[TextLine]:
        """Texts of about the size of ``line``, near it on any side."""
        tall, away, size = self._seen_from(line)
        # Alike, near
        return self._others(line, (size > 0.6) & (size < 1.6) & (np.hypot(*away.T) < 5 * tall))  # noqa: PLR2004

    def below(self, line: TextLine) -> list[TextLine]:
        """Texts below ``line``, no larger, and no farther aside than a bus that bears both."""
        tall, away, size = self._seen_from(line)
        return self._others(
            line, (away[:, 1] > 0) & (np.abs(away[:, 0]) < _BUS_WIDTH * tall) & (size <= 1)
        )

    def _seen_from(self, line: TextLine) -> tuple[float, NDArray[np.float32], NDArray[np.float32]]:
        """Its height; how far right and down of it all texts stand, and how high against it."""
        tall = float(np.ptp(line.corners[:, 1]))
        return tall, self.middles - line.corners.mean(axis=0), self.heights / tall

    def _others(self, line: TextLine, where: NDArray[np.bool_]) -> list[TextLine]:
        there = [self.lines[place] for place in np.flatnonzero(where).tolist()]
        return [other for other in there if other is not line]


def _is_doubtful(name: str, line: TextLine, places: _Places) -> bool:
    """Whether a name is tiny, runs downwards, stands among its like (a stop), or is one digit.

    One digit is a line's name only where a vehicle's plate or number stands below, no larger than
    it.
    """
    wide, tall = np.ptp(line.corners, axis=0).tolist()
    if tall < _LEGIBLE_PX or tall > wide * (_SLIM if len(name) == 1 else _DOWNWARDS):
        return True
    if not name.isdigit():
        return False
    near = sum(_WHOLE.fullmatch(other.text.strip()) is not None for other in places.beside(line))
    if near >= _STOP_PANEL or len(name) > 1:
        return near >= _STOP_PANEL
    return not any(
        _VEHICLE.fullmatch(re.sub(r"\s", "", other.text.upper())) for other in places.below(line)
    )


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

    A name at the end of a longer text (``Punggol 382G``) becomes a line of its own. Of a text that
    stands there many times the last ones are not read again, and so less sure.
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
        whole = _is_whole(line.text)
        part = line if whole else last_word(pixels, line, worth[line.text])
        if part is not None:
            told.append(_opinion(pixels, part))
        if not whole:
            told.append(line)
    return tuple(told)


def _opinion(pixels: Pixels, line: TextLine) -> TextLine:
    """``line`` as the views agree on it; they may prefer another spelling."""
    ways: dict[str, float] = {}
    for way in spellings(pixels, line.corners):
        if names := _names(way.text):
            ways[names[0].text] = ways.get(names[0].text, 0.0) + way.probability
    own = _names(line.text)
    if not own:
        return line
    if not ways:
        return TextLine(line.text, line.probability * _UNCONFIRMED, line.corners)
    best = max(ways, key=lambda name: (ways[name], name))
    probability = min(1.0, ways[best])
    if best == own[0].text:
        return replace(line, probability=probability)
    return TextLine(best, probability, line.corners)


def _is_whole(text: str) -> bool:
    """Whether the whole text is one name."""
    joined = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return any(shape.fullmatch(joined) for shape in (_WHOLE, _BRACKETED, _NAMED))


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


def _names(text: str) -> list[_Name]:
    """The names that one text can stand for."""
    folded = unicodedata.normalize("NFKC", text).strip(" ·.,:;!>*'\"|[]{}《》<").upper()
    joined = re.sub(r"\s+", "", folded)
    if _NOT_A_SIGN.search(joined) and not _BRACKETED.fullmatch(joined):
        return []
    if _BRACKETED.fullmatch(joined):
        whole, inner = joined[:-1].split("(")
        return _valid([(joined, 1.0), (whole, 0.9), (inner, 0.7)])
    if _WHOLE.fullmatch(joined) or _NAMED.fullmatch(joined):
        return _valid([(joined, 1.0)])
    if street := _STREET.search(folded):
        return _valid([(street[1], 0.3)])
    found = [(match[1] + (match[2] or ""), 0.9) for match in _INSIDE.finditer(joined)]
    found += [
        (match[1], 0.7) for match in _BESIDE.finditer(folded) if any(s.isdigit() for s in match[1])
    ]
    if not _VEHICLE.fullmatch(joined):
        found += [(match[1], 0.6) for match in _GLUED.finditer(joined)]
    return _valid(found)


def _valid(names: list[tuple[str, float]]) -> list[_Name]:
    valid = []
    for name, weight in names:
        if not name.strip("0"):
            continue
        try:
            valid.append(_Name(canonical_route(re.sub(r"\((\d[^)]*)\)", r"/\1", name)), weight))
        except InvalidRoute:
            continue
    return valid
