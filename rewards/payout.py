"""A payout batch: its lines, control totals and manifest, and the list that comes back from the bank.

A channel is data: the fields it needs, the columns it writes, the result it parses
(``rewards.channels``).
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from types import MappingProxyType

from rewards.ledger import FUND, Reason, Transfer, in_payout, payable, reversal
from scheme.money import Fen, yuan

TOTAL = "total"
"""What stands in the column ``line`` of the control total."""
RESULTS: Mapping[str, bool] = MappingProxyType(
    {"paid": True, "成功": True, "已付": True, "failed": False, "失败": False, "未付": False}
)
"""Words that a result list may use -> whether the line was paid."""
MINUS_SIGN = "\u2212"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
LONGEST_CELL = 1_000
REPLACEMENT = "\ufffd"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class AccountInvalid(ValueError):
    """A card or account number that the channel can't pay to.

    ``reason`` is missing, bad_sign, bad_length.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)  # never the number itself
        self.reason = reason


class ManifestMismatch(Exception):
    """A result list that is not of this frozen batch.

    ``line`` (None: a line too many or too few), ``column``.
    """

    def __init__(self, line: int | None, column: str) -> None:
        super().__init__(f"line {line}, {column}")
        self.line, self.column = line, column


@dataclass(frozen=True, slots=True)
class PayoutChannel:
    """A way to pay.

    ``paid_at_collection``: what is handed over is the payment, and no batch has a line of it.

    ``account_of`` brings the number that a person gives (None where nothing was given) into the
    form that is paid to, or raises AccountInvalid. ``columns`` are those of its list; ``checked``
    must come back unchanged.
    """

    key: str
    paid_at_collection: bool
    account_of: Callable[[str | None], str | None]
    columns: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One line as frozen. ``number`` counts from 1."""

    number: int
    share_id: str
    payee: str
    account: str
    amount_fen: Fen


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What a second person compares: how many lines, how much together."""

    count: int
    total_fen: Fen


def control_total(lines: Sequence[PayoutLine]) -> ControlTotal:
    """Number and sum of the lines."""
    return ControlTotal(len(lines), Fen(sum(line.amount_fen for line in lines)))


def manifest(batch_number: str, channel: str, lines: Sequence[PayoutLine]) -> str:
    """SHA-256 over every cell of the list, in order: one changed cell is another batch."""
    total = control_total(lines)
    rows: list[object] = [[batch_number, channel, total.count, total.total_fen]]
    rows += [
        [line.number, line.share_id, line.payee, line.account, line.amount_fen] for line in lines
    ]
    return sha256(
        "\n".join(json.dumps(row, ensure_ascii=True) for row in rows).encode()
    ).hexdigest()


def clean(text: str) -> str:
    """What a file can hold: signs that no spreadsheet takes (NUL, VT, lone surrogates) become U+FFFD.

    Line breaks and tabs become spaces, and a text over ``LONGEST_CELL`` signs ends in "…": one line
    stays one row.
    """
    text = _UNWRITABLE.sub(REPLACEMENT, text)
    text = re.sub(r"[\t\r\n\u2028\u2029]+", " ", text)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def cells(batch_number: str, line: PayoutLine) -> Mapping[str, str]:
    """What stands in each column that a channel may ask for.

    ``result`` and ``reason`` are for the bank to fill.
    """
    return {
        "batch": batch_number,
        "line": str(line.number),
        "payee": clean(line.payee),
        "card": line.account,
        "amount": yuan(line.amount_fen),
        "result": "",
        "reason": "",
    }


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What the bank says of one line, and by which cells its list names that line.

    ``number`` is the line's own as exported. ``cells``: column of the export -> text as it came
    back; the channel's ``checked`` columns (account and amount) must be among them, and whatever
    else is there is held against the frozen line too. ``failure`` is the bank's own words, empty
    when paid.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    paid: bool
    failure: str


def require_of_batch(
    batch_number: str,
    channel: PayoutChannel,
    lines: Sequence[PayoutLine],
    answers: Sequence[LineAnswer],
) -> tuple[LineAnswer, ...]:
    """The answers by line number, each held cell by cell against its frozen line.

    Every line must be answered, once, and by its own account. Raises ManifestMismatch.
    """
    frozen = {line.number: cells(batch_number, line) for line in lines}
    known: dict[int, LineAnswer] = {}
    for answer in answers:
        if answer.number not in frozen or answer.number in known:
            raise ManifestMismatch(answer.number, "line")
        _require_same(channel, frozen[answer.number], answer)
        known[answer.number] = answer
    if len(known) != len(frozen):
        raise ManifestMismatch(None, "line")
    return tuple(known[number] for number in sorted(known))


def _require_same(channel: PayoutChannel, frozen: Mapping[str, str], answer: LineAnswer) -> None:
    for column in channel.checked:
        if column not in answer.cells:
            raise ManifestMismatch(answer.number, column)
    for column, text in answer.cells.items():
        if column in frozen and not same_cell(column, text, frozen[column]):
            raise ManifestMismatch(answer.number, column)


def same_cell(column: str, read: str, frozen: str) -> bool:
    """Whether a cell came back as it was frozen, as far as spreadsheets leave it alone."""
    if column != "amount":
        return read.split() == frozen.split()  # spreadsheets and banks touch spaces, never signs
    try:
        return Decimal(read) == Decimal(frozen)  # a spreadsheet may save 50.00 as 50
    except InvalidOperation:
        return False


def reads_as_formula(text: str) -> bool:
    """Whether a cell that begins so is a formula to a spreadsheet, or would read as a defused one of ours.

    Spreadsheets take the wide signs of Chinese keyboards (``＝ ＋ － ＠``) and small ones like their
    narrow sisters, and pass over blanks in front.
    """
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf").lstrip(
        " \u00a0\u3000"
    )
    return unicodedata.normalize("NFKC", seen[:1]).startswith(_FORMULA) or seen.startswith(
        MINUS_SIGN
    )


def undefused(cell: str) -> str:
    """Take back the apostrophe that keeps a spreadsheet from seeing a formula."""
    return cell[1:] if cell.startswith("'") and reads_as_formula(cell[1:]) else cell


# -- money -----------------------------------------------------------------------------------------


def take_in(batch_id: str, share_id: str, amount_fen: Fen) -> Transfer:
    """A collected share goes into the batch."""
    return Transfer(
        id=f"{Reason.BATCH}/{batch_id}/{share_id}",
        debit=payable(share_id),
        credit=in_payout(batch_id),
        amount_fen=amount_fen,
        reason=Reason.BATCH,
        share_id=share_id,
        batch_id=batch_id,
    )


def give_back(taken_in: Transfer, reason: Reason) -> Transfer:
    """The share leaves the batch unpaid.

    The batch was cancelled (UNBATCH) or the line failed (FAILED).
    """
    return reversal(taken_in, id=f"{reason}/{taken_in.batch_id}/{taken_in.share_id}", reason=reason)


def settle(batch_id: str, share_id: str, amount_fen: Fen) -> Transfer:
    """The bank has paid the line out of the fund."""
    return Transfer(
        id=f"{Reason.PAID}/{batch_id}/{share_id}",
        debit=in_payout(batch_id),
        credit=FUND,
        amount_fen=amount_fen,
        reason=Reason.PAID,
        share_id=share_id,
        batch_id=batch_id,
    )
