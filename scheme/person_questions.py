"""Who is who, when people change: what may be asked about a reporter, and answered (R13, R17).

One colleague asks, another answers. Whether it can be is looked at both times, by one rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic, Protocol

from scheme.case import PAID, ShareState
from scheme.erasing import Sent, require_nothing_open
from scheme.plain_text import required
from scheme.policy_book import PolicyBook
from scheme.reporter import NameRequired, PhoneInvalid
from scheme.standing import R
from scheme.who_is_who import DocumentOfAnother, NumberOfAnother
from scheme.workdays import Workdays

SHORTEST_REASON, LONGEST_REASON = 4, 500

ACCEPTED, REFUSED = "accepted", "refused"
"""What the answer is. The values are stored."""

COLLECTED: Final = (
    ShareState.COLLECTED,
    ShareState.IN_BATCH,
    *PAID,
    ShareState.CLAWED_BACK,
)
"""A document was shown for the share."""


class QuestionKind(StrEnum):
    """What is asked."""

    JOIN = "join"
    """Are the two one human, with two numbers?"""
    PART = "part"
    """Were they joined wrongly?"""
    DOCUMENT = "document"
    """Is this a further document of the same person?"""
    NAME = "name"
    """Is this their name now, or was it misspelt?"""
    PHONE = "phone"
    """Is this their number now, or was it mistyped?"""
    REPORTER = "reporter"
    """Did somebody else report: the new owner of the number, or the owner of another one?"""
    ERASE = "erase"
    """Is the person to be erased?"""


class QuestionReasonRequired(Exception):
    """A question, a refusal and an opening each have a reason to check, of 4 to 500 signs."""


class NotYourQuestion(Exception):
    """Whoever asked can't answer: it takes a second person."""


class AlreadyAsked(Exception):
    """A question about this person is open: it has to be answered first."""


class QuestionAnswered(Exception):
    """The question was answered before, and what was proposed is not kept."""


class NoSuchReporter(Exception):
    """The report has nobody in this place, or there is no such report."""


class DocumentRequired(Exception):
    """What is asked is about a document, and none is given."""


class NobodysDocument(Exception):
    """Nobody has shown this document: there is no other person whom it shows this one to be."""


class NothingToAsk(Exception):
    """It is so already. ``reason``: joined, alone, on_record, same_number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DocumentsDiffer(Exception):
    """Two persons whose documents bear two personal numbers are not one human."""


class TooLateToMove(Exception):
    """The reward of this report was collected against a document.

    Who reported can't be somebody else any more.
    """


class BothReport(Exception):
    """Whoever it is said to be reports in it already: the two are joined, or nothing."""


class Proposed(Protocol):
    """What is proposed about a reporter, as far as the kind of question needs it."""

    @property
    def document(self) -> object | None: ...  # noqa: D102 - as it is called
    @property
    def name(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def phone(self) -> str: ...  # noqa: D102 - as it is called


class Unanswered(Protocol):
    """A question on record; ``answer`` is None while it is open."""

    @property
    def kind(self) -> QuestionKind: ...  # noqa: D102 - as it is called
    @property
    def asked_by(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def answer(self) -> str | None: ...  # noqa: D102 - as it is called


class ShareToCollect(Protocol):
    """A share, and the days in which it is collected."""

    @property
    def state(self) -> ShareState: ...  # noqa: D102 - as it is called
    @property
    def notice_received_at(self) -> datetime | None: ...  # noqa: D102 - as it is called
    @property
    def collect_by(self) -> datetime | None: ...  # noqa: D102 - as it is called


@dataclass(frozen=True, slots=True)
class AboutReporter(Generic[R]):
    """A reporter, and what is proposed about them, as the records have it: ids of persons only."""

    report_id: str
    position: int
    person_id: str
    rows: tuple[str, ...]
    """Every number of the same human, oldest first."""
    reporters: tuple[str, ...]
    """Everybody who reports in the report."""
    is_asked: bool
    """A question about the same human is open."""
    said_to_be: str | None
    """Whom they are to be joined with: whoever showed the document, or is at the place named."""
    document_of: str | None
    """Whose the document proposed is on record."""
    number_of: str | None
    """Whose the number proposed is on record."""
    personal_numbers: frozenset[str] = field(repr=False)
    other_personal_numbers: frozenset[str] = field(repr=False)
    """Of the documents of who they are to be joined with."""
    shares: tuple[ShareState, ...]
    """Of every reward of the report."""
    sent: tuple[Sent[R], ...]
    """What the human has sent, where they are to be erased."""

    @property
    def reward_waits(self) -> bool:
        """A reward of the report is told, and still to be collected."""
        return ShareState.NOTIFIED in self.shares


@dataclass(frozen=True, slots=True)
class Change:
    """What accepting does. ``other``: the other person concerned, where one is known."""

    kind: QuestionKind
    other: str | None = None
    is_new: bool = True
    """A document: nobody has shown it yet."""
    is_freed: bool = False
    """The number was the reporter's own, who has it no more: a telephone company gave it away."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that may be put on record."""

    change: Change
    reason: str


@dataclass(frozen=True, slots=True)
class Accepting:
    """A question that may be accepted, which does what was asked."""

    change: Change
    reason: str


@dataclass(frozen=True, slots=True)
class Anew:
    """Whose ``days`` begin anew, by place among the shares; ``forfeited``: is one owed again."""

    days: tuple[int, ...]
    forfeited: bool


