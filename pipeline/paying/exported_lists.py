"""The list of a batch as it was exported: what a returned one is held against.

Our own list that comes back is ours cell by cell, or something is wrong with it as a whole; a
bank's list is taken row by row (``returned_lists``).
"""

from collections.abc import Mapping, Sequence
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


def exported_batch(work: Work, batch: BatchRow) -> ExportedBatch:
    """The batch as it was exported, with the answers that its lines have. Raises BatchBroken."""
    rows, lines = store.lines_of(work.connection, batch.id), frozen_lines(work, batch)
    channel = channel_named(batch.channel)
    number = _number_column(channel, lines)
    return ExportedBatch(
        batch.number,
        tuple(
            ExportedLine(
                number=line.number,
                payee=line.payee,
                account=cells(batch.number, channel, line).get(number, ""),
                amount_fen=line.amount_fen,
                answer=Outcome(row.result) if row.result else None,
            )
            for row, line in zip(rows, lines, strict=True)
        ),
    )


def own_columns(work: Work, batch: BatchRow) -> Mapping[str, Meaning]:
    """The meaning of each column of the batch's own list, as far as it has one."""
    channel = channel_named(batch.channel)
    number = _number_column(channel, frozen_lines(work, batch))
    meanings: dict[str, Meaning] = {meaning.value: meaning for meaning in Meaning}
    meanings.pop(Meaning.ACCOUNT)
    meanings |= {"result": Meaning.OUTCOME, number: Meaning.ACCOUNT}
    return {column: meanings[column] for column in channel.columns if column in meanings}


def _number_column(channel: PayoutChannel, lines: Sequence[PayoutLine]) -> str:
    """Of an account's columns the one that a bank knows it by: its number; empty for none."""
    columns = channel.account_columns
    exported = [cells("", channel, line) for line in lines]
    numbers = [
        column for column in columns if exported and all(row[column].isdigit() for row in exported)
    ]
    return next(iter((*numbers, *columns)), "")


def require_unchanged(
    work: Work, batch: BatchRow, rows: Sequence[Sequence[str]], mapping: ListMapping, plan: Plan
) -> None:
    """Raise ManifestMismatch where our own list came back with other cells than it left with."""
    column_of = {meaning: column for column, meaning in own_columns(work, batch).items()}
    for answer in plan.rows:
        if answer.fate in CHANGED:
            meaning = answer.column or Meaning.LINE
            raise ManifestMismatch(answer.line, column_of.get(meaning, meaning))
    if any(passed.contradicts for passed in plan.passed_over):
        raise ManifestMismatch(None, column_of[Meaning.AMOUNT])
    _require_same_accounts(work, batch, rows, mapping, plan)


def _require_same_accounts(
    work: Work, batch: BatchRow, rows: Sequence[Sequence[str]], mapping: ListMapping, plan: Plan
) -> None:
    """An account may have more than its number: a name, a branch."""
    channel = channel_named(batch.channel)
    lines = {line.number: line for line in frozen_lines(work, batch)}
    keys = [cell.split()[-1] if cell.split() else "" for cell in rows[mapping.heading_row - 1]]
    number = _number_column(channel, tuple(lines.values()))
    others = [column for column in channel.account_columns if column != number]
    for answer in plan.rows:
        if answer.line is None or channel.account is None:
            continue
        exported = cells(batch.number, channel, lines[answer.line])
        written = dict(zip(keys, rows[answer.row - 1], strict=False))
        for column in others:
            if not channel.account.same(column, written.get(column, ""), exported[column]):
                raise ManifestMismatch(answer.line, column)


def line_answers(work: Work, batch: BatchRow, plan: Plan) -> Sequence[LineAnswer]:
    """What is applied: the line that each row was found to name, and what the bank says of it."""
    channel = channel_named(batch.channel)
    lines = {line.number: line for line in frozen_lines(work, batch)}
    answers = []
    for answer in plan.applied:
        line = lines[answer.line or 0]
        exported = cells(batch.number, channel, line)
        named = {column: exported[column] for column in channel.checked}
        paid = answer.fate is Fate.PAID
        answers.append(LineAnswer(line.number, named, paid, answer.failure))
    return answers
