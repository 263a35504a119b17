"""Who is who, when people change.

One colleague asks about a reporter, another answers, and both are on record.

A new number, a further document, another name, a number typed wrong or given to somebody else:
nothing of it is for one clerk alone, and nobody loses a reward because the answer took its time.
Accepting does what was asked; refusing leaves everything as it was.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.paying import awarding
from pipeline.people.erasure import CaseOpen, MoneyOwed
from pipeline.people.person_changes import (
    CHANGES,
    About,
    BothReport,
    DocumentsDiffer,
    NobodysDocument,
    NoSuchReporter,
    NothingToAsk,
    Proposal,
    TooLateToMove,
    canonical,
    reporter_at,
)
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import (
    accounts,
    cases,
    documents,
    events,
    identities,
    identity_questions,
    joined,
    ledger,
    person_keys,
    reports,
    whose,
)
from pipeline.store.actions import Action
from pipeline.store.documents import DocumentOfAnother
from pipeline.store.identity_changes import NumberOfAnother
from pipeline.store.identity_questions import (
    AlreadyAnswered,
    QuestionKind,
    QuestionNotFound,
    QuestionRow,
)
from pipeline.store.vault import Erased
from rewards.documents import Document, DocumentInvalid, DocumentKind, document
from scheme.case import ShareState
from scheme.plain_text import required

__all__ = [
    "AlreadyAnswered",
    "AlreadyAsked",
    "BothReport",
    "CaseOpen",
    "DocumentInvalid",
    "DocumentKind",
    "DocumentOfAnother",
    "DocumentsDiffer",
    "Erased",
    "Line",
    "MoneyOwed",
    "NoSuchReporter",
    "NobodysDocument",
    "NotYourQuestion",
    "NothingToAsk",
    "NumberOfAnother",
    "OpenedQuestion",
    "PersonView",
    "Proposal",
    "QuestionKind",
    "QuestionNotFound",
    "QuestionReasonRequired",
    "QuestionView",
    "ReporterView",
    "TooLateToMove",
    "answer",
    "ask",
    "document",
    "history",
    "open_persons",
    "open_question",
    "open_questions",
    "question_view",
    "questions_of",
    "reporters",
]

ACCEPTED, REFUSED = "accepted", "refused"
SHORTEST_REASON, LONGEST_REASON = 4, 500
ABOUT_IDENTITY = (
    Action.IDENTITY_OPENED,
    Action.OTHER_NAME_FOR_PHONE,
    Action.CODE_REPLACED,
    Action.REWARD_COLLECTED,
    Action.CARD_CORRECTED,
    Action.PAID_ON_THE_SPOT,
)
"""What a person's history shows of the reports: who looked, and against whom something was handed
out.
"""
ON_RECORD = (
    Action.IDENTITY_QUESTION_ASKED,
    Action.IDENTITY_QUESTION_ANSWERED,
    *ABOUT_IDENTITY,
)
"""All that a person's history shows."""


class QuestionReasonRequired(Exception):
    """A question, a refusal and an opening each have a reason that somebody can check, of 4 to 500 signs."""


class NotYourQuestion(Exception):
    """Whoever asked can't answer: it takes a second person."""


class AlreadyAsked(Exception):
    """A question about this person is open: it has to be answered first."""


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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a person's history."""

    at: datetime
    actor: str
    action: str
    report_number: str
    kind: str
    accepted: bool | None
    reason: str


# -- asking and answering --------------------------------------------------------------------------


