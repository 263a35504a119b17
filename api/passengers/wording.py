"""What the passengers' pages say alike: amounts, codes, ways to be told, what is asked for."""

from collections.abc import Sequence

from api.texts import Texts
from pipeline.answering.reaching import Way
from pipeline.receiving.file_inputs import accepted_endings
from scheme.finding import Sight
from scheme.policy import Category, Policy
from scheme.reading import MediaKind


def amount_text(policy: Policy) -> str:
    """The reward in yuan, without fen where there are none."""
    fen = policy.substance.amount_fen
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def told_by_text(texts: Texts, ways: Sequence[Way]) -> str:
    """How somebody will be told, in one sentence.

    Nobody is promised a message that nothing sends.
    """
    return texts.t(f"told_by.{'_'.join(ways)}")


def badge_asked(category: Category) -> bool:
    """Whether the driver's badge can serve in this category."""
    return any(Sight.BADGE in needed.sights() for needed in category.sights.values())


def accepted_names(category: Category) -> str:
    """The name endings that a file input for this category offers."""
    return accepted_endings(kind for kind in MediaKind if category.admits(kind))
