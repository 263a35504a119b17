"""Erasing a person (P22): the key is destroyed, then every trace in our own files.

A row of the database that is emptied still stands in the write-ahead log, and messages that went
into the sink stand in files; ``clear`` removes both and says whether it could. The sweep tries
again until it could.
"""

import contextlib
from collections.abc import Collection

from pipeline.paying import awarding
from pipeline.runtime import Runtime, Work
from pipeline.store import (
    documents,
    identity_changes,
    joined,
    ledger,
    notices,
    reports,
    whose,
)
from pipeline.store.engine.opening import kind_of
from scheme.case import ReportState, ShareState

OWED = (
    ShareState.AWARDED,
    ShareState.NOTIFIED,
    ShareState.COLLECTED,
    ShareState.IN_BATCH,
    ShareState.REINSTATED,
)
"""States in which money is on its way: a share in a batch that is not settled is one of them."""

OVER = (ReportState.ANSWERED, ReportState.WITHDRAWN)


class MoneyOwed(Exception):
    """A reward of the person is not paid, forfeited or cancelled yet, or is to be given back.

    ``report_numbers``.
    """

    def __init__(self, report_numbers: Collection[str]) -> None:
        super().__init__(", ".join(report_numbers))
        self.report_numbers = ", ".join(report_numbers)


class CaseOpen(Exception):
    """A report of the person is not answered yet: ``report_numbers``."""

    def __init__(self, report_numbers: Collection[str]) -> None:
        super().__init__(", ".join(report_numbers))
        self.report_numbers = ", ".join(report_numbers)


def require_nothing_open(work: Work, person_id: str) -> None:
    """Refuse while somebody still has to reach, pay or answer the person.

    Raises CaseOpen, MoneyOwed.
    """
    unanswered, unpaid = [], []
    for report_id in whose.reports_of(
        work.connection, joined.everybody(work.connection, person_id)
    ):
        report = reports.by_id(work.connection, report_id)
        if report.state not in OVER:
            unanswered.append(report.report_number or "")
        if _is_owed(work, report_id):
            unpaid.append(report.report_number or "")
    if unanswered:
        raise CaseOpen(unanswered)
    if unpaid:
        raise MoneyOwed(unpaid)


def _is_owed(work: Work, report_id: str) -> bool:
    rewards = ledger.rewards_of_report(work.connection, report_id)
    shares = [share for reward in rewards for share in ledger.shares_of(work.connection, reward.id)]
    return any(share.state in OWED for share in shares) or any(
        awarding.claw_back_is_due(work, reward) for reward in rewards
    )


def erase(work: Work, person_id: str) -> int:
    """Destroy the keys of every row of this human; how many rows. Raises CaseOpen, MoneyOwed."""
    require_nothing_open(work, person_id)
    rows = joined.everybody(work.connection, person_id)
    for row in rows:
        documents.forget(work.connection, row)
        identity_changes.erase(work.connection, row, work.now)
    return len(rows)


def clear(runtime: Runtime) -> bool:
    """Remove what erased persons left in our own files; whether nothing is left. Safe to repeat.

    It fails while somebody reads an older state of the database: the log can't be emptied under
    them.
    """
    with runtime.read() as work:
        waiting = identity_changes.erased_and_not_cleared(work.connection)
        messages = [
            one
            for person_id in waiting
            for one in notices.ids_of_person(work.connection, person_id)
        ]
    if not waiting:
        return True
    for message in messages:
        for suffix in ("txt", "json"):
            with contextlib.suppress(FileNotFoundError):
                (runtime.settings.home / "outbox" / f"{message}.{suffix}").unlink()
    if not kind_of(runtime.engine).empty_log(runtime.engine):
        return False
    with runtime.write() as work:
        identity_changes.mark_cleared(work.connection, waiting, work.now)
    return True
