"""Commands that judge or read again what is stored."""

from typing import Annotated

import typer

from pipeline.doors.cli.options import DryRun, Since
from pipeline.doors.cli.terminal import new_table, open_installation, out, progress_bar
from pipeline.doors.cli.words import text
from pipeline.verifying import rechecking, rereading
from verifiers.version import READER_VERSION


def recheck(since: Since = None) -> None:
    """Judge stored reports again by today's checks, without decoding a file again."""
    runtime = open_installation()
    with progress_bar("judging", None) as moved:
        result = rechecking.recheck(runtime, since=since, progress=moved)
    out.print(f"{result.total} reports judged again, {result.changed} with another result.")


def reread(
    since: Since = None,
    limit: Annotated[int, typer.Option(min=0, help="so many files at most; 0: all")] = 0,
    dry_run: DryRun = False,
) -> None:
    """Read stored files again that an older reader has read, then judge what is undecided again."""
    runtime = open_installation()
    with progress_bar("reading", None) as moved:
        done = rereading.reread(
            runtime, since=since, limit=limit or None, dry_run=dry_run, progress=moved
        )
    if dry_run:
        out.print(f"{len(done.found)} files would be read by reader {READER_VERSION}; nothing was.")
        return
    _print_reread(done)


def _print_reread(done: rereading.Reread) -> None:
    if done.changed:
        _print_changes(done)
    for sha256 in done.left:
        out.print(f"not read now, busy or failed: {sha256}", highlight=False)
    if done.decided:
        out.print(f"Decided, and left as they are: {', '.join(done.decided)}", highlight=False)
    out.print(
        f"{done.read} of {len(done.found)} files read by reader {READER_VERSION}; "
        f"{done.judged} reports judged again, {len(done.changed)} with another result.",
        soft_wrap=True,
    )


def _print_changes(done: rereading.Reread) -> None:
    table = new_table("What changed", "report", "appeared", "vanished")
    for report in done.changed:
        appeared, vanished = " ".join(report.appeared), " ".join(report.vanished)
        table.add_row(report.report_number, appeared, vanished)
    out.print(table)
    appeared_in, vanished_in = done.by_code()
    summary = new_table("In how many reports", "finding", "appeared", "vanished")
    for code in sorted(appeared_in.keys() | vanished_in.keys()):
        summary.add_row(text(f"finding.{code}"), str(appeared_in[code]), str(vanished_in[code]))
    out.print(summary)
