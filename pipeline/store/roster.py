"""The dated fleet roster (R2) and the days that an administrator loaded over the calendar (R6)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import Connection, insert, select

from pipeline.calendar import OverlayDay
from pipeline.store.tables import calendar_overlays, roster_badges, roster_imports, roster_vehicles
from scheme.dossier import Roster, Vehicle
from scheme.reading import PlateNumber


@dataclass(frozen=True, slots=True)
class Driver:
    """One badge of a roster file: ``routes`` are canonical line names, ``unit`` is the depot."""

    badge: str
    routes: frozenset[str]
    unit: str


@dataclass(frozen=True, slots=True)
class RosterImport:
    """One import as it stands in the list of imports.

    In force from ``effective_from`` until the next one.
    """

    import_id: str
    effective_from: date
    imported_at: datetime
    imported_by: str
    vehicles: int
    badges: int


def add_import(  # noqa: PLR0913 - what an import consists of
    connection: Connection,
    import_id: str,
    *,
    effective_from: date,
    at: datetime,
    imported_by: str,
    sha256: str,
    vehicles: Sequence[Vehicle],
    drivers: Sequence[Driver],
) -> None:
    """Add a roster: whole, from that day on, until a later one begins."""
    connection.execute(
        insert(roster_imports).values(
            id=import_id,
            effective_from=effective_from,
            imported_at=at,
            imported_by=imported_by,
            sha256=sha256,
        )
    )
    if vehicles:
        connection.execute(
            insert(roster_vehicles),
            [
                {
                    "import_id": import_id,
                    "plate": vehicle.plate,
                    "fleet_number": vehicle.fleet_number,
                    "routes": json.dumps(sorted(vehicle.routes), ensure_ascii=False),
                    "unit": vehicle.unit,
                }
                for vehicle in vehicles
            ],
        )
    if drivers:
        connection.execute(
            insert(roster_badges),
            [
                {
                    "import_id": import_id,
                    "badge": driver.badge,
                    "routes": json.dumps(sorted(driver.routes), ensure_ascii=False),
                    "unit": driver.unit,
                }
                for driver in drivers
            ],
        )


def lines_on(connection: Connection, day: date) -> frozenset[str] | None:
    """The lines that the roster in force on ``day`` names, canonical; None without a roster."""
    import_id = _in_force(connection, day)
    if import_id is None:
        return None
    rows = connection.execute(
        select(roster_vehicles.c.routes).where(roster_vehicles.c.import_id == import_id).distinct()
    )
    return frozenset(route for (routes,) in rows for route in json.loads(routes))


def _in_force(connection: Connection, day: date) -> str | None:
    """Of the imports that began by ``day`` the last one loaded."""
    return connection.execute(
        select(roster_imports.c.id)
        .where(roster_imports.c.effective_from <= day)
        .order_by(roster_imports.c.effective_from.desc(), roster_imports.c.imported_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def on(connection: Connection, day: date) -> Roster | None:
    """The roster in force on ``day``; None without any."""
    import_id = _in_force(connection, day)
    if import_id is None:
        return None
    vehicles = connection.execute(
        select(roster_vehicles).where(roster_vehicles.c.import_id == import_id)
    )
    badges = connection.execute(select(roster_badges).where(roster_badges.c.import_id == import_id))
    return Roster(
        vehicles=MappingProxyType(
            {
                PlateNumber(row.plate): Vehicle(
                    PlateNumber(row.plate),
                    row.fleet_number,
                    frozenset(json.loads(row.routes)),
                    row.unit,
                )
                for row in vehicles
            }
        ),
        badges=MappingProxyType({row.badge: frozenset(json.loads(row.routes)) for row in badges}),
    )


def imports(connection: Connection) -> tuple[RosterImport, ...]:
    """Every import, the latest to come into force first."""
    rows = connection.execute(
        select(roster_imports).order_by(
            roster_imports.c.effective_from.desc(), roster_imports.c.imported_at.desc()
        )
    ).all()
    return tuple(
        RosterImport(
            row.id,
            row.effective_from,
            row.imported_at,
            row.imported_by,
            len(
                connection.execute(
                    select(roster_vehicles.c.plate).where(roster_vehicles.c.import_id == row.id)
                ).all()
            ),
            len(
                connection.execute(
                    select(roster_badges.c.badge).where(roster_badges.c.import_id == row.id)
                ).all()
            ),
        )
        for row in rows
    )


def load_overlay(connection: Connection, days: Sequence[OverlayDay], at: datetime) -> None:
    """Load days over the published calendar; a day that is loaded again counts as loaded last."""
    if not days:
        return
    connection.execute(
        calendar_overlays.delete().where(calendar_overlays.c.day.in_([day.day for day in days]))
    )
    connection.execute(
        insert(calendar_overlays),
        [
            {"day": day.day, "working": day.working, "note": day.note, "loaded_at": at}
            for day in days
        ],
    )


def overlay_days(connection: Connection) -> tuple[OverlayDay, ...]:
    """Every day that was loaded, in order."""
    rows = connection.execute(select(calendar_overlays).order_by(calendar_overlays.c.day))
    return tuple(OverlayDay(row.day, row.working, row.note) for row in rows)
