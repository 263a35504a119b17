"""What somebody may show to collect a reward: one table of kinds (R13).

Each kind has its check, how much of its number is shown again, and what the clerk looks at.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

LONGEST_TYPED: Final = 40
PERSONAL_LENGTH: Final = 18
OLD_PERSONAL_LENGTH: Final = 15
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
"""GB/T 2260: what a number that was given to a citizen begins with."""
_PERMIT_REGION = re.compile(r"8[1-3]")
"""Hong Kong, Macau, Taiwan: what the number on a residence permit begins with."""
_FOREIGN = "9"
"""What the 18 digits of a foreigner's permanent residence begin with (2023 and later)."""
_OLD_FOREIGN = re.compile(r"[A-Z]{3}[0-9]{12}")
"""Three letters of the nationality and twelve digits (before 2023)."""
_HAN = "\u4e00-\u9fff"
_MILITARY = re.compile(rf"((?:(?![字第号])[{_HAN}]){{1,2}})字?第?([0-9]{{4,8}})号?")
_PLAIN = re.compile(r"(?=.*[0-9])[0-9A-Z]{5,17}")


class DocumentKind(StrEnum):
    """What may be shown. The values are stored."""

    RESIDENT_ID = "resident_id"
    """居民身份证"""
    RESIDENCE_PERMIT = "residence_permit"
    """港澳台居民居住证"""
    PASSPORT = "passport"
    """护照"""
    PERMANENT_RESIDENCE = "permanent_residence"
    """外国人永久居留身份证"""
    TRAVEL_PERMIT = "travel_permit"
    """港澳居民来往内地通行证, 台湾居民来往大陆通行证"""
    MILITARY = "military"
    """军官证, 士兵证 and the like"""
    HOUSEHOLD_REGISTER = "household_register"
    """户口簿: of a minor, or of somebody who has no card"""
    OTHER = "other"
    """Another official document with a number"""


class Look(StrEnum):
    """What the clerk looks at before saying that document, person and report agree."""

    PHOTO = "photo"
    NAME = "name"
    NUMBER = "number"
    VALIDITY = "validity"
    OWN_PAGE = "own_page"
    """The page of the very person in a register of a whole household."""
    SEAL = "seal"
    GUARDIAN = "guardian"
    """Whoever collects for a minor stands in the same register and shows a card of their own."""


