"""Numbers on people and vehicles.

The driver's badge and the bus's own fleet number, from the texts in view.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from scheme.naming import InvalidBadge, canonical_badge
from scheme.reading import LabelSeen
from verifiers.reading.texts.text import TextLine, box_of

_BADGE_WORD = re.compile(
    r"上岗证|服务证|服务监督|资格证|工\s?号|证\s?号|员工号|编\s?号|BADGE|NO[.:：]", re.IGNORECASE
)
_BADGE_NUMBER = re.compile(r"(?<![0-9A-Z])([A-Z]{0,3}-?\d[\d ]{2,11})(?![0-9A-Z])")
_FLEET_NUMBER = re.compile(
    r"\d{1,2}-\d{3,5}|\d{1,2}-\d{1,2}\(\d{1,3}\)|[A-Z]\d?[A-Z]{0,2}-?\d{3,5}|\d{4,6}|[A-Z]{1,3}\d{1,2}[A-Z]?-\d{3,4}"
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[-/.]\d.*)?")


def find_badges(
    lines: Sequence[TextLine], width: int, height: int, frame_ms: int | None = None
) -> tuple[LabelSeen, ...]:
    """Badge numbers (上岗证, 服务证, 工号).

    A number in the same text as such a word, or right of or below it.
    """
    found: dict[str, LabelSeen] = {}
    for position, line in enumerate(lines):
        text = unicodedata.normalize("NFKC", line.text).upper()
        word = _BADGE_WORD.search(text)
        if word is None:
            continue
        own = _BADGE_NUMBER.search(text[word.end() :])
        if own is not None:
            _keep(found, own[1], line, 1.0, (width, height, frame_ms))
            continue
        for other in _beside(lines, position):
            number = _BADGE_NUMBER.fullmatch(
                unicodedata.normalize("NFKC", other.text).upper().strip(" :.")
            )
            if number is not None:
                _keep(found, number[1], other, 0.95, (width, height, frame_ms))
                break
    return tuple(sorted(found.values(), key=lambda seen: (-seen.probability, seen.text)))


def find_fleet_numbers(
    lines: Sequence[TextLine], width: int, height: int, frame_ms: int | None = None
) -> tuple[LabelSeen, ...]:
    """Texts like a vehicle's own number (``S2L-056``, ``4-44004``, ``3162``), lowest first."""
    found: dict[str, LabelSeen] = {}
    for line in lines:
        text = unicodedata.normalize("NFKC", line.text).upper()
        text = re.sub(r"^(?:自编号?|车号|NO\.?)[: ]*", "", text.strip(" ·.:"))
        text = re.sub(r"\s+", "", text)
        if not _FLEET_NUMBER.fullmatch(text) or _YEAR.fullmatch(text):
            continue
        box = box_of(line.corners, width, height)
        seen = LabelSeen(text, line.text, round(line.probability, 4), box, frame_ms)
        if text not in found or seen.probability > found[text].probability:
            found[text] = seen
    return tuple(sorted(found.values(), key=lambda seen: (-seen.box.bottom, seen.text)))


def _keep(
    found: dict[str, LabelSeen],
    number: str,
    line: TextLine,
    weight: float,
    picture: tuple[int, int, int | None],
) -> None:
    try:
        name = canonical_badge(number)
    except InvalidBadge:
        return
    width, height, frame_ms = picture
    probability = round(line.probability * weight, 4)
    if name not in found or probability > found[name].probability:
        found[name] = LabelSeen(
            name, line.text, probability, box_of(line.corners, width, height), frame_ms
        )


def _beside(lines: Sequence[TextLine], position: int) -> list[TextLine]:
    """Other lines right of, or under, the one at ``position``, nearest first."""
    corners = lines[position].corners
    middle = corners.mean(axis=0)
    tall = float(corners[:, 1].max() - corners[:, 1].min())
    wide = float(corners[:, 0].max() - corners[:, 0].min())
    near: list[tuple[float, TextLine]] = []
    for other_position, other in enumerate(lines):
        if other_position == position:
            continue
        across, down = other.corners.mean(axis=0) - middle
        right_of = abs(down) < 1.2 * tall and 0 < across < 4 * wide
        under = 0 < down < 3.5 * tall and abs(across) < 1.5 * wide
        if right_of or under:
            near.append((float(np.hypot(across, down)), other))
    return [line for _, line in sorted(near, key=lambda item: item[0])]
