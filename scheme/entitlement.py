"""Who is first: what follows from the decisions of one case, by rule (R6, R11). Derived, never stored alone."""

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
    """Whether the material came within the window; ``UNKNOWN`` where no calendar covers it (R6: never a guess)."""

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

    First is the smallest ``receipt_seq`` among the substantiated reports in time; a later one waits while an
    earlier one, that could still be first, is undecided (R11).
    """
    answers: dict[str, Entitlement | None] = {}
    first_found = earlier_open = False
    for report in sorted(reports, key=lambda report: report.receipt_seq):
        could_be_first = not (report.withdrawn or report.excluded or report.in_time is InTime.NO)
        if report.verdict is None:
            answers[report.report_id] = None
            earlier_open = earlier_open or could_be_first
        elif report.verdict is not Verdict.SUBSTANTIATED or report.withdrawn or report.excluded:
            answers[report.report_id] = Entitlement.EXCLUDED
        elif report.in_time is InTime.NO:
            answers[report.report_id] = Entitlement.LATE
        elif first_found:
            answers[report.report_id] = Entitlement.NOT_FIRST
        elif earlier_open or report.in_time is InTime.UNKNOWN:
            answers[report.report_id] = Entitlement.WAITING
            earlier_open = True  # whoever comes after must wait for this one as well
        else:
            answers[report.report_id] = Entitlement.FIRST
            first_found = True
    return answers
