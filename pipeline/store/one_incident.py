"""Two incidents as they stand, read once, and the moves that join and part them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from pipeline.store import (
    candidates,
    case_reports,
    cases,
    claims,
    desk,
    events,
    ledger,
    reports,
)
from pipeline.store.actions import Action
from pipeline.store.candidates import CandidateRow
from scheme.case import ON_THE_DESK
from scheme.one_incident import (
    AlreadyAnswered,
    AskedPair,
    Incident,
    Merging,
    PairAnswer,
    Parting,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with the two incidents that it asks about; all None where there is no question."""

    asked: AskedPair | None
    one: Incident | None
    other: Incident | None
    questions: tuple[AskedPair, ...]
    """The open ones about reports of either."""


@dataclass(frozen=True, slots=True)
class ToPart:
    """A report, the category of its claim in force, and the incident that it stands in."""

    category: str | None
    incident: Incident


def read_two(
    connection: Connection, case_id: str, into_case_id: str
) -> tuple[Incident, Incident, tuple[AskedPair, ...]]:
    """Both incidents as they stand today, and the open questions about reports of the first.

    Raises CaseNotFound.
    """
    source, into = _incident(connection, case_id), _incident(connection, into_case_id)
    return source, into, _open_questions(connection, source.reports)


def read_pair(connection: Connection, candidate_id: int) -> Pair:
    """The question and what it asks about."""
    row = candidates.read(connection, candidate_id)
    if row is None:
        return Pair(None, None, None, ())
    one = _incident_of(connection, row.report_id)
    other = _incident_of(connection, row.other_report_id)
    questions = _open_questions(connection, [*one.reports, *other.reports])
    return Pair(_asked(row), one, other, questions)


def read_to_part(connection: Connection, report_id: str) -> ToPart:
    """The report in its incident. Raises NoSuchReport."""
    incident = _incident_of(connection, report_id)
    said = claims.in_force(connection, report_id)
    return ToPart(said.claim.category if said else None, incident)


# -- moves -----------------------------------------------------------------------------------------


def answer(
    connection: Connection, asked: AskedPair, said: PairAnswer, *, officer: str, at: datetime
) -> tuple[str, str] | None:
    """Keep what was said of the pair, and join its cases where it makes one of them.

    Returns the case that was handed over and the one that took it. Raises AlreadyAnswered.
    """
    pair = (asked.report_id, asked.other_report_id)
    for report_id in pair:
        desk.case_for(connection, report_id, at)
    if not _answer(connection, asked.candidate_id, officer, at, said.reason, same=said.same):
        raise AlreadyAnswered
    detail = {"candidate": asked.candidate_id, "same": said.same, "reason": said.reason}
    for report_id in pair:
        subject = f"report/{report_id}"
        events.append(connection, at, officer, Action.CANDIDATE_ANSWERED, subject, detail)
    if said.merging is None:
        return None
    return merge(connection, said.merging, officer=officer, at=at)


def merge(
    connection: Connection, merging: Merging, *, officer: str, at: datetime
) -> tuple[str, str]:
    """One case hands its reports to the other; their rewards are for the settlement.

    Returns the case that was handed over and the one that took it.
    """
    source, into = _case_id(connection, merging.source, at), _case_id(connection, merging.into, at)
    for candidate_id in merging.answers:
        _answer(connection, candidate_id, officer, at, merging.reason, same=True)
    cases.merge(connection, source, into)
    detail = {"merged": source, "into": into, "reason": merging.reason}
    for case_id in (source, into):
        subject = f"case/{case_id}"
        events.append(connection, at, officer, Action.CASE_MERGED, subject, detail)
    return source, into


def part(
    connection: Connection, parting: Parting, *, officer: str, at: datetime
) -> tuple[str, str]:
    """The report gets a case of its own, and its reward goes with it; returns both cases, its last.

    Whatever was said of it and the others, they are different from now on.
    """
    old = _case_id(connection, parting.old, at)
    new = cases.open_case(connection, category=parting.category, at=at)
    cases.link(connection, parting.report_id, new)
    candidates.part_ways(
        connection,
        parting.report_id,
        parting.others,
        officer=officer,
        at=at,
        reason=parting.reason,
    )
    live = ledger.live_reward(connection, old)
    if live is not None and live.report_id == parting.report_id:
        ledger.set_live_case(connection, live.id, new)
    detail = {"report": parting.report_id, "reason": parting.reason}
    for case_id in (old, new):
        subject = f"case/{case_id}"
        events.append(connection, at, officer, Action.CASE_SPLIT, subject, detail)
    return old, new


def _answer(  # noqa: PLR0913 - what an answer consists of
    connection: Connection,
    candidate_id: int,
    officer: str,
    at: datetime,
    reason: str,
    *,
    same: bool,
) -> bool:
    return candidates.answer(
        connection, candidate_id, same=same, officer=officer, at=at, reason=reason
    )


# -- what is read ----------------------------------------------------------------------------------


def _incident(connection: Connection, case_id: str) -> Incident:
    case = cases.read_whole(connection, case_id)
    of_case = case_reports.of_case(connection, case.case_id)
    return Incident(
        case_id=case.case_id,
        category=case.category,
        reports=tuple(report.report_id for report in of_case),
        on_the_desk=tuple(report.report_id for report in of_case if report.state in ON_THE_DESK),
        first_receipt=min(report.receipt_seq for report in of_case),
    )


def _incident_of(connection: Connection, report_id: str) -> Incident:
    """Where the report stands; one that nobody has read is an incident without a case yet."""
    report = reports.by_id(connection, report_id)
    if report.case_id is not None:
        return _incident(connection, report.case_id)
    said = claims.in_force(connection, report_id)
    return Incident(
        case_id=None,
        category=said.claim.category if said else "",
        reports=(report_id,),
        on_the_desk=(report_id,) if report.state in ON_THE_DESK else (),
        first_receipt=report.receipt_seq or 0,
    )


def _case_id(connection: Connection, incident: Incident, at: datetime) -> str:
    if incident.case_id is not None:
        return incident.case_id
    (report_id,) = incident.reports
    return desk.case_for(connection, report_id, at)


def _open_questions(connection: Connection, report_ids: Sequence[str]) -> tuple[AskedPair, ...]:
    rows = candidates.of_reports(connection, sorted(report_ids), open_only=True)
    return tuple(_asked(row) for row in rows)


def _asked(row: CandidateRow) -> AskedPair:
    return AskedPair(row.candidate_id, row.report_id, row.other_report_id, row.same)
