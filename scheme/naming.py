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
        "АВЕЗКМНОРСТУХІЈЅԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "滬遼魯蘇贛陝閩貴粵寧瓊雲晉學掛領",
        "ABE3KMHOPCTYXIJSQWABEZHIKMNOPTYX" + "沪辽鲁苏赣陕闽贵粤宁琼云晋学挂领",
    )
)
_DASHES = re.compile("[‐‑‒–—―−~]")
_NUMERALS = MappingProxyType(
    dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
)
_POWERS = MappingProxyType({"十": 10, "百": 100, "千": 1000})
NUMERALS = "零〇一二两三四五六七八九十百千"
_ROUTE = re.compile(r"[0-9A-Z\u3400-\u9fff]+(?:[-/][0-9A-Z\u3400-\u9fff]+)*")
_TIME_OR_PRICE = re.compile(r"\d[:.,]\d")
"""``8:41`` and ``8.41`` are a time and a price, never line 841."""

_SAID_BEFORE = re.compile(r"^(?:公交车?|巴士|第)+(?=.)")
_SAID_AFTER = re.compile(r"(?<=.)(?:公交车?|巴士|公共汽车|上行|下行)+$")
"""Said around a line's name and no part of it: both directions of a line are that line."""

_SERVICE = "区间|大站|夜宵|定班|高峰|支线|快线|快车|专线|环线|内环|外环|内圈|外圈"
_NUMBERED = re.compile(
    rf"(?P<area>[^0-9]*?)(?P<number>[0-9]+|[{NUMERALS}]+)(?P<letter>[A-Z]?)路?"
    rf"(?:(?P<branch>[A-Z])线?|(?P<service>{_SERVICE})车?)?"
)
"""A line with a number: each area, branch and service of it is a line of its own."""

_OTHERWISE_SAID = re.compile(rf"(?<=[0-9][A-Z])线$|(?<=[0-9A-Z])路(?=$|{_SERVICE})")
_BRIDGES = re.compile(r"([\u3400-\u9fff]+)([1-9])线")
_LONGEST_PADDED = 3
"""Digits up to which a line's number may be written with zeros before it (``01``). Of four and more
they are a bus's own number or a time without its colon.
"""


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
    """One form for all the ways to write one line (R2, R5).

    ``49路``, ``第49路``, ``四十九路`` and ``049`` are ``49``; ``933路快线`` is ``933快线``,
    ``13路A线`` ``13A``, ``1路(上行)`` ``1``, ``松江十九路`` ``松江19``, ``隧道3线`` ``隧道三线``.
    Different lines stay apart: ``933`` and ``933快线``, ``13`` and ``13A``, ``19`` and ``松江19``.

    Raises ``InvalidRoute`` for a text in which no name is left, or that is a time or a price.
    """
    folded = _folded(text, InvalidRoute)
    if _TIME_OR_PRICE.search(folded):
        raise InvalidRoute(text, "bad_sign")
    name = _DASHES.sub("-", folded)
    name = "".join(sign for sign in name if sign in "-/" or not _is_separator(sign))
    # What is left of one step may call for another (``公交公交49路上行``).
    while (plainer := _plainer(name)) != name:
        name = plainer
    if not name:
        raise InvalidRoute(text, "empty")
    if not _ROUTE.fullmatch(name):
        raise InvalidRoute(text, "bad_sign")
    return name


def _plainer(name: str) -> str:
    """A line's name one step nearer to its one form; that form itself stays as it is."""
    name = _SAID_AFTER.sub("", _SAID_BEFORE.sub("", name))
    if bridge := _BRIDGES.fullmatch(name):
        return f"{bridge[1]}{_DIGIT_NUMERALS[bridge[2]]}线"
    line = _NUMBERED.fullmatch(name)
    if line is None:
        return _OTHERWISE_SAID.sub("", name)
    variant = line["branch"] or line["service"] or ""
    return f"{line['area']}{_line_number(line['number'])}{line['letter']}{variant}"


def _line_number(written: str) -> str:
    """``四十九``, ``四九``, ``049`` and ``49`` are ``49``."""
    if not written.isascii():
        return str(_number(written))
    if len(written) > _LONGEST_PADDED:
        return written
    return written.lstrip("0") or "0"


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


_DIGIT_NUMERALS = MappingProxyType(dict(zip("123456789", "一二三四五六七八九", strict=True)))
"""Bridge and tunnel lines bear numerals."""


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
