"""R5: where was it? The place in a file's own data against the claimed one.

A stated place alone is known, not proven.

Distances are great circles in metres; the tolerance is the policy's.
"""

from collections.abc import Iterator, Sequence

from scheme.distance import metres_between
from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import Place
from scheme.report import Evidence
from verifiers.dossiers.answers import details_of
from verifiers.dossiers.seen import Demand, demand, files_read

STATED = 0.6
"""How sure a place is that only the reporter, or only the file, names."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One finding for each file whose place can be compared; else one for the whole report."""
    claim = dossier.report.claim
    placed = list(_placed(dossier))
    if claim.latitude is not None and claim.longitude is not None and placed:
        for evidence, place in placed:
            yield _compared(evidence, place, (claim.latitude, claim.longitude), policy)
    elif claim.place or claim.latitude is not None or placed:
        yield _known(claim.place or "", placed)
    elif demand(dossier, policy, Sight.PLACE) is Demand.NOT:
        yield Finding(
            "place", "NOT_NEEDED", Outcome.NOT_APPLICABLE, Scope.REPORT, sight=Sight.PLACE
        )
    else:
        yield Finding("place", "PLACE_MISSING", Outcome.REVIEW, Scope.REPORT, sight=Sight.PLACE)


def _placed(dossier: Dossier) -> Iterator[tuple[Evidence, Place]]:
    """Each file that says where it was taken, and where."""
    for evidence, readings in files_read(dossier):
        if readings.facts is not None and readings.facts.place is not None:
            yield evidence, readings.facts.place


def _known(claimed: str, placed: Sequence[tuple[Evidence, Place]]) -> Finding:
    """Somebody names a place, and nothing can be held against it."""
    proof, read = None, ""
    if placed:
        evidence, place = placed[0]
        proof, read = Proof(evidence.sha256), _degrees(place)
    return Finding(
        check="place",
        code="PLACE_KNOWN",
        outcome=Outcome.PASS,
        scope=Scope.REPORT,
        confidence=STATED,
        sight=Sight.PLACE,
        proof=proof,
        details=details_of(claimed=claimed, read=read),
    )


def _compared(
    evidence: Evidence, place: Place, claimed: tuple[float, float], policy: Policy
) -> Finding:
    metres = metres_between(place.latitude, place.longitude, *claimed)
    code, outcome = "PLACE_MISMATCH", Outcome.REVIEW
    if metres <= policy.substance.place_tolerance_metres:
        code, outcome = "PLACE_CONFIRMED", Outcome.PASS
    return Finding(
        check="place",
        code=code,
        outcome=outcome,
        scope=Scope.EVIDENCE,
        confidence=0.9,
        sight=Sight.PLACE,
        proof=Proof(evidence.sha256),
        details={"metres": str(round(metres)), "read": _degrees(place), "source": place.source},
    )


def _degrees(place: Place) -> str:
    return f"{place.latitude:.5f}, {place.longitude:.5f}"
