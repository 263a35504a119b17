"""What an officer writes to a reporter before there is an answer."""

from collections.abc import Mapping, Sequence

from pipeline.answering import answer_clock
from pipeline.deciding.holding import require_free
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import notices, reports, whose
from pipeline.store.actions import Action
from pipeline.store.leases import AT_THE_DESK
from pipeline.store.notices import ASK
from pipeline.store.reports import ReportRow
from scheme.case import UNDECIDED, ForbiddenMove, ReportState, StaleVersion
from scheme.finding import Sight
from scheme.plain_text import required


class QuestionRequired(Exception):
    """Who is asked for more is told in words what is missing. Also raised for too many."""


class ExplanationRequired(Exception):
    """An explanation without a word explains nothing. Also raised for too many."""


def ask_for_more(  # noqa: PLR0913 - what a question consists of
    work: Work,
    *,
    report_id: str,
    officer: Account,
    row_version: int,
    text: str,
    sights: Sequence[Sight] = (),
) -> None:
    """Ask the reporter for material: they are told, and the report waits for them.

    Raises QuestionRequired, StaleVersion, HeldByOther, ForbiddenMove.
    """
    text = required(text, QuestionRequired)
    report = reports.by_id(work.connection, report_id)
    if report.row_version != row_version:
        raise StaleVersion(report_id, report.row_version)
    require_free(work, report, officer)
    reports.move(
        work.connection,
        report_id,
        ReportState.AWAITING_REPORTER,
        row_version=row_version,
        asked_for=text,
        **AT_THE_DESK.ended,
    )
    work.record(
        officer.account_id,
        Action.REPORTER_ASKED,
        f"report/{report_id}",
        sights=[str(sight) for sight in sights],
    )
    until = answer_clock.last_day(work, report.answer_due_at)
    facts = {"text": text, "sights": [str(sight) for sight in sights], "until": until}
    write_to_reporters(work, report, ASK, facts)


def explain(work: Work, *, report_id: str, officer: Account, text: str) -> None:
    """Tell the reporter why there is no result yet.

    In time, that begins the answer's clock anew (R9).

    Raises ExplanationRequired, ForbiddenMove once there is an answer.
    """
    text = required(text, ExplanationRequired)
    report = reports.by_id(work.connection, report_id)
    if report.state not in (*UNDECIDED, ReportState.DECIDED):
        raise ForbiddenMove("explanation", report.state, ReportState.DECIDED)
    explanation = answer_clock.explained(work, report, officer)
    promised = answer_clock.last_day(work, explanation.due_now) if explanation.in_time else ""
    write_to_reporters(work, report, "explanation", {"text": text, "answer_due": promised})


def write_to_reporters(
    work: Work, report: ReportRow, kind: str, facts: Mapping[str, object]
) -> None:
    """A message to each reporter of the report, which leaves at once."""
    policy = work.policies.procedure_at(work.now).ref
    for person_id in whose.person_ids(work.connection, report.id):
        notices.write(
            work.connection,
            kind=kind,
            report_id=report.id,
            person_id=person_id,
            share_id=None,
            facts={**facts, "report_number": report.report_number, "policy": policy},
            at=work.now,
            send_after=work.now,
        )
    work.ring("deliver_notices")
