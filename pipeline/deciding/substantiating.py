"""Whether a report could be substantiated now: nothing may be open that can make another one the first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.runtime import Work
from pipeline.store import cases, reports
from pipeline.store.reports import ReportRow
from pipeline.verifying import incidents, verification
from scheme.case import ForbiddenMove, ReportState

MOST_NAMED = 5
"""Reports that a refusal names; of more it says how many."""


class OpenCandidates(Exception):
    """A question "same incident?" about the case is open, so nothing of it is substantiated (R14)."""

    def __init__(self, candidate_ids: Sequence[int]) -> None:
        super().__init__(", ".join(str(candidate_id) for candidate_id in candidate_ids))
        self.candidate_ids = tuple(candidate_ids)


class EarlierReportUnread(Exception):
    """Reports received earlier are still being read and can be about this incident.

    ``unread`` of them.

    ``numbers`` names the first of them; from ``until`` on none of them holds anything up.
    """

    def __init__(self, unread: Sequence[incidents.Unread]) -> None:
        self.unread, self.until = tuple(unread), max(one.until for one in unread)
        more = len(unread) - MOST_NAMED
        self.numbers = ", ".join(one.report_number for one in unread[:MOST_NAMED]) + (
            f" (+{more})" if more > 0 else ""
        )
        super().__init__(self.numbers)


class ViolationTimeMissing(Exception):
    """Without an accepted violation time nobody can say which policy judges, or whether it is in time."""


class OutsideScheme(Exception):
    """A violation when no scheme was in force, or after it was reported, can't be substantiated (R1)."""

    def __init__(self, violated_at: datetime) -> None:
        super().__init__(str(violated_at))
        self.violated_at = violated_at


def require_undisputed(work: Work, report_id: str) -> None:
    """Whether the report could still be substantiated now.

    For a decision on which money follows later.

    Raises OpenCandidates, EarlierReportUnread, ViolationTimeMissing, OutsideScheme.
    """
    report = reports.by_id(work.connection, report_id)
    require_substantiable(work, report, case_for(work, report))


def require_substantiable(work: Work, report: ReportRow, case_id: str) -> None:
    """Refuse while anything could still make another report the first, or the scheme does not know the violation."""
    if report.violated_at is None:
        raise ViolationTimeMissing
    if report.receipt_seq is None or report.received_at is None:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    policy = work.policies.substance_at(report.violated_at)
    latest = report.received_at + timedelta(minutes=policy.substance.future_skew_minutes)
    if not policy.in_force(report.violated_at) or report.violated_at > latest:
        raise OutsideScheme(report.violated_at)
    members = [member.report_id for member in cases.reports_of_case(work.connection, case_id)]
    unread = incidents.unread_before(
        work, report.id, case=members, longest_try=verification.LONGEST_TRY
    )
    if unread:
        raise EarlierReportUnread(unread)
    open_questions = cases.candidates_of(work.connection, members, open_only=True)
    if open_questions:
        raise OpenCandidates([question.candidate_id for question in open_questions])


def case_for(work: Work, report: ReportRow) -> str:
    """The report's case; verification has opened it, a report that it could not read gets one here."""
    if report.case_id is not None:
        return report.case_id
    claim = reports.claim_in_force(work.connection, report.id)
    if claim is None:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    case_id = cases.open_case(work.connection, category=claim.claim.category, at=work.now)
    cases.link(work.connection, report.id, case_id)
    return case_id
