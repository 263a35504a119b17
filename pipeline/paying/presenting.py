"""A document is shown at the counter: the reporter's name stands beside it before anything is said.

Each time is on record as an opened identity (R17). What does not agree has a way of its own:
noted, nothing paid, and everything stays as it was.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pipeline.paying.counter_hours import require_open
from pipeline.runtime import Runtime, Work
from pipeline.store import showings, uncollected
from pipeline.store.actions import Action
from pipeline.store.showings import Shown
from pipeline.store.uncollected import Uncollected
from rewards.collecting import (
    SHOWN_FOR,
    Difference,
    NotPresented,
    Purpose,
    require_collectable,
    require_still_shown,
    require_theirs,
)
from rewards.documents import PLANS, DocumentKind, Look, document
from scheme.money import Fen
from scheme.plain_text import required
from scheme.reporter import canonical_name, same_name
from scheme.staff import Account

KINDS: Final = tuple(DocumentKind)
DIFFERENCES: Final = tuple(Difference)
"""What can be shown, and in what it can differ: for forms."""

SHORTEST_NOTE, LONGEST_NOTE = 4, 500


class DifferenceRequired(Exception):
    """Nobody said in what document and report differ."""


class DifferenceNoteRequired(Exception):
    """What differs is noted in 4 to 500 signs, for whoever looks next."""


@dataclass(frozen=True, slots=True)
class KnownName:
    """A document that was shown before. ``name`` is None where no names were kept yet."""

    kind: DocumentKind
    name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A document that did not agree, and what the clerk noted."""

    at: datetime
    kind: DocumentKind
    difference: Difference
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What the clerk compares: the name reported, the document (its number masked), the shares.

    ``on_record`` is the name on record for the number, if it is another; ``on_document`` the one
    that was typed off the document, if any. ``slip`` are the parts of all who reported jointly,
    first named first, who collects for all (R12); empty before anything is awarded.
    """

    showing_id: str
    report_number: str
    reported: str = field(repr=False)
    on_record: str | None = field(repr=False)
    on_document: str = field(repr=False)
    kind: DocumentKind
    number: str
    looks: tuple[Look, ...]
    known: tuple[KnownName, ...]
    slip: tuple[Fen, ...]
    earlier: tuple[Earlier, ...]
    until: datetime
    """So long it stands; then the document has to be shown anew."""


def present(  # noqa: PLR0913 - which reward, and the document that is shown
    work: Work,
    *,
    share_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
    purpose: Purpose = Purpose.COLLECT,
) -> SideBySide:
    """The first named shows a document for a reward; ``share_id`` is any share of it.

    ``name_on_document`` is empty where it is the name reported. Raises DocumentInvalid,
    DecidedByYou, AlreadyCollected, TooLate, NotCollectable, CounterClosed, WrongId, NameDiffers,
    NameTooLong, ShareNotFound, Erased.
    """
    shown = _shown(id_number, document_kind, name_on_document)
    reward = uncollected.of_share(work.connection, work.vault, share_id)
    return _side_by_side(work, reward, shown, clerk, purpose)


def present_account(  # noqa: PLR0913 - which reward, and the document that is shown
    work: Work,
    *,
    share_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
) -> SideBySide:
    """The same for another account of a reward that was collected before.

    Raises as ``present`` does.
    """
    return present(
        work,
        share_id=share_id,
        clerk=clerk,
        id_number=id_number,
        document_kind=document_kind,
        name_on_document=name_on_document,
        purpose=Purpose.ACCOUNT,
    )


def present_on_the_spot(  # noqa: PLR0913 - which report, and the document that is shown
    work: Work,
    *,
    report_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
) -> SideBySide:
    """The same for what is verified at the desk: nothing need be awarded yet (R8).

    Whoever calls this has seen that the report came in here. Raises as ``present`` does.
    """
    shown = _shown(id_number, document_kind, name_on_document)
    reward = uncollected.of_report(work.connection, work.vault, report_id)
    return _side_by_side(work, reward, shown, clerk, Purpose.ON_THE_SPOT)


def _shown(id_number: str, document_kind: str, name_on_document: str) -> Shown:
    name = canonical_name(name_on_document) if name_on_document.strip() else ""
    return Shown(document(id_number, document_kind), name)


def _side_by_side(
    work: Work, reward: Uncollected, shown: Shown, clerk: Account, purpose: Purpose
) -> SideBySide:
    require_collectable(reward.for_rule, purpose=purpose, clerk=clerk.account_id, now=work.now)
    if purpose is not Purpose.ACCOUNT:  # a letter of the bank is answered at any hour
        require_open(work)
    require_theirs(uncollected.papers(work.connection, work.vault, reward, shown))
    showing_id = showings.add(
        work.connection,
        work.vault,
        report_id=reward.report_id,
        person_id=reward.collector,
        purpose=purpose,
        shown=shown,
        clerk=clerk.account_id,
        mark=uncollected.mark(work.vault, reward, shown, purpose),
        at=work.now,
    )
    subject = f"report/{reward.report_id}"
    work.record(clerk.account_id, Action.IDENTITY_OPENED, subject, reason="collection")
    return _view(work, reward, shown, showing_id)


def shown_again(work: Work, *, showing_id: str, clerk: Account) -> SideBySide | None:
    """What this clerk had side by side, after something else was refused; None once it is over."""
    row = showings.find(work.connection, work.vault, showing_id)
    if row is None or row.shown is None or row.kept.clerk != clerk.account_id:
        return None
    if work.now > row.kept.shown_at + SHOWN_FOR:
        return None
    reward = uncollected.of_report(work.connection, work.vault, row.report_id)
    if uncollected.mark(work.vault, reward, row.shown, row.purpose) != row.kept.mark:
        return None
    return _view(work, reward, row.shown, showing_id, row.kept.shown_at)


def _view(
    work: Work,
    reward: Uncollected,
    shown: Shown,
    showing_id: str,
    shown_at: datetime | None = None,
) -> SideBySide:
    another = not same_name(reward.reported, reward.of_number)
    return SideBySide(
        showing_id=showing_id,
        report_number=reward.report_number,
        reported=reward.reported,
        on_record=reward.of_number if another else None,
        on_document=shown.name,
        kind=shown.document.kind,
        number=shown.document.masked,
        looks=PLANS[shown.document.kind].looks,
        known=tuple(KnownName(known.kind, known.name) for known in reward.known),
        slip=tuple(part.amount_fen for part in reward.shares),
        earlier=_earlier(work, reward.report_id),
        until=(shown_at or work.now) + SHOWN_FOR,
    )


def _earlier(work: Work, report_id: str) -> tuple[Earlier, ...]:
    return tuple(
        Earlier(
            at=row.at,
            kind=row.kind,
            difference=row.difference,
            note=showings.note_of(work.connection, work.vault, row.showing_id),
        )
        for row in showings.differed(work.connection, report_id)
    )


def differs(work: Work, *, showing_id: str, clerk: Account, difference: str, note: str) -> None:
    """Document, person and report do not agree: noted, nothing is handed out, the reward stays.

    Raises NotPresented, DifferenceRequired, DifferenceNoteRequired.
    """
    row = showings.find(work.connection, work.vault, showing_id)
    if row is None:
        raise NotPresented("never")
    require_still_shown(row.kept, clerk=clerk.account_id, now=work.now)
    if difference not in DIFFERENCES:
        raise DifferenceRequired
    said = required(note, DifferenceNoteRequired, shortest=SHORTEST_NOTE, longest=LONGEST_NOTE)
    showings.differs(
        work.connection,
        work.vault,
        showing_id,
        difference=Difference(difference),
        note=said,
        at=work.now,
    )
    work.record(
        clerk.account_id,
        Action.DOCUMENT_DIFFERED,
        f"report/{row.report_id}",
        purpose=row.purpose,
        difference=difference,
    )


def forget_shown(runtime: Runtime) -> int:
    """Documents of which nothing was said in time are not kept; how many were forgotten."""
    with runtime.read() as work:
        before = work.now - SHOWN_FOR - timedelta(minutes=1)
        if not showings.any_shown(work.connection, before):
            return 0
    with runtime.write() as work:
        return showings.forget_shown(work.connection, before)
