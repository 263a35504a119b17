"""A day that is over: its figures, read once, and the move that raises what they say."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from pipeline.store import events, second_look_figures, second_looks
from pipeline.store.actions import Action
from pipeline.store.second_look_figures import Decided
from pipeline.store.vault import Vault
from scheme.second_look_day import DayFigures, DecidedThen, Over, Raised


def read(connection: Connection, vault: Vault, over: Over) -> DayFigures:
    """What was counted over the day. The ranks of the draw follow from the master key."""
    decided = second_look_figures.decided(connection, over.begin, over.end)
    received_on = {_received_on(decision, over) for decision in decided}
    return DayFigures(
        reports=second_look_figures.reports_by_human(connection, over.begin, over.end),
        files=second_look_figures.files_by_human(connection, over.begin, over.end),
        pairs=second_look_figures.substantiated_by_pair(connection, over.month_begins, over.end),
        payments=second_look_figures.payments(connection, over.median_begins, over.end),
        decided=_decided(connection, vault, over, decided),
        over_in_a_day={
            day: second_look_figures.over_in_a_day(connection, day) for day in sorted(received_on)
        },
        over_in_a_month=second_look_figures.over_in_a_month(connection, over.month),
    )


def close(connection: Connection, over: Over, raised: Sequence[Raised], at: datetime) -> int:
    """Raise the looks and note that the day was looked through, once; how many are new."""
    new = 0
    for look in raised:
        new += second_looks.add(
            connection,
            kind=look.kind,
            subject=look.subject,
            day=look.day,
            figures=look.figures,
            policy=over.policy,
            at=at,
            report_id=look.report_id,
            decision_id=look.decision_id,
        )
    second_looks.close_day(connection, over.day, at, over.policy, new)
    subject, detail = f"day/{over.day.isoformat()}", {"looks": new, "policy": over.policy}
    events.append(connection, at, "system", Action.DAY_LOOKED_THROUGH, subject, detail)
    return new


def _decided(
    connection: Connection, vault: Vault, over: Over, decided: Sequence[Decided]
) -> tuple[DecidedThen, ...]:
    paid = second_look_figures.paid_on_the_spot(connection, over.begin, over.end)
    people = second_look_figures.humans_of(connection, [one.report_id for one in decided])
    drawn = second_looks.drawn_before(connection, [one.decision_id for one in decided])
    return tuple(
        DecidedThen(
            decision_id=decision.decision_id,
            report_id=decision.report_id,
            received_at=decision.received_at,
            people=people.get(decision.report_id, frozenset()),
            on_the_spot=decision.report_id in paid,
            rank=vault.index("second look", f"{over.day}/{decision.decision_id}"),
            is_drawn=decision.decision_id in drawn,
        )
        for decision in decided
    )


def _received_on(decision: Decided, over: Over) -> date:
    return decision.received_at.astimezone(over.zone).date()
