"""How two reports meet by what names vehicle, driver and line: the same, near, or surely apart.

Time and place are ``incident``'s, and so is what follows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple

from scheme.near_numbers import look_alike, near_numbers
from scheme.traces import Names, Traces


class Why(StrEnum):
    """What makes two reports a question.

    The catalogue says each to the officer under ``why.<value>``.
    """

    SAME_PLATE = "same_plate"
    NEAR_PLATE = "near_plate"
    PLATE_IN_FILES = "plate_in_files"
    SAME_FLEET_NUMBER = "same_fleet_number"
    NEAR_FLEET_NUMBER = "near_fleet_number"
    FLEET_NUMBER_IN_FILES = "fleet_number_in_files"
    SAME_BADGE = "same_badge"
    NEAR_BADGE = "near_badge"
    BADGE_IN_FILES = "badge_in_files"
    SAME_LINE = "same_line"
    """The same line, and no number that both have: one names the plate, the other the badge."""
    SAME_PLACE = "same_place"
    TOO_LITTLE = "too_little"
    """One of them says so little of bus, line and place that nothing can tell it from the other."""
    TIMES_CLAIMED = "times_claimed"
    TIMES_OF_FILES = "times_of_files"
    """Claimed far apart, but taken together, or one was when the other claims."""


class _Whys(NamedTuple):
    """How it is said that two reports meet by one kind of number."""

    same: Why
    in_files: Why
    near: Why


_BY_PLATE: Final = _Whys(Why.SAME_PLATE, Why.PLATE_IN_FILES, Why.NEAR_PLATE)
_BY_FLEET_NUMBER: Final = _Whys(
    Why.SAME_FLEET_NUMBER, Why.FLEET_NUMBER_IN_FILES, Why.NEAR_FLEET_NUMBER
)
_BY_BADGE: Final = _Whys(Why.SAME_BADGE, Why.BADGE_IN_FILES, Why.NEAR_BADGE)


@dataclass(frozen=True, slots=True)
class Meeting:
    """How two reports meet by their numbers.

    ``apart``: both have this, and it is surely not the same.
    """

    same: tuple[Why, ...] = ()
    near: tuple[Why, ...] = ()
    apart: bool = False


def meet(this: Traces, other: Traces) -> Meeting:
    """Plate and the bus's own number tell the vehicle, the badge the driver; either will do."""
    if _proven_apart(this.plates, other.plates):
        return Meeting(apart=True)
    plates = _meet_by(this.plates, other.plates, _BY_PLATE)
    numbers = _meet_by(this.fleet_numbers, other.fleet_numbers, _BY_FLEET_NUMBER)
    badges = _meet_by(this.badges, other.badges, _BY_BADGE)
    vehicle_near = plates.near or (() if plates.apart else numbers.near)
    vehicle_apart = not vehicle_near and (plates.apart or numbers.apart)
    # A mistyped plate beside another badge would be two errors in one report: those two are not
    # asked about.
    near = () if badges.apart else vehicle_near
    driver_near = () if vehicle_apart else badges.near
    return Meeting(
        same=plates.same + numbers.same + badges.same,
        near=near + driver_near,
        apart=vehicle_apart or badges.apart,
    )


def _proven_apart(this: Names, other: Names) -> bool:
    """Each claims the plate its own files show; they differ, and neither shows the other's."""
    return (
        this.proven
        and other.proven
        and this.claimed not in other.read
        and other.claimed not in this.read
    )


def _meet_by(this: Names, other: Names, whys: _Whys) -> Meeting:
    # What the roster adds on both sides is what the other kind of number says already.
    claimed = this.claimed is not None or other.claimed is not None
    if claimed and this.said & other.said:
        return Meeting(same=(whys.same,))
    both_said = bool(claimed and this.said and other.said)
    said_and_read = this.said & other.read or other.said & this.read
    if said_and_read or (not both_said and this.read & other.read):
        return Meeting(same=(whys.in_files,))
    if not (this.proven and other.proven) and _nearly(this, other):
        return Meeting(near=(whys.near,))
    return Meeting(apart=both_said)


def _nearly(this: Names, other: Names) -> bool:
    """A name of the one is unsurely read by the other's files, or easily mistaken.

    What looks alike is taken for it by reporter and reader together; another sign is not, where
    both came to it.
    """
    names = this.said | this.read | this.unsure
    other_names = other.said | other.read | other.unsure
    if names & other.unsure or other_names & this.unsure:
        return True
    if _taken_for(this.claimed, other_names, look_alike):
        return True
    if _taken_for(other.claimed, names, look_alike):
        return True
    if this.supported and other.supported:
        return False
    mistyped = _taken_for(this.claimed, other.said | other.read, near_numbers)
    return mistyped or _taken_for(other.claimed, this.said | this.read, near_numbers)


def _taken_for(
    claimed: str | None, names: frozenset[str], alike: Callable[[str, str], bool]
) -> bool:
    return claimed is not None and any(alike(claimed, name) for name in names)


class LinesMeet(Enum):
    """How two reports meet by their lines."""

    SAME = auto()
    UNKNOWN = auto()
    DOUBTFUL = auto()
    """Two lines, but one of them is only said: nothing confirms it."""
    APART = auto()


def meet_by_line(this: Traces, other: Traces) -> LinesMeet:
    """How two reports meet by their lines: apart only where both are confirmed."""
    lines, other_lines = _lines(this.lines), _lines(other.lines)
    if lines & other_lines:
        return LinesMeet.SAME
    if not lines or not other_lines or _line_is_guessed(this) or _line_is_guessed(other):
        return LinesMeet.UNKNOWN
    if _confirmed(this.lines) and _confirmed(other.lines):
        return LinesMeet.APART
    return LinesMeet.DOUBTFUL


def _lines(names: Names) -> frozenset[str]:
    """The claimed line where roster or files confirm it, or say nothing.

    Else every line that may be meant.
    """
    if names.claimed is not None and (_confirmed(names) or not names.roster):
        return frozenset({names.claimed})
    return names.said | names.read


def _line_is_guessed(traces: Traces) -> bool:
    """Only the roster knows a line, by a number that nobody but the reporter has seen."""
    if traces.lines.claimed is not None or traces.lines.read:
        return False
    numbers = (traces.plates, traces.fleet_numbers, traces.badges)
    return not any(names.supported for names in numbers)


def _confirmed(names: Names) -> bool:
    return names.claimed is not None and names.claimed in names.roster | names.read
