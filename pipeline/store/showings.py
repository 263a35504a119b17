"""What a clerk had on the screen beside the reporter's name: a document, for one purpose.

As secret as ``documents``: number and name are sealed under the reporter's own key, and gone as
soon as the clerk has said whether they agree. A note on what differed is sealed too, and stays.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from pipeline.store import person_keys
from pipeline.store.tables import showings
from pipeline.store.vault import Vault
from rewards.collecting import Difference, Purpose, Showing
from rewards.documents import Document, DocumentKind

SHOWN, NOTE = "showing", "showing_note"
"""Places of the sealed values."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as it was shown, with the name that stands on it."""

    document: Document
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShowingRow:
    """One showing. ``shown`` is None once it was answered, or its time is over."""

    id: str
    report_id: str
    purpose: Purpose
    kept: Showing
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class Differed:
    """A document that did not agree. The note stays closed until ``note_of`` opens it."""

    showing_id: str
    kind: DocumentKind
    difference: Difference
    at: datetime


def add(  # noqa: PLR0913 - who showed what, for what, to whom
    connection: Connection,
    vault: Vault,
    *,
    report_id: str,
    person_id: str,
    purpose: Purpose,
    shown: Shown,
    clerk: str,
    mark: str,
    at: datetime,
) -> str:
    """A document is shown to a clerk; the id of that. Raises NoSuchPerson, Erased."""
    showing_id = secrets.token_hex(16)
    text = json.dumps([shown.document.number, shown.name], ensure_ascii=False)
    connection.execute(
        insert(showings).values(
            id=showing_id,
            report_id=report_id,
            person_id=person_id,
            purpose=purpose,
            kind=shown.document.kind,
            clerk=clerk,
            shown_at=at,
            mark=mark,
            shown_enc=person_keys.seal(connection, vault, person_id, text, place=SHOWN),
        )
    )
    return showing_id


def find(connection: Connection, vault: Vault, showing_id: str) -> ShowingRow | None:
    """What was shown under that id. Raises Erased."""
    row = connection.execute(select(showings).where(showings.c.id == showing_id)).one_or_none()
    if row is None:
        return None
    shown = None
    if row.shown_enc is not None:
        text = person_keys.unseal(connection, vault, row.person_id, row.shown_enc, place=SHOWN)
        number, name = json.loads(text)
        shown = Shown(Document(DocumentKind(row.kind), number), name)
    return ShowingRow(
        id=row.id,
        report_id=row.report_id,
        purpose=Purpose(row.purpose),
        kept=Showing(row.clerk, row.shown_at, row.mark, answered=row.shown_enc is None),
        shown=shown,
    )


def agreed(connection: Connection, showing_id: str, at: datetime) -> None:
    """The clerk said that they agree, once; the document is kept elsewhere from now on."""
    _answer(connection, showing_id, agreed=True, answered_at=at)


def differs(  # noqa: PLR0913 - of which document, in what, and what was noted
    connection: Connection,
    vault: Vault,
    showing_id: str,
    *,
    difference: Difference,
    note: str,
    at: datetime,
) -> None:
    """The clerk said in what they differ, once. The document is not kept, the note is, sealed."""
    person_id = connection.execute(
        select(showings.c.person_id).where(showings.c.id == showing_id)
    ).scalar_one()
    sealed = person_keys.seal(connection, vault, person_id, note, place=NOTE)
    _answer(
        connection, showing_id, agreed=False, difference=difference, note_enc=sealed, answered_at=at
    )


def differed(connection: Connection, report_id: str) -> tuple[Differed, ...]:
    """What did not agree so far, oldest first; nothing is opened."""
    query = select(showings).where(showings.c.report_id == report_id, showings.c.agreed.is_(False))
    rows = connection.execute(query.order_by(showings.c.answered_at, showings.c.id))
    return tuple(
        Differed(row.id, DocumentKind(row.kind), Difference(row.difference), row.answered_at)
        for row in rows
    )


def note_of(connection: Connection, vault: Vault, showing_id: str) -> str:
    """What the clerk noted of a document that did not agree. Raises Erased."""
    row = connection.execute(select(showings).where(showings.c.id == showing_id)).one()
    return person_keys.unseal(connection, vault, row.person_id, row.note_enc, place=NOTE)


def any_shown(connection: Connection, before: datetime) -> bool:
    """Whether there is anything that ``forget_shown`` would forget."""
    query = select(showings.c.id).where(
        showings.c.shown_at < before, showings.c.shown_enc.is_not(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def forget_shown(connection: Connection, before: datetime) -> int:
    """Documents that were shown before then, and of which nothing was said: how many."""
    forgotten = connection.execute(
        update(showings)
        .where(showings.c.shown_at < before, showings.c.shown_enc.is_not(None))
        .values(shown_enc=None)
    )
    return forgotten.rowcount


def _answer(connection: Connection, showing_id: str, **columns: object) -> None:
    answered = connection.execute(
        update(showings)
        .where(showings.c.id == showing_id, showings.c.answered_at.is_(None))
        .values(shown_enc=None, **columns)
    )
    if answered.rowcount != 1:
        raise AssertionError(f"showing {showing_id} was answered before")
