"""One officer at a time: who has a report, until when, and who is next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.runtime import Work
from pipeline.store import accounts, reports
from pipeline.store import queue as queued
from pipeline.store.reports import ReportRow
from scheme.desk import HeldByOther
from scheme.reopening import hold_until
from scheme.staff import Account


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has a report, and until when."""

    account_id: str
    display_name: str
    until: datetime


def take_next(work: Work, officer: Account, *, skipped: str = "") -> str | None:
    """Hold the verified report that is due first and that nobody else has; None without any.

    ``skipped``: the one after that report, which is given back; from the front where it was the
    last. Raises NoSuchReport for it.
    """
    after = None
    if skipped:
        release(work, skipped, officer)
        after = reports.by_id(work.connection, skipped)
    who, now = officer.account_id, work.now
    report_id = queued.next_free(work.connection, who, now, after=after)
    if report_id is None and after is not None:
        report_id = queued.next_free(work.connection, who, now)
    if report_id is not None:
        hold(work, report_id, officer)
    return report_id


def hold(work: Work, report_id: str, officer: Account) -> datetime:
    """Take a report, or keep it for longer; returns until when.

    Raises HeldByOther, NoSuchReport.
    """
    until = hold_until(work.policies, work.now)
    if not queued.hold(work.connection, report_id, officer.account_id, now=work.now, until=until):
        other = hold_of(
            work, reports.by_id(work.connection, report_id), accounts.names(work.connection)
        )
        if other is not None:
            raise HeldByOther(other.display_name, other.until)
    return until


def release(work: Work, report_id: str, officer: Account) -> bool:
    """Give a report back; False if the officer does not have it."""
    return queued.release(work.connection, report_id, officer.account_id)


def hold_of(work: Work, row: ReportRow, names: Mapping[str, str]) -> Hold | None:
    """Who has the report at this moment; None for nobody."""
    if row.held_by is None or row.held_until is None or row.held_until <= work.now:
        return None
    return Hold(row.held_by, names.get(row.held_by, row.held_by), row.held_until)
