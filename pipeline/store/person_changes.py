"""What changes about who a reporter is once two people agree: one move for each kind of question.

Its event is the question's answer (``person_questions.answer``), which is written last.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from sqlalchemy import Connection

from pipeline.store import (
    cases,
    documents,
    identities,
    identity_changes,
    joined,
    ledger,
    letters,
    notices,
    person_keys,
    whose,
)
from pipeline.store.case_reports import CaseReport
from pipeline.store.notices import ANSWER, REWARD
from pipeline.store.person_questions import Proposal
from pipeline.store.vault import Vault
from scheme.person_questions import AboutReporter, Change, QuestionKind
from scheme.reporter import Identity


class Changed(NamedTuple):
    """The other person concerned, if any, and the cases to settle."""

    other: str | None
    case_ids: tuple[str, ...]


class _Accepted(NamedTuple):
    """What is done, where, when."""

    connection: Connection
    vault: Vault
    about: AboutReporter[CaseReport]
    change: Change
    proposal: Proposal
    at: datetime


def make(  # noqa: PLR0913, PLR0917 - what is done, where, when
    connection: Connection,
    vault: Vault,
    about: AboutReporter[CaseReport],
    change: Change,
    proposal: Proposal,
    at: datetime,
) -> Changed:
    """Do what was asked; which cases have to be settled for it. Raises Erased."""
    accepted = _Accepted(connection, vault, about, change, proposal, at)
    other = _MOVES[change.kind](accepted) or change.other
    concerned = {*about.rows, *joined.everybody(connection, other or about.person_id)}
    case_ids = {
        cases.case_of_report(connection, report_id)
        for report_id in whose.reports_of(connection, concerned)
    }
    return Changed(other, tuple(sorted(case_id for case_id in case_ids if case_id is not None)))


# -- joined and parted -----------------------------------------------------------------------------


def _join(accepted: _Accepted) -> str | None:
    other = accepted.change.other
    if other is None:
        raise AssertionError("a person is joined with another")
    joined.join(accepted.connection, accepted.about.person_id, other)
    return other


def _part(accepted: _Accepted) -> None:
    joined.part(accepted.connection, accepted.about.person_id)


# -- documents and names ---------------------------------------------------------------------------


def _add_document(accepted: _Accepted) -> None:
    _put_on_record(accepted, accepted.proposal.name or _reported(accepted).name)


def _rename(accepted: _Accepted) -> None:
    connection, vault, name = accepted.connection, accepted.vault, accepted.proposal.name
    identity_changes.set_name(connection, vault, accepted.about.person_id, name)
    _put_on_record(accepted, name)


def _put_on_record(accepted: _Accepted, name: str) -> None:
    connection, vault, document = accepted.connection, accepted.vault, accepted.proposal.document
    if document is None:
        raise AssertionError("a document is put on record")
    if accepted.change.is_new:
        person_id = accepted.about.person_id
        documents.add(connection, vault, person_id, document, name, accepted.at)
    else:
        documents.set_name(connection, vault, document, name)


def _reported(accepted: _Accepted) -> Identity:
    return identities.identity(
        accepted.connection,
        accepted.vault,
        accepted.about.person_id,
        report_id=accepted.about.report_id,
    )


# -- numbers ---------------------------------------------------------------------------------------


def _set_number(accepted: _Accepted) -> None:
    person_id = accepted.about.person_id
    identity_changes.set_phone(
        accepted.connection, accepted.vault, person_id, accepted.proposal.phone
    )
    _tell_again(accepted, person_id)


def _hand_over(accepted: _Accepted) -> str:
    """The report is somebody else's.

    A number that a telephone company gave them is the old owner's no more.
    """
    connection, vault, about = accepted.connection, accepted.vault, accepted.about
    name = accepted.proposal.name or _reported(accepted).name
    if accepted.change.is_freed:
        identity_changes.release_phone(connection, about.person_id)
    owner = accepted.change.other
    if owner is None:
        person = Identity(name, accepted.proposal.phone)
        owner = identities.remember(connection, vault, person, accepted.at).person_id
    identities.hand_over_report(connection, vault, about.report_id, about.position, owner)
    _hand_over_address(accepted, owner)
    ledger.move_to_person(connection, about.report_id, about.person_id, owner)
    notices.readdress(connection, about.report_id, about.person_id, owner)
    if not accepted.change.is_freed:
        _tell_again(accepted, owner)
    return owner


def _hand_over_address(accepted: _Accepted, owner: str) -> None:
    """Where a letter can be answered goes with the report."""
    connection, vault, about = accepted.connection, accepted.vault, accepted.about
    letter = letters.of_report(connection, about.report_id)
    if letter is None or letter.person_id != about.person_id:
        return
    sealed = letter.address_enc
    if sealed is not None:
        address = person_keys.unseal(connection, vault, about.person_id, sealed, place="address")
        sealed = person_keys.seal(connection, vault, owner, address, place="address")
    letters.hand_over(connection, about.report_id, owner, sealed)


def _tell_again(accepted: _Accepted, person_id: str) -> None:
    """What the reporter was told went to another number.

    The answer, and the reward if it is still to be collected.
    """
    notices.send_again(
        accepted.connection,
        accepted.about.report_id,
        accepted.about.person_id,
        to_person_id=person_id,
        kinds=(ANSWER, REWARD) if accepted.about.reward_waits else (ANSWER,),
        at=accepted.at,
    )


# -- erasure ---------------------------------------------------------------------------------------


def _erase(accepted: _Accepted) -> None:
    """Destroy the keys of every row of this human (P22)."""
    for row in accepted.about.rows:
        documents.forget(accepted.connection, row)
        identity_changes.erase(accepted.connection, row, accepted.at)


_MOVES: Final[Mapping[QuestionKind, Callable[[_Accepted], str | None]]] = MappingProxyType(
    {
        QuestionKind.JOIN: _join,
        QuestionKind.PART: _part,
        QuestionKind.DOCUMENT: _add_document,
        QuestionKind.NAME: _rename,
        QuestionKind.PHONE: _set_number,
        QuestionKind.REPORTER: _hand_over,
        QuestionKind.ERASE: _erase,
    }
)
