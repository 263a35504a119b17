"""Files that may be nobody's any more.

Noted when somebody lets go of one, until it is settled what becomes of it.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import (
    evidence,
    fingerprint_chunks,
    fingerprints,
    readings,
    report_evidence,
    unreferenced_files,
)
from scheme.reading import Sha256


def let_go(connection: Connection, report_id: str, at: datetime) -> tuple[Sha256, ...]:
    """Let an expired draft have no files any more; which it had."""
    theirs = report_evidence.c.report_id == report_id
    rows = connection.execute(
        select(report_evidence.c.sha256).where(theirs).order_by(report_evidence.c.position)
    )
    had = tuple(Sha256(row.sha256) for row in rows)
    connection.execute(delete(report_evidence).where(theirs))
    suspect(connection, had, at)
    return had


def suspect(connection: Connection, sha256s: Iterable[Sha256], at: datetime) -> None:
    """Note that somebody let go of these files: perhaps nobody has them any more."""
    for sha256 in sha256s:
        settle(connection, sha256)
        connection.execute(insert(unreferenced_files).values(sha256=sha256, let_go_at=at))


def suspected(connection: Connection, limit: int) -> tuple[Sha256, ...]:
    """Files that somebody let go of, the earliest first."""
    query = select(unreferenced_files.c.sha256).order_by(
        unreferenced_files.c.let_go_at, unreferenced_files.c.sha256
    )
    return tuple(Sha256(row.sha256) for row in connection.execute(query.limit(limit)))


def settle(connection: Connection, sha256: Sha256) -> None:
    """The file is gone, or somebody has it: nothing is left to do about it."""
    connection.execute(delete(unreferenced_files).where(unreferenced_files.c.sha256 == sha256))


def is_referenced(connection: Connection, sha256: Sha256) -> bool:
    """Whether a draft or a report has the file."""
    had = select(report_evidence.c.sha256).where(report_evidence.c.sha256 == sha256).limit(1)
    return connection.execute(had).first() is not None


def forget(connection: Connection, sha256: Sha256) -> bool:
    """Forget a file that nobody has, and what was read in it.

    False where it was forgotten before.
    """
    prints = select(fingerprints.c.id).where(fingerprints.c.sha256 == sha256)
    connection.execute(
        delete(fingerprint_chunks).where(fingerprint_chunks.c.fingerprint_id.in_(prints))
    )
    for table in (fingerprints, readings):
        connection.execute(delete(table).where(table.c.sha256 == sha256))
    return connection.execute(delete(evidence).where(evidence.c.sha256 == sha256)).rowcount == 1
