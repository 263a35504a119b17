"""Whether a report could be substantiated now: nothing open may make another one the first."""

from dataclasses import replace

from pipeline.runtime import Work
from pipeline.store import cases, claims, undecided
from pipeline.store.reports import ReportRow
from pipeline.store.undecided import ForOfficer
from pipeline.verifying import incidents, reading_files
from scheme.case import ForbiddenMove, ReportState
from scheme.substantiation import Undecided, require_substantiable


def require_undisputed(work: Work, report_id: str) -> None:
    """Whether the report could still be substantiated now.

    For a decision on which money follows later.

    Raises OpenCandidates, EarlierReportUnread, ViolationTimeMissing, OutsideScheme.
    """
    desk = undecided.read(work.connection, report_id, "", work.now)
    require_substantiable(with_unread(work, desk), work.policies)


def with_unread(work: Work, desk: ForOfficer) -> Undecided:
    """The report, with the unread earlier ones that can be about its incident."""
    if not desk.earlier:
        return desk.report
    unread = incidents.unread_before(
        work, desk.report.report_id, case=desk.members, longest_try=reading_files.LONGEST_TRY
    )
    return replace(desk.report, unread=unread)


def case_for(work: Work, report: ReportRow) -> str:
    """The report's case, as verification opened it; one that was not read yet gets one here."""
    if report.case_id is not None:
        return report.case_id
    claim = claims.in_force(work.connection, report.id)
    if claim is None:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    case_id = cases.open_case(work.connection, category=claim.claim.category, at=work.now)
    cases.link(work.connection, report.id, case_id)
    return case_id
