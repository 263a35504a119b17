"""What finance sees of payout batches: payees masked until the export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.listed import Listed
from pipeline.paying.channels import known, names_of
from pipeline.paying.payees import kept_line, line_as_of_now
from pipeline.runtime import Work
from pipeline.store import accounts
from pipeline.store import batches as store
from pipeline.store.batches import BatchRow, LineRow
from pipeline.store.vault import Erased
from rewards.accounts import AccountText
from rewards.export import masked_name
from rewards.payout import PayoutChannel, PayoutLine
from scheme.case import BatchState
from scheme.money import Fen

EXPORTED = (
    BatchState.EXPORTED,
    BatchState.SETTLED,
    BatchState.PARTLY_SETTLED,
    BatchState.CLOSED,
)
"""States in which the list has left the house."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a batch; ``shares`` are the amounts of those that are paid by it.

    ``payee`` and ``account`` are masked until the batch is exported, empty once erased.
    """

    line_number: int
    payee: str
    account: str
    amount_fen: Fen
    shares: tuple[Fen, ...]
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
    channel_names: Mapping[str, str]
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
    show = _without_lines(work)
    return tuple(show(batch) for batch in store.all_batches(work.connection))


def listed(work: Work, page: int = 1) -> Listed[BatchView]:
    """One page of them."""
    return store.listed(work.connection, page).shown_as(_without_lines(work))


def _without_lines(work: Work) -> Callable[[BatchRow], BatchView]:
    names = accounts.names(work.connection)
    return lambda batch: _view(batch, store.lines_of(work.connection, batch.id), (), names)


def batch_view(work: Work, batch_id: str) -> BatchView:
    """One batch with its lines; payees are masked unless it was exported. Raises BatchNotFound."""
    batch = store.batch(work.connection, batch_id)
    rows = store.lines_of(work.connection, batch_id)
    shown = batch.state in EXPORTED
    channel = known(batch.channel)
    lines = tuple(_line_view(work, row, channel, shown=shown) for row in rows)
    return _view(batch, rows, lines, accounts.names(work.connection))


def refusal_of(work: Work, share_id: str) -> str | None:
    """Why the bank sent the payment of a share back, in its words; None where it never did."""
    return store.last_refusal(work.connection, share_id)


def _line_view(work: Work, row: LineRow, channel: PayoutChannel | None, *, shown: bool) -> LineView:
    """A line as finance sees it; without its payee where they were erased.

    No list is withheld for one of them.
    """
    try:
        line = kept_line(work, row) if row.payee_enc is not None else line_as_of_now(work, row)
    except Erased:
        line = PayoutLine(row.line_number, row.shares, "", None)
    return LineView(
        line_number=row.line_number,
        payee=line.payee if shown else masked_name(line.payee),
        account=_account(channel, line.account, shown=shown),
        amount_fen=row.amount_fen,
        shares=tuple(share.amount_fen for share in row.shares),
        result=row.result,
        failure=row.failure,
    )


def _account(channel: PayoutChannel | None, account: AccountText | None, *, shown: bool) -> str:
    """An account by its channel's own rule; of a channel that is gone nothing is shown."""
    if account is None or channel is None or channel.account is None:
        return ""
    return channel.account.shown(account) if shown else channel.account.masked(account)


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
        channel_names=names_of(batch.channel),
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
