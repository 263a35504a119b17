"""Cases: one incident each, opened, merged, and found again through its mergers.

Everything that changes a case runs under the write lock, so what is read here stays true until the
commit. What its reports say stands in ``case_reports``, never here.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    insert,
    select,
    update,
)

from pipeline.store.counters import next_number
from pipeline.store.tables import cases, reports
from scheme.case import CaseNotFound


@dataclass(frozen=True, slots=True)
class Case:
    """One incident.

    ``merged_into`` names the case that took it over; reports always point at that one.
    """

    case_id: str
    number: str
    category: str
    opened_at: datetime
    merged_into: str | None


def open_case(connection: Connection, *, category: str, at: datetime) -> str:
    """A new case without reports; returns its id."""
    case_id = secrets.token_hex(16)
    number = f"C{at:%y}-{next_number(connection, 'case_number'):05d}"
    connection.execute(
        insert(cases).values(id=case_id, number=number, category=category, opened_at=at)
    )
    return case_id


def case_of_report(connection: Connection, report_id: str) -> str | None:
    """The case that the report stands in now; None before it was linked."""
    return connection.execute(
        select(reports.c.case_id).where(reports.c.id == report_id)
    ).scalar_one_or_none()


def link(connection: Connection, report_id: str, case_id: str) -> None:
    """Put the report into the case (or into the case that took that one over)."""
    whole = resolve(connection, case_id)
    connection.execute(update(reports).where(reports.c.id == report_id).values(case_id=whole))


def resolve(connection: Connection, case_id: str) -> str:
    """Follow merges to the case that stands for ``case_id`` today. Raises CaseNotFound."""
    return read_whole(connection, case_id).case_id


def read(connection: Connection, case_id: str) -> Case:
    """The case row itself, merged or not. Raises CaseNotFound."""
    row = connection.execute(select(cases).where(cases.c.id == case_id)).one_or_none()
    if row is None:
        raise CaseNotFound(case_id)
    return case_of_row(row)


def case_of_row(row: Row[Any]) -> Case:
    """The case in a row that has all columns of ``cases``."""
    return Case(row.id, row.number, row.category, row.opened_at, row.merged_into)


def read_whole(connection: Connection, case_id: str) -> Case:
    """The case that stands for ``case_id`` today. Raises CaseNotFound."""
    case = read(connection, case_id)
    while case.merged_into is not None:
        case = read(connection, case.merged_into)
    return case


def merge(connection: Connection, case_id: str, into_case_id: str) -> None:
    """Hand every report of ``case_id`` to ``into_case_id``.

    Both must be whole; rewards are the caller's to move.
    """
    connection.execute(update(cases).where(cases.c.id == case_id).values(merged_into=into_case_id))
    connection.execute(
        update(reports).where(reports.c.case_id == case_id).values(case_id=into_case_id)
    )


def set_category(connection: Connection, case_id: str, category: str) -> None:
    """The case is of another category: its only report's claim was corrected."""
    connection.execute(update(cases).where(cases.c.id == case_id).values(category=category))


def merged_into(connection: Connection, case_id: str) -> tuple[Case, ...]:
    """Every case that this one took over, straight or through another, by number."""
    taken_over: list[Case] = []
    waiting = [case_id]
    while waiting:
        query = select(cases).where(cases.c.merged_into == waiting.pop()).order_by(cases.c.number)
        for row in connection.execute(query):
            taken_over.append(case_of_row(row))
            waiting.append(row.id)
    return tuple(sorted(taken_over, key=lambda case: case.number))
