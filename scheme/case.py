"""States and the moves between them.

The tables are the state machines: everything not in them raises.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class ForbiddenMove(Exception):
    """A move that the table does not know: ``thing`` cannot go from ``source`` to ``target``."""

    def __init__(self, thing: str, source: str, target: str) -> None:
        super().__init__(f"{thing}: {source} -> {target}")
        self.thing, self.source, self.target = thing, source, target


class NoSuchReport(Exception):
    """No report has this id or number."""


class StaleVersion(Exception):
    """The row changed since it was looked at: ``report_id`` now has ``row_version``."""

    def __init__(self, report_id: str, row_version: int) -> None:
        super().__init__(f"report {report_id} is at version {row_version}")
        self.report_id, self.row_version = report_id, row_version


class CaseNotFound(Exception):
    """No case of that id."""


class ReportState(StrEnum):
    """The life of a report."""

    DRAFT = "draft"
    EXPIRED = "expired"
    RECEIVED = "received"
    VERIFIED = "verified"
    AWAITING_REPORTER = "awaiting_reporter"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"
    ANSWERED = "answered"


class ShareState(StrEnum):
    """The life of one reporter's part of a reward."""

    AWARDED = "awarded"
    NOTIFIED = "notified"
    COLLECTED = "collected"
    IN_BATCH = "in_batch"
    PAID = "paid"
    PAID_IN_HAND = "paid_in_hand"
    FORFEITED = "forfeited"
    REINSTATED = "reinstated"
    CANCELLED = "cancelled"
    CLAWED_BACK = "clawed_back"


class BatchState(StrEnum):
    """The life of a payout batch."""

    OPEN = "open"
    FROZEN = "frozen"
    APPROVED = "approved"
    EXPORTED = "exported"
    SETTLED = "settled"
    PARTLY_SETTLED = "partly_settled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


Moves: TypeAlias = Mapping[StrEnum, frozenset[StrEnum]]


def _moves(table: dict[StrEnum, set[StrEnum]]) -> Moves:
    return MappingProxyType({source: frozenset(targets) for source, targets in table.items()})


ON_THE_DESK = (ReportState.VERIFIED, ReportState.AWAITING_REPORTER)
"""Read and checked: an officer may correct and decide it; a reporter who is asked and stays silent
stops nobody.
"""

UNDECIDED = (ReportState.RECEIVED, *ON_THE_DESK)
"""In line, and without a decision."""

DECIDED = (ReportState.DECIDED, ReportState.ANSWERED)
"""With a decision in force, told already or not."""

OWED = (ShareState.AWARDED, ShareState.NOTIFIED, ShareState.COLLECTED, ShareState.REINSTATED)
"""Still to be paid, and in no batch: it can be paid in hand or cancelled."""

PAID = (ShareState.PAID, ShareState.PAID_IN_HAND)
"""Its reporter has it."""

OUT_OF_HAND = (*PAID, ShareState.IN_BATCH)
"""Paid, or about to be: nothing that a decision alone takes back."""

REPORT_MOVES: Moves = _moves(
    {
        ReportState.DRAFT: {ReportState.RECEIVED, ReportState.EXPIRED},
        ReportState.RECEIVED: {ReportState.VERIFIED, ReportState.WITHDRAWN},
        ReportState.VERIFIED: {
            ReportState.RECEIVED,  # a new file or a new reader version
            ReportState.AWAITING_REPORTER,
            ReportState.WITHDRAWN,
            ReportState.DECIDED,
        },
        ReportState.AWAITING_REPORTER: {
            ReportState.VERIFIED,
            ReportState.RECEIVED,
            ReportState.WITHDRAWN,
        },
        ReportState.DECIDED: {
            ReportState.ANSWERED,
            ReportState.VERIFIED,
        },  # back: undo within seconds
        ReportState.ANSWERED: {ReportState.DECIDED},  # a superseding decision
    }
)

SHARE_MOVES: Moves = _moves(
    {
        ShareState.AWARDED: {ShareState.NOTIFIED, ShareState.PAID_IN_HAND, ShareState.CANCELLED},
        ShareState.NOTIFIED: {
            ShareState.COLLECTED,
            ShareState.PAID_IN_HAND,
            ShareState.FORFEITED,
            ShareState.CANCELLED,
        },
        ShareState.COLLECTED: {ShareState.IN_BATCH, ShareState.PAID_IN_HAND, ShareState.CANCELLED},
        ShareState.IN_BATCH: {ShareState.PAID, ShareState.COLLECTED},
        ShareState.FORFEITED: {ShareState.REINSTATED},
        ShareState.REINSTATED: {
            ShareState.COLLECTED,
            ShareState.PAID_IN_HAND,
            ShareState.CANCELLED,
        },
        ShareState.PAID: {ShareState.CLAWED_BACK},
        ShareState.PAID_IN_HAND: {ShareState.CLAWED_BACK},
    }
)

BATCH_MOVES: Moves = _moves(
    {
        BatchState.OPEN: {BatchState.FROZEN, BatchState.CANCELLED},
        BatchState.FROZEN: {BatchState.APPROVED, BatchState.CANCELLED},
        BatchState.APPROVED: {BatchState.EXPORTED},
        BatchState.EXPORTED: {BatchState.SETTLED, BatchState.PARTLY_SETTLED},
        BatchState.SETTLED: {BatchState.CLOSED},
        BatchState.PARTLY_SETTLED: {BatchState.CLOSED},
    }
)


def require_move(thing: str, moves: Moves, source: StrEnum, target: StrEnum) -> None:
    """Raise ForbiddenMove unless the table knows the move ``source`` -> ``target``."""
    if target not in moves.get(source, frozenset()):
        raise ForbiddenMove(thing, source, target)


def sources_of(moves: Moves, target: StrEnum) -> frozenset[StrEnum]:
    """Every state from which the table allows a move to ``target``.

    The WHERE of a conditional update.
    """
    return frozenset(source for source, targets in moves.items() if target in targets)
