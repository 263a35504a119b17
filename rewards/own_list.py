"""Our own list as it comes back, ``result`` and ``reason`` filled in (CSV, UTF-8 or GB18030)."""

import csv
import io
from collections.abc import Mapping

from rewards.payout import (
    RESULTS,
    TOTAL,
    ControlTotal,
    LineAnswer,
    ManifestMismatch,
    PayoutChannel,
    same_amount,
    undefused,
)
from scheme.money import yuan

LONGEST_RESULT_BYTES = 5_000_000
LONGEST_REASON = 200
FILLED_IN = frozenset({"line", "result", "reason"})
"""What the bank fills in, and the number by which a line is found."""


class ResultUnreadable(Exception):
    """A file that is no result list.

    ``reason`` is too_large, encoding, columns, line, result, reason_missing.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(f"{reason} in line {line}" if line else reason)
        self.reason, self.line = reason, line


def parse_result(
    content: bytes, channel: PayoutChannel, total: ControlTotal
) -> tuple[LineAnswer, ...]:
    """What the list says of each of its lines, in its own order.

    The columns ``line``, ``result``, ``reason`` and ``channel.checked`` must be there. Raises
    ResultUnreadable, and ManifestMismatch where its own total is another.
    """
    header, rows = _rows(content)
    if not {*FILLED_IN, *channel.checked} <= set(header):
        raise ResultUnreadable("columns")
    answers = []
    for position, texts in enumerate(rows, start=2):
        row = dict(zip(header, texts, strict=False))
        if row.get("line") == TOTAL:
            _require_total(row, total)
        else:
            answers.append(_answer(row, position))
    return tuple(answers)


def _rows(content: bytes) -> tuple[list[str], list[list[str]]]:
    if len(content) > LONGEST_RESULT_BYTES:
        raise ResultUnreadable("too_large")
    text = None
    for encoding in ("utf-8-sig", "gb18030"):  # spreadsheets in China save CSV as GB18030
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\0" in text:
        raise ResultUnreadable("encoding")
    try:
        rows = [
            [undefused(cell).strip() for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""))
        ]
    except csv.Error as problem:
        raise ResultUnreadable("line") from problem
    rows = [row for row in rows if any(row)]
    if not rows:
        raise ResultUnreadable("columns")
    # A heading is written as "words key": the key is what counts.
    return [heading.split()[-1] if heading.split() else "" for heading in rows[0]], rows[1:]


def _line_number(text: str, position: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ResultUnreadable("line", position)
    return int(text)


def _require_total(row: Mapping[str, str], total: ControlTotal) -> None:
    if "amount" in row and not same_amount(row["amount"], yuan(total.total_fen)):
        raise ManifestMismatch(None, "amount")


def _answer(row: Mapping[str, str], position: int) -> LineAnswer:
    number = _line_number(row.get("line", ""), position)
    paid = RESULTS.get(row.get("result", "").lower())
    if paid is None:
        raise ResultUnreadable("result", position)
    reason = row.get("reason", "")
    if not paid and not reason:
        raise ResultUnreadable("reason_missing", position)
    texts = {column: text for column, text in row.items() if column not in FILLED_IN}
    return LineAnswer(number, texts, paid, "" if paid else reason[:LONGEST_REASON])
