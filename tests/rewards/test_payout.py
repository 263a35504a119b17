"""P13: lists no spreadsheet calculates, the same bytes, results held against each cell."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from rewards.accounts import AccountInvalid, AccountText, masked
from rewards.answers import Fate
from rewards.export import PayoutList, defused, file_name, kept_whole, masked_name, to_csv, to_xlsx
from rewards.known_channels import CHANNELS, UnknownChannel, channel_named
from rewards.matching import ExportedBatch, ExportedLine
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
from tests.rewards.returned import fates, planned

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


def sent(lines: tuple[PayoutLine, ...]) -> tuple[ExportedLine, ...]:
    """The lines as a returned list is held against them."""
    return tuple(
        ExportedLine(one.number, one.payee, one.account or "", one.amount_fen) for one in lines
    )


def said(number: int, card: str, amount: str, **more: str) -> LineAnswer:
    return LineAnswer(number, {"card": card, "amount": amount, **more}, paid=True, failure="")


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
    batch = ExportedBatch("B26-00001", sent(lines))
    rows = list(csv.reader(io.StringIO(back, newline="")))
    assert planned(rows, batch).asks_nothing
    rows[1][3] = "6.22202E+18" if len(account) > 15 else "12"
    assert not planned(rows, batch).asks_nothing
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
    assert fates(planned(rows, ExportedBatch("B1", sent(lines)))) == [Fate.PAID] * len(lines)
    xlsx = to_xlsx(payout)
    assert xlsx == to_xlsx(payout)
    for row in load_workbook(io.BytesIO(xlsx))["payout"].iter_rows():
        assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)


def test_cleaning_has_one_clear_rule() -> None:
    assert clean("a\0b\x0bc\ud800d") == "a\ufffdb\ufffdc\ufffdd"
    assert clean("a\r\nb\u2028c") == "a b c"
    assert clean("x" * 2000) == "x" * 999 + "…"


ROW_1, ROW_2 = said(1, "00012345678", "16.67"), said(2, "87654321", "33.330")


def test_answers_are_held_to_what_was_frozen_whatever_their_order_and_number() -> None:
    assert require_of_batch("B26-00001", CHANNEL, LINES, [ROW_2, ROW_1]) == (ROW_1, ROW_2)
    assert require_of_batch("B26-00001", CHANNEL, LINES, [ROW_2]) == (ROW_2,)
    assert require_of_batch("B26-00001", CHANNEL, LINES, []) == ()


@pytest.mark.parametrize(
    "answers",
    [
        (ROW_1, ROW_2, said(3, "1", "1.00")),
        (ROW_1, ROW_1),
        (said(1, "12345678", "16.67"), ROW_2),  # a spreadsheet has eaten the zeros
        (said(1, "00012345678", "16.66"), ROW_2),
        (said(1, "00012345678", "x"), ROW_2),
        (said(1, "00012345678", "16.67", payee="王大明"), ROW_2),
        (LineAnswer(1, {"card": "00012345678"}, paid=True, failure=""), ROW_2),
    ],
)
def test_an_answer_that_is_not_of_the_frozen_line_is_refused(
    answers: tuple[LineAnswer, ...],
) -> None:
    with pytest.raises(ManifestMismatch):
        require_of_batch("B26-00001", CHANNEL, LINES, answers)


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
