"""A report as it lies before an officer, read once, and the moves by which they change it.

Each move commits with its event.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from pipeline.store import cases, claims, events, explanations, notices, reports, whose
from pipeline.store.actions import Action
from pipeline.store.explanations import Explanation
from pipeline.store.leases import AT_THE_DESK
from pipeline.store.notices import ASK, EXPLANATION
from pipeline.store.reports import ReportRow
from pipeline.store.tables import accounts
from pipeline.store.tables import reports as reports_table
from scheme.case import ForbiddenMove, ReportState
from scheme.corrections import Correction
from scheme.desk import AtTheDesk, WithClaim
from scheme.questions import Explaining, Question
from scheme.reopening import Reopening


def read(connection: Connection, report_id: str, officer: str, now: datetime) -> AtTheDesk:
    """The report as it lies before the officer at ``now``. Raises NoSuchReport."""
    return AtTheDesk(**lying(connection, reports.by_id(connection, report_id), officer, now))


def read_with_claim(
    connection: Connection, report_id: str, officer: str, now: datetime
) -> WithClaim:
    """The same with its claim in force, and whether its case is its own. Raises NoSuchReport."""
    report = reports.by_id(connection, report_id)
    said = claims.in_force(connection, report_id)
    return WithClaim(
        **lying(connection, report, officer, now),
        claim=said.claim if said else None,
        claim_version=said.version if said else 0,
        substance_policy=report.substance_policy,
        alone=report.case_id is None or not _stands_with_others(connection, report),
    )


def lying(
    connection: Connection, report: ReportRow, officer: str, now: datetime
) -> Mapping[str, Any]:
    """The fields of ``AtTheDesk``, for whatever dossier begins with them."""
    row = {field.name: getattr(report, field.name, None) for field in fields(AtTheDesk)}
    return row | {
        "report_id": report.id,
        "report_number": report.report_number or "",
        "reopened": report.reopened_at is not None,
        "held_by_other": _other_holder(connection, report, officer, now),
    }


def case_for(connection: Connection, report_id: str, at: datetime) -> str:
    """The report's case, as verification opened it; one that was not read yet gets one here.

    Raises ForbiddenMove for a draft that says nothing.
    """
    case_id = cases.case_of_report(connection, report_id)
    if case_id is not None:
        return case_id
    said = claims.in_force(connection, report_id)
    if said is None:
        state = reports.by_id(connection, report_id).state
        raise ForbiddenMove("report", state, ReportState.DECIDED)
    case_id = cases.open_case(connection, category=said.claim.category, at=at)
    cases.link(connection, report_id, case_id)
    return case_id


# -- moves -----------------------------------------------------------------------------------------


def reopen(
    connection: Connection, report: AtTheDesk, reopening: Reopening, *, officer: str, at: datetime
) -> None:
    """Open the way to a superseding decision: the officer has the report."""
    reports.change(
        connection,
        report.report_id,
        reopened_at=at,
        held_by=officer,
        held_until=reopening.held_until,
    )
    _record(connection, report, Action.REPORT_REOPENED, officer, at, reason=reopening.reason)


def ask(
    connection: Connection, report: AtTheDesk, question: Question, *, officer: str, at: datetime
) -> None:
    """The report waits for its reporters, who are told what for. Raises StaleVersion."""
    reports.move(
        connection,
        report.report_id,
        ReportState.AWAITING_REPORTER,
        row_version=report.row_version,
        asked_for=question.text,
        **AT_THE_DESK.ended,
    )
    sights = [str(sight) for sight in question.sights]
    _record(connection, report, Action.REPORTER_ASKED, officer, at, sights=sights)
    facts = {
        "text": question.text,
        "sights": sights,
        "until": question.until,
        "policy": question.procedure.ref,
    }
    _write_to_reporters(connection, report, ASK, facts, at)


def explain(
    connection: Connection, report: AtTheDesk, explaining: Explaining, *, officer: str, at: datetime
) -> None:
    """Keep and tell why there is no result yet; the answer's clock begins anew where in time."""
    explanation = Explanation(
        at, officer, explaining.in_time, explaining.due_was, explaining.due_now
    )
    explanations.add(connection, report.report_id, explanation)
    if explaining.in_time:
        reports.change(connection, report.report_id, answer_due_at=explaining.due_now)
    _record(
        connection,
        report,
        Action.REPORTER_TOLD_WHY,
        officer,
        at,
        in_time=explaining.in_time,
        due_was=explaining.last_day_was,
        due_now=explaining.last_day_now,
    )
    facts = {
        "text": explaining.text,
        "answer_due": explaining.promised,
        "policy": explaining.procedure.ref,
    }
    _write_to_reporters(connection, report, EXPLANATION, facts, at)


