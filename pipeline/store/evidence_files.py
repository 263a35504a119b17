"""The originals: every file once, byte for byte, under its SHA-256.

And the rows that speak of them.

Order of work: bytes aside and hashed, fsync, rename, fsync of the folder, and only then a row. A
row without its file cannot be (the other orders lost 38 to 41 of 400 reports under SIGKILL,
TRUST.md M3); a file without a row is a harmless orphan that ``fsck`` names.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256 as sha256_hash
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from pipeline.store.storage import full_disk_named
from pipeline.store.tables import evidence, readings, report_evidence, reports
from scheme.case import ON_THE_DESK, ReportState
from scheme.reading import MediaKind, Readings, Sha256
from scheme.report import Evidence

CHUNK_BYTES: Final = 1 << 18
HEAD_BYTES: Final = 1 << 16
DONE_WITH: Final = (ReportState.DECIDED, ReportState.ANSWERED)


class EmptyFile(Exception):
    """A file without a byte in it."""


class FileTooLarge(Exception):
    """A file above what its type may have: ``limit_bytes``; nothing of it was kept."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"more than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class NoSuchFile(Exception):
    """No such file in this report."""


class Received(NamedTuple):
    """A file that is on disk for good."""

    sha256: Sha256
    size_bytes: int


@dataclass(frozen=True, slots=True)
class EvidenceFiles:
    """The folder of the originals: ``<root>/ab/cd/abcd…``. Its bytes never change."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the file lies (or would lie)."""
        if len(sha256) != sha256_hash().digest_size * 2 or not set(sha256) <= set(
            "0123456789abcdef"
        ):
            raise NoSuchFile(sha256)
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def receive(self, stream: BinaryIO, admit: Callable[[bytes], int]) -> Received:
        """Keep the bytes of ``stream``.

        They are durable when this returns, and at most a chunk is in memory.

        ``admit`` sees the first bytes before anything is written and returns the size limit, or
        raises. Raises EmptyFile, FileTooLarge, StorageFull; whatever is raised, nothing is left
        behind.
        """
        head = _head(stream)
        if not head:
            raise EmptyFile
        limit_bytes = admit(head)
        with full_disk_named():
            return self._keep(head, stream, limit_bytes)

    def _keep(self, head: bytes, stream: BinaryIO, limit_bytes: int) -> Received:
        aside = self._aside()
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            received = _write(aside, head, stream, limit_bytes)
            target = self.path(received.sha256)
            self._put(aside, target)
            return received
        finally:
            aside.unlink(missing_ok=True)

    def _aside(self) -> Path:
        return self.root / "aside" / secrets.token_hex(16)

    def _put(self, aside: Path, target: Path) -> None:
        """Let the file appear under its name, for good.

        It replaces the very same bytes, and every folder is synced at the end, made or not: a file
        that is known here takes as long as one that is new, so the answer to an upload does not
        tell which it is (R15, R17). Who made a folder may not have come as far as syncing it.
        """
        folders = (target.parent, target.parent.parent, self.root, self.root.parent)
        for folder in reversed(folders):
            folder.mkdir(exist_ok=True)
        aside.replace(target)
        for folder in folders:
            _sync_folder(folder)

    def stored(self) -> Iterator[tuple[Sha256, Path]]:
        """Every file in the folder that has its name's form, in no order."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            yield Sha256(path.name), path

    def left_aside(self) -> Iterator[Path]:
        """Pieces of uploads that a crash broke off: nobody has a receipt for them."""
        yield from self.root.glob("aside/*")


def _head(stream: BinaryIO) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES and (chunk := stream.read(HEAD_BYTES - len(head))):
        head += chunk
    return head


def _write(aside: Path, head: bytes, stream: BinaryIO, limit_bytes: int) -> Received:
    digest, size_bytes, chunk = sha256_hash(), 0, head
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        while chunk:
            size_bytes += len(chunk)
            if size_bytes > limit_bytes:
                raise FileTooLarge(limit_bytes)
            digest.update(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[
                    file.write(rest) :
                ]  # a disk that is nearly full takes a part, then refuses
            chunk = stream.read(CHUNK_BYTES)
        os.fsync(file.fileno())
    return Received(Sha256(digest.hexdigest()), size_bytes)


def hash_of(path: Path) -> Sha256:
    """The SHA-256 of a file, read chunk by chunk."""
    with path.open("rb") as file:
        digest = sha256_hash()
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return Sha256(digest.hexdigest())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- rows ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a file without reading it."""

    sha256: Sha256
    kind: MediaKind
    format: str
    mime: str
    size_bytes: int


