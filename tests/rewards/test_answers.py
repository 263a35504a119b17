"""What each row of a returned list would do: the very line or nothing, and the reason with it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.accounts_as_written import (
    Likeness,
    WrittenAccount,
    WrittenName,
    amount_of,
    plain_name,
)
from rewards.answers import Fate, own_words, plan
from rewards.matching import ExportedBatch, ExportedLine, Reference, line_reference, other_batch_in
from rewards.returned_list import ListMapping, Meaning, Outcome, Unit, to_remember
from rewards.understanding import understand
from scheme.money import Fen
from tests.rewards.returned import (
    BATCH,
    CHINESE,
    OWN,
    RETURNED,
    answered,
    fates,
    planned,
    with_cell,
)

FULL = ListMapping(
    2,
    {
        Meaning.LINE: 0,
        Meaning.PAYEE: 1,
        Meaning.ACCOUNT: 2,
        Meaning.AMOUNT: 3,
        Meaning.OUTCOME: 4,
        Meaning.REASON: 5,
    },
    Unit.YUAN,
)


@pytest.mark.parametrize(
    ("place", "text", "fate", "column"),
    [
        (0, "9", Fate.UNKNOWN_LINE, Meaning.LINE),
        (0, "甲", Fate.UNKNOWN_LINE, Meaning.LINE),
        (0, "2", Fate.OTHER_ACCOUNT, Meaning.ACCOUNT),
        (1, "王大明", Fate.OTHER_PAYEE, Meaning.PAYEE),
        (2, "6222021234567890124", Fate.OTHER_ACCOUNT, Meaning.ACCOUNT),
        (2, "6222****0124", Fate.OTHER_ACCOUNT, Meaning.ACCOUNT),
        (3, "50.01", Fate.OTHER_AMOUNT, Meaning.AMOUNT),
        (3, "5000", Fate.OTHER_AMOUNT, Meaning.AMOUNT),
        (3, "五十", Fate.AMOUNT_UNREADABLE, Meaning.AMOUNT),
        (3, "", Fate.AMOUNT_UNREADABLE, Meaning.AMOUNT),
        (4, "待核查", Fate.WORD_UNKNOWN, Meaning.OUTCOME),
    ],
)
def test_a_wrong_cell_stops_its_row_and_says_where(
    place: int, text: str, fate: Fate, column: Meaning
) -> None:
    done = plan(BATCH, with_cell(3, place, text), FULL)
    wrong = done.rows[0]
    assert (wrong.fate, wrong.column, wrong.row) == (fate, column, 3)
    if column is not Meaning.ACCOUNT or place == 2:
        assert wrong.cell == text
    others = [answer.fate for answer in done.rows[1:]]
    doubled = Fate.LINE_TWICE if text == "2" else Fate.FAILED
    assert others == [doubled, Fate.OPEN]
    assert not done.asks_nothing


@pytest.mark.parametrize(
    ("written", "likeness"),
    [
        ("6222****0123", Likeness.HIDDEN),
        ("6.22202E+18", Likeness.ROUNDED),
        ("", Likeness.ABSENT),
        ("6222021234567890000", Likeness.ROUNDED),
    ],
)
def test_a_mangled_account_counts_by_the_line_where_only_that_line_fits(
    written: str, likeness: Likeness
) -> None:
    done = plan(BATCH, with_cell(3, 2, written), FULL)
    assert (done.rows[0].fate, done.rows[0].account) == (Fate.PAID, likeness)
    assert not done.asks_nothing  # it is shown before it counts
    unnumbered = {meaning: place for meaning, place in FULL.columns.items() if place}
    alone = plan(BATCH, with_cell(3, 2, written), replace(FULL, columns=unnumbered))
    assert alone.rows[0].fate is Fate.ACCOUNT_UNSURE
    assert alone.rows[0].line is None


def test_the_number_of_a_row_says_nothing_between_two_lines_alike() -> None:
    twins = ExportedBatch(
        BATCH.number,
        (
            ExportedLine(1, "王小明", "6222021234567890123", Fen(5000)),
            ExportedLine(2, "王小明", "6222021234567890456", Fen(5000)),
        ),
    )
    rows = [
        CHINESE,
        ("1", "王小明", "6.22202E+18", "50.00", "失败", ""),
        ("2", "王小明", "6.22202E+18", "50.00", "成功", ""),
    ]
    mapping = replace(FULL, heading_row=1)
    assert fates(plan(twins, rows, mapping)) == [Fate.ACCOUNT_UNSURE] * 2
    named = [rows[0], *((f"B26-00001-{row[0]}", *row[1:]) for row in rows[1:])]
    assert fates(plan(twins, named, mapping)) == [Fate.FAILED, Fate.PAID]


def test_an_account_of_several_lines_needs_a_number_or_an_amount() -> None:
    lines = (
        ExportedLine(1, "王小明", "12345678", Fen(5000)),
        ExportedLine(2, "王小明", "12345678", Fen(5000)),
        ExportedLine(3, "王小明", "12345678", Fen(1667)),
    )
    batch = ExportedBatch("B26-00001", lines)
    rows = [
        ("卡号", "金额", "状态"),
        ("12345678", "50", "成功"),
        ("12345678", "16.67", "成功"),
        ("12345678", "99", "成功"),
    ]
    done = planned(rows, batch)
    assert fates(done) == [Fate.SEVERAL_LINES, Fate.PAID, Fate.OTHER_AMOUNT]
    assert done.rows[1].line == 3


def test_the_same_list_twice_changes_nothing_and_another_answer_is_refused() -> None:
    after = answered(Outcome.PAID, Outcome.FAILED, None)
    assert fates(planned(RETURNED, after)) == [Fate.ALREADY, Fate.ALREADY, Fate.OPEN]
    assert planned(RETURNED, after).applied == ()
    turned = with_cell(3, 4, "失败")
    assert fates(planned(turned, after))[0] is Fate.OTHER_ANSWER
    late = with_cell(3, 4, "处理中")
    assert fates(planned(late, after))[0] is Fate.ALREADY


def test_a_line_that_stands_twice_is_not_answered() -> None:
    doubled = [*RETURNED[:5], RETURNED[2]]
    assert fates(planned(doubled)) == [Fate.LINE_TWICE, Fate.FAILED, Fate.OPEN, Fate.LINE_TWICE]


def test_a_list_of_another_batch_says_so() -> None:
    done = planned([("批次：B26-00002", "", "", "", "", ""), *RETURNED[1:]])
    assert set(fates(done)) == {Fate.OTHER_BATCH}
    assert {answer.cell for answer in done.rows} == {"B26-00002"}
    column = [(*CHINESE, "批次"), *((*row, "B26-00002") for row in RETURNED[2:5])]
    assert set(fates(planned(column))) == {Fate.OTHER_BATCH}
    strangers = [CHINESE, ("", "赵六", "99999999", "50.00", "成功", "")]
    assert fates(planned(strangers)) == [Fate.UNKNOWN_ACCOUNT]
    ours = [("批次：B26-00001", "", "", "", "", ""), *RETURNED[1:]]
    assert fates(planned(ours)) == fates(planned(RETURNED))


def test_an_unquoted_comma_in_an_amount_moves_cells_and_is_named() -> None:
    rows = [*RETURNED[:4], ("3", "欧阳娜娜", "6222025555550003333", "1", "234.50", "成功", "")]
    done = plan(BATCH, [*rows[:4], (*rows[4], "x")], FULL)
    assert fates(done) == [Fate.PAID, Fate.FAILED, Fate.CELLS_SHIFTED]


def test_sums_and_signatures_are_passed_over_and_said() -> None:
    done = planned(
        [*RETURNED, ("制表人：赵", "", "", "", "", ""), ("总计", "", "3笔", "9", "", "")]
    )
    assert [(passed.row, passed.contradicts) for passed in done.passed_over] == [
        (6, False),
        (7, False),
        (8, True),
    ]
    assert fates(done) == fates(planned(RETURNED))
    assert not done.asks_nothing


def test_the_banks_words_are_asked_once_each() -> None:
    rows = with_cell(3, 4, "待核查")
    rows[3][4] = " 待核查 "
    assert own_words(rows, understand(rows, BATCH, OWN)) == ("待核查",)
    said = replace(understand(rows, BATCH, OWN), words={"待核查": Outcome.PAID})
    assert fates(plan(BATCH, rows, said)) == [Fate.PAID, Fate.PAID, Fate.OPEN]


def test_a_list_of_failures_alone_needs_somebody_who_says_so() -> None:
    rows = [("序号", "卡号", "金额", "备注"), ("2", "00012345678", "16.67", "卡号无效")]
    assert planned(rows).lacking == ("outcome",)
    said = replace(understand(rows, BATCH, OWN), every_row=Outcome.FAILED)
    (answer,) = plan(BATCH, rows, said).applied
    assert (answer.line, answer.fate, answer.failure) == (2, Fate.FAILED, "卡号无效")
    kept = to_remember(rows[0], said)
    assert planned(rows, remembered=kept).lacking == ("outcome",)  # the next may be of the others
    with_words = replace(understand(RETURNED, BATCH, OWN), every_row=Outcome.FAILED)
    assert fates(plan(BATCH, RETURNED, with_words)) == fates(planned(RETURNED))


def test_a_failure_without_a_reason_has_the_banks_word() -> None:
    rows = with_cell(4, 5, "")
    (answer,) = [answer for answer in planned(rows).rows if answer.fate is Fate.FAILED]
    assert answer.failure == "失败"


def test_our_own_list_asks_nothing() -> None:
    headings = (
        "批次 batch",
        "行号 line",
        "姓名 payee",
        "卡号 card",
        "金额 amount",
        "result",
        "reason",
    )
    rows = [
        headings,
        ("B26-00001", "1", "王小明", "6222021234567890123", "50.00", "paid", ""),
        ("B26-00001", "2", "李四", "00012345678", "16.67", "failed", "卡号无效"),
        ("B26-00001", "3", "欧阳娜娜", "6222025555550003333", "1234.50", "成功", ""),
        ("B26-00001", "total", "3", "", "1301.17", "", ""),
    ]
    done = planned(rows)
    assert done.asks_nothing
    assert [answer.fate for answer in done.applied] == [Fate.PAID, Fate.FAILED, Fate.PAID]
    other = [rows[0], *(("B26-00009", *row[1:]) for row in rows[1:])]
    assert set(fates(planned(other))) == {Fate.OTHER_BATCH}
    cut = [(*row[:4], "999.00", *row[5:]) if row[1] == "total" else row for row in rows]
    assert not planned(cut).asks_nothing


@pytest.mark.parametrize(
    ("cell", "reference"),
    [
        ("3", Reference(3, with_batch=False)),
        (" '003", Reference(3, with_batch=False)),
        ("3.0", Reference(3, with_batch=False)),
        ("第3笔", Reference(3, with_batch=False)),
        ("B26-00001-3", Reference(3, with_batch=True)),
        ("b26-00001/0003", Reference(3, with_batch=True)),
        ("B26-00001", None),
        ("B26-00002-3", None),
        ("3.1", None),
        ("-3", None),
        ("20260311000003", None),
        ("", None),
    ],
)
def test_lines_are_named_by_their_number(cell: str, reference: Reference | None) -> None:
    assert line_reference(cell, "B26-00001") == reference


def test_another_batch_is_one_of_our_numbers() -> None:
    assert other_batch_in(["批次B26-00002。"], "B26-00001") == "B26-00002"
    assert other_batch_in(["B26-00002", "B26-00001"], "B26-00001") == ""
    assert other_batch_in(["B26-000021", "XB26-00002", "8800123"], "B26-00001") == ""


cell_texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from([cell for row in RETURNED for cell in row]),
    st.sampled_from(["成功", "失败", "B26-00002", "6222****0123", "1", "2", "50.00"]),
)


@settings(deadline=None)
@given(st.lists(st.lists(cell_texts, min_size=6, max_size=8), max_size=8))
def test_whatever_a_list_holds_a_row_is_applied_to_the_line_that_it_names(
    rows: list[list[str]],
) -> None:
    done = plan(BATCH, [(), CHINESE, *rows], FULL)
    lines = {line.number: line for line in BATCH.lines}
    for answer in done.applied:
        reference, payee, account, amount, *_ = rows[answer.row - 3]
        line = lines[answer.line or 0]
        assert amount_of(amount, Unit.YUAN) == line.amount_fen
        assert WrittenName.of(payee).likeness(plain_name(line.payee)) is not Likeness.OTHER
        likeness = WrittenAccount.of(account).likeness(line.account)
        named = line_reference(reference, BATCH.number)
        assert likeness.proves or (likeness is not Likeness.OTHER and named is not None)
    assert len({answer.line for answer in done.applied}) == len(done.applied)


@settings(deadline=None)
@given(st.lists(st.sampled_from(list(Outcome)), min_size=3, max_size=3))
def test_applying_a_list_twice_does_nothing_the_second_time(outcomes: list[Outcome]) -> None:
    words = {Outcome.PAID: "成功", Outcome.FAILED: "失败", Outcome.OPEN: "处理中"}
    rows = [*RETURNED[:2]]
    rows += [
        (*row[:4], words[outcome], row[5])
        for row, outcome in zip(RETURNED[2:5], outcomes, strict=True)
    ]
    settled = [outcome if outcome is not Outcome.OPEN else None for outcome in outcomes]
    first, second = planned(rows), planned(rows, answered(*settled))
    assert [Outcome(answer.fate) for answer in first.rows] == outcomes
    assert second.applied == second.refused == ()
    assert first.fingerprint == planned(rows).fingerprint
    assert (first.fingerprint == second.fingerprint) == (not first.applied)
