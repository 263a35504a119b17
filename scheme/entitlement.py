"""Who is first: what follows from the decisions of one case, by rule (R6, R11).

Derived, never stored alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheme.decision import Verdict


class Entitlement(StrEnum):
    """What follows from the decisions of a case for one report (奖励资格)."""

    WAITING = "waiting"
    FIRST = "first"
    NOT_FIRST = "not_first"
    LATE = "late"
    EXCLUDED = "excluded"


class InTime(StrEnum):
    """Whether the material came within the window.

    ``UNKNOWN`` where that hangs on days not published yet (R6).
    """

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RankedReport:
    """One report of a case, in its place in line. ``verdict`` is None while it is undecided."""

    report_id: str
    receipt_seq: int
    verdict: Verdict | None
    in_time: InTime
    withdrawn: bool = False
    excluded: bool = False
    """By an officer, on record (disqualified, the reporter's own repeat)."""


def entitlements(reports: Sequence[RankedReport]) -> Mapping[str, Entitlement | None]:
    """The entitlement of each report of one case; None for a report that is itself undecided.

    First is the smallest ``receipt_seq`` among the substantiated reports in time; a later one waits
    while an earlier one, that could still be first, is undecided (R11). Where nobody knows whether
    a substantiated report was in time, it waits itself, and of the later ones only that one which
    would be first if it was too late: whoever comes after a report that is in time is not first
    either way.
    """
    answers: dict[str, Entitlement | None] = {}
    undecided = unknown = taken = False
    """Of the earlier reports: one that could be first is undecided; of one nobody knows; one is
    surely in time.
    """
    for report in sorted(reports, key=lambda report: report.receipt_seq):
        could_be_first = not (report.withdrawn or report.excluded or report.in_time is InTime.NO)
        if report.verdict is None:
            answers[report.report_id] = None
            undecided = undecided or could_be_first
        elif report.verdict is not Verdict.SUBSTANTIATED or report.withdrawn or report.excluded:
            answers[report.report_id] = Entitlement.EXCLUDED
        elif report.in_time is InTime.NO:
            answers[report.report_id] = Entitlement.LATE
        elif taken:
            answers[report.report_id] = Entitlement.NOT_FIRST
        elif undecided:
            answers[report.report_id] = Entitlement.WAITING
        elif report.in_time is InTime.UNKNOWN:
            answers[report.report_id] = Entitlement.WAITING
            unknown = True
        else:
            answers[report.report_id] = Entitlement.WAITING if unknown else Entitlement.FIRST
            taken = True
    return answers
