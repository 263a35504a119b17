"""One canonical form for the names people and cameras write in many ways.

Plates, lines, badges (TRUST.md 6 D).

What a reporter types, what the roster lists and what the reader sees meet here, so equality of
texts is enough everywhere else. Every function refuses with a subclass of ``InvalidName`` instead
of guessing.
"""

import re
import unicodedata
from types import MappingProxyType

from scheme.reading import PlateNumber

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The 31 signs that a civil plate begins with."""

SPECIAL_ENDINGS = "学警挂港澳领使"
"""Signs that may stand last on a plate of seven: driving school, police, trailer, border,
consulate, embassy.
"""

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The letters of a serial: I and O are never issued there, so they are read as 1 and 0."""

LONGEST_NAME = 40
"""Signs, before anything is stripped: a longer text is no name, and is not worth normalising."""

_TWINS = MappingProxyType(
    str.maketrans(
        # Cyrillic and Greek capitals that look like Latin ones, then traditional forms of the
        # province signs.
        "АВЕЗКМНОРСТУХІЈЅԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ滬遼魯蘇贛陝閩貴粵寧瓊雲晉學掛領",
        "ABE3KMHOPCTYXIJSQWABEZHIKMNOPTYX沪辽鲁苏赣陕闽贵粤宁琼云晋学挂领",
    )
)
_DASHES = re.compile("[‐‑‒–—―−~]")
_NUMERALS = MappingProxyType(
    dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
)
_POWERS = MappingProxyType({"十": 10, "百": 100, "千": 1000})
NUMERALS = "零〇一二两三四五六七八九十百千"
_ROUTE = re.compile(r"[0-9A-Z\u3400-\u9fff]+(?:[-/][0-9A-Z\u3400-\u9fff]+)*")


class InvalidName(ValueError):
    """A text that is no name of its kind.

    ``reason`` is a code: empty, too_long, bad_sign and others.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(reason)
        self.text, self.reason = text, reason


class InvalidPlate(InvalidName):
    """No plate: ``reason`` is empty, too_long, no_province, bad_place, bad_length or bad_sign."""


class InvalidRoute(InvalidName):
    """No line name: ``reason`` is empty, too_long or bad_sign."""


class InvalidBadge(InvalidName):
    """No badge number: ``reason`` is empty, too_long or bad_sign."""


def canonical_plate(text: str) -> PlateNumber:
    """``"沪-a 1234 5"`` -> ``沪A12345``: seven signs, or eight for new energy.

    Raises ``InvalidPlate``.

    In the serial O is read as 0 and I as 1, at the place letter 0 as O, because plates never carry
    the other.
    """
    signs = "".join(sign for sign in _folded(text, InvalidPlate) if not _is_separator(sign))
    if not signs:
        raise InvalidPlate(text, "empty")
    if signs[0] not in PROVINCES:
        raise InvalidPlate(text, "no_province")
    if len(signs) not in (7, 8):
        raise InvalidPlate(text, "bad_length")
    place = "O" if signs[1] == "0" else signs[1]
    if place not in LETTERS + "O":
        raise InvalidPlate(text, "bad_place")
    serial = signs[2:].replace("O", "0").replace("I", "1")
    if not _serial_is_issued(serial):
        raise InvalidPlate(text, "bad_sign")
    return PlateNumber(signs[0] + place + serial)


def canonical_route(text: str) -> str:
    """``"49"``, ``"49路"``, ``"四十九路"`` -> ``"49"``; ``"隧道三线"``, ``"K4"``, ``"926区间"`` stay. R2, R5.

    Raises ``InvalidRoute`` for a text in which no name is left.
    """
    name = _DASHES.sub("-", _folded(text, InvalidRoute))
    name = "".join(sign for sign in name if sign in "-/" or not _is_separator(sign))
    name = re.sub(r"^(?:公交车?|巴士|第)+(?=.)", "", name)
    name = re.sub(r"(?<=.)(?:公交车?|巴士|公共汽车)$", "", name)
    name = re.sub(
        r"(?<=[0-9A-Z零〇一二两三四五六七八九十百千])路(?=$|区间|大站|夜宵|定班|高峰|支线)",
        "",
        name,
    )
    if name and all(sign in NUMERALS for sign in name):
        name = str(_number(name))
    name = re.sub(
        r"^([\u3400-\u9fff]+)([1-9])线$", lambda m: f"{m[1]}{NUMERALS[2:][_DIGIT[m[2]]]}线", name
    )
    if not name:
        raise InvalidRoute(text, "empty")
    if not _ROUTE.fullmatch(name):
        raise InvalidRoute(text, "bad_sign")
    return name


def canonical_badge(text: str) -> str:
    """``"工号：０１２３ 45"`` -> ``"012345"``: letters and digits, leading zeros kept.

    Raises ``InvalidBadge``.
    """
    signs = "".join(sign for sign in _folded(text, InvalidBadge) if not _is_separator(sign))
    signs = re.sub(
        r"^(?:上岗证|服务证|服务监督卡?|从业资格证|工号|编号|证号|号码|NO(?=\d))+", "", signs
    )
    signs = re.sub(r"(?<=\d)号$", "", signs)
    if not signs:
        raise InvalidBadge(text, "empty")
    if not re.fullmatch(r"[0-9A-Z\u3400-\u9fff]+", signs):
        raise InvalidBadge(text, "bad_sign")
    return signs


_DIGIT = MappingProxyType({"1": 0, "2": 1, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9})
"""Where a digit's numeral stands in ``NUMERALS[2:]`` (两 is skipped)."""


def _folded(text: str, refusal: type[InvalidName]) -> str:
    """Compatibility forms, case and look-alikes folded away."""
    if len(text) > LONGEST_NAME:
        raise refusal(text, "too_long")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper()).translate(
        _TWINS
    )


def _is_separator(sign: str) -> bool:
    """Spaces, punctuation, zero-width and control signs, and loose marks.

    None of them is part of a name.
    """
    return unicodedata.category(sign)[0] in "ZPCM" or sign in "⋅|+=<>^`"


def _serial_is_issued(serial: str) -> bool:
    plain = LETTERS + "0123456789"
    if len(serial) == 5:  # noqa: PLR2004 -- five signs is the ordinary serial
        return all(sign in plain for sign in serial[:4]) and serial[4] in plain + SPECIAL_ENDINGS
    # New energy (GA 36-2018): a letter first (small vehicles) or last (large ones, buses among
    # them).
    small = serial[0] in "ABCDEFGHJK" and serial[1] in plain and serial[2:].isdigit()
    large = serial[:5].isdigit() and serial[5] in "ABCDEFGHJK"
    return (small or large) and all(sign in plain for sign in serial)


def _number(numeral: str) -> int:
    """``四十九`` and ``四九`` are both 49.

    With powers it is counted, without it is spelt digit by digit.
    """
    if not any(sign in _POWERS for sign in numeral):
        return int("".join(str(_NUMERALS[sign]) for sign in numeral))
    total, digit = 0, 0
    for sign in numeral:
        if sign in _POWERS:
            total += (digit or 1) * _POWERS[sign]
            digit = 0
        else:
            digit = _NUMERALS[sign]
    return total + digit
