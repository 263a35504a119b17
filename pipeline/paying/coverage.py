"""Whether the fund covers what is owed: asked before money leaves it, and told on the pages."""

from pipeline.runtime import Work
from pipeline.store import fund
from rewards import cover
from rewards.cover import Reach
from scheme.money import Fen

__all__ = ["Reach", "lacking", "reach"]


def reach(work: Work) -> Reach:
    """How far the fund reaches now."""
    return fund.read(work.connection)


def lacking(reach: Reach, total_fen: Fen) -> Fen:
    """How much the fund lacks for a batch of that total, which nobody has approved yet."""
    return cover.lacking(reach.for_approval, total_fen)
