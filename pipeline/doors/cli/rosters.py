"""The commands ``busreport roster``: which vehicles and drivers are ours, and from which day."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.doors.cli.terminal import err, local_time, new_table, open_installation, out
from pipeline.store import roster
from pipeline.verifying.fleet import RosterInvalid, import_roster

roster_app = typer.Typer(
    help="The fleet roster: which vehicles and drivers are ours, from which day.",
    no_args_is_help=True,
)


@roster_app.command("import")
def roster_import(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV: plate,fleet_number,badge,route,unit"
        ),
    ],
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day it is in force")
    ],
) -> None:
    """Take a roster file into force, whole or not at all."""
    try:
        with open_installation().write() as work:
            taken = import_roster(
                work, actor="cli", effective_from=start.date(), content=file.read_bytes()
            )
    except RosterInvalid as refusal:
        for problem in refusal.problems[:20]:
            err.print(f"line {problem.line}, {problem.column}: {problem.reason}", highlight=False)
        raise
    counts = f"{len(taken.vehicles)} vehicles and {len(taken.drivers)} drivers"
    out.print(f"{counts}, in force from {start.date()} on.")


@roster_app.command("list")
def roster_list() -> None:
    """List the rosters that were imported."""
    table = new_table("Rosters", "from", "vehicles", "drivers", "imported", "by")
    with open_installation().read() as work:
        for row in roster.imports(work.connection):
            begin, imported_at = row.effective_from.isoformat(), local_time(row.imported_at)
            table.add_row(begin, str(row.vehicles), str(row.badges), imported_at, row.imported_by)
    out.print(table)
