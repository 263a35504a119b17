"""R5: is the claimed plate legible? All files of the report are looked through, every plate in view is weighed.

Passes only on a reading that was sure by itself, or that reaches the policy's floor uncut. The roster is not asked:
it can never turn an unreadable plate into a sure one.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import TypeAlias

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import PlateNumber, PlateSeen
from scheme.report import Evidence
from verifiers.checks.seen import Demand, all_read_well, demand, files_read

View: TypeAlias = tuple[Evidence, PlateSeen]

NAMED = 5
"""Other plates named in one finding: a busy crossing has dozens."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each file that shows the claimed plate; else one finding that says what there was instead."""
    views = [(evidence, plate) for evidence, readings in files_read(dossier) for plate in readings.plates]
    claimed = dossier.report.claim.plate
    if claimed is None:
        yield _unclaimed(views, demand(dossier, policy, Sight.PLATE), policy)
        return
    proven = {}
    for evidence, plate in sorted(views, key=lambda view: (view[1].certain, view[1].probability, view[1].height_px)):
        if plate.number == claimed and _sure(plate, policy):
            proven[evidence.sha256] = (evidence, plate)
    if proven:
        for view in proven.values():
            yield _answer("PLATE_SEEN", Outcome.PASS, _confidence(view[1]), view, read=claimed, claimed=claimed)
        return
    yield _not_proven(dossier, policy, claimed, views)


def _not_proven(dossier: Dossier, policy: Policy, claimed: PlateNumber, views: list[View]) -> Finding:
    likeness = [(_likeness(view[1], claimed), view) for view in views if not _sure(view[1], policy)]
    close = [(like, view) for like, view in likeness if like > 0]
    if close:
        like, view = max(close, key=itemgetter(0))
        return _answer("PLATE_UNSURE", Outcome.REVIEW, like, view, read=view[1].number, claimed=claimed)
    sure = [view for view in views if _sure(view[1], policy)]
    if sure:
        nearest = min(sure, key=lambda view: (signs_apart(view[1].number, claimed), -view[1].height_px))
        return _answer(
            "PLATE_OTHER", Outcome.REVIEW, _confidence(nearest[1]), nearest,
            read=_names(sure), claimed=claimed, signs_apart=str(signs_apart(nearest[1].number, claimed)),
        )  # fmt: skip
    if views:
        view = max(views, key=lambda view: view[1].probability)
        return _answer("PLATE_UNSURE", Outcome.REVIEW, 0.0, view, read=view[1].number, claimed=claimed)
    surely_absent = all_read_well(dossier) and demand(dossier, policy, Sight.PLATE) is Demand.MUST
    return _answer("PLATE_NOT_SEEN", Outcome.FAIL if surely_absent else Outcome.REVIEW, 0.8, None, claimed=claimed)


def _unclaimed(views: list[View], asked: Demand, policy: Policy) -> Finding:
    sure = [view for view in views if _sure(view[1], policy)]
    if sure:
        view = max(sure, key=lambda view: view[1].height_px)
        outcome = Outcome.REVIEW if asked is Demand.MUST else Outcome.NOT_APPLICABLE
        return _answer("PLATE_NOT_CLAIMED", outcome, _confidence(view[1]), view, read=_names(sure))
    if asked is Demand.NOT:
        return _answer("NOT_NEEDED", Outcome.NOT_APPLICABLE, 1.0, None)
    outcome = Outcome.REVIEW if asked is Demand.MUST else Outcome.NOT_APPLICABLE
    if views:
        view = max(views, key=lambda view: view[1].probability)
        return _answer("PLATE_UNSURE", outcome, view[1].probability, view, read=view[1].number)
    return _answer("PLATE_NOT_SEEN", outcome, 0.8, None)


def _sure(plate: PlateSeen, policy: Policy) -> bool:
    floor = policy.substance.confidence.get(Sight.PLATE, 1.0)
    return plate.certain or (plate.probability >= floor and not plate.cut_by_border)


def _confidence(plate: PlateSeen) -> float:
    return max(plate.probability, 0.99 if plate.certain else 0.0)


def _likeness(plate: PlateSeen, claimed: PlateNumber) -> float:
    """How much an unsure reading speaks for the claim: 0 when it speaks for something else."""
    if plate.number == claimed:
        return plate.probability
    if any(candidate.text == claimed for candidate in plate.candidates):
        return 0.5 * (1 - plate.probability) or 0.01
    return 0.1 * plate.probability if signs_apart(plate.number, claimed) == 1 else 0.0


def signs_apart(one: str, other: str) -> int:
    """In how many places two plates differ; a sign more or less counts as one."""
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _names(views: list[View]) -> str:
    largest_first = sorted(views, key=lambda view: -view[1].height_px)
    return " ".join(list(dict.fromkeys(view[1].number for view in largest_first))[:NAMED])


def _answer(code: str, outcome: Outcome, confidence: float, view: View | None, **details: str) -> Finding:
    proof = None if view is None else Proof(view[0].sha256, view[1].frame_ms, view[1].box)
    return Finding(
        check="plate",
        code=code,
        outcome=outcome,
        scope=Scope.EVIDENCE if code == "PLATE_SEEN" else Scope.REPORT,
        confidence=confidence,
        sight=Sight.PLATE,
        proof=proof,
        details=details,
    )
