"""The line names that one text can stand for, and how each stands in it.

A name is the whole text (``49``, ``K4``, ``隧道三线``), stands beside its destination (``149
上海南站``, ``Punggol 382G``), glued to it (``149上海南站``, ``53TACOMA MALL``), between two ends
(``上海南站—149—徐家汇``) or with 路 in a longer text (``火车站1路梅树园``). A time, a price, a
street, a phone number, a plate and a vehicle's own number name no line. No list of known lines is
asked.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from scheme.naming import InvalidRoute, canonical_route


class Manner(StrEnum):
    """How a name stands in its text."""

    WHOLE = "whole"
    OUTER = "outer"
    """Before the brackets of ``510(1-19)``."""
    INNER = "inner"
    """Inside them."""
    AREA = "area"
    """An area or service with a number and no 路 (``嘉定1``, ``夜宵 307``)."""
    WITH_ROAD = "with_road"
    """With 路 in a longer text."""
    FIRST = "first"
    """Before its destination, a space between."""
    LAST = "last"
    """Behind it."""
    AMID = "amid"
    """Between two words."""
    BETWEEN = "between"
    """Between its two ends, dashes or arrows between."""
    GLUED_FIRST = "glued_first"
    GLUED_LAST = "glued_last"
    PICTOGRAM = "pictogram"
    """Behind a pictogram of a bus, which readers take for 日."""
    LETTER_FIRST = "letter_first"
    """One letter before its destination (``E AURORA VILLAGE TC``)."""


WEIGHTS: Mapping[Manner, float] = MappingProxyType(
    {
        Manner.WHOLE: 1.0,
        Manner.OUTER: 0.9,
        Manner.INNER: 0.7,
        Manner.AREA: 0.9,
        Manner.WITH_ROAD: 0.9,
        Manner.FIRST: 0.95,
        Manner.LAST: 0.7,
        Manner.AMID: 0.5,
        Manner.BETWEEN: 0.9,
        Manner.GLUED_FIRST: 0.85,
        Manner.GLUED_LAST: 0.6,
        Manner.PICTOGRAM: 0.85,
        Manner.LETTER_FIRST: 0.4,
    }
)
"""What is left of a text's probability. Chosen by looking at ``data/signs`` and ``data/buses``, so
figures on them are in-sample. One letter is never sure.
"""


class Named(NamedTuple):
    """A line's name in its one form, and how it stands in the text."""

    text: str
    manner: Manner


_NUMBER = r"(?:\d{1,4}[A-Z]?|[A-Z]{1,2}\d{1,3}[A-Z]?|\d{1,2}-\d{1,3}[A-Z]?|[A-Z]\d?-\d{1,2}[A-Z]?)"
_KIND = r"(?:区间|大站车?|夜宵|定班车?|高峰|快线|专线|支线|环线|内环|外环)"
_HAN = r"[\u4e00-\u9fff]"
_NUMERALS = "一二三四五六七八九十"
_WHOLE = re.compile(
    rf"(?:第|公交)?{_NUMBER}(?:路|線|线|號|号线)?"
    rf"(?:[(（]?(?:{_KIND}|[A-Z]线|[上下]行)[)）]?)?路?"
)
_BRACKETED = re.compile(rf"{_NUMBER}\(\d{{1,2}}-\d{{1,3}}[A-Z]?\)")
_NAMED = re.compile(
    rf"(?:{_HAN}{{2,4}}(?:[{_NUMERALS}]{{1,2}}|\d{{1,3}})(?:线|路)|[{_NUMERALS}百]{{1,5}}路|"
    rf"{_HAN}{{2,4}}(?:{_KIND}))"
)
_TWO_ENDS = re.compile(rf"{_HAN}{{2,3}}线")
_NO_LINE_OF_BUSES = re.compile(
    r"[热无天电在黄白红标马直曲界]线|(?:地铁|轻轨|警戒|安全|一米|等候|停车|路|航|光|视|毛|干|主|支|全|沿)线"
)
"""What ends in 线 on streets and buses and is none of their lines: 服务热线, 一米线."""

