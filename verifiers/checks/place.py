"""R5: where was it? The place in a file's own data against the claimed one.

A stated place alone is known, not proven.

Distances are great circles in metres; the tolerance is the policy's.
"""

from collections.abc import Iterator

from scheme.distance import metres_between
from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import Place
from scheme.report import Evidence
from verifiers.dossiers.seen import Demand, demand, files_read

STATED = 0.6
"""How sure a place is that only the reporter, or only the file, names."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One finding for each file whose place can be compared; else one for the whole report."""
    claim = dossier.report.claim
    placed = [
        (evidence, readings.facts.place)
        for evidence, readings in files_read(dossier)
        if readings.facts is not None and readings.facts.place is not None
    ]
    if claim.latitude is not None and claim.longitude is not None and placed:
        for evidence, place in placed:
            yield _compared(evidence, place, (claim.latitude, claim.longitude), policy)
    elif claim.place or claim.latitude is not None or placed:
        details = {"claimed": claim.place or ""}
        evidence_place = placed[0] if placed else None
        if evidence_place:
            details["read"] = _degrees(evidence_place[1])
        yield Finding(
            check="place",
            code="PLACE_KNOWN",
            outcome=Outcome.PASS,
            scope=Scope.REPORT,
            confidence=STATED,
            sight=Sight.PLACE,
            proof=Proof(evidence_place[0].sha256) if evidence_place else None,
            details={key: value for key, value in details.items() if value},
        )
    else:
        asked = demand(dossier, policy, Sight.PLACE)
        outcome = Outcome.NOT_APPLICABLE if asked is Demand.NOT else Outcome.REVIEW
        code = "NOT_NEEDED" if asked is Demand.NOT else "PLACE_MISSING"
        yield Finding("place", code, outcome, Scope.REPORT, sight=Sight.PLACE)


def _compared(
    evidence: Evidence, place: Place, claimed: tuple[float, float], policy: Policy
) -> Finding:
    metres = metres_between(place.latitude, place.longitude, *claimed)
    near = metres <= policy.substance.place_tolerance_metres
    return Finding(
        check="place",
        code="PLACE_CONFIRMED" if near else "PLACE_MISMATCH",
        outcome=Outcome.PASS if near else Outcome.REVIEW,
        scope=Scope.EVIDENCE,
        confidence=0.9,
        sight=Sight.PLACE,
        proof=Proof(evidence.sha256),
        details={"metres": str(round(metres)), "read": _degrees(place), "source": place.source},
    )


def _degrees(place: Place) -> str:
    return f"{place.latitude:.5f}, {place.longitude:.5f}"
