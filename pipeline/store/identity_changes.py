"""What changes about a person after a report was submitted: name, number; and erasure.

Each report keeps the name and the address that it was handed in under.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from pipeline.store import joined
from pipeline.store.identities import NAME_TYPED, of_number
from pipeline.store.person_keys import ERASED, RELEASED, NoSuchPerson, keep, opened, row_of, seal
from pipeline.store.tables import persons, report_reporters
from pipeline.store.vault import Vault
from scheme.reporter import canonical_name
from scheme.who_is_who import NumberOfAnother


def set_name(connection: Connection, vault: Vault, person_id: str, name: str) -> None:
    """The person's name is another one from now on.

    Each report keeps the one it was handed in under.

    Raises NoSuchPerson, Erased, NameRequired, NameTooLong.
    """
    name_before = opened(vault, row_of(connection, person_id), "name")
    as_handed_in = seal(connection, vault, person_id, name_before, place=NAME_TYPED)
    connection.execute(
        update(report_reporters)
        .where(report_reporters.c.person_id == person_id, report_reporters.c.name_enc.is_(None))
        .values(name_enc=as_handed_in)
    )
    keep(connection, vault, person_id, "name", canonical_name(name))


def set_phone(connection: Connection, vault: Vault, person_id: str, phone: str) -> None:
    """The person's number was typed wrong, or is another one now.

    What they had is free for whoever has it.

    A number of a row that they are joined with stays there: this row has none then. Raises
    NumberOfAnother, NoSuchPerson, Erased.
    """
    known = of_number(connection, vault, phone)
    if known is None:
        keep(connection, vault, person_id, "phone", phone)
        _change(connection, person_id, phone_index=vault.index("phone", phone))
    elif not joined.same(connection, person_id, known):
        raise NumberOfAnother(known)
    elif known != person_id:
        release_phone(connection, person_id)


def release_phone(connection: Connection, person_id: str) -> None:
    """The number is this person's no more.

    Nothing is sent there for them, and whoever reports with it is somebody new.

    Raises NoSuchPerson.
    """
    _change(connection, person_id, phone_index=f"{RELEASED}{person_id}")


def erase(connection: Connection, person_id: str, at: datetime) -> None:
    """Destroy the person's key: nothing stored about them can be read again.

    Number and documents are free: whoever comes with them is somebody new. Raises NoSuchPerson.
    """
    _change(
        connection,
        person_id,
        wrapped_key=None,
        phone_index=f"{ERASED}{person_id}",
        erased_at=at,
    )


def erased_and_not_cleared(connection: Connection) -> tuple[str, ...]:
    """Erased persons of whom something may still stand in the log or in files."""
    query = select(persons.c.id).where(
        persons.c.erased_at.is_not(None), persons.c.cleared_at.is_(None)
    )
    return tuple(connection.execute(query).scalars())


def mark_cleared(connection: Connection, person_ids: Sequence[str], at: datetime) -> None:
    """Nothing of these erased persons stands anywhere of ours any more."""
    connection.execute(update(persons).where(persons.c.id.in_(person_ids)).values(cleared_at=at))


def _change(connection: Connection, person_id: str, **columns: object) -> None:
    changed = connection.execute(update(persons).where(persons.c.id == person_id).values(**columns))
    if changed.rowcount != 1:
        raise NoSuchPerson(person_id)
