"""Whether an officer may answer a report now, and with what: one rule over one frozen dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheme import plain_text
from scheme.case import ForbiddenMove, ReportState
from scheme.decision import Verdict, require_reasons
from scheme.desk import AtTheDesk, require_as_seen, require_free
from scheme.policy import PolicyRef
from scheme.policy_book import PolicyBook

LONGEST_NOTE = 2_000
MOST_NAMED = 5
"""Reports that a refusal names; of more it says how many."""


class OpenCandidates(Exception):
    """A question "same incident?" about the case is open: nothing of it is substantiated (R14)."""

    def __init__(self, candidate_ids: Sequence[int]) -> None:
        super().__init__(", ".join(str(candidate_id) for candidate_id in candidate_ids))
        self.candidate_ids = tuple(candidate_ids)


@dataclass(frozen=True, slots=True)
class Unread:
    """A report that is still being read and can be about an incident.

    From ``until`` on it holds nothing up.
    """

    report_number: str
    until: datetime


class EarlierReportUnread(Exception):
    """Reports received earlier are still being read and can be about this incident.

    ``numbers`` names the first of them; from ``until`` on none of them holds anything up.
    """

    def __init__(self, unread: Sequence[Unread]) -> None:
        self.unread, self.until = tuple(unread), max(report.until for report in unread)
        more = len(unread) - MOST_NAMED
        self.numbers = ", ".join(report.report_number for report in unread[:MOST_NAMED])
        if more > 0:
            self.numbers += f" (+{more})"
        super().__init__(self.numbers)


class ViolationTimeMissing(Exception):
    """Without an accepted violation time nobody knows which policy judges, or if it is in time."""


class OutsideScheme(Exception):
    """A violation when no scheme was in force, or after its report, can't be substantiated (R1)."""

    def __init__(self, violated_at: datetime) -> None:
        super().__init__(str(violated_at))
        self.violated_at = violated_at


class NotReopened(Exception):
    """The report is answered: somebody has to reopen it first, with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided(AtTheDesk):
    """A report as it lies before an officer, with what keeps it from being substantiated."""

    last_decision: str | None
    """The decision that this one supersedes, or stands in for where it was undone."""
    open_questions: tuple[int, ...]
    """Questions "same incident?" about its case that nobody has answered."""
    unread: tuple[Unread, ...] = ()
    """Reports received earlier that may be about its incident, and that nobody has read yet."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer answers to a report, as it is kept, and the policy by whose procedure."""

    verdict: Verdict
    reasons: tuple[str, ...]
    note: str
    procedure_policy: PolicyRef


def answered(  # noqa: PLR0913 - what an answer consists of, and what rules it
    report: Undecided,
    *,
    row_version: int,
    verdict: Verdict,
    reasons: Sequence[str],
    note: str,
    policies: PolicyBook,
    now: datetime,
) -> Answer:
    """The answer that an officer may give now who looked at version ``row_version``.

    A report that waits for its reporter can be decided as it stands: silence must not keep
    everybody after it waiting. Raises UnknownReason, StaleVersion, HeldByOther, NotReopened,
    ForbiddenMove; for a substantiated report what ``require_substantiable`` raises.
    """
    require_reasons(verdict, reasons)
    require_as_seen(report, row_version)
    require_free(report)
    if report.state is ReportState.ANSWERED and not report.reopened:
        raise NotReopened
    if verdict is Verdict.SUBSTANTIATED:
        require_substantiable(report, policies)
    if report.case_id is None:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    procedure = policies.procedure_at(now).ref
    return Answer(verdict, tuple(reasons), plain_text.kept(note)[:LONGEST_NOTE], procedure)


def require_substantiable(report: Undecided, policies: PolicyBook) -> None:
    """Refuse while another report could become the first, or no scheme knows the violation.

    Raises ViolationTimeMissing, OutsideScheme, EarlierReportUnread, OpenCandidates, ForbiddenMove.
    """
    if report.violated_at is None:
        raise ViolationTimeMissing
    if report.receipt_seq is None or report.received_at is None:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    policy = policies.substance_at(report.violated_at)
    latest = report.received_at + timedelta(minutes=policy.substance.future_skew_minutes)
    if not policy.in_force(report.violated_at) or report.violated_at > latest:
        raise OutsideScheme(report.violated_at)
    if report.unread:
        raise EarlierReportUnread(report.unread)
    if report.open_questions:
        raise OpenCandidates(report.open_questions)
