"""The fleet roster comes in as a file: dated, whole, or not at all (R2).

A line with a plate is a vehicle, one with a badge and no plate is a driver; several lines of the
network in one cell are separated by ``;``. It is in force from a day on until the next.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final

from pipeline.runtime import Work
from pipeline.store import roster
from pipeline.store.actions import Action
from pipeline.verifying.roster_files import RosterTable, RosterUnreadable, read_roster
from scheme.dossier import Vehicle
from scheme.naming import (
    InvalidName,
    InvalidRoute,
    canonical_badge,
    canonical_plate,
    canonical_route,
)

BETWEEN_ROUTES: Final = re.compile("[;；、]")


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """One line that can't be used.

    ``line`` counts from 1, the header included; ``reason`` is a code.
    """

    line: int
    column: str
    reason: str


class RosterInvalid(Exception):
    """A roster file that was not taken: nothing of it is in force.

    ``problems`` names each bad line.
    """

    def __init__(self, problems: tuple[RosterProblem, ...]) -> None:
        first = problems[0]
        super().__init__(f"line {first.line}, {first.column}: {first.reason}")
        self.problems, self.count = problems, len(problems)


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a roster file says, and how it was understood."""

    table: RosterTable
    vehicles: tuple[Vehicle, ...]
    drivers: tuple[roster.Driver, ...]


@dataclass(slots=True)
class _Roster:
    """A roster while its lines are read."""

    vehicles: dict[str, Vehicle] = field(default_factory=dict)
    drivers: dict[str, roster.Driver] = field(default_factory=dict)

    def take(self, cells: Mapping[str, str]) -> None:
        """Take one line. Raises InvalidName."""
        routes = _routes(cells.get("route", ""))
        unit = cells.get("unit", "")
        if cells.get("plate"):
            plate = canonical_plate(cells["plate"])
            _once(plate, self.vehicles)
            self.vehicles[plate] = Vehicle(plate, cells.get("fleet_number") or None, routes, unit)
        else:
            badge = canonical_badge(cells.get("badge", ""))
            _once(badge, self.drivers)
            self.drivers[badge] = roster.Driver(badge, routes, unit)


def parse_roster(content: bytes) -> RosterFile:
    """Read a roster file. Raises RosterInvalid with every problem, not only the first."""
    try:
        table = read_roster(content)
    except RosterUnreadable as refusal:
        problem = RosterProblem(1, refusal.column or "file", refusal.reason)
        raise RosterInvalid((problem,)) from refusal
    taken = _Roster()
    problems: list[RosterProblem] = []
    for line in table.lines:
        try:
            taken.take(line.cells)
        except InvalidName as refusal:
            column = _column_of(refusal, line.cells)
            problems.append(RosterProblem(line.number, column, refusal.reason))
    if problems:
        raise RosterInvalid(tuple(problems))
    return RosterFile(table, tuple(taken.vehicles.values()), tuple(taken.drivers.values()))


def _routes(cell: str) -> frozenset[str]:
    names = [name for name in BETWEEN_ROUTES.split(cell) if name.strip()]
    return frozenset(canonical_route(name) for name in names)


def _column_of(refusal: InvalidName, cells: Mapping[str, str]) -> str:
    if isinstance(refusal, InvalidRoute):
        return "route"
    return "plate" if cells.get("plate") else "badge"


def _once(name: str, taken: Mapping[str, object]) -> None:
    if name in taken:
        raise InvalidName(name, "twice")


def import_roster(work: Work, *, actor: str, effective_from: date, content: bytes) -> RosterFile:
    """Take a roster file into force from ``effective_from`` on, on record.

    Raises RosterInvalid: nothing is taken.
    """
    parsed = parse_roster(content)
    import_id = secrets.token_hex(16)
    roster.add_import(
        work.connection,
        import_id,
        effective_from=effective_from,
        at=work.now,
        imported_by=actor,
        sha256=sha256(content).hexdigest(),
        vehicles=parsed.vehicles,
        drivers=parsed.drivers,
    )
    counts = {"vehicles": len(parsed.vehicles), "drivers": len(parsed.drivers)}
    work.record(
        actor,
        Action.ROSTER_IMPORTED,
        f"roster/{import_id}",
        effective_from=effective_from.isoformat(),
        **counts,
    )
    return parsed


def lines(work: Work) -> tuple[str, ...]:
    """The lines whose buses count today (R2), as people look for them: 9 before 49 before 933."""
    today = work.now.astimezone(work.policies.procedure_at(work.now).zone).date()
    return tuple(sorted(roster.lines_on(work.connection, today) or (), key=_as_people_count))


def _as_people_count(line: str) -> tuple[bool, int, str]:
    number = re.match(r"\d+", line)
    return number is None, int(number.group()) if number else 0, line
