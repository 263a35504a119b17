"""Explanations why there is no result yet (R9).

Each on record, with the due time it met or missed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from pipeline.store.tables import explanations


@dataclass(frozen=True, slots=True)
class Explanation:
    """One explanation.

    ``in_time``: it came before ``due_was``, and the answer is due by ``due_now`` since.

    A time is None where no calendar gave it.
    """

    made_at: datetime
    made_by: str
    in_time: bool
    due_was: datetime | None
    due_now: datetime | None


def add(connection: Connection, report_id: str, explanation: Explanation) -> None:
    """Put an explanation on record."""
    connection.execute(
        insert(explanations).values(
            report_id=report_id,
            made_at=explanation.made_at,
            made_by=explanation.made_by,
            in_time=explanation.in_time,
            due_was=explanation.due_was,
            due_now=explanation.due_now,
        )
    )


def of_report(connection: Connection, report_id: str) -> tuple[Explanation, ...]:
    """Every explanation of the report, oldest first."""
    rows = connection.execute(
        select(explanations)
        .where(explanations.c.report_id == report_id)
        .order_by(explanations.c.id)
    )
    return tuple(explanation_of_row(row) for row in rows)


def explanation_of_row(row: Row[Any]) -> Explanation:
    """The explanation in a row that has all columns of ``explanations``."""
    return Explanation(row.made_at, row.made_by, row.in_time, row.due_was, row.due_now)
