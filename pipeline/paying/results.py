"""The bank's answer to a batch: what it paid is settled, what it refused waits for the next one."""

from collections.abc import Sequence

from pipeline.paying.batch_views import BatchView, batch_view
from pipeline.paying.leaving import settle_cases
from pipeline.paying.payees import frozen_lines
from pipeline.runtime import Work
from pipeline.store import batches as store
from pipeline.store.actions import Action
from pipeline.store.batches import BatchRow
from rewards.known_channels import channel_named
from rewards.payout import LineAnswer, require_of_batch, settlement
from scheme.case import BatchState, ForbiddenMove
from scheme.staff import Account


def apply_results(
    work: Work, batch_id: str, officer: Account, answers: Sequence[LineAnswer], *, sha256: str
) -> BatchView:
    """Settle the lines that the bank paid; failed ones wait for the next batch, with its reason.

    A line is paid or fails with all its shares, once, named by its number and with the account and
    the amount as exported. Lines without an answer stay open, and the batch with them.
    ``sha256`` is that of the file that said so, for the record. Raises ForbiddenMove unless the
    batch is exported, ManifestMismatch, BatchBroken; then nothing is changed.
    """
    batch = _awaiting_answer(work, batch_id)
    lines = frozen_lines(work, batch)
    held = require_of_batch(batch.number, channel_named(batch.channel), lines, answers)
    settled = settlement(batch_id, lines, held)
    answered = {line.number for line in settled}
    rows = store.lines_of(work.connection, batch_id)
    last = store.settle(work.connection, batch_id, settled, at=work.now, made_by=officer.account_id)
    work.record(
        officer.account_id,
        Action.BATCH_SETTLED if last else Action.BATCH_ANSWERED,
        f"batch/{batch_id}",
        paid=sum(line.paid for line in settled),
        failed=sum(not line.paid for line in settled),
        sha256=sha256,
    )
    settle_cases(work, [row for row in rows if row.line_number in answered], officer)
    return batch_view(work, batch_id)


def _awaiting_answer(work: Work, batch_id: str) -> BatchRow:
    batch = store.batch(work.connection, batch_id)
    if batch.state is not BatchState.EXPORTED:
        raise ForbiddenMove("batch", batch.state, BatchState.SETTLED)
    return batch
