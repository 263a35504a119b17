"""Payments that a second person approves first.

To who would be paid more in a month than the policy's figures.

Nothing is refused of the report, and the reward stays owed: it is held, visibly, until somebody
else has looked.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time

from pipeline.runtime import Work
from pipeline.store import joined, ledger, payment_approvals, second_looks
from pipeline.store.actions import Action
from pipeline.store.ledger import ShareRow
from scheme.second_look import Look, Paid, needs_second_person


def is_held(work: Work, shares: Sequence[ShareRow]) -> bool:
    """Whether any of ``shares`` waits for a second person before it can be paid."""
    return bool(_held(work, shares))


def payable(work: Work, shares: Sequence[ShareRow]) -> tuple[ShareRow, ...]:
    """Those of ``shares`` that can be paid together now.

    For each of the others somebody is asked.
    """
    held = _held(work, shares)
    _ask(work, [share for share in shares if share.id in held], held)
    return tuple(share for share in shares if share.id not in held)


def ask_where_due(work: Work) -> int:
    """Ask a second person where a payment will need one, before somebody comes to the counter."""
    second_look = work.policies.procedure_at(work.now).procedure.second_look
    found = payment_approvals.unasked(
        work.connection,
        _month_begins(work),
        second_look.paid_per_person_per_month,
        second_look.paid_per_person_per_month_fen,
    )
    shares = [ledger.share(work.connection, share_id) for share_id in found]
    with_this = {
        share.id: _paid_to(work, share.person_id).and_one_more(share.amount_fen) for share in shares
    }
    return _ask(work, shares, with_this)


def _held(work: Work, shares: Iterable[ShareRow]) -> Mapping[str, Paid]:
    """Shares that wait for a second person, with what the month would come to by each.

    Each share counts for those after it: a batch of many small payments is held as one large one
    would be.
    """
    second_look = work.policies.procedure_at(work.now).procedure.second_look
    paid: dict[str, Paid] = {}
    held = {}
    for share in shares:
        if not share.amount_fen:
            continue
        human = joined.human(work.connection, share.person_id)
        before = paid.get(human) or _paid_to(work, share.person_id)
        with_this = before.and_one_more(share.amount_fen)
        approved = payment_approvals.approval_of(work.connection, share.id)
        if approved is False or (approved is None and needs_second_person(with_this, second_look)):
            held[share.id] = with_this
        else:
            paid[human] = with_this
    return held


def _ask(work: Work, shares: Iterable[ShareRow], with_this: Mapping[str, Paid]) -> int:
    policy = work.policies.procedure_at(work.now)
    asked = 0
    for share in shares:
        report_id = ledger.reward(work.connection, share.reward_id).report_id
        month = with_this[share.id]
        if payment_approvals.approval_of(work.connection, share.id) is None and second_looks.add(
            work.connection,
            kind=Look.PAYMENT,
            subject=f"share/{share.id}",
            day=_month(work),
            figures={"count": month.count, "fen": month.fen},
            policy=policy.ref,
            at=work.now,
            report_id=report_id,
            share_id=share.id,
        ):
            work.record("system", Action.PAYMENT_HELD, f"report/{report_id}", share=share.id)
            asked += 1
    return asked


def _paid_to(work: Work, person_id: str) -> Paid:
    return payment_approvals.paid_to(work.connection, person_id, _month_begins(work))


def _month(work: Work) -> date:
    return work.now.astimezone(work.policies.procedure_at(work.now).zone).date().replace(day=1)


def _month_begins(work: Work) -> datetime:
    zone = work.policies.procedure_at(work.now).zone
    return datetime.combine(_month(work), time(), zone).astimezone(UTC)
