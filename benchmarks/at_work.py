"""An officer and a clerk in a process of their own: they decide, and pay whoever was told."""

import contextlib
import time
from datetime import date, timedelta
from typing import Final

from pipeline.deciding import decisions
from pipeline.paying import collecting, presenting
from pipeline.runtime import Runtime
from pipeline.store import accounts as stored_accounts
from pipeline.store import ledger, queue, reports
from pipeline.store.storage import StoreBusy
from rewards.collecting import AlreadyCollected, NotCollectable
from scheme.case import ReportState, ShareState, StaleVersion
from scheme.decision import Verdict
from scheme.staff import Account
from scheme.substantiation import EarlierReportUnread, OpenCandidates

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Of a resident ID's digits (GB 11643)."""


def officer_at_work(runtime: Runtime) -> None:
    """Substantiate what is verified, and pay in hand whoever was told of a reward.

    What is refused is left for the next round.
    """
    with runtime.read() as work:
        people = {account.login: account for account in stored_accounts.everybody(work.connection)}
    while True:
        with runtime.read() as work:
            wanted = queue.Wanted(states=(ReportState.VERIFIED,))
            waiting = queue.waiting(work.connection, wanted).rows
            due = ledger.shares_in(work.connection, [ShareState.NOTIFIED])
        for report in waiting:
            _decide(runtime, report.report_id, people["officer"])
        for share in due:
            _pay(runtime, share.id, people["clerk"])
        time.sleep(0.2)


def _decide(runtime: Runtime, report_id: str, officer: Account) -> None:
    refused = (OpenCandidates, EarlierReportUnread, StaleVersion, StoreBusy)
    with contextlib.suppress(*refused), runtime.write() as work:
        decisions.decide(
            work,
            report_id=report_id,
            officer=officer,
            row_version=reports.by_id(work.connection, report_id).row_version,
            verdict=Verdict.SUBSTANTIATED,
            reasons=["VIOLATION_SEEN"],
        )


def _pay(runtime: Runtime, share_id: str, clerk: Account) -> None:
    refused = (AlreadyCollected, NotCollectable, StoreBusy)
    with contextlib.suppress(*refused), runtime.write() as work:
        side = presenting.present(
            work, share_id=share_id, clerk=clerk, id_number=_id_number(share_id)
        )
        collecting.collect(
            work,
            share_id=share_id,
            showing_id=side.showing_id,
            clerk=clerk,
            agreed=True,
            in_hand=True,
        )


def _id_number(share_id: str) -> str:
    """A valid resident ID of somebody made up, another one for each share."""
    number = int(share_id[:8], 16) % (999 * 10_000)
    born = date(1960, 1, 1) + timedelta(days=number // 999)
    body = f"310101{born:%Y%m%d}{number % 999 + 1:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]
