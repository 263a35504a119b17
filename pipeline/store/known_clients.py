"""From where each account has logged in before.

Wrong tries from there are counted apart from those of strangers.

Only blind indexes of addresses are kept. Whoever guesses somebody's pass word from elsewhere makes
everybody else wait for that name, but not its owner at the desk that she works at.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from pipeline.store.tables import known_clients
from scheme.patience import Failures

MOST_CLIENTS: Final = 20
"""Places remembered for an account; the one that was longest away is forgotten first."""


def failures(connection: Connection, account_id: str, client: str) -> Failures | None:
    """Wrong tries on the account from a place that it knows; None for any other place."""
    row = connection.execute(select(known_clients).where(_is(account_id, client))).one_or_none()
    return None if row is None else Failures(row.failures, row.locked_until)


def note(
    connection: Connection, account_id: str, client: str, wrong: Failures, *, at: datetime
) -> None:
    """Keep the wrong tries from a place that the account knows."""
    if failures(connection, account_id, client) is None:
        remember(connection, account_id, client, at)
    connection.execute(
        update(known_clients)
        .where(_is(account_id, client))
        .values(failures=wrong.count, locked_until=wrong.until)
    )


def remember(connection: Connection, account_id: str, client: str, at: datetime) -> None:
    """The account has logged in from there; wrong tries from there are forgotten."""
    connection.execute(delete(known_clients).where(_is(account_id, client)))
    connection.execute(
        insert(known_clients).values(
            account_id=account_id, client=client, last_at=at, failures=0, locked_until=None
        )
    )
    of_account = select(known_clients.c.client).where(known_clients.c.account_id == account_id)
    newest_first = of_account.order_by(known_clients.c.last_at.desc(), known_clients.c.client)
    for too_old in connection.execute(newest_first.offset(MOST_CLIENTS)).scalars().all():
        connection.execute(delete(known_clients).where(_is(account_id, too_old)))


def forgive(connection: Connection, account_id: str) -> None:
    """Forget every wrong try on the account, from wherever it knows."""
    connection.execute(
        update(known_clients)
        .where(known_clients.c.account_id == account_id)
        .values(failures=0, locked_until=None)
    )


def forget(connection: Connection, account_id: str) -> None:
    """Know no place any more: who knew the old pass word may sit at one of them."""
    connection.execute(delete(known_clients).where(known_clients.c.account_id == account_id))


def _is(account_id: str, client: str) -> ColumnElement[bool]:
    return and_(known_clients.c.account_id == account_id, known_clients.c.client == client)
