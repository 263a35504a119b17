"""ID documents that persons showed.

Each belongs to one of them, found by a blind index over kind and number.

As secret as ``identities``: number and name are sealed under the person's own key.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.store import person_keys
from pipeline.store.tables import person_documents
from pipeline.store.vault import Vault
from rewards.documents import Document, DocumentKind
from scheme.who_is_who import DocumentOfAnother

NUMBER, NAME = "id_number", "document_name"
"""Places of the sealed values: the number's is that of the one document a person had before there
were several.
"""

OF_OLD: Final = "id"
"""The index that had no kind in it, and still has none for personal numbers.

They are one person's on whichever document: a child's household register and its card later.
"""


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document on record.

    ``name`` is as on the document; None where it was taken in before names were kept.
    """

    document_id: str
    person_id: str
    kind: DocumentKind
    number: str = field(repr=False)
    name: str | None = field(repr=False)

    @property
    def shown(self) -> Document:
        """The document itself."""
        return Document(self.kind, self.number)


def owner(connection: Connection, vault: Vault, document: Document) -> str | None:
    """The person whom this document belongs to; None where nobody has shown it."""
    return connection.execute(
        select(person_documents.c.person_id).where(
            person_documents.c.number_index.in_(_indexes(vault, document))
        )
    ).scalar_one_or_none()


def of_persons(
    connection: Connection, vault: Vault, person_ids: Collection[str]
) -> tuple[KnownDocument, ...]:
    """What these persons have shown so far, oldest first. Raises Erased."""
    rows = connection.execute(
        select(person_documents)
        .where(person_documents.c.person_id.in_(person_ids))
        .order_by(person_documents.c.shown_at, person_documents.c.id)
    ).all()

    def opened(person_id: str, sealed: bytes, place: str) -> str:
        return person_keys.unseal(connection, vault, person_id, sealed, place=place)

    return tuple(
        KnownDocument(
            document_id=row.id,
            person_id=row.person_id,
            kind=DocumentKind(row.kind),
            number=opened(row.person_id, row.number_enc, NUMBER),
            name=None if row.name_enc is None else opened(row.person_id, row.name_enc, NAME),
        )
        for row in rows
    )


def kinds_of(connection: Connection, person_ids: Collection[str]) -> tuple[DocumentKind, ...]:
    """Which kinds these persons have shown, oldest first; nothing is opened."""
    query = select(person_documents.c.kind).where(person_documents.c.person_id.in_(person_ids))
    rows = connection.execute(query.order_by(person_documents.c.shown_at, person_documents.c.id))
    return tuple(DocumentKind(kind) for kind in rows.scalars())


def add(  # noqa: PLR0913, PLR0917 - a document and the name on it
    connection: Connection,
    vault: Vault,
    person_id: str,
    document: Document,
    name: str,
    at: datetime,
) -> None:
    """Put a document on record as the person's, with the name that stands on it.

    Raises DocumentOfAnother, also where it is on record as theirs already, NoSuchPerson, Erased.
    """
    other = owner(connection, vault, document)
    if other is not None:
        raise DocumentOfAnother(other)
    connection.execute(
        insert(person_documents).values(
            id=secrets.token_hex(16),
            person_id=person_id,
            kind=document.kind,
            number_index=_index(vault, document),
            number_enc=person_keys.seal(
                connection, vault, person_id, document.number, place=NUMBER
            ),
            name_enc=person_keys.seal(connection, vault, person_id, name, place=NAME),
            shown_at=at,
        )
    )


def set_name(connection: Connection, vault: Vault, document: Document, name: str) -> None:
    """Keep the name that stands on a known document now.

    Raises NoSuchPerson where nobody has shown it.
    """
    person_id = owner(connection, vault, document)
    if person_id is None:
        raise person_keys.NoSuchPerson(document.kind)
    connection.execute(
        update(person_documents)
        .where(person_documents.c.number_index.in_(_indexes(vault, document)))
        .values(name_enc=person_keys.seal(connection, vault, person_id, name, place=NAME))
    )


def forget(connection: Connection, person_id: str) -> None:
    """The person is erased: whoever shows one of their documents is somebody new."""
    connection.execute(delete(person_documents).where(person_documents.c.person_id == person_id))


def _index(vault: Vault, document: Document) -> str:
    if document.personal:
        return vault.index(OF_OLD, document.number)
    return vault.index("document", f"{document.kind}/{document.number}")


def _indexes(vault: Vault, document: Document) -> tuple[str, ...]:
    """Its index, and the one it has if it was taken in before kinds were kept.

    No personal number is as short.
    """
    return (_index(vault, document), vault.index(OF_OLD, document.number))
