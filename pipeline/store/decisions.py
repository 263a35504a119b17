"""Decisions: every answer to a report, by version, and who took part in it.

A decision is never edited: it is undone, or superseded by a later version. The report's state moves
with it in ``undecided``.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, literal, select, update

from pipeline.by_name import copied
from pipeline.store.tables import decisions, reports
from scheme.codec import from_json, to_json
from scheme.decision import Verdict
from scheme.finding import Proof


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One answer to one report; never edited, only undone or superseded by a later version."""

    decision_id: str
    report_id: str
    version: int
    verdict: Verdict
    reasons: tuple[str, ...]
    note: str
    proof: Proof | None
    officer: str
    decided_at: datetime
    undone_at: datetime | None


def add(  # noqa: PLR0913 - what a decision consists of
    connection: Connection,
    report_id: str,
    *,
    verdict: Verdict,
    reasons: Sequence[str],
    note: str,
    proof: Proof | None,
    officer: str,
    at: datetime,
    procedure_policy: str,
) -> str:
    """The next version of the report's decision; returns its id."""
    decision_id = secrets.token_hex(16)
    last = connection.execute(
        select(func.max(decisions.c.version)).where(decisions.c.report_id == report_id)
    ).scalar_one_or_none()
    connection.execute(
        insert(decisions).values(
            id=decision_id,
            report_id=report_id,
            version=(last or 0) + 1,
            verdict=verdict,
            reasons=json.dumps(list(reasons)),
            note=note,
            proof=None if proof is None else to_json(proof),
            officer=officer,
            decided_at=at,
            procedure_policy=procedure_policy,
        )
    )
    return decision_id


def undo(connection: Connection, decision_id: str, at: datetime) -> bool:
    """Take a decision back; False if it was taken back before."""
    undone = connection.execute(
        update(decisions)
        .where(decisions.c.id == decision_id, decisions.c.undone_at.is_(None))
        .values(undone_at=at)
    )
    return undone.rowcount == 1


def of_report(connection: Connection, report_id: str) -> tuple[DecisionRow, ...]:
    """Every decision on the report, oldest first, undone ones included."""
    query = (
        select(decisions).where(decisions.c.report_id == report_id).order_by(decisions.c.version)
    )
    return tuple(decision_of_row(row) for row in connection.execute(query))


def counts(decision_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a decision is the one that counts: not undone, and no later one stands."""
    this, later = decisions.alias("this"), decisions.alias("later")
    superseded = select(later.c.id).where(
        later.c.report_id == this.c.report_id,
        later.c.version > this.c.version,
        later.c.undone_at.is_(None),
    )
    return (
        select(this.c.id)
        .where(this.c.id == decision_id, this.c.undone_at.is_(None), ~superseded.exists())
        .exists()
    )


def still_stands(connection: Connection, decision_id: str) -> bool:
    """Whether that decision is the one that counts."""
    return bool(connection.execute(select(counts(literal(decision_id)))).scalar_one())


def deciders_of_case(connection: Connection, case_id: str) -> frozenset[str]:
    """Accounts that decided any report of the case, undone decisions apart."""
    query = (
        select(decisions.c.officer)
        .join(reports, reports.c.id == decisions.c.report_id)
        .where(reports.c.case_id == case_id, decisions.c.undone_at.is_(None))
    )
    return frozenset(connection.execute(query).scalars())


def who_took_part(connection: Connection, case_id: str) -> frozenset[str]:
    """Accounts that registered, decided or paid any report of the case.

    None of them looks at it as a second person.
    """
    query = select(reports.c.registered_by, reports.c.paid_on_the_spot_by).where(
        reports.c.case_id == case_id
    )
    took_part = set(deciders_of_case(connection, case_id))
    for row in connection.execute(query):
        took_part.update(account_id for account_id in row if account_id is not None)
    return frozenset(took_part)


def decision_of_row(row: Row[Any]) -> DecisionRow:
    """The decision in a row that has all columns of ``decisions``."""
    return copied(
        DecisionRow,
        row,
        decision_id=row.id,
        verdict=Verdict(row.verdict),
        reasons=tuple(json.loads(row.reasons)),
        proof=None if row.proof is None else from_json(Proof, row.proof),
    )
