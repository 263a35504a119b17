"""Which of the vehicles in view is reported.

By what makes a bus, by roster, claim, and place in the picture.

Every plate speaks for one vehicle, read or not. Size is one small reason of several and never
decides alone: the largest plate is the car in front. The roster says which bus is likely, never
what a plate reads, so it speaks only for plates that are sure by themselves. A floor below the
checks, like ``seen``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from scheme.dossier import Dossier
from scheme.finding import Proof, Sight
from scheme.naming import InvalidRoute, canonical_route
from scheme.policy import Policy
from scheme.reading import (
    Box,
    LabelSeen,
    MediaFacts,
    PlateNumber,
    PlateSeen,
    Readings,
    Sha256,
    Sighted,
)
from verifiers.dossiers.seen import files_read


class Reason(StrEnum):
    """What speaks for a vehicle."""

    CLAIMED = "claimed"
    """Its plate is the claimed one, and sure."""
    COLOUR = "colour"
    """Its plate has a large vehicle's colour: yellow, or yellow and green with eight signs."""
    SIGN = "sign"
    """A line sign or a bus's own number stands on it."""
    LINE = "line"
    """That sign is the claimed line."""
    TEXT = "text"
    """It says 公交 on it."""
    ROSTER = "roster"
    CENTRAL = "central"
    LARGEST = "largest"


WEIGHTS: Final[Mapping[Reason, float]] = MappingProxyType(
    {
        Reason.CLAIMED: 6.0,
        Reason.COLOUR: 2.0,
        Reason.SIGN: 2.0,
        Reason.LINE: 2.0,
        Reason.TEXT: 2.0,
        Reason.ROSTER: 2.0,
        Reason.CENTRAL: 0.5,
        Reason.LARGEST: 0.5,
    }
)
"""Weights of the reasons, of no unit: the claim weighs more than two marks of a bus, size and place
a quarter of one. Chosen, not measured.
"""

LEAD: Final = 1.0
"""So far ahead of the next one the chosen vehicle must be; more than size alone, or place alone,
can bring.
"""

OF_A_BUS: Final = frozenset({Reason.COLOUR, Reason.SIGN, Reason.LINE, Reason.TEXT, Reason.ROSTER})

LEAST_PROBABILITY: Final = 0.4
"""A sign or text below it says nothing of the vehicle it stands on."""

ASIDE, ABOVE, BELOW = 4.0, 8.0, 1.0
"""How far from its plate a bus bears its signs, in widths of the plate: a bus is six wide and eight
high.
"""

CENTRE: Final = 0.2
"""Half the width of what counts as the middle of the picture, in shares of it."""

NOTABLY: Final = 1.25
"""The largest plate is so many times as high as the next."""

SAME_MOMENT_MS: Final = 250
"""Frames so close show a sign and a plate in the same places."""

MISTYPED: Final = 2
"""A plate that differs from the claim in so many signs at most may be the claimed one, mistyped."""

_SAYS_BUS: Final = ("公交", "巴士")
_GREEN_SIGNS: Final = 8
"""Signs of a plate of new energy (GA 36)."""

_PLATE_SHAPE: Final = {1: 3.0, 2: 2.0}
"""Widths of a plate in its heights, by rows: seen from aside it is narrower, so the height tells
its size too.
"""


@dataclass(frozen=True, slots=True)
class View:
    """One sight of one vehicle's plate in one file; ``number`` is None where it can't be read."""

    sha256: Sha256
    box: Box
    frame_ms: int | None
    height_px: float
    number: PlateNumber | None
    probability: float
    sure: bool
    plate: PlateSeen | None = None


@dataclass(frozen=True, slots=True)
class InView:
    """One vehicle: its views, the best first, and what speaks for it."""

    number: PlateNumber | None
    sure: bool
    views: tuple[View, ...]
    reasons: frozenset[Reason] = field(default_factory=frozenset)
    signs: frozenset[str] = field(default_factory=frozenset)
    """Lines and bus numbers that stand on it."""

    @property
    def weight(self) -> float:
        """All that speaks for it."""
        return sum(WEIGHTS[reason] for reason in self.reasons)

    @property
    def proof(self) -> Proof:
        """Where its plate is seen best."""
        best = self.views[0]
        return Proof(best.sha256, best.frame_ms, best.box)


