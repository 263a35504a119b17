"""How rulings come to count or end: each move with its event, and what follows from it."""

from datetime import datetime, tzinfo

from sqlalchemy import Connection

from pipeline.store import cases, events, ledger, open_dates, rulings
from pipeline.store.actions import Action
from pipeline.store.rulings import Ruling
from scheme.deadlines import DateKind
from scheme.ruling import RulingNotFound, Value, last_day


def read_proposed(connection: Connection, ruling_id: str) -> Ruling:
    """A ruling that waits for a second person. Raises RulingNotFound."""
    ruling = rulings.read_proposed(connection, ruling_id)
    if ruling is None:
        raise RulingNotFound(ruling_id)
    return ruling


def propose(  # noqa: PLR0913 - what a ruling consists of
    connection: Connection,
    report_id: str,
    value: Value,
    *,
    officer: str,
    at: datetime,
    zone: tzinfo,
) -> str:
    """Put a ruling on record that waits for a second person; returns its id.

    One that waits about another violation time ends: the claim was corrected since.
    """
    outdated = rulings.proposed(connection, report_id, value.kind)
    if outdated is not None:
        rulings.end(connection, outdated, by=officer, at=at)
    ruling_id = rulings.propose(
        connection,
        report_id,
        value.kind,
        counted_from=value.counted_from,
        in_time=value.in_time,
        due_at=value.due_at,
        reason=value.reason,
        by=officer,
        at=at,
    )
    ruling = read_proposed(connection, ruling_id)
    _record(connection, Action.RULING_PROPOSED, ruling, actor=officer, at=at, zone=zone)
    return ruling_id


def confirm(
    connection: Connection, ruling: Ruling, *, officer: str, at: datetime, zone: tzinfo
) -> str | None:
    """Let the ruling count; returns the case to settle where it is about a window.

    Raises RulingNotFound where it waits no more.
    """
    if not rulings.confirm(connection, ruling, by=officer, at=at):
        raise RulingNotFound(ruling.ruling_id)
    _record(connection, Action.RULING_CONFIRMED, ruling, actor=officer, at=at, zone=zone)
    if ruling.kind is DateKind.WINDOW:
        return cases.case_of_report(connection, ruling.report_id)
    if ruling.due_at is None:
        raise AssertionError(f"ruling {ruling.ruling_id} has no value")
    if ruling.kind is DateKind.ANSWER:
        open_dates.set_answer_date(connection, ruling.report_id, ruling.due_at)
        return None
    for reward in ledger.rewards_of_report(connection, ruling.report_id):
        for share in ledger.shares_of(connection, reward.id):
            if share.notice_received_at is not None:
                ledger.set_collect_by(connection, share.id, ruling.due_at)
    return None


def refuse(
    connection: Connection, ruling: Ruling, *, officer: str, at: datetime, zone: tzinfo
) -> None:
    """End a ruling that does not count. Raises RulingNotFound where it waits no more."""
    if not rulings.end(connection, ruling, by=officer, at=at):
        raise RulingNotFound(ruling.ruling_id)
    _record(connection, Action.RULING_REFUSED, ruling, actor=officer, at=at, zone=zone)


def drop(connection: Connection, ruling: Ruling, *, actor: str, at: datetime, zone: tzinfo) -> None:
    """End a ruling about what the calendar says by now."""
    rulings.end(connection, ruling, by=None, at=at)
    _record(connection, Action.RULING_ANSWERED, ruling, actor=actor, at=at, zone=zone)


def _record(  # noqa: PLR0913 - what an event consists of
    connection: Connection,
    action: Action,
    ruling: Ruling,
    *,
    actor: str,
    at: datetime,
    zone: tzinfo,
) -> None:
    detail = {
        "ruling": ruling.ruling_id,
        "kind": ruling.kind,
        "in_time": ruling.in_time,
        "day": "" if ruling.due_at is None else last_day(ruling.due_at, zone).isoformat(),
        "reason": ruling.reason,
    }
    events.append(connection, at, actor, action, f"report/{ruling.report_id}", detail)
