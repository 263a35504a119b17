"""R5: is the claimed plate legible? Every plate in view in every file is weighed.

Passes only on a reading that was sure by itself, or that reaches the policy's floor uncut. The
roster is not asked: it can never turn an unreadable plate into a sure one. What can't be read is
told with its hindrance, and never fails: a sure reading of the claim, else an unsure one, else one
that can't be read, else another plate, else none. Another plate comes first where it is nearly the
claim, or stands on what is clearly the bus.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Scope, Sight
from scheme.policy import Policy
from scheme.reading import PlateNumber, PlateSeen, Sha256, Sighted, Unread
from scheme.report import Evidence
from verifiers.dossiers.absent import plate_is_absent
from verifiers.dossiers.answers import (
    NOTHING_FOUND,
    details_of,
    proof_of,
    scope_of,
    where_absent,
    where_unclaimed,
)
from verifiers.dossiers.choosing import (
    MISTYPED,
    OF_A_BUS,
    Choice,
    choose,
    is_sure,
    signs_apart,
)
from verifiers.dossiers.seen import Demand, best_unread, demand, files_read, hindered

View: TypeAlias = tuple[Evidence, PlateSeen]

NAMED = 5
"""Other plates named in one finding: a busy crossing has dozens."""

CERTAIN = 0.99
"""How sure a plate is of which every sign was read for certain: by rule, not measured."""

ABSENT = 0.8
"""How sure it is that there is no plate where none was found: by rule, not measured."""

HINDERED = frozenset({"PLATE_UNSURE", "PLATE_ILLEGIBLE"})
"""Codes that say what keeps the plate from being read."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each file that shows the claimed plate.

    Else one finding that says what there was instead.
    """
    views = list(_views(dossier))
    claimed = dossier.report.claim.plate
    if claimed is None:
        yield _unclaimed(dossier, policy, views)
        return
    proven = _proven(policy, claimed, views)
    for view in proven:
        sure = _confidence(view[1])
        yield _answer("PLATE_SEEN", Outcome.PASS, sure, view, read=claimed, claimed=claimed)
    if not proven:
        yield _not_proven(dossier, policy, claimed, views)


def _views(dossier: Dossier) -> Iterator[View]:
    for evidence, readings in files_read(dossier):
        for plate in readings.plates:
            yield evidence, plate


def _proven(policy: Policy, claimed: PlateNumber, views: Sequence[View]) -> Sequence[View]:
    """The best sure view of the claimed plate in each file that has one."""
    proven: dict[Sha256, View] = {}
    for view in sorted(views, key=_how_sure):
        evidence, plate = view
        if plate.number == claimed and is_sure(plate, policy):
            proven[evidence.sha256] = view
    return tuple(proven.values())


def _how_sure(view: View) -> tuple[bool, float, float]:
    plate = view[1]
    return plate.certain, plate.probability, plate.height_px


def _not_proven(
    dossier: Dossier, policy: Policy, claimed: PlateNumber, views: list[View]
) -> Finding:
    sure = [view for view in views if is_sure(view[1], policy)]
    unsure = [view for view in views if not is_sure(view[1], policy)]
    like, closest = _closest(unsure, claimed)
    if closest:
        return _unsure(like, closest, claimed)
    illegible = _illegible(dossier, unsure)
    nearest = _nearest(sure, claimed)
    if illegible and not _speaks_for_itself(nearest, claimed, choose(dossier, policy)):
        others = _names(sure)
        return _answer(
            "PLATE_ILLEGIBLE",
            Outcome.REVIEW,
            NOTHING_FOUND,
            illegible,
            claimed=claimed,
            others=others,
        )
    if nearest:
        return _another(nearest, sure, claimed)
    if unsure:
        return _unsure(0.0, max(unsure, key=_probability), claimed)
    must = demand(dossier, policy, Sight.PLATE) is Demand.MUST
    surely = must and plate_is_absent(dossier, policy)
    return _answer("PLATE_NOT_SEEN", where_absent(surely=surely), ABSENT, None, claimed=claimed)


def _closest(unsure: Sequence[View], claimed: PlateNumber) -> tuple[float, View | None]:
    """The unsure view that speaks most for the claim, and how much."""
    most: float = 0
    closest = None
    for view in unsure:
        like = _likeness(view[1], claimed)
        if like > most:
            most, closest = like, view
    return most, closest


def _nearest(sure: Sequence[View], claimed: PlateNumber) -> View | None:
    """The sure plate that is nearest to the claim, the largest of several."""

    def far(view: View) -> tuple[int, float]:
        return signs_apart(view[1].number, claimed), -view[1].height_px

    return min(sure, key=far, default=None)


def _speaks_for_itself(nearest: View | None, claimed: PlateNumber, choice: Choice | None) -> bool:
    """Whether another plate comes before one that can't be read.

    It is nearly the claim, or stands on what is clearly the bus.
    """
    if nearest and signs_apart(nearest[1].number, claimed) <= MISTYPED:
        return True
    return _is_on_the_bus(choice)


def _another(nearest: View, sure: Sequence[View], claimed: PlateNumber) -> Finding:
    read = nearest[1].number
    return _answer(
        "PLATE_OTHER",
        Outcome.REVIEW,
        _confidence(nearest[1]),
        nearest,
        read=read,
        claimed=claimed,
        signs_apart=str(signs_apart(read, claimed)),
        others=_names([view for view in sure if view[1].number != read]),
    )


def _probability(view: View) -> float:
    return view[1].probability


def _is_on_the_bus(choice: Choice | None) -> bool:
    """Whether the vehicle that is clearly the bus shows a sure plate.

    Then no other one hides the claim.
    """
    return (
        choice is not None
        and choice.clear
        and choice.first.sure
        and bool(choice.first.reasons & OF_A_BUS)
    )


def _unclaimed(dossier: Dossier, policy: Policy, views: list[View]) -> Finding:
    """What could be claimed: the plate of the vehicle that is chosen, where it is sure."""
    asked = demand(dossier, policy, Sight.PLATE)
    outcome = where_unclaimed(asked)
    choice = choose(dossier, policy)
    if choice is not None and any(is_sure(plate, policy) for _, plate in views):
        return _legible(choice, outcome)
    if asked is Demand.NOT:
        return _answer("NOT_NEEDED", Outcome.NOT_APPLICABLE, 1.0, None)
    illegible = _illegible(dossier, views)
    if illegible:
        return _answer("PLATE_ILLEGIBLE", outcome, NOTHING_FOUND, illegible)
    if views:
        view = max(views, key=_probability)
        return _unsure(view[1].probability, view, outcome=outcome)
    return _answer("PLATE_NOT_SEEN", outcome, ABSENT, None)


def _legible(choice: Choice, outcome: Outcome) -> Finding:
    """``read`` only where it is clear which vehicle is meant, and its plate is sure.

    A reporter is offered it.
    """
    sure = [vehicle for vehicle in (choice.first, *choice.others) if vehicle.sure]
    shown, read = sure[0], ""
    if choice.clear and choice.first.sure:
        shown, read = choice.first, choice.first.number or ""
    numbers = [vehicle.number or "" for vehicle in sure]
    others = [number for number in numbers if number not in ("", read)]
    return Finding(
        check="plate",
        code="PLATE_NOT_CLAIMED",
        outcome=outcome,
        scope=Scope.REPORT,
        confidence=shown.views[0].probability,
        sight=Sight.PLATE,
        proof=shown.proof,
        details=details_of(read=read, others=" ".join(others[:NAMED])),
    )


def _illegible(dossier: Dossier, unsure: list[View]) -> View | tuple[Evidence, Unread] | None:
    """The plate in view that says why it can't be read, the one nearest to being read."""
    found = best_unread(dossier, Sighted.PLATE)
    if found:
        return found
    told = [view for view in unsure if hindered(view[1].legibility)]
    return max(told, key=_height_px, default=None)


