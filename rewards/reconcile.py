"""Whether the ledger, what it pays for, and who did what agree (TRUST.md P11, T21).

Money that was written into the database beside the product fits one of the three, seldom all: every
transfer has to be vouched for by the record, every share's state by transfers and record, every
batch by its lines and the people who moved it. Nothing here can tell a forger who writes all three,
chain and all, from the product itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rewards.ledger import Reason, Transfer, balances, in_payout, payable, recoverable
from scheme.case import BatchState, ShareState

OWED: Final = frozenset(
    {ShareState.AWARDED, ShareState.NOTIFIED, ShareState.COLLECTED, ShareState.REINSTATED}
)
COLLECTED: Final = frozenset(
    {
        ShareState.COLLECTED,
        ShareState.IN_BATCH,
        ShareState.PAID,
        ShareState.PAID_IN_HAND,
        ShareState.CLAWED_BACK,
    }
)
PAYING: Final = (Reason.PAID, Reason.CARD_IN_HAND)
STEPS: Mapping[BatchState, tuple[str, ...]] = MappingProxyType(
    {
        BatchState.OPEN: ("built",),
        BatchState.FROZEN: ("built", "frozen"),
        BatchState.APPROVED: ("built", "frozen", "approved"),
        BatchState.EXPORTED: ("built", "frozen", "approved", "exported"),
        BatchState.SETTLED: ("built", "frozen", "approved", "exported", "settled"),
        BatchState.PARTLY_SETTLED: ("built", "frozen", "approved", "exported", "settled"),
        BatchState.CLOSED: ("built", "frozen", "approved", "exported", "settled"),
        BatchState.CANCELLED: ("built",),
    }
)
"""What must have been done to a batch in that state, by somebody."""


@dataclass(frozen=True, slots=True)
class RewardHeld:
    """A reward as the database has it.

    ``decided``: the record knows the decision that it stands on.
    """

    id: str
    amount_fen: int
    decision_id: str


@dataclass(frozen=True, slots=True)
class ShareHeld:
    """A share as the database has it."""

    id: str
    reward_id: str
    position: int
    amount_fen: int
    state: ShareState
    batch_id: str | None


@dataclass(frozen=True, slots=True)
class BatchHeld:
    """A batch as the database has it. ``done_by``: step (built, frozen, …) -> who did it."""

    id: str
    state: BatchState
    line_count: int | None
    total_fen: int | None
    done_by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LineHeld:
    """A line of a batch as the database has it, with its shares and what each was taken in with.

    ``paid`` is None until the bank has answered.
    """

    batch_id: str
    amount_fen: int
    paid: bool | None
    shares: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Books:
    """All that the database says of money."""

    transfers: tuple[Transfer, ...]
    rewards: tuple[RewardHeld, ...]
    shares: tuple[ShareHeld, ...]
    batches: tuple[BatchHeld, ...]
    lines: tuple[LineHeld, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What the audit log says of money. ``batch_steps``: (batch, step, who)."""

    transfers: Mapping[str, Transfer]
    awarded: Mapping[str, tuple[int, ...]]
    decisions: frozenset[str]
    collected: frozenset[str]
    forfeited: frozenset[str]
    reinstated: frozenset[str]
    clawed_back: frozenset[str]
    batch_steps: frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit.

    ``what`` it is about (``share/<id>``), ``code``, and the figures.
    """

    what: str
    code: str
    found: str = ""


CODES: Mapping[str, str] = MappingProxyType(
    {
        "TRANSFER_NOT_ON_RECORD": "money moved that nobody is on record for",
        "TRANSFER_CHANGED": "the transfer is not what the record says",
        "TRANSFER_GONE": "a transfer that is on record stands no longer in the ledger",
        "REWARD_NOT_ON_RECORD": "a reward that nobody is on record for awarding",
        "REWARD_CHANGED": "reward and shares are not the amounts that were awarded",
        "SHARE_STATE_NOT_ON_RECORD": "the share is in a state that nobody is on record for",
        "SHARE_OWED_WRONG": "what is owed does not fit the share's state",
        "SHARE_PAID_WRONG": "what was paid does not fit the share's state",
        "BATCH_STEP_NOT_ON_RECORD": "a step of the batch that nobody is on record for",
        "BATCH_TOTAL_WRONG": "count or total of the batch are not those of its lines",
        "BATCH_LINE_WRONG": "a line of the batch does not fit its share",
        "BATCH_HOLDS_WRONG": "what lies in the batch is not what its shares say",
    }
)
"""Every fault that there is, in words."""


def faults(books: Books, record: Record) -> tuple[Fault, ...]:
    """Everything that does not fit, transfers first."""
    held = balances(books.transfers)
    return (
        *_transfers(books, record),
        *_rewards(books, record),
        *_shares(books, record, held),
        *_batches(books, record, held),
    )


def _transfers(books: Books, record: Record) -> Iterator[Fault]:
    posted = {transfer.id: transfer for transfer in books.transfers}
    for transfer in books.transfers:
        told = record.transfers.get(transfer.id)
        if told is None:
            yield Fault(
                f"transfer/{transfer.id}", "TRANSFER_NOT_ON_RECORD", f"{transfer.amount_fen} fen"
            )
        elif told != transfer:
            yield Fault(
                f"transfer/{transfer.id}",
                "TRANSFER_CHANGED",
                f"{told.amount_fen} -> {transfer.amount_fen} fen",
            )
    for gone in record.transfers.keys() - posted.keys():
        yield Fault(f"transfer/{gone}", "TRANSFER_GONE", f"{record.transfers[gone].amount_fen} fen")


def _rewards(books: Books, record: Record) -> Iterator[Fault]:
    for reward in books.rewards:
        parts = sorted(
            (share for share in books.shares if share.reward_id == reward.id),
            key=lambda s: s.position,
        )
        amounts = tuple(share.amount_fen for share in parts)
        if reward.id not in record.awarded or reward.decision_id not in record.decisions:
            yield Fault(f"reward/{reward.id}", "REWARD_NOT_ON_RECORD", f"{reward.amount_fen} fen")
        elif amounts != record.awarded[reward.id] or sum(amounts) != reward.amount_fen:
            yield Fault(
                f"reward/{reward.id}",
                "REWARD_CHANGED",
                f"{record.awarded[reward.id]} -> {amounts} fen",
            )


def _shares(books: Books, record: Record, held: Mapping[str, int]) -> Iterator[Fault]:
    paid = Counter(transfer.share_id for transfer in books.transfers if transfer.reason in PAYING)
    for share in books.shares:
        what = f"share/{share.id}"
        if not _state_on_record(share, record):
            yield Fault(what, "SHARE_STATE_NOT_ON_RECORD", share.state)
        owed, due = -held.get(payable(share.id), 0), share.amount_fen if share.state in OWED else 0
        if owed != due:
            yield Fault(what, "SHARE_OWED_WRONG", f"{share.state}: {owed} of {due} fen owed")
        if paid[share.id] != _payments(share) or held.get(recoverable(share.id), 0) != _recoverable(
            share
        ):
            yield Fault(what, "SHARE_PAID_WRONG", f"{share.state}: paid {paid[share.id]} times")


def _state_on_record(share: ShareHeld, record: Record) -> bool:
    """Whether somebody is on record for bringing the share where it is.

    What is not listed moves no money.
    """
    needed: dict[ShareState, bool] = {
        **dict.fromkeys(COLLECTED, share.reward_id in record.collected),
        ShareState.FORFEITED: share.id in record.forfeited,
        ShareState.REINSTATED: share.id in record.reinstated,
    }
    clawed_back = share.state is not ShareState.CLAWED_BACK or share.id in record.clawed_back
    return needed.get(share.state, True) and clawed_back


def _payments(share: ShareHeld) -> int:
    """How often a share in that state has been paid.

    Once or not at all; a share of nothing never.
    """
    was_paid = share.state in (ShareState.PAID, ShareState.PAID_IN_HAND, ShareState.CLAWED_BACK)
    return int(was_paid and share.amount_fen > 0)


def _recoverable(share: ShareHeld) -> int:
    return share.amount_fen if share.state is ShareState.CLAWED_BACK else 0


def _batches(books: Books, record: Record, held: Mapping[str, int]) -> Iterator[Fault]:
    shares = {share.id: share for share in books.shares}
    for batch in books.batches:
        what = f"batch/{batch.id}"
        lines = [line for line in books.lines if line.batch_id == batch.id]
        for step in sorted({*STEPS[batch.state], *batch.done_by}):
            if (batch.id, step, batch.done_by.get(step, "")) not in record.batch_steps:
                yield Fault(what, "BATCH_STEP_NOT_ON_RECORD", step)
        total = sum(line.amount_fen for line in lines)
        if batch.line_count is not None and (batch.line_count, batch.total_fen) != (
            len(lines),
            total,
        ):
            yield Fault(
                what,
                "BATCH_TOTAL_WRONG",
                f"{batch.line_count} lines, {batch.total_fen} fen -> {total} fen",
            )
        yield from _lines(lines, shares, what)
        inside = sum(
            s.amount_fen
            for s in books.shares
            if s.batch_id == batch.id and s.state is ShareState.IN_BATCH
        )
        if -held.get(in_payout(batch.id), 0) != inside:
            yield Fault(
                what, "BATCH_HOLDS_WRONG", f"{-held.get(in_payout(batch.id), 0)} of {inside} fen"
            )


def _lines(
    lines: Sequence[LineHeld], shares: Mapping[str, ShareHeld], what: str
) -> Iterator[Fault]:
    for line in lines:
        if sum(amount for _, amount in line.shares) != line.amount_fen:
            yield Fault(what, "BATCH_LINE_WRONG", f"{line.amount_fen} fen")
        for share_id, amount in line.shares:
            share = shares.get(share_id)
            if share is None or not _fits(line, share, amount):
                yield Fault(what, "BATCH_LINE_WRONG", f"share/{share_id}, {amount} fen")


def _fits(line: LineHeld, share: ShareHeld, amount_fen: int) -> bool:
    still_there = not line.paid or share.batch_id == line.batch_id
    return amount_fen == share.amount_fen and still_there
