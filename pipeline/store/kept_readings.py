"""Readings, each kept beside the earlier ones: what was read of a file, by which reader version.

Who reads next, and for which report, is ``reading_queue``'s.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from pipeline.store.tables import evidence, readings, report_evidence, reports
from scheme.case import DECIDED, ON_THE_DESK
from scheme.reading import Readings, Sha256


def keep(connection: Connection, sha256: str, read: Readings, at: datetime) -> bool:
    """Keep what was read; False when this reader version's reading was there already (it stays)."""
    if is_read(connection, sha256, read.reader_version):
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


def of_file(
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

    Undecided reports' files first; with ``since`` those of reports received from then on. What was
    never read is the workers' business, and not here.
    """
    any_reading = select(readings.c.sha256).where(readings.c.sha256 == evidence.c.sha256)
    this_reading = any_reading.where(readings.c.reader_version == reader_version)
    query = (
        select(evidence.c.sha256, reports.c.id, reports.c.state, reports.c.report_number)
        .join(report_evidence, report_evidence.c.sha256 == evidence.c.sha256)
        .join(reports, reports.c.id == report_evidence.c.report_id)
        .where(reports.c.state.in_((*ON_THE_DESK, *DECIDED)))
        .where(any_reading.exists(), ~this_reading.exists())
        .order_by(reports.c.receipt_seq, report_evidence.c.position)
    )
    if since is not None:
        query = query.where(reports.c.received_at >= since)
    rows = connection.execute(query).all()
    read_for: dict[Sha256, str] = {}
    decided: dict[Sha256, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.state in DECIDED):
        sha256 = Sha256(row.sha256)
        read_for.setdefault(sha256, row.id)
        numbers = decided.setdefault(sha256, [])
        if row.state in DECIDED:
            numbers.append(row.report_number)
    return tuple(
        StaleFile(report_id, sha256, tuple(decided[sha256]))
        for sha256, report_id in read_for.items()
    )
