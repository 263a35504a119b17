"""Where a case stands: which reports came in time, and what each is entitled to (R6, R11).

Pure: from the reports as they were read, the policies and the working days that are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from scheme.case import ReportState
from scheme.deadlines import in_time
from scheme.decision import Verdict
from scheme.entitlement import Entitlement, InTime, RankedReport, entitlements
from scheme.policy import Policy, PolicyRef
from scheme.policy_book import PolicyBook
from scheme.report import Channel
from scheme.workdays import Workdays


class RuledWindow(Protocol):
    """What two people have ruled of a window; it counts for the violation ``about`` only (R6)."""

    @property
    def about(self) -> datetime: ...  # noqa: D102 - as it is called
    @property
    def in_time(self) -> bool: ...  # noqa: D102 - as it is called


class InCase(Protocol):
    """What of a report counts in its case."""

    @property
    def report_id(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def receipt_seq(self) -> int: ...  # noqa: D102 - as it is called
    @property
    def state(self) -> ReportState: ...  # noqa: D102 - as it is called
    @property
    def channel(self) -> Channel: ...  # noqa: D102 - as it is called
    @property
    def received_at(self) -> datetime: ...  # noqa: D102 - as it is called
    @property
    def submitted_to_us_at(self) -> datetime | None: ...  # noqa: D102 - as it is called
    @property
    def violated_at(self) -> datetime | None: ...  # noqa: D102 - as it is called
    @property
    def substance_policy(self) -> PolicyRef | None: ...  # noqa: D102 - as it is called
    @property
    def excluded(self) -> bool: ...  # noqa: D102 - as it is called
    @property
    def verdict(self) -> Verdict | None: ...  # noqa: D102 - as it is called
    @property
    def ruled(self) -> RuledWindow | None: ...  # noqa: D102 - as it is called


R = TypeVar("R", bound=InCase)


@dataclass(frozen=True, slots=True)
class Standing(Generic[R]):
    """A case's reports in order of receipt, and what each is entitled to (None: undecided)."""

    reports: tuple[R, ...]
    entitlements: Mapping[str, Entitlement | None]
    windows: Mapping[str, InTime]
    """Whether each report's material reached us in time."""

    @property
    def first(self) -> R | None:
        """The report that the reward of this case goes to."""
        for report in self.reports:
            if self.entitlements[report.report_id] is Entitlement.FIRST:
                return report
        return None


@dataclass(frozen=True, slots=True)
class Terms(Generic[R]):
    """Where a case stands, and by which policies its reward and its answers go out."""

    standing: Standing[R]
    first: R | None
    substance: Policy | None
    """Of the first report: how much it is paid."""
    procedure: Policy
    send_after: datetime
    """Nothing leaves while the decision behind it can be undone."""


def terms(
    reports: Sequence[R], policies: PolicyBook, workdays: Workdays, now: datetime
) -> Terms[R]:
    """What a case's reward and answers follow from, at the instant ``now``."""
    stands = standing(reports, policies, workdays)
    first = stands.first
    procedure = policies.procedure_at(now)
    return Terms(
        standing=stands,
        first=first,
        substance=substance_of(first, policies) if first is not None else None,
        procedure=procedure,
        send_after=now + timedelta(seconds=procedure.procedure.undo_seconds),
    )


def standing(reports: Sequence[R], policies: PolicyBook, workdays: Workdays) -> Standing[R]:
    """Who is first, by rule, from the decisions as they are now (R6, R11)."""
    windows = {report.report_id: window_of(report, policies, workdays) for report in reports}
    ranked = [
        RankedReport(
            report_id=report.report_id,
            receipt_seq=report.receipt_seq,
            verdict=report.verdict,
            in_time=windows[report.report_id],
            withdrawn=report.state is ReportState.WITHDRAWN,
            excluded=report.excluded,
        )
        for report in reports
    ]
    return Standing(tuple(reports), entitlements(ranked), windows)


def substance_of(report: InCase, policies: PolicyBook) -> Policy:
    """The policy that judges the report: the one pinned to it, else by its violation."""
    if report.substance_policy is not None:
        return policies.by_ref(report.substance_policy)
    return policies.substance_at(report.violated_at or report.received_at)


def window_of(report: InCase, policies: PolicyBook, workdays: Workdays) -> InTime:
    """Whether the report's material reached us in time (R6).

    As two people have ruled, else as the calendar says.
    """
    if report.ruled is not None and report.ruled.about == report.violated_at:
        return InTime.YES if report.ruled.in_time else InTime.NO
    return window_by_calendar(report, policies, workdays)


def window_by_calendar(report: InCase, policies: PolicyBook, workdays: Workdays) -> InTime:
    """Whether the report's material reached us in time, whatever anybody has ruled (R6)."""
    if report.violated_at is None:
        return InTime.UNKNOWN
    reached_us_at = report.submitted_to_us_at or report.received_at
    substance = substance_of(report, policies)
    return in_time(report.violated_at, reached_us_at, report.channel, substance, workdays)