_AREA = re.compile(
    rf"(?:夜宵(?P<night>\d{{1,3}})|{_HAN}{{2,3}}(?<![门口号楼层台室厅级区座位站第车])\d{{1,2}})"
)
_INSIDE = re.compile(rf"(?<![0-9A-Z:./-])({_NUMBER})路(?:[(（]?({_KIND})[)）]?)?")
_BESIDE = re.compile(rf"(?:^|\s)({_NUMBER})(?=$|\s)")
_DASHES = "[-—–~→↔⇌一]+"
"""Readers take a long dash for 一."""

_BETWEEN = re.compile(rf"(?<={_HAN}){_DASHES}({_NUMBER}){_DASHES}(?={_HAN})")
_GLUED_LAST = re.compile(r"(?<=[A-Za-z]{3})(\d{1,3}[A-Z]?)$")
_GLUED_FIRST = re.compile(
    rf"(?:(\d{{1,3}})(?=[A-Z]{{4}}|[A-Z]{{2,3}}\s[A-Z]{{3}})|(\d{{1,3}}|[A-Z]\d{{1,2}})(?={_HAN}{{2}}))"
)
_GLUED_TO_HAN = re.compile(rf"(?<={_HAN}{{2}})(\d{{2,3}})$")
_PICTOGRAM = re.compile(r"日\s?(\d{1,3}[A-Z]?)")
_LETTER_FIRST = re.compile(r"([A-Z])\s+[A-Z]{4}")
_NOT_A_SIGN = re.compile(
    r"\d{2}:\d{2}|\d{4}[-/.年]\d|\d{1,2}[./]\d{1,2}[./]\d{4}|KM/H|限|米|吨|座|%|￥|元|\d{7,}|"
    r"\d[月日时分秒岁折人公点级层楼室号](?!线)|\d小时|\d年|"
    r"T\d(?:机场|航站)|^[2-6]G(?![A-Z])"
)
_SAID_BEFORE = re.compile(r"^(?:线路|路线)[\s:]*")
_LONG_NUMBER = re.compile(r"\d{5,}")
_COUNTED = re.compile(
    r"\d+\s?(?:ST|ND|RD|TH|AM|PM|KM|KG|MIN|MINS|MINUTES?|HOURS?|HRS|DAYS?|YEARS?|SEATS?|PERSONS?|"
    r"PASSENGERS?|STEPS?|DOORS?|FEET|METRES?|METERS?|MPH|OFF|AVE|AVENUE|STREET)\b"
)
"""Something counted, an hour, or a street (``35TH``, ``30 AVE``)."""

_NUMBER_OF = re.compile(
    r"(?:\b|(?<=[A-Z]))(?:AVE(?:NUE)?|AUE|ST(?:REET)?|R(?:OA)?D|LOR(?:ONG)?|L?OHLOR|EXIT|BLK|BLOCK"
    r"|GATE|PIER|BERTH|LEVEL|NO\.?|BUS\s?#)\s*\d{1,4}[A-Z]?$|"
    r"(?:[热专]线|电话|[核荷准]载|准乘|定员|编号|车号|工号|TEL\.?)\D{0,2}\d"
)
"""The number of a street, a gate, a vehicle or a telephone (``JURONG WEST ST 64``)."""
_VEHICLE = re.compile(
    r"(?:[\u4e00-\u9fff][A-Z]{0,2}|[A-Z]{1,4})[-·.]?\d{2,5}[A-Z]?|\d{1,2}-\d{3,5}|\d{1,2}-\d{1,2}\(\d{1,3}\)|\d{4}"
)
"""A plate or a vehicle's own number, near enough: where one stands, a bus is."""


