"""Reports as their case sees them, each with the decision in force and the ruling of its window.

Read only: what is decided is written in ``decisions``, what is ruled in ``rulings``.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    literal,
    select,
)

from pipeline.by_name import copied
from pipeline.store.decisions import DecisionRow
from pipeline.store.reports import ReportRow
from pipeline.store.tables import decisions, reports, rulings
from scheme.case import DECIDED, ReportState
from scheme.deadlines import DateKind
from scheme.decision import Verdict
from scheme.policy import PolicyRef
from scheme.report import Channel


@dataclass(frozen=True, slots=True)
class WindowRuling:
    """What two people ruled of a report's window; counts for the violation ``about`` (R6)."""

    about: datetime
    in_time: bool


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One report as its case sees it.

    ``verdict`` and ``decision_id`` are of the decision in force, if any.
    """

    report_id: str
    report_number: str
    receipt_seq: int
    row_version: int
    state: ReportState
    channel: Channel
    received_at: datetime
    submitted_to_us_at: datetime | None
    violated_at: datetime | None
    substance_policy: PolicyRef | None
    excluded: bool
    verdict: Verdict | None
    decision_id: str | None
    reasons: tuple[str, ...]
    ruled: WindowRuling | None


_COPIED: Final = tuple(field.name for field in fields(CaseReport) if field.name in reports.c)
"""What a report's own row says of it under the same name."""


class _InForce(NamedTuple):
    """The decision in force, as far as a case asks for it."""

    decision_id: str
    verdict: Verdict
    reasons: tuple[str, ...]


def of_case(connection: Connection, case_id: str) -> tuple[CaseReport, ...]:
    """Every report of the case, in order of receipt, each with its decision in force."""
    rows = connection.execute(
        _reports().where(reports.c.case_id == case_id).order_by(reports.c.receipt_seq)
    )
    return tuple(_case_report(row) for row in rows)


def of_report(connection: Connection, report_id: str) -> CaseReport | None:
    """One received report with its decision in force; None where there is none."""
    row = connection.execute(
        _reports().where(reports.c.id == report_id, reports.c.receipt_seq.is_not(None))
    ).one_or_none()
    return _case_report(row) if row else None


def about_violations_since(
    connection: Connection, since: datetime, states: Collection[ReportState]
) -> tuple[CaseReport, ...]:
    """Received reports in ``states`` about a violation since then, in order of receipt."""
    wanted = (
        reports.c.violated_at >= since,
        reports.c.state.in_(states),
        reports.c.receipt_seq.is_not(None),
    )
    rows = connection.execute(_reports().where(*wanted).order_by(reports.c.receipt_seq))
    return tuple(_case_report(row) for row in rows)


def cases_with_unanswered(connection: Connection) -> tuple[str, ...]:
    """Cases in which a report is decided but not answered.

    Its entitlement may have become known since.
    """
    query = select(reports.c.case_id).where(
        reports.c.state == ReportState.DECIDED, reports.c.case_id.is_not(None)
    )
    return tuple(connection.execute(query.distinct()).scalars())


def _reports() -> Select[Any]:
    versions = decisions.alias()
    newest = (
        select(func.max(versions.c.version))
        .where(versions.c.report_id == reports.c.id, versions.c.undone_at.is_(None))
        .correlate(reports)
        .scalar_subquery()
    )
    in_force = and_(decisions.c.report_id == reports.c.id, decisions.c.version == newest)
    return select(
        reports.c.id,
        *(reports.c[name] for name in _COPIED),
        decisions.c.id.label("decision_id"),
        decisions.c.verdict,
        decisions.c.reasons,
        *RULED_WINDOW,
    ).select_from(reports.outerjoin(decisions, in_force).outerjoin(rulings, ruled_window()))


RULED_WINDOW: Final = (
    rulings.c.counted_from.label("ruled_about"),
    rulings.c.in_time.label("ruled_in_time"),
)
"""The columns that ``window_of_row`` reads, where ``ruled_window`` joins the ruling."""


def ruled_window() -> ColumnElement[bool]:
    """Joins the ruling of a report's window that counts."""
    return rulings.c.in_force_for == literal(f"{DateKind.WINDOW}/") + reports.c.id


def window_of_row(row: Row[Any]) -> WindowRuling | None:
    """The ruling in a row that has the columns of ``RULED_WINDOW``."""
    if row.ruled_about is None:
        return None
    return WindowRuling(row.ruled_about, row.ruled_in_time)


def _case_report(row: Row[Any]) -> CaseReport:
    decision: _InForce | None = None
    if row.decision_id is not None:
        reasons = tuple(json.loads(row.reasons))
        decision = _InForce(row.decision_id, Verdict(row.verdict), reasons)
    return _as_seen(row, decision, window_of_row(row))


def in_case(
    report: ReportRow, made: Sequence[DecisionRow], ruled: WindowRuling | None
) -> CaseReport:
    """A received report as its case sees it, of all decisions ``made`` on it."""
    if report.receipt_seq is None or report.received_at is None:
        raise AssertionError(f"report {report.id} stands in a case and was never received")
    standing = [decision for decision in made if decision.undone_at is None]
    return _as_seen(report, standing[-1] if standing else None, ruled)


def _as_seen(
    report: ReportRow | Row[Any],
    decision: DecisionRow | _InForce | None,
    ruled: WindowRuling | None,
) -> CaseReport:
    counts = decision if report.state in DECIDED else None
    return copied(
        CaseReport,
        report,
        report_id=report.id,
        state=ReportState(report.state),
        channel=Channel(report.channel),
        verdict=counts.verdict if counts else None,
        decision_id=counts.decision_id if counts else None,
        reasons=counts.reasons if counts else (),
        ruled=ruled,
    )
