"""Which line of the exported batch a returned row names.

By the whole account number, or by the line's number with nothing in the row against it; never by
what merely looks alike.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rewards.accounts_as_written import (
    Likeness,
    WrittenAccount,
    WrittenName,
    amount_of,
    plain,
    plain_name,
)
from rewards.returned_list import ListMapping, Meaning, Outcome, Unit, cell_of
from scheme.money import Fen

LONGEST_NUMBER: Final = 6
SHORTEST_BEGINNING: Final = 8
"""So many digits of a whole number a spreadsheet leaves as they are."""


@dataclass(frozen=True, slots=True)
class ExportedLine:
    """A line as it was exported, and the answer that it has had already."""

    number: int
    payee: str
    account: str
    amount_fen: Fen
    answer: Outcome | None = None


@dataclass(frozen=True, slots=True)
class ExportedBatch:
    """A batch as it was exported."""

    number: str
    lines: tuple[ExportedLine, ...]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row, its cells taken apart by their meaning; ``number`` counts as a spreadsheet does."""

    number: int
    width: int
    reference: str
    batch: str
    payee: WrittenName
    account: WrittenAccount
    amount: Fen | None
    """In the mapping's unit; None for what is no amount."""
    written: Sequence[str]

    @classmethod
    def of(cls, number: int, row: Sequence[str], mapping: ListMapping) -> "ListRow":
        """Take the row apart."""
        return cls(
            number=number,
            width=len(row),
            reference=cell_of(row, mapping, Meaning.LINE).strip(),
            batch=cell_of(row, mapping, Meaning.BATCH).strip(),
            payee=WrittenName.of(cell_of(row, mapping, Meaning.PAYEE)),
            account=WrittenAccount.of(cell_of(row, mapping, Meaning.ACCOUNT)),
            amount=amount_of(cell_of(row, mapping, Meaning.AMOUNT), mapping.unit or Unit.YUAN),
            written=row,
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """A line's number as a list names it. ``with_batch``: the batch's number stands beside it."""

    number: int
    with_batch: bool


def line_reference(cell: str, batch_number: str) -> Reference | None:
    """``3``, ``003``, ``3.0``, ``第3笔`` or ``B26-00001-3``; None for everything else."""
    written, batch = _unblanked(cell), _unblanked(batch_number)
    with_batch = written.startswith(batch) and written != batch
    number = written.removeprefix(batch).lstrip("-/_:#") if with_batch else written
    digits = re.fullmatch(rf"第?0*([0-9]{{1,{LONGEST_NUMBER}}})(?:\.0)?[行笔]?", number)
    return Reference(int(digits.group(1)), with_batch) if digits else None


def _unblanked(text: str) -> str:
    return re.sub(r"[\s'\"]+", "", unicodedata.normalize("NFKC", text).casefold())


def other_batch_in(cells: Sequence[str], batch_number: str) -> str:
    """The number of another batch of ours that stands in the cells; empty where ours does too."""
    shape = re.sub("[0-9]+", lambda digits: f"[0-9]{{{len(digits.group())}}}", batch_number)
    whole = rf"(?<![0-9A-Za-z]){shape}(?![0-9])"
    numbers = [number for cell in cells for number in re.findall(whole, cell)]
    return "" if batch_number in numbers else next(iter(numbers), "")


@dataclass(frozen=True, slots=True)
class _Known:
    """A line with its account and payee as they are compared."""

    line: ExportedLine
    account: str
    payee: str


class Lines:
    """The lines of one batch, found by number and by account."""

    def __init__(self, batch: ExportedBatch) -> None:
        self.batch = batch
        known = [_Known(line, plain(line.account), plain_name(line.payee)) for line in batch.lines]
        self._known = {one.line.number: one for one in known}
        self._of_account: dict[str, list[_Known]] = {}
        self._of_payee: dict[str, list[_Known]] = {}
        for one in known:
            self._of_account.setdefault(one.account, []).append(one)
            self._of_payee.setdefault(one.payee, []).append(one)
        self._beginnings = {one.account[:SHORTEST_BEGINNING] for one in known}
        self._zeros_lost = {one.account.lstrip("0") for one in known}

    def numbered(self, row: ListRow) -> tuple[ExportedLine | None, bool]:
        """The line of the row's number, and whether the batch's number stands beside it."""
        reference = line_reference(row.reference, self.batch.number)
        known = self._known.get(reference.number) if reference else None
        return known.line if known else None, bool(reference and reference.with_batch)

    def of_account(self, row: ListRow) -> Sequence[ExportedLine]:
        """Every line that was exported with exactly the row's account."""
        known = self._of_account.get(row.account.digits, ()) if row.account.digits else ()
        return [one.line for one in known]

    def account_likeness(self, row: ListRow, line: ExportedLine) -> Likeness:
        """How the row's account stands to the line's."""
        return row.account.likeness(self._known[line.number].account)

    def is_somebody_else(self, row: ListRow, line: ExportedLine) -> bool:
        """Whether the row names another payee than the line."""
        return row.payee.likeness(self._known[line.number].payee) is Likeness.OTHER

    def looks_like_any(self, row: ListRow) -> bool:
        """Whether what is left of the row's account may be that of a line."""
        account = row.account
        is_whole = bool(account.digits) and not account.shown and account.rounded is None
        if is_whole and account.digits[:SHORTEST_BEGINNING] not in self._beginnings:
            return account.digits in self._zeros_lost
        return any(
            account.likeness(one.account) is not Likeness.OTHER for one in self._known.values()
        )

    def fitting(self, row: ListRow) -> Sequence[ExportedLine]:
        """Every line that nothing in the row speaks against."""
        known: Iterable[_Known] = self._known.values()
        if row.payee.name and not row.payee.shown:
            known = self._of_payee.get(row.payee.name, ())
        return [
            one.line
            for one in known
            if row.amount == one.line.amount_fen
            and row.account.likeness(one.account) is not Likeness.OTHER
            and row.payee.likeness(one.payee) is not Likeness.OTHER
        ]
