"""The commands ``busreport review``: which reports wait for an officer, and deciding one."""

import typer

from pipeline.deciding import decisions, waiting
from pipeline.doors.cli.options import (
    Login,
    Note,
    Page,
    Password,
    ReasonCodes,
    ReportNumber,
    VerdictGiven,
)
from pipeline.doors.cli.terminal import (
    account_of,
    local_time,
    new_table,
    open_installation,
    out,
)
from pipeline.store import reports
from scheme.staff import Role

review_app = typer.Typer(help="Reports that wait for an officer.", no_args_is_help=True)

COLUMNS = ("number", "state", "category", "line", "plate", "due", "recommendation")


@review_app.command("queue")
def review_queue(login: Login, password: Password, page: Page = 1) -> None:
    """List the reports that wait, the one due first on top."""
    runtime = open_installation()
    account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.read() as work:
        shown = waiting.queue(work, page=page)
    table = new_table(f"{shown.total} reports", *COLUMNS)
    for row in shown.rows:
        due = local_time(row.answer_due_at) + (" overdue" if row.overdue_at(work.now) else "")
        bus = row.route or "", row.plate or ""
        about = row.report_number, row.state, row.category, *bus
        table.add_row(*about, due, row.recommendation or "")
    out.print(table)


@review_app.command("decide")
def review_decide(  # noqa: PLR0913, PLR0917 - what a decision consists of
    report_number: ReportNumber, verdict: VerdictGiven, reason: ReasonCodes,
    login: Login, password: Password, note: Note = "",
) -> None:  # fmt: skip
    """Decide one report. Look at its evidence first: the pages show it."""
    runtime = open_installation()
    officer = account_of(runtime, login, password, Role.OPERATIONS)
    with runtime.write() as work:
        row = reports.by_number(work.connection, report_number)
        decisions.decide(
            work,
            report_id=row.id,
            officer=officer,
            row_version=row.row_version,
            verdict=verdict,
            reasons=reason,
            note=note,
        )
    out.print(f"{report_number}: {verdict}. The notice leaves after the time for undoing.")
