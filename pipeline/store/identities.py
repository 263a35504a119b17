"""Who people are: one row a person, found by phone, every value under the person's own key (R7, R17).

Only intake, identity_access, notices, collection, payment, counter and letters may import this module; import-linter
holds them to it. Names and phones leave it as values, never as text of an exception.
"""

import json
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from pipeline.store.tables import draft_reporters, persons, report_reporters
from pipeline.store.vault import Vault

LONGEST_NAME: Final = 80
LONGEST_EMAIL: Final = 254
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}")
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class NameRequired(Exception):
    """A reporter without a name (R7): ``position`` in the list."""

    def __init__(self, position: int = 0) -> None:
        super().__init__(f"reporter {position}")
        self.position = position


class NameTooLong(Exception):
    """A name of more than 80 signs: ``position`` in the list."""

    def __init__(self, position: int = 0) -> None:
        super().__init__(f"reporter {position}")
        self.position = position


class PhoneInvalid(Exception):
    """No phone number that can be reached (R7): ``position`` in the list."""

    def __init__(self, position: int = 0) -> None:
        super().__init__(f"reporter {position}")
        self.position = position


class EmailInvalid(Exception):
    """An address was given, but no mail can go there: ``position`` in the list."""

    def __init__(self, position: int = 0) -> None:
        super().__init__(f"reporter {position}")
        self.position = position


class NoSuchPerson(Exception):
    """No person has this id."""


