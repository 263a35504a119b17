"""A payout batch: its lines, control totals and manifest, and what the bank answers.

A channel is data, a file each in ``rewards.channels``: its account, its columns, its names.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import NamedTuple

from rewards.accounts import (
    AccountKind,
    AccountText,
    require_english,
    require_key,
    same_but_blanks,
)
from rewards.ledger import FUND, Reason, Transfer, in_payout, payable, reversal
from scheme.money import Fen, yuan

TOTAL = "total"
"""What stands in the column ``line`` of the control total."""
MINUS_SIGN = "\u2212"
ALWAYS = ("line", "payee", "amount", "result", "reason")
"""Columns that every list has."""
CHECKED_OF_PAYEE = ("payee", "amount")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
LONGEST_CELL = 1_000
REPLACEMENT = "\ufffd"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class ManifestMismatch(Exception):
    """A result list that is not of this frozen batch.

    ``line`` (None: a line too many or too few), ``column``.
    """

    def __init__(self, line: int | None, column: str) -> None:
        super().__init__(f"line {line}, {column}")
        self.line, self.column = line, column


@dataclass(frozen=True, slots=True)
class PayoutChannel:
    """A way to pay; everything about it stands in its own file.

    ``names`` are by language, English always among them. ``paid_at_collection``: what is handed
    over is the payment, and no batch has a line of it. Any other one says which ``account`` it pays
    to (None: the payee is enough, as for a money order) and the ``columns`` of its list, in order.
    """

    key: str
    names: Mapping[str, str]
    paid_at_collection: bool = False
    account: AccountKind | None = None
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_key(self.key)
        require_english(self.key, self.names)
        needed = set() if self.paid_at_collection else {*ALWAYS, *self.account_columns}
        if missing := needed - set(self.columns):
            raise ValueError(f"{self.key}: its list lacks {', '.join(sorted(missing))}")

    @property
    def account_columns(self) -> tuple[str, ...]:
        """The columns that say where a line is paid to."""
        return self.account.columns if self.account is not None else ()

    @property
    def checked(self) -> tuple[str, ...]:
        """The columns that must come back, unchanged."""
        return (*self.account_columns, "amount") if self.account is not None else CHECKED_OF_PAYEE

    def account_of(self, typed: Mapping[str, str]) -> AccountText | None:
        """The account out of what was typed; None where none is needed. Raises AccountInvalid."""
        return self.account.account(typed) if self.account is not None else None


class LineShare(NamedTuple):
    """A share under its line, with the amount as it was taken in."""

    share_id: str
    amount_fen: Fen


class Payable(NamedTuple):
    """A collected share, who collected it, and where it is paid to."""

    share: LineShare
    payee_id: str
    account: AccountText | None


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One line as frozen: all that goes to one account, with its shares. ``number`` from 1."""

    number: int
    shares: tuple[LineShare, ...]
    payee: str
    account: AccountText | None

    @property
    def amount_fen(self) -> Fen:
        """What the line pays: the sum of its shares."""
        return Fen(sum(share.amount_fen for share in self.shares))


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What a second person compares: how many lines, how much together."""

    count: int
    total_fen: Fen


def one_line_an_account(payables: Iterable[Payable]) -> tuple[tuple[LineShare, ...], ...]:
    """The shares of each line of a batch: a line for each account, or payee where none is needed.

    Lines and their shares are in the order of ``payables``; every share stands in one line.
    """
    lines: dict[str, list[LineShare]] = {}
    for payable_share in payables:
        goes_to = payable_share.account or payable_share.payee_id
        lines.setdefault(goes_to, []).append(payable_share.share)
    return tuple(tuple(shares) for shares in lines.values())


def control_total(lines: Sequence[PayoutLine]) -> ControlTotal:
    """Number and sum of the lines."""
    return ControlTotal(len(lines), Fen(sum(line.amount_fen for line in lines)))


def manifest(batch_number: str, channel: str, lines: Sequence[PayoutLine]) -> str:
    """SHA-256 over every cell of the list and every share, in order.

    One changed cell is another batch. A line of one share is hashed as it was before lines had
    several: what was frozen then still holds.
    """
    total = control_total(lines)
    rows: list[object] = [[batch_number, channel, total.count, total.total_fen]]
    for line in lines:
        first, *further = line.shares
        row = [line.number, first.share_id, line.payee, line.account or "", line.amount_fen]
        rows.append([*row, first.amount_fen, further] if further else row)
    return sha256(
        "\n".join(json.dumps(row, ensure_ascii=True) for row in rows).encode()
    ).hexdigest()


def clean(text: str) -> str:
    """What a file can hold: signs no spreadsheet takes (NUL, VT, lone surrogates) become U+FFFD.

    Line breaks and tabs become spaces, and a text over ``LONGEST_CELL`` signs ends in "…": one line
    stays one row.
    """
    text = _UNWRITABLE.sub(REPLACEMENT, text)
    text = re.sub(r"[\t\r\n\u2028\u2029]+", " ", text)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def cells(batch_number: str, channel: PayoutChannel, line: PayoutLine) -> Mapping[str, str]:
    """What stands in each column that a channel may ask for.

    ``result`` and ``reason`` are for the bank to fill.
    """
    account: Mapping[str, str] = {}
    if channel.account is not None and line.account is not None:
        account = channel.account.cells(line.account)
    return {
        "batch": batch_number,
        "line": str(line.number),
        "payee": clean(line.payee),
        **account,
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

    No line may be answered twice, nor by another account. Raises ManifestMismatch.
    """
    frozen = {line.number: cells(batch_number, channel, line) for line in lines}
    known: dict[int, LineAnswer] = {}
    for answer in answers:
        if answer.number not in frozen or answer.number in known:
            raise ManifestMismatch(answer.number, "line")
        _require_same(channel, frozen[answer.number], answer)
        known[answer.number] = answer
    return tuple(known[number] for number in sorted(known))


