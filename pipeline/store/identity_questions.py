"""Questions about who a person is.

One account asks, another answers; until then an uncollected share is kept.

What is proposed (a document, a name, a number) is sealed by the caller; nothing readable of an
identity is here.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from pipeline.listed import Listed
from pipeline.store.paged import paged
from pipeline.store.tables import identity_questions
from scheme.person_questions import QuestionAnswered, QuestionKind


class QuestionNotFound(Exception):
    """No question of that id."""


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question.

    ``answer`` is accepted or refused, None while it is open; ``proposal_enc`` is gone with it.
    """

    id: str
    kind: QuestionKind
    report_id: str
    position: int
    person_id: str
    other_person_id: str | None
    reason: str
    proposal_enc: bytes | None
    asked_by: str
    asked_at: datetime
    hold_until: datetime | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    answer_reason: str | None


def new_id() -> str:
    """An id for a question: what is proposed is sealed for it before it is stored."""
    return secrets.token_hex(16)


def add(connection: Connection, question: QuestionRow) -> None:
    """Put a question on record."""
    values = {name: getattr(question, name) for name in QuestionRow.__slots__}
    connection.execute(insert(identity_questions).values(**values))


def read(connection: Connection, question_id: str) -> QuestionRow:
    """One question. Raises QuestionNotFound."""
    row = connection.execute(
        select(identity_questions).where(identity_questions.c.id == question_id)
    ).one_or_none()
    if row is None:
        raise QuestionNotFound(question_id)
    return _question(row)


def answer(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    question_id: str,
    *,
    answered: str,
    by: str,
    at: datetime,
    reason: str,
    other_person_id: str | None = None,
) -> None:
    """Answer an open question, once; what was proposed is not kept beside what came of it.

    Raises QuestionAnswered.

    ``other_person_id``: who turned out to be concerned too.
    """
    changed = connection.execute(
        update(identity_questions)
        .where(identity_questions.c.id == question_id, identity_questions.c.answer.is_(None))
        .values(
            answer=answered, answered_by=by, answered_at=at, answer_reason=reason, proposal_enc=None
        )
        .values({} if other_person_id is None else {"other_person_id": other_person_id})
    )
    if changed.rowcount != 1:
        raise QuestionAnswered(question_id)


def still_open(connection: Connection, page: int) -> Listed[QuestionRow]:
    """Open questions, the longest waiting first."""
    query = (
        select(identity_questions)
        .where(identity_questions.c.answer.is_(None))
        .order_by(identity_questions.c.asked_at, identity_questions.c.id)
    )
    return paged(connection, query, page, _question)


def how_many_open(connection: Connection) -> int:
    """How many questions wait for their second person."""
    query = (
        select(func.count())
        .select_from(identity_questions)
        .where(identity_questions.c.answer.is_(None))
    )
    return connection.execute(query).scalar_one()


def of_report(connection: Connection, report_id: str) -> tuple[QuestionRow, ...]:
    """Every question that was asked about a reporter of this report, oldest first."""
    query = select(identity_questions).where(identity_questions.c.report_id == report_id)
    rows = connection.execute(
        query.order_by(identity_questions.c.asked_at, identity_questions.c.id)
    )
    return tuple(_question(row) for row in rows)


def about_persons(connection: Connection, person_ids: Collection[str]) -> tuple[QuestionRow, ...]:
    """Every question that was asked about one of these persons, on either side, oldest first."""
    rows = connection.execute(
        select(identity_questions)
        .where(_is_about(person_ids))
        .order_by(identity_questions.c.asked_at, identity_questions.c.id)
    )
    return tuple(_question(row) for row in rows)


def is_any_open(connection: Connection, person_ids: Collection[str]) -> bool:
    """Whether a question about one of these persons, on either side, waits for its answer."""
    query = select(identity_questions.c.id).where(
        _is_about(person_ids), identity_questions.c.answer.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def _is_about(person_ids: Collection[str]) -> ColumnElement[bool]:
    return or_(
        identity_questions.c.person_id.in_(person_ids),
        identity_questions.c.other_person_id.in_(person_ids),
    )


def _question(row: Row[Any]) -> QuestionRow:
    values = row._asdict()
    values["kind"] = QuestionKind(row.kind)
    return QuestionRow(**values)