@dataclass(frozen=True, slots=True)
class Choice:
    """The vehicle with most reasons and the others, by their reasons.

    ``clear``: it leads far enough to be named.
    """

    first: InView
    others: tuple[InView, ...]
    clear: bool


def choose(dossier: Dossier, policy: Policy) -> Choice | None:
    """The vehicle that is reported; None when no plate is in view."""
    found = vehicles(dossier, policy)
    if not found:
        return None
    first, *others = found
    clear = not others or first.weight - others[0].weight >= LEAD
    return Choice(first, tuple(others), clear and (first.number is not None or not others))


def stands_elsewhere(
    choice: Choice | None, sha256: Sha256, line: str, sure: frozenset[str]
) -> bool:
    """Whether that file shows ``line`` on something else than the reported bus.

    The bus that is chosen there bears another of the ``sure`` lines and not this one (a stop's pole
    beside it), or whatever bears it has a car's plate (``Q5`` on a tail).
    """
    if choice is None:
        return False
    there = [
        one
        for one in (choice.first, *choice.others)
        if any(view.sha256 == sha256 for view in one.views)
    ]
    bearing = [one for one in there if line in one.signs]
    if bearing:
        return all(one.sure and _has_car_colour(one) for one in bearing)
    return choice.clear and choice.first in there and bool(choice.first.signs & (sure - {line}))


def vehicles(dossier: Dossier, policy: Policy) -> tuple[InView, ...]:
    """Every vehicle whose plate is in view, the one with most reasons first."""
    read = {evidence.sha256: readings for evidence, readings in files_read(dossier)}
    views: list[View] = []
    for sha256, readings in read.items():
        views.extend(_views(sha256, readings, policy))
    found = _one_each(views)
    largest = _largest(found)
    weighed = [_weighed(one, dossier, read, is_largest=largest is one) for one in found]
    return tuple(sorted(weighed, key=_rank))


def _rank(vehicle: InView) -> tuple[float, bool, float, str]:
    """Most reasons first, then the surer, then the larger; never the order of files."""
    return -vehicle.weight, not vehicle.sure, -_height(vehicle), vehicle.number or ""


def is_sure(plate: PlateSeen, policy: Policy) -> bool:
    """Whether a finding may pass on this reading.

    Sure by itself, or over the policy's floor and uncut.
    """
    floor = policy.substance.confidence.get(Sight.PLATE, 1.0)
    return plate.certain or (plate.probability >= floor and not plate.cut_by_border)


def signs_apart(one: str, other: str) -> int:
    """In how many places two plates differ; a sign more or less counts as one."""
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


# -- one vehicle from many views -------------------------------------------------------------------


def _views(sha256: Sha256, readings: Readings, policy: Policy) -> Iterator[View]:
    for plate in readings.plates:
        yield View(
            sha256, plate.box, plate.frame_ms, plate.height_px, plate.number, plate.probability,
            is_sure(plate, policy), plate,
        )  # fmt: skip
    for unread in readings.unread:
        if unread.what is Sighted.PLATE:
            yield View(
                sha256,
                unread.box,
                unread.frame_ms,
                unread.legibility.height_px,
                None,
                unread.probability,
                sure=False,
            )


def _one_each(views: Sequence[View]) -> list[InView]:
    """Views of one number are one vehicle; an unsure one joins a sure vehicle that it nearly names.

    Not where that vehicle stands in the same frame already: buses bought together differ in one
    sign.
    """
    groups: dict[str, list[View]] = {}
    for view in views:
        if view.sure:
            groups.setdefault(view.number or "", []).append(view)
    sure = tuple(groups)
    for position, view in enumerate(views):
        if view.sure:
            continue
        named = (number for number in sure if _nearly_names(view, number, groups[number]))
        joined = next(named, None)
        # Plates that can't be read stay apart: nothing says that they are one.
        groups.setdefault(joined or view.number or f"unread {position}", []).append(view)
    return [_vehicle(group) for group in groups.values()]


def _nearly_names(view: View, number: str, group: Sequence[View]) -> bool:
    if view.number == number:
        return True
    frames = [(other.sha256, other.frame_ms) for other in group]
    if view.plate is None or (view.sha256, view.frame_ms) in frames:
        return False
    named = any(candidate.text == number for candidate in view.plate.candidates)
    return named or signs_apart(view.plate.number, number) == 1


def _vehicle(group: Sequence[View]) -> InView:
    best = sorted(group, key=lambda view: (not view.sure, -view.probability, -view.height_px))
    return InView(best[0].number, best[0].sure, tuple(best))


