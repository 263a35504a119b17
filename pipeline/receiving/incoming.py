"""Files as they come in: streamed, hashed while written, durable before the row, then in the draft.

Further material goes the same way into a report that was received already (R11).
"""

from collections.abc import Sequence
from typing import BinaryIO, Final

from pipeline.paying import awarding
from pipeline.receiving import drafts
from pipeline.runtime import Runtime, Work
from pipeline.store import claims, evidence_files, reports, unreferenced
from pipeline.store.actions import Action
from pipeline.store.leases import VERIFYING
from pipeline.store.originals import Received
from pipeline.store.reports import ReportRow
from scheme import plain_text
from scheme.case import UNDECIDED, ForbiddenMove, ReportState
from scheme.policy import Category
from scheme.reading import MediaKind, Sha256
from scheme.report import Evidence
from verifiers.media import formats

MOST_FILES: Final = 20
FILE_WAIT_S: Final = 40.0
"""Whoever sent a file, for minutes perhaps, rather waits for the write lock than sends it again."""
LONGEST_FILE_NAME: Final = 255


class SendAgain(Exception):
    """The file was removed between its last byte and its row: it has to be sent once more."""


class TooManyFiles(Exception):
    """A report has at most ``limit`` files."""

    def __init__(self, limit: int = MOST_FILES) -> None:
        super().__init__(str(limit))
        self.limit = limit


class MediumNotAdmitted(Exception):
    """This kind of file proves nothing in this category (R4): ``category``, ``kind``."""

    def __init__(self, category: str, kind: MediaKind) -> None:
        super().__init__(f"{kind} for {category}")
        self.category, self.kind = category, kind


def store_file(runtime: Runtime, *, report_id: str, file_name: str, stream: BinaryIO) -> Evidence:
    """Take a file into a draft; it is durable, and in the draft, when this returns.

    The same file again is no error.

    Raises EmptyFile, TypeNotAllowed, TypeMismatch, FileTooLarge, TooManyFiles, MediumNotAdmitted,
    StorageFull, DraftNotFound, AlreadySubmitted: nothing of the file is kept then.
    """
    with runtime.read() as work:
        drafts.still_open(work, report_id)
    return _take_in(runtime, report_id, file_name, stream, added=False)


def add_file_to_report(
    runtime: Runtime, *, report_id: str, file_name: str, stream: BinaryIO
) -> Evidence:
    """Take further material after the receipt.

    The report is verified anew and keeps its place in line (R11).

    A decision that was not answered yet is set aside; a file that the report has already changes
    nothing.

    Raises ForbiddenMove once the answer has left or the report is withdrawn, NoSuchReport, and what
    ``store_file`` raises.
    """
    with runtime.read() as work:
        _require_may_grow(work, reports.by_id(work.connection, report_id))
    return _take_in(runtime, report_id, file_name, stream, added=True)


def files_of(work: Work, report_id: str) -> tuple[Evidence, ...]:
    """The files of a report, in the order they came."""
    return evidence_files.of_report(work.connection, report_id)


def remove_file(work: Work, *, report_id: str, sha256: str) -> None:
    """Take a file out of a draft. Raises NoSuchFile, DraftNotFound, AlreadySubmitted."""
    drafts.still_open(work, report_id)
    evidence_files.detach(work.connection, report_id, Sha256(sha256))
    unreferenced.suspect(work.connection, [Sha256(sha256)], work.now)
    work.record("reporter", Action.FILE_REMOVED, f"report/{report_id}", sha256=sha256)


class _Door:
    """What a file is by its first bytes, asked while it arrives: the rest is taken or refused.

    ``format`` is set once the first bytes have come.
    """

    format: formats.Format

    def __init__(self, file_name: str, category: Category | None) -> None:
        self.file_name, self.category = file_name, category

    def admit(self, head: bytes) -> int:
        """How many bytes it may have. Raises TypeNotAllowed, TypeMismatch, MediumNotAdmitted."""
        self.format = formats.admit(head[: formats.HEAD_BYTES], self.file_name)
        kind = self.format.kind
        if self.category is not None and not self.category.admits(kind):
            raise MediumNotAdmitted(self.category.key, kind)
        return self.format.max_bytes


def _take_in(
    runtime: Runtime, report_id: str, file_name: str, stream: BinaryIO, *, added: bool
) -> Evidence:
    with runtime.read() as work:
        door = _Door(file_name, _category_so_far(work, report_id))
        _require_room(evidence_files.of_report(work.connection, report_id))
    # outside any transaction: it takes as long as the sender does
    received = runtime.files.receive(stream, door.admit)
    with runtime.write(wait_s=FILE_WAIT_S) as work:
        _require_welcome(work, report_id, added=added)
        if not work.files.path(received.sha256).is_file():
            raise SendAgain
        new = _attach(work, report_id, file_name, received, door.format)
        if added and new:
            _grow(work, report_id)
        if not added:
            work.ring("read_evidence", report_id=report_id, sha256=received.sha256)
        evidence = evidence_files.of_report(work.connection, report_id)
        return next(file for file in evidence if file.sha256 == received.sha256)


def _require_welcome(work: Work, report_id: str, *, added: bool) -> None:
    if added:
        _require_may_grow(work, reports.by_id(work.connection, report_id))
    else:
        drafts.still_open(work, report_id)


def _attach(
    work: Work, report_id: str, file_name: str, received: Received, format_: formats.Format
) -> bool:
    """Put the file on record and into the report; False where the report has it already."""
    evidence_files.add(
        work.connection,
        received,
        kind=format_.kind,
        format_=format_.name,
        mime=format_.mime,
        at=work.now,
    )
    new = evidence_files.attach(
        work.connection, report_id, received.sha256, as_text(file_name), work.now
    )
    if new:
        evidence = evidence_files.of_report(work.connection, report_id)
        _require_room(evidence, just_added=True)
        work.record("reporter", Action.FILE_ADDED, f"report/{report_id}", sha256=received.sha256)
    return new


def _require_room(evidence: Sequence[Evidence], *, just_added: bool = False) -> None:
    if len(evidence) - just_added >= MOST_FILES:
        raise TooManyFiles


def _require_may_grow(work: Work, report: ReportRow) -> None:
    if report.state is ReportState.DECIDED:
        awarding.require_unanswered(work, report, ReportState.RECEIVED)
    elif report.state not in UNDECIDED:
        raise ForbiddenMove("report", report.state, ReportState.RECEIVED)


def _grow(work: Work, report_id: str) -> None:
    """Send the report back to be verified.

    One that waits for that already is verified with the new file.
    """
    report = reports.by_id(work.connection, report_id)
    if report.state is ReportState.DECIDED:
        awarding.set_aside(work, report, ReportState.RECEIVED)
    again = {**VERIFYING.ended, "attempts": 0, "asked_for": None}
    if report.state is ReportState.RECEIVED:
        reports.change(work.connection, report_id, **again)
    else:
        reports.move(work.connection, report_id, ReportState.RECEIVED, **again)
    work.ring("verify_report", report_id=report_id)


def _category_so_far(work: Work, report_id: str) -> Category | None:
    claim = claims.in_force(work.connection, report_id)
    if claim is None:
        return None
    policy = work.policies.substance_at(claim.claim.violated_at or work.now)
    return policy.substance.categories.get(claim.claim.category)


def as_text(file_name: str) -> str:
    """What the sender called a file, as harmless text.

    Signs that do not show are written out, and it is cut short.

    It is never a path: files lie under their hash.
    """
    return plain_text.shown_whole(file_name[:LONGEST_FILE_NAME])[:LONGEST_FILE_NAME]
