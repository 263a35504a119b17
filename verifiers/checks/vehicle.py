"""R5: which of the vehicles in view is reported, and why? The choice is always shown."""

from collections.abc import Iterator

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Scope, Sight
from scheme.policy import Policy
from scheme.report import Claim
from verifiers.dossiers.answers import details_of
from verifiers.dossiers.choosing import OF_A_BUS, Choice, InView, Reason, choose
from verifiers.dossiers.seen import Demand, demand

NAMED = 5
"""Other plates named in one finding: a busy crossing has dozens."""

CHOSEN, OPEN = 0.9, 0.5
"""How sure the choice is where it is clear, and where the officer is asked: by rule, not measured.
"""

MUCH_MORE = 2
"""Another vehicle with so many marks of a bus beside a claimed one with none is a question."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One finding: the vehicle chosen, or that it can't be told; none where no plate is in view."""
    choice = choose(dossier, policy)
    if choice is None:
        return
    claim = dossier.report.claim
    by_badge = claim.plate is None and demand(dossier, policy, Sight.PLATE) is not Demand.MUST
    open_ = Outcome.REVIEW
    if by_badge:
        open_ = Outcome.NOT_APPLICABLE
    if not choice.clear:
        yield _answer("VEHICLE_UNCLEAR", open_, choice)
    elif _passes(choice, claim):
        yield _answer("VEHICLE_CHOSEN", Outcome.PASS, choice)
    else:
        yield _answer("VEHICLE_CHOSEN", open_, choice)


def _passes(choice: Choice, claim: Claim) -> bool:
    """The claimed plate stands on what is clearly chosen; without one, a sure plate on a bus."""
    if claim.plate is not None:
        return Reason.CLAIMED in choice.first.reasons and not _contested(choice)
    return choice.first.sure and bool(choice.first.reasons & OF_A_BUS)


def _contested(choice: Choice) -> bool:
    """The claimed plate stands on nothing like a bus, and another one does."""
    return not choice.first.reasons & OF_A_BUS and any(
        len(other.reasons & OF_A_BUS) >= MUCH_MORE for other in choice.others
    )


def _answer(code: str, outcome: Outcome, choice: Choice) -> Finding:
    first, confidence = choice.first, OPEN
    if outcome is Outcome.PASS:
        confidence = CHOSEN
    plate, others = "", (first, *choice.others)
    if code == "VEHICLE_CHOSEN":
        plate, others = _name(first), choice.others
    reasons = (reason for reason in Reason if reason in first.reasons)
    names = dict.fromkeys(_name(other) for other in others[:NAMED])
    return Finding(
        check="vehicle",
        code=code,
        outcome=outcome,
        scope=Scope.REPORT,
        confidence=confidence,
        proof=first.proof,
        details=details_of(plate=plate, reasons=" ".join(reasons), others=" ".join(names)),
    )


def _name(vehicle: InView) -> str:
    """Its plate; a question mark after it where it is not sure, alone where it can't be read."""
    number = vehicle.number or ""
    if vehicle.sure:
        return number
    return f"{number}?"
