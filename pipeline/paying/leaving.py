"""What could not be cancelled while it lay in a batch is looked at when it has left it."""

from collections.abc import Sequence

from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import cases, ledger
from pipeline.store.batches import LineRow
from scheme.staff import Account


def settle_cases(work: Work, rows: Sequence[LineRow], officer: Account) -> None:
    """Settle every case that has a share in these lines, each once."""
    share_ids = [share.share_id for row in rows for share in row.shares]
    rewards = {ledger.share(work.connection, share_id).reward_id for share_id in share_ids}
    report_ids = [
        ledger.reward(work.connection, reward_id).report_id for reward_id in sorted(rewards)
    ]
    found = {cases.case_of_report(work.connection, report_id) for report_id in report_ids}
    for case_id in sorted(case_id for case_id in found if case_id is not None):
        awarding.settle_case(work, case_id, actor=officer.account_id)
