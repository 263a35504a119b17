"""The commands ``busreport batch``: a payout batch from its building to its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from pipeline.doors.cli.options import (
    BatchNumber,
    ByChannel,
    ListColumns,
    ListFile,
    ListUnit,
    ListWords,
    Login,
    Password,
    Written,
    Yes,
)
from pipeline.doors.cli.returned import print_list, said_of
from pipeline.doors.cli.terminal import (
    account_of,
    local_time,
    new_table,
    open_installation,
    out,
    stop,
)
from pipeline.paying import batch_views, batches, returned_lists
from pipeline.runtime import Work
from scheme.staff import Account, Role

batch_app = typer.Typer(
    help="Payout batches: build, freeze, approve, export, settle.", no_args_is_help=True
)


@contextmanager
def _as_finance(login: str, password: str) -> Iterator[tuple[Work, Account]]:
    runtime = open_installation()
    officer = account_of(runtime, login, password, Role.FINANCE)
    with runtime.write() as work:
        yield work, officer


def _batch_id(work: Work, number: str) -> str:
    known = {row.number: row.batch_id for row in batch_views.batches(work)}
    if number not in known:
        stop(f"There is no batch {number}; busreport batch list shows them.")
    return known[number]


@batch_app.command("list")
def batch_list(login: Login, password: Password) -> None:
    """List the payout batches, newest first."""
    table = new_table("Batches", "number", "state", "lines", "total fen", "built")
    with _as_finance(login, password) as (work, _officer):
        for row in batch_views.batches(work):
            lines, total = str(row.line_count or ""), str(row.total_fen or "")
            table.add_row(row.number, row.state, lines, total, local_time(row.built_at))
    out.print(table)


@batch_app.command("build")
def batch_build(
    login: Login,
    password: Password,
    channel: ByChannel = "",
) -> None:
    """Put everything that was collected for one channel and is not yet paid into a new batch."""
    with _as_finance(login, password) as (work, officer):
        batch_id = batches.build_batch(work, officer, channel=channel)
        batch = batch_views.batch_view(work, batch_id)
        others = [row.channel for row in batches.waiting(work) if row.channel != batch.channel]
    out.print(f"Batch {batch.number} ({batch.channel}) is open.", end=" ")
    out.print(f"Next: busreport batch freeze {batch.number}")
    if others:
        out.print(f"More waits, for batches of their own: {', '.join(others)}")


@batch_app.command("freeze")
def batch_freeze(number: BatchNumber, login: Login, password: Password) -> None:
    """Close the list: lines are never edited after this."""
    with _as_finance(login, password) as (work, officer):
        batches.freeze(work, _batch_id(work, number), officer)
    out.print(
        f"Batch {number} is frozen. Next, by a second person: busreport batch approve {number}"
    )


@batch_app.command("approve")
def batch_approve(
    number: BatchNumber,
    login: Login,
    password: Password,
    knowing: Annotated[
        bool, typer.Option("--knowing", help="approve although the fund does not cover it")
    ] = False,
) -> None:
    """Approve a frozen batch; not by who froze it."""
    with _as_finance(login, password) as (work, officer):
        batches.approve(work, _batch_id(work, number), officer, knowing=knowing)
    next_step = f"busreport batch export {number} --to FILE.csv"
    out.print(f"Batch {number} is approved. Next, not by who approved: {next_step}")


@batch_app.command("export")
def batch_export(number: BatchNumber, to: Written, login: Login, password: Password) -> None:
    """Write the payout list that goes to the bank or the card company."""
    kind = to.suffix.removeprefix(".").lower()
    if kind not in ("csv", "xlsx"):
        stop("The file's name must end in .csv or .xlsx.")
    with _as_finance(login, password) as (work, officer):
        _name, content = batches.export(work, _batch_id(work, number), officer, kind)
    to.write_bytes(content)
    next_step = f"busreport batch result {number} RESULT.csv"
    out.print(f"Batch {number}: {to}, {len(content)} bytes. Next: {next_step}")


@batch_app.command("result")
def batch_result(  # noqa: PLR0913, PLR0917 - an option each
    number: BatchNumber,
    file: ListFile,
    login: Login,
    password: Password,
    column: ListColumns = None,
    word: ListWords = None,
    unit: ListUnit = "",
    yes: Yes = False,
) -> None:
    """Load the list of what was paid and what failed; failed lines go into the next batch.

    The exported list, filled in, is applied at once. Of a bank's own list is shown first how it was
    understood and what it would do. Lines that it does not answer stay open.
    """
    content = file.read_bytes()
    with _as_finance(login, password) as (work, officer):
        batch_id = _batch_id(work, number)
        shown = returned_lists.look_at_file(work, batch_id, content)
        if column or word or unit:
            said = said_of(shown, column or (), word or (), unit)
            shown = returned_lists.look_at_file(work, batch_id, content, said)
    if not shown.asks_nothing:
        print_list(shown)
        if not yes:
            typer.confirm("Apply what was understood?", abort=True)
    with open_installation().write() as work:
        returned_lists.apply_shown(work, batch_id, officer, shown)
        batch = batch_views.batch_view(work, batch_id)
    waiting = sum(line.result is None for line in batch.lines)
    out.print(f"Batch {number} is {batch.state}; lines that wait for the bank: {waiting}.")


@batch_app.command("close")
def batch_close(number: BatchNumber, login: Login, password: Password) -> None:
    """Close a settled batch."""
    with _as_finance(login, password) as (work, officer):
        batches.close(work, _batch_id(work, number), officer)
    out.print(f"Batch {number} is closed.")


@batch_app.command("cancel")
def batch_cancel(number: BatchNumber, login: Login, password: Password) -> None:
    """Cancel an open or frozen batch; its lines go back to what is collected."""
    with _as_finance(login, password) as (work, officer):
        batches.cancel(work, _batch_id(work, number), officer)
    out.print(f"Batch {number} is cancelled.")
