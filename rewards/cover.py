"""Whether the fund covers what is owed: said beforehand, and never in the way of a debt.

A decision is never held up for want of money, since the reward is owed. What takes money out of
the fund (a batch that is approved, cards that are bought) goes beyond it only by somebody who was
told how much is missing and says so.
"""

from dataclasses import dataclass
from enum import StrEnum

from scheme.case import ShareState
from scheme.money import Fen

COMING = frozenset({ShareState.AWARDED, ShareState.NOTIFIED, ShareState.REINSTATED})
"""States of a share that may still be collected."""


class Cover(StrEnum):
    """How far the fund reaches, best first."""

    COVERED = "covered"
    """For everything that is owed."""
    COMING_SHORT = "coming_short"
    """For what lies in batches or waits for one, but not for all that may still be collected."""
    DUE_SHORT = "due_short"
    """Not even for what lies in batches or was collected and waits for one."""
    OVERDRAWN = "overdrawn"
    """More was paid than was there."""


class FundShort(Exception):
    """The fund lacks ``short_fen`` for this, and nobody said that they know."""

    def __init__(self, short_fen: Fen) -> None:
        super().__init__(f"{short_fen} fen short")
        self.short_fen = short_fen


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the fund, in fen.

    ``in_batches`` lies in batches; ``leaving`` is the part of it that was approved, so that the
    bank pays it. ``due`` was collected and waits for a batch. ``coming`` may still be collected,
    by a batch or by a card out of the drawer.
    """

    leaving: Fen
    in_batches: Fen
    due: Fen
    coming: Fen


@dataclass(frozen=True, slots=True)
class Reach:
    """The fund over what is asked of it. ``card_stock`` pays where a card is handed over."""

    fund: Fen
    card_stock: Fen
    asked: Asked

    @property
    def free(self) -> int:
        """The fund less what lies in batches or waits for one; below zero where it lacks."""
        return self.fund - self.asked.in_batches - self.asked.due

    @property
    def for_approval(self) -> int:
        """The fund less what was approved before: what a further batch can be paid from."""
        return self.fund - self.asked.leaving

    @property
    def short(self) -> Fen:
        """How much has to be paid in before everything that is owed is covered."""
        return Fen(max(0, -self.free, self.asked.coming - self.free - self.card_stock))

    @property
    def cover(self) -> Cover:
        """How far it reaches."""
        if self.fund < 0:
            return Cover.OVERDRAWN
        if self.free < 0:
            return Cover.DUE_SHORT
        return Cover.COMING_SHORT if self.short else Cover.COVERED


def lacking(available_fen: int, amount_fen: Fen) -> Fen:
    """How much of ``amount_fen`` is not available."""
    return Fen(max(0, amount_fen - max(0, available_fen)))


def require_covered(available_fen: int, amount_fen: Fen, *, knowing: bool) -> Fen:
    """Whether ``amount_fen`` may leave the fund; how much of it is not there.

    ``knowing``: whoever does it was told how much is missing, and does it all the same. Raises
    FundShort.
    """
    short = lacking(available_fen, amount_fen)
    if short and not knowing:
        raise FundShort(short)
    return short
