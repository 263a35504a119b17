"""Who people are: one row a phone number, every value under the person's own key (R7, R17).

Several rows may be one human (``joined``). Few stages may import this module; import-linter holds
them to it. Names and phones leave it as values, never as text of an exception.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from pipeline.store import joined, phones
from pipeline.store.tables import draft_reporters, persons, report_reporters
from pipeline.store.vault import Vault
from scheme.reporter import PhoneInvalid, PhoneRequired, canonical_name, same_name

RELEASED, ERASED = "released/", "erased/"
"""In place of the blind index of a phone number that is the person's no more."""


class NoSuchPerson(Exception):
    """No person has this id."""


class NumberOfAnother(Exception):
    """The phone number is another human's here.

    They may be one, or one of them typed it wrong; somebody must look.
    """

    def __init__(self, person_id: str) -> None:
        super().__init__(person_id)
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is. ``repr`` shows nothing, because it reaches logs.

    ``phone`` is empty where the number is theirs no more, ``name`` where the person was erased.
    """

    name: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(default="", repr=False)


NOBODY: Final = Identity("", "")
"""Stands in a list of reporters for one who was erased."""


@dataclass(frozen=True, slots=True)
class Payee:
    """What a payout needs of a person; ``None`` until it is added at collection."""

    person_id: str
    name: str = field(repr=False)
    card_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The person behind a phone number.

    ``other_name``: known already, under another name (the first one stays).
    """

    person_id: str
    other_name: bool


# -- canonical forms -------------------------------------------------------------------------------


def canonical_phone(text: str, position: int = 0) -> str:
    """A phone number in its one form (``phones.canonical``). Raises PhoneRequired, PhoneInvalid."""
    if not text.strip():
        raise PhoneRequired(position)
    number = phones.canonical(text)
    if number is None:
        raise PhoneInvalid(position)
    return number


# -- drafts ----------------------------------------------------------------------------------------


def save_draft(
    connection: Connection, vault: Vault, report_id: str, reporters: Sequence[Identity]
) -> None:
    """What reporters typed, in place of what they typed before."""
    forget_draft(connection, report_id)
    for position, reporter in enumerate(reporters):
        body = json.dumps([reporter.name, reporter.phone, reporter.email], ensure_ascii=False)
        sealed = vault.seal_draft(body, f"drafts/{report_id}/{position}")
        connection.execute(
            insert(draft_reporters).values(report_id=report_id, position=position, body_enc=sealed)
        )


def of_draft(connection: Connection, vault: Vault, report_id: str) -> tuple[Identity, ...]:
    """What reporters typed in this draft, first named first."""
    rows = connection.execute(
        select(draft_reporters)
        .where(draft_reporters.c.report_id == report_id)
        .order_by(draft_reporters.c.position)
    )
    return tuple(
        Identity(*json.loads(vault.open_draft(row.body_enc, f"drafts/{report_id}/{row.position}")))
        for row in rows
    )


def forget_draft(connection: Connection, report_id: str) -> None:
    """The draft became a report, or expired: what was typed goes."""
    connection.execute(delete(draft_reporters).where(draft_reporters.c.report_id == report_id))


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
        _value(vault, _row(connection, person_id), "name"), reporter.name
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
        name = _value(vault, _row(connection, known), "name")
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
    email_enc = (
        seal(connection, vault, person_id, typed.email, place="email") if typed.email else None
    )
    return {
        "email_enc": email_enc,
        "name_enc": seal(connection, vault, person_id, typed.name, place="name_typed"),
    }


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
    person = _row(connection, person_id)
    said = connection.execute(
        select(report_reporters.c.email_enc, report_reporters.c.name_enc).where(
            report_reporters.c.person_id == person_id, report_reporters.c.report_id == report_id
        )
    ).one_or_none()

    def typed(sealed: bytes | None, place: str) -> str:
        return (
            ""
            if sealed is None
            else vault.decrypt(person.wrapped_key, sealed, f"persons/{person_id}/{place}")
        )

    name = _value(vault, person, "name")
    if said is None:
        return Identity(name, _reached_at(connection, vault, person))
    reached_at = _reached_at(connection, vault, person)
    return Identity(
        typed(said.name_enc, "name_typed") or name, reached_at, typed(said.email_enc, "email")
    )


def _reached_at(connection: Connection, vault: Vault, person: Row[Any]) -> str:
    for person_id in (person.id, *joined.everybody(connection, person.id)):
        if not number_state(connection, person_id):
            return _value(vault, _row(connection, person_id), "phone")
    return ""


def payee(connection: Connection, vault: Vault, person_id: str) -> Payee:
    """What a payout needs of a person. Raises NoSuchPerson, Erased."""
    row = _row(connection, person_id)
    return Payee(
        person_id=person_id,
        name=_value(vault, row, "name"),
        card_number=_value(vault, row, "card") if row.card_enc is not None else None,
    )


