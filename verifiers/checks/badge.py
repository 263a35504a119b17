"""R5: is the driver's badge number legible? Letters and digits must all agree.

A badge has no look-alike grammar.
"""

from collections.abc import Iterator

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Sight
from scheme.naming import InvalidBadge, canonical_badge
from scheme.policy import Policy
from scheme.reading import LabelSeen, TextSeen
from scheme.report import Evidence
from verifiers.dossiers.absent import badge_is_absent
from verifiers.dossiers.answers import (
    NOTHING_FOUND,
    details_of,
    proof_of,
    scope_of,
    where_absent,
    where_unclaimed,
)
from verifiers.dossiers.seen import Demand, demand, files_read, hindered

_LONG = 5
"""A plain text of so many signs that equals the claimed number is no accident; a shorter one must
be a badge.
"""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each file that shows the claimed number.

    Else one finding that says what there was instead.
    """
    badges = list(_badges(dossier))
    claimed = dossier.report.claim.badge
    asked = demand(dossier, policy, Sight.BADGE)
    floor = policy.substance.confidence.get(Sight.BADGE, 1.0)
    if claimed is None:
        yield _unclaimed(badges, asked, floor)
        return
    sightings = list(_sightings(dossier, claimed))
    proven: dict[str, Finding] = {}
    for evidence, label in sorted(sightings, key=lambda pair: pair[1].probability):
        if label.probability >= floor:
            proven[evidence.sha256] = _answer("BADGE_SEEN", Outcome.PASS, evidence, label, claimed)
    if proven:
        yield from proven.values()
    elif asked is Demand.NOT:
        yield _answer("NOT_NEEDED", Outcome.NOT_APPLICABLE, None, None, claimed)
    elif sightings:
        evidence, label = max(sightings, key=lambda pair: pair[1].probability)
        yield _answer("BADGE_UNSURE", Outcome.REVIEW, evidence, label, claimed)
    else:
        yield _other(dossier, policy, badges, claimed, asked)


def _badges(dossier: Dossier) -> Iterator[tuple[Evidence, LabelSeen]]:
    for evidence, readings in files_read(dossier):
        for badge in readings.badges:
            yield evidence, badge


def _sightings(dossier: Dossier, claimed: str) -> Iterator[tuple[Evidence, LabelSeen | TextSeen]]:
    for evidence, readings in files_read(dossier):
        for badge in readings.badges:
            if _names(badge.text, claimed):
                yield evidence, badge
        if len(claimed) >= _LONG:
            for text in readings.texts:
                if _names(text.text, claimed):
                    yield evidence, text


def _names(text: str, claimed: str) -> bool:
    try:
        return canonical_badge(text) == claimed
    except InvalidBadge:
        return False


def _other(
    dossier: Dossier,
    policy: Policy,
    badges: list[tuple[Evidence, LabelSeen]],
    claimed: str,
    asked: Demand,
) -> Finding:
    if badges:
        evidence, badge = max(badges, key=lambda pair: pair[1].probability)
        if badge.probability >= policy.substance.confidence.get(Sight.BADGE, 1.0):
            return _answer("BADGE_OTHER", Outcome.REVIEW, evidence, badge, claimed)
        return _answer("BADGE_UNSURE", Outcome.REVIEW, evidence, badge, claimed)
    surely = asked is Demand.MUST and badge_is_absent(dossier, policy)
    outcome = where_absent(surely=surely)
    return _answer("BADGE_NOT_SEEN", outcome, None, None, claimed)


def _unclaimed(badges: list[tuple[Evidence, LabelSeen]], asked: Demand, floor: float) -> Finding:
    if asked is Demand.NOT:
        return _answer("NOT_NEEDED", Outcome.NOT_APPLICABLE, None, None)
    outcome = where_unclaimed(asked)
    if not badges:
        return _answer("BADGE_NOT_SEEN", outcome, None, None)
    evidence, badge = max(badges, key=lambda pair: pair[1].probability)
    if badge.probability >= floor:
        return _answer("BADGE_NOT_CLAIMED", outcome, evidence, badge)
    return _answer("BADGE_UNSURE", outcome, evidence, badge)


def _answer(
    code: str,
    outcome: Outcome,
    evidence: Evidence | None,
    label: LabelSeen | TextSeen | None,
    claimed: str = "",
) -> Finding:
    details, confidence = details_of(claimed=claimed), NOTHING_FOUND
    if label is not None:
        details["read"], confidence = label.text, label.probability
    if isinstance(label, LabelSeen) and code == "BADGE_UNSURE":
        details |= hindered(label.legibility)
    return Finding(
        check="badge",
        code=code,
        outcome=outcome,
        scope=scope_of(outcome),
        confidence=confidence,
        sight=Sight.BADGE,
        proof=proof_of(evidence, label),
        details=details,
    )
