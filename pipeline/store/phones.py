"""Phone numbers: one form each, so that a number is one person's (R7, R17).

A number written with ``+`` or ``00`` belongs to the country that it names and to no other: cut to
its digits, ``+1 415 555 2671`` would be a stranger's mobile here. What a number is decides at once
how its owner can be told.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from scheme.reporter import PhoneInvalid, PhoneRequired

LONGEST_TYPED: Final = 80
HOME: Final = "86"
"""No other country's code begins so."""
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}")
_ABROAD_OR_HOME: Final = re.compile(r"(?:\+|00)([1-9][0-9]{5,14})")
_HOME_WITHOUT_SIGN: Final = re.compile(r"86(?=1[0-9]{10}$|0?[1-9][0-9]{8,11}$)")


class PhoneKind(StrEnum):
    """What a number is: only a mobile of this country takes a text message of ours."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    ABROAD = "abroad"


def canonical(text: str) -> str | None:
    """The one form of a number; None where it is none that can be called.

    ``"+86 138-0013-8000"``, ``"１３８００１３８０００"`` -> ``"13800138000"``; landlines with their
    area code (``"02163115711"``); every other country's as ``"+85291234567"``.
    """
    if len(text) > LONGEST_TYPED:
        return None
    folded = unicodedata.normalize("NFKC", text)
    signs = "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZCP")
    named = _ABROAD_OR_HOME.fullmatch(signs)
    if named is None:
        return _of_this_country(signs)
    if named[1].startswith(HOME):
        return _of_this_country(named[1].removeprefix(HOME), from_abroad=True)
    return _abroad(named[1])


def required(text: str, position: int = 0) -> str:
    """The one form of the number of the reporter at ``position``.

    Raises PhoneRequired, PhoneInvalid (R7).
    """
    if not text.strip():
        raise PhoneRequired(position)
    number = canonical(text)
    if number is None:
        raise PhoneInvalid(position)
    return number


def kind(phone: str) -> PhoneKind:
    """What a number in its one form is."""
    if phone.startswith("+"):
        return PhoneKind.ABROAD
    return PhoneKind.LANDLINE if phone.startswith("0") else PhoneKind.MOBILE


def _abroad(digits: str) -> str | None:
    # Its tables take a tenth of a second of every start otherwise
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _of_this_country(signs: str, *, from_abroad: bool = False) -> str | None:
    number = _HOME_WITHOUT_SIGN.sub("", signs)
    if _MOBILE.fullmatch(number):
        return number
    if (from_abroad or number != signs) and not number.startswith("0"):
        number = f"0{number}"  # the zero of the area code is not dialled from abroad
    return number if _LANDLINE.fullmatch(number) else None
