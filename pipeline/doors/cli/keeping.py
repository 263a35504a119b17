"""Commands that hold what is stored against what is on record."""

from typing import Annotated

import typer

from pipeline.doors.cli.terminal import err, open_installation, out, stop
from pipeline.paying import audit
from pipeline.paying.audit import FAULTS, Head
from pipeline.store import fsck as stored_fsck

KeptHead = Annotated[str, typer.Option(help="a head noted before, as this command prints it")]

CHANGED = (
    "Something was changed beside the product. Leave everything as it is, and keep a copy of it."
)
NO_HEAD = (
    "Without a head kept apart, a log that was cut off or rewritten as a whole looks the same."
)


def verify_audit(head: KeptHead = "") -> None:
    """Walk the audit log, hold ledger, shares and batches against it, and a kept head against both.

    The head, noted outside this machine, shows whether the log was cut off or rewritten since.
    """
    kept = Head.parse(head) if head else None
    with open_installation().read() as work:
        verified = audit.verify(work, kept)
    _print_faults(verified)
    if not verified.sound:
        stop(CHANGED)
    out.print(f"{verified.head.count} entries, unbroken, and every fen is on record.")
    if kept is None:
        out.print(NO_HEAD)
    out.print(f"Head, to note outside this machine: {verified.head}", highlight=False)


def _print_faults(verified: audit.Verified) -> None:
    if verified.broken:
        err.print(
            f"The audit log is broken at entry {verified.broken.seq}: {verified.broken.reason}.",
            style="red",
        )
    if verified.kept_holds is False:
        err.print(
            "The audit log does not go on from that head: it was cut off or rewritten since.",
            style="red",
        )
    for fault in verified.faults:
        err.print(
            f"{fault.what}: {FAULTS[fault.code]} ({fault.code}, {fault.found})",
            style="red",
            highlight=False,
        )


def fsck() -> None:
    """Compare every stored file with its row, reading every byte.

    Names what is missing, damaged or left over.
    """
    with open_installation().read() as work, err.status("reading every file"):
        comparison = stored_fsck.check(work.connection, work.files)
    for sha256 in comparison.rows_without_file:
        err.print(f"missing  {sha256}", style="red", highlight=False)
    for sha256 in comparison.damaged:
        err.print(f"damaged  {sha256}", style="red", highlight=False)
    for sha256 in comparison.orphans:
        out.print(f"left over from a broken-off upload  {sha256}", highlight=False)
    if not comparison.whole:
        stop("Files are missing or damaged: restore them from the backup.")
    left_over = len(comparison.orphans) + comparison.pieces
    out.print(f"Every file is there, byte for byte; {left_over} left over.")