def ask(  # noqa: PLR0913 - what a question consists of
    work: Work,
    *,
    kind: QuestionKind,
    report_id: str,
    position: int,
    account: Account,
    reason: str,
    proposal: Proposal,
) -> str:
    """Put a question on record for a second person; returns its id.

    An uncollected share is kept while it is open.

    Raises QuestionReasonRequired, NoSuchReporter, AlreadyAsked, and what the kind of question refuses:
    NothingToAsk, DocumentOfAnother, NumberOfAnother, DocumentsDiffer, NobodysDocument,
    TooLateToMove, BothReport, CaseOpen, MoneyOwed, Erased, and what a name, number or document that
    can't be raises.
    """
    said = _reason(reason)
    about = About(report_id, position, reporter_at(work, report_id, position))
    rows = joined.everybody(work.connection, about.person_id)
    if any(row.answer is None for row in identity_questions.about_persons(work.connection, rows)):
        raise AlreadyAsked
    proposal = canonical(proposal)
    other = CHANGES[kind].check(work, about, proposal)
    question_id = identity_questions.new_id()
    identity_questions.add(
        work.connection,
        QuestionRow(
            id=question_id,
            kind=kind,
            report_id=report_id,
            position=position,
            person_id=about.person_id,
            other_person_id=other,
            reason=said,
            proposal_enc=_sealed(work, question_id, about.person_id, proposal),
            asked_by=account.account_id,
            asked_at=work.now,
            hold_until=awarding.last_moment_to_collect(work, work.now),
            answer=None,
            answered_by=None,
            answered_at=None,
            answer_reason=None,
        ),
    )
    work.record(
        account.account_id,
        Action.IDENTITY_QUESTION_ASKED,
        f"question/{question_id}",
        kind=kind,
        report=report_id,
        position=position,
        person=about.person_id,
        other=other,
        reason=said,
    )
    return question_id


def answer(work: Work, *, question_id: str, account: Account, accepted: bool, reason: str) -> None:
    """A second person accepts, which does what was asked, or refuses with a reason.

    If it was asked in time and is accepted, the days to collect begin anew, and what was forfeited
    meanwhile is owed again. Raises QuestionNotFound, AlreadyAnswered, NotYourQuestion,
    QuestionReasonRequired, and what ``ask`` does.
    """
    question = identity_questions.read(work.connection, question_id)
    if question.answer is not None:
        raise AlreadyAnswered(question_id)
    if question.asked_by == account.account_id:
        raise NotYourQuestion
    said = "" if accepted and not reason.strip() else _reason(reason)
    other = _change(work, question, account) if accepted else None
    identity_questions.answer(
        work.connection,
        question_id,
        answered=ACCEPTED if accepted else REFUSED,
        by=account.account_id,
        at=work.now,
        reason=said,
        other_person_id=other,
    )
    anew = _begin_anew(work, question, account) if accepted else {}
    work.record(
        account.account_id,
        Action.IDENTITY_QUESTION_ANSWERED,
        f"question/{question_id}",
        kind=question.kind,
        accepted=accepted,
        report=question.report_id,
        person=question.person_id,
        other=other or question.other_person_id,
        reason=said,
        **anew,
    )


def _change(work: Work, question: QuestionRow, account: Account) -> str | None:
    """Do what was asked, if it still can be done, and settle every case that it concerns.

    The other person.
    """
    about = About(
        question.report_id, question.position, question.person_id, question.other_person_id
    )
    before = joined.everybody(work.connection, about.person_id)
    other = CHANGES[question.kind].do(work, about, _proposed(work, question))
    concerned = {*before, *joined.everybody(work.connection, other or about.person_id)}
    found = {
        cases.case_of_report(work.connection, report_id)
        for report_id in whose.reports_of(work.connection, concerned)
    }
    for case_id in sorted(case_id for case_id in found if case_id is not None):
        awarding.settle_case(work, case_id, actor=account.account_id)
    return other


def _begin_anew(work: Work, question: QuestionRow, account: Account) -> dict[str, object]:
    """Nothing is lost for the time that the answer took.

    The days begin anew, what was forfeited is owed again.
    """
    last_moment = awarding.last_moment_to_collect(work, work.now)
    done: dict[str, object] = {}
    for reward in ledger.rewards_of_report(work.connection, question.report_id):
        in_time = [
            share
            for share in ledger.shares_of(work.connection, reward.id)
            if share.notice_received_at is not None
            and (share.collect_by is None or question.asked_at <= share.collect_by)
        ]
        for share in in_time:
            if share.state is ShareState.NOTIFIED:
                ledger.begin_days_anew(
                    work.connection, share.id, at=work.now, collect_by=last_moment
                )
                done["collect_by"] = None if last_moment is None else last_moment.isoformat()
        if reward.live_case_id is not None and any(
            share.state is ShareState.FORFEITED for share in in_time
        ):
            again = awarding.reinstate(
                work,
                reward,
                requested_by=question.asked_by,
                approved_by=account.account_id,
                reason=question.reason,
            )
            done["reinstated"] = [share.id for share in again]
    return done


