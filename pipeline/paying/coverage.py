"""Whether the fund covers what is owed: asked before money leaves it, and told on the pages."""

from pipeline.runtime import Work
from pipeline.store import fund
from rewards import cover
from rewards.cover import Reach
from scheme.case import BatchState
from scheme.money import Fen


def reach(work: Work) -> Reach:
    """How far the fund reaches now."""
    return fund.read(work.connection)


def lacking(reach: Reach, state: BatchState, total_fen: Fen) -> Fen:
    """How much the fund lacks for a batch of that total; nothing where it is approved already."""
    if state not in (BatchState.OPEN, BatchState.FROZEN):
        return Fen(0)
    return cover.lacking(reach.for_approval, total_fen)
