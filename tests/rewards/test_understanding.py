"""A returned list at first sight: headings in any words, units by the batch, nothing by place."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.answers import Fate
from rewards.returned_list import (
    HEADINGS,
    ListMapping,
    Meaning,
    NoHeadings,
    Outcome,
    Unit,
    outcome_of,
    to_remember,
)
from rewards.understanding import understand, with_unit
from tests.rewards.returned import BATCH, CHINESE, OWN, RETURNED, fates, planned


def test_a_list_with_a_title_and_a_sum_is_understood() -> None:
    mapping = understand(RETURNED, BATCH, OWN)
    assert mapping == ListMapping(
        heading_row=2,
        columns={
            Meaning.LINE: 0,
            Meaning.PAYEE: 1,
            Meaning.ACCOUNT: 2,
            Meaning.AMOUNT: 3,
            Meaning.OUTCOME: 4,
            Meaning.REASON: 5,
        },
        unit=Unit.YUAN,
    )
    done = planned(RETURNED)
    assert fates(done) == [Fate.PAID, Fate.FAILED, Fate.OPEN]
    assert [(passed.row, passed.contradicts) for passed in done.passed_over] == [(6, False)]
    assert (done.listed_rows, done.listed_fen) == (3, 130_117)


@pytest.mark.parametrize("meaning", [Meaning.PAYEE, Meaning.ACCOUNT, Meaning.AMOUNT])
def test_every_usual_heading_means_what_it_says(meaning: Meaning) -> None:
    place = {Meaning.PAYEE: 1, Meaning.ACCOUNT: 2, Meaning.AMOUNT: 3}[meaning]
    for name in HEADINGS[meaning]:
        headings = list(CHINESE)
        headings[place] = f" {name} "
        assert understand([headings, *RETURNED[2:]], BATCH, OWN).columns[meaning] == place


@pytest.mark.parametrize("heading", ["收款\n帐号", "*收款账号：", "收款账号(19位)", "Card No."])
def test_headings_are_known_whatever_stands_around_them(heading: str) -> None:
    headings = ["序号", "户名", heading, "金额", "状态", "备注"]
    assert understand([headings, *RETURNED[2:]], BATCH, OWN).columns[Meaning.ACCOUNT] == 2


def test_the_payers_account_is_not_the_payees() -> None:
    headings = ["付款账号", "付款户名", "账号", "金额", "状态", ""]
    rows = [headings, ["1", "公司", "6222021234567890123", "50", "成功", ""]]
    mapping = understand(rows, BATCH, OWN)
    assert (mapping.columns[Meaning.ACCOUNT], Meaning.PAYEE in mapping.columns) == (2, False)


def test_two_columns_of_one_heading_are_asked_about() -> None:
    headings = ["账号", "户名", "账号", "金额", "状态", "原因"]
    done = planned([headings, *RETURNED[2:]])
    assert done.lacking == ("unit", "account")
    assert done.rows == ()


def test_the_banks_own_count_is_not_taken_for_our_lines() -> None:
    turned = [RETURNED[1], *reversed(RETURNED[2:5])]
    rows = [turned[0], *([str(n), *row[1:]] for n, row in enumerate(turned[1:], start=1))]
    assert Meaning.LINE not in understand(rows, BATCH, OWN).columns
    assert fates(planned(rows)) == [Fate.OPEN, Fate.FAILED, Fate.PAID]


def test_a_number_of_the_banks_own_is_no_line_and_a_better_column_is() -> None:
    headings = ("流水号", *CHINESE[1:], "参考号")
    rows = [headings, *((f"20260311{row[0]}", *row[1:], row[0]) for row in RETURNED[2:5])]
    assert understand(rows, BATCH, OWN).columns[Meaning.LINE] == 6


def test_a_batch_number_of_the_banks_own_is_not_ours() -> None:
    banks = [(*CHINESE, "批次号"), *((*row, "8800123") for row in RETURNED[2:5])]
    assert Meaning.BATCH not in understand(banks, BATCH, OWN).columns
    ours = [(*CHINESE, "批次号"), *((*row, "B26-00001") for row in RETURNED[2:5])]
    assert understand(ours, BATCH, OWN).columns[Meaning.BATCH] == 6


@pytest.mark.parametrize(
    ("heading", "amounts", "unit"),
    [
        ("金额", ("50.00", "16.67", "1234.50"), Unit.YUAN),
        ("金额", ("5000", "1667", "123450"), Unit.FEN),
        ("金额（分）", ("5000", "1667", "123450"), Unit.FEN),
        ("金额（分）", ("50.00", "16.67", "1234.50"), None),
        ("金额（元）", ("5000", "1667", "123450"), None),
        ("金额（元）", ("9", "9", "9"), Unit.YUAN),
        ("金额", ("9", "9", "9"), None),
        ("金额", ("50.00", "1667", "123450"), None),
    ],
)
def test_the_unit_is_what_agrees_with_the_batch_or_is_asked(
    heading: str, amounts: tuple[str, ...], unit: Unit | None
) -> None:
    headings = (*CHINESE[:3], heading, *CHINESE[4:])
    rows = [headings]
    rows += [
        (*row[:3], amount, *row[4:]) for row, amount in zip(RETURNED[2:5], amounts, strict=True)
    ]
    assert understand(rows, BATCH, OWN).unit is unit
    if unit is None:
        assert planned(rows).lacking == ("unit",)


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("成功", Outcome.PAID),
        (" 交易 成功 ", Outcome.PAID),
        ("SUCCESS", Outcome.PAID),
        ("已退汇", Outcome.FAILED),
        ("Rejected", Outcome.FAILED),
        ("处理中", Outcome.OPEN),
        ("", Outcome.OPEN),
        ("状态未知", None),
        ("成功?", None),
        ("0000", None),
    ],
)
def test_words_by_the_table_and_no_others(word: str, outcome: Outcome | None) -> None:
    assert outcome_of(word, {}) is outcome
    assert outcome_of("0000", {"0000": Outcome.PAID}) is Outcome.PAID


def test_what_a_clerk_said_wins_nothing_over_the_table() -> None:
    assert outcome_of("失败", {"失败": Outcome.PAID}) is Outcome.FAILED


@pytest.mark.parametrize("rows", [[], [["结果"]], [[""], ["a"], []]])
def test_a_list_without_headings_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(NoHeadings):
        understand(rows, BATCH, OWN)


def test_a_list_in_words_of_its_own_is_asked_about_and_remembered() -> None:
    headings = ("甲", "乙", "丙", "丁", "戊", "己")
    rows = [headings, *RETURNED[2:5]]
    first = understand(rows, BATCH, OWN)
    assert (first.heading_row, first.columns) == (1, {})
    columns = {Meaning.ACCOUNT: 2, Meaning.AMOUNT: 3, Meaning.OUTCOME: 4}
    said = with_unit(ListMapping(1, columns, words={"ok": Outcome.PAID}), rows, BATCH)
    assert said.unit is Unit.YUAN
    kept = to_remember(headings, said)
    moved = [("", *headings[::-1]), *(("", *row[::-1]) for row in RETURNED[2:5])]
    again = understand(moved, BATCH, OWN, kept)
    assert again.columns == {Meaning.ACCOUNT: 4, Meaning.AMOUNT: 3, Meaning.OUTCOME: 2}
    assert again.words == {"ok": Outcome.PAID}
    assert again.unit is Unit.YUAN
    assert understand(RETURNED, BATCH, OWN, kept) == understand(RETURNED, BATCH, OWN)


@settings(deadline=None)
@given(st.permutations(range(6)), st.integers(0, 1))
def test_any_order_of_columns_gives_the_same_answers(order: list[int], first_row: int) -> None:
    rows = [[row[place] for place in order] for row in RETURNED]
    done = planned(rows[first_row:])
    usual = planned(RETURNED)
    assert [(answer.line, answer.fate, answer.failure) for answer in done.rows] == [
        (answer.line, answer.fate, answer.failure) for answer in usual.rows
    ]


@settings(deadline=None)
@given(st.permutations(range(3)), st.sets(st.integers(0, 2)))
def test_rows_in_any_order_and_any_part_of_them_do_the_same_to_their_lines(
    order: list[int], kept: set[int]
) -> None:
    rows = [*RETURNED[:2], *(RETURNED[2 + place] for place in order if place in kept)]
    usual = {answer.line: answer.fate for answer in planned(RETURNED).rows}
    done = planned(rows)
    assert {answer.line: answer.fate for answer in done.rows} == {
        place + 1: usual[place + 1] for place in kept
    }


def test_every_heading_has_one_meaning() -> None:
    names = list(itertools.chain.from_iterable(HEADINGS.values()))
    assert len(names) == len(set(names))
