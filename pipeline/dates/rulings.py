"""What no calendar says yet can be settled by two people, both on record (R6, R9, R13).

What they settle stands, also when a calendar comes: where it says otherwise, that is named, and can
be ruled anew.
"""

from datetime import date, tzinfo

from pipeline.dates import open_dates
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import ruling_moves, rulings
from pipeline.store.rulings import Ruling
from scheme.deadlines import DateKind
from scheme.ruling import is_answered, proposed, require_confirmable
from scheme.staff import Account


def propose(  # noqa: PLR0913 - what a ruling consists of
    work: Work,
    *,
    report_id: str,
    kind: DateKind,
    officer: Account,
    reason: str,
    in_time: bool | None = None,
    day: date | None = None,
) -> str:
    """Propose whether the report was in time, or the last day of another date.

    Returns the ruling's id. Raises what ``scheme.ruling.proposed`` raises.
    """
    value = proposed(
        open_dates.of_report(work, report_id, kind),
        in_time=in_time,
        day=day,
        reason=reason,
        policies=work.policies,
        now=work.now,
    )
    return ruling_moves.propose(
        work.connection,
        report_id,
        value,
        officer=officer.account_id,
        at=work.now,
        zone=_zone(work),
    )


def confirm(work: Work, *, ruling_id: str, officer: Account) -> Ruling:
    """Let a proposed ruling count, by a second person.

    What follows for the case follows in this transaction. Raises RulingNotFound and what
    ``scheme.ruling.require_confirmable`` raises.
    """
    ruling = ruling_moves.read_proposed(work.connection, ruling_id)
    asked = open_dates.of_report(work, ruling.report_id, ruling.kind)
    require_confirmable(ruling, asked, officer.account_id, work.policies, work.now)
    case_id = ruling_moves.confirm(
        work.connection, ruling, officer=officer.account_id, at=work.now, zone=_zone(work)
    )
    if case_id is not None:
        awarding.settle_case(work, case_id, actor=officer.account_id)
    return ruling


def refuse(work: Work, *, ruling_id: str, officer: Account) -> None:
    """End a proposed ruling that does not count.

    A second person refuses it, or who proposed takes it back. Raises RulingNotFound.
    """
    ruling = ruling_moves.read_proposed(work.connection, ruling_id)
    ruling_moves.refuse(
        work.connection, ruling, officer=officer.account_id, at=work.now, zone=_zone(work)
    )


def drop_answered(work: Work, *, actor: str) -> int:
    """End the rulings that wait for a second person about what the calendar says by now.

    Returns how many.
    """
    dropped = 0
    for ruling in rulings.all_proposed(work.connection):
        if is_answered(ruling, open_dates.of_report(work, ruling.report_id, ruling.kind)):
            ruling_moves.drop(work.connection, ruling, actor=actor, at=work.now, zone=_zone(work))
            dropped += 1
    return dropped


def _zone(work: Work) -> tzinfo:
    return work.policies.procedure_at(work.now).zone
