"""The command ``busreport intake``: a report handed in at the terminal."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.doors.cli.claims import (
    At,
    Badge,
    Category,
    Files,
    Kind,
    PlaceName,
    Plate,
    RouteName,
    claim_of,
)
from pipeline.doors.cli.terminal import (
    day_of,
    local_time,
    open_installation,
    out,
    progress_bar,
)
from pipeline.receiving import handed_over, incoming, letters, submitting
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.submitting import Receipt
from pipeline.runtime import Runtime
from scheme.report import Channel, Claim


def take_in(  # noqa: PLR0913, PLR0917 - what a report consists of
    files: Files,
    category: Category,
    at: At,
    reporter: Annotated[
        list[str], typer.Option(help="'name,phone'; once per joint reporter, first named first")
    ],
    route: RouteName = "",
    plate: Plate = "",
    badge: Badge = "",
    place: PlaceName = "",
    kind: Kind = "",
    postmark: Annotated[
        str, typer.Option(help="day of the postmark of material sent by post, 2026-06-10")
    ] = "",
    address: Annotated[
        str, typer.Option(help="with --postmark: where the sender is written to")
    ] = "",
    consent: Annotated[
        bool, typer.Option("--consent", help="the reporter agreed to the privacy text in force")
    ] = False,
) -> None:
    """Hand in a report with its files, as the web form does; prints the receipt."""
    runtime = open_installation()
    people = [_reporter(entry) for entry in reporter]
    claim = claim_of(category, at, route, plate, badge, place, kind)
    if postmark:
        postmarked_on = day_of(postmark)
        receipt = _register_letter(
            runtime, claim, people, files, postmarked_on, address, consent=consent
        )
    else:
        receipt = _hand_in(runtime, claim, people, files, consent=consent)
    out.print(
        f"[bold]Report {receipt.report_number}[/bold], received {local_time(receipt.received_at)}"
    )
    for file_name, sha256 in receipt.files:
        out.print(f"  {sha256}  {file_name}", highlight=False)
    out.print(f"Secret code, shown only now: [bold]{receipt.secret_code}[/bold]")
    if receipt.late:
        out.print(
            "Later than the rules allow: it is handled and answered, but not rewarded.",
            style="yellow",
        )


def _reporter(entry: str) -> ReporterInput:
    """Who is named by ``name,phone``; a phone that is missing is for the stage to refuse."""
    name, _comma, phone = entry.replace("，", ",").partition(",")
    return ReporterInput(name.strip(), phone.strip())


def _hand_in(
    runtime: Runtime,
    claim: Claim,
    people: Sequence[ReporterInput],
    files: Sequence[Path],
    *,
    consent: bool,
) -> Receipt:
    with runtime.write() as work:
        report_id = handed_over.written_down(
            work, channel=Channel.CLI, claim=claim, reporters=people
        )
    with progress_bar("storing", len(files)) as moved:
        for count, file in enumerate(files, start=1):
            with file.open("rb") as stream:
                incoming.store_file(
                    runtime, report_id=report_id, file_name=file.name, stream=stream
                )
            moved(count, None)
    with runtime.write() as work:
        return submitting.submit(work, report_id=report_id, consent=consent)


def _register_letter(  # noqa: PLR0913, PLR0917 - what lies in an envelope
    runtime: Runtime,
    claim: Claim,
    people: Sequence[ReporterInput],
    files: Sequence[Path],
    postmarked_on: date,
    address: str,
    *,
    consent: bool,
) -> Receipt:
    with ExitStack() as opened:
        return letters.register(
            runtime,
            registered_by="cli",
            claim=claim,
            senders=people,
            files=[(file.name, opened.enter_context(file.open("rb"))) for file in files],
            postmarked_on=postmarked_on,
            address=address,
            consent=consent,
        )
