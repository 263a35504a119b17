"""What an officer writes to a reporter before there is an answer: for more, or why not yet (R9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheme.case import REPORT_MOVES, UNDECIDED, ForbiddenMove, ReportState, require_move
from scheme.deadlines import answer_bounds, last_day_before
from scheme.desk import AtTheDesk, require_as_seen, require_free
from scheme.finding import Sight
from scheme.plain_text import required
from scheme.policy import Policy
from scheme.policy_book import PolicyBook
from scheme.workdays import Workdays


class QuestionRequired(Exception):
    """Who is asked for more is told in words what is missing. Also raised for too many."""


class ExplanationRequired(Exception):
    """An explanation without a word explains nothing. Also raised for too many."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a reporter is asked for, and until which day; empty where no calendar gives one."""

    text: str
    sights: tuple[Sight, ...]
    until: str
    procedure: Policy


@dataclass(frozen=True, slots=True)
class Explaining:
    """Why there is no result yet; ``in_time``: the answer's clock begins anew with it."""

    text: str
    in_time: bool
    due_was: datetime | None
    due_now: datetime | None
    procedure: Policy

    @property
    def last_day_was(self) -> str:
        """The last day before the answer was due; empty where no calendar gave it."""
        return last_day_before(self.due_was, self.procedure.zone)

    @property
    def last_day_now(self) -> str:
        """The same as it is due now."""
        return last_day_before(self.due_now, self.procedure.zone)

    @property
    def promised(self) -> str:
        """The day that its reporter is told: none by an explanation that came too late."""
        return self.last_day_now if self.in_time else ""


def asked(  # noqa: PLR0913 - what a question consists of, and what rules it
    report: AtTheDesk,
    *,
    row_version: int,
    text: str,
    sights: Sequence[Sight],
    policies: PolicyBook,
    now: datetime,
) -> Question:
    """Ask for more material: the report waits for its reporter.

    Raises QuestionRequired, StaleVersion, HeldByOther, ForbiddenMove.
    """
    text = required(text, QuestionRequired)
    require_as_seen(report, row_version)
    require_free(report)
    require_move("report", REPORT_MOVES, report.state, ReportState.AWAITING_REPORTER)
    procedure = policies.procedure_at(now)
    until = last_day_before(report.answer_due_at, procedure.zone)
    return Question(text, tuple(sights), until, procedure)


def explained(
    report: AtTheDesk, text: str, policies: PolicyBook, workdays: Workdays, now: datetime
) -> Explaining:
    """Say why there is no result yet. In time, that begins the answer's clock anew (R9).

    A late one is told and counted as well, but heals nothing: the report stays overdue until its
    answer. Where no calendar says when the answer was due, nobody can say that the explanation came
    too late. Raises ExplanationRequired, ForbiddenMove once there is an answer.
    """
    text = required(text, ExplanationRequired)
    if report.state not in (*UNDECIDED, ReportState.DECIDED):
        raise ForbiddenMove("explanation", report.state, ReportState.DECIDED)
    procedure = policies.procedure_at(now)
    due_was = report.answer_due_at
    in_time = due_was is None or now < due_was
    due_now = answer_bounds(now, procedure, workdays).known if in_time else due_was
    return Explaining(text, in_time, due_was, due_now, procedure)
