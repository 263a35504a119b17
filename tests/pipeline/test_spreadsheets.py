"""Tables as people write them: the same cells from every encoding, separator and form."""

import csv
import io
import re
from collections.abc import Sequence
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.spreadsheets import Table, TableLimits, TableUnreadable, read_table

LIMITS = TableLimits(file_bytes=100_000, unpacked_bytes=1_000_000, rows=40)
ROWS = (
    ("代发结果", "", ""),
    ("序号", "卡号", "金额"),
    ("1", "00012345678", "1,234.50"),
    ("2", "87654321", "1,000,000.00"),
    ("合计", "", "1,001,234.50"),
)


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8", separator: str = ",") -> bytes:
    sheet = io.StringIO(newline="")
    csv.writer(sheet, delimiter=separator).writerows(rows)
    return sheet.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book, stored = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stored)
    return stored.getvalue()


def changed_sheet(workbook: bytes, pattern: str, replacement: str) -> bytes:
    """The workbook with something else in the XML of its sheet."""
    changed = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as source, ZipFile(changed, "w") as target:
        for name in source.namelist():
            part = source.read(name).decode()
            is_sheet = name.startswith("xl/worksheets/")
            target.writestr(name, re.sub(pattern, replacement, part) if is_sheet else part)
    return changed.getvalue()


def cells(table: Table) -> list[list[str]]:
    return [[cell for cell in row if cell] for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "，"])
def test_one_table_in_every_encoding_and_with_every_separator(
    encoding: str, separator: str
) -> None:
    expected = read_table(as_csv(ROWS), LIMITS).rows
    assert read_table(as_csv(ROWS, encoding, separator), LIMITS).rows == expected
    assert expected[3] == ("2", "87654321", "1,000,000.00")
    assert read_table(as_xlsx(ROWS), LIMITS).rows == expected


def test_commas_in_amounts_do_not_make_a_table_of_commas() -> None:
    rows = "\n".join(["序号;金额", *(f"{number};1,234,567.00" for number in range(1, 9))])
    assert read_table(rows.encode(), LIMITS).rows[1] == ("1", "1,234,567.00")


def test_a_mark_of_byte_order_in_gb18030_is_no_part_of_the_heading() -> None:
    assert read_table("\ufeff序号,卡号\n1,2\n".encode("gb18030"), LIMITS).rows[0][0] == "序号"


def test_numbers_of_a_workbook_are_written_as_it_shows_them() -> None:
    numbers = [1, 50.0, 16.67, 0.1 + 0.2, 999_999_999_999_999, 6222021234567890123, True]
    (row,) = read_table(as_xlsx([numbers]), LIMITS).rows
    assert row[:5] == ("1", "50", "16.67", "0.3", "999999999999999")
    assert row[5] == "6.22202123456789E+18"


@pytest.mark.parametrize("stated", ["A1", "A1:A1", "A1:B2"])
def test_no_row_is_lost_where_a_sheet_states_a_wrong_size(stated: str) -> None:
    workbook = changed_sheet(as_xlsx(ROWS), '<dimension ref="[^"]*"', f'<dimension ref="{stated}"')
    assert (
        f'ref="{stated}"' in ZipFile(io.BytesIO(workbook)).read("xl/worksheets/sheet1.xml").decode()
    )
    assert cells(read_table(workbook, LIMITS)) == cells(read_table(as_csv(ROWS), LIMITS))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", None),
        (b"x" * 100_001, "too_large"),
        (b"a,b\n" * 41, "too_many_lines"),
        (b"a," * 100 + b"b\n", "too_many_columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook"),
        (b"\xef\xbb\xbf<html><table><tr><td>1", "web_page"),
        (b'a,b\n"1,2\n3,4\n', "open_quote"),
        (b"a,b\n1,\0\n", "no_table"),
        (b"\xff\xfe\x00", "no_table"),
        (b"\x80\x81\xff\xff", "no_table"),
        (b"a," + b"b" * 140_000, "too_large"),
    ],
)
def test_what_is_no_table_is_refused_by_name(content: bytes, reason: str | None) -> None:
    if reason is None:
        assert read_table(content, LIMITS).rows == ()
        return
    with pytest.raises(TableUnreadable) as refusal:
        read_table(content, LIMITS)
    assert refusal.value.reason == reason


def test_columns_are_counted_as_far_as_something_stands_in_them() -> None:
    wide = [["a"] * 100 + [""] * 20]
    assert len(read_table(as_csv(wide), LIMITS).rows[0]) == 100
    assert len(read_table(as_xlsx(wide), LIMITS).rows[0]) == 100
    with pytest.raises(TableUnreadable, match="too_many_columns"):
        read_table(as_xlsx([["a"] * 101]), LIMITS)


def test_a_zip_that_is_no_workbook_and_one_that_unpacks_too_far() -> None:
    archive = io.BytesIO()
    with ZipFile(archive, "w") as parts:
        parts.writestr("a.txt", "a")
    with pytest.raises(TableUnreadable, match="no_table"):
        read_table(archive.getvalue(), LIMITS)
    small = TableLimits(file_bytes=100_000, unpacked_bytes=1_000, rows=40)
    with pytest.raises(TableUnreadable, match="too_large"):
        read_table(as_xlsx(ROWS), small)


def test_a_cell_that_no_reader_of_tables_takes_is_refused() -> None:
    wide = TableLimits(file_bytes=200_000, unpacked_bytes=1, rows=40)
    with pytest.raises(TableUnreadable, match="no_table"):
        read_table(b"a," + b"b" * 140_000 + b"\n1,2\n", wide)


cell_texts = st.text("abc 12,卡号\"'", min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(st.lists(cell_texts, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_a_spreadsheet_wrote_is_read_again(rows: list[list[str]]) -> None:
    written = tuple(_trimmed(row) for row in rows)
    assert read_table(as_csv(rows), LIMITS).rows == written
    assert read_table(as_xlsx(rows), LIMITS).rows == written


def _trimmed(row: list[str]) -> tuple[str, ...]:
    while row and not row[-1].strip():
        row = row[:-1]
    return tuple(row)
