"""The payout list as a file: CSV and XLSX, inert to a spreadsheet, the same bytes every time.

A spreadsheet that opens a CSV takes a long number for a figure: it drops leading zeros and all
digits after the fifteenth. So an account of digits has a tab behind it there, as the lists of
payment companies in China have: it stays a text, and reading it back takes the tab away. In XLSX
accounts are text cells anyway.

Every text goes through ``clean``; in CSV a text that begins like a formula gets an apostrophe, in
XLSX every text is a string cell. Nothing volatile is written: no time of writing, no clock in the
archive.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from rewards.payout import (
    TOTAL,
    PayoutChannel,
    PayoutLine,
    cells,
    clean,
    control_total,
    reads_as_formula,
)
from scheme.money import yuan

_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CORE = "docProps/core.xml"
_FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
AMOUNT_FORMAT = "0.00"


@dataclass(frozen=True, slots=True)
class PayoutList:
    """A frozen batch, ready to be written.

    ``headings``: column -> what a person calls it; the channel names those of its account in
    ``language`` itself, and missing ones stay keys.
    """

    batch_number: str
    channel: PayoutChannel
    lines: tuple[PayoutLine, ...]
    manifest_sha256: str
    headings: Mapping[str, str]
    language: str = "zh"

    def heading(self, column: str) -> str:
        """``"金额 amount"``: the last word is the key by which a returned list is read."""
        words = self.headings.get(column, "") or self._account_headings().get(column, "")
        return f"{words} {column}" if words else column

    def _account_headings(self) -> Mapping[str, str]:
        parts = self.channel.account.parts if self.channel.account is not None else ()
        return {part.column: part.heading(self.language) for part in parts}

    def rows(self) -> list[Mapping[str, str]]:
        """Every line's cells, then the control total."""
        total = control_total(self.lines)
        last = {
            "batch": self.batch_number,
            "line": TOTAL,
            "payee": str(total.count),
            "amount": yuan(total.total_fen),
        }
        return [*(cells(self.batch_number, self.channel, line) for line in self.lines), last]


def defused(text: str) -> str:
    """``=1+1`` -> ``'=1+1``: a CSV cell that a spreadsheet will not calculate."""
    return "'" + text if reads_as_formula(text) else text


def kept_whole(text: str) -> str:
    """A CSV cell of digits with a tab behind it: a text to a spreadsheet, not a figure."""
    return text + "\t" if text.isdecimal() else text


def to_csv(payout: PayoutList) -> bytes:
    """The list as CSV (UTF-8 with a byte-order mark, CRLF).

    Columns of the channel, last row the control total.
    """
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    columns = payout.channel.columns
    writer.writerow(payout.heading(column) for column in columns)
    accounts = payout.channel.account_columns
    for row in payout.rows():
        texts = {column: defused(clean(row.get(column, ""))) for column in columns}
        texts |= {column: kept_whole(texts[column]) for column in accounts}
        writer.writerow(texts.values())
    return sheet.getvalue().encode("utf-8-sig")


def to_xlsx(payout: PayoutList) -> bytes:
    """The list as XLSX: sheet ``payout`` like the CSV, ``control`` with what is compared."""
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = "payout"
    _write_lines(sheet, payout)
    total = control_total(payout.lines)
    control = book.create_sheet("control")
    facts = {
        "batch": payout.batch_number,
        "count": str(total.count),
        "total": yuan(total.total_fen),
        "manifest_sha256": payout.manifest_sha256,
    }
    for row, (key, value) in enumerate(facts.items(), start=1):
        _text(control, row, 1, payout.heading(key))
        _text(control, row, 2, value)
    written = io.BytesIO()
    book.save(written)
    return _without_clock(written.getvalue())


def _write_lines(sheet: Worksheet, payout: PayoutList) -> None:
    columns = payout.channel.columns
    for column, key in enumerate(columns, start=1):
        _text(sheet, 1, column, payout.heading(key))
    for row, entries in enumerate(payout.rows(), start=2):
        for column, key in enumerate(columns, start=1):
            if key == "amount":
                cell = sheet.cell(row, column, Decimal(entries[key]))
                cell.number_format = AMOUNT_FORMAT
            else:
                _text(sheet, row, column, entries.get(key, ""))


def _text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell: Any = sheet.cell(row, column)
    # The format reads _x0041_ as an escaped "A": the underscore is escaped so that the text stays
    # what it is.
    cell.value = _LOOKS_ESCAPED.sub("_x005F_", clean(text))
    cell.data_type = "s"  # never a formula, whatever it begins with
    cell.number_format = "@"  # nor a figure, when somebody goes into the cell and out again


def _without_clock(content: bytes) -> bytes:
    """The same archive with fixed times: openpyxl notes when it wrote."""
    fixed = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            if name == _CORE:
                body = re.sub(
                    rb"(<dcterms:(created|modified)[^>]*>)[^<]*",
                    rb"\g<1>1980-01-01T00:00:00Z",
                    body,
                )
            entry = ZipInfo(name, _FIRST_ZIP_DAY)
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, body)
    return fixed.getvalue()


def masked_name(name: str) -> str:
    """``张三丰`` -> ``张**``: what finance sees of a payee before the export."""
    return name[:1] + "*" * max(0, len(name) - 1)


def file_name(batch_number: str, kind: str) -> str:
    """``payout-B26-00001.csv``."""
    return f"payout-{batch_number}.{kind}"
