"""Taking one's own decision back, within the seconds in which nobody has been told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheme.case import OUT_OF_HAND, ForbiddenMove, ReportState, ShareState
from scheme.policy_book import PolicyBook


class UndoTooLate(Exception):
    """The time for undoing ended at ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


class NotDecidedByYou(Exception):
    """Only who decided can undo; anybody else reopens."""


class AlreadyPaid(Exception):
    """The reward of the report is ``state``.

    It can't be undone any more, only reopened and clawed back.
    """

    def __init__(self, state: ShareState) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True, slots=True)
class Decided:
    """A report with the decision that was made last, and what its reward has come to."""

    report_id: str
    case_id: str | None
    state: ReportState
    decision_id: str | None
    """None where nothing was decided, or all of it was taken back."""
    officer: str
    decided_at: datetime | None
    was_answered: bool
    superseded_at: datetime | None
    """When the decision was made that would be in force again; None where there was none."""
    shares: tuple[ShareState, ...]
    """Of its reward that counts."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What becomes of the report: verified again, or answered by the decision before."""

    decision_id: str
    to: ReportState
    decided_at: datetime | None


def undone(report: Decided, officer: str, policies: PolicyBook, now: datetime) -> Undoing:
    """Take the last decision back.

    Where it superseded another, that one is in force again, as answered. Raises ForbiddenMove,
    NotDecidedByYou, UndoTooLate, AlreadyPaid (a card was handed over).
    """
    if report.state is not ReportState.DECIDED or report.decision_id is None:
        raise ForbiddenMove("report", report.state, ReportState.VERIFIED)
    if report.officer != officer:
        raise NotDecidedByYou
    if report.decided_at is None:
        raise AssertionError(f"report {report.report_id} was decided at no time")
    if undo_until(report.decided_at, policies, now) is None:
        raise UndoTooLate(report.decided_at + undo_time(policies, now))
    for state in report.shares:
        if state in OUT_OF_HAND:
            raise AlreadyPaid(state)
    if report.was_answered and report.superseded_at is not None:
        return Undoing(report.decision_id, ReportState.ANSWERED, report.superseded_at)
    return Undoing(report.decision_id, ReportState.VERIFIED, None)


def undo_until(decided_at: datetime | None, policies: PolicyBook, now: datetime) -> datetime | None:
    """Until when a decision can be taken back; None when that is over."""
    if decided_at is None:
        return None
    until = decided_at + undo_time(policies, now)
    return until if now < until else None


def undo_time(policies: PolicyBook, now: datetime) -> timedelta:
    """How long a decision can be taken back."""
    return timedelta(seconds=policies.procedure_at(now).procedure.undo_seconds)
