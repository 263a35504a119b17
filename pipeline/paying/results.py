"""The bank's answer to a batch: what it paid is settled, what it refused waits for the next batch."""

import hashlib
from collections.abc import Sequence

from pipeline.paying.batch_views import BatchView, batch_view
from pipeline.paying.leaving import settle_cases
from pipeline.paying.payees import frozen_lines
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import batches as store
from pipeline.store.actions import Action
from pipeline.store.batches import BatchRow
from rewards.channels import channel_named
from rewards.own_list import parse_result
from rewards.payout import LineAnswer, control_total, require_of_batch, settlement
from scheme.case import BatchState, ForbiddenMove


def load_result(work: Work, batch_id: str, officer: Account, content: bytes) -> BatchView:
    """Take in our own list, filled in by the bank. Raises ResultUnreadable, and as ``apply_results``.

    Then nothing is changed.
    """
    batch = _awaiting_answer(work, batch_id)
    total = control_total(frozen_lines(work, batch))
    answers = parse_result(content, channel_named(batch.channel), total)
    return apply_results(
        work, batch_id, officer, answers, sha256=hashlib.sha256(content).hexdigest()
    )


def apply_results(
    work: Work, batch_id: str, officer: Account, answers: Sequence[LineAnswer], *, sha256: str
) -> BatchView:
    """Settle the lines that the bank paid; failed ones wait for the next batch, with its reason.

    A line is paid or fails with all its shares.

    Every line is answered once, by its number and with the account and the amount as exported.
    ``sha256`` is that of the file that said so, for the record. Raises ForbiddenMove unless the
    batch is exported, ManifestMismatch, BatchBroken; then nothing is changed.
    """
    batch = _awaiting_answer(work, batch_id)
    lines = frozen_lines(work, batch)
    held = require_of_batch(batch.number, channel_named(batch.channel), lines, answers)
    settled = settlement(batch_id, lines, held)
    rows = store.lines_of(work.connection, batch_id)
    store.settle(work.connection, batch_id, settled, at=work.now, made_by=officer.account_id)
    work.record(
        officer.account_id,
        Action.BATCH_SETTLED,
        f"batch/{batch_id}",
        paid=sum(line.paid for line in settled),
        failed=sum(not line.paid for line in settled),
        sha256=sha256,
    )
    settle_cases(work, rows, officer)
    return batch_view(work, batch_id)


def _awaiting_answer(work: Work, batch_id: str) -> BatchRow:
    batch = store.batch(work.connection, batch_id)
    if batch.state is not BatchState.EXPORTED:
        raise ForbiddenMove("batch", batch.state, BatchState.SETTLED)
    return batch
