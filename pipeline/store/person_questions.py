"""A reporter and what is proposed about them, read once; asking and answering, each its event.

What is proposed lies sealed under the person's own key until it is answered (R17).
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from pipeline.store import (
    documents,
    events,
    identities,
    identity_questions,
    joined,
    ledger,
    person_keys,
    reports,
    sent_reports,
    whose,
)
from pipeline.store.actions import Action
from pipeline.store.case_reports import CaseReport
from pipeline.store.identity_questions import QuestionRow
from pipeline.store.vault import Erased, Vault
from rewards.documents import Document, DocumentKind
from scheme.case import NoSuchReport, ShareState
from scheme.person_questions import (
    ACCEPTED,
    REFUSED,
    AboutReporter,
    Asking,
    NoSuchReporter,
    QuestionAnswered,
    QuestionKind,
)

CITIZENS = (DocumentKind.RESIDENT_ID, DocumentKind.HOUSEHOLD_REGISTER)
"""Documents of a number that nobody changes; abroad a number may be given anew."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed about a reporter, as far as the kind of question needs it.

    ``repr`` shows nothing.

    ``name`` as on the document, or of who reported instead; ``phone`` in its canonical form;
    ``other_report`` and ``other_position`` name another person by a report of theirs.
    """

    document: Document | None = field(default=None, repr=False)
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    other_report: str = ""
    other_position: int = 0


def reporter_at(connection: Connection, report_id: str, position: int) -> str:
    """The person who reported, by their place in the report. Raises NoSuchReporter."""
    people = whose.person_ids(connection, report_id)
    if not 0 <= position < len(people):
        raise NoSuchReporter
    return people[position]


def read(  # noqa: PLR0913 - who and what is asked about
    connection: Connection,
    vault: Vault,
    kind: QuestionKind,
    proposal: Proposal,
    *,
    report_id: str,
    position: int,
) -> AboutReporter[CaseReport]:
    """The reporter at this place, and what is proposed about them.

    Raises NoSuchReporter, and Erased where they are to be joined with somebody who was.
    """
    person_id = reporter_at(connection, report_id, position)
    other = _said_to_be(connection, vault, proposal) if kind is QuestionKind.JOIN else None
    return _about(connection, vault, kind, proposal, report_id, position, person_id, other)


def read_again(
    connection: Connection, vault: Vault, question: QuestionRow, proposal: Proposal
) -> AboutReporter[CaseReport]:
    """The same for an open question, whose persons are known. Raises Erased."""
    other = question.other_person_id if question.kind is QuestionKind.JOIN else None
    return _about(
        connection,
        vault,
        question.kind,
        proposal,
        question.report_id,
        question.position,
        question.person_id,
        other,
    )


def proposed(connection: Connection, vault: Vault, question: QuestionRow) -> Proposal:
    """What was proposed. Raises QuestionAnswered: it is not kept beside what came of it."""
    if question.proposal_enc is None:
        raise QuestionAnswered(question.id)
    text = person_keys.unseal(
        connection,
        vault,
        question.person_id,
        question.proposal_enc,
        place=f"questions/{question.id}",
    )
    kind, number, name, phone = json.loads(text)
    return Proposal(Document(DocumentKind(kind), number) if number else None, name, phone)


# -- moves -----------------------------------------------------------------------------------------


def ask(  # noqa: PLR0913 - what a question consists of
    connection: Connection,
    vault: Vault,
    about: AboutReporter[CaseReport],
    asking: Asking,
    proposal: Proposal,
    *,
    by: str,
    at: datetime,
    hold_until: datetime | None,
) -> str:
    """Put the question on record, what is proposed sealed; returns its id. Raises Erased."""
    question_id = identity_questions.new_id()
    question = QuestionRow(
        id=question_id,
        kind=asking.change.kind,
        report_id=about.report_id,
        position=about.position,
        person_id=about.person_id,
        other_person_id=asking.change.other,
        reason=asking.reason,
        proposal_enc=_sealed(connection, vault, question_id, about.person_id, proposal),
        asked_by=by,
        asked_at=at,
        hold_until=hold_until,
        answer=None,
        answered_by=None,
        answered_at=None,
        answer_reason=None,
    )
    identity_questions.add(connection, question)
    detail = {
        "kind": question.kind,
        "report": question.report_id,
        "position": question.position,
        "person": question.person_id,
        "other": question.other_person_id,
        "reason": question.reason,
    }
    events.append(
        connection, at, by, Action.IDENTITY_QUESTION_ASKED, f"question/{question_id}", detail
    )
    return question_id


def answer(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    question: QuestionRow,
    *,
    accepted: bool,
    reason: str,
    by: str,
    at: datetime,
    other: str | None = None,
    **anew: object,
) -> None:
    """The question is answered, once. Raises QuestionAnswered.

    ``other``: who turned out to be concerned too; ``anew``: what is not lost by the time it took.
    """
    identity_questions.answer(
        connection,
        question.id,
        answered=ACCEPTED if accepted else REFUSED,
        by=by,
        at=at,
        reason=reason,
        other_person_id=other,
    )
    detail = {
        "kind": question.kind,
        "accepted": accepted,
        "report": question.report_id,
        "person": question.person_id,
        "other": other or question.other_person_id,
        "reason": reason,
        **anew,
    }
    events.append(
        connection, at, by, Action.IDENTITY_QUESTION_ANSWERED, f"question/{question.id}", detail
    )


# -- what is read ----------------------------------------------------------------------------------


def _about(  # noqa: PLR0913, PLR0917 - who and what is asked about
    connection: Connection,
    vault: Vault,
    kind: QuestionKind,
    proposal: Proposal,
    report_id: str,
    position: int,
    person_id: str,
    other: str | None,
) -> AboutReporter[CaseReport]:
    rows = joined.everybody(connection, person_id)
    others = () if other is None or other in rows else _whole(connection, other)
    document, phone = proposal.document, proposal.phone
    return AboutReporter(
        report_id=report_id,
        position=position,
        person_id=person_id,
        rows=rows,
        reporters=whose.person_ids(connection, report_id),
        is_asked=identity_questions.is_any_open(connection, rows),
        said_to_be=other,
        document_of=documents.owner(connection, vault, document) if document else None,
        number_of=identities.of_number(connection, vault, phone) if phone else None,
        personal_numbers=_personal_numbers(connection, vault, rows if others else ()),
        other_personal_numbers=_personal_numbers(connection, vault, others),
        shares=_shares(connection, report_id) if phone else (),
        sent=sent_reports.of_human(connection, rows) if kind is QuestionKind.ERASE else (),
    )


def _said_to_be(connection: Connection, vault: Vault, proposal: Proposal) -> str | None:
    """Whoever showed this document before, or the reporter of the other report."""
    if proposal.document is not None:
        return documents.owner(connection, vault, proposal.document)
    try:
        report = reports.by_number(connection, proposal.other_report)
        return reporter_at(connection, report.id, proposal.other_position)
    except (NoSuchReport, NoSuchReporter):
        return None


def _whole(connection: Connection, other: str) -> tuple[str, ...]:
    """Every number of the other human. Raises Erased."""
    if person_keys.number_state(connection, other) == person_keys.ERASED:
        raise Erased(other)
    return joined.everybody(connection, other)


def _personal_numbers(
    connection: Connection, vault: Vault, rows: tuple[str, ...]
) -> frozenset[str]:
    known = documents.of_persons(connection, vault, rows) if rows else ()
    return frozenset(document.number for document in known if document.kind in CITIZENS)


def _shares(connection: Connection, report_id: str) -> tuple[ShareState, ...]:
    return tuple(
        share.state
        for reward in ledger.rewards_of_report(connection, report_id)
        for share in ledger.shares_of(connection, reward.id)
    )


def _sealed(
    connection: Connection, vault: Vault, question_id: str, person_id: str, proposal: Proposal
) -> bytes:
    shown = proposal.document
    body = [
        shown.kind if shown else "",
        shown.number if shown else "",
        proposal.name,
        proposal.phone,
    ]
    text = json.dumps(body, ensure_ascii=False)
    return person_keys.seal(connection, vault, person_id, text, place=f"questions/{question_id}")
