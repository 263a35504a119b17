"""A bank's returned list at the terminal: what options say of it, and how it was understood."""

from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.doors.cli.terminal import new_table, out, stop
from pipeline.doors.cli.words import text
from pipeline.paying.returned_lists import MEANINGS, OUTCOMES, UNITS, Said, ShownList
from rewards.answers import Fate

QUIET_ORDER: Final = (Fate.PAID, Fate.FAILED, Fate.OPEN, Fate.ALREADY)
ROWS_SHOWN: Final = 20


def said_of(shown: ShownList, columns: Sequence[str], words: Sequence[str], unit: str) -> Said:
    """What the options say, over what was understood; stops where they name what is not there."""
    headings = [heading.strip() for heading in shown.headings]
    places: dict[str, int | None] = dict.fromkeys(MEANINGS)
    places |= {meaning.value: place for meaning, place in shown.mapping.columns.items()}
    for meaning, heading in _pairs(columns, "--column"):
        _require(meaning, MEANINGS, "--column")
        if heading not in headings:
            stop(f"No column has the heading {heading}; there are: {', '.join(headings)}.")
        places[meaning] = headings.index(heading)
    said_words = dict(_pairs(words, "--word"))
    for outcome in said_words.values():
        _require(outcome, OUTCOMES, "--word")
    if unit:
        _require(unit, UNITS, "--unit")
    understood = shown.mapping.unit or ""
    return Said(shown.mapping.heading_row, places, unit or understood, words=said_words)


def _pairs(texts: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    """``account=卡号`` in two."""
    for given in texts:
        left, sign, right = given.rpartition("=")
        if not (left and sign and right):
            stop(f"{option} {given}: two words with a sign = between them.")
        yield left, right


def _require(word: str, known: Sequence[str], option: str) -> None:
    if word not in known:
        stop(f"{option} takes {', '.join(known)}; not {word}.")


def print_list(shown: ShownList) -> None:
    """Say how the list was understood, and what it would do."""
    columns = new_table(f"Understood ({shown.written_as})", "meaning", "column", "first cell")
    first = next(iter(shown.rows[shown.mapping.heading_row :]), ())
    for meaning, place in shown.mapping.columns.items():
        cells = (row[place] if place < len(row) else "" for row in (shown.headings, first))
        columns.add_row(meaning, *cells)
    out.print(columns)
    out.print(f"Amounts are in {shown.mapping.unit or 'yuan or fen: say --unit'}.")
    for word in shown.words:
        outcome = shown.mapping.meaning_of(word) or "not known: say --word"
        out.print(f"“{word}” is {outcome}.", markup=False, highlight=False)
    counts = [f"{shown.plan.count(fate)} {fate}" for fate in QUIET_ORDER]
    out.print(f"It would do: {', '.join(counts)}, {len(shown.plan.refused)} refused.")
    for answer in shown.plan.refused[:ROWS_SHOWN]:
        where = f"row {answer.row}, {answer.column}, “{answer.cell}”"
        why = f"{text(f'fin.list.fate.{answer.fate}')}. {text(f'fin.list.do.{answer.fate}')}"
        out.print(f"{where}: {why}", markup=False, highlight=False, soft_wrap=True)