def names_in(text: str) -> list[Named]:
    """The names that ``text`` can stand for, the most telling first; one entry a name."""
    folded = unicodedata.normalize("NFKC", text).strip(" ·.,:;!>*'\"|[]{}《》<").upper()
    folded = _SAID_BEFORE.sub("", folded)
    joined = re.sub(r"\s+", "", folded)
    if _BRACKETED.fullmatch(joined):
        outer, inner = joined[:-1].split("(")
        return _valid([(joined, Manner.WHOLE), (outer, Manner.OUTER), (inner, Manner.INNER)])
    if _NOT_A_SIGN.search(joined) or _NUMBER_OF.search(folded) or _LONG_NUMBER.search(folded):
        return []
    if whole := _whole(joined):
        return _valid([whole])
    return _valid([*_apart(folded, joined), *_glued(folded, joined)])


def is_whole(text: str) -> bool:
    """Whether the whole text is one name."""
    joined = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return _BRACKETED.fullmatch(joined) is not None or (
        _NOT_A_SIGN.search(joined) is None and _whole(joined) is not None
    )


def is_plain_number(text: str) -> bool:
    """Whether the whole text is a number as lines have (``49``, ``49路``, ``K4``)."""
    return _WHOLE.fullmatch(text.strip()) is not None


def is_of_a_vehicle(text: str) -> bool:
    """Whether the text is a plate or a vehicle's own number, near enough."""
    return _VEHICLE.fullmatch(re.sub(r"\s", "", text.upper())) is not None


def _whole(joined: str) -> tuple[str, Manner] | None:
    if _WHOLE.fullmatch(joined) or _NAMED.fullmatch(joined):
        return joined, Manner.WHOLE
    if _TWO_ENDS.fullmatch(joined) and not _NO_LINE_OF_BUSES.search(joined):
        return joined, Manner.WHOLE
    if _AREA.fullmatch(joined):
        return joined, Manner.AREA
    if pictogram := _PICTOGRAM.fullmatch(joined):
        return pictogram[1], Manner.PICTOGRAM
    return None


def _apart(folded: str, joined: str) -> Iterator[tuple[str, Manner]]:
    """Names with something between them and the rest of the text."""
    for match in _INSIDE.finditer(joined):
        yield match[1] + (match[2] or ""), Manner.WITH_ROAD
    for match in _BETWEEN.finditer(joined):
        yield match[1], Manner.BETWEEN
    if _COUNTED.match(folded):
        return
    for match in _BESIDE.finditer(folded):
        if any(sign.isdigit() for sign in match[1]):
            yield match[1], _side(match, folded)
    if letter := _LETTER_FIRST.match(folded):
        yield letter[1], Manner.LETTER_FIRST


def _side(match: re.Match[str], folded: str) -> Manner:
    if match.start(1) == 0:
        return Manner.FIRST
    return Manner.LAST if match.end(1) == len(folded) else Manner.AMID


def _glued(folded: str, joined: str) -> Iterator[tuple[str, Manner]]:
    """Names that nothing parts from their destination."""
    if _VEHICLE.fullmatch(joined) or _COUNTED.match(folded):
        return
    for match in (*_GLUED_LAST.finditer(joined), *_GLUED_TO_HAN.finditer(joined)):
        yield match[1], Manner.GLUED_LAST
    if first := _GLUED_FIRST.match(folded):
        yield first[1] or first[2], Manner.GLUED_FIRST


def _valid(names: list[tuple[str, Manner]]) -> list[Named]:
    valid: dict[str, Named] = {}
    for name, manner in names:
        if not name.strip("0"):
            continue
        try:
            line = canonical_route(re.sub(r"\((\d[^)]*)\)", r"/\1", name))
        except InvalidRoute:
            continue
        known = valid.get(line)
        if known is None or WEIGHTS[known.manner] < WEIGHTS[manner]:
            valid[line] = Named(line, manner)
    return list(valid.values())
