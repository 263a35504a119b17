"""A paid share with the case that paid it, read once, and the move that claws it back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from pipeline.store import case_reports, cases, events, ledger, transfers
from pipeline.store.actions import Action
from pipeline.store.case_file import FiledReward
from pipeline.store.case_reports import CaseReport
from rewards.award import claw_back as claw_back_transfer
from scheme.case import ShareState
from scheme.claw_back import ClawBack


@dataclass(frozen=True, slots=True)
class PaidShare:
    """The share's whole reward, and the reports of the case that its report stands in today."""

    case_id: str
    reward: FiledReward
    of_case: tuple[CaseReport, ...]


def read(connection: Connection, share_id: str) -> PaidShare:
    """The share in its reward and its case. Raises ShareNotFound."""
    reward = ledger.reward(connection, ledger.share(connection, share_id).reward_id)
    case_id = cases.case_of_report(connection, reward.report_id)
    if case_id is None:
        raise AssertionError(f"report {reward.report_id} was rewarded without a case")
    with_shares = FiledReward(reward, ledger.shares_of(connection, reward.id))
    return PaidShare(case_id, with_shares, case_reports.of_case(connection, case_id))


def claw_back(connection: Connection, share: ClawBack, *, officer: str, at: datetime) -> None:
    """The share is to be given back: state, transfer and event. Raises ForbiddenMove."""
    ledger.move_share(connection, share.share_id, ShareState.CLAWED_BACK)
    if share.amount_fen:
        transfer = claw_back_transfer(share.share_id, share.amount_fen)
        transfers.post(connection, transfer, at=at, made_by=officer)
    subject = f"share/{share.share_id}"
    detail = {"reason": share.reason, "report": share.report_id}
    events.append(connection, at, officer, Action.SHARE_CLAWED_BACK, subject, detail)
