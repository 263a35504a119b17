"""Who is who, opened: each time is on record (R17)."""

from dataclasses import dataclass, field

from pipeline.runtime import Work
from pipeline.store import (
    documents,
    identities,
    identity_questions,
    joined,
    person_keys,
    reports,
    whose,
)
from pipeline.store.actions import Action
from pipeline.store.person_questions import proposed
from pipeline.store.vault import Erased
from rewards.documents import DocumentKind
from scheme.person_questions import reason_of
from scheme.staff import Account


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document on record, its number masked."""

    kind: DocumentKind
    number: str
    name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person, opened.

    ``reported`` is the name given with the report; ``phone`` is empty where they have none.
    """

    reported: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(repr=False)
    documents: tuple[ShownDocument, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedQuestion:
    """What the second person holds side by side.

    The reporter, the other one, and what is proposed.
    """

    person: PersonView
    other: PersonView | None
    document: ShownDocument | None = field(repr=False)
    phone: str = field(repr=False)
    name: str = field(repr=False)


def open_persons(
    work: Work, *, report_id: str, account: Account, reason: str
) -> tuple[PersonView | None, ...]:
    """Who reported, with all that is on record of them; None for who was erased.

    Raises QuestionReasonRequired.
    """
    said = reason_of(reason)
    reports.by_id(work.connection, report_id)
    work.record(account.account_id, Action.IDENTITY_OPENED, f"report/{report_id}", reason=said)
    people = whose.person_ids(work.connection, report_id)
    return tuple(_opened(work, person_id, report_id) for person_id in people)


def open_question(work: Work, *, question_id: str, account: Account) -> OpenedQuestion:
    """Everything that the answer depends on, side by side.

    Raises QuestionNotFound, QuestionAnswered, Erased.
    """
    question = identity_questions.read(work.connection, question_id)
    proposal = proposed(work.connection, work.vault, question)
    work.record(
        account.account_id,
        Action.IDENTITY_OPENED,
        f"report/{question.report_id}",
        reason="identity question",
        question=question_id,
    )
    person = _opened(work, question.person_id, question.report_id)
    if person is None:
        raise Erased(question.person_id)
    other = question.other_person_id
    shown = proposal.document
    return OpenedQuestion(
        person=person,
        other=None if other is None else _opened(work, other, None),
        document=None if shown is None else ShownDocument(shown.kind, shown.masked, proposal.name),
        phone=proposal.phone,
        name=proposal.name,
    )


def _opened(work: Work, person_id: str, report_id: str | None) -> PersonView | None:
    if person_keys.number_state(work.connection, person_id) == person_keys.ERASED:
        return None
    said = identities.identity(work.connection, work.vault, person_id, report_id=report_id)
    known = documents.of_persons(
        work.connection, work.vault, joined.everybody(work.connection, person_id)
    )
    return PersonView(
        reported=said.name,
        name=identities.payee(work.connection, work.vault, person_id).name,
        phone=said.phone,
        documents=tuple(ShownDocument(one.kind, one.shown.masked, one.name) for one in known),
    )
