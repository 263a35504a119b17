"""The commands ``busreport calendar``.

Load days, show them, and settle by two people what they do not say.
"""

from datetime import date
from typing import Annotated, NamedTuple

import typer

from pipeline.calendar import CalendarChange, read_calendar
from pipeline.dates import calendar_loading, open_dates, rulings
from pipeline.dates.calendar_loading import Preview
from pipeline.dates.open_dates import OpenDate, Proposal
from pipeline.doors.cli.options import (
    CalendarFile,
    Deadline,
    DryRun,
    Login,
    Password,
    Reason,
    ReportNumber,
)
from pipeline.doors.cli.terminal import (
    account_of,
    err,
    local_time,
    new_table,
    open_installation,
    out,
    stop,
)
from pipeline.runtime import Work
from scheme.deadlines import DateKind
from scheme.ruling import NothingToSettle, RulingNotFound
from scheme.staff import Role

calendar_app = typer.Typer(
    help="Working days: holidays and shifted weekends.", no_args_is_help=True
)


@calendar_app.command("load")
def calendar_load(file: CalendarFile, dry_run: DryRun = False) -> None:
    """Load days over the published calendar and fill every date that waited for them.

    What follows from them is settled at once.
    """
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
    change, filled = planned.change, planned.filled
    _print_days(change)
    for year in change.covered:
        out.print(f"{year} is covered.", highlight=False)
    for year in change.incomplete:
        lacks = f"{year} is not complete: its days count once every day of it is loaded."
        err.print(lacks, style="red")
    out.print(
        f"Answer dates filled in: {filled.answers}; last days to collect: {filled.last_days}; "
        f"reports known to be in time: {planned.in_time}, late: {planned.late}.",
        highlight=False,
    )


def _print_days(change: CalendarChange) -> None:
    table = new_table("Days", "day", "", "")
    worked, off = "now worked", "now off"
    corrected = [(row, worked if row.working else off) for row in change.corrected]
    for row, what in (
        *((row, "off") for row in change.holidays),
        *((row, "worked") for row in change.shifted),
        *corrected,
    ):
        table.add_row(f"{row.day:%Y-%m-%d %a}", what, row.note)
    if table.row_count:
        out.print(table)


@calendar_app.command("show")
def calendar_show(year: Annotated[int, typer.Argument(help="for example 2026")]) -> None:
    """Show the holidays and shifted weekends of a year as the product counts them."""
    with open_installation().read() as work:
        workdays = work.workdays
    if year not in workdays.years:
        stop(
            f"No calendar covers {year}: due dates in it stay empty. "
            "Load it with: busreport calendar load FILE"
        )
    off = sorted(day.isoformat() for day in workdays.holidays if day.year == year)
    worked = sorted(day.isoformat() for day in workdays.shifted if day.year == year)
    out.print(f"weekdays off ({len(off)}): {', '.join(off)}")
    out.print(f"weekends worked ({len(worked)}): {', '.join(worked)}")


@calendar_app.command("alarm")
def calendar_alarm() -> None:
    """Say which year is missing and needed soon, and which reports and dates hang on it.

    Exit code 1 if one is.
    """
    with open_installation().read() as work:
        missing = open_dates.missing_years(work)
    for gap in missing:
        needed = gap.needed
        err.print(
            f"{gap.year} is in no calendar. "
            f"On it hang: windows of violations from {needed.violation} on, "
            f"answer dates of reports received from {needed.receipt} on, "
            f"last days of notices received from {needed.notice} on. "
            "Load it with: busreport calendar load FILE",
            style="red",
            highlight=False,
        )
    raise typer.Exit(min(len(missing), 1))


class Settled(NamedTuple):
    """What no calendar says: whether a report was in time, or the last day of something."""

    in_time: bool | None
    day: date | None


def settled_by(text: str) -> Settled:
    """Read ``yes``, ``no`` or a day."""
    if text in ("yes", "no"):
        return Settled(text == "yes", None)
    try:
        return Settled(None, date.fromisoformat(text))
    except ValueError:
        raise typer.BadParameter("it is yes or no, or a day like 2027-01-08.") from None


SettledBy = Annotated[
    Settled,
    typer.Option(
        parser=settled_by,
        metavar="VALUE",
        help="yes or no (in time), or the last day, 2027-01-08",
    ),
]


@calendar_app.command("waiting")
def calendar_waiting(login: Login, password: Password) -> None:
    """List what waits for a calendar or for two people to settle it."""
    runtime = open_installation()
    account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.read() as work:
        open_ones = (*open_dates.contradicted(work), *open_dates.waiting(work))
    title = f"{len(open_ones)} wait"
    table = new_table(title, "report", "what", "counted from", "not before", "proposed")
    for open_date in open_ones:
        earliest = local_time(open_date.bounds.earliest)
        if open_date.contradicts:
            earliest = f"calendar says {open_date.contradicts}"
        counted_from, proposal = local_time(open_date.counted_from), _wording(open_date.proposal)
        table.add_row(open_date.report_number, open_date.kind, counted_from, earliest, proposal)
    out.print(table)


@calendar_app.command("propose")
def calendar_propose(  # noqa: PLR0913, PLR0917 - what a ruling consists of
    report_number: ReportNumber, what: Deadline, value: SettledBy, reason: Reason,
    login: Login, password: Password,
) -> None:  # fmt: skip
    """Propose what no calendar says; a second person confirms it."""
    runtime = open_installation()
    officer = account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.write() as work:
        report_id = _waiting(work, report_number, what).report_id
        rulings.propose(
            work,
            report_id=report_id,
            kind=what,
            officer=officer,
            reason=reason,
            in_time=value.in_time,
            day=value.day,
        )
    next_step = f"busreport calendar confirm {report_number} --what {what}"
    out.print(f"Proposed. Next, by a second person: {next_step}", soft_wrap=True)


@calendar_app.command("confirm")
def calendar_confirm(
    report_number: ReportNumber, what: Deadline, login: Login, password: Password
) -> None:
    """Confirm what another person proposed; it counts from now on."""
    runtime = open_installation()
    officer = account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.write() as work:
        rulings.confirm(work, ruling_id=_proposed(work, report_number, what), officer=officer)
    out.print(f"{report_number}: it counts.")


@calendar_app.command("refuse")
def calendar_refuse(
    report_number: ReportNumber, what: Deadline, login: Login, password: Password
) -> None:
    """Refuse what another person proposed, or take one's own proposal back."""
    runtime = open_installation()
    officer = account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.write() as work:
        rulings.refuse(work, ruling_id=_proposed(work, report_number, what), officer=officer)
    out.print(f"{report_number}: it does not count.")


def _waiting(work: Work, report_number: str, what: DateKind) -> OpenDate:
    for open_date in (*open_dates.contradicted(work), *open_dates.waiting(work)):
        if (open_date.report_number, open_date.kind) == (report_number, what):
            return open_date
    raise NothingToSettle


def _proposed(work: Work, report_number: str, what: DateKind) -> str:
    proposal = _waiting(work, report_number, what).proposal
    if proposal is None:
        raise RulingNotFound(report_number)
    return proposal.ruling_id


def _wording(proposal: Proposal | None) -> str:
    if proposal is None:
        return ""
    value = {True: "in time", False: "late", None: local_time(proposal.due_at)}[proposal.in_time]
    return f"{value} by {proposal.proposer}: {proposal.reason}"
