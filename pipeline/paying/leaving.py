"""Shares leave a batch: paid, or back among those that wait; and their cases are looked at again."""

from collections.abc import Sequence

from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import cases, ledger, transfers
from pipeline.store.batches import LineRow
from rewards.ledger import Reason
from rewards.payout import give_back, settle
from scheme.case import ShareState


def pay(work: Work, row: LineRow, officer: Account) -> None:
    """The bank has paid the line."""
    ledger.move_share(work.connection, row.share_id, ShareState.PAID, paid_at=work.now)
    if row.amount_fen:
        transfer = settle(row.batch_id, row.share_id, row.amount_fen)
        transfers.post(work.connection, transfer, at=work.now, made_by=officer.account_id)


def let_go(work: Work, row: LineRow, reason: Reason, officer: Account) -> None:
    """The line leaves the batch unpaid: its share waits again."""
    ledger.move_share(
        work.connection,
        row.share_id,
        ShareState.COLLECTED,
        only_from=[ShareState.IN_BATCH],
        batch_id=None,
    )
    taken_in = transfers.posted(work.connection, f"{Reason.BATCH}/{row.batch_id}/{row.share_id}")
    if taken_in is not None:
        transfers.post(
            work.connection, give_back(taken_in, reason), at=work.now, made_by=officer.account_id
        )


def settle_cases(work: Work, rows: Sequence[LineRow], officer: Account) -> None:
    """What could not be cancelled while it lay in the batch is looked at now."""
    rewards = {ledger.share(work.connection, row.share_id).reward_id for row in rows}
    report_ids = [
        ledger.reward(work.connection, reward_id).report_id for reward_id in sorted(rewards)
    ]
    found = {cases.case_of_report(work.connection, report_id) for report_id in report_ids}
    for case_id in sorted(case_id for case_id in found if case_id is not None):
        awarding.settle_case(work, case_id, actor=officer.account_id)
