"""What reports claim, version by version.

A claim that was submitted is never edited: a correction is a further version. A draft's is written
over until then.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, func, insert, select

from pipeline.by_name import copied, named
from pipeline.store.tables import claims
from scheme.reading import PlateNumber
from scheme.report import Claim


@dataclass(frozen=True, slots=True)
class ClaimVersion:
    """One version of the claim: 1 as the reporter said, the highest in force.

    ``made_by``: reporter or an account.
    """

    version: int
    made_at: datetime
    made_by: str
    reason: str
    claim: Claim


def history(connection: Connection, report_id: str) -> tuple[ClaimVersion, ...]:
    """Every version of the claim, oldest first; empty for a draft that says nothing yet."""
    rows = connection.execute(
        select(claims).where(claims.c.report_id == report_id).order_by(claims.c.version)
    )
    return tuple(version_of_row(row) for row in rows)


def in_force(connection: Connection, report_id: str) -> ClaimVersion | None:
    """The version that counts; None for a draft that says nothing yet."""
    versions = history(connection, report_id)
    return versions[-1] if versions else None


def add(  # noqa: PLR0913 - what a version of a claim consists of
    connection: Connection,
    report_id: str,
    claim: Claim,
    *,
    at: datetime,
    made_by: str,
    reason: str = "",
) -> int:
    """Add a version of the claim; returns its number."""
    last = connection.execute(
        select(func.max(claims.c.version)).where(claims.c.report_id == report_id)
    ).scalar_one()
    version = ClaimVersion((last or 0) + 1, at, made_by, reason, claim)
    _write(connection, report_id, version)
    return version.version


def set_draft(connection: Connection, report_id: str, claim: Claim, at: datetime) -> None:
    """What the reporter says in a draft: version 1, written over until the report is submitted."""
    connection.execute(claims.delete().where(claims.c.report_id == report_id))
    _write(connection, report_id, ClaimVersion(1, at, "reporter", "", claim))


def _write(connection: Connection, report_id: str, version: ClaimVersion) -> None:
    connection.execute(
        insert(claims).values(
            report_id=report_id,
            version=version.version,
            made_at=version.made_at,
            made_by=version.made_by,
            reason=version.reason,
            **named(Claim, version.claim),
        )
    )


def version_of_row(row: Row[Any]) -> ClaimVersion:
    """The version in a row that has all columns of ``claims``."""
    return ClaimVersion(row.version, row.made_at, row.made_by, row.reason, claim_of_row(row))


def claim_of_row(row: Row[Any]) -> Claim:
    """The claim in a row that has all columns of ``claims``."""
    plate = None if row.plate is None else PlateNumber(row.plate)
    return copied(Claim, row, plate=plate)


def counts_for(of: FromClause) -> ColumnElement[bool]:
    """Joins the version that counts to each row of ``of``, whose ``id`` is a report's."""
    versions = claims.alias()
    newest = select(func.max(versions.c.version)).where(versions.c.report_id == of.c.id)
    of_report = claims.c.report_id == of.c.id
    return and_(of_report, claims.c.version == newest.correlate(of).scalar_subquery())
