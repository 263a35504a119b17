"""What bears a line's name: a bus, by what else of one is in view, or something else.

A name alone in a picture without a plate, a bus's own number, a destination or a lit board stands
as well on a stop's pole, a shop or a house: it is asked about and never sure.
"""

from collections.abc import Sequence

from scheme.reading import Box, LabelSeen
from verifiers.reading.pictures import Pixels
from verifiers.reading.signs.badge import find_fleet_numbers
from verifiers.reading.signs.board import is_lit
from verifiers.reading.signs.places import Places, is_beside_a_plate
from verifiers.reading.signs.route import doubted
from verifiers.reading.texts.text import TextLine

_WHITE, _BLACK = 170, 80
"""Levels (of 255) of a white dot and of a dark board. Chosen, not measured."""

_LEAST_BLACK, _INK = 0.4, (0.08, 0.5)
"""Shares of a board that are dark and that glow white. Chosen, not measured."""


def borne_by_a_bus(
    pixels: Pixels,
    lines: Sequence[TextLine],
    routes: Sequence[LabelSeen],
    plates: Sequence[Box],
    *,
    has_plates: bool,
) -> list[LabelSeen]:
    """``routes`` of one BGR picture, in doubt where a car or nothing of a bus bears them.

    ``plates``: those that were clearly read there; ``has_plates``: whether any is in view.
    """
    height, width = pixels.shape[:2]
    places = Places(lines)
    vehicle = has_plates or bool(find_fleet_numbers(lines, width, height))
    told: list[LabelSeen] = []
    for label in routes:
        on_a_bus = vehicle or places.is_of_a_bus(label.text) or _glows(_patch(pixels, label.box))
        on_a_tail = is_beside_a_plate(label.box, plates, width, height)
        told.append(label if on_a_bus and not on_a_tail else doubted(label))
    return told


def _glows(patch: Pixels) -> bool:
    """Whether the name is lit, in a colour or in white on black."""
    white = float((patch.min(axis=2) > _WHITE).mean())
    black = float((patch.max(axis=2) < _BLACK).mean())
    return is_lit(patch) or (black >= _LEAST_BLACK and _INK[0] <= white <= _INK[1])


def _patch(pixels: Pixels, box: Box) -> Pixels:
    height, width = pixels.shape[:2]
    left, top = int(box.left * width), int(box.top * height)
    return pixels[
        top : max(top + 1, round(box.bottom * height)),
        left : max(left + 1, round(box.right * width)),
    ]
