"""Who people are: one row a phone number, and who reports in which report (R7, R17).

Several rows may be one human (``joined``). Few stages may import this module and those beside it
(``person_keys``, ``identity_changes``, ``draft_identities``); import-linter holds them to it. Names
and phones leave them as values, never as text of an exception.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from pipeline.store import joined
from pipeline.store.person_keys import number_state, opened, row_of, seal, unseal_with
from pipeline.store.tables import persons, report_reporters
from pipeline.store.vault import Vault
from scheme.reporter import NOBODY, Identity, same_name

NAME_TYPED: Final = "name_typed"
EMAIL: Final = "email"
"""Places of what was typed with one report, beside the person's own row."""


@dataclass(frozen=True, slots=True)
class Payee:
    """What a payout needs of a person."""

    person_id: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The person behind a phone number.

    ``other_name``: known already, under another name (the first one stays).
    """

    person_id: str
    other_name: bool


# -- persons ---------------------------------------------------------------------------------------


def of_number(connection: Connection, vault: Vault, phone: str) -> str | None:
    """The person whose number this is now; None where it is nobody's here."""
    return connection.execute(
        select(persons.c.id).where(persons.c.phone_index == vault.index("phone", phone))
    ).scalar_one_or_none()


def find(connection: Connection, vault: Vault, reporter: Identity) -> str | None:
    """The person with this phone and this name; None where there is none."""
    person_id = of_number(connection, vault, reporter.phone)
    if person_id is None or not same_name(
        opened(vault, row_of(connection, person_id), "name"), reporter.name
    ):
        return None
    return person_id


def remember(connection: Connection, vault: Vault, reporter: Identity, at: datetime) -> Remembered:
    """The one row of this phone number, made if it is new.

    Nothing on it is changed by a report: whoever knows a phone number could else redirect its
    rewards. An address is kept with the report that it came with (``name_reporters``).
    """
    known = of_number(connection, vault, reporter.phone)
    if known is not None:
        name = opened(vault, row_of(connection, known), "name")
        return Remembered(known, other_name=not same_name(name, reporter.name))
    person_id = secrets.token_hex(16)
    key = vault.new_wrapped_key(person_id)

    def sealed(column: str, value: str) -> bytes:
        return vault.encrypt(key, value, f"persons/{person_id}/{column}")

    connection.execute(
        insert(persons).values(
            id=person_id,
            created_at=at,
            wrapped_key=key,
            phone_index=vault.index("phone", reporter.phone),
            name_enc=sealed("name", reporter.name),
            phone_enc=sealed("phone", reporter.phone),
        )
    )
    return Remembered(person_id, other_name=False)


def name_reporters(
    connection: Connection, vault: Vault, report_id: str, people: Sequence[tuple[str, Identity]]
) -> None:
    """Say who reports, first named first.

    Ids, each with the name and the address as typed this time.
    """
    for position, (person_id, typed) in enumerate(people):
        connection.execute(
            insert(report_reporters).values(
                report_id=report_id,
                position=position,
                person_id=person_id,
                **_as_typed(connection, vault, person_id, typed),
            )
        )


def _as_typed(
    connection: Connection, vault: Vault, person_id: str, typed: Identity
) -> dict[str, bytes | None]:
    email_enc: bytes | None = None
    if typed.email:
        email_enc = seal(connection, vault, person_id, typed.email, place=EMAIL)
    name_enc = seal(connection, vault, person_id, typed.name, place=NAME_TYPED)
    return {"email_enc": email_enc, "name_enc": name_enc}


def of_report(connection: Connection, vault: Vault, report_id: str) -> tuple[Identity, ...]:
    """Who reported, first named first, by the names that they gave.

    ``NOBODY`` for one who was erased.
    """
    rows = connection.execute(
        select(report_reporters.c.person_id, persons.c.wrapped_key)
        .join(persons, report_reporters.c.person_id == persons.c.id)
        .where(report_reporters.c.report_id == report_id)
        .order_by(report_reporters.c.position)
    )
    return tuple(
        NOBODY
        if row.wrapped_key is None
        else identity(connection, vault, row.person_id, report_id=report_id)
        for row in rows
    )


def identity(
    connection: Connection, vault: Vault, person_id: str, *, report_id: str | None = None
) -> Identity:
    """Who a person is; with ``report_id`` by the name and the address given for it.

    Raises NoSuchPerson, Erased.

    Where their number is theirs no more, it is a number of a row that they are joined with, or
    empty.
    """
    person = row_of(connection, person_id)
    name = opened(vault, person, "name")
    phone = _reached_at(connection, vault, person)
    handed_in = connection.execute(
        select(report_reporters.c.email_enc, report_reporters.c.name_enc).where(
            report_reporters.c.person_id == person_id, report_reporters.c.report_id == report_id
        )
    ).one_or_none()
    if handed_in is None:
        return Identity(name, phone)
    email = ""
    if handed_in.name_enc is not None:
        name = unseal_with(vault, person, handed_in.name_enc, NAME_TYPED) or name
    if handed_in.email_enc is not None:
        email = unseal_with(vault, person, handed_in.email_enc, EMAIL)
    return Identity(name, phone, email)


def _reached_at(connection: Connection, vault: Vault, person: Row[Any]) -> str:
    for person_id in (person.id, *joined.everybody(connection, person.id)):
        if not number_state(connection, person_id):
            return opened(vault, row_of(connection, person_id), "phone")
    return ""


def payee(connection: Connection, vault: Vault, person_id: str) -> Payee:
    """What a payout needs of a person. Raises NoSuchPerson, Erased."""
    return Payee(person_id, opened(vault, row_of(connection, person_id), "name"))


def hand_over_report(
    connection: Connection, vault: Vault, report_id: str, position: int, person_id: str
) -> None:
    """Say that somebody else reported.

    What was typed goes with the report, under ``person_id``'s key.

    Raises NoSuchPerson, Erased; the database refuses one who reports in it already.
    """
    here = (report_reporters.c.report_id == report_id, report_reporters.c.position == position)
    before = connection.execute(select(report_reporters.c.person_id).where(*here)).scalar_one()
    typed = identity(connection, vault, before, report_id=report_id)
    connection.execute(
        update(report_reporters)
        .where(*here)
        .values(person_id=person_id, **_as_typed(connection, vault, person_id, typed))
    )
