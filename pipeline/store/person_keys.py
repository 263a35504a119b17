"""One person's row, and what stands under that person's own key (R17).

A value is sealed for the place where it lies, so that it opens nowhere else. Which values a person
has is known in ``identities``, not here.
"""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from pipeline.store.tables import persons
from pipeline.store.vault import Vault

RELEASED, ERASED = "released/", "erased/"
"""In place of the blind index of a phone number that is the person's no more."""


class NoSuchPerson(Exception):
    """No person has this id."""


def row_of(connection: Connection, person_id: str) -> Row[Any]:
    """All columns of a person, the sealed ones as they lie. Raises NoSuchPerson."""
    row = connection.execute(select(persons).where(persons.c.id == person_id)).one_or_none()
    if row is None:
        raise NoSuchPerson(person_id)
    return row


def number_state(connection: Connection, person_id: str) -> str:
    """RELEASED or ERASED where the number is the person's no more, else empty.

    Raises NoSuchPerson.
    """
    index = str(row_of(connection, person_id).phone_index)
    return next((state for state in (RELEASED, ERASED) if index.startswith(state)), "")


def seal(connection: Connection, vault: Vault, person_id: str, text: str, *, place: str) -> bytes:
    """``text`` under the person's own key, for a row elsewhere (``place``).

    A frozen payout line keeps its payee so. Raises NoSuchPerson, Erased.
    """
    key = row_of(connection, person_id).wrapped_key
    return vault.encrypt(key, text, _label(person_id, place))


def unseal(
    connection: Connection, vault: Vault, person_id: str, sealed: bytes, *, place: str
) -> str:
    """The inverse of ``seal``. Raises NoSuchPerson, Erased, WrongKey."""
    return unseal_with(vault, row_of(connection, person_id), sealed, place)


def unseal_with(vault: Vault, person: Row[Any], sealed: bytes, place: str) -> str:
    """The same where the person's row was read before. Raises Erased, WrongKey."""
    return vault.decrypt(person.wrapped_key, sealed, _label(person.id, place))


def opened(vault: Vault, person: Row[Any], column: str) -> str:
    """What lies sealed in a column of the person's own row. Raises Erased, WrongKey."""
    return unseal_with(vault, person, getattr(person, f"{column}_enc"), column)


def keep(connection: Connection, vault: Vault, person_id: str, column: str, value: str) -> None:
    """Seal a value into a column of the person's own row. Raises NoSuchPerson, Erased."""
    sealed = seal(connection, vault, person_id, value, place=column)
    own_row = persons.c.id == person_id
    connection.execute(update(persons).where(own_row).values({f"{column}_enc": sealed}))


def _label(person_id: str, place: str) -> str:
    """What a value is sealed for: moved elsewhere, it does not open."""
    return f"persons/{person_id}/{place}"
