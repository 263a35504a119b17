"""What each row of a returned list would do to the batch that was exported, and why not.

One wrong row stops itself and no other; a line that no row answers stays open.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Final

from rewards.accounts_as_written import Likeness, amount_of
from rewards.matching import ExportedBatch, ExportedLine, Lines, ListRow, other_batch_in
from rewards.payout import clean, undefused
from rewards.returned_list import (
    ListMapping,
    Meaning,
    Outcome,
    Unit,
    cell_of,
    folded,
    missing,
    outcome_of,
)
from scheme.money import Fen

LONGEST_REASON: Final = 200
MOST_WORDS: Final = 30
"""A column with more words of its own is no column of outcomes."""

TOTALS: Final = ("total", "grandtotal", "subtotal", "sum")
TOTALS_BEGIN: Final = ("合计", "总计", "小计", "共计")
"""How the first cell of a row of sums reads."""

Rows = Sequence[Sequence[str]]


class Fate(StrEnum):
    """What becomes of a row."""

    PAID = "paid"
    FAILED = "failed"
    OPEN = "open"
    ALREADY = "already"
    UNKNOWN_LINE = "unknown_line"
    UNKNOWN_ACCOUNT = "unknown_account"
    OTHER_BATCH = "other_batch"
    OTHER_ACCOUNT = "other_account"
    OTHER_PAYEE = "other_payee"
    OTHER_AMOUNT = "other_amount"
    OTHER_ANSWER = "other_answer"
    ACCOUNT_UNSURE = "account_unsure"
    SEVERAL_LINES = "several_lines"
    LINE_TWICE = "line_twice"
    AMOUNT_UNREADABLE = "amount_unreadable"
    CELLS_SHIFTED = "cells_shifted"
    WORD_UNKNOWN = "word_unknown"


APPLIED: Final = frozenset({Fate.PAID, Fate.FAILED})
QUIET: Final = APPLIED | {Fate.OPEN, Fate.ALREADY}
"""Whatever else becomes of a row is said beside it, with what to do."""


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """One row and what it would do.

    ``row`` counts as a spreadsheet does, ``column`` and ``cell`` are what is wrong, ``account``
    says how the account was known, ``failure`` is the bank's reason.
    """

    row: int
    fate: Fate
    line: int | None = None
    column: Meaning | None = None
    cell: str = ""
    account: Likeness = Likeness.ABSENT
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row that answers nothing: a title, a sum, a signature.

    ``contradicts``: it is a sum, and neither of the list's rows nor of the batch.
    """

    row: int
    text: str
    contradicts: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many rows have the amount of their line, read in yuan and read in fen."""

    yuan: int
    fen: int

    @property
    def unit(self) -> Unit | None:
        """The only unit in which any row agrees."""
        if bool(self.yuan) == bool(self.fen):
            return None
        return Unit.YUAN if self.yuan else Unit.FEN


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would do, row by row. ``lacking``: what has to be said before rows are read."""

    rows: tuple[RowAnswer, ...]
    passed_over: tuple[PassedOver, ...]
    lacking: tuple[str, ...]
    listed_rows: int
    listed_fen: Fen
    agreement: Agreement

    def count(self, *fates: Fate) -> int:
        """How many rows have one of the fates."""
        return sum(answer.fate in fates for answer in self.rows)

    @property
    def refused(self) -> tuple[RowAnswer, ...]:
        """The rows that are not applied though they were meant to be."""
        return tuple(answer for answer in self.rows if answer.fate not in QUIET)

    @property
    def quiet(self) -> tuple[RowAnswer, ...]:
        """The rows of which there is nothing to say."""
        return tuple(answer for answer in self.rows if answer.fate in QUIET)

    @property
    def asks_nothing(self) -> bool:
        """Whether every row is understood and has the very account: there is nothing to look at."""
        contradicted = any(passed.contradicts for passed in self.passed_over)
        proven = all(answer.account.proves for answer in self.rows)
        return bool(self.rows) and proven and not (self.lacking or self.refused or contradicted)

    @property
    def applied(self) -> tuple[RowAnswer, ...]:
        """The rows that settle a line, by line."""
        applied = [answer for answer in self.rows if answer.fate in APPLIED]
        return tuple(sorted(applied, key=lambda answer: answer.line or 0))

    @property
    def fingerprint(self) -> str:
        """Equal for plans that do the same to the same lines: what was shown is what is applied."""
        fates = [(answer.row, answer.fate, answer.line, answer.failure) for answer in self.rows]
        return sha256(repr(sorted(fates)).encode("utf-8", "replace")).hexdigest()


