"""What can change about who a reporter is.

For each kind of question, what refuses it and what accepting it does.

``persons`` asks and has answered; whatever is done here was asked by one colleague and accepted by
another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from pipeline.people import erasure
from pipeline.runtime import Work
from pipeline.store import (
    documents,
    identities,
    identity_changes,
    joined,
    ledger,
    letters,
    notices,
    person_keys,
    phones,
    reports,
    whose,
)
from pipeline.store.identity_questions import QuestionKind
from pipeline.store.notices import ANSWER, REWARD
from pipeline.store.vault import Erased
from rewards.documents import Document, DocumentInvalid, DocumentKind, document
from scheme.case import PAID, NoSuchReport, ShareState
from scheme.reporter import Identity, NameRequired, PhoneInvalid, canonical_name
from scheme.who_is_who import DocumentOfAnother, NumberOfAnother

COLLECTED: Final = (
    ShareState.COLLECTED,
    ShareState.IN_BATCH,
    *PAID,
    ShareState.CLAWED_BACK,
)


CITIZENS: Final = (DocumentKind.RESIDENT_ID, DocumentKind.HOUSEHOLD_REGISTER)
"""Documents of a number that nobody changes; abroad a number may be given anew."""


class NoSuchReporter(Exception):
    """The report has nobody in this place, or there is no such report."""


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


def proposal(  # noqa: PLR0913 - what a form can hold
    *,
    id_number: str = "",
    id_kind: str = "",
    name: str = "",
    phone: str = "",
    other_report: str = "",
    other_position: int = 0,
) -> Proposal:
    """What was typed as a proposal, in canonical form.

    Raises DocumentInvalid, NameTooLong, PhoneInvalid.
    """
    return Proposal(
        document=document(id_number, id_kind) if id_number.strip() else None,
        name=canonical_name(name) if name.strip() else "",
        phone=phones.required(phone) if phone.strip() else "",
        other_report=other_report.strip(),
        other_position=other_position,
    )


class About(NamedTuple):
    """The reporter a question is about, and the other person concerned, where known."""

    report_id: str
    position: int
    person_id: str
    other_id: str | None = None


class Change(NamedTuple):
    """``check`` refuses what can't be, and tells the other person concerned.

    ``do`` does it and tells them too.
    """

    check: Callable[[Work, About, Proposal], str | None]
    do: Callable[[Work, About, Proposal], str | None]


def reporter_at(work: Work, report_id: str, position: int) -> str:
    """The person who reported, by their place in the report. Raises NoSuchReporter."""
    people = whose.person_ids(work.connection, report_id)
    if not 0 <= position < len(people):
        raise NoSuchReporter
    return people[position]


# -- joined and parted -----------------------------------------------------------------------------


def _may_be_joined(work: Work, about: About, proposal: Proposal) -> str:
    other = about.other_id or _other_person(work, proposal)
    if joined.same(work.connection, about.person_id, other):
        raise NothingToAsk("joined")
    if person_keys.number_state(work.connection, other) == person_keys.ERASED:
        raise Erased(other)
    here, there = (_personal_numbers(work, person) for person in (about.person_id, other))
    if here and there and here.isdisjoint(there):
        raise DocumentsDiffer
    return other


def _other_person(work: Work, proposal: Proposal) -> str:
    """Whoever showed this document before, or the reporter of the other report."""
    if proposal.document is not None:
        owner = documents.owner(work.connection, work.vault, proposal.document)
        if owner is None:
            raise NobodysDocument
        return owner
    try:
        report = reports.by_number(work.connection, proposal.other_report)
    except NoSuchReport as problem:
        raise NoSuchReporter from problem
    return reporter_at(work, report.id, proposal.other_position)


def _personal_numbers(work: Work, person_id: str) -> frozenset[str]:
    known = documents.of_persons(
        work.connection, work.vault, joined.everybody(work.connection, person_id)
    )
    return frozenset(one.number for one in known if one.kind in CITIZENS)


def _join(work: Work, about: About, proposal: Proposal) -> str:
    other = _may_be_joined(work, about, proposal)
    joined.join(work.connection, about.person_id, other)
    return other


def _may_be_parted(work: Work, about: About, _proposal: Proposal) -> str:
    others = [
        row for row in joined.everybody(work.connection, about.person_id) if row != about.person_id
    ]
    if not others:
        raise NothingToAsk("alone")
    return others[0]


def _part(work: Work, about: About, proposal: Proposal) -> str:
    other = _may_be_parted(work, about, proposal)
    joined.part(work.connection, about.person_id)
    return other


# -- documents and names ---------------------------------------------------------------------------


def _may_be_theirs(work: Work, about: About, proposal: Proposal) -> None:
    if proposal.document is None:
        raise DocumentInvalid("empty")
    owner = documents.owner(work.connection, work.vault, proposal.document)
    if owner is not None and not joined.same(work.connection, about.person_id, owner):
        raise DocumentOfAnother(owner)


def _may_be_a_further_document(work: Work, about: About, proposal: Proposal) -> None:
    _may_be_theirs(work, about, proposal)
    if (
        proposal.document
        and documents.owner(work.connection, work.vault, proposal.document) is not None
    ):
        raise NothingToAsk("on_record")


def _add_document(work: Work, about: About, proposal: Proposal) -> None:
    _may_be_a_further_document(work, about, proposal)
    _put_on_record(work, about, proposal, proposal.name or _reported(work, about).name)


def _may_be_their_name(work: Work, about: About, proposal: Proposal) -> None:
    if not proposal.name:
        raise NameRequired
    _may_be_theirs(work, about, proposal)


def _rename(work: Work, about: About, proposal: Proposal) -> None:
    _may_be_their_name(work, about, proposal)
    identity_changes.set_name(work.connection, work.vault, about.person_id, proposal.name)
    _put_on_record(work, about, proposal, proposal.name)


def _put_on_record(work: Work, about: About, proposal: Proposal, name: str) -> None:
    if proposal.document is None:
        raise DocumentInvalid("empty")
    if documents.owner(work.connection, work.vault, proposal.document) is None:
        documents.add(
            work.connection, work.vault, about.person_id, proposal.document, name, work.now
        )
    else:
        documents.set_name(work.connection, work.vault, proposal.document, name)


def _reported(work: Work, about: About) -> Identity:
    return identities.identity(
        work.connection, work.vault, about.person_id, report_id=about.report_id
    )


# -- numbers ---------------------------------------------------------------------------------------


def _may_be_their_number(work: Work, about: About, proposal: Proposal) -> None:
    if not proposal.phone:
        raise PhoneInvalid
    owner = identities.of_number(work.connection, work.vault, proposal.phone)
    if owner == about.person_id:
        raise NothingToAsk("same_number")
    if owner is not None and not joined.same(work.connection, about.person_id, owner):
        raise NumberOfAnother(owner)


def _set_number(work: Work, about: About, proposal: Proposal) -> None:
    _may_be_their_number(work, about, proposal)
    identity_changes.set_phone(work.connection, work.vault, about.person_id, proposal.phone)
    _tell_again(work, about, about.person_id)


def _may_have_reported(work: Work, about: About, proposal: Proposal) -> str | None:
    """Whoever has the number that reported.

    The person whose it is on record, or somebody new (None).
    """
    if not proposal.phone:
        raise PhoneInvalid
    rewards = ledger.rewards_of_report(work.connection, about.report_id)
    if any(
        s.state in COLLECTED
        for reward in rewards
        for s in ledger.shares_of(work.connection, reward.id)
    ):
        raise TooLateToMove
    owner = identities.of_number(work.connection, work.vault, proposal.phone)
    if owner is None or owner == about.person_id:
        return None
    if joined.same(work.connection, about.person_id, owner):
        raise NothingToAsk("joined")
    if owner in whose.person_ids(work.connection, about.report_id):
        raise BothReport
    return owner


def _hand_over(work: Work, about: About, proposal: Proposal) -> str:
    """The report is somebody else's.

    A number that a telephone company gave them is the old owner's no more.
    """
    owner = _may_have_reported(work, about, proposal)
    name = proposal.name or _reported(work, about).name
    same_number = (
        identities.of_number(work.connection, work.vault, proposal.phone) == about.person_id
    )
    if same_number:
        identity_changes.release_phone(work.connection, about.person_id)
    if owner is None:
        person = Identity(name, proposal.phone)
        owner = identities.remember(work.connection, work.vault, person, work.now).person_id
    identities.hand_over_report(work.connection, work.vault, about.report_id, about.position, owner)
    _hand_over_address(work, about, owner)
    ledger.move_to_person(work.connection, about.report_id, about.person_id, owner)
    notices.readdress(work.connection, about.report_id, about.person_id, owner)
    if not same_number:
        _tell_again(work, about, owner)
    return owner


def _hand_over_address(work: Work, about: About, owner: str) -> None:
    """Where a letter can be answered goes with the report."""
    letter = letters.of_report(work.connection, about.report_id)
    if letter is None or letter.person_id != about.person_id:
        return
    sealed = letter.address_enc
    if sealed is not None:
        address = person_keys.unseal(
            work.connection, work.vault, about.person_id, sealed, place="address"
        )
        sealed = person_keys.seal(work.connection, work.vault, owner, address, place="address")
    letters.hand_over(work.connection, about.report_id, owner, sealed)


def _tell_again(work: Work, about: About, person_id: str) -> None:
    """What the reporter was told went to another number.

    The answer, and the reward if it is still to be collected.
    """
    shares = [
        share
        for reward in ledger.rewards_of_report(work.connection, about.report_id)
        for share in ledger.shares_of(work.connection, reward.id)
    ]
    waits = any(share.state is ShareState.NOTIFIED for share in shares)
    notices.send_again(
        work.connection,
        about.report_id,
        about.person_id,
        to_person_id=person_id,
        kinds=(ANSWER, REWARD) if waits else (ANSWER,),
        at=work.now,
    )


# -- erasure ---------------------------------------------------------------------------------------


def _may_be_erased(work: Work, about: About, _proposal: Proposal) -> None:
    erasure.require_nothing_open(work, about.person_id)


def _erase(work: Work, about: About, _proposal: Proposal) -> None:
    erasure.erase(work, about.person_id)


CHANGES: Final[Mapping[QuestionKind, Change]] = MappingProxyType(
    {
        QuestionKind.JOIN: Change(_may_be_joined, _join),
        QuestionKind.PART: Change(_may_be_parted, _part),
        QuestionKind.DOCUMENT: Change(_may_be_a_further_document, _add_document),
        QuestionKind.NAME: Change(_may_be_their_name, _rename),
        QuestionKind.PHONE: Change(_may_be_their_number, _set_number),
        QuestionKind.REPORTER: Change(_may_have_reported, _hand_over),
        QuestionKind.ERASE: Change(_may_be_erased, _erase),
    }
)
