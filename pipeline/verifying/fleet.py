"""The fleet roster comes in as a file: dated, whole, or not at all (R2).

UTF-8 CSV with the header ``plate,fleet_number,badge,route,unit``: a line with a plate is a vehicle,
one with a badge and no plate is a driver; several lines are separated by ``;``. It is in force from
a day on until the next.
"""

import csv
import io
import re
import secrets
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from pipeline.runtime import Work
from pipeline.store import roster
from pipeline.store.actions import Action
from scheme.dossier import Vehicle
from scheme.naming import InvalidName, canonical_badge, canonical_plate, canonical_route

HEADER = ("plate", "fleet_number", "badge", "route", "unit")
MOST_LINES = 200_000


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
        super().__init__(
            f"{len(problems)} problems, the first in line {first.line}, {first.column}: {first.reason}"
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a roster file says."""

    vehicles: tuple[Vehicle, ...]
    drivers: tuple[roster.Driver, ...]


def parse_roster(content: bytes) -> RosterFile:
    """Read a roster file. Raises RosterInvalid with every problem, not only the first."""
    try:
        lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise RosterInvalid((RosterProblem(1, "file", "not_utf8_csv"),)) from problem
    if not lines or not set(HEADER) <= lines[0].keys():
        raise RosterInvalid((RosterProblem(1, "header", "header_or_lines_missing"),))
    if len(lines) > MOST_LINES:
        raise RosterInvalid((RosterProblem(MOST_LINES, "file", "too_long"),))
    vehicles: dict[str, Vehicle] = {}
    drivers: dict[str, roster.Driver] = {}
    problems: list[RosterProblem] = []
    for number, line in enumerate(lines, start=2):
        cells = {column: (line.get(column) or "").strip() for column in HEADER}
        column = "route"
        try:
            routes = frozenset(
                canonical_route(route) for route in cells["route"].split(";") if route.strip()
            )
            column = "plate" if cells["plate"] else "badge"
            if cells["plate"]:
                plate = canonical_plate(cells["plate"])
                _once(plate, vehicles)
                vehicles[plate] = Vehicle(
                    plate, cells["fleet_number"] or None, routes, cells["unit"]
                )
            else:
                badge = canonical_badge(cells["badge"])
                _once(badge, drivers)
                drivers[badge] = roster.Driver(badge, routes, cells["unit"])
        except InvalidName as problem:
            problems.append(RosterProblem(number, column, problem.reason))
    if problems:
        raise RosterInvalid(tuple(problems))
    return RosterFile(tuple(vehicles.values()), tuple(drivers.values()))


def _once(name: str, seen: dict[str, Vehicle] | dict[str, roster.Driver]) -> None:
    if name in seen:
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