def plan(batch: ExportedBatch, rows: Rows, mapping: ListMapping) -> Plan:
    """What the list would do to the batch, read by the mapping."""
    lines, lacking = Lines(batch), tuple(missing(mapping))
    answering, others = parted(rows, mapping)
    amounts = [row.amount or 0 for row in answering]
    reading = _Reading(
        lines, mapping, rows[: mapping.heading_row], _width(answering, rows, mapping)
    )
    answers = [] if lacking else [reading.answer(row) for row in answering]
    sums = {sum(amounts), sum(line.amount_fen for line in batch.lines)}
    return Plan(
        rows=tuple(_without_doubles(answers)),
        passed_over=tuple(_passed_over(number, row, mapping, sums) for number, row in others),
        lacking=lacking,
        listed_rows=len(answering),
        listed_fen=Fen(sum(amounts)),
        agreement=agreement(lines, answering, mapping),
    )


def agreement(lines: Lines, rows: Sequence[ListRow], mapping: ListMapping) -> Agreement:
    """In which unit the list's amounts are those of the lines it names, whatever else is wrong."""
    counts = dict.fromkeys(Unit, 0)
    for row in rows:
        numbered, _ = lines.numbered(row)
        named = [*lines.of_account(row), *([numbered] if numbered else [])]
        amounts = {line.amount_fen for line in named}
        for unit in Unit:
            counts[unit] += (
                amount_of(cell_of(row.written, mapping, Meaning.AMOUNT), unit) in amounts
            )
    return Agreement(counts[Unit.YUAN], counts[Unit.FEN])


def own_words(rows: Rows, mapping: ListMapping) -> tuple[str, ...]:
    """The bank's words for an outcome that are in no table: somebody has to say what they mean."""
    answering, _ = parted(rows, mapping)
    written = [cell_of(row.written, mapping, Meaning.OUTCOME).strip() for row in answering]
    words = {folded(word): clean(word) for word in written if outcome_of(word, {}) is None}
    return tuple(words.values())[:MOST_WORDS]


# -- rows ------------------------------------------------------------------------------------------


def parted(
    rows: Rows, mapping: ListMapping
) -> tuple[Sequence[ListRow], Sequence[tuple[int, Sequence[str]]]]:
    """The rows that answer for a line, and the others that are not empty."""
    answering: list[ListRow] = []
    others: list[tuple[int, Sequence[str]]] = []
    for number, row in enumerate(rows[mapping.heading_row :], start=mapping.heading_row + 1):
        if _answers(row, mapping):
            answering.append(ListRow.of(number, row, mapping))
        elif any(cell.strip() for cell in row):
            others.append((number, row))
    return answering, others


def _answers(row: Sequence[str], mapping: ListMapping) -> bool:
    """Whether the row is about one line: it has an account, or two of number, amount, outcome."""
    if _is_sum(row, mapping):
        return False
    if any(sign.isdigit() for sign in cell_of(row, mapping, Meaning.ACCOUNT)):
        return True
    others = (Meaning.LINE, Meaning.AMOUNT, Meaning.OUTCOME)
    return sum(bool(cell_of(row, mapping, meaning).strip()) for meaning in others) > 1


def _is_sum(row: Sequence[str], mapping: ListMapping) -> bool:
    first = next((folded(cell) for cell in row if cell.strip()), "")
    heads = (first, folded(cell_of(row, mapping, Meaning.LINE)))
    return any(head in TOTALS or head.startswith(TOTALS_BEGIN) for head in heads)


def _passed_over(
    number: int, row: Sequence[str], mapping: ListMapping, sums: set[int]
) -> PassedOver:
    text = " ".join(cell.strip() for cell in row if cell.strip())
    amount = amount_of(cell_of(row, mapping, Meaning.AMOUNT), mapping.unit or Unit.YUAN)
    is_whole_sum = _is_sum(row, mapping) and "小计" not in folded(text)
    contradicts = is_whole_sum and amount is not None and amount not in sums
    return PassedOver(number, clean(text)[:LONGEST_REASON], contradicts)


def _width(answering: Sequence[ListRow], rows: Rows, mapping: ListMapping) -> int:
    """How many cells a row of the list has: more than that, and something moved them."""
    usual = Counter(row.width for row in answering).most_common(1)
    return max(len(rows[mapping.heading_row - 1]), usual[0][0] if usual else 0)


