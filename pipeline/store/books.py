"""What database and audit log say of money, side by side.

Gathered here, held against each other in ``rewards``.

``vouch`` puts a transfer on record, in the transaction that posts it: the chain then covers the
ledger.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, NamedTuple

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


class _Entry(NamedTuple):
    """One entry of the audit log; ``subject`` is the id alone."""

    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def record(connection: Connection) -> Record:
    """What the audit log says of money."""
    query = select(log).where(log.c.action.in_(_MONEY)).order_by(log.c.seq)
    entries = [
        _Entry(row.actor, row.action, row.subject.partition("/")[2], json.loads(row.detail))
        for row in connection.execute(query)
    ]

    def of(action: str) -> Iterator[_Entry]:
        return (entry for entry in entries if entry.action == action)

    def subjects(action: str) -> frozenset[str]:
        return frozenset(entry.subject for entry in of(action))

    posted = {entry.subject: _transfer(entry.detail) for entry in of(Action.TRANSFER_POSTED)}
    return Record(
        transfers=_carried_over(connection, of(Action.LEDGER_CARRIED_OVER)) | posted,
        awarded={
            entry.detail["reward"]: tuple(entry.detail["amounts_fen"])
            for entry in of(Action.REWARD_AWARDED)
        },
        decisions=frozenset(str(entry.detail["decision"]) for entry in of(Action.REPORT_DECIDED)),
        collected=frozenset(str(entry.detail["reward"]) for entry in of(Action.REWARD_COLLECTED)),
        forfeited=subjects(Action.SHARE_FORFEITED),
        reinstated=subjects(Action.SHARE_REINSTATED),
        clawed_back=subjects(Action.SHARE_CLAWED_BACK),
        batch_steps=frozenset(
            (entry.subject, STEPS[entry.action], entry.actor)
            for entry in entries
            if entry.action in STEPS
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


def _carried_over(connection: Connection, entries: Iterable[_Entry]) -> dict[str, Transfer]:
    """The transfers of the time before, where they are still those whose digest is on record.

    None where not.
    """
    for entry in entries:
        before = _all_transfers(connection)[: entry.detail["count"]]
        if _digest(before) == entry.detail["sha256"]:
            return {transfer.id: transfer for transfer in before}
    return {}


def _digest(old: tuple[Transfer, ...]) -> str:
    rows = [[getattr(transfer, field.name) for field in fields(Transfer)] for transfer in old]
    return sha256(json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
