"""What is asked of somebody who reports: a name and a number that can be reached (R7).

An address may be given. A name is never judged.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

LONGEST_NAME: Final = 80
LONGEST_EMAIL: Final = 254

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


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


class ReporterInvalid(Exception):
    """Something about the reporter at ``position`` in the list can't be taken."""

    def __init__(self, position: int = 0) -> None:
        super().__init__(f"reporter {position}")
        self.position = position


class NameRequired(ReporterInvalid):
    """A reporter without a name (R7)."""


class NameTooLong(ReporterInvalid):
    """A name of more than ``LONGEST_NAME`` signs."""


class PhoneRequired(ReporterInvalid):
    """A reporter without a phone number (R7)."""


class PhoneInvalid(ReporterInvalid):
    """No phone number that can be reached (R7)."""


class EmailInvalid(ReporterInvalid):
    """An address was given, but no mail can go there."""


def canonical_name(text: str, position: int = 0) -> str:
    """A name without stray spaces and unseen signs; it is never judged (R7).

    Raises NameRequired, NameTooLong.
    """
    signs = (
        " " if sign.isspace() else sign
        for sign in text
        if sign.isspace() or unicodedata.category(sign)[0] != "C"
    )
    name = " ".join("".join(signs).split())
    if not name:
        raise NameRequired(position)
    if len(name) > LONGEST_NAME:
        raise NameTooLong(position)
    return name


def same_name(one: str, other: str) -> bool:
    """Whether two names are one in different letters (full width, case, spaces)."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def canonical_email(text: str, position: int = 0) -> str:
    """An address, or "" where none is given. Raises EmailInvalid."""
    address = unicodedata.normalize("NFKC", text).strip()
    if address and (len(address) > LONGEST_EMAIL or not _EMAIL.fullmatch(address)):
        raise EmailInvalid(position)
    return address
