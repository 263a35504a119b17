"""The dossier: all that a judgement needs, gathered beforehand: judging is pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from scheme.reading import MediaKind, PlateNumber, Readings, Sha256
from scheme.report import Report
from scheme.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One bus in the roster of a day.

    ``routes`` are canonical line names; ``unit`` is the depot.
    """

    plate: PlateNumber
    fleet_number: str | None
    routes: frozenset[str]
    unit: str


@dataclass(frozen=True, slots=True)
class Roster:
    """The fleet roster in force on the day of the violation (R2).

    ``badges``: badge number -> lines of its driver.
    """

    vehicles: Mapping[PlateNumber, Vehicle]
    badges: Mapping[str, frozenset[str]]

    def routes(self) -> frozenset[str]:
        """Every line that some vehicle or driver runs."""
        sets = [vehicle.routes for vehicle in self.vehicles.values()]
        return frozenset().union(*sets, *self.badges.values())


@dataclass(frozen=True, slots=True)
class SimilarMedia:
    """A file of another report that is equal or looks alike (R14, R15).

    ``distance`` is in bits of 256 between fingerprints, 0 with ``byte_equal``. ``same_claim``:
    category, vehicle, accepted time and place agree by R14's gaps. ``own_repeat``: the other report
    is of the same person.
    """

    sha256: Sha256
    frame_ms: int | None
    other_report_id: str
    other_sha256: Sha256
    other_frame_ms: int | None
    other_kind: MediaKind
    byte_equal: bool
    distance: int
    same_claim: bool
    own_repeat: bool


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another report that R14 makes a question; ``why`` are values of ``scheme.meeting.Why``."""

    other_report_id: str
    seconds_apart: int
    metres_apart: int | None
    own_repeat: bool
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """``readings`` by file; a file without an entry has not been read yet.

    ``now`` is the instant of judging.
    """

    report: Report
    readings: Mapping[Sha256, Readings]
    workdays: Workdays
    now: datetime
    roster: Roster | None = None
    similar: tuple[SimilarMedia, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    tied_by_officer: bool = False
    """An officer has said that the files of this report show one bus (R5)."""
    answered_candidates: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    """Other report -> whether an officer said "same incident" (R14)."""