@dataclass(frozen=True, slots=True)
class Document:
    """An ID document by kind and canonical number.

    ``repr`` hides the number, because it reaches logs.
    """

    kind: DocumentKind
    number: str = field(repr=False)

    @property
    def personal(self) -> bool:
        """Whether it bears the 18 digits that are one person's on whichever document."""
        return PLANS[self.kind].personal and len(self.number) == PERSONAL_LENGTH

    @property
    def masked(self) -> str:
        """The number as pages show it: enough to compare, too little to use.

        The last signs that the kind allows, at most half of all; Chinese signs stay.
        """
        covered = sum(sign.isascii() for sign in self.number)
        covered -= min(PLANS[self.kind].shown, covered // 2)
        signs = []
        for sign in self.number:
            hidden = sign.isascii() and covered > 0
            covered -= hidden
            signs.append("*" if hidden else sign)
        return "".join(signs)


class DocumentInvalid(ValueError):
    """No valid number of an ID document.

    ``reason`` is empty, bad_kind, bad_sign, bad_length, bad_form, old_form, bad_region, bad_date,
    bad_check.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)  # never the number itself: texts of errors reach logs
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """One kind: ``form`` brings folded signs into the one form of the number, or raises.

    ``shown`` is how many signs at its end are shown again; ``personal``: its 18 digits are those
    of the person, so that two documents with the same ones are one person's.
    """

    form: Callable[[str], str]
    looks: tuple[Look, ...]
    shown: int = 4
    personal: bool = False


def document(text: str, kind: str = "") -> Document:
    """The document of that number, as it was typed or read off.

    Full-width and small letters, blanks and dashes do not matter. Without a ``kind`` the number
    tells which it is; a passport where it tells nothing. Raises DocumentInvalid.
    """
    if kind and kind not in [*DocumentKind]:
        raise DocumentInvalid("bad_kind")
    signs = _folded(text)
    of_kind = DocumentKind(kind) if kind else _kind_of(signs)
    return Document(of_kind, PLANS[of_kind].form(signs))


def _folded(text: str) -> str:
    """What was typed in one width and case, without blanks, dashes and dots."""
    if len(text) > LONGEST_TYPED:
        raise DocumentInvalid("bad_length")
    folded = unicodedata.normalize("NFKC", text).upper()
    signs = "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZPC")
    if not signs:
        raise DocumentInvalid("empty")
    return signs


def _kind_of(signs: str) -> DocumentKind:
    if re.search(f"[{_HAN}]", signs):
        return DocumentKind.MILITARY
    if _OLD_FOREIGN.fullmatch(signs):
        return DocumentKind.PERMANENT_RESIDENCE
    if len(signs) != PERSONAL_LENGTH:
        return DocumentKind.PASSPORT
    if signs.startswith(_FOREIGN):
        return DocumentKind.PERMANENT_RESIDENCE
    return (
        DocumentKind.RESIDENCE_PERMIT if _PERMIT_REGION.match(signs) else DocumentKind.RESIDENT_ID
    )


# -- the forms of numbers --------------------------------------------------------------------------


def _citizen(signs: str) -> str:
    number = _personal(signs)
    # Residence permits were taken for resident IDs before they were told apart.
    if not _PROVINCE.match(number):
        raise DocumentInvalid("bad_region")
    return number


def _permit(signs: str) -> str:
    number = _personal(signs)
    if not _PERMIT_REGION.match(number):
        raise DocumentInvalid("bad_region")
    return number


def _foreigner(signs: str) -> str:
    if _OLD_FOREIGN.fullmatch(signs):
        return signs
    number = _personal(signs)
    if not number.startswith(_FOREIGN):
        raise DocumentInvalid("bad_region")
    return number


def _personal(signs: str) -> str:
    """Eighteen signs by GB 11643: a region, a date of birth, a serial number, a check digit."""
    _require_latin(signs)
    if len(signs) != PERSONAL_LENGTH:
        raise DocumentInvalid("bad_length")
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", signs):
        raise DocumentInvalid("bad_sign")
    try:
        date(int(signs[6:10]), int(signs[10:12]), int(signs[12:14]))
    except ValueError as problem:
        raise DocumentInvalid("bad_date") from problem
    weighed = sum(int(digit) * weight for digit, weight in zip(signs[:-1], _WEIGHTS, strict=True))
    if _CHECK_SIGNS[weighed % len(_CHECK_SIGNS)] != signs[-1]:
        raise DocumentInvalid("bad_check")
    return signs


def _plain(signs: str) -> str:
    _require_latin(signs)
    if not _PLAIN.fullmatch(signs):
        raise DocumentInvalid("bad_length")
    return signs


def _military(signs: str) -> str:
    """``军字第2001988号``, whichever of its words were typed."""
    read = _MILITARY.fullmatch(signs)
    if read is None:
        raise DocumentInvalid("bad_form")
    return f"{read[1]}字第{read[2]}号"


def _require_latin(signs: str) -> None:
    if not re.fullmatch(r"[0-9A-Z]+", signs):
        raise DocumentInvalid("bad_sign")
    if len(signs) == OLD_PERSONAL_LENGTH and signs.isdigit():
        raise DocumentInvalid("old_form")


# -- the table -------------------------------------------------------------------------------------

_CARD: Final = (Look.PHOTO, Look.NAME, Look.NUMBER, Look.VALIDITY)

PLANS: Final[Mapping[DocumentKind, DocumentPlan]] = MappingProxyType(
    {
        DocumentKind.RESIDENT_ID: DocumentPlan(_citizen, _CARD, personal=True),
        DocumentKind.RESIDENCE_PERMIT: DocumentPlan(_permit, _CARD, personal=True),
        DocumentKind.PASSPORT: DocumentPlan(_plain, _CARD),
        DocumentKind.PERMANENT_RESIDENCE: DocumentPlan(_foreigner, _CARD, personal=True),
        DocumentKind.TRAVEL_PERMIT: DocumentPlan(_plain, _CARD),
        DocumentKind.MILITARY: DocumentPlan(_military, (*_CARD, Look.SEAL), shown=2),
        DocumentKind.HOUSEHOLD_REGISTER: DocumentPlan(
            _citizen,
            (Look.OWN_PAGE, Look.NAME, Look.NUMBER, Look.SEAL, Look.GUARDIAN),
            personal=True,
        ),
        DocumentKind.OTHER: DocumentPlan(_plain, (*_CARD, Look.SEAL)),
    }
)
