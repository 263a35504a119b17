"""P13: lists no spreadsheet calculates, the same bytes, results held against each cell."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from rewards.accounts import AccountInvalid, AccountText, masked
from rewards.channels import CHANNELS, UnknownChannel, channel_named
from rewards.export import PayoutList, defused, file_name, kept_whole, masked_name, to_csv, to_xlsx
from rewards.own_list import ResultUnreadable, parse_result
from rewards.payout import (
    LineAnswer,
    LineShare,
    ManifestMismatch,
    PayoutLine,
    clean,
    control_total,
    manifest,
    require_of_batch,
    undefused,
)
from scheme.money import Fen

CHANNEL = channel_named("card_top_up")


def line(number: int, payee: str, account: str, amount_fen: int, share_id: str = "") -> PayoutLine:
    """A line of one share."""
    shares = (LineShare(share_id or f"s{number}", Fen(amount_fen)),)
    return PayoutLine(number, shares, payee, AccountText(account))


LINES = (line(1, "王小明", "00012345678", 1667), line(2, "=1+1", "87654321", 3333))
LIST = PayoutList(
    "B26-00001", CHANNEL, LINES, manifest("B26-00001", CHANNEL.key, LINES), {"amount": "金额"}
)
nasty = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(
    [
        "=1+1",
        "+1",
        "-1",
        "@a",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "\u3000＝1",
        "\t=1",
        "\r=1",
        "\0=1",
        "\x0b",
        "\ud800",
        "'=1",
        "''",
        "_x0041_",
        "a\r\nb",
        'a,"b"',
        "😀",
    ]
)


def returned(*rows: tuple[str, ...], encoding: str = "utf-8") -> bytes:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows([("line", "card", "amount", "result", "reason"), *rows])
    return sheet.getvalue().encode(encoding)


def taken(
    content: bytes, lines: tuple[PayoutLine, ...], batch_number: str = "B26-00001"
) -> tuple[LineAnswer, ...]:
    """A list as it came back, read and held against its batch."""
    answers = parse_result(content, CHANNEL, control_total(lines))
    return require_of_batch(batch_number, CHANNEL, lines, answers)


def test_channels_are_found_by_their_files() -> None:
    assert set(CHANNELS) == {"card_top_up", "card_in_hand"}
    assert CHANNELS["card_in_hand"].paid_at_collection
    assert CHANNELS["card_in_hand"].account_of({"card_number": "whatever"}) is None
    with pytest.raises(UnknownChannel):
        channel_named("cheque")


@pytest.mark.parametrize(
    ("typed", "number"), [("12345678", "12345678"), (" 0012-3456 ７８", "0012345678")]
)
def test_card_numbers_keep_their_zeros(typed: str, number: str) -> None:
    assert CHANNEL.account_of({"card_number": typed}) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (None, "missing"),
        ("  ", "missing"),
        ("1234567", "bad_length"),
        ("1" * 21, "bad_length"),
        ("1234567x", "bad_sign"),
    ],
)
def test_what_is_no_card_number_is_refused(typed: str | None, reason: str) -> None:
    with pytest.raises(AccountInvalid) as refusal:
        CHANNEL.account_of({} if typed is None else {"card_number": typed})
    assert refusal.value.reason == reason


def test_the_manifest_changes_with_every_cell() -> None:
    one = LINES[0]
    changed = [
        replace(one, number=3),
        replace(one, shares=(LineShare("s9", Fen(1667)),)),
        replace(one, payee="王小明 "),
        replace(one, account=AccountText("00012345679")),
        replace(one, shares=(LineShare("s1", Fen(1668)),)),
        replace(one, shares=(LineShare("s1", Fen(1000)), LineShare("s9", Fen(667)))),
        replace(one, shares=(LineShare("s1", Fen(667)), LineShare("s9", Fen(1000)))),
        replace(one, shares=(LineShare("s9", Fen(667)), LineShare("s1", Fen(1000)))),
    ]
    hashes = {manifest("B", "c", [line, LINES[1]]) for line in (one, *changed)}
    hashes |= {
        manifest("B", "c", LINES[::-1]),
        manifest("B", "c", LINES[:1]),
        manifest("B2", "c", LINES),
    }
    hashes |= {manifest("B", "d", LINES)}
    assert len(hashes) == 13


def test_the_csv_is_what_a_spreadsheet_opens() -> None:
    content = to_csv(LIST)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][4] == "金额 amount"
    assert rows[1:] == [
        ["B26-00001", "1", "王小明", "00012345678\t", "16.67", "", ""],
        ["B26-00001", "2", "'=1+1", "87654321\t", "33.33", "", ""],
        ["B26-00001", "total", "2", "", "50.00", "", ""],
    ]


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@a",
        "＝1+1",
        "＋1",
        "－1",
        "＠a",
        "﹦1",
        "﹢1",
        "﹣1",
        "﹫a",
        "−1",
        " ＝1",
        "\u3000=1",
        "\u200b＝1",
    ],
)
def test_what_reads_as_a_formula_in_any_width_is_defused_in_every_column_and_read_back(
    name: str,
) -> None:
    formula = line(1, name, name, 1667)
    listed = to_csv(replace(LIST, batch_number=name, lines=(formula,))).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(listed, newline="")))[1]
    texts = [
        cell
        for cell, column in zip(row, CHANNEL.columns, strict=True)
        if column in ("batch", "payee", "card")
    ]
    assert texts == [f"'{name}"] * 3
    assert undefused(texts[0]) == name


@given(nasty)
@settings(deadline=None)
def test_what_was_defused_comes_back_as_it_was(text: str) -> None:
    assert undefused(defused(text)) == text


@pytest.mark.parametrize(
    ("account", "cell"),
    [("6222020000000000018", "6222020000000000018\t"), ("0012", "0012\t"), ("G-12", "G-12")],
)
def test_an_account_of_digits_reaches_a_spreadsheet_as_a_text_and_comes_back_exact(
    account: str, cell: str
) -> None:
    assert kept_whole(account) == cell
    lines = (line(1, "王小明", account, 100),)
    content = to_csv(replace(LIST, lines=lines)).decode("utf-8-sig")
    assert f",{cell}," in content
    back = content.replace(f"{cell},1.00,,", f"{cell},1.00,paid,")
    (answer,) = taken(back.encode(), lines)
    assert answer.cells["card"] == account
    as_a_figure = back.replace(cell, "6.22202E+18" if len(account) > 15 else "12")
    with pytest.raises(ManifestMismatch):
        taken(as_a_figure.encode(), lines)
    number = load_workbook(io.BytesIO(to_xlsx(replace(LIST, lines=lines))))["payout"]["D2"]
    assert (number.value, number.data_type, number.number_format) == (account, "s", "@")


def test_the_xlsx_has_texts_and_amounts_and_a_control_sheet() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(LIST)))
    cells = list(book["payout"].iter_rows(min_row=2))
    assert {cell.data_type for row in cells for cell in row} <= {
        "s",
        "n",
        "inlineStr",
    }  # "f" would be a formula
    assert cells[1][2].value == "=1+1"
    assert [row[4].value for row in cells] == [16.67, 33.33, 50]
    control = dict(book["control"].iter_rows(values_only=True))
    assert control["manifest_sha256"] == LIST.manifest_sha256
    assert (control["count"], control["total"]) == ("2", "50.00")


@given(st.lists(nasty, min_size=1, max_size=3))
@settings(deadline=None)
def test_whatever_the_names_the_files_can_be_written_read_and_answered(names: list[str]) -> None:
    lines = tuple(line(n, name, f"{n:08d}", 100) for n, name in enumerate(names, start=1))
    payout = PayoutList("B1", CHANNEL, lines, "x", {})
    content = to_csv(payout)
    assert content == to_csv(payout)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(names) + 2
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row
    )
    for row in rows[1:-1]:
        row[5] = "paid"
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows(rows)
    assert all(result.paid for result in taken(sheet.getvalue().encode(), lines, "B1"))
    xlsx = to_xlsx(payout)
    assert xlsx == to_xlsx(payout)
    for row in load_workbook(io.BytesIO(xlsx))["payout"].iter_rows():
        assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)


def test_cleaning_has_one_clear_rule() -> None:
    assert clean("a\0b\x0bc\ud800d") == "a\ufffdb\ufffdc\ufffdd"
    assert clean("a\r\nb\u2028c") == "a b c"
    assert clean("x" * 2000) == "x" * 999 + "…"


def test_a_result_list_may_be_short_in_gb18030_and_with_amounts_as_a_spreadsheet_saves_them() -> (
    None
):
    content = returned(
        ("2", "87654321", "33.330", "失败", "卡号不存在"),
        ("1", "00012345678", "16.67", "成功", ""),
        encoding="gb18030",
    )
    paid, failed = taken(content, LINES)
    assert (paid.number, paid.paid, paid.failure) == (1, True, "")
    assert (failed.number, failed.paid, failed.failure) == (2, False, "卡号不存在")


ROW_1 = ("1", "00012345678", "16.67", "paid", "")
ROW_2 = ("2", "87654321", "33.33", "paid", "")


@pytest.mark.parametrize(
    "rows",
    [
        (ROW_1,),  # a line too few
        (ROW_1, ROW_2, ("3", "1", "1.00", "paid", "")),
        (ROW_1, ROW_1),
        (("1", "12345678", "16.67", "paid", ""), ROW_2),  # a spreadsheet has eaten the zeros
        (("1", "00012345678", "16.66", "paid", ""), ROW_2),
        (("1", "00012345678", "x", "paid", ""), ROW_2),
        (ROW_1, ROW_2, ("total", "", "50.01", "", "")),
    ],
)
def test_a_list_that_is_not_the_frozen_one_is_refused(rows: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(ManifestMismatch):
        taken(returned(*rows), LINES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "columns"),
        (b"line,card\n", "columns"),
        (b"\x00\x01", "encoding"),
        (b"\xff\xff\xff", "encoding"),
        (returned(("1", "00012345678", "16.67", "maybe", ""), ROW_2), "result"),
        (returned(("1", "00012345678", "16.67", "failed", ""), ROW_2), "reason_missing"),
        (returned(("one", "00012345678", "16.67", "paid", ""), ROW_2), "line"),
        (b"x" * 5_000_001, "too_large"),
    ],
)
def test_what_is_no_result_list_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(ResultUnreadable) as refusal:
        taken(content, LINES)
    assert refusal.value.reason == reason


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_are_more_than_refused(content: bytes) -> None:
    with pytest.raises((ResultUnreadable, ManifestMismatch)):
        taken(content, LINES)


@given(st.lists(st.integers(1, 10**9).map(Fen), max_size=50))
@settings(deadline=None)
def test_control_totals_are_exact(amounts: list[Fen]) -> None:
    lines = [line(n, "p", "a", amount) for n, amount in enumerate(amounts, start=1)]
    assert control_total(lines).total_fen == sum(amounts)
    assert control_total(lines).count == len(amounts)


def test_masks() -> None:
    assert masked("0012345678", 4) == "******5678"
    assert masked("123", 4) == "123"
    assert masked_name("欧阳娜娜") == "欧***"
    assert masked_name("") == ""
    assert file_name("B26-00001", "xlsx") == "payout-B26-00001.xlsx"
