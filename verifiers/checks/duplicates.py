"""R14 to R16: was it sent before? All but equal bytes and claims is for the officer to say.

One finding for each other report and kind of likeness. A question that the officer has answered no
longer asks; replayed evidence stays marked whatever was answered. Another person's report is named
to operations only.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from scheme.dossier import Dossier, Neighbour, SimilarMedia
from scheme.finding import Finding, Outcome, Proof, Scope
from scheme.policy import Policy
from verifiers.dossiers.answers import asks_where, yes_or_no

BITS = 256
"""Length of the fingerprints that ``SimilarMedia.distance`` counts in."""

_SURENESS: Mapping[str, float] = MappingProxyType({"SAME_MEDIA": 1.0, "REPLAYED_EVIDENCE": 1.0})
"""Confidence (0..1) of what equal bytes prove; of pictures it falls to 0 at a quarter of the bits
apart. By rule, not measured.
"""


# Every check is called alike
def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:  # noqa: ARG001
    """What is like this report, or that nothing is."""
    closest: dict[tuple[str, str], SimilarMedia] = {}
    for media in sorted(
        dossier.similar, key=lambda media: (-media.distance, media.sha256, media.frame_ms or 0)
    ):
        closest[_code(media), media.other_report_id] = media
    for (code, _), media in sorted(closest.items()):
        yield _about_media(code, media, dossier)
    alike = {media.other_report_id for media in closest.values()}
    beside = [other for other in dossier.neighbours if other.other_report_id not in alike]
    for neighbour in sorted(beside, key=lambda neighbour: neighbour.other_report_id):
        yield _about_neighbour(neighbour, dossier)
    if not closest and not beside:
        yield Finding("duplicates", "NO_DUPLICATE", Outcome.PASS, Scope.CASE)


def _code(media: SimilarMedia) -> str:
    if not media.byte_equal:
        return "SIMILAR_MEDIA"
    if media.same_claim:
        return "SAME_MEDIA"
    return "REPLAYED_EVIDENCE"


def _about_media(code: str, media: SimilarMedia, dossier: Dossier) -> Finding:
    answer = dossier.answered_candidates.get(media.other_report_id)
    asks = code == "REPLAYED_EVIDENCE" or answer is None
    details = {
        "other_report": media.other_report_id,
        "other_sha256": media.other_sha256,
        "distance": str(media.distance),
        "same_claim": yes_or_no(media.same_claim),
        "own_repeat": yes_or_no(media.own_repeat),
    }
    if media.other_frame_ms is not None:
        details["other_frame_ms"] = str(media.other_frame_ms)
    details |= _answered(answer)
    return Finding(
        check="duplicates",
        code=code,
        outcome=asks_where(asks),
        scope=Scope.CASE,
        confidence=_SURENESS.get(code, max(0.0, 1 - media.distance * 4 / BITS)),
        proof=Proof(media.sha256, media.frame_ms),
        details=details,
    )


def _about_neighbour(neighbour: Neighbour, dossier: Dossier) -> Finding:
    answer = dossier.answered_candidates.get(neighbour.other_report_id)
    details = {
        "other_report": neighbour.other_report_id,
        "seconds": str(neighbour.seconds_apart),
        "own_repeat": yes_or_no(neighbour.own_repeat),
    }
    if neighbour.why:
        details["why"] = " ".join(neighbour.why)
    if neighbour.metres_apart is not None:
        details["metres"] = str(neighbour.metres_apart)
    details |= _answered(answer)
    return Finding(
        check="duplicates",
        code="SAME_INCIDENT_CANDIDATE",
        outcome=asks_where(answer is None),
        scope=Scope.CASE,
        confidence=0.5,
        details=details,
    )


def _answered(same: bool | None) -> dict[str, str]:  # noqa: FBT001 - what the officer said
    match same:
        case None:
            return {}
        case True:
            return {"answered": "same"}
        case False:
            return {"answered": "different"}
