"""The commands ``busreport calendar``: load days, and show them."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import calendar_loading, open_dates
from pipeline.calendar_loading import Preview, read_calendar
from pipeline.terminal import err, new_table, open_installation, out, stop

calendar_app = typer.Typer(help="Working days: holidays and shifted weekends.", no_args_is_help=True)


@calendar_app.command("load")
def calendar_load(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV (day,working,note; or 2027,whole), or holiday-cn's JSON"),
    ],
    dry_run: Annotated[bool, typer.Option(help="only say what it would change")] = False,
) -> None:
    """Load days over the published calendar, fill every date that waited for them, and settle what follows."""
    days = read_calendar(file.read_bytes())
    runtime = open_installation()
    if dry_run:
        with runtime.read() as work:
            _print_preview(calendar_loading.preview(work, days))
        out.print("Nothing was loaded.")
        return
    with runtime.write() as work:
        done = calendar_loading.load(work, days, actor="cli")
    _print_preview(done.done)
    out.print(f"{len(days)} days loaded; {done.rewards} rewards awarded by them.")


def _print_preview(planned: Preview) -> None:
    change = planned.change
    table = new_table("Days", "day", "", "")
    for what, rows in (("off", change.holidays), ("worked", change.shifted), ("corrected", change.corrected)):
        for row in rows:
            said = what if what != "corrected" else ("now worked" if row.working else "now off")
            table.add_row(f"{row.day:%Y-%m-%d %a}", said, row.note)
    if table.row_count:
        out.print(table)
    for year in change.covered:
        out.print(f"{year} is covered.", highlight=False)
    for year in change.incomplete:
        err.print(f"{year} is not complete: its days count once every day of it is loaded.", style="red")
    out.print(
        f"Answer dates filled in: {planned.filled.answers}; last days to collect: {planned.filled.last_days}; "
        f"reports known to be in time: {planned.in_time}, late: {planned.late}.",
        highlight=False,
    )


@calendar_app.command("show")
def calendar_show(year: Annotated[int, typer.Argument(help="for example 2026")]) -> None:
    """Show the holidays and shifted weekends of a year as the product counts them."""
    with open_installation().read() as work:
        workdays = work.workdays
    if year not in workdays.years:
        stop(f"No calendar covers {year}: due dates in it stay empty. Load it with: busreport calendar load FILE")
    off = sorted(day.isoformat() for day in workdays.holidays if day.year == year)
    worked = sorted(day.isoformat() for day in workdays.shifted if day.year == year)
    out.print(f"weekdays off ({len(off)}): {', '.join(off)}\nweekends worked ({len(worked)}): {', '.join(worked)}")


@calendar_app.command("alarm")
def calendar_alarm() -> None:
    """Say which year is missing and needed soon, and which reports and dates hang on it; exit code 1 if one is."""
    with open_installation().read() as work:
        missing = open_dates.missing_years(work)
    for one in missing:
        err.print(
            f"{one.year} is in no calendar. On it hang: windows of violations from {one.needed.violation} on, answer "
            f"dates of reports received from {one.needed.receipt} on, last days of notices received from "
            f"{one.needed.notice} on. Load it with: busreport calendar load FILE",
            style="red",
            highlight=False,
        )
    raise typer.Exit(min(len(missing), 1))
