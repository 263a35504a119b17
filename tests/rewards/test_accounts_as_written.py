"""Account numbers, names and amounts as spreadsheets and banks leave them: said, never guessed."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rewards.accounts_as_written import Likeness, WrittenAccount, WrittenName, amount_of, plain
from rewards.returned_list import Unit

CARD = "6222021234567890123"


@pytest.mark.parametrize(
    ("written", "likeness"),
    [
        (CARD, Likeness.SAME),
        (" 6222 0212 3456 7890 123 ", Likeness.SAME),
        ("６２２２０２１２３４５６７８９０１２３", Likeness.SAME),
        ("6222-0212-3456-7890-123", Likeness.SAME),
        (CARD + "'", Likeness.SAME_DECORATED),
        ("'" + CARD, Likeness.SAME_DECORATED),
        (CARD + "\t", Likeness.SAME_DECORATED),
        (f'="{CARD}"', Likeness.SAME_DECORATED),
        ("6.22202E+18", Likeness.ROUNDED),
        ("6.22202123456789E+18", Likeness.ROUNDED),
        ("6.2220212e18", Likeness.ROUNDED),
        ("6222021234567890000", Likeness.ROUNDED),
        ("6.22203E+18", Likeness.OTHER),
        ("6.22202E+17", Likeness.OTHER),
        ("6222****0123", Likeness.HIDDEN),
        ("622202xxxxxxxxx0123", Likeness.HIDDEN),
        ("6222 **** **** *** 0123", Likeness.HIDDEN),
        ("尾号0123", Likeness.HIDDEN),
        ("6222…0123", Likeness.HIDDEN),
        ("6222****0124", Likeness.OTHER),
        ("****", Likeness.OTHER),
        ("", Likeness.ABSENT),
        ("-", Likeness.ABSENT),
        ("6222021234567890124", Likeness.OTHER),
        ("0123", Likeness.OTHER),
    ],
)
def test_what_became_of_a_card_number(written: str, likeness: Likeness) -> None:
    assert WrittenAccount.of(written).likeness(CARD) is likeness


def test_leading_zeros_that_a_spreadsheet_drops() -> None:
    assert WrittenAccount.of("12345678").likeness("00012345678") is Likeness.ZEROS_LOST
    assert WrittenAccount.of("00012345678").likeness("12345678") is Likeness.OTHER


def test_in_an_account_that_is_no_number_every_sign_counts() -> None:
    assert WrittenAccount.of(" G-12\t").likeness(plain("G-12")).proves
    assert WrittenAccount.of("G12").likeness(plain("G-12")) is Likeness.OTHER
    assert WrittenAccount.of("An.B@example.org").likeness(plain("an.b@example.org")).proves
    assert (
        WrittenAccount.of("anb@example.org").likeness(plain("an.b@example.org")) is Likeness.OTHER
    )


@settings(deadline=None)
@given(st.text("0123456789", min_size=8, max_size=20), st.text("0123456789", min_size=8))
def test_only_the_very_number_proves(sent: str, written: str) -> None:
    likeness = WrittenAccount.of(written).likeness(sent)
    assert likeness.proves == (written == sent)
    assert WrittenAccount.of(f" {sent}\t").likeness(sent).proves


@settings(deadline=None)
@given(st.text("123456789", min_size=16, max_size=19), st.integers(1, 15))
@example("9311111111119914111", 15)  # as a binary number it rounds to the other side
def test_every_rounding_of_a_number_is_known_for_one(sent: str, digits: int) -> None:
    likeness = WrittenAccount.of(f"{int(sent):.{digits - 1}E}").likeness(sent)
    assert likeness is Likeness.ROUNDED


@settings(deadline=None)
@given(st.text("0123456789", min_size=8, max_size=19), st.integers(0, 6), st.integers(1, 6))
def test_hiding_digits_proves_nothing_and_speaks_against_nothing(
    sent: str, head: int, tail: int
) -> None:
    hidden = sent[:head] + "****" + sent[len(sent) - tail :]
    fits = WrittenAccount.of(hidden).likeness(sent)
    assert fits is (Likeness.HIDDEN if head + tail < len(sent) else Likeness.OTHER)
    changed = hidden[:-1] + str((int(hidden[-1]) + 1) % 10)
    assert WrittenAccount.of(changed).likeness(sent) is Likeness.OTHER


@pytest.mark.parametrize(
    ("written", "likeness"),
    [
        ("欧阳娜娜", Likeness.SAME),
        (" 欧阳 娜娜 ", Likeness.SAME),
        ("欧**娜", Likeness.HIDDEN),
        ("*阳娜娜", Likeness.HIDDEN),
        ("欧阳娜?", Likeness.HIDDEN),
        ("李**娜", Likeness.OTHER),
        ("欧阳娜", Likeness.OTHER),
        ("", Likeness.ABSENT),
    ],
)
def test_what_became_of_a_name(written: str, likeness: Likeness) -> None:
    assert WrittenName.of(written).likeness("欧阳娜娜") is likeness


def test_a_defused_name_is_the_name() -> None:
    assert WrittenName.of("'=SUM(A1)").likeness("=sum(a1)") is Likeness.SAME
    assert WrittenName.of("Maxi").likeness("mali") is Likeness.OTHER


@pytest.mark.parametrize(
    ("written", "unit", "fen"),
    [
        ("50", Unit.YUAN, 5000),
        ("50.00", Unit.YUAN, 5000),
        ("５０．００", Unit.YUAN, 5000),
        ("￥1,234.50", Unit.YUAN, 123_450),
        ("¥ 1，234.5", Unit.YUAN, 123_450),
        ("人民币50.00元", Unit.YUAN, 5000),
        ("CNY 50", Unit.YUAN, 5000),
        ("'50.00", Unit.YUAN, 5000),
        ("5000", Unit.FEN, 5000),
        ("5,000", Unit.FEN, 5000),
        ("50.000", Unit.YUAN, 5000),
        ("50.00", Unit.FEN, 50),
        ("50.001", Unit.YUAN, None),
        ("50.5", Unit.FEN, None),
        ("50,00", Unit.YUAN, None),
        ("1,23,450", Unit.YUAN, None),
        ("-50.00", Unit.YUAN, None),
        ("(50.00)", Unit.YUAN, None),
        ("5E+1", Unit.YUAN, None),
        ("伍拾元整", Unit.YUAN, None),
        ("USD 50", Unit.YUAN, None),
        ("", Unit.YUAN, None),
        ("9" * 30, Unit.YUAN, None),
    ],
)
def test_amounts_as_banks_write_them(written: str, unit: Unit, fen: int | None) -> None:
    assert amount_of(written, unit) == fen


@settings(deadline=None)
@given(st.integers(0, 10**12))
def test_an_amount_written_in_any_way_is_the_amount(fen: int) -> None:
    yuan = f"{fen // 100:,}.{fen % 100:02d}"
    assert amount_of(f" ￥{yuan} ", Unit.YUAN) == fen
    assert amount_of(yuan.replace(",", ""), Unit.YUAN) == fen
    assert amount_of(str(fen), Unit.FEN) == fen


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert "\n" not in plain(text)
    for unit in Unit:
        amount_of(text, unit)
    assert WrittenAccount.of(text).likeness(CARD) in Likeness
    assert WrittenName.of(text).likeness("王小明") in Likeness
