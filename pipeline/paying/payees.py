"""Who a payout line pays and to which account, as of now and as frozen (R12, R17).

Under the person's own key. Frozen lines are never edited: each keeps its payee as frozen, and the
manifest's hash over all of them.
"""

import json

from pipeline.runtime import Work
from pipeline.store import batches, identities, ledger, person_keys
from pipeline.store.batches import BatchRow, LineRow
from pipeline.store.ledger import ShareRow
from rewards.accounts import AccountKind, AccountText
from rewards.known_channels import channel_named
from rewards.payout import LineShare, Payable, PayoutLine, control_total, manifest


class BatchBroken(Exception):
    """The lines of a frozen batch are not what was frozen.

    Nothing is exported or settled until that is clear.
    """


def seal_account(
    work: Work, person_id: str, kind: AccountKind, account: AccountText
) -> tuple[str, bytes]:
    """An account as a share keeps it: its kind, and its text under the person's own key.

    Raises NoSuchPerson, Erased.
    """
    sealed = person_keys.seal(work.connection, work.vault, person_id, account, place=kind.key)
    return kind.key, sealed


def payable(work: Work, share: ShareRow) -> Payable:
    """A collected share with who collected it, and the account it was collected with.

    The first named collected for all, so every share of a reward is paid to that person.
    """
    first = ledger.shares_of(work.connection, share.reward_id)[0]
    account = _account(work, share, first.person_id)
    return Payable(LineShare(share.id, share.amount_fen), first.person_id, account)


def _account(work: Work, share: ShareRow, person_id: str) -> AccountText | None:
    kind = channel_named(share.channel).account
    if kind is None:
        return None
    if share.account_enc is None or share.account_kind != kind.key:
        raise AssertionError(f"share {share.id} was collected without an account")
    text = person_keys.unseal(
        work.connection, work.vault, person_id, share.account_enc, place=kind.key
    )
    return AccountText(text)


def line_as_of_now(work: Work, row: LineRow) -> PayoutLine:
    """A line that is not frozen yet. Raises Erased."""
    goes_to = _first_payable(work, row)
    payee = identities.payee(work.connection, work.vault, goes_to.payee_id)
    return PayoutLine(row.line_number, row.shares, payee.name, goes_to.account)


def _first_payable(work: Work, row: LineRow) -> Payable:
    return payable(work, ledger.share(work.connection, row.shares[0].share_id))


def keep_payee(work: Work, row: LineRow, line: PayoutLine) -> None:
    """Keep payee and account of a line as it is frozen."""
    payee_id = _first_payable(work, row).payee_id
    sealed = person_keys.seal(
        work.connection,
        work.vault,
        payee_id,
        json.dumps([line.payee, line.account or ""], ensure_ascii=False),
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
    return PayoutLine(row.line_number, row.shares, payee, AccountText(account) or None)


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
