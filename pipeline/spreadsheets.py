"""Tables that people send as files: rows of texts out of CSV or XLSX, under limits.

UTF-8, UTF-16 or GB18030 (GBK is a part of it), whatever separates the cells; nothing is understood
here. A cell is the text that its spreadsheet would show: a number of sixteen digits or more was
rounded when it became a number, so it is written with its exponent, as a spreadsheet shows it.
"""

import codecs
import contextlib
import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

MOST_COLUMNS: Final = 100
BETWEEN_CELLS: Final = ",\t;，|"
SAMPLE_LINES: Final = 30
"""So many lines are tried with each of ``BETWEEN_CELLS``."""

EXACT_BELOW: Final = 10**15
"""A spreadsheet keeps fifteen digits of a number."""

OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
"""How a workbook from before 2007 begins, and one that a pass word protects."""

ENCODINGS: Final = ("utf-8-sig", "gb18030")

NO_WORKBOOK: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    IndexError,
    ValueError,
    OSError,
)
"""What openpyxl raises for a ZIP that is no workbook, depending on where it stumbles."""


class TableUnreadable(Exception):
    """A file that is no table.

    ``reason`` is too_large, too_many_lines, too_many_columns, no_table, old_workbook, web_page or
    open_quote.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How much of a file is taken in."""

    file_bytes: int
    unpacked_bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """A file's cells as texts; the first row is row 1 of its spreadsheet, empty ones stay."""

    written_as: str
    """utf-8, utf-16, gb18030 or xlsx."""
    rows: tuple[tuple[str, ...], ...]


def read_table(content: bytes, limits: TableLimits) -> Table:
    """Read a file's first sheet. Raises TableUnreadable."""
    if len(content) > limits.file_bytes:
        raise TableUnreadable("too_large")
    if content.startswith(OLD_WORKBOOK):
        raise TableUnreadable("old_workbook")
    if zipfile.is_zipfile(io.BytesIO(content)):
        return Table("xlsx", _within(limits, _sheet(content, limits)))
    written_as, text = _decoded(content)
    if text.lstrip().startswith("<"):
        raise TableUnreadable("web_page")
    return Table(written_as, _within(limits, _separated(text)))


def _within(limits: TableLimits, rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    taken: list[tuple[str, ...]] = []
    for row in rows:
        if len(taken) == limits.rows:
            raise TableUnreadable("too_many_lines")
        taken.append(_without_empty_end(row))
    return tuple(taken)


def _without_empty_end(row: Sequence[str]) -> tuple[str, ...]:
    cells = list(row)
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise TableUnreadable("too_many_columns")
    return tuple(cells)


def _decoded(content: bytes) -> tuple[str, str]:
    encodings: Sequence[str] = ENCODINGS
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(encoding).removeprefix("\ufeff")
            if "\0" not in text:
                return encoding.removesuffix("-sig"), text
    raise TableUnreadable("no_table")


def _separated(text: str) -> Iterator[Sequence[str]]:
    try:
        # A quote that is never closed would silently take every row behind it into its cell.
        yield from csv.reader(
            io.StringIO(text, newline=""), delimiter=_separator(text), strict=True
        )
    except csv.Error as problem:
        reason = "open_quote" if "unexpected end" in str(problem) else "no_table"
        raise TableUnreadable(reason) from problem


def _separator(text: str) -> str:
    """The sign that cuts most rows into one number of cells.

    Amounts have commas and titles have anything: what a table's rows have in common counts.
    """
    head = text.splitlines()[:SAMPLE_LINES]

    def in_common(separator: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(head, delimiter=separator))
        return max(((rows, width) for width, rows in widths.items() if width > 1), default=(0, 0))

    return max(BETWEEN_CELLS, key=in_common)


def _sheet(content: bytes, limits: TableLimits) -> Iterator[Sequence[str]]:
    """The first sheet's cells as texts."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unpacked_bytes = sum(part.file_size for part in parts.infolist())
        if unpacked_bytes > limits.unpacked_bytes:
            raise TableUnreadable("too_large")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        with contextlib.closing(book):
            sheet = book.worksheets[0]
            # What a sheet states of its own size is often wrong, and would cut rows off.
            sheet.reset_dimensions()
            for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True):
                yield [_as_shown(value) for value in row]
    except NO_WORKBOOK as problem:
        raise TableUnreadable("no_table") from problem


def _as_shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if abs(value) >= EXACT_BELOW:
        return f"{value:.14E}"
    return str(int(value)) if value == int(value) else f"{value:.15g}"
