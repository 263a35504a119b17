"""Files as a queue: each is read for its report, whoever else sent the same bytes.

What a draft shows of its files, and when, must tell nothing of other people's (R15, R17). So a
reading serves the one report that it was begun for: it waits its own turn, takes its own time and
is tried its own number of times. What verification judges by is the file's first reading
(``evidence_files.keep_readings``), the same for everybody.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select, update

from pipeline.store.leases import READING
from pipeline.store.tables import report_evidence, reports
from scheme.case import ReportState
from scheme.reading import Readings, Sha256


class FileOfReport(NamedTuple):
    """One file as one report has it."""

    report_id: str
    sha256: Sha256


def wanted(connection: Connection, file: FileOfReport, reader_version: str) -> int | None:
    """How many tries the file has behind it.

    None where this reader has read it for the report, or it was removed.
    """
    return connection.execute(
        select(report_evidence.c.attempts).where(_is(file), _unread_by(reader_version))
    ).scalar_one_or_none()


def name_of(connection: Connection, file: FileOfReport) -> str:
    """What the report's sender called the file: a hint for the opener, never a path."""
    named: str = connection.execute(
        select(report_evidence.c.file_name).where(_is(file))
    ).scalar_one()
    return named


def lease(
    connection: Connection, file: FileOfReport, owner: str, now: datetime, until: datetime
) -> bool:
    """Take the file for reading, by one conditional update, and count the try.

    False when somebody has it.
    """
    return READING.take(connection, _is(file), owner, READING.free(now), until)


def extend(connection: Connection, file: FileOfReport, owner: str, until: datetime) -> bool:
    """Keep the file longer; False when another has it by now, or it was removed."""
    return READING.extend(connection, _is(file), owner, until)


def release(connection: Connection, file: FileOfReport, owner: str) -> bool:
    """Give the file back unread; False when another has it, or the file was removed."""
    return READING.give_back(connection, _is(file), owner)


def finish(connection: Connection, file: FileOfReport, owner: str, read: Readings) -> bool:
    """The file was read for its report, and what failed before no longer counts.

    False as ``release``.

    A draft keeps what was read for it: it shows nothing that was read for others.
    """
    of_a_draft = _is_draft(connection, file.report_id)
    return READING.give_back(
        connection,
        _is(file),
        owner,
        read_by=read.reader_version,
        own_reading=read.to_json() if of_a_draft else None,
        attempts=0,
    )


def _is_draft(connection: Connection, report_id: str) -> bool:
    state = connection.execute(
        select(reports.c.state).where(reports.c.id == report_id)
    ).scalar_one()
    return bool(state == ReportState.DRAFT)


def through(connection: Connection, report_id: str, reader_version: str) -> frozenset[Sha256]:
    """The report's files that this reader has been through for it."""
    rows = connection.execute(
        select(report_evidence.c.sha256).where(
            report_evidence.c.report_id == report_id, report_evidence.c.read_by == reader_version
        )
    )
    return frozenset(Sha256(row.sha256) for row in rows)


def own_readings(connection: Connection, report_id: str) -> Mapping[Sha256, Readings]:
    """What was read for this draft, in the order of its files."""
    rows = connection.execute(
        select(report_evidence.c.sha256, report_evidence.c.own_reading)
        .where(report_evidence.c.report_id == report_id, report_evidence.c.own_reading.is_not(None))
        .order_by(report_evidence.c.position)
    )
    return {Sha256(row.sha256): Readings.from_json(row.own_reading) for row in rows}


def forget_own(connection: Connection, report_id: str) -> None:
    """The draft became a report: from here on everybody's reading of the file counts."""
    connection.execute(
        update(report_evidence)
        .where(report_evidence.c.report_id == report_id)
        .values(own_reading=None)
    )


def unread(
    connection: Connection, reader_version: str, now: datetime, attempts: int
) -> tuple[FileOfReport, ...]:
    """Files that nobody reads or has read, with attempts left: what the sweep rings for.

    Live reports only.

    What no reader has read comes first: after an upgrade, what an older one has read can wait.
    """
    rows = connection.execute(
        select(report_evidence.c.report_id, report_evidence.c.sha256)
        .join(reports, reports.c.id == report_evidence.c.report_id)
        .where(
            reports.c.state.in_((ReportState.DRAFT, ReportState.RECEIVED)),
            _unread_by(reader_version),
        )
        .where(report_evidence.c.attempts < attempts)
        .where(READING.free(now))
        .order_by(
            report_evidence.c.read_by.is_not(None),
            report_evidence.c.added_at,
            report_evidence.c.report_id,
            report_evidence.c.position,
        )
    )
    return tuple(FileOfReport(row.report_id, Sha256(row.sha256)) for row in rows)


def _is(file: FileOfReport) -> ColumnElement[bool]:
    return (report_evidence.c.report_id == file.report_id) & (
        report_evidence.c.sha256 == file.sha256
    )


def _unread_by(reader_version: str) -> ColumnElement[bool]:
    return or_(report_evidence.c.read_by.is_(None), report_evidence.c.read_by != reader_version)
