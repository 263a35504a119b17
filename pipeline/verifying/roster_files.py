"""Roster files as depots keep them: a table out of CSV or XLSX, its columns by their meaning (R2).

UTF-8 or GB18030 (GBK is a part of it), commas, semicolons or tabs, English or Chinese column names,
with or without a title above them. What a column means is said, and which columns mean nothing
here, so that a person can look before anything counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pipeline.spreadsheets import Table, TableLimits, TableUnreadable, read_table

LIMITS: Final = TableLimits(file_bytes=50 * 2**20, unpacked_bytes=8 * 50 * 2**20, rows=200_000)
TITLE_LINES: Final = 10
"""So many lines may stand above the column names."""

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "plate": ("plate", "车牌", "车牌号", "车牌号码", "号牌", "号牌号码", "车辆牌照", "牌照号"),
        "fleet_number": ("fleet_number", "自编号", "车辆自编号", "自编车号", "内部编号", "车号"),
        "badge": ("badge", "上岗证", "上岗证号", "服务证号", "工号", "员工号", "驾驶员工号"),
        "route": ("route", "line", "线路", "线路名称", "线路号", "路线", "营运线路", "路别"),
        "unit": ("unit", "单位", "所属单位", "责任单位", "分公司", "车队", "所属车队", "部门"),
    }
)
"""What a column means, by the names that it has in the files of depots."""


class RosterUnreadable(Exception):
    """A file that is no table with the columns of a roster.

    ``reason`` is one of TableUnreadable's, no_columns or column_twice.
    """

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One line by the meaning of its cells; ``number`` counts from 1 as a spreadsheet does."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RosterTable:
    """A roster file as it was understood."""

    written_as: str
    """utf-8, utf-16, gb18030 or xlsx."""
    columns: Mapping[str, str]
    """Meaning -> the name that it has in the file."""
    unused: tuple[str, ...]
    """Columns that mean nothing here."""
    lines: tuple[RosterLine, ...]


def read_roster(content: bytes) -> RosterTable:
    """Read a roster file. Raises RosterUnreadable."""
    try:
        table = read_table(content, LIMITS)
    except TableUnreadable as refusal:
        raise RosterUnreadable(refusal.reason) from refusal
    return _understood(table)


def _understood(table: Table) -> RosterTable:
    columns: Mapping[int, str] = {}
    names: Sequence[str] = ()
    lines: list[RosterLine] = []
    for number, row in enumerate(table.rows, start=1):
        cells = [cell.strip() for cell in row]
        if columns:
            filled = {columns[place]: cells[place] for place in columns if place < len(cells)}
            if any(filled.values()):
                lines.append(RosterLine(number, filled))
        elif number <= TITLE_LINES:
            columns, names = _columns(cells), cells
    if not columns or not lines:
        raise RosterUnreadable("no_columns")
    known = {meaning: names[place] for place, meaning in columns.items()}
    unused = tuple(name for name in names if name and name not in known.values())
    return RosterTable(table.written_as, known, unused, tuple(lines))


def _columns(cells: Sequence[str]) -> Mapping[int, str]:
    """Place -> meaning, where these cells are column names; empty where they are not.

    Raises RosterUnreadable where two columns mean the same.
    """
    places: dict[int, str] = {}
    for place, cell in enumerate(cells):
        meaning = _meaning(cell)
        if meaning in places.values():
            raise RosterUnreadable("column_twice", cell)
        if meaning:
            places[place] = meaning
    names_somebody = {"plate", "badge"} & set(places.values())
    return places if names_somebody and "route" in places.values() else {}


def _meaning(name: str) -> str:
    plain = "".join(name.split()).casefold()
    for meaning, names in NAMES.items():
        if plain in names:
            return meaning
    return ""
