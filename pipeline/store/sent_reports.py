"""What a human has sent, over all of their numbers, with what it was rewarded: no identity."""

from collections.abc import Sequence

from sqlalchemy import Connection

from pipeline.store import case_reports, ledger, reports, whose
from pipeline.store.case_file import FiledReward
from pipeline.store.case_reports import CaseReport
from scheme.erasing import Sent


def of_human(connection: Connection, rows: Sequence[str]) -> tuple[Sent[CaseReport], ...]:
    """Every received report of these rows of one human, in order of receipt."""
    return tuple(_sent(connection, report_id) for report_id in whose.reports_of(connection, rows))


def _sent(connection: Connection, report_id: str) -> Sent[CaseReport]:
    report = reports.by_id(connection, report_id)
    rewards = ledger.rewards_of_report(connection, report_id)
    rewarded_in = report.case_id if rewards else None
    return Sent(
        report_number=report.report_number or "",
        state=report.state,
        rewards=tuple(
            FiledReward(reward, ledger.shares_of(connection, reward.id)) for reward in rewards
        ),
        of_case=() if rewarded_in is None else case_reports.of_case(connection, rewarded_in),
    )
