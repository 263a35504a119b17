"""What the ledger and the shares say of the fund: all that its cover is judged by, read once."""

from sqlalchemy import Connection, func, select

from pipeline.store import transfers
from pipeline.store.tables import batches, shares
from rewards.cover import COMING, Asked, Reach
from rewards.ledger import CARD_STOCK, FUND, IN_PAYOUT, in_payout
from scheme.case import BatchState, ShareState
from scheme.money import Fen

BEFORE_APPROVAL = (BatchState.OPEN, BatchState.FROZEN, BatchState.CANCELLED)


def read(connection: Connection) -> Reach:
    """The fund and all that is owed, under the write lock or in one unmoving view."""
    held = transfers.account_balances(connection)
    by_state = _owed_by_state(connection)
    in_batches = -sum(amount for account, amount in held.items() if account.startswith(IN_PAYOUT))
    return Reach(
        fund=Fen(held.get(FUND, 0)),
        card_stock=Fen(held.get(CARD_STOCK, 0)),
        asked=Asked(
            leaving=Fen(
                -sum(held.get(in_payout(batch), 0) for batch in _approved_batches(connection))
            ),
            in_batches=Fen(in_batches),
            due=by_state.get(ShareState.COLLECTED, Fen(0)),
            coming=Fen(sum(by_state.get(state, Fen(0)) for state in COMING)),
        ),
    )


def _owed_by_state(connection: Connection) -> dict[ShareState, Fen]:
    """State -> what its shares come to, of those that are owed and lie in no batch."""
    states = (ShareState.COLLECTED, *COMING)
    query = select(shares.c.state, func.sum(shares.c.amount_fen))
    rows = connection.execute(query.where(shares.c.state.in_(states)).group_by(shares.c.state))
    return {ShareState(state): Fen(int(total)) for state, total in rows}


def _approved_batches(connection: Connection) -> tuple[str, ...]:
    """Batches that nobody holds up any more: the bank pays them, or has."""
    query = select(batches.c.id).where(batches.c.state.not_in(BEFORE_APPROVAL))
    return tuple(connection.execute(query).scalars())
