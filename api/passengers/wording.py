"""What the passengers' pages say alike: amounts, codes, ways to be told, what is asked for."""

from collections.abc import Sequence

from fastapi import Request

from api.auth import runtime_of
from api.texts import Texts
from pipeline.answering.reaching import Way
from pipeline.receiving.file_inputs import accepted_endings
from scheme.finding import Sight
from scheme.policy import Category, Policy
from scheme.reading import MediaKind


def policy_now(request: Request) -> Policy:
    """The policy in force at this instant."""
    runtime = runtime_of(request)
    return runtime.policies.procedure_at(runtime.now())


def amount_text(policy: Policy) -> str:
    """The reward in yuan, without fen where there are none."""
    fen = policy.substance.amount_fen
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def grouped_code(code: str) -> str:
    """Sixteen digits in groups of four, to be read and copied by people."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


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
