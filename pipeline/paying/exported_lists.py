"""The list of a batch as it was exported: what a returned one is held against.

Our own list that comes back is ours cell by cell, or something is wrong with it as a whole; a
bank's list is taken row by row (``returned_lists``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pipeline.paying.payees import frozen_lines
from pipeline.runtime import Work
from pipeline.store import batches as store
from pipeline.store.batches import BatchRow
from rewards.answers import Fate, Plan
from rewards.known_channels import channel_named
from rewards.matching import ExportedBatch, ExportedLine
from rewards.payout import LineAnswer, ManifestMismatch, PayoutChannel, PayoutLine, cells
from rewards.returned_list import ListMapping, Meaning, Outcome

CHANGED: Final = frozenset(
    {
        Fate.UNKNOWN_LINE,
        Fate.UNKNOWN_ACCOUNT,
        Fate.OTHER_BATCH,
        Fate.OTHER_ACCOUNT,
        Fate.OTHER_PAYEE,
        Fate.OTHER_AMOUNT,
        Fate.AMOUNT_UNREADABLE,
        Fate.LINE_TWICE,
        Fate.CELLS_SHIFTED,
    }
)
"""What can't become of a row of our own list unless somebody has changed what was exported."""


@dataclass(frozen=True)
class ExportedList:
    """A batch with its lines as they were exported, read once.

    ``results``: line -> paid or failed, None where the bank has not answered yet.
    """

    row: BatchRow
    channel: PayoutChannel
    lines: Mapping[int, PayoutLine]
    results: Mapping[int, str | None]

    @cached_property
    def cells(self) -> Mapping[int, Mapping[str, str]]:
        """Line -> what stood in each column of the list."""
        return {
            number: cells(self.row.number, self.channel, line)
            for number, line in self.lines.items()
        }

    @cached_property
    def number_column(self) -> str:
        """Of an account's columns the one that a bank knows it by: its number; empty for none."""
        columns, exported = self.channel.account_columns, self.cells.values()
        numbers = [
            column
            for column in columns
            if exported and all(line[column].isdigit() for line in exported)
        ]
        return next(iter((*numbers, *columns)), "")

    @property
    def batch(self) -> ExportedBatch:
        """What the rows of a returned list are held against."""
        return ExportedBatch(self.row.number, tuple(map(self._line, self.lines.values())))

    def _line(self, line: PayoutLine) -> ExportedLine:
        result = self.results[line.number]
        return ExportedLine(
            number=line.number,
            payee=line.payee,
            account=self.cells[line.number].get(self.number_column, ""),
            amount_fen=line.amount_fen,
            answer=Outcome(result) if result else None,
        )

    @property
    def own_columns(self) -> Mapping[str, Meaning]:
        """The meaning of each column of the batch's own list, as far as it has one."""
        meanings: dict[str, Meaning] = {meaning.value: meaning for meaning in Meaning}
        meanings.pop(Meaning.ACCOUNT)
        meanings |= {"result": Meaning.OUTCOME, self.number_column: Meaning.ACCOUNT}
        return {column: meanings[column] for column in self.channel.columns if column in meanings}


def exported_list(work: Work, batch: BatchRow) -> ExportedList:
    """The batch as it was exported, with the answers that its lines have. Raises BatchBroken."""
    rows = store.lines_of(work.connection, batch.id)
    return ExportedList(
        row=batch,
        channel=channel_named(batch.channel),
        lines={line.number: line for line in frozen_lines(work, batch)},
        results={row.line_number: row.result for row in rows},
    )


def require_unchanged(
    exported: ExportedList, rows: Sequence[Sequence[str]], mapping: ListMapping, plan: Plan
) -> None:
    """Raise ManifestMismatch where our own list came back with other cells than it left with."""
    column_of = {meaning: column for column, meaning in exported.own_columns.items()}
    for answer in plan.rows:
        if answer.fate in CHANGED:
            meaning = answer.column or Meaning.LINE
            raise ManifestMismatch(answer.line, column_of.get(meaning, meaning))
    if any(passed.contradicts for passed in plan.passed_over):
        raise ManifestMismatch(None, column_of[Meaning.AMOUNT])
    _require_same_accounts(exported, rows, mapping, plan)


def _require_same_accounts(
    exported: ExportedList, rows: Sequence[Sequence[str]], mapping: ListMapping, plan: Plan
) -> None:
    """An account may have more than its number: a name, a branch."""
    account = exported.channel.account
    keys = [cell.split()[-1] if cell.split() else "" for cell in rows[mapping.heading_row - 1]]
    others = set(exported.channel.account_columns) - {exported.number_column}
    for answer in plan.rows:
        if answer.line is None or account is None:
            continue
        written = dict(zip(keys, rows[answer.row - 1], strict=False))
        for column in sorted(others):
            sent = exported.cells[answer.line][column]
            if not account.same(column, written.get(column, ""), sent):
                raise ManifestMismatch(answer.line, column)


def line_answers(exported: ExportedList, plan: Plan) -> Sequence[LineAnswer]:
    """What is applied: the line that each row was found to name, and what the bank says of it."""
    answers = []
    for answer in plan.applied:
        sent = exported.cells[answer.line or 0]
        named = {column: sent[column] for column in exported.channel.checked}
        paid = answer.fate is Fate.PAID
        answers.append(LineAnswer(answer.line or 0, named, paid, answer.failure))
    return answers
