"""R5: is the claimed line legible on the bus? Line signs first.

Line signs pass; a text that is no sign, and a sign that another vehicle bears, only ever raise the
question.

A sign that is in view but can't be read never fails: it is told with its hindrance, before any
other line that does not stand on the reported vehicle.
"""

from collections.abc import Iterator

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Sight
from scheme.naming import NUMERALS, InvalidRoute, canonical_route
from scheme.policy import Policy
from scheme.reading import LabelSeen, Readings, Sighted, TextSeen, Unread
from scheme.report import Evidence
from verifiers.dossiers.absent import line_is_absent
from verifiers.dossiers.answers import (
    NOTHING_FOUND,
    details_of,
    proof_of,
    scope_of,
    where_absent,
    where_unclaimed,
)
from verifiers.dossiers.choosing import (
    LEAST_PROBABILITY,
    Choice,
    choose,
    stands_elsewhere,
)
from verifiers.dossiers.seen import Demand, best_unread, demand, files_read, hindered

NAMED = 5
"""Other lines named in one finding."""

HINDERED = frozenset({"ROUTE_UNSURE", "ROUTE_ILLEGIBLE"})
"""Codes that say what keeps the sign from being read."""

_FIRST_IDEOGRAPH = "\u3400"
_SHORT = 2
"""Names up to here are too short for one sign to be taken for another."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each file that shows the claimed line.

    Else one finding that says what there was instead.
    """
    signs = list(_signs(dossier))
    claimed = dossier.report.claim.route
    asked = demand(dossier, policy, Sight.ROUTE)
    if claimed is None:
        yield _unclaimed(dossier, signs, asked, policy.substance.confidence.get(Sight.ROUTE, 1.0))
        return
    proven: dict[str, Finding] = {}
    maybe: list[Finding] = []
    for finding in _claimed(dossier, policy, claimed):
        if finding.proof is None or finding.outcome is not Outcome.PASS:
            maybe.append(finding)
            continue
        best = proven.setdefault(finding.proof.sha256, finding)
        if best.confidence < finding.confidence:
            proven[finding.proof.sha256] = finding
    if proven:
        yield from proven.values()
    elif maybe:
        yield max(maybe, key=lambda finding: finding.confidence)
    else:
        yield _other(dossier, policy, signs, claimed, asked)


def _signs(dossier: Dossier) -> Iterator[tuple[Evidence, LabelSeen]]:
    for evidence, readings in files_read(dossier):
        for sign in readings.routes:
            yield evidence, sign


def _claimed(dossier: Dossier, policy: Policy, claimed: str) -> Iterator[Finding]:
    """A finding for whatever may name the claimed line: seen where it is sure, else unsure."""
    floor = policy.substance.confidence.get(Sight.ROUTE, 1.0)
    ours: frozenset[str] = frozenset()
    if dossier.roster:
        ours = dossier.roster.routes()
    choice = choose(dossier, policy)
    for evidence, readings in files_read(dossier):
        elsewhere = stands_elsewhere(choice, evidence.sha256, claimed, _sure_of(readings, floor))
        for sign, sure in _sightings(readings, claimed, floor, ours):
            if sure and not elsewhere:
                yield _answer("ROUTE_SEEN", Outcome.PASS, evidence, sign, claimed)
            else:
                yield _answer("ROUTE_UNSURE", Outcome.REVIEW, evidence, sign, claimed)


def _sightings(
    readings: Readings, claimed: str, floor: float, ours: frozenset[str]
) -> Iterator[tuple[LabelSeen | TextSeen, bool]]:
    """Whatever may name the claimed line in one file, and whether it is sure.

    ``ours``: every line of the roster.
    """
    for sign in readings.routes:
        if _names(sign.text, claimed):
            yield sign, sign.probability >= floor
        elif sign.text not in ours and _looks_like(sign.text, claimed):
            yield sign, False
    for text in readings.texts:
        if _names(text.text, claimed):
            yield text, False


def _sure_of(readings: Readings, floor: float) -> frozenset[str]:
    return frozenset(sign.text for sign in readings.routes if sign.probability >= floor)


def _names(text: str, claimed: str) -> bool:
    """Whether the *whole* text is the claimed line in one of its spellings.

    ``149`` never names line 49.
    """
    try:
        return canonical_route(text) == claimed
    except InvalidRoute:
        return False


