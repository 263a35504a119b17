"""How a returned list is understood at first sight: a mapping to be shown before it is applied.

Our own headings are known; a mapping that was confirmed for the channel is offered again; else the
usual headings count, and a column of numbers is the lines' only where it is so in every row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rewards.answers import Rows, agreement, parted
from rewards.matching import ExportedBatch, Lines, ListRow, other_batch_in
from rewards.returned_list import (
    TITLE_ROWS,
    ListMapping,
    Meaning,
    Outcome,
    RememberedMapping,
    Unit,
    candidates_of,
    columns_of,
    heading_row_of,
    our_columns,
    remembered_columns,
    unit_of_heading,
)


def understand(
    rows: Rows,
    batch: ExportedBatch,
    own: Mapping[str, Meaning],
    remembered: RememberedMapping | None = None,
) -> ListMapping:
    """How the list reads. ``own``: the keys of the exported list. Raises NoHeadings."""
    for number, row in enumerate(rows[:TITLE_ROWS], start=1):
        ours = our_columns(row, own)
        if ours is not None:
            return ListMapping(number, ours, Unit.YUAN, ours=True)
    mapping = _as_remembered(rows, remembered) if remembered else None
    if mapping is None:
        return understand_below(rows, batch, heading_row_of(rows))
    return with_unit(mapping, rows, batch)


def understand_below(rows: Rows, batch: ExportedBatch, heading_row: int) -> ListMapping:
    """How the list reads at first sight, where somebody says which row has its headings."""
    return with_unit(_at_first_sight(rows, batch, heading_row), rows, batch)


def with_unit(mapping: ListMapping, rows: Rows, batch: ExportedBatch) -> ListMapping:
    """The mapping with its unit, where nobody has said it and one alone agrees with the batch.

    None where both or neither does, or the heading says the other one: somebody has to say.
    """
    place = mapping.columns.get(Meaning.AMOUNT)
    if mapping.unit is not None or place is None:
        return mapping
    answering, _ = parted(rows, mapping)
    agreed = agreement(Lines(batch), answering, mapping)
    headings = rows[mapping.heading_row - 1]
    stated = unit_of_heading(headings[place]) if place < len(headings) else None
    if agreed.unit is None:
        return replace(mapping, unit=None if agreed.yuan else stated)
    return replace(mapping, unit=agreed.unit if stated in (None, agreed.unit) else None)


def _as_remembered(rows: Rows, remembered: RememberedMapping) -> ListMapping | None:
    words = {word: Outcome(outcome) for word, outcome in remembered.words.items()}
    for number, row in enumerate(rows[:TITLE_ROWS], start=1):
        columns = remembered_columns(row, remembered)
        if columns is not None:
            return ListMapping(number, columns, words=words)
    return None


def _at_first_sight(rows: Rows, batch: ExportedBatch, number: int) -> ListMapping:
    headings = rows[number - 1]
    columns = dict(columns_of(headings))
    for meaning in (Meaning.LINE, Meaning.BATCH):
        columns.pop(meaning, None)
    lines = Lines(batch)
    for meaning, holds in ((Meaning.LINE, _numbers_lines), (Meaning.BATCH, _names_batches)):
        for place in candidates_of(headings, meaning):
            mapping = ListMapping(number, {**columns, meaning: place})
            answering, _ = parted(rows, mapping)
            if answering and holds(answering, lines):
                columns[meaning] = place
                break
    return ListMapping(number, columns)


def _numbers_lines(rows: Sequence[ListRow], lines: Lines) -> bool:
    """Whether lines of the batch are numbered, and the accounts that tell say the same.

    A bank counts its own rows too: its numbers are no lines.
    """
    numbered = [lines.numbered(row)[0] for row in rows]
    contradicted = any(
        line not in lines.of_account(row)
        for row, line in zip(rows, numbered, strict=True)
        if lines.of_account(row)
    )
    return any(numbered) and not contradicted


def _names_batches(rows: Sequence[ListRow], lines: Lines) -> bool:
    """Whether numbers of our batches stand there; a bank has numbers of its own."""
    number = lines.batch.number
    return all(row.batch == number or bool(other_batch_in([row.batch], number)) for row in rows)
