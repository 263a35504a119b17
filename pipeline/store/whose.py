"""Whose a report is: ids of persons only, which say nothing about anybody (R17).

Who they are is in ``identities``, and never here.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from pipeline.store import claims, joined
from pipeline.store.tables import persons, report_evidence, report_reporters, reports


def person_ids(connection: Connection, report_id: str) -> tuple[str, ...]:
    """The reporters of a report, first named first, as ids that say nothing about anybody."""
    rows = connection.execute(
        select(report_reporters.c.person_id)
        .where(report_reporters.c.report_id == report_id)
        .order_by(report_reporters.c.position)
    )
    return tuple(row.person_id for row in rows)


def reports_of_the_same_people(connection: Connection, report_id: str) -> frozenset[str]:
    """Every received report of somebody who has sent this one, under one number or several."""
    rows_of_humans: set[str] = set()
    for person_id in person_ids(connection, report_id):
        rows_of_humans.update(joined.everybody(connection, person_id))
    return frozenset(reports_of(connection, rows_of_humans))


def reports_of(connection: Connection, those: Collection[str]) -> tuple[str, ...]:
    """Every received report of these persons, in order of receipt."""
    rows = connection.execute(
        select(reports.c.id, reports.c.receipt_seq)
        .join(report_reporters, report_reporters.c.report_id == reports.c.id)
        .where(report_reporters.c.person_id.in_(those), reports.c.receipt_seq.is_not(None))
        .distinct()
        .order_by(reports.c.receipt_seq)
    )
    return tuple(row.id for row in rows)


def persons_exist(connection: Connection) -> bool:
    """Whether any identity is stored at all."""
    return connection.execute(select(persons.c.id).limit(1)).first() is not None


def numbers_with_same_file(  # noqa: PLR0913 - what makes a report a repeat
    connection: Connection,
    sha256s: Sequence[str],
    *,
    category: str,
    person_ids: Sequence[str],
    exclude: str,
    before: int | None = None,
) -> tuple[str, ...]:
    """Numbers of these persons' received reports with one of these files, oldest first.

    Of this category only; with ``before`` only those with a smaller ``receipt_seq``.
    """
    query = (
        select(reports.c.id, reports.c.report_number, reports.c.receipt_seq)
        .join(report_evidence, report_evidence.c.report_id == reports.c.id)
        .join(report_reporters, report_reporters.c.report_id == reports.c.id)
        .where(reports.c.receipt_seq.is_not(None), reports.c.id != exclude)
        .where(report_evidence.c.sha256.in_(sha256s), report_reporters.c.person_id.in_(person_ids))
        .distinct()
        .order_by(reports.c.receipt_seq)
    )
    if before is not None:
        query = query.where(reports.c.receipt_seq < before)
    numbers: list[str] = []
    for row in connection.execute(query).all():
        version = claims.in_force(connection, row.id)
        if version is not None and version.claim.category == category:
            numbers.append(row.report_number)
    return tuple(numbers)
