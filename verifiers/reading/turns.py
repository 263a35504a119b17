"""Photos without a tag that lie on their side, upside down or mirrored.

Tried only where no plate was read. What a turn brings to light is told in the places of the picture
as it is, asks a person, and is never sure: nobody can say that the file was not turned on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TypeVar

import cv2
import numpy as np

from scheme.reading import (
    Box,
    Flag,
    LabelSeen,
    MediaFacts,
    PictureClock,
    PlateSeen,
    Readings,
    Sighted,
    TextSeen,
    Unread,
)
from verifiers.reading.pictures import Pixels, as_pixels
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.seen import SURE_MARGIN
from verifiers.reading.plates.view import SURE_LIKELIHOOD, PlateView

_UNSURE = 0.49
"""Probability that nothing of a turned picture exceeds, so that no policy's floor lets it pass and
no clock in it counts. By rule, not measured.
"""

Told = TypeVar("Told", TextSeen, PlateSeen, LabelSeen, PictureClock)
Placed = TypeVar("Placed", TextSeen, PlateSeen, LabelSeen, PictureClock, Unread)


@dataclass(frozen=True, slots=True)
class Turn:
    """A way to lie: mirrored first, then turned by so many quarters against the clock."""

    quarters: int
    mirrored: bool

    def of(self, pixels: Pixels) -> Pixels:
        """The picture turned."""
        flipped = cv2.flip(pixels, 1) if self.mirrored else pixels
        return as_pixels(np.ascontiguousarray(np.rot90(flipped, self.quarters)))

    def back(self, box: Box) -> Box:
        """Where a box of the turned picture lies in the picture as it is."""
        left, top, right, bottom = box.left, box.top, box.right, box.bottom
        for _ in range(self.quarters):
            left, top, right, bottom = 1 - bottom, left, 1 - top, right
        if self.mirrored:
            left, right = 1 - right, 1 - left
        return Box(*(round(edge, 6) for edge in (left, top, right, bottom)))


TURNS = tuple(
    Turn(quarters, mirrored)
    for mirrored in (False, True)
    for quarters in range(4)
    if quarters or mirrored
)
"""All seven ways to lie that are not upright."""


def turn_that_reads(pixels: Pixels) -> Turn | None:
    """The turn under which a plate stands out clearest; None where none does.

    One look a plate, without texts: seven passes of the plate detector.
    """
    found = [(likelihood, turn) for turn in TURNS for likelihood in _clear_plates(turn.of(pixels))]
    return max(found, key=itemgetter(0))[1] if found else None


def _clear_plates(pixels: Pixels) -> Iterator[float]:
    for view in find_plates(pixels, second_looks=False):
        if _is_clear(view):
            yield view.likelihood


def _is_clear(view: PlateView) -> bool:
    clear = view.likelihood >= SURE_LIKELIHOOD and view.ranking.margin >= SURE_MARGIN
    return clear and not view.cut_by_border


def with_turned(readings: Readings, turned: Readings, turn: Turn, facts: MediaFacts) -> Readings:
    """``readings`` of the picture as it is, with those of the picture turned added, unsure.

    The file is flagged, so that a person is asked whatever else is found.
    """
    in_place = _InPlace(turn)
    plates_unread = tuple(
        in_place.placed(unread) for unread in turned.unread if unread.what is Sighted.PLATE
    )
    other_unread = tuple(unread for unread in readings.unread if unread.what is not Sighted.PLATE)
    return replace(
        readings,
        facts=replace(facts, flags=(*facts.flags, Flag("PICTURE_TURNED"))),
        texts=(*readings.texts, *(in_place.told(text) for text in turned.texts)),
        plates=tuple(replace(in_place.told(plate), certain=False) for plate in turned.plates),
        routes=(*(in_place.told(sign) for sign in turned.routes), *readings.routes),
        fleet_numbers=(
            *(in_place.told(number) for number in turned.fleet_numbers),
            *readings.fleet_numbers,
        ),
        badges=(*(in_place.told(badge) for badge in turned.badges), *readings.badges),
        clocks=(*readings.clocks, *(in_place.told(clock) for clock in turned.clocks)),
        unread=(*plates_unread, *other_unread),
        failures=tuple(dict.fromkeys((*readings.failures, *turned.failures))),
    )


@dataclass(frozen=True, slots=True)
class _InPlace:
    """What stands in a turned picture, as it lies in the picture as it is."""

    turn: Turn

    def placed(self, seen: Placed) -> Placed:
        return replace(seen, box=self.turn.back(seen.box))

    def told(self, seen: Told) -> Told:
        return replace(self.placed(seen), probability=min(seen.probability, _UNSURE))
