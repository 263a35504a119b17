"""R5: is the claimed plate legible? Every plate in view in every file is weighed.

Passes only on a reading that was sure by itself, or that reaches the policy's floor uncut. The
roster is not asked: it can never turn an unreadable plate into a sure one. What can't be read is
told with its hindrance, and never fails: a sure reading of the claim, else an unsure one, else one
that can't be read, else another plate, else none. Another plate comes first where it is nearly the
claim, or stands on what is clearly the bus.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import TypeAlias

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import Hindrance, PlateNumber, PlateSeen, Sighted, Unread
from scheme.report import Evidence
from verifiers.dossiers.choosing import (
    MISTYPED,
    OF_A_BUS,
    Choice,
    InView,
    choose,
    is_sure,
    signs_apart,
)
from verifiers.dossiers.seen import Demand, all_read_well, best_unread, demand, files_read, hindered

View: TypeAlias = tuple[Evidence, PlateSeen]

NAMED = 5
"""Other plates named in one finding: a busy crossing has dozens."""

HINDERED = frozenset({"PLATE_UNSURE", "PLATE_ILLEGIBLE"})
"""Codes that say what keeps the plate from being read."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each file that shows the claimed plate.

    Else one finding that says what there was instead.
    """
    views = [
        (evidence, plate) for evidence, readings in files_read(dossier) for plate in readings.plates
    ]
    claimed = dossier.report.claim.plate
    if claimed is None:
        yield _unclaimed(dossier, policy, views)
        return
    proven = {}
    for evidence, plate in sorted(
        views, key=lambda view: (view[1].certain, view[1].probability, view[1].height_px)
    ):
        if plate.number == claimed and is_sure(plate, policy):
            proven[evidence.sha256] = (evidence, plate)
    if proven:
        for view in proven.values():
            yield _answer(
                "PLATE_SEEN",
                Outcome.PASS,
                _confidence(view[1]),
                view,
                read=claimed,
                claimed=claimed,
            )
        return
    yield _not_proven(dossier, policy, claimed, views)


def _not_proven(
    dossier: Dossier, policy: Policy, claimed: PlateNumber, views: list[View]
) -> Finding:
    sure = [view for view in views if is_sure(view[1], policy)]
    unsure = [view for view in views if not is_sure(view[1], policy)]
    close = [(like, view) for view in unsure if (like := _likeness(view[1], claimed)) > 0]
    if close:
        like, view = max(close, key=itemgetter(0))
        return _unsure(like, view, claimed)
    illegible = _illegible(dossier, unsure)
    nearest = min(
        sure,
        key=lambda view: (signs_apart(view[1].number, claimed), -view[1].height_px),
        default=None,
    )
    apart = signs_apart(nearest[1].number, claimed) if nearest else 0
    if (
        illegible
        and not (nearest and apart <= MISTYPED)
        and not _is_on_the_bus(choose(dossier, policy))
    ):
        return _answer(
            "PLATE_ILLEGIBLE", Outcome.REVIEW, 0.7, illegible, claimed=claimed, others=_names(sure)
        )
    if nearest:
        others = _names([view for view in sure if view[1].number != nearest[1].number])
        return _answer(
            "PLATE_OTHER", Outcome.REVIEW, _confidence(nearest[1]), nearest,
            read=nearest[1].number, claimed=claimed, signs_apart=str(apart), others=others,
        )  # fmt: skip
    if unsure:
        return _unsure(0.0, max(unsure, key=lambda view: view[1].probability), claimed)
    surely_absent = all_read_well(dossier) and demand(dossier, policy, Sight.PLATE) is Demand.MUST
    return _answer(
        "PLATE_NOT_SEEN",
        Outcome.FAIL if surely_absent else Outcome.REVIEW,
        0.8,
        None,
        claimed=claimed,
    )


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
    outcome = Outcome.REVIEW if asked is Demand.MUST else Outcome.NOT_APPLICABLE
    choice = choose(dossier, policy)
    if choice is not None and any(is_sure(plate, policy) for _, plate in views):
        return _legible(choice, outcome)
    if asked is Demand.NOT:
        return _answer("NOT_NEEDED", Outcome.NOT_APPLICABLE, 1.0, None)
    illegible = _illegible(dossier, views)
    if illegible:
        return _answer("PLATE_ILLEGIBLE", outcome, 0.7, illegible)
    if views:
        view = max(views, key=lambda view: view[1].probability)
        return _unsure(view[1].probability, view, outcome=outcome)
    return _answer("PLATE_NOT_SEEN", outcome, 0.8, None)


def _legible(choice: Choice, outcome: Outcome) -> Finding:
    """``read`` only where it is clear which vehicle is meant, and its plate is sure.

    A reporter is offered it.
    """
    read = choice.first.number if choice.clear and choice.first.sure else None
    sure = [one for one in (choice.first, *choice.others) if one.sure]
    shown: InView = choice.first if read else sure[0]
    others = " ".join([one.number for one in sure if one.number and one.number != read][:NAMED])
    return Finding(
        check="plate",
        code="PLATE_NOT_CLAIMED",
        outcome=outcome,
        scope=Scope.REPORT,
        confidence=shown.views[0].probability,
        sight=Sight.PLATE,
        proof=shown.proof,
        details={key: value for key, value in (("read", read), ("others", others)) if value},
    )


def _illegible(dossier: Dossier, unsure: list[View]) -> View | tuple[Evidence, Unread] | None:
    """The plate in view that says why it can't be read, the one nearest to being read."""
    found = best_unread(dossier, Sighted.PLATE)
    if found:
        return found
    told = [
        view
        for view in unsure
        if view[1].legibility and view[1].legibility.hindrance is not Hindrance.NONE
    ]
    return max(told, key=lambda view: view[1].height_px, default=None)


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
    return max(plate.probability, 0.99 if plate.certain else 0.0)


def _likeness(plate: PlateSeen, claimed: PlateNumber) -> float:
    """How much an unsure reading speaks for the claim: 0 when it speaks for something else."""
    if plate.number == claimed:
        return plate.probability
    if any(candidate.text == claimed for candidate in plate.candidates):
        return 0.5 * (1 - plate.probability) or 0.01
    return 0.1 * plate.probability if signs_apart(plate.number, claimed) == 1 else 0.0


def _names(views: list[View]) -> str:
    largest_first = sorted(views, key=lambda view: -view[1].height_px)
    return " ".join(list(dict.fromkeys(view[1].number for view in largest_first))[:NAMED])


def _answer(
    code: str,
    outcome: Outcome,
    confidence: float,
    view: View | tuple[Evidence, Unread] | None,
    **details: str,
) -> Finding:
    if view is not None and code in HINDERED:
        details |= hindered(view[1].legibility)
    proof = None if view is None else Proof(view[0].sha256, view[1].frame_ms, view[1].box)
    return Finding(
        check="plate",
        code=code,
        outcome=outcome,
        scope=Scope.EVIDENCE if code == "PLATE_SEEN" else Scope.REPORT,
        confidence=confidence,
        sight=Sight.PLATE,
        proof=proof,
        details={key: value for key, value in details.items() if value},
    )
