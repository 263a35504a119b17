"""What a list that came back from the bank means: its heading row, its columns, its words.

Everything here is a guess to be shown before it is applied, or what a clerk has said instead. A
column that is not understood means nothing; nothing is taken from the place where it stands.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

TITLE_ROWS: Final = 20
"""So many rows may stand above the headings."""

FEWEST_HEADINGS: Final = 2
"""A row with fewer known headings is no heading row."""


class Meaning(StrEnum):
    """What a column says."""

    LINE = "line"
    BATCH = "batch"
    PAYEE = "payee"
    ACCOUNT = "account"
    AMOUNT = "amount"
    OUTCOME = "outcome"
    REASON = "reason"


class Outcome(StrEnum):
    """What the bank did with a line; ``open``: it has not decided yet."""

    PAID = "paid"
    FAILED = "failed"
    OPEN = "open"


class Unit(StrEnum):
    """In what an amount is written."""

    YUAN = "yuan"
    FEN = "fen"


class NoHeadings(Exception):
    """A list without any row of two cells: there is nothing to choose columns from."""


HEADINGS: Mapping[Meaning, tuple[str, ...]] = MappingProxyType(
    {
        Meaning.LINE: (
            *("line", "lineno", "linenumber", "reference", "referenceno", "ref"),
            *("明细序号", "明细号", "企业流水号", "客户流水号", "业务参考号", "参考号", "行号"),
            *("序号", "笔号", "编号", "流水号", "no", "seq", "serialno", "serialnumber"),
        ),
        Meaning.BATCH: (
            *("batch", "batchno", "batchnumber", "批次号", "批次编号", "批次", "批号"),
            *("代发批次号", "企业批次号"),
        ),
        Meaning.PAYEE: (
            *("payee", "payeename", "beneficiary", "beneficiaryname", "accountname", "name"),
            *("收款人", "收款人姓名", "收款人名称", "收款人户名", "收款户名", "收款方户名"),
            *("收款方名称", "收款方", "收款单位", "户名", "账户名", "账户名称", "持卡人"),
            *("持卡人姓名", "客户姓名", "姓名"),
        ),
        Meaning.ACCOUNT: (
            *("account", "accountno", "accountnumber", "payeeaccount", "beneficiaryaccount"),
            *("card", "cardno", "cardnumber"),
            *("收款账号", "收款人账号", "收款方账号", "收款账户", "收款人账户", "收款卡号"),
            *("充值卡号", "交通卡号", "银行卡号", "银行账号", "卡号", "账号", "账户", "卡号/账号"),
        ),
        Meaning.AMOUNT: (
            *("amount", "amt", "transactionamount", "paymentamount"),
            *("交易金额", "付款金额", "收款金额", "转账金额", "代发金额", "支付金额"),
            *("充值金额", "实发金额", "发生额", "金额"),
        ),
        Meaning.OUTCOME: (
            *("result", "status", "state", "outcome", "paymentstatus", "transactionstatus"),
            *("处理结果", "交易结果", "付款结果", "支付结果", "代发结果", "充值结果", "入账结果"),
            *("处理状态", "交易状态", "付款状态", "支付状态", "代发状态", "充值状态", "入账状态"),
            *("返回结果", "结果", "状态"),
        ),
        Meaning.REASON: (
            *("reason", "failurereason", "message", "remark", "remarks", "note", "notes"),
            *("失败原因", "错误原因", "退回原因", "退汇原因", "拒绝原因", "失败说明", "错误信息"),
            *("返回信息", "结果说明", "处理说明", "原因", "说明", "备注", "附言"),
        ),
    }
)
"""The usual headings, those that say most first; ``folded`` like the cells they are held to."""

_USUAL: Final = frozenset(name for names in HEADINGS.values() for name in names)

OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("paid", "success", "succeeded", "successful", "settled"),
                *("成功", "已付", "已付款", "已支付", "已入账", "已到账", "已发放", "入账成功"),
                *("交易成功", "处理成功", "付款成功", "支付成功", "转账成功", "代发成功"),
                *("充值成功", "发放成功", "汇款成功", "银行处理成功"),
            ),
            Outcome.PAID,
        ),
        **dict.fromkeys(
            (
                *("failed", "failure", "fail", "rejected", "returned", "refused"),
                *("失败", "未付", "退回", "已退回", "退汇", "已退汇", "退票", "拒绝", "已拒绝"),
                *("交易失败", "处理失败", "付款失败", "支付失败", "转账失败", "代发失败"),
                *("充值失败", "发放失败", "入账失败", "汇款失败", "银行处理失败", "银行退回"),
            ),
            Outcome.FAILED,
        ),
        **dict.fromkeys(
            (
                *("processing", "pending", "inprocess", "inprogress", "submitted", "accepted"),
                *("处理中", "交易处理中", "银行处理中", "待处理", "未处理", "已受理", "受理中"),
                *("待入账", "已提交", "待复核", "等待处理"),
            ),
            Outcome.OPEN,
        ),
    }
)
"""What the words in an outcome's column say. A word that is not here is asked about."""

OURS: Final = frozenset(
    {Meaning.BATCH, Meaning.LINE, Meaning.ACCOUNT, Meaning.AMOUNT, Meaning.OUTCOME}
)
"""What has to be left of the exported list for it to be read as ours."""

_UNIT_HINTS: Mapping[str, Unit] = MappingProxyType(
    {"元": Unit.YUAN, "人民币元": Unit.YUAN, "yuan": Unit.YUAN, "分": Unit.FEN, "fen": Unit.FEN}
)


