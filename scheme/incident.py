"""One incident or two (R14).

What two reports tell of vehicle, driver, line, time and place, and why that is asked.

Every way in which two reports can meet is a ``Why``, so that the officer who answers sees what the
question rests on. What a reporter says can be wrong in a sign, a minute or a line; what was read in
files can belong to another vehicle in view. So one surely different name does not end the search
while another name is the same, and no answer is given here: only whether to ask, or whether a
report that nobody has read yet could still turn out to be about the same.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from scheme.dossier import Roster, Vehicle
from scheme.naming import InvalidBadge, canonical_badge
from scheme.reading import PlateNumber, Sha256, Sighted
from scheme.report import Claim

TELLING: Final = timedelta(hours=1)
"""A file taken at some moment of a longer stretch than this (a day) tells no time."""

MOST_DIFFERING: Final = 2
"""Two numbers that differ in more signs than this are two, however alike the signs look."""

SHORTEST_NEAR: Final = 5
"""A shorter number with one sign changed is as likely a number of its own: the fleet is full of
them.
"""

MOST_NAMES: Final = 60
"""Names of one kind that are kept of one report's files, the surest first: a busy street shows many
plates.
"""

_ALIKE: Final = (
    "0DQOC",
    "1ILT7J",
    "2Z7",
    "3B8E",
    "4A",
    "5S6",
    "6G8B",
    "8B9",
    "UVY",
    "MNWH",
    "CG",
    "EF",
    "KXY",
    "PRF",
)
"""Signs that are taken for one another, by eye and by reader."""


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


@dataclass(frozen=True, slots=True)
class Capture:
    """When and where one file was taken, as far as it tells.

    ``earliest`` and ``latest`` are known together.
    """

    sha256: Sha256
    earliest: datetime | None = None
    latest: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the files of one report show, whosever it is.

    Names surely read, names read unsurely, and the captures.
    """

    read: Mapping[Sighted, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    unsure: Mapping[Sighted, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    captures: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What is known of one kind of name.

    As claimed, as the roster has it beside another claimed name, as read.
    """

    claimed: str | None = None
    roster: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()

    @property
    def said(self) -> frozenset[str]:
        """What the reporter says, straight or through the roster."""
        return self.roster if self.claimed is None else self.roster | {self.claimed}

    @property
    def proven(self) -> bool:
        """Whether the claimed name is surely read in the reporter's own files."""
        return self.claimed is not None and self.claimed in self.read

    @property
    def supported(self) -> bool:
        """Whether the reader came to the claimed name too, surely or not.

        Two who look seldom make one mistake.
        """
        return self.claimed is not None and self.claimed in self.read | self.unsure


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time in which it was, by the claim (an instant) or by one file."""

    earliest: datetime
    latest: datetime
    claimed: bool

    def apart(self, other: "Moment") -> timedelta:
        """How far two stretches lie apart; nothing where they overlap."""
        return max(self.earliest - other.latest, other.earliest - self.latest, timedelta())


@dataclass(frozen=True, slots=True)
class Traces:
    """Everything by which one report can be about the same incident as another."""

    category: str
    moments: tuple[Moment, ...]
    plates: Names
    fleet_numbers: Names
    badges: Names
    lines: Names
    places: tuple[tuple[float, float], ...]
    """Claimed and in the files, in degrees."""
    place: str
    """The claimed place as a text, folded; empty when there is none."""

    @property
    def claimed_at(self) -> datetime | None:
        """The accepted time of the violation."""
        return next((moment.earliest for moment in self.moments if moment.claimed), None)


# -- gathering -------------------------------------------------------------------------------------


def traces(claim: Claim, at: datetime | None, shown: Shown, roster: Roster | None) -> Traces:
    """What a report tells: claim in force, accepted time ``at``, files, the day's roster."""
    fleet_number = as_fleet_number(claim.fleet_number)
    by_plate = (
        roster.vehicles.get(claim.plate) if roster is not None and claim.plate is not None else None
    )
    by_fleet_number = tuple(_with_fleet_number(roster, fleet_number)) if by_plate is None else ()
    lines = frozenset[str]().union(
        *(vehicle.routes for vehicle in (by_plate, *by_fleet_number) if vehicle is not None)
    )
    if roster is not None and claim.badge is not None:
        lines |= roster.badges.get(claim.badge, frozenset())
    own_number = as_fleet_number(by_plate.fleet_number) if by_plate is not None else None

    def names(
        kind: Sighted,
        claimed: str | None,
        known: Iterable[str | None] = (),
        guessed: Iterable[str] = (),
    ) -> Names:
        return Names(
            claimed,
            frozenset(name for name in known if name is not None),
            shown.read.get(kind, frozenset()),
            shown.unsure.get(kind, frozenset()).union(guessed),
        )

    return Traces(
        category=claim.category,
        moments=tuple(_moments(at, shown.captures)),
        plates=names(
            Sighted.PLATE, claim.plate, (v.plate for v in by_fleet_number), _guesses(claim, roster)
        ),
        fleet_numbers=names(Sighted.FLEET_NUMBER, fleet_number, (own_number,)),
        badges=names(Sighted.BADGE, claim.badge),
        lines=names(Sighted.ROUTE, claim.route, lines),
        places=tuple(_places(claim, shown.captures)),
        place=_folded(claim.place or ""),
    )


def claim_alone(claim: Claim, at: datetime | None) -> Traces:
    """What a report says, whatever its files show."""
    return traces(claim, at, Shown(), None)


def as_fleet_number(text: str | None) -> str | None:
    """A bus's own number in one form (``S1K-016`` is ``S1K016``).

    None where there is none, or no number.
    """
    try:
        return canonical_badge(text) if text else None
    except InvalidBadge:
        return None


def _with_fleet_number(roster: Roster | None, fleet_number: str | None) -> Iterator[Vehicle]:
    if roster is not None and fleet_number is not None:
        for vehicle in roster.vehicles.values():
            if as_fleet_number(vehicle.fleet_number) == fleet_number:
                yield vehicle


def _guesses(claim: Claim, roster: Roster | None) -> Iterator[PlateNumber]:
    """Buses that a plate may mean which is not in the roster, or not on the claimed line.

    Those a sign away from it.
    """
    if roster is None or claim.plate is None:
        return
    vehicle = roster.vehicles.get(claim.plate)
    if vehicle is None or (claim.route is not None and claim.route not in vehicle.routes):
        for plate, other in roster.vehicles.items():
            if (
                claim.route in {None, *other.routes}
                and plate != claim.plate
                and near_numbers(plate, claim.plate)
            ):
                yield plate


def _moments(at: datetime | None, captures: Iterable[Capture]) -> Iterator[Moment]:
    if at is not None:
        yield Moment(at, at, claimed=True)
    for capture in captures:
        if (
            capture.earliest is not None
            and capture.latest is not None
            and tells(capture.earliest, capture.latest)
        ):
            yield Moment(capture.earliest, capture.latest, claimed=False)


def tells(earliest: datetime, latest: datetime) -> bool:
    """Whether a stretch is short enough to say when something was."""
    return latest - earliest <= TELLING


def _places(claim: Claim, captures: Iterable[Capture]) -> Iterator[tuple[float, float]]:
    if claim.latitude is not None and claim.longitude is not None:
        yield claim.latitude, claim.longitude
    for capture in captures:
        if capture.latitude is not None and capture.longitude is not None:
            yield capture.latitude, capture.longitude


def _folded(place: str) -> str:
    folded = unicodedata.normalize("NFKC", place).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LN")


# -- asking ----------------------------------------------------------------------------------------


def why_asked(one: Traces, other: Traces, *, minutes: int, metres: int) -> tuple[Why, ...]:
    """Why the two are a question for the officer (R14), empty when they are none.

    Symmetric, and not transitive.

    Same category; times within ``minutes``, by claim or by when files were taken; places within
    ``metres`` where both are known; and something that connects them, which no surely different
    number outweighs.
    """
    times = _why_times(one, other, timedelta(minutes=minutes))
    if one.category != other.category or times is None or _far(one, other, metres):
        return ()
    in_one_place = _in_one_place(one, other, metres)
    found = _connecting(_meet(one, other), _meet_by_line(one, other), in_one_place=in_one_place)
    if not found:
        return ()
    place = [Why.SAME_PLACE] if in_one_place else []
    return tuple(dict.fromkeys([*found, *place, times]))


def _connecting(meeting: "_Meeting", lines: "_Lines", *, in_one_place: bool) -> tuple[Why, ...]:
    """What connects two reports near in time.

    The same number, else one that is near, else the line, else the place.
    """
    if meeting.same:
        return meeting.same
    apart_by_line = lines is _Lines.APART and not (meeting.near and in_one_place)
    if meeting.apart or apart_by_line or (lines is _Lines.DOUBTFUL and not in_one_place):
        return ()
    if meeting.near:
        return meeting.near
    if lines is _Lines.SAME:
        return (Why.SAME_LINE,)
    return (Why.SAME_PLACE,) if in_one_place else (Why.TOO_LITTLE,)


def could_turn_out_same(
    unread: Traces, other: Traces, *, minutes: int, metres: int, zone: ZoneInfo
) -> bool:
    """Whether an unread report can still be about the incident of ``other``, by its claim.

    Its files may show what it does not name, and another time of the same day than it claims; so
    nothing has to connect the two. It can't be when a number that it claims is surely another, or
    line, place or day are.
    """
    if unread.category != other.category or _far(unread, other, metres):
        return False
    gap = timedelta(minutes=minutes)
    if _why_times(unread, other, gap) is None and not _one_day(unread, other, zone):
        return False
    meeting, lines = _meet(unread, other), _meet_by_line(unread, other)
    if meeting.same or meeting.apart or meeting.near:
        return bool(meeting.same) or not meeting.apart
    return lines in (_Lines.SAME, _Lines.UNKNOWN) or (
        lines is _Lines.DOUBTFUL and _in_one_place(unread, other, metres)
    )


def claims_agree(one: Traces, other: Traces, *, minutes: int, metres: int) -> bool:
    """Whether two claims are the same: what lets equal files link without a question (R14, R15).

    For ``claim_alone``: an equal file tells the same of both, and would hide that they claim
    another place.
    """
    here, there = one.claimed_at, other.claimed_at
    if here is None or there is None or abs(here - there) > timedelta(minutes=minutes):
        return False
    same_bus = one.plates.claimed is not None and one.plates.claimed == other.plates.claimed
    badges = {one.badges.claimed, other.badges.claimed}
    same_driver = (
        None not in badges and len(badges) == 1 and one.lines.claimed == other.lines.claimed
    )
    return (
        one.category == other.category
        and (same_bus or same_driver)
        and not _far(one, other, metres)
    )


def seconds_apart(one: Traces, other: Traces) -> int | None:
    """The least that the two lie apart in time, whichever way it is told.

    None where one tells no time.
    """
    found = [mine.apart(theirs) for mine in one.moments for theirs in other.moments]
    return round(min(found).total_seconds()) if found else None


def metres_apart(one: Traces, other: Traces) -> int | None:
    """The least that the two lie apart in space; None where one tells no place in degrees."""
    found = [metres_between(*here, *there) for here in one.places for there in other.places]
    return round(min(found)) if found else None


def _why_times(one: Traces, other: Traces, gap: timedelta) -> Why | None:
    found = {
        mine.claimed and theirs.claimed
        for mine in one.moments
        for theirs in other.moments
        if mine.apart(theirs) <= gap
    }
    if not found:
        return None
    return Why.TIMES_CLAIMED if True in found else Why.TIMES_OF_FILES


def _one_day(one: Traces, other: Traces, zone: ZoneInfo) -> bool:
    """One tells no time, or both tell a moment of one day."""
    here, there = (
        {
            at.astimezone(zone).date()
            for moment in told.moments
            for at in (moment.earliest, moment.latest)
        }
        for told in (one, other)
    )
    return not here or not there or bool(here & there)


def _far(one: Traces, other: Traces, metres: int) -> bool:
    apart = metres_apart(one, other)
    return apart is not None and apart > metres


def _in_one_place(one: Traces, other: Traces, metres: int) -> bool:
    apart = metres_apart(one, other)
    return apart <= metres if apart is not None else bool(one.place) and one.place == other.place


# -- vehicle and driver ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Meeting:
    """How two reports meet by their numbers.

    ``apart``: both have one, and it is surely not the same.
    """

    same: tuple[Why, ...] = ()
    near: tuple[Why, ...] = ()
    apart: bool = False


def _meet(one: Traces, other: Traces) -> _Meeting:
    """Plate and the bus's own number tell the vehicle, the badge the driver; either will do."""
    if _proven_apart(one.plates, other.plates):
        return _Meeting(apart=True)
    plates = _meet_by(
        one.plates, other.plates, (Why.SAME_PLATE, Why.PLATE_IN_FILES, Why.NEAR_PLATE)
    )
    numbers = _meet_by(
        one.fleet_numbers,
        other.fleet_numbers,
        (Why.SAME_FLEET_NUMBER, Why.FLEET_NUMBER_IN_FILES, Why.NEAR_FLEET_NUMBER),
    )
    badges = _meet_by(
        one.badges, other.badges, (Why.SAME_BADGE, Why.BADGE_IN_FILES, Why.NEAR_BADGE)
    )
    vehicle_near = plates.near or (() if plates.apart else numbers.near)
    vehicle_apart = not vehicle_near and (plates.apart or numbers.apart)
    return _Meeting(
        same=plates.same + numbers.same + badges.same,
        # A mistyped plate beside another badge would be two errors in one report: those two are not
        # asked about.
        near=(vehicle_near if not badges.apart else ())
        + (badges.near if not vehicle_apart else ()),
        apart=vehicle_apart or badges.apart,
    )


def _proven_apart(one: Names, other: Names) -> bool:
    """Each claims the plate its own files show; they differ, and neither shows the other's."""
    return (
        one.proven
        and other.proven
        and one.claimed not in other.read
        and other.claimed not in one.read
    )


def _meet_by(one: Names, other: Names, whys: tuple[Why, Why, Why]) -> _Meeting:
    same, in_files, near = whys
    # What the roster adds on both sides is what the other kind of number says already.
    claimed = one.claimed is not None or other.claimed is not None
    if claimed and one.said & other.said:
        return _Meeting(same=(same,))
    both_said = bool(claimed and one.said and other.said)
    if one.said & other.read or other.said & one.read or (not both_said and one.read & other.read):
        return _Meeting(same=(in_files,))
    if not (one.proven and other.proven) and _nearly(one, other):
        return _Meeting(near=(near,))
    return _Meeting(apart=both_said)


def _nearly(one: Names, other: Names) -> bool:
    """A name of the one is unsurely read by the other's files, or easily mistaken.

    What looks alike is taken for it by reporter and reader together; another sign is not, where
    both came to it.
    """
    here, there = one.said | one.read | one.unsure, other.said | other.read | other.unsure
    if here & other.unsure or there & one.unsure:
        return True
    if _taken_for(one.claimed, there, look_alike) or _taken_for(other.claimed, here, look_alike):
        return True
    if one.supported and other.supported:
        return False
    mistyped = _taken_for(one.claimed, other.said | other.read, near_numbers)
    return mistyped or _taken_for(other.claimed, one.said | one.read, near_numbers)


def _taken_for(
    claimed: str | None, names: frozenset[str], alike: Callable[[str, str], bool]
) -> bool:
    return claimed is not None and any(alike(claimed, name) for name in names)


def near_numbers(one: str, other: str) -> bool:
    """Whether one number is easily written or read for the other.

    They look alike, or one sign is wrong, lost or added.

    Short numbers never are: one sign changed is as likely a number of its own.
    """
    if min(len(one), len(other)) < SHORTEST_NEAR or abs(len(one) - len(other)) > 1:
        return False
    if len(one) != len(other):
        longer, shorter = sorted((one, other), key=len, reverse=True)
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    return sum(mine != theirs for mine, theirs in zip(one, other, strict=True)) == 1 or look_alike(
        one, other
    )


def look_alike(one: str, other: str) -> bool:
    """Whether two numbers differ in signs that look alike, or two neighbours swapped."""
    if len(one) != len(other) or len(one) < SHORTEST_NEAR:
        return False
    differing = [
        at for at, (mine, theirs) in enumerate(zip(one, other, strict=True)) if mine != theirs
    ]
    if not 0 < len(differing) <= MOST_DIFFERING:
        return False
    first, last = differing[0], differing[-1]
    swapped = last == first + 1 and (one[first], one[last]) == (other[last], other[first])
    return swapped or all(_alike(one[at], other[at]) for at in differing)


def _alike(one: str, other: str) -> bool:
    return any(one in signs and other in signs for signs in _ALIKE)


class _Lines(Enum):
    """How two reports meet by their lines."""

    SAME = auto()
    UNKNOWN = auto()
    DOUBTFUL = auto()
    """Two lines, but one of them is only said: nothing confirms it."""
    APART = auto()


def _meet_by_line(one: Traces, other: Traces) -> _Lines:
    here, there = _lines(one.lines), _lines(other.lines)
    if here & there:
        return _Lines.SAME
    if not here or not there or _line_is_guessed(one) or _line_is_guessed(other):
        return _Lines.UNKNOWN
    return _Lines.APART if _confirmed(one.lines) and _confirmed(other.lines) else _Lines.DOUBTFUL


def _lines(names: Names) -> frozenset[str]:
    """The claimed line where roster or files confirm it, or say nothing.

    Else every line that may be meant.
    """
    if names.claimed is not None and (_confirmed(names) or not names.roster):
        return frozenset({names.claimed})
    return names.said | names.read


def _line_is_guessed(told: Traces) -> bool:
    """Only the roster knows a line, by a number that nobody but the reporter has seen."""
    seen = told.lines.read or any(
        names.supported for names in (told.plates, told.fleet_numbers, told.badges)
    )
    return told.lines.claimed is None and not seen


def _confirmed(names: Names) -> bool:
    return names.claimed is not None and names.claimed in names.roster | names.read


# -- distance --------------------------------------------------------------------------------------


def metres_between(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Great-circle distance in metres between two points in degrees (haversine)."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half_chord = (
        sin((other_phi - phi) / 2) ** 2
        + cos(phi) * cos(other_phi) * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * 6_371_000 * asin(min(1.0, sqrt(half_chord)))
