"""The commands ``busreport calendar``: load days, and show them."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.calendar import alarms, parse_overlay
from pipeline.store import roster
from pipeline.terminal import ZONE, err, open_installation, out, stop

calendar_app = typer.Typer(help="Working days: holidays and shifted weekends.", no_args_is_help=True)


@calendar_app.command("load")
def calendar_load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV: day,working,note; or 2027,whole")],
) -> None:
    """Load days over the published calendar: a new year, or a day that was changed."""
    days = parse_overlay(file.read_text(encoding="utf-8-sig"))
    with open_installation().write() as work:
        roster.load_overlay(work.connection, days, work.now)
        work.record("cli", "calendar_loaded", "calendar", days=len(days))
    out.print(f"{len(days)} days loaded.")


@calendar_app.command("show")
def calendar_show(year: Annotated[int, typer.Argument(help="for example 2026")]) -> None:
    """Show the holidays and shifted weekends of a year as the product counts them."""
    with open_installation().read() as work:
        workdays, today = work.workdays, work.now.astimezone(ZONE).date()
    if year not in workdays.years:
        stop(f"No calendar covers {year}: due dates in it stay empty. Load it with: busreport calendar load FILE")
    off = sorted(day.isoformat() for day in workdays.holidays if day.year == year)
    worked = sorted(day.isoformat() for day in workdays.shifted if day.year == year)
    out.print(f"weekdays off ({len(off)}): {', '.join(off)}\nweekends worked ({len(worked)}): {', '.join(worked)}")
    for missing in alarms(workdays, today):
        err.print(f"Missing and needed soon: {missing}", style="red")
