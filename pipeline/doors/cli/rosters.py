"""The commands ``busreport roster``: which vehicles and drivers are ours, and from which day."""

from pathlib import Path

import typer

from pipeline.doors.cli.options import FirstDay, RosterTable, Yes
from pipeline.doors.cli.terminal import err, local_time, new_table, open_installation, out
from pipeline.doors.cli.words import text
from pipeline.store import roster
from pipeline.verifying.fleet import RosterFile, RosterInvalid, import_roster, parse_roster

PROBLEMS_SHOWN = 20
LINES_SHOWN = 3

roster_app = typer.Typer(
    help="The fleet roster: which vehicles and drivers are ours, from which day.",
    no_args_is_help=True,
)


@roster_app.command("import")
def roster_import(file: RosterTable, first_day: FirstDay, yes: Yes = False) -> None:
    """Take a roster file into force, whole or not at all, after showing what was understood.

    Its columns may have Chinese names: plate (车牌号), fleet_number (自编号), badge (上岗证号),
    route (线路), unit (单位). A plate or a badge, and a route, have to be among them.
    """
    content = file.read_bytes()
    try:
        understood = parse_roster(content)
    except RosterInvalid as refusal:
        _print_problems(refusal)
        raise
    _print_understood(file, understood)
    if not yes:
        typer.confirm(f"Take it into force from {first_day} on?", abort=True)
    with open_installation().write() as work:
        import_roster(work, actor="cli", effective_from=first_day, content=content)
    counts = f"{len(understood.vehicles)} vehicles and {len(understood.drivers)} drivers"
    out.print(f"{counts}, in force from {first_day} on.")


def _print_problems(refusal: RosterInvalid) -> None:
    for problem in refusal.problems[:PROBLEMS_SHOWN]:
        reason = text(f"roster.problem.{problem.reason}")
        err.print(f"line {problem.line}, {problem.column}: {reason}", highlight=False)


def _print_understood(file: Path, understood: RosterFile) -> None:
    table = understood.table
    lines = new_table(f"{file.name} ({table.written_as})", *table.columns)
    lines.add_row(*(f"“{name}”" for name in table.columns.values()), style="dim")
    for line in table.lines[:LINES_SHOWN]:
        lines.add_row(*(line.cells.get(meaning, "") for meaning in table.columns))
    out.print(lines)
    if table.unused:
        out.print(f"Columns that are not used: {', '.join(table.unused)}", style="yellow")
    counts = f"{len(understood.vehicles)} vehicles, {len(understood.drivers)} drivers"
    out.print(f"Understood: {counts} in {len(table.lines)} lines.")


@roster_app.command("list")
def roster_list() -> None:
    """List the rosters that were imported."""
    table = new_table("Rosters", "from", "vehicles", "drivers", "imported", "by")
    with open_installation().read() as work:
        for row in roster.imports(work.connection):
            begin, imported_at = row.effective_from.isoformat(), local_time(row.imported_at)
            counts = str(row.vehicles), str(row.badges)
            table.add_row(begin, *counts, imported_at, row.imported_by)
    out.print(table)
