"""Decisions: operations' answer to one report, and what the findings recommend."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from scheme.finding import Finding, Outcome


class Verdict(StrEnum):
    """Operations' answer to one report (认定)."""

    SUBSTANTIATED = "substantiated"
    UNSUBSTANTIATED = "unsubstantiated"
    ASSISTED = "assisted"


class Recommendation(StrEnum):
    """What the findings alone suggest.

    The officer decides; the violation itself is always theirs to see.
    """

    CLEAN = "clean"
    LOOK = "look"
    DOUBTFUL = "doubtful"


REASONS: Mapping[str, tuple[Verdict, ...]] = MappingProxyType(
    {
        "VIOLATION_SEEN": (Verdict.SUBSTANTIATED,),
        "VIOLATION_NOT_SEEN": (Verdict.UNSUBSTANTIATED,),
        "NO_VIOLATION": (Verdict.UNSUBSTANTIATED,),
        "BUS_NOT_IDENTIFIED": (Verdict.UNSUBSTANTIATED,),
        "TIME_NOT_PROVEN": (Verdict.UNSUBSTANTIATED,),
        "PROCESS_NOT_WHOLE": (Verdict.UNSUBSTANTIATED,),
        "EVIDENCE_ALTERED": (Verdict.UNSUBSTANTIATED,),
        "EVIDENCE_REPLAYED": (Verdict.UNSUBSTANTIATED,),
        "BEFORE_SCHEME": (Verdict.UNSUBSTANTIATED,),
        "REPORTER_DID_NOT_ANSWER": (Verdict.UNSUBSTANTIATED,),
        "NOT_OUR_FLEET": (Verdict.ASSISTED, Verdict.UNSUBSTANTIATED),
        "OTHER_AUTHORITY": (Verdict.ASSISTED,),
    }
)
"""Reason code -> the verdicts it can stand for. Texts: ``reason.<CODE>`` in the catalogue."""


class UnknownReason(Exception):
    """A decision whose reason codes are missing, unknown, or not of its verdict."""


def require_reasons(verdict: Verdict, codes: Sequence[str]) -> None:
    """Raise UnknownReason unless there are codes and each can stand for the verdict (R18)."""
    if not codes or any(verdict not in REASONS.get(code, ()) for code in codes):
        raise UnknownReason(f"{verdict}: {', '.join(codes) or 'no reason'}")


BESIDE_THE_PROOF = frozenset({"VIOLATION_TO_CONFIRM", "LATE"})
"""Findings that say nothing about the proof: the violation is the officer's to see, lateness
touches the reward.
"""


def recommend(findings: Sequence[Finding]) -> Recommendation:
    """Doubtful when a check failed, look when one asks for an eye elsewhere, else clean."""
    outcomes = {finding.outcome for finding in findings if finding.code not in BESIDE_THE_PROOF}
    if Outcome.FAIL in outcomes:
        return Recommendation.DOUBTFUL
    return Recommendation.LOOK if Outcome.REVIEW in outcomes else Recommendation.CLEAN