def add(  # noqa: PLR0913 - what is known of a file
    connection: Connection,
    received: Received,
    *,
    kind: MediaKind,
    format_: str,
    mime: str,
    at: datetime,
) -> None:
    """Remember a file that is on disk; a file that is known already stays as it was."""
    if is_known(connection, received.sha256):
        return
    values = {"kind": kind, "format": format_, "mime": mime, "stored_at": at}
    connection.execute(
        insert(evidence).values(sha256=received.sha256, size_bytes=received.size_bytes, **values)
    )


def attach(
    connection: Connection, report_id: str, sha256: Sha256, file_name: str, at: datetime
) -> bool:
    """Let a report have a file, behind those it has; False when it has it already."""
    theirs = report_evidence.c.report_id == report_id
    if connection.execute(
        select(report_evidence.c.sha256).where(theirs, report_evidence.c.sha256 == sha256)
    ).first():
        return False
    last = connection.execute(
        select(func.max(report_evidence.c.position)).where(theirs)
    ).scalar_one()
    position = 0 if last is None else last + 1
    connection.execute(
        insert(report_evidence).values(
            report_id=report_id, sha256=sha256, position=position, file_name=file_name, added_at=at
        )
    )
    return True


def added_later(connection: Connection, report_id: str) -> tuple[datetime, ...]:
    """When files came to a report that had been received; those of its draft came with it."""
    query = (
        select(report_evidence.c.added_at)
        .join(reports, reports.c.id == report_evidence.c.report_id)
        .where(reports.c.id == report_id, report_evidence.c.added_at > reports.c.received_at)
        .order_by(report_evidence.c.position)
    )
    return tuple(connection.execute(query).scalars())


def detach(connection: Connection, report_id: str, sha256: Sha256) -> None:
    """Take a file out of a draft; the bytes stay for now. Raises NoSuchFile."""
    gone = connection.execute(
        delete(report_evidence).where(
            report_evidence.c.report_id == report_id, report_evidence.c.sha256 == sha256
        )
    )
    if gone.rowcount != 1:
        raise NoSuchFile(sha256)


def of_report(connection: Connection, report_id: str) -> tuple[Evidence, ...]:
    """The files of a report, in the order they came."""
    rows = connection.execute(
        select(evidence.c.sha256, evidence.c.kind, evidence.c.size_bytes, report_evidence)
        .join(report_evidence, report_evidence.c.sha256 == evidence.c.sha256)
        .where(report_evidence.c.report_id == report_id)
        .order_by(report_evidence.c.position)
    )
    return tuple(
        Evidence(
            Sha256(row.sha256), MediaKind(row.kind), row.size_bytes, row.file_name, row.position
        )
        for row in rows
    )


def is_known(connection: Connection, sha256: str) -> bool:
    """Whether the file has a row."""
    return (
        connection.execute(select(evidence.c.sha256).where(evidence.c.sha256 == sha256)).first()
        is not None
    )


def by_sha256(connection: Connection, sha256: str) -> StoredFile:
    """One file. Raises NoSuchFile."""
    row = connection.execute(select(evidence).where(evidence.c.sha256 == sha256)).one_or_none()
    if row is None:
        raise NoSuchFile(sha256)
    return StoredFile(Sha256(row.sha256), MediaKind(row.kind), row.format, row.mime, row.size_bytes)


class SentFile(NamedTuple):
    """One file as one received report has it."""

    report_id: str
    sha256: Sha256
    kind: MediaKind


def received_with(
    connection: Connection, sha256s: Sequence[str], *, but: str
) -> tuple[SentFile, ...]:
    """Every received report that has one of these files, in order of receipt.

    ``but`` is the one that asks.
    """
    rows = connection.execute(
        select(reports.c.id, evidence.c.sha256, evidence.c.kind)
        .join(report_evidence, report_evidence.c.report_id == reports.c.id)
        .join(evidence, evidence.c.sha256 == report_evidence.c.sha256)
        .where(
            reports.c.receipt_seq.is_not(None), reports.c.id != but, evidence.c.sha256.in_(sha256s)
        )
        .order_by(reports.c.receipt_seq, report_evidence.c.position)
    )
    return tuple(SentFile(row.id, Sha256(row.sha256), MediaKind(row.kind)) for row in rows)


