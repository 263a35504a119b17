"""How checks put what they found into a finding: one way for all of them."""

from typing import Protocol

from scheme.finding import Outcome, Proof, Scope
from scheme.reading import Box
from scheme.report import Evidence
from verifiers.dossiers.seen import Demand

NOTHING_FOUND = 0.7
"""How sure a check is that finds nothing where something could be: by rule, not measured."""


class InPicture(Protocol):
    """Something that stands in a picture or a frame of a recording."""

    @property
    def frame_ms(self) -> int | None:
        """When in the recording, milliseconds; None in a photo."""

    @property
    def box(self) -> Box | None:
        """Where in it, in shares of width and height."""


def proof_of(evidence: Evidence | None, shown: InPicture | None) -> Proof | None:
    """Where it can be seen; None where there is nothing to see."""
    if evidence is None or shown is None:
        return None
    return Proof(evidence.sha256, shown.frame_ms, shown.box)


def details_of(**details: str) -> dict[str, str]:
    """The details that say something."""
    return {name: value for name, value in details.items() if value}


def scope_of(outcome: Outcome) -> Scope:
    """A sight is proven by one file; what there was instead, all files say together."""
    if outcome is Outcome.PASS:
        return Scope.EVIDENCE
    return Scope.REPORT


def where_unclaimed(asked: Demand) -> Outcome:
    """What nobody claims is a question only where the category must have it."""
    if asked is Demand.MUST:
        return Outcome.REVIEW
    return Outcome.NOT_APPLICABLE


def where_absent(*, surely: bool) -> Outcome:
    """Not found fails only where it would have been found."""
    if surely:
        return Outcome.FAIL
    return Outcome.REVIEW


def asks_where(asks: bool) -> Outcome:  # noqa: FBT001 - the one thing that is asked
    """A question to the officer, or none."""
    if asks:
        return Outcome.REVIEW
    return Outcome.PASS


def yes_or_no(said: bool) -> str:  # noqa: FBT001 - the one thing that is said
    """The word that stands for it among a finding's details."""
    if said:
        return "yes"
    return "no"
