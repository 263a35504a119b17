"""R5: which of the vehicles in view is reported, and why? The choice is always shown."""

from collections.abc import Iterator

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Scope, Sight
from scheme.policy import Policy
from verifiers.dossiers.choosing import OF_A_BUS, Choice, InView, Reason, choose
from verifiers.dossiers.seen import Demand, demand

NAMED = 5
"""Other plates named in one finding: a busy crossing has dozens."""

MUCH_MORE = 2
"""Another vehicle with so many marks of a bus beside a claimed one with none is a question."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One finding: the vehicle chosen, or that it can't be told; none where no plate is in view."""
    choice = choose(dossier, policy)
    if choice is None:
        return
    claim = dossier.report.claim
    by_badge = claim.plate is None and demand(dossier, policy, Sight.PLATE) is not Demand.MUST
    if not choice.clear:
        yield _answer(
            "VEHICLE_UNCLEAR", Outcome.NOT_APPLICABLE if by_badge else Outcome.REVIEW, choice
        )
        return
    passes = choice.first.sure and bool(choice.first.reasons & OF_A_BUS)
    if claim.plate is not None:
        passes = Reason.CLAIMED in choice.first.reasons and not _contested(choice)
    outcome = Outcome.PASS if passes else Outcome.NOT_APPLICABLE if by_badge else Outcome.REVIEW
    yield _answer("VEHICLE_CHOSEN", outcome, choice)


def _contested(choice: Choice) -> bool:
    """The claimed plate stands on nothing like a bus, and another one does."""
    return not choice.first.reasons & OF_A_BUS and any(
        len(other.reasons & OF_A_BUS) >= MUCH_MORE for other in choice.others
    )


def _answer(code: str, outcome: Outcome, choice: Choice) -> Finding:
    first = choice.first
    others = choice.others if code == "VEHICLE_CHOSEN" else (first, *choice.others)
    details = {
        "plate": _name(first) if code == "VEHICLE_CHOSEN" else "",
        "reasons": " ".join(reason for reason in Reason if reason in first.reasons),
        "others": " ".join(dict.fromkeys(_name(other) for other in others[:NAMED])),
    }
    return Finding(
        check="vehicle",
        code=code,
        outcome=outcome,
        scope=Scope.REPORT,
        confidence=0.9 if outcome is Outcome.PASS else 0.5,
        proof=first.proof,
        details={key: value for key, value in details.items() if value},
    )


def _name(one: InView) -> str:
    """Its plate; a question mark after it where it is not sure, alone where it can't be read."""
    return (one.number or "") + ("" if one.sure else "?")
