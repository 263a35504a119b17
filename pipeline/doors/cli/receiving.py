"""The command ``busreport intake``: a report handed in at the terminal."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from pipeline.doors.cli.claims import claim_of
from pipeline.doors.cli.options import (
    Address,
    At,
    Badge,
    Category,
    Consent,
    Files,
    Kind,
    PlaceName,
    Plate,
    Postmark,
    Reporters,
    RouteName,
)
from pipeline.doors.cli.terminal import local_time, open_installation, out, progress_bar
from pipeline.receiving import handed_over, incoming, letters, submitting
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.submitting import Receipt
from pipeline.runtime import Runtime
from scheme.report import Channel, Claim
from scheme.submission import ConsentRequired


def take_in(  # noqa: PLR0913, PLR0917 - what a report consists of
    files: Files, category: Category, at: At, reporter: Reporters,
    route: RouteName = "", plate: Plate = "", badge: Badge = "", place: PlaceName = "",
    kind: Kind = "", postmark: Postmark = None, address: Address = "", consent: Consent = False,
) -> None:  # fmt: skip
    """Hand in a report with its files, as the web form does; prints the receipt."""
    runtime = open_installation()
    if not consent:
        raise ConsentRequired  # before anything of the reporter is kept
    people = [_reporter(entry) for entry in reporter]
    claim = claim_of(category, at, route=route, plate=plate, badge=badge, place=place, kind=kind)
    if postmark:
        receipt = _register_letter(runtime, claim, people, files, postmark, address)
    else:
        receipt = _hand_in(runtime, claim, people, files)
    _print_receipt(receipt)


def _print_receipt(receipt: Receipt) -> None:
    received_at = local_time(receipt.received_at)
    out.print(f"[bold]Report {receipt.report_number}[/bold], received {received_at}")
    for file_name, sha256 in receipt.files:
        out.print(f"  {sha256}  {file_name}", highlight=False)
    out.print(f"Secret code, shown only now: [bold]{receipt.secret_code}[/bold]")
    if receipt.late:
        late = "Later than the rules allow: it is handled and answered, but not rewarded."
        out.print(late, style="yellow")


def _reporter(entry: str) -> ReporterInput:
    """Who is named by ``name,phone``; a phone that is missing is for the stage to refuse."""
    name, _comma, phone = entry.replace("，", ",").partition(",")
    return ReporterInput(name.strip(), phone.strip())


def _hand_in(
    runtime: Runtime, claim: Claim, people: Sequence[ReporterInput], files: Sequence[Path]
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
        return submitting.submit(work, report_id=report_id, consent=True)


def _register_letter(  # noqa: PLR0913, PLR0917 - what lies in an envelope
    runtime: Runtime, claim: Claim, people: Sequence[ReporterInput], files: Sequence[Path],
    postmarked_on: date, address: str,
) -> Receipt:  # fmt: skip
    with ExitStack() as opened:
        return letters.register(
            runtime,
            registered_by="cli",
            claim=claim,
            senders=people,
            files=[(file.name, opened.enter_context(file.open("rb"))) for file in files],
            postmarked_on=postmarked_on,
            address=address,
            consent=True,
        )
