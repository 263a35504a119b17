"""Line names: which of the texts in view can be a bus's route sign, best first.

A sign is a text of its own (``49``, ``K4``, ``隧道三线``), a name with 路 inside a longer text (``火车站1路梅树园``)
or a number beside a destination (``Punggol 382G``). Position helps: signs stand high on a bus, fleet numbers and
plates low. Nothing is dropped for standing in the wrong place; it only ranks lower.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scheme.naming import InvalidRoute, canonical_route
from scheme.reading import LabelSeen
from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.text import TextLine, box_of, read_lines

_NUMBER = r"(?:\d{1,4}[A-Z]?|[A-Z]{1,2}\d{1,3}[A-Z]?|\d{1,2}-\d{1,3}[A-Z]?|[A-Z]\d?-\d{1,2}[A-Z]?)"
_KIND = r"(?:区间|大站车?|夜宵|定班车?|高峰|快线|专线|支线|环线|内环|外环)"
_WHOLE = re.compile(rf"(?:第|公交)?{_NUMBER}(?:路|線|线|號|号线)?(?:[(（]?{_KIND}[)）]?)?路?")
_BRACKETED = re.compile(rf"{_NUMBER}\(\d{{1,2}}-\d{{1,3}}[A-Z]?\)")
_NAMED = re.compile(
    r"(?:[\u4e00-\u9fff]{2,4}(?:[一二三四五六七八九十]{1,2}|\d{1,3})(?:线|路)|[一二三四五六七八九十百]{1,5}路|"
    rf"[\u4e00-\u9fff]{{2,4}}(?:{_KIND}))"
)
_INSIDE = re.compile(rf"(?<![0-9A-Z:./-])({_NUMBER})路(?:[(（]?({_KIND})[)）]?)?")
_BESIDE = re.compile(rf"(?:^|\s)({_NUMBER})(?=$|\s)")
_GLUED = re.compile(r"(?<=[A-Za-z]{3})(\d{1,3}[A-Z]?)$")
_NOT_A_SIGN = re.compile(r"\d{2}:\d{2}|\d{4}[-/.年]\d|\d{1,2}[./]\d{1,2}[./]\d{4}|KM/H|限|米|吨|座|%|￥|元|\d{5,}")

_PLACE_NAMES = ("路口", "公路", "大道")
_LOW_ON_THE_BUS = 0.68
_CLEAR = 0.55
_SECOND_LOOK_PIXELS = 500_000


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    weight: float


def find_routes(
    lines: Sequence[TextLine], width: int, height: int, frame_ms: int | None = None
) -> tuple[LabelSeen, ...]:
    """Possible line names among ``lines``, best first; ``probability`` is the text's, weighed by how sign-like it is.

    One entry a name: its best sighting.
    """
    best: dict[str, LabelSeen] = {}
    for line in lines:
        box = box_of(line.corners, width, height)
        for name in _names(line.text):
            weight = name.weight * _place_weight(name.text, (box.top + box.bottom) / 2)
            if weight == 0:
                continue
            seen = LabelSeen(name.text, line.text, round(line.probability * weight, 4), box, frame_ms)
            if name.text not in best or seen.probability > best[name.text].probability:
                best[name.text] = seen
    return tuple(sorted(best.values(), key=lambda seen: (-seen.probability, -_height(seen), seen.text)))


def is_clear(routes: Sequence[LabelSeen]) -> bool:
    """Whether a line sign was read so well that a second look is not worth its price."""
    return bool(routes) and routes[0].probability >= _CLEAR


def look_again(pixels: Pixels, anchor_top: float | None) -> tuple[TextLine, ...]:
    """Texts of the part where the sign should be: above ``anchor_top`` (a plate's top, a share), else the upper half.

    Softened and on a scale where the dots of an LED sign melt into strokes; a third of a text pass or less.
    """
    height = pixels.shape[0]
    bottom = max(0.3, min(0.7, anchor_top - 0.02 if anchor_top is not None else 0.62))
    top = max(0.0, bottom - 0.62)
    region = pixels[round(top * height) : round(bottom * height)]
    factor = float(np.sqrt(_SECOND_LOOK_PIXELS / (region.shape[0] * region.shape[1])))
    soft = as_pixels(cv2.GaussianBlur(scaled(region, factor, cv2.INTER_CUBIC), (0, 0), 1.2))
    shift = np.array([0, round(top * height)], dtype=np.float32)
    return tuple(
        TextLine(line.text, line.probability * 0.95, line.corners / factor + shift) for line in read_lines(soft)
    )


def _height(seen: LabelSeen) -> float:
    return seen.box.bottom - seen.box.top


def _place_weight(name: str, middle: float) -> float:
    low = middle >= _LOW_ON_THE_BUS
    if name.isdigit() and len(name) >= 4:  # noqa: PLR2004 -- low on a bus four digits are its own number, no line
        return 0.0 if low else 0.5
    return 0.6 if low else 1.0


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
    found = [(match[1] + (match[2] or ""), 0.9) for match in _INSIDE.finditer(joined)]
    found += [(match[1], 0.7) for match in _BESIDE.finditer(folded) if any(s.isdigit() for s in match[1])]
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