def _looks_like(read: str, claimed: str) -> bool:
    """Whether one character was taken for another: ``隧圳三线`` where ``隧道三线`` is claimed.

    Readers mistake characters for each other on blurred signs. A digit or a numeral more or less is
    another line.
    """
    if len(read) != len(claimed) or len(claimed) <= _SHORT:
        return False
    apart = [pair for pair in zip(read, claimed, strict=True) if pair[0] != pair[1]]
    return len(apart) == 1 and all(
        sign >= _FIRST_IDEOGRAPH and sign not in NUMERALS for sign in apart[0]
    )


def _other(
    dossier: Dossier,
    policy: Policy,
    signs: list[tuple[Evidence, LabelSeen]],
    claimed: str,
    asked: Demand,
) -> Finding:
    floor = policy.substance.confidence.get(Sight.ROUTE, 1.0)
    clear = sorted(
        (pair for pair in signs if pair[1].probability >= floor),
        key=lambda pair: -pair[1].probability,
    )
    others = " ".join(list(dict.fromkeys(pair[1].text for pair in clear))[:NAMED])
    unread = best_unread(dossier, Sighted.ROUTE)
    if asked is Demand.NOT:
        return _answer("ROUTE_NOT_SEEN", Outcome.NOT_APPLICABLE, None, None, claimed)
    if unread and not _on_the_bus(choose(dossier, policy), clear):
        return _answer("ROUTE_ILLEGIBLE", Outcome.REVIEW, *unread, claimed, others=others)
    if clear:
        return _answer("ROUTE_OTHER", Outcome.REVIEW, *clear[0], claimed, read=others)
    if likely := _likeliest(signs):
        return _answer("ROUTE_UNSURE", Outcome.REVIEW, *likely, claimed)
    surely = asked is Demand.MUST and not signs and line_is_absent(dossier, policy)
    return _answer("ROUTE_NOT_SEEN", where_absent(surely=surely), None, None, claimed)


def _likeliest(signs: list[tuple[Evidence, LabelSeen]]) -> tuple[Evidence, LabelSeen] | None:
    """The sign that was read best, though not surely: in view, so never "not found"."""
    likely = [pair for pair in signs if pair[1].probability >= LEAST_PROBABILITY]
    return max(likely, key=lambda pair: pair[1].probability, default=None)


def _on_the_bus(choice: Choice | None, clear: list[tuple[Evidence, LabelSeen]]) -> bool:
    """Whether one of the clear signs stands on the vehicle that is reported.

    Then no other sign hides the line.
    """
    return (
        choice is not None
        and choice.clear
        and any(sign.text in choice.first.signs for _, sign in clear)
    )


def _unclaimed(
    dossier: Dossier, signs: list[tuple[Evidence, LabelSeen]], asked: Demand, floor: float
) -> Finding:
    outcome = where_unclaimed(asked)
    clear = [pair for pair in signs if pair[1].probability >= floor]
    if clear:
        evidence, sign = max(clear, key=lambda pair: pair[1].probability)
        return _answer("ROUTE_NOT_CLAIMED", outcome, evidence, sign)
    if asked is Demand.NOT:
        return _answer("NOT_NEEDED", outcome, None, None)
    if likely := _likeliest(signs):
        return _answer("ROUTE_UNSURE", outcome, *likely)
    if unread := best_unread(dossier, Sighted.ROUTE):
        return _answer("ROUTE_ILLEGIBLE", outcome, *unread)
    return _answer("ROUTE_NOT_SEEN", outcome, None, None)


def _answer(  # noqa: PLR0913, PLR0917 -- one finding, said whole
    code: str,
    outcome: Outcome,
    evidence: Evidence | None,
    sign: LabelSeen | TextSeen | Unread | None,
    claimed: str = "",
    read: str = "",
    others: str = "",
) -> Finding:
    if isinstance(sign, LabelSeen | TextSeen):
        read = read or sign.text
    confidence = NOTHING_FOUND
    if sign is not None:
        confidence = sign.probability
    details = details_of(claimed=claimed, read=read, others=others)
    if isinstance(sign, LabelSeen | Unread) and code in HINDERED:
        details |= hindered(sign.legibility)
    return Finding(
        check="route",
        code=code,
        outcome=outcome,
        scope=scope_of(outcome),
        confidence=confidence,
        sight=Sight.ROUTE,
        proof=proof_of(evidence, sign),
        details=details,
    )