@dataclass(frozen=True, slots=True)
class ListMapping:
    """How a list is read. ``heading_row`` counts from 1; ``columns``: meaning -> place from 0.

    ``unit`` None: somebody has to say. ``every_row``: the outcome of all rows of a list that has no
    column for it. ``words``: folded words that are not among ``OUTCOMES``. ``ours``: the headings
    are those of the list that was exported.
    """

    heading_row: int
    columns: Mapping[Meaning, int]
    unit: Unit | None = None
    every_row: Outcome | None = None
    words: Mapping[str, Outcome] = field(default_factory=dict)
    ours: bool = False

    def meaning_of(self, word: str) -> Outcome | None:
        """What somebody has said that the bank's word means."""
        return self.words.get(folded(word))


@dataclass(frozen=True, slots=True)
class RememberedMapping:
    """What was confirmed for the lists of one channel, by folded headings instead of places.

    What every row of a list was is no part of it: the next list may be that of the others.
    """

    headings: Mapping[str, str]
    words: Mapping[str, str]


def folded(text: str) -> str:
    """A heading or word as it is compared.

    Any width and case, without blanks, stars and colons; 帐 is another way to write 账.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("帐", "账")
    return re.sub(r"[\s_:*.'\"#-]+", "", plain)


def usual_heading(text: str) -> str:
    """A heading as ``HEADINGS`` may have it: ``金额（元）`` -> ``金额``.

    Ours are written as "words key", in which the key alone counts.
    """
    plain = re.sub(r"[(\[【].*?[)\]】]", "", folded(text))
    if plain in _USUAL:
        return plain
    return folded(text.rsplit(maxsplit=1)[-1]) if text.split() else ""


def unit_of_heading(text: str) -> Unit | None:
    """The unit that a heading states: ``金额（分）``."""
    brackets = re.findall(r"[(\[【](.*?)[)\]】]", folded(text))
    hints = {_UNIT_HINTS[hint] for hint in brackets if hint in _UNIT_HINTS}
    return hints.pop() if len(hints) == 1 else None


def outcome_of(word: str, words: Mapping[str, Outcome]) -> Outcome | None:
    """What the bank's word says; None where nobody has said.

    Nothing written is no answer yet.
    """
    plain = folded(word)
    if not plain:
        return Outcome.OPEN
    return OUTCOMES.get(plain) or words.get(plain)


def heading_row_of(rows: Sequence[Sequence[str]]) -> int:
    """The number of the row that has most known headings; else the first with two cells.

    Raises NoHeadings.
    """
    scores = [len(columns_of(row)) for row in rows[:TITLE_ROWS]]
    if scores and max(scores) >= FEWEST_HEADINGS:
        return scores.index(max(scores)) + 1
    for number, row in enumerate(rows[:TITLE_ROWS], start=1):
        if sum(bool(cell.strip()) for cell in row) >= FEWEST_HEADINGS:
            return number
    raise NoHeadings


def columns_of(headings: Sequence[str]) -> Mapping[Meaning, int]:
    """The place of each meaning by the usual headings.

    Two columns of one heading may be payer and payee: then neither is taken.
    """
    names = [usual_heading(cell) for cell in headings]
    places: dict[Meaning, int] = {}
    for meaning, known in HEADINGS.items():
        usual = next((name for name in known if name in names), None)
        if usual is not None and names.count(usual) == 1:
            places[meaning] = names.index(usual)
    return places


def candidates_of(headings: Sequence[str], meaning: Meaning) -> tuple[int, ...]:
    """Every place whose heading may have the meaning, the likeliest first."""
    names = [usual_heading(cell) for cell in headings]
    usual = [names.index(name) for name in HEADINGS[meaning] if names.count(name) == 1]
    return tuple(dict.fromkeys(usual))


def our_columns(
    headings: Sequence[str], own: Mapping[str, Meaning]
) -> Mapping[Meaning, int] | None:
    """The places of ``own`` (key of the exported list -> meaning), where all of ``OURS`` are there.

    Our heading is written as "words key": the key is what counts.
    """
    keys = [cell.split()[-1] if cell.split() else "" for cell in headings]
    places = {meaning: keys.index(key) for key, meaning in own.items() if keys.count(key) == 1}
    return places if places.keys() >= OURS & set(own.values()) else None


def remembered_columns(
    headings: Sequence[str], remembered: RememberedMapping
) -> Mapping[Meaning, int] | None:
    """The places that were confirmed before; None where a heading is missing or stands twice."""
    names = [folded(cell) for cell in headings]
    if any(names.count(name) != 1 for name in remembered.headings):
        return None
    return {Meaning(meaning): names.index(name) for name, meaning in remembered.headings.items()}


def to_remember(headings: Sequence[str], mapping: ListMapping) -> RememberedMapping:
    """What the next list of the channel is offered."""
    return RememberedMapping(
        headings={
            folded(headings[place]): meaning.value for meaning, place in mapping.columns.items()
        },
        words={word: outcome.value for word, outcome in mapping.words.items()},
    )


def cell_of(row: Sequence[str], mapping: ListMapping, meaning: Meaning) -> str:
    """What stands in the row's column of that meaning; empty where there is none."""
    place = mapping.columns.get(meaning)
    return row[place] if place is not None and place < len(row) else ""


def missing(mapping: ListMapping) -> Collection[str]:
    """What a list can't be read without, as far as nobody has said where it stands."""
    columns = mapping.columns
    lacks = {
        "outcome": Meaning.OUTCOME not in columns and mapping.every_row is None,
        "amount": Meaning.AMOUNT not in columns,
        "unit": Meaning.AMOUNT in columns and mapping.unit is None,
        "account": Meaning.ACCOUNT not in columns and Meaning.LINE not in columns,
    }
    return tuple(name for name, lack in lacks.items() if lack)