def _height(one: InView) -> float:
    return max(view.height_px for view in one.views)


def _largest(found: Sequence[InView]) -> InView | None:
    if len(found) <= 1:
        return None
    first, second, *_ = sorted(found, key=_height, reverse=True)
    if _height(first) < NOTABLY * _height(second):
        return None
    return first


# -- what speaks for it ----------------------------------------------------------------------------


def _weighed(
    one: InView, dossier: Dossier, read: Mapping[Sha256, Readings], *, is_largest: bool
) -> InView:
    signs = frozenset(
        label.text for view in one.views for label in _signs_on(view, read[view.sha256])
    )
    claim, roster = dossier.report.claim, dossier.roster
    central = sum(abs((view.box.left + view.box.right) / 2 - 0.5) <= CENTRE for view in one.views)
    spoken = {
        Reason.CLAIMED: one.sure and one.number == claim.plate,
        Reason.COLOUR: _has_bus_colour(one),
        Reason.SIGN: bool(signs),
        Reason.LINE: claim.route is not None and any(_names(sign, claim.route) for sign in signs),
        Reason.TEXT: any(_says_bus(view, read[view.sha256]) for view in one.views),
        Reason.ROSTER: one.sure and roster is not None and one.number in roster.vehicles,
        Reason.CENTRAL: 2 * central > len(one.views),
        Reason.LARGEST: is_largest,
    }
    reasons = frozenset(reason for reason, speaks in spoken.items() if speaks)
    return replace(one, reasons=reasons, signs=signs)


def _has_bus_colour(one: InView) -> bool:
    colour = _colour(one)
    return colour == "yellow" or (
        colour == "yellow_green" and len(one.number or "") == _GREEN_SIGNS
    )


def _has_car_colour(one: InView) -> bool:
    """Blue, or green with the eight signs of a small vehicle of new energy."""
    colour = _colour(one)
    return colour == "blue" or (colour == "green" and len(one.number or "") == _GREEN_SIGNS)


def _colour(one: InView) -> str | None:
    """The colour that most of its views have."""
    colours = Counter(view.plate.colour for view in one.views if view.plate)
    return max(sorted(colours), key=lambda name: colours[name], default=None)


def _signs_on(view: View, readings: Readings) -> Iterator[LabelSeen]:
    for label in (*readings.routes, *readings.fleet_numbers):
        if label.probability < LEAST_PROBABILITY:
            continue
        if _bears(view, label.box, label.frame_ms, readings.facts):
            yield label


def _says_bus(view: View, readings: Readings) -> bool:
    for text in readings.texts:
        if text.probability < LEAST_PROBABILITY:
            continue
        says_so = any(word in text.text for word in _SAYS_BUS)
        if says_so and _bears(view, text.box, text.frame_ms, readings.facts):
            return True
    return False


def _bears(view: View, box: Box, frame_ms: int | None, facts: MediaFacts | None) -> bool:
    """Whether what stands in ``box`` can stand on the vehicle with that plate.

    In the same frame, near, and above.
    """
    if facts is None or not _at_one_moment(view.frame_ms, frame_ms):
        return False
    across, middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    plate = view.box
    if plate.left <= across <= plate.right and plate.top <= middle <= plate.bottom:
        return False  # the plate's own signs, read as a text
    width = max((plate.right - plate.left) * facts.width, _width_by_height(view, facts))
    aside = abs(across - (plate.left + plate.right) / 2) * facts.width
    above = ((plate.top + plate.bottom) / 2 - middle) * facts.height
    return aside <= ASIDE * width and -BELOW * width <= above <= ABOVE * width


def _at_one_moment(one_ms: int | None, other_ms: int | None) -> bool:
    """Both in a photo, or in frames close to each other."""
    if one_ms is None or other_ms is None:
        return one_ms is other_ms
    return abs(one_ms - other_ms) <= SAME_MOMENT_MS


def _width_by_height(view: View, facts: MediaFacts) -> float:
    """Pixels that a plate as high as this one is wide, seen straight."""
    rows = 1
    if view.plate:
        rows = view.plate.rows
    height_px = (view.box.bottom - view.box.top) * facts.height
    return _PLATE_SHAPE.get(rows, 2.0) * height_px


def _names(text: str, line: str) -> bool:
    try:
        return canonical_route(text) == line
    except InvalidRoute:
        return False