def _require_same(channel: PayoutChannel, frozen: Mapping[str, str], answer: LineAnswer) -> None:
    for column in channel.checked:
        if column not in answer.cells:
            raise ManifestMismatch(answer.number, column)
    for column, text in answer.cells.items():
        if column in frozen and not _same(channel, column, text, frozen[column]):
            raise ManifestMismatch(answer.number, column)


def _same(channel: PayoutChannel, column: str, read: str, frozen: str) -> bool:
    if channel.account is not None and column in channel.account_columns:
        return channel.account.same(column, read, frozen)
    return same_amount(read, frozen) if column == "amount" else same_but_blanks(read, frozen)


def same_amount(read: str, frozen: str) -> bool:
    """Whether two texts are one amount of yuan; a spreadsheet may save 50.00 as 50."""
    try:
        return Decimal(read) == Decimal(frozen)
    except InvalidOperation:
        return False


def reads_as_formula(text: str) -> bool:
    """Whether such a cell is a formula to a spreadsheet, or reads as a defused one of ours.

    Spreadsheets take the wide signs of Chinese keyboards (``＝ ＋ － ＠``) and small ones like
    their narrow sisters, and pass over blanks in front.
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


class LeavingShare(NamedTuple):
    """How a share leaves its batch; ``transfer`` is None for a share of nothing."""

    share_id: str
    paid: bool
    transfer: Transfer | None


class SettledLine(NamedTuple):
    """What follows of the bank's answer to one line: the same for all its shares."""

    number: int
    paid: bool
    failure: str
    shares: tuple[LeavingShare, ...]


def settlement(
    batch_id: str, lines: Sequence[PayoutLine], answers: Sequence[LineAnswer]
) -> tuple[SettledLine, ...]:
    """What follows of the answers, which ``require_of_batch`` has held against the lines."""
    by_number = {line.number: line for line in lines}
    return tuple(
        SettledLine(
            answer.number,
            answer.paid,
            answer.failure,
            tuple(
                _paid(batch_id, share) if answer.paid else released(batch_id, share, Reason.FAILED)
                for share in by_number[answer.number].shares
            ),
        )
        for answer in answers
    )


def _paid(batch_id: str, share: LineShare) -> LeavingShare:
    transfer = settle(batch_id, *share) if share.amount_fen else None
    return LeavingShare(share.share_id, paid=True, transfer=transfer)


def released(batch_id: str, share: LineShare, reason: Reason) -> LeavingShare:
    """The share goes back among those that wait; ``reason`` as for ``give_back``."""
    transfer = give_back(take_in(batch_id, *share), reason) if share.amount_fen else None
    return LeavingShare(share.share_id, paid=False, transfer=transfer)