def _reason(text: str) -> str:
    return required(text, QuestionReasonRequired, shortest=SHORTEST_REASON, longest=LONGEST_REASON)


def _sealed(work: Work, question_id: str, person_id: str, proposal: Proposal) -> bytes:
    shown = proposal.document
    body = [
        shown.kind if shown else "",
        shown.number if shown else "",
        proposal.name,
        proposal.phone,
    ]
    text = json.dumps(body, ensure_ascii=False)
    return person_keys.seal(
        work.connection, work.vault, person_id, text, place=f"questions/{question_id}"
    )


def _proposed(work: Work, question: QuestionRow) -> Proposal:
    if question.proposal_enc is None:
        raise AlreadyAnswered(question.id)
    text = person_keys.unseal(
        work.connection,
        work.vault,
        question.person_id,
        question.proposal_enc,
        place=f"questions/{question.id}",
    )
    kind, number, name, phone = json.loads(text)
    return Proposal(Document(DocumentKind(kind), number) if number else None, name, phone)


# -- looking, closed -------------------------------------------------------------------------------


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


def open_questions(work: Work, account: Account) -> tuple[QuestionView, ...]:
    """Every question that waits for its second person, the longest waiting first."""
    return _views(work, account, identity_questions.still_open(work.connection))


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


def history(work: Work, report_id: str, position: int) -> tuple[Line, ...]:
    """All that is on record about who this reporter is, and about everybody they were ever joined with.

    Questions with their answers, and each opening and handing out of the reports of all of them;
    oldest first. Raises NoSuchReporter.
    """
    rows = _ever_joined(work, reporter_at(work, report_id, position))
    found = [
        event
        for question in identity_questions.about_persons(work.connection, rows)
        for event in events.about(work.connection, f"question/{question.id}")
    ]
    for each in whose.reports_of(work.connection, rows):
        about = events.about(work.connection, f"report/{each}")
        found.extend(event for event in about if event.action in ABOUT_IDENTITY)
    names = accounts.names(work.connection)
    return tuple(
        Line(
            at=event.at,
            actor=names.get(event.actor, event.actor),
            action=event.action,
            report_number=_number(work, event),
            kind=str(event.detail.get("kind", ""))
            if event.action in (Action.IDENTITY_QUESTION_ASKED, Action.IDENTITY_QUESTION_ANSWERED)
            else "",
            accepted=event.detail.get("accepted"),
            reason=str(event.detail.get("reason", "")),
        )
        for event in sorted(found, key=lambda event: event.seq)
    )


def _ever_joined(work: Work, person_id: str) -> tuple[str, ...]:
    """The rows of this human, and those that they were parted from or mistaken for."""
    found, waiting = {person_id}, [person_id]
    while waiting:
        row = waiting.pop()
        asked = identity_questions.about_persons(work.connection, [row])
        near = {*joined.everybody(work.connection, row)}
        near |= {
            other
            for question in asked
            for other in (question.person_id, question.other_person_id)
            if other
        }
        waiting.extend(near - found)
        found |= near
    return tuple(sorted(found))


def _number(work: Work, event: events.Event) -> str:
    kind, _, subject = event.subject.partition("/")
    report_id = subject if kind == "report" else str(event.detail["report"])
    return reports.by_id(work.connection, report_id).report_number or ""


# -- looking, opened: each time is on record (R17) -------------------------------------------------


def open_persons(
    work: Work, *, report_id: str, account: Account, reason: str
) -> tuple[PersonView | None, ...]:
    """Who reported, with all that is on record of them; None for who was erased.

    Raises QuestionReasonRequired.
    """
    said = _reason(reason)
    reports.by_id(work.connection, report_id)
    work.record(account.account_id, Action.IDENTITY_OPENED, f"report/{report_id}", reason=said)
    people = whose.person_ids(work.connection, report_id)
    return tuple(_opened(work, person_id, report_id) for person_id in people)


def open_question(work: Work, *, question_id: str, account: Account) -> OpenedQuestion:
    """Everything that the answer depends on, side by side.

    Raises QuestionNotFound, AlreadyAnswered, Erased.
    """
    question = identity_questions.read(work.connection, question_id)
    proposal = _proposed(work, question)
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
