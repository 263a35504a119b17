"""What is on record about who a reporter is: asked, answered, opened, handed out."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.runtime import Work
from pipeline.store import accounts, events, identity_questions, joined, reports, whose
from pipeline.store.actions import Action
from pipeline.store.person_questions import reporter_at

ABOUT_IDENTITY = (
    Action.IDENTITY_OPENED,
    Action.OTHER_NAME_FOR_PHONE,
    Action.CODE_REPLACED,
    Action.REWARD_COLLECTED,
    Action.DOCUMENT_DIFFERED,
    Action.CARD_CORRECTED,
    Action.PAID_ON_THE_SPOT,
)
"""What a person's history shows of the reports: who looked, and against whom something was handed
out.
"""
ON_RECORD = (
    Action.IDENTITY_QUESTION_ASKED,
    Action.IDENTITY_QUESTION_ANSWERED,
    *ABOUT_IDENTITY,
)
"""All that a person's history shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a person's history."""

    at: datetime
    actor: str
    action: str
    report_number: str
    kind: str
    accepted: bool | None
    reason: str


def history(work: Work, report_id: str, position: int) -> tuple[Line, ...]:
    """All on record about who this reporter is, and about everybody ever joined with them.

    Questions with their answers, and each opening and handing out of the reports of all of them;
    oldest first. Raises NoSuchReporter.
    """
    rows = _ever_joined(work, reporter_at(work.connection, report_id, position))
    found = [
        event
        for question in identity_questions.about_persons(work.connection, rows)
        for event in events.about(work.connection, f"question/{question.id}")
    ]
    for each in whose.reports_of(work.connection, rows):
        about = events.about(work.connection, f"report/{each}")
        found.extend(event for event in about if event.action in ABOUT_IDENTITY)
    names = accounts.names(work.connection)
    return tuple(
        Line(
            at=event.at,
            actor=names.get(event.actor, event.actor),
            action=event.action,
            report_number=_number(work, event),
            kind=str(event.detail.get("kind", ""))
            if event.action in (Action.IDENTITY_QUESTION_ASKED, Action.IDENTITY_QUESTION_ANSWERED)
            else "",
            accepted=event.detail.get("accepted"),
            reason=str(event.detail.get("reason", "")),
        )
        for event in sorted(found, key=lambda event: event.seq)
    )


def _ever_joined(work: Work, person_id: str) -> tuple[str, ...]:
    """The rows of this human, and those that they were parted from or mistaken for."""
    found, waiting = {person_id}, [person_id]
    while waiting:
        row = waiting.pop()
        asked = identity_questions.about_persons(work.connection, [row])
        near = {*joined.everybody(work.connection, row)}
        near |= {
            other
            for question in asked
            for other in (question.person_id, question.other_person_id)
            if other
        }
        waiting.extend(near - found)
        found |= near
    return tuple(sorted(found))


def _number(work: Work, event: events.Event) -> str:
    kind, _, subject = event.subject.partition("/")
    report_id = subject if kind == "report" else str(event.detail["report"])
    return reports.by_id(work.connection, report_id).report_number or ""
