"""A second look as it lies before whoever would answer it, and the move that answers it."""

from datetime import datetime

from sqlalchemy import Connection

from pipeline.store import cases, decisions, events, ledger, second_looks
from pipeline.store.actions import Action
from pipeline.store.decisions import DecisionRow
from pipeline.store.second_looks import LookRow
from scheme.second_look import AlreadyLookedAt, Look, LookAnswer, OpenLook


def read(connection: Connection, look_id: str) -> tuple[LookRow, OpenLook]:
    """The look, and what decides who may answer it. Raises NoSuchLook."""
    row = second_looks.by_id(connection, look_id)
    decision = decision_of(connection, row)
    lying = OpenLook(
        kind=row.kind,
        is_answered=row.answered_at is not None,
        took_part=took_part(connection, row),
        decided=None if decision is None else decision.verdict,
    )
    return row, lying


def took_part(connection: Connection, row: LookRow) -> frozenset[str]:
    """Accounts that had a hand in what the look is about, or that it is about."""
    involved = {part for part in row.subject.split("/") if row.kind is Look.PAIR}
    if row.share_id:
        involved.add(ledger.share(connection, row.share_id).collected_by or "")
    case_id = cases.case_of_report(connection, row.report_id) if row.report_id else None
    if case_id:
        involved |= decisions.who_took_part(connection, case_id)
    return frozenset(involved)


def decision_of(connection: Connection, row: LookRow) -> DecisionRow | None:
    """The decision that is made again; None where the look is about something else."""
    if row.decision_id is None or row.report_id is None:
        return None
    of_report = decisions.of_report(connection, row.report_id)
    return next(decision for decision in of_report if decision.decision_id == row.decision_id)


def answer(
    connection: Connection, row: LookRow, said: LookAnswer, *, officer: str, at: datetime
) -> None:
    """Keep the answer with its event. Raises AlreadyLookedAt when somebody was faster."""
    if not second_looks.set_answer(
        connection,
        row.id,
        answer=said.answer,
        agrees=said.agrees,
        by=officer,
        at=at,
        reason=said.reason,
    ):
        raise AlreadyLookedAt
    subject = f"report/{row.report_id}" if row.report_id else f"second_look/{row.id}"
    detail = {
        "kind": row.kind,
        "answer": said.answer,
        "agrees": said.agrees,
        "reason": said.reason,
    }
    events.append(connection, at, officer, Action.SECOND_LOOK_ANSWERED, subject, detail)