class _Refused(Exception):
    """The row is not applied, for ``cell`` in ``column``."""

    def __init__(
        self, fate: Fate, column: Meaning, line: ExportedLine | None = None, cell: str = ""
    ) -> None:
        super().__init__(fate)
        self.fate, self.column, self.cell = fate, column, cell
        self.line = line.number if line else None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One list that is read row by row. ``head``: the headings and what stands above them."""

    lines: Lines
    mapping: ListMapping
    head: Rows
    width: int

    def answer(self, row: ListRow) -> RowAnswer:
        try:
            return self._judged(row)
        except _Refused as refused:
            cell = refused.cell or self._cell(row, refused.column)
            shown = clean(cell)[:LONGEST_REASON]
            return RowAnswer(row.number, refused.fate, refused.line, refused.column, shown)

    def _judged(self, row: ListRow) -> RowAnswer:
        if row.width > self.width:
            raise _Refused(Fate.CELLS_SHIFTED, Meaning.AMOUNT)
        self._require_this_batch(row)
        line, account = self._numbered(row) if row.reference else self._of_account(row)
        self._require_as_exported(row, line)
        outcome = self._outcome(row)
        if outcome is None:
            raise _Refused(Fate.WORD_UNKNOWN, Meaning.OUTCOME, line)
        fate = _fate(outcome, line)
        failure = self._failure(row) if fate is Fate.FAILED else ""
        return RowAnswer(row.number, fate, line.number, account=account, failure=failure)

    def _outcome(self, row: ListRow) -> Outcome | None:
        if Meaning.OUTCOME not in self.mapping.columns:
            return self.mapping.every_row
        return outcome_of(self._cell(row, Meaning.OUTCOME), self.mapping.words)

    def _cell(self, row: ListRow, meaning: Meaning) -> str:
        return cell_of(row.written, self.mapping, meaning).strip()

    def _require_this_batch(self, row: ListRow) -> None:
        """A number of another batch, in the row or above the headings, is another list."""
        number = self.lines.batch.number
        above = [cell for cells in self.head[:-1] for cell in cells]
        other = other_batch_in([row.batch] if row.batch else above, number)
        if not other and self.mapping.ours and row.batch not in ("", number):
            other = row.batch
        if other:
            raise _Refused(Fate.OTHER_BATCH, Meaning.BATCH, cell=other)

    def _numbered(self, row: ListRow) -> tuple[ExportedLine, Likeness]:
        """The line of the row's number, where nothing in the row speaks against it."""
        line, with_batch = self.lines.numbered(row)
        if line is None:
            raise _Refused(Fate.UNKNOWN_LINE, Meaning.LINE)
        likeness = self.lines.account_likeness(row, line)
        if self.mapping.ours and likeness is Likeness.ABSENT:
            # Our list names every account; a channel without accounts needs none.
            likeness = Likeness.OTHER if line.account else Likeness.SAME
        if likeness is Likeness.OTHER:
            raise _Refused(Fate.OTHER_ACCOUNT, Meaning.ACCOUNT, line)
        if not (likeness.proves or with_batch or self.mapping.ours):
            self._require_as_exported(row, line)
            if self.lines.fitting(row) != [line]:
                # It may be the bank's own count: with two lines alike the number says nothing.
                raise _Refused(Fate.ACCOUNT_UNSURE, Meaning.ACCOUNT, line)
        return line, likeness

    def _of_account(self, row: ListRow) -> tuple[ExportedLine, Likeness]:
        """The only line that was exported with the row's account."""
        proven = self.lines.of_account(row)
        if not proven:
            lost = self.lines.looks_like_any(row)
            fate = Fate.ACCOUNT_UNSURE if lost else Fate.UNKNOWN_ACCOUNT
            raise _Refused(fate, Meaning.ACCOUNT)
        fitting = [line for line in self.lines.fitting(row) if line in proven]
        if len(fitting) > 1:
            raise _Refused(Fate.SEVERAL_LINES, Meaning.LINE)
        line = (fitting or proven)[0]
        return line, self.lines.account_likeness(row, line)

    def _require_as_exported(self, row: ListRow, line: ExportedLine) -> None:
        if self.lines.is_somebody_else(row, line):
            raise _Refused(Fate.OTHER_PAYEE, Meaning.PAYEE, line)
        if row.amount is None:
            raise _Refused(Fate.AMOUNT_UNREADABLE, Meaning.AMOUNT, line)
        if row.amount != line.amount_fen:
            raise _Refused(Fate.OTHER_AMOUNT, Meaning.AMOUNT, line)

    def _failure(self, row: ListRow) -> str:
        reason = self._cell(row, Meaning.REASON) or self._cell(row, Meaning.OUTCOME)
        return clean(undefused(reason))[:LONGEST_REASON]


def _fate(outcome: Outcome, line: ExportedLine) -> Fate:
    if line.answer is None:
        return Fate(outcome)
    if outcome in (line.answer, Outcome.OPEN):
        return Fate.ALREADY
    raise _Refused(Fate.OTHER_ANSWER, Meaning.OUTCOME, line)


def _without_doubles(answers: Sequence[RowAnswer]) -> Sequence[RowAnswer]:
    """Rows that answer one line twice answer it not at all: which of them holds is not for us."""
    times = Counter(answer.line for answer in answers)
    return [
        replace(answer, fate=Fate.LINE_TWICE, column=Meaning.LINE, failure="")
        if answer.fate in QUIET and times[answer.line] > 1
        else answer
        for answer in answers
    ]
