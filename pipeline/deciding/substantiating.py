"""Whether a report could be substantiated now: nothing open may make another one the first."""

from dataclasses import replace

from pipeline.runtime import Work
from pipeline.store import undecided
from pipeline.store.undecided import ForOfficer
from pipeline.verifying import incidents, reading_files
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
