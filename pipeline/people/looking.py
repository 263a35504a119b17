"""Who is who, closed: the reporters by their places, and the questions about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.listed import Listed
from pipeline.runtime import Work
from pipeline.store import (
    accounts,
    documents,
    identity_questions,
    joined,
    person_keys,
    reports,
    whose,
)
from pipeline.store.identity_questions import QuestionRow
from rewards.documents import DocumentKind
from scheme.person_questions import QuestionKind
from scheme.staff import Account

QUESTION_KINDS: Final = tuple(QuestionKind)
DOCUMENT_KINDS: Final = tuple(DocumentKind)
"""What can be asked, and about which documents: for forms."""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question, identities apart. People are display names.

    ``answer``: accepted, refused, None while open.
    """

    question_id: str
    kind: QuestionKind
    report_id: str
    report_number: str
    position: int
    reason: str
    asked_by: str
    asked_at: datetime
    yours: bool
    """Whoever looks has asked it, so that somebody else has to answer."""
    hold_until: datetime | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    answer_reason: str | None


@dataclass(frozen=True, slots=True)
class ReporterView:
    """A reporter by their place in the report, closed.

    ``numbers``: how many phone numbers the same human has here.
    """

    position: int
    numbers: int
    documents: tuple[DocumentKind, ...]
    released: bool
    erased: bool


def reporters(work: Work, report_id: str) -> tuple[ReporterView, ...]:
    """The reporters of a report, first named first; nothing of an identity is opened."""
    return tuple(
        _reporter(work, position, person_id)
        for position, person_id in enumerate(whose.person_ids(work.connection, report_id))
    )


def _reporter(work: Work, position: int, person_id: str) -> ReporterView:
    rows = joined.everybody(work.connection, person_id)
    number = person_keys.number_state(work.connection, person_id)
    return ReporterView(
        position=position,
        numbers=len(rows),
        documents=documents.kinds_of(work.connection, rows),
        released=number == person_keys.RELEASED,
        erased=number == person_keys.ERASED,
    )


def open_questions(work: Work, account: Account, page: int = 1) -> Listed[QuestionView]:
    """Questions that wait for their second person, the longest waiting first."""
    listed = identity_questions.still_open(work.connection, page)
    return listed.with_rows(_views(work, account, listed.rows))


def questions_of(work: Work, report_id: str, account: Account) -> tuple[QuestionView, ...]:
    """Every question about a reporter of this report, answered ones too."""
    return _views(work, account, identity_questions.of_report(work.connection, report_id))


def question_view(work: Work, question_id: str, account: Account) -> QuestionView:
    """One question. Raises QuestionNotFound."""
    return _views(work, account, [identity_questions.read(work.connection, question_id)])[0]


def _views(work: Work, account: Account, rows: Iterable[QuestionRow]) -> tuple[QuestionView, ...]:
    names = accounts.names(work.connection)
    return tuple(
        QuestionView(
            question_id=row.id,
            kind=row.kind,
            report_id=row.report_id,
            report_number=reports.by_id(work.connection, row.report_id).report_number or "",
            position=row.position,
            reason=row.reason,
            asked_by=names.get(row.asked_by, row.asked_by),
            asked_at=row.asked_at,
            yours=row.asked_by == account.account_id,
            hold_until=row.hold_until,
            answer=row.answer,
            answered_by=None
            if row.answered_by is None
            else names.get(row.answered_by, row.answered_by),
            answered_at=row.answered_at,
            answer_reason=row.answer_reason,
        )
        for row in rows
    )
