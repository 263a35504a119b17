"""What is known of each file, and which reports have it, as rows.

The bytes lie in ``originals``; a row is written only when they are on disk for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from pipeline.store.originals import NoSuchFile, Received
from pipeline.store.tables import evidence, report_evidence, reports
from scheme.belonging import SentFile
from scheme.reading import MediaKind, Sha256
from scheme.report import Evidence


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
    query = select(evidence.c.sha256).where(evidence.c.sha256 == sha256)
    return connection.execute(query).first() is not None


def by_sha256(connection: Connection, sha256: str) -> StoredFile:
    """One file. Raises NoSuchFile."""
    row = connection.execute(select(evidence).where(evidence.c.sha256 == sha256)).one_or_none()
    if row is None:
        raise NoSuchFile(sha256)
    return StoredFile(Sha256(row.sha256), MediaKind(row.kind), row.format, row.mime, row.size_bytes)


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
