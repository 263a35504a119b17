"""Candidates: pairs of reports of which an officer says whether they are one incident (R14).

A question is asked once and answered once; what follows for the cases is the caller's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from pipeline.by_name import copied
from pipeline.store.tables import candidates, reports
from scheme.case import ReportState


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """The question whether two reports are about one incident (R14).

    ``same`` is None while it is open.
    """

    candidate_id: int
    report_id: str
    other_report_id: str
    reasons: tuple[str, ...]
    found_at: datetime
    same: bool | None
    answered_by: str | None
    answered_at: datetime | None
    answer_reason: str | None


def add(
    connection: Connection, report_id: str, other_id: str, reasons: Iterable[str], at: datetime
) -> bool:
    """Ask whether the two reports are one incident.

    True if that is a new question; an answered one stays answered.
    """
    first, second = sorted((report_id, other_id))
    known = connection.execute(
        select(candidates).where(
            candidates.c.report_id == first, candidates.c.other_report_id == second
        )
    ).one_or_none()
    if known is None:
        connection.execute(
            insert(candidates).values(
                report_id=first,
                other_report_id=second,
                reasons=json.dumps(sorted(set(reasons))),
                found_at=at,
            )
        )
        return True
    together = sorted({*json.loads(known.reasons), *reasons})
    connection.execute(
        update(candidates).where(candidates.c.id == known.id).values(reasons=json.dumps(together))
    )
    return False


def of_reports(
    connection: Connection, report_ids: Sequence[str], *, open_only: bool = False
) -> tuple[CandidateRow, ...]:
    """Every question in which one of the reports stands, oldest first.

    A withdrawn report asks nothing any more.
    """
    query = select(candidates).where(touching(report_ids)).order_by(candidates.c.id)
    if open_only:
        query = query.where(_open())
    return tuple(candidate_of_row(row) for row in connection.execute(query))


def how_many_open(connection: Connection) -> int:
    """How many candidates wait for an officer's answer."""
    query = select(func.count()).select_from(candidates).where(_open())
    return connection.execute(query).scalar_one()


def touching(report_ids: Sequence[str]) -> ColumnElement[bool]:
    """The questions in which one of the reports stands."""
    first, second = candidates.c.report_id, candidates.c.other_report_id
    return or_(first.in_(report_ids), second.in_(report_ids))


def _open() -> ColumnElement[bool]:
    gone = select(reports.c.id).where(reports.c.state == ReportState.WITHDRAWN)
    return and_(
        candidates.c.answer.is_(None),
        candidates.c.report_id.not_in(gone),
        candidates.c.other_report_id.not_in(gone),
    )


def read(connection: Connection, candidate_id: int) -> CandidateRow | None:
    """One question; None where there is none of that id."""
    row = connection.execute(
        select(candidates).where(candidates.c.id == candidate_id)
    ).one_or_none()
    return candidate_of_row(row) if row else None


def answered(connection: Connection, report_id: str) -> Mapping[str, bool]:
    """Other report -> whether an officer said "same incident"; for the dossier."""
    answers: dict[str, bool] = {}
    for question in of_reports(connection, [report_id]):
        if question.same is not None:
            (other,) = {question.report_id, question.other_report_id} - {report_id}
            answers[other] = question.same
    return answers


def answer(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    candidate_id: int,
    *,
    same: bool,
    officer: str,
    at: datetime,
    reason: str,
) -> bool:
    """Answer an open question; False if somebody answered it before."""
    answered = connection.execute(
        update(candidates)
        .where(candidates.c.id == candidate_id, candidates.c.answer.is_(None))
        .values(
            answer="same" if same else "different",
            answered_by=officer,
            answered_at=at,
            answer_reason=reason,
        )
    )
    return answered.rowcount == 1


def part_ways(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    report_id: str,
    others: Sequence[str],
    *,
    officer: str,
    at: datetime,
    reason: str,
) -> None:
    """Record that the report is another incident than each of ``others``, whatever was said."""
    for other in others:
        add(connection, report_id, other, (), at)
    first_or_second = or_(
        and_(candidates.c.report_id == report_id, candidates.c.other_report_id.in_(others)),
        and_(candidates.c.other_report_id == report_id, candidates.c.report_id.in_(others)),
    )
    connection.execute(
        update(candidates)
        .where(first_or_second)
        .values(answer="different", answered_by=officer, answered_at=at, answer_reason=reason)
    )


def open_ids(connection: Connection, report_ids: Sequence[str]) -> tuple[int, ...]:
    """The questions about these reports that nobody has answered, oldest first."""
    asked = of_reports(connection, report_ids, open_only=True)
    return tuple(question.candidate_id for question in asked)


def candidate_of_row(row: Row[Any]) -> CandidateRow:
    """The question in a row that has all columns of ``candidates``."""
    return copied(
        CandidateRow,
        row,
        candidate_id=row.id,
        reasons=tuple(json.loads(row.reasons)),
        same=None if row.answer is None else row.answer == "same",
    )
