"""What finance sees of payout batches: payees masked until the export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.paying.payees import kept_line, line_as_of_now
from pipeline.runtime import Work
from pipeline.store import accounts
from pipeline.store import batches as store
from pipeline.store.batches import BatchRow, LineRow
from pipeline.store.vault import Erased
from rewards.export import masked, masked_name
from rewards.payout import PayoutLine
from scheme.case import BatchState
from scheme.money import Fen

KEEP_DIGITS = 4
EXPORTED = (
    BatchState.EXPORTED,
    BatchState.SETTLED,
    BatchState.PARTLY_SETTLED,
    BatchState.CLOSED,
)
"""States in which the list has left the house."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a batch.

    ``payee`` and ``account`` are masked until the batch is exported, empty once erased.
    """

    line_number: int
    payee: str
    account: str
    amount_fen: Fen
    result: str | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch without its lines. People are display names.

    ``count`` and ``total`` are as frozen, or as they are.
    """

    batch_id: str
    number: str
    state: BatchState
    channel: str
    line_count: int
    total_fen: Fen
    manifest_sha256: str | None
    built_by: str
    built_at: datetime
    frozen_by: str | None
    frozen_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    exported_by: str | None
    exported_at: datetime | None
    settled_by: str | None
    settled_at: datetime | None
    paid_fen: Fen
    failed: int
    lines: tuple[LineView, ...] = ()


def batches(work: Work) -> tuple[BatchView, ...]:
    """Every batch without its lines, newest first."""
    names = accounts.names(work.connection)
    return tuple(
        _view(batch, store.lines_of(work.connection, batch.id), (), names)
        for batch in store.all_batches(work.connection)
    )


def batch_view(work: Work, batch_id: str) -> BatchView:
    """One batch with its lines; payees are masked unless it was exported. Raises BatchNotFound."""
    batch = store.batch(work.connection, batch_id)
    rows = store.lines_of(work.connection, batch_id)
    shown = batch.state in EXPORTED
    lines = tuple(_line_view(work, row, shown=shown) for row in rows)
    return _view(batch, rows, lines, accounts.names(work.connection))


def _line_view(work: Work, row: LineRow, *, shown: bool) -> LineView:
    """A line as finance sees it; without its payee where they were erased.

    No list is withheld for one of them.
    """
    try:
        line = kept_line(work, row) if row.payee_enc is not None else line_as_of_now(work, row)
    except Erased:
        line = PayoutLine(row.line_number, row.share_id, "", "", row.amount_fen)
    return LineView(
        line_number=row.line_number,
        payee=line.payee if shown else masked_name(line.payee),
        account=line.account if shown else masked(line.account, KEEP_DIGITS),
        amount_fen=row.amount_fen,
        result=row.result,
        failure=row.failure,
    )


def _view(
    batch: BatchRow, rows: Sequence[LineRow], lines: tuple[LineView, ...], names: Mapping[str, str]
) -> BatchView:
    def name(account_id: str | None) -> str | None:
        return None if account_id is None else names.get(account_id, account_id)

    return BatchView(
        batch_id=batch.id,
        number=batch.number,
        state=batch.state,
        channel=batch.channel,
        line_count=len(rows),
        total_fen=Fen(sum(row.amount_fen for row in rows)),
        manifest_sha256=batch.manifest_sha256,
        built_by=names.get(batch.built_by, batch.built_by),
        built_at=batch.built_at,
        frozen_by=name(batch.frozen_by),
        frozen_at=batch.frozen_at,
        approved_by=name(batch.approved_by),
        approved_at=batch.approved_at,
        exported_by=name(batch.exported_by),
        exported_at=batch.exported_at,
        settled_by=name(batch.settled_by),
        settled_at=batch.settled_at,
        paid_fen=Fen(sum(row.amount_fen for row in rows if row.result == "paid")),
        failed=sum(row.result == "failed" for row in rows),
        lines=lines,
    )
