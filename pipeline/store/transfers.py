"""The book of transfers: only ever added, each put on record as it is posted."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from pipeline.store.books import vouch
from pipeline.store.counters import next_number
from pipeline.store.tables import transfers
from rewards.ledger import Reason, Transfer, payable, require_zero_sum
from scheme.money import Fen


class AlreadyPosted(Exception):
    """A transfer of that id stands in the ledger: the step was done before.

    ``same``: with the same content.
    """

    def __init__(self, transfer_id: str, *, same: bool) -> None:
        super().__init__(transfer_id)
        self.transfer_id, self.same = transfer_id, same


def post(connection: Connection, transfer: Transfer, *, at: datetime, made_by: str) -> None:
    """Add a transfer, and put it on record.

    Raises AlreadyPosted when its id is taken: the step was done before.
    """
    try:
        with connection.begin_nested():
            connection.execute(
                insert(transfers).values(
                    seq=next_number(connection, "transfer_seq"),
                    made_at=at,
                    made_by=made_by,
                    **{field.name: getattr(transfer, field.name) for field in fields(Transfer)},
                )
            )
    except IntegrityError as problem:
        known = posted(connection, transfer.id)
        if known is None:
            raise
        raise AlreadyPosted(transfer.id, same=known == transfer) from problem
    vouch(connection, transfer, at=at, made_by=made_by)


def posted(connection: Connection, transfer_id: str) -> Transfer | None:
    """The transfer of that id."""
    row = connection.execute(select(transfers).where(transfers.c.id == transfer_id)).one_or_none()
    return _transfer(row) if row else None


def owed(connection: Connection, share_id: str) -> Transfer | None:
    """What makes the share a debt today: its award or reinstatement, unless that was taken back."""
    taken_back = select(transfers.c.reverses).where(transfers.c.reverses.is_not(None))
    query = select(transfers).where(
        transfers.c.credit == payable(share_id),
        transfers.c.reverses.is_(None),
        transfers.c.id.not_in(taken_back),
    )
    row = connection.execute(query).one_or_none()
    return _transfer(row) if row else None


def all_transfers(connection: Connection) -> tuple[Transfer, ...]:
    """The whole ledger, in order."""
    return tuple(
        _transfer(row) for row in connection.execute(select(transfers).order_by(transfers.c.seq))
    )


def account_balances(
    connection: Connection, *, before: datetime | None = None
) -> Mapping[str, int]:
    """Account -> debits less credits in fen. Asserts that they sum to zero."""
    held: dict[str, int] = {}
    for column, sign in ((transfers.c.debit, 1), (transfers.c.credit, -1)):
        query = select(column, func.sum(transfers.c.amount_fen)).group_by(column)
        if before is not None:
            query = query.where(transfers.c.made_at < before)
        for account, total in connection.execute(query):
            held[account] = held.get(account, 0) + sign * int(total)
    require_zero_sum(held)
    return held


def moved_for(
    connection: Connection, *, since: datetime | None = None, before: datetime | None = None
) -> Mapping[Reason, Fen]:
    """Reason -> how much was moved for it, from ``since`` on and before ``before``."""
    query = select(transfers.c.reason, func.sum(transfers.c.amount_fen)).group_by(
        transfers.c.reason
    )
    if since is not None:
        query = query.where(transfers.c.made_at >= since)
    if before is not None:
        query = query.where(transfers.c.made_at < before)
    return {Reason(reason): Fen(int(total)) for reason, total in connection.execute(query)}


def _transfer(row: Row[Any]) -> Transfer:
    values = {field.name: getattr(row, field.name) for field in fields(Transfer)}
    values["reason"] = Reason(row.reason)
    return Transfer(**values)