def set_card_number(connection: Connection, vault: Vault, person_id: str, card_number: str) -> None:
    """Set the card that payouts go to. Raises NoSuchPerson, Erased."""
    _set(connection, vault, person_id, "card", card_number)


def set_name(connection: Connection, vault: Vault, person_id: str, name: str) -> None:
    """The person's name is another one from now on.

    Each report keeps the one it was handed in under.

    Raises NoSuchPerson, Erased, NameRequired, NameTooLong.
    """
    before = _value(vault, _row(connection, person_id), "name")
    connection.execute(
        update(report_reporters)
        .where(report_reporters.c.person_id == person_id, report_reporters.c.name_enc.is_(None))
        .values(name_enc=seal(connection, vault, person_id, before, place="name_typed"))
    )
    _set(connection, vault, person_id, "name", canonical_name(name))


def set_phone(connection: Connection, vault: Vault, person_id: str, phone: str) -> None:
    """The person's number was typed wrong, or is another one now.

    What they had is free for whoever has it.

    A number of a row that they are joined with stays there: this row has none then. Raises
    NumberOfAnother, NoSuchPerson, Erased.
    """
    known = of_number(connection, vault, phone)
    if known is not None and not joined.same(connection, person_id, known):
        raise NumberOfAnother(known)
    if known is not None:
        if known != person_id:
            release_phone(connection, person_id)
        return
    _set(connection, vault, person_id, "phone", phone)
    index = vault.index("phone", phone)
    connection.execute(update(persons).where(persons.c.id == person_id).values(phone_index=index))


def release_phone(connection: Connection, person_id: str) -> None:
    """The number is this person's no more.

    Nothing is sent there for them, and whoever reports with it is somebody new.

    Raises NoSuchPerson.
    """
    changed = connection.execute(
        update(persons)
        .where(persons.c.id == person_id)
        .values(phone_index=f"{RELEASED}{person_id}")
    )
    if changed.rowcount != 1:
        raise NoSuchPerson(person_id)


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


def seal(connection: Connection, vault: Vault, person_id: str, text: str, *, place: str) -> bytes:
    """``text`` under the person's own key, for a row elsewhere (``place``).

    A frozen payout line keeps its payee so.

    Raises NoSuchPerson, Erased.
    """
    return vault.encrypt(
        _row(connection, person_id).wrapped_key, text, f"persons/{person_id}/{place}"
    )


def unseal(
    connection: Connection, vault: Vault, person_id: str, sealed: bytes, *, place: str
) -> str:
    """The inverse of ``seal``. Raises NoSuchPerson, Erased, WrongKey."""
    return vault.decrypt(
        _row(connection, person_id).wrapped_key, sealed, f"persons/{person_id}/{place}"
    )


def erase(connection: Connection, person_id: str, at: datetime) -> None:
    """Destroy the person's key: nothing stored about them can be read again.

    Number and documents are free: whoever comes with them is somebody new. Raises NoSuchPerson.
    """
    changed = connection.execute(
        update(persons)
        .where(persons.c.id == person_id)
        .values(wrapped_key=None, phone_index=f"{ERASED}{person_id}", erased_at=at)
    )
    if changed.rowcount != 1:
        raise NoSuchPerson(person_id)


def number_state(connection: Connection, person_id: str) -> str:
    """RELEASED or ERASED where the number is the person's no more, else empty.

    Raises NoSuchPerson.
    """
    index = str(_row(connection, person_id).phone_index)
    return next((state for state in (RELEASED, ERASED) if index.startswith(state)), "")


def erased_and_not_cleared(connection: Connection) -> tuple[str, ...]:
    """Erased persons of whom something may still stand in the log or in files."""
    query = select(persons.c.id).where(
        persons.c.erased_at.is_not(None), persons.c.cleared_at.is_(None)
    )
    return tuple(connection.execute(query).scalars())


def mark_cleared(connection: Connection, person_ids: Sequence[str], at: datetime) -> None:
    """Nothing of these erased persons stands anywhere of ours any more."""
    connection.execute(update(persons).where(persons.c.id.in_(person_ids)).values(cleared_at=at))


def _row(connection: Connection, person_id: str) -> Row[Any]:
    row = connection.execute(select(persons).where(persons.c.id == person_id)).one_or_none()
    if row is None:
        raise NoSuchPerson(person_id)
    return row


def _value(vault: Vault, row: Row[Any], column: str) -> str:
    return vault.decrypt(
        row.wrapped_key, getattr(row, f"{column}_enc"), f"persons/{row.id}/{column}"
    )


def _set(connection: Connection, vault: Vault, person_id: str, column: str, value: str) -> None:
    key = _row(connection, person_id).wrapped_key
    sealed = vault.encrypt(key, value, f"persons/{person_id}/{column}")
    connection.execute(
        update(persons).where(persons.c.id == person_id).values({f"{column}_enc": sealed})
    )