def asking(  # noqa: PLR0913, PLR0917 - what a question consists of, and what rules it
    about: AboutReporter[R],
    kind: QuestionKind,
    proposal: Proposed,
    reason: str,
    policies: PolicyBook,
    workdays: Workdays,
) -> Asking:
    """Ask something about a reporter, for a second person to answer.

    Raises QuestionReasonRequired, AlreadyAsked, and what the kind refuses: NothingToAsk,
    DocumentOfAnother, NumberOfAnother, DocumentsDiffer, NobodysDocument, NoSuchReporter,
    TooLateToMove, BothReport, CaseOpen, MoneyOwed, DocumentRequired, NameRequired, PhoneInvalid.
    """
    reason = reason_of(reason)
    if about.is_asked:
        raise AlreadyAsked
    return Asking(change(about, kind, proposal, policies, workdays), reason)


def require_second_person(question: Unanswered, account_id: str) -> None:
    """Whether this account may answer. Raises QuestionAnswered, NotYourQuestion."""
    if question.answer is not None:
        raise QuestionAnswered
    if question.asked_by == account_id:
        raise NotYourQuestion


def accepting(  # noqa: PLR0913, PLR0917 - what an answer consists of, and what rules it
    about: AboutReporter[R],
    kind: QuestionKind,
    proposal: Proposed,
    reason: str,
    policies: PolicyBook,
    workdays: Workdays,
) -> Accepting:
    """Do what was asked, if it still can be done; a reason may be given.

    Raises QuestionReasonRequired, and what the kind refuses, as ``asking``.
    """
    reason = reason_of(reason) if reason.strip() else ""
    return Accepting(change(about, kind, proposal, policies, workdays), reason)


def change(
    about: AboutReporter[R],
    kind: QuestionKind,
    proposal: Proposed,
    policies: PolicyBook,
    workdays: Workdays,
) -> Change:
    """What the kind of question does, or what refuses it (``asking``)."""
    if kind is QuestionKind.ERASE:
        require_nothing_open(about.sent, policies, workdays)
        return Change(kind)
    return _CHANGES[kind](about, proposal)


def begun_anew(shares: Sequence[ShareToCollect], asked_at: datetime) -> Anew:
    """Nothing is lost for the time that an answer took, where it was asked in time.

    The days to collect begin anew, and what was forfeited meanwhile is owed again (R13).
    """
    in_time = {
        place: share
        for place, share in enumerate(shares)
        if share.notice_received_at is not None
        and (share.collect_by is None or asked_at <= share.collect_by)
    }
    return Anew(
        tuple(place for place, share in in_time.items() if share.state is ShareState.NOTIFIED),
        any(share.state is ShareState.FORFEITED for share in in_time.values()),
    )


def reason_of(text: str) -> str:
    """What was said for it, as it is kept. Raises QuestionReasonRequired."""
    return required(text, QuestionReasonRequired, shortest=SHORTEST_REASON, longest=LONGEST_REASON)


# -- joined and parted -----------------------------------------------------------------------------


def _joined(about: AboutReporter[Any], proposal: Proposed) -> Change:
    if about.said_to_be is None:
        raise NoSuchReporter if proposal.document is None else NobodysDocument
    if about.said_to_be in about.rows:
        raise NothingToAsk("joined")
    here, there = about.personal_numbers, about.other_personal_numbers
    if here and there and here.isdisjoint(there):
        raise DocumentsDiffer
    return Change(QuestionKind.JOIN, about.said_to_be)


def _parted(about: AboutReporter[Any], _proposal: Proposed) -> Change:
    others = [row for row in about.rows if row != about.person_id]
    if not others:
        raise NothingToAsk("alone")
    return Change(QuestionKind.PART, others[0])


# -- documents, names, numbers ---------------------------------------------------------------------


def _further_document(about: AboutReporter[Any], proposal: Proposed) -> Change:
    _require_theirs(about, proposal)
    if about.document_of is not None:
        raise NothingToAsk("on_record")
    return Change(QuestionKind.DOCUMENT)


def _another_name(about: AboutReporter[Any], proposal: Proposed) -> Change:
    if not proposal.name:
        raise NameRequired
    _require_theirs(about, proposal)
    return Change(QuestionKind.NAME, is_new=about.document_of is None)


def _require_theirs(about: AboutReporter[Any], proposal: Proposed) -> None:
    if proposal.document is None:
        raise DocumentRequired
    if about.document_of is not None and about.document_of not in about.rows:
        raise DocumentOfAnother(about.document_of)


def _another_number(about: AboutReporter[Any], proposal: Proposed) -> Change:
    if not proposal.phone:
        raise PhoneInvalid
    if about.number_of == about.person_id:
        raise NothingToAsk("same_number")
    if about.number_of is not None and about.number_of not in about.rows:
        raise NumberOfAnother(about.number_of)
    return Change(QuestionKind.PHONE)


def _another_reporter(about: AboutReporter[Any], proposal: Proposed) -> Change:
    """Whoever has the number that reported.

    The person whose it is on record, or somebody new (None).
    """
    if not proposal.phone:
        raise PhoneInvalid
    if any(state in COLLECTED for state in about.shares):
        raise TooLateToMove
    if about.number_of is None or about.number_of == about.person_id:
        return Change(QuestionKind.REPORTER, is_freed=about.number_of is not None)
    if about.number_of in about.rows:
        raise NothingToAsk("joined")
    if about.number_of in about.reporters:
        raise BothReport
    return Change(QuestionKind.REPORTER, about.number_of)


_CHANGES: Final[Mapping[QuestionKind, Callable[[AboutReporter[Any], Proposed], Change]]] = (
    MappingProxyType(
        {
            QuestionKind.JOIN: _joined,
            QuestionKind.PART: _parted,
            QuestionKind.DOCUMENT: _further_document,
            QuestionKind.NAME: _another_name,
            QuestionKind.PHONE: _another_number,
            QuestionKind.REPORTER: _another_reporter,
        }
    )
)
