"""Who a payout line pays, as of now and as frozen: under the person's own key (R12, R17).

Frozen lines are never edited: each keeps its payee as frozen, and the manifest's hash over all of
them.
"""

import json

from pipeline.runtime import Work
from pipeline.store import batches, identities, ledger, person_keys
from pipeline.store.batches import BatchRow, LineRow
from rewards.payout import PayoutLine, control_total, manifest


class BatchBroken(Exception):
    """The lines of a frozen batch are not what was frozen.

    Nothing is exported or settled until that is clear.
    """


def line_as_of_now(work: Work, row: LineRow) -> PayoutLine:
    """The first named collected for all, so every share of a reward is paid to that person (R12)."""
    payee = identities.payee(work.connection, work.vault, _collector(work, row))
    return PayoutLine(
        row.line_number, row.share_id, payee.name, payee.card_number or "", row.amount_fen
    )


def _collector(work: Work, row: LineRow) -> str:
    reward_id = ledger.share(work.connection, row.share_id).reward_id
    return ledger.shares_of(work.connection, reward_id)[0].person_id


def keep_payee(work: Work, row: LineRow, line: PayoutLine) -> None:
    """Keep the payee of a line as it is frozen."""
    payee_id = _collector(work, row)
    sealed = person_keys.seal(
        work.connection,
        work.vault,
        payee_id,
        json.dumps([line.payee, line.account], ensure_ascii=False),
        place=f"{row.batch_id}/{row.line_number}",
    )
    batches.freeze_payee(work.connection, row.batch_id, row.line_number, payee_id, sealed)


def kept_line(work: Work, row: LineRow) -> PayoutLine:
    """A line as frozen. Raises BatchBroken where it never was, Erased."""
    if row.payee_enc is None or row.payee_id is None:
        raise BatchBroken
    text = person_keys.unseal(
        work.connection,
        work.vault,
        row.payee_id,
        row.payee_enc,
        place=f"{row.batch_id}/{row.line_number}",
    )
    payee, account = json.loads(text)
    return PayoutLine(row.line_number, row.share_id, payee, account, row.amount_fen)


def frozen_lines(work: Work, batch: BatchRow) -> tuple[PayoutLine, ...]:
    """The lines as frozen.

    Raises BatchBroken when count, total or manifest are not what was frozen.
    """
    lines = tuple(kept_line(work, row) for row in batches.lines_of(work.connection, batch.id))
    total = control_total(lines)
    frozen = (batch.line_count, batch.total_fen, batch.manifest_sha256)
    if (total.count, total.total_fen, manifest(batch.number, batch.channel, lines)) != frozen:
        raise BatchBroken
    return lines
