"""Traces: all by which one report can be about the same incident as another (R14).

What it tells of vehicle, driver, line, time and place: by its claim, by the day's roster, by its
files. Two reports are compared in ``meeting`` and ``incident``, never here.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from scheme.dossier import Roster, Vehicle
from scheme.naming import InvalidBadge, canonical_badge
from scheme.near_numbers import near_numbers
from scheme.reading import PlateNumber, Sha256, Sighted
from scheme.report import Claim

TELLING: Final = timedelta(hours=1)
"""A file taken at some moment of a longer stretch than this (a day) tells no time."""

MOST_NAMES: Final = 60
"""Names of one kind that are kept of one report's files, the surest first: a busy street shows many
plates.
"""


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


def traces(claim: Claim, at: datetime | None, shown: Shown, roster: Roster | None) -> Traces:
    """What a report tells: claim in force, accepted time ``at``, files, the day's roster."""
    rostered = _rostered(claim, roster)

    def names(
        kind: Sighted,
        claimed: str | None,
        by_roster: frozenset[str] = frozenset(),
        guessed: Iterable[str] = (),
    ) -> Names:
        return Names(
            claimed=claimed,
            roster=by_roster,
            read=shown.read.get(kind, frozenset()),
            unsure=shown.unsure.get(kind, frozenset()).union(guessed),
        )

    fleet_number = as_fleet_number(claim.fleet_number)
    return Traces(
        category=claim.category,
        moments=tuple(_moments(at, shown.captures)),
        plates=names(Sighted.PLATE, claim.plate, rostered.plates, _guesses(claim, roster)),
        fleet_numbers=names(Sighted.FLEET_NUMBER, fleet_number, rostered.fleet_numbers),
        badges=names(Sighted.BADGE, claim.badge),
        lines=names(Sighted.ROUTE, claim.route, rostered.lines),
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


class _Rostered(NamedTuple):
    """What the roster has beside the names that are claimed."""

    plates: frozenset[str] = frozenset()
    fleet_numbers: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()


def _rostered(claim: Claim, roster: Roster | None) -> _Rostered:
    """By the claimed plate; where it is in no roster, by the bus's own number. And by the badge."""
    if roster is None:
        return _Rostered()
    lines: frozenset[str] = frozenset()
    if claim.badge is not None:
        lines = roster.badges.get(claim.badge, lines)
    vehicle = roster.vehicles.get(claim.plate) if claim.plate is not None else None
    if vehicle is not None:
        own_number = as_fleet_number(vehicle.fleet_number)
        own_numbers = frozenset() if own_number is None else frozenset({own_number})
        return _Rostered(fleet_numbers=own_numbers, lines=lines | vehicle.routes)
    vehicles = tuple(_with_fleet_number(roster, as_fleet_number(claim.fleet_number)))
    return _Rostered(
        plates=frozenset(vehicle.plate for vehicle in vehicles),
        lines=lines.union(*(vehicle.routes for vehicle in vehicles)),
    )


def _with_fleet_number(roster: Roster, fleet_number: str | None) -> Iterator[Vehicle]:
    if fleet_number is None:
        return
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
    if vehicle is not None and (claim.route is None or claim.route in vehicle.routes):
        return
    for plate, other in roster.vehicles.items():
        on_the_line = claim.route is None or claim.route in other.routes
        if on_the_line and plate != claim.plate and near_numbers(plate, claim.plate):
            yield plate


def _moments(at: datetime | None, captures: Iterable[Capture]) -> Iterator[Moment]:
    if at is not None:
        yield Moment(at, at, claimed=True)
    for capture in captures:
        earliest, latest = capture.earliest, capture.latest
        if earliest is not None and latest is not None and tells(earliest, latest):
            yield Moment(earliest, latest, claimed=False)


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
