"""States and the moves between them, and when two reports may be one incident (R14).

The tables are the state machines: everything not in them raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from typing import TypeAlias


class ForbiddenMove(Exception):
    """A move that the table does not know: ``thing`` cannot go from ``source`` to ``target``."""

    def __init__(self, thing: str, source: str, target: str) -> None:
        super().__init__(f"{thing}: {source} -> {target}")
        self.thing, self.source, self.target = thing, source, target


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
"""Read and checked: an officer may correct and decide it; a reporter who is asked and stays silent stops nobody."""

UNDECIDED = (ReportState.RECEIVED, *ON_THE_DESK)
"""In line, and without a decision."""

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
        ReportState.AWAITING_REPORTER: {ReportState.VERIFIED, ReportState.RECEIVED, ReportState.WITHDRAWN},
        ReportState.DECIDED: {ReportState.ANSWERED, ReportState.VERIFIED},  # back: undo within seconds
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
        ShareState.REINSTATED: {ShareState.COLLECTED, ShareState.PAID_IN_HAND, ShareState.CANCELLED},
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
    """Every state from which the table allows a move to ``target``: the WHERE of a conditional update."""
    return frozenset(source for source, targets in moves.items() if target in targets)


@dataclass(frozen=True, slots=True)
class Incident:
    """What decides whether two reports can be about one incident (R14). ``at`` is the accepted violation time."""

    category: str
    at: datetime
    plate: str | None
    route: str | None
    badge: str | None
    latitude: float | None = None
    longitude: float | None = None


def may_be_same_incident(one: Incident, other: Incident, *, minutes: int, metres: int) -> bool:
    """Whether R14 makes the two a question for the officer: never an answer, and not transitive.

    Same category, times within ``minutes``, places within ``metres`` where both are known, and the same vehicle or
    the same route and badge.
    """
    same_vehicle = one.plate is not None and one.plate == other.plate
    same_driver = one.badge is not None and one.badge == other.badge and one.route == other.route
    return (
        one.category == other.category
        and (same_vehicle or same_driver)
        and abs(one.at - other.at) <= timedelta(minutes=minutes)
        and _near(one, other, metres)
    )


def _near(one: Incident, other: Incident, metres: int) -> bool:
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return True
    return metres_between(one.latitude, one.longitude, other.latitude, other.longitude) <= metres


def metres_between(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance in metres between two points in degrees (haversine, mean earth radius)."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half_chord = (
        sin((other_phi - phi) / 2) ** 2 + cos(phi) * cos(other_phi) * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * 6_371_000 * asin(min(1.0, sqrt(half_chord)))
