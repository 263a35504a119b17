"""States and the moves between them. The table is the state machine: everything not in it raises."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class ForbiddenMove(Exception):
    """A move that the table does not know: ``thing`` cannot go from ``source`` to ``target``."""

    def __init__(self, thing: str, source: str, target: str) -> None:
        super().__init__(f"{thing}: {source} -> {target}")
        self.thing, self.source, self.target = thing, source, target


class ReportState(StrEnum):
    DRAFT = "draft"
    EXPIRED = "expired"
    RECEIVED = "received"
    VERIFIED = "verified"
    AWAITING_REPORTER = "awaiting_reporter"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"
    ANSWERED = "answered"


class ShareState(StrEnum):
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
