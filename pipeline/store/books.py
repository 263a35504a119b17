"""What database and audit log say of money, side by side.

Gathered here, held against each other in ``rewards``.

``vouch`` puts a transfer on record, in the transaction that posts it: the chain then covers the
ledger.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, select

from pipeline.store import events
from pipeline.store.actions import Action
from pipeline.store.tables import batch_lines, batches, line_shares, rewards, shares, transfers
from pipeline.store.tables import events as log
from rewards.ledger import Reason, Transfer
from rewards.reconcile import BatchHeld, Books, LineHeld, Record, RewardHeld, ShareHeld
from scheme.case import BatchState, ShareState
from scheme.money import Fen

STEPS: Mapping[str, str] = MappingProxyType(
    {
        Action.BATCH_BUILT: "built",
        Action.BATCH_FROZEN: "frozen",
        Action.BATCH_APPROVED: "approved",
        Action.BATCH_EXPORTED: "exported",
        Action.BATCH_SETTLED: "settled",
    }
)
_MONEY: Final = (
    Action.TRANSFER_POSTED,
    Action.LEDGER_CARRIED_OVER,
    Action.REWARD_AWARDED,
    Action.REPORT_DECIDED,
    Action.REWARD_COLLECTED,
    Action.SHARE_FORFEITED,
    Action.SHARE_REINSTATED,
    Action.SHARE_CLAWED_BACK,
    *STEPS,
)


def vouch(connection: Connection, transfer: Transfer, *, at: datetime, made_by: str) -> None:
    """Put a transfer on record."""
    detail = {field.name: getattr(transfer, field.name) for field in fields(Transfer)}
    events.append(
        connection, at, made_by, Action.TRANSFER_POSTED, f"transfer/{transfer.id}", detail
    )


def carry_over(connection: Connection, at: datetime) -> None:
    """Put on record, at once, the transfers that are on record one by one nowhere.

    Nothing where there are none.
    """
    old = _all_transfers(connection)
    if old:
        events.append(
            connection,
            at,
            "system",
            Action.LEDGER_CARRIED_OVER,
            "ledger",
            {"count": len(old), "sha256": _digest(old)},
        )


def books(connection: Connection) -> Books:
    """All that the database says of money."""
    return Books(
        transfers=_all_transfers(connection),
        rewards=tuple(
            RewardHeld(row.id, row.amount_fen, row.decision_id)
            for row in connection.execute(select(rewards))
        ),
        shares=tuple(
            ShareHeld(
                row.id,
                row.reward_id,
                row.position,
                row.amount_fen,
                ShareState(row.state),
                row.batch_id,
            )
            for row in connection.execute(select(shares))
        ),
        batches=tuple(
            BatchHeld(
                row.id,
                BatchState(row.state),
                row.line_count,
                row.total_fen,
                {
                    step: by
                    for step in STEPS.values()
                    if (by := getattr(row, f"{step}_by")) is not None
                },
            )
            for row in connection.execute(select(batches))
        ),
        lines=_lines(connection),
    )


def _lines(connection: Connection) -> tuple[LineHeld, ...]:
    under: defaultdict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
    for row in connection.execute(select(line_shares)):
        under[row.batch_id, row.line_number].append((row.share_id, row.amount_fen))
    return tuple(
        LineHeld(
            batch_id=row.batch_id,
            amount_fen=row.amount_fen,
            paid=None if row.result is None else row.result == "paid",
            shares=tuple(under[row.batch_id, row.line_number]),
        )
        for row in connection.execute(select(batch_lines))
    )


def record(connection: Connection) -> Record:
    """What the audit log says of money."""
    told = [
        (row.actor, row.action, row.subject.partition("/")[2], json.loads(row.detail))
        for row in connection.execute(
            select(log).where(log.c.action.in_(_MONEY)).order_by(log.c.seq)
        )
    ]

    def about(action: str, what: Callable[[str, Mapping[str, Any]], str]) -> frozenset[str]:
        return frozenset(
            what(subject, detail) for _, done, subject, detail in told if done == action
        )

    return Record(
        transfers=_carried_over(connection, told)
        | {
            subject: _transfer(detail)
            for _, action, subject, detail in told
            if action == Action.TRANSFER_POSTED
        },
        awarded={
            detail["reward"]: tuple(detail["amounts_fen"])
            for _, action, _, detail in told
            if action == Action.REWARD_AWARDED
        },
        decisions=about(Action.REPORT_DECIDED, lambda _, detail: str(detail["decision"])),
        collected=about(Action.REWARD_COLLECTED, lambda _, detail: str(detail["reward"])),
        forfeited=about(Action.SHARE_FORFEITED, lambda subject, _: subject),
        reinstated=about(Action.SHARE_REINSTATED, lambda subject, _: subject),
        clawed_back=about(Action.SHARE_CLAWED_BACK, lambda subject, _: subject),
        batch_steps=frozenset(
            (subject, STEPS[action], actor) for actor, action, subject, _ in told if action in STEPS
        ),
    )


def _all_transfers(connection: Connection) -> tuple[Transfer, ...]:
    return tuple(
        _transfer(row._asdict())
        for row in connection.execute(select(transfers).order_by(transfers.c.seq))
    )


def _transfer(values: Mapping[str, Any]) -> Transfer:
    plain = {field.name: values[field.name] for field in fields(Transfer)}
    return Transfer(
        **plain | {"reason": Reason(plain["reason"]), "amount_fen": Fen(plain["amount_fen"])}
    )


def _carried_over(
    connection: Connection, told: list[tuple[str, str, str, dict[str, Any]]]
) -> dict[str, Transfer]:
    """The transfers of the time before, where they are still those whose digest is on record.

    None where not.
    """
    for _, action, _, detail in told:
        if action == Action.LEDGER_CARRIED_OVER:
            old = _all_transfers(connection)[: detail["count"]]
            if _digest(old) == detail["sha256"]:
                return {transfer.id: transfer for transfer in old}
    return {}


def _digest(old: tuple[Transfer, ...]) -> str:
    rows = [[getattr(transfer, field.name) for field in fields(Transfer)] for transfer in old]
    return sha256(json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