# -- readings --------------------------------------------------------------------------------------


def keep_readings(connection: Connection, sha256: str, read: Readings, at: datetime) -> bool:
    """Keep what was read; False when this reader version's reading was there already (it stays)."""
    there = select(readings.c.sha256).where(
        readings.c.sha256 == sha256, readings.c.reader_version == read.reader_version
    )
    if connection.execute(there).first():
        return False
    connection.execute(
        insert(readings).values(
            sha256=sha256,
            reader_version=read.reader_version,
            schema=read.schema,
            made_at=at,
            body=read.to_json(),
        )
    )
    return True


def readings_of(
    connection: Connection, sha256: str, reader_version: str | None = None
) -> Readings | None:
    """The reading of that version, or the newest one; None when the file was never read."""
    query = (
        select(readings.c.body)
        .where(readings.c.sha256 == sha256)
        .order_by(readings.c.made_at.desc())
        .limit(1)
    )
    if reader_version is not None:
        query = query.where(readings.c.reader_version == reader_version)
    body = connection.execute(query).scalar_one_or_none()
    return None if body is None else Readings.from_json(body)


def is_read(connection: Connection, sha256: str, reader_version: str) -> bool:
    """Whether this version of the reader has read the file."""
    there = select(readings.c.sha256).where(
        readings.c.sha256 == sha256, readings.c.reader_version == reader_version
    )
    return connection.execute(there).first() is not None


class StaleFile(NamedTuple):
    """A file that only older readers have read, and the decided reports that have it.

    ``report_id``: for which report it is read again.
    """

    report_id: str
    sha256: Sha256
    decided: tuple[str, ...]


def stale(
    connection: Connection, reader_version: str, since: datetime | None
) -> tuple[StaleFile, ...]:
    """Files of judged reports that older readers have read and this one has not.

    Undecided reports' files first.

    ``since``: of reports received from then on. What was never read is the workers' business, and
    not here.
    """
    theirs = select(readings.c.sha256).where(readings.c.sha256 == evidence.c.sha256)
    query = (
        select(evidence.c.sha256, reports.c.id, reports.c.state, reports.c.report_number)
        .join(report_evidence, report_evidence.c.sha256 == evidence.c.sha256)
        .join(reports, reports.c.id == report_evidence.c.report_id)
        .where(reports.c.state.in_((*ON_THE_DESK, *DONE_WITH)))
        .where(theirs.exists(), ~theirs.where(readings.c.reader_version == reader_version).exists())
        .order_by(reports.c.receipt_seq, report_evidence.c.position)
    )
    if since is not None:
        query = query.where(reports.c.received_at >= since)
    rows = connection.execute(query).all()
    first: dict[Sha256, str] = {}
    decided: dict[Sha256, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.state in DONE_WITH):
        sha256 = Sha256(row.sha256)
        first.setdefault(sha256, row.id)
        numbers = decided.setdefault(sha256, [])
        if row.state in DONE_WITH:
            numbers.append(row.report_number)
    return tuple(
        StaleFile(first[sha256], sha256, tuple(numbers)) for sha256, numbers in decided.items()
    )


# -- checking --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fsck:
    """What does not fit together.

    Only the first two are losses; orphans and pieces are from broken-off uploads.
    """

    rows_without_file: tuple[Sha256, ...]
    damaged: tuple[Sha256, ...]
    orphans: tuple[Sha256, ...]
    pieces: int

    @property
    def whole(self) -> bool:
        """Whether every file that a row speaks of is there, byte for byte."""
        return not self.rows_without_file and not self.damaged


def fsck(connection: Connection, files: EvidenceFiles) -> Fsck:
    """Compare every row with its file, reading every byte (P15)."""
    known = {
        row.sha256: row.size_bytes
        for row in connection.execute(select(evidence.c.sha256, evidence.c.size_bytes))
    }
    stored = dict(files.stored())
    return Fsck(
        rows_without_file=tuple(Sha256(sha256) for sha256 in sorted(known.keys() - stored.keys())),
        damaged=tuple(
            sha256
            for sha256 in sorted(stored)
            if sha256 in known and hash_of(stored[sha256]) != sha256
        ),
        orphans=tuple(sorted(stored.keys() - known.keys())),
        pieces=sum(1 for _ in files.left_aside()),
    )