def _height_px(view: View) -> float:
    return view[1].height_px


def _unsure(
    confidence: float,
    view: View,
    claimed: PlateNumber | None = None,
    outcome: Outcome = Outcome.REVIEW,
) -> Finding:
    return _answer(
        "PLATE_UNSURE", outcome, confidence, view, read=view[1].number, claimed=claimed or ""
    )


def _confidence(plate: PlateSeen) -> float:
    if plate.certain:
        return max(plate.probability, CERTAIN)
    return plate.probability


def _likeness(plate: PlateSeen, claimed: PlateNumber) -> float:
    """How much an unsure reading speaks for the claim: 0 when it speaks for something else."""
    if plate.number == claimed:
        return plate.probability
    if any(candidate.text == claimed for candidate in plate.candidates):
        return 0.5 * (1 - plate.probability) or 0.01
    if signs_apart(plate.number, claimed) == 1:
        return 0.1 * plate.probability
    return 0.0


def _names(views: list[View]) -> str:
    largest_first = sorted(views, key=_height_px, reverse=True)
    numbers = dict.fromkeys(view[1].number for view in largest_first)
    return " ".join(list(numbers)[:NAMED])


def _answer(
    code: str,
    outcome: Outcome,
    confidence: float,
    view: View | tuple[Evidence, Unread] | None,
    **details: str,
) -> Finding:
    if view is not None and code in HINDERED:
        details |= hindered(view[1].legibility)
    evidence, shown = view or (None, None)
    return Finding(
        check="plate",
        code=code,
        outcome=outcome,
        scope=scope_of(outcome),
        confidence=confidence,
        sight=Sight.PLATE,
        proof=proof_of(evidence, shown),
        details=details_of(**details),
    )
