"""The fund, the drawer of cards, and what the ledger says of all accounts."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pipeline.paying import coverage
from pipeline.runtime import Work
from pipeline.store import transfers
from pipeline.store.actions import Action
from pipeline.store.transfers import AlreadyPosted
from rewards.cover import require_covered
from rewards.ledger import CARD_STOCK, FUND, IN_PAYOUT, PAYABLE, RECOVERABLE, Reason, stock
from rewards.ledger import deposit as deposit_transfer
from scheme.money import Fen
from scheme.staff import Account

LARGEST_AMOUNT_FEN = 100_000_000_00
LONGEST_REFERENCE = 200


class AlreadyDeposited(Exception):
    """This reference stands in the ledger.

    ``same``: with the same amount, so nothing is missing.
    """

    def __init__(self, *, same: bool) -> None:
        super().__init__("same" if same else "another amount")
        self.same = same


class AmountInvalid(Exception):
    """An amount of money must be more than nothing and less than a slip of the hand."""


class ReferenceRequired(Exception):
    """Money comes with the reference of its payment, which keeps it from counting twice."""


@dataclass(frozen=True, slots=True)
class Balances:
    """Opening + accrued - paid - forfeited = payable, in fen, from ``since`` on (None: ever).

    ``accrued`` is awards and reinstatements less cancellations. ``payable`` counts what lies in
    batches too. ``sum_fen`` is over all accounts of the ledger and always 0; ``ties`` says whether
    the equation holds.
    """

    since: datetime | None
    opening: Fen
    accrued: Fen
    paid: Fen
    forfeited: Fen
    payable: Fen
    in_payout: Fen
    fund: Fen
    card_stock: Fen
    recoverable: Fen
    accounts: tuple[tuple[str, Fen], ...]
    """The accounts in sum: ``payable/…`` and the like as one line each; debits less credits."""
    sum_fen: Fen
    ties: bool


def balances(work: Work, *, since: datetime | None = None) -> Balances:
    """What the ledger says, and whether it ties."""
    held = transfers.account_balances(work.connection)
    before = transfers.account_balances(work.connection, before=since) if since is not None else {}
    moved = transfers.moved_for(work.connection, since=since)

    def of(reason: Reason) -> int:
        return moved.get(reason, 0)

    opening, payable = _owed(before), _owed(held)
    accrued = of(Reason.AWARD) + of(Reason.REINSTATE) - of(Reason.CANCEL)
    paid = of(Reason.CARD_IN_HAND) + of(Reason.PAID)
    forfeited = of(Reason.FORFEIT)
    grouped: dict[str, int] = {}
    for account, amount in held.items():
        kind = account.split("/")[0]
        grouped[kind] = grouped.get(kind, 0) + amount
    return Balances(
        since=since,
        opening=Fen(opening),
        accrued=Fen(accrued),
        paid=Fen(paid),
        forfeited=Fen(forfeited),
        payable=Fen(payable),
        in_payout=Fen(
            -sum(amount for account, amount in held.items() if account.startswith(IN_PAYOUT))
        ),
        fund=Fen(held.get(FUND, 0)),
        card_stock=Fen(held.get(CARD_STOCK, 0)),
        recoverable=Fen(
            sum(amount for account, amount in held.items() if account.startswith(RECOVERABLE))
        ),
        accounts=tuple(sorted((kind, Fen(amount)) for kind, amount in grouped.items())),
        sum_fen=Fen(sum(held.values())),
        ties=opening + accrued - paid - forfeited == payable,
    )


def _owed(held: Mapping[str, int]) -> int:
    return -sum(
        amount for account, amount in held.items() if account.startswith((PAYABLE, IN_PAYOUT))
    )


def deposit(work: Work, officer: Account, amount_fen: int, reference: str) -> None:
    """Money came from the group into the fund.

    Raises AlreadyDeposited, AmountInvalid, ReferenceRequired.
    """
    reference = " ".join(reference.split())
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise ReferenceRequired
    transfer = deposit_transfer(sha256(reference.encode()).hexdigest()[:32], _amount(amount_fen))
    try:
        transfers.post(work.connection, transfer, at=work.now, made_by=officer.account_id)
    except AlreadyPosted as problem:
        raise AlreadyDeposited(same=problem.same) from problem
    work.record(
        officer.account_id,
        Action.FUND_DEPOSITED,
        "account/fund",
        amount_fen=amount_fen,
        reference=reference,
    )


def stock_cards(work: Work, officer: Account, amount_fen: int, *, knowing: bool = False) -> None:
    """Prepaid cards were bought from the fund and lie in the counter's drawer, by face value.

    ``knowing``: the officer was told how much the fund lacks for them. Raises AmountInvalid,
    FundShort.
    """
    amount = _amount(amount_fen)
    short = require_covered(coverage.reach(work).free, amount, knowing=knowing)
    transfer = stock(secrets.token_hex(16), amount)
    transfers.post(work.connection, transfer, at=work.now, made_by=officer.account_id)
    said = {"short_fen": short} if short else {}
    work.record(
        officer.account_id,
        Action.CARDS_STOCKED,
        "account/card_stock",
        amount_fen=amount_fen,
        **said,
    )


def _amount(amount_fen: int) -> Fen:
    if not 0 < amount_fen <= LARGEST_AMOUNT_FEN:
        raise AmountInvalid
    return Fen(amount_fen)