def correct(
    connection: Connection, report: WithClaim, correction: Correction, *, officer: str, at: datetime
) -> None:
    """Put the version in force; its time is the accepted one. Raises StaleVersion."""
    claims.add(
        connection,
        report.report_id,
        correction.claim,
        at=at,
        made_by=officer,
        reason=correction.reason,
    )
    reports.change(
        connection,
        report.report_id,
        row_version=report.row_version,
        violated_at=correction.claim.violated_at,
        substance_policy=correction.policy,
    )
    if report.case_id is not None and correction.case_changes_to is not None:
        cases.set_category(connection, report.case_id, correction.case_changes_to)
    _record(
        connection,
        report,
        Action.CLAIM_CORRECTED,
        officer,
        at,
        version=correction.version,
        fields=list(correction.fields),
        reason=correction.reason,
        policy_before=correction.policy_before,
        policy=correction.policy,
    )


def tie(
    connection: Connection, report: AtTheDesk, reason: str, *, officer: str, at: datetime
) -> None:
    """The files of the report show one bus, by the officer's word."""
    reports.change(connection, report.report_id, tied_by_officer=True)
    _record(connection, report, Action.FILES_TIED, officer, at, reason=reason)


def exclude(  # noqa: PLR0913 - what it consists of
    connection: Connection,
    report: AtTheDesk,
    reason: str,
    *,
    excluded: bool,
    officer: str,
    at: datetime,
) -> str:
    """The report is out of the line for the reward, or in it again; returns its case."""
    reports.change(connection, report.report_id, excluded=excluded)
    action = Action.REPORT_EXCLUDED if excluded else Action.REPORT_READMITTED
    _record(connection, report, action, officer, at, reason=reason)
    return case_for(connection, report.report_id, at)


def _record(
    connection: Connection,
    report: AtTheDesk,
    action: Action,
    officer: str,
    at: datetime,
    **detail: object,
) -> None:
    events.append(connection, at, officer, action, f"report/{report.report_id}", detail)


def _write_to_reporters(
    connection: Connection,
    report: AtTheDesk,
    kind: str,
    facts: Mapping[str, object],
    at: datetime,
) -> None:
    """A message to each reporter of the report, which may leave at once."""
    whole = {**facts, "report_number": report.report_number}
    for person_id in whose.person_ids(connection, report.report_id):
        notices.write(
            connection,
            kind=kind,
            report_id=report.report_id,
            person_id=person_id,
            share_id=None,
            facts=whole,
            at=at,
            send_after=at,
        )


def _stands_with_others(connection: Connection, report: ReportRow) -> bool:
    query = select(reports_table.c.id).where(
        reports_table.c.case_id == report.case_id, reports_table.c.id != report.id
    )
    return connection.execute(query.limit(1)).first() is not None


def _other_holder(connection: Connection, report: ReportRow, officer: str, now: datetime) -> str:
    """The name of another officer who has the report at this moment; empty for nobody."""
    if report.held_by in {None, officer}:
        return ""
    if report.held_until is None or report.held_until <= now:
        return ""
    query = select(accounts.c.display_name).where(accounts.c.id == report.held_by)
    name: str = connection.execute(query).scalar_one()
    return name
