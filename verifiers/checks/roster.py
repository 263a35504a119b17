"""R2: is it one of the group's own buses that day? Plate, or line and badge, by the roster.

Not in it is a question for a person, never a silent pass and never a refusal.
"""

from collections.abc import Iterator

from scheme.dossier import Dossier, Roster
from scheme.finding import Finding, Outcome, Scope
from scheme.policy import Policy
from scheme.reading import PlateNumber
from scheme.report import Claim
from verifiers.dossiers.answers import details_of

NEAR_NAMED = 3
"""Roster plates one sign away that are named to the officer."""


# Every check is called alike
def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:  # noqa: ARG001
    """One finding about the claimed vehicle."""
    claim, roster = dossier.report.claim, dossier.roster
    if claim.plate is None and claim.badge is None:
        yield Finding("roster", "MISSING_IDENTIFIER", Outcome.FAIL, Scope.REPORT)
    elif roster is None or not (roster.vehicles or roster.badges):
        yield Finding("roster", "ROSTER_MISSING", Outcome.REVIEW, Scope.REPORT)
    elif claim.plate is not None:
        yield _by_plate(claim.plate, claim, roster)
    else:
        yield _by_badge(claim.badge or "", claim, roster)


def _by_plate(plate: PlateNumber, claim: Claim, roster: Roster) -> Finding:
    vehicle = roster.vehicles.get(plate)
    if vehicle is None:
        near = [known for known in sorted(roster.vehicles) if _one_sign_apart(known, plate)]
        return _answer(
            "UNKNOWN_VEHICLE", Outcome.REVIEW, plate=plate, near=" ".join(near[:NEAR_NAMED])
        )
    known = {
        "plate": plate,
        "unit": vehicle.unit,
        "roster_routes": " ".join(sorted(vehicle.routes)),
    }
    if claim.route is not None and claim.route not in vehicle.routes:
        return _answer("ROUTE_MISMATCH", Outcome.REVIEW, claimed=claim.route, **known)
    if claim.badge is not None and claim.badge in roster.badges:
        known["badge"] = claim.badge
    return _answer("VEHICLE_KNOWN", Outcome.PASS, **known)


def _by_badge(badge: str, claim: Claim, roster: Roster) -> Finding:
    routes = roster.badges.get(badge)
    if routes is None or claim.route is None:
        return _answer("UNKNOWN_VEHICLE", Outcome.REVIEW, badge=badge, claimed=claim.route or "")
    known = {"badge": badge, "roster_routes": " ".join(sorted(routes))}
    if claim.route not in routes:
        return _answer("ROUTE_MISMATCH", Outcome.REVIEW, claimed=claim.route, **known)
    return _answer("VEHICLE_KNOWN", Outcome.PASS, **known)


def _one_sign_apart(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _answer(code: str, outcome: Outcome, **details: str) -> Finding:
    return Finding(
        check="roster",
        code=code,
        outcome=outcome,
        scope=Scope.REPORT,
        details=details_of(**details),
    )