class IdOfAnother(Exception):
    """The ID number belongs to another person here: ``person_id``. One human, two phones; a clerk must look."""

    def __init__(self, person_id: str) -> None:
        super().__init__(person_id)
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is. ``repr`` shows nothing, because it reaches logs."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Payee:
    """What a payout needs of a person; ``None`` until it is added at collection."""

    person_id: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    id_number: str | None = field(repr=False)
    card_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The person behind a phone number. ``other_name``: known already, under another name (the first one stays)."""

    person_id: str
    other_name: bool


# -- canonical forms ---------------------------------------------------------------------------------------------------


def canonical_name(text: str, position: int = 0) -> str:
    """A name without stray spaces and unseen signs; it is never judged (R7). Raises NameRequired, NameTooLong."""
    seen = "".join(
        " " if sign.isspace() else sign for sign in text if unicodedata.category(sign)[0] != "C" or sign.isspace()
    )
    name = " ".join(seen.split())
    if not name:
        raise NameRequired(position)
    if len(name) > LONGEST_NAME:
        raise NameTooLong(position)
    return name


def same_name(one: str, other: str) -> bool:
    """Whether two names are one in different letters (full width, case, spaces)."""

    def folded(name: str) -> str:
        return "".join(unicodedata.normalize("NFKC", name).casefold().split())

    return folded(one) == folded(other)


def canonical_phone(text: str, position: int = 0) -> str:
    """``"+86 138-0013-8000"``, ``"１３８００１３８０００"`` -> ``"13800138000"``; landlines with their area code.

    Raises PhoneInvalid.
    """
    if len(text) > LONGEST_NAME:
        raise PhoneInvalid(position)
    folded = unicodedata.normalize("NFKC", text)
    signs = "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZCP" and sign != "+")
    number = re.sub(r"^(?:00)?86(?=1\d{10}$|0?[1-9]\d{8,11}$)", "", signs)
    if _MOBILE.fullmatch(number) and number.isascii():
        return number
    if number != signs and not number.startswith("0"):
        number = f"0{number}"  # +86 21 …: the zero of the area code is not dialled from abroad
    if _LANDLINE.fullmatch(number) and number.isascii():
        return number
    raise PhoneInvalid(position)


def canonical_email(text: str, position: int = 0) -> str:
    """An address, or "" where none is given. Raises EmailInvalid."""
    address = unicodedata.normalize("NFKC", text).strip()
    if address and (len(address) > LONGEST_EMAIL or not _EMAIL.fullmatch(address)):
        raise EmailInvalid(position)
    return address


# -- drafts ------------------------------------------------------------------------------------------------------------


def save_draft(connection: Connection, vault: Vault, report_id: str, reporters: Sequence[Identity]) -> None:
    """What reporters typed, in place of what they typed before."""
    forget_draft(connection, report_id)
    for position, reporter in enumerate(reporters):
        body = json.dumps([reporter.name, reporter.phone, reporter.email], ensure_ascii=False)
        sealed = vault.seal_draft(body, f"drafts/{report_id}/{position}")
        connection.execute(insert(draft_reporters).values(report_id=report_id, position=position, body_enc=sealed))


def of_draft(connection: Connection, vault: Vault, report_id: str) -> tuple[Identity, ...]:
    """What reporters typed in this draft, first named first."""
    rows = connection.execute(
        select(draft_reporters).where(draft_reporters.c.report_id == report_id).order_by(draft_reporters.c.position)
    )
    return tuple(
        Identity(*json.loads(vault.open_draft(row.body_enc, f"drafts/{report_id}/{row.position}"))) for row in rows
    )


def forget_draft(connection: Connection, report_id: str) -> None:
    """The draft became a report, or expired: what was typed goes."""
    connection.execute(delete(draft_reporters).where(draft_reporters.c.report_id == report_id))


# -- persons -----------------------------------------------------------------------------------------------------------


def find(connection: Connection, vault: Vault, reporter: Identity) -> str | None:
    """The person with this phone and this name; None where there is none."""
    row = connection.execute(
        select(persons).where(persons.c.phone_index == vault.index("phone", reporter.phone))
    ).one_or_none()
    if row is None or row.wrapped_key is None or not same_name(_value(vault, row, "name"), reporter.name):
        return None
    return str(row.id)


def remember(connection: Connection, vault: Vault, reporter: Identity, at: datetime) -> Remembered:
    """The one row of this phone number, made if it is new.

    Nothing on it is changed by a report: whoever knows a phone number could else redirect its rewards. An address
    is kept with the report that it came with (``name_reporters``).
    """
    index = vault.index("phone", reporter.phone)
    row = connection.execute(select(persons).where(persons.c.phone_index == index)).one_or_none()
    if row is not None and row.wrapped_key is not None:
        return Remembered(row.id, other_name=not same_name(_value(vault, row, "name"), reporter.name))
    if row is not None:  # erased: the person comes back as a new one, under the same number
        connection.execute(update(persons).where(persons.c.id == row.id).values(phone_index=f"erased/{row.id}"))
    person_id = secrets.token_hex(16)
    key = vault.new_wrapped_key(person_id)

    def sealed(column: str, value: str) -> bytes:
        return vault.encrypt(key, value, f"persons/{person_id}/{column}")

    connection.execute(
        insert(persons).values(
            id=person_id,
            created_at=at,
            wrapped_key=key,
            phone_index=index,
            name_enc=sealed("name", reporter.name),
            phone_enc=sealed("phone", reporter.phone),
        )
    )
    return Remembered(person_id, other_name=False)


def name_reporters(
    connection: Connection, vault: Vault, report_id: str, people: Sequence[tuple[str, Identity]]
) -> None:
    """Say who reports, first named first: ids, each with what was typed. Only the address of it is kept here."""
    for position, (person_id, typed) in enumerate(people):
        email_enc = seal(connection, vault, person_id, typed.email, place="email") if typed.email else None
        connection.execute(
            insert(report_reporters).values(
                report_id=report_id, position=position, person_id=person_id, email_enc=email_enc
            )
        )


def of_report(connection: Connection, vault: Vault, report_id: str) -> tuple[Identity, ...]:
    """Who reported, first named first. Raises Erased."""
    rows = connection.execute(
        select(persons, report_reporters.c.email_enc)
        .join(report_reporters, report_reporters.c.person_id == persons.c.id)
        .where(report_reporters.c.report_id == report_id)
        .order_by(report_reporters.c.position)
    )
    return tuple(_identity(vault, row, row.email_enc) for row in rows)


def identity(connection: Connection, vault: Vault, person_id: str, *, report_id: str | None = None) -> Identity:
    """Who a person is, with the address given for ``report_id``. Raises NoSuchPerson, Erased."""
    person = _row(connection, person_id)
    email_enc = connection.execute(
        select(report_reporters.c.email_enc).where(
            report_reporters.c.person_id == person_id, report_reporters.c.report_id == report_id
        )
    ).scalar_one_or_none()
    return _identity(vault, person, email_enc)


def payee(connection: Connection, vault: Vault, person_id: str) -> Payee:
    """What a payout needs of a person. Raises NoSuchPerson, Erased."""
    row = _row(connection, person_id)
    return Payee(
        person_id=person_id,
        name=_value(vault, row, "name"),
        phone=_value(vault, row, "phone"),
        id_number=_value(vault, row, "id_number") if row.id_number_enc is not None else None,
        card_number=_value(vault, row, "card") if row.card_enc is not None else None,
    )


def set_id_number(connection: Connection, vault: Vault, person_id: str, id_number: str) -> None:
    """Add the ID number that a clerk saw. Raises IdOfAnother, NoSuchPerson, Erased."""
    index = vault.index("id", id_number)
    other = connection.execute(
        select(persons.c.id).where(persons.c.id_index == index, persons.c.id != person_id)
    ).scalar_one_or_none()
    if other is not None:
        raise IdOfAnother(other)
    _set(connection, vault, person_id, "id_number", id_number)
    connection.execute(update(persons).where(persons.c.id == person_id).values(id_index=index))


def set_card_number(connection: Connection, vault: Vault, person_id: str, card_number: str) -> None:
    """Set the card that payouts go to. Raises NoSuchPerson, Erased."""
    _set(connection, vault, person_id, "card", card_number)


def set_name(connection: Connection, vault: Vault, person_id: str, name: str) -> None:
    """Correct a name by the ID that a clerk saw. Raises NoSuchPerson, Erased, NameRequired, NameTooLong."""
    _set(connection, vault, person_id, "name", canonical_name(name))


def seal(connection: Connection, vault: Vault, person_id: str, text: str, *, place: str) -> bytes:
    """``text`` under the person's own key, for a row elsewhere (``place``): a frozen payout line keeps its payee so.

    Raises NoSuchPerson, Erased.
    """
    return vault.encrypt(_row(connection, person_id).wrapped_key, text, f"persons/{person_id}/{place}")


def unseal(connection: Connection, vault: Vault, person_id: str, sealed: bytes, *, place: str) -> str:
    """The inverse of ``seal``. Raises NoSuchPerson, Erased, WrongKey."""
    return vault.decrypt(_row(connection, person_id).wrapped_key, sealed, f"persons/{person_id}/{place}")


def erase(connection: Connection, person_id: str) -> None:
    """Destroy the person's key: nothing that is stored about them can be read again, in no copy that lacks it."""
    changed = connection.execute(
        update(persons).where(persons.c.id == person_id).values(wrapped_key=None, id_index=None)
    )
    if changed.rowcount != 1:
        raise NoSuchPerson(person_id)


def _row(connection: Connection, person_id: str) -> Row[Any]:
    row = connection.execute(select(persons).where(persons.c.id == person_id)).one_or_none()
    if row is None:
        raise NoSuchPerson(person_id)
    return row


def _value(vault: Vault, row: Row[Any], column: str) -> str:
    return vault.decrypt(row.wrapped_key, getattr(row, f"{column}_enc"), f"persons/{row.id}/{column}")


def _identity(vault: Vault, row: Row[Any], email_enc: bytes | None) -> Identity:
    email = "" if email_enc is None else vault.decrypt(row.wrapped_key, email_enc, f"persons/{row.id}/email")
    return Identity(_value(vault, row, "name"), _value(vault, row, "phone"), email)


def _set(connection: Connection, vault: Vault, person_id: str, column: str, value: str) -> None:
    key = _row(connection, person_id).wrapped_key
    sealed = vault.encrypt(key, value, f"persons/{person_id}/{column}")
    connection.execute(update(persons).where(persons.c.id == person_id).values({f"{column}_enc": sealed}))
