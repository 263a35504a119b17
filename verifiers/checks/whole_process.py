"""R5: whether a recording shows the whole process.

In real time and to its end, long enough, without cuts, holes, still or repeated stretches. And the
reported vehicle in view before, during and after: the recording's timeline says from when to when
its plate, its line or its own number is legible. Where nothing of it stands there, this says
nothing: other checks do.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import MediaKind, Motion, Readings, Sighted, Span
from scheme.report import Evidence
from verifiers.dossiers.choosing import choose
from verifiers.dossiers.seen import Demand, demand, files_read

_WORST_FIRST = (
    "PROCESS_SHORT",
    "PROCESS_SLOWED",
    "PROCESS_CUT",
    "PROCESS_BROKEN_OFF",
    "PROCESS_UNSURE",
    "PROCESS_VEHICLE_BRIEF",
    "PROCESS_PART_READ",
    "PROCESS_WHOLE",
)
_NEVER_WHOLE: Mapping[str, str] = MappingProxyType(
    {"SLOW_MOTION": "PROCESS_SLOWED", "TRUNCATED": "PROCESS_BROKEN_OFF"}
)
"""Flags of a file whose seconds are not real ones, or not all there: whatever else it shows."""

_MOST_MARKS = 10
"""Breaks that are told by their seconds."""

A_MOMENT_MS = 2000
"""A vehicle that can be made out for less than this may have been anywhere before and after."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each recording that runs through; else the least of the problems.

    A recording beside a whole one need not be whole itself: it may be the close-up of the plate.
    """
    asked = demand(dossier, policy, Sight.PROCESS)
    recordings = [
        _judged(evidence, readings, dossier, policy)
        for evidence, readings in files_read(dossier)
        if readings.facts is not None and readings.facts.kind is MediaKind.VIDEO
    ]
    whole = [finding for finding in recordings if finding.outcome is Outcome.PASS]
    if asked is Demand.NOT or (
        not recordings and not any(e.kind is MediaKind.VIDEO for e in dossier.report.evidence)
    ):
        yield Finding(
            "whole_process", "NOT_NEEDED", Outcome.NOT_APPLICABLE, Scope.REPORT, sight=Sight.PROCESS
        )
    elif whole:
        yield from whole
    elif recordings:
        yield max(
            recordings, key=lambda finding: (_WORST_FIRST.index(finding.code), -finding.confidence)
        )
    else:
        yield Finding(
            "whole_process", "PROCESS_UNSURE", Outcome.REVIEW, Scope.REPORT, sight=Sight.PROCESS
        )


def _judged(evidence: Evidence, readings: Readings, dossier: Dossier, policy: Policy) -> Finding:
    """What speaks against a whole process first: wrong seconds, too few, unknown ones, breaks."""
    facts, motion = readings.facts, readings.motion
    flags = {flag.code: flag.detail for flag in facts.flags} if facts else {}
    for flag, code in _NEVER_WHOLE.items():
        if flag in flags:
            return _answer(code, Outcome.REVIEW, evidence, 0.9, detail=flags[flag])
    duration_ms = facts.duration_ms if facts else None
    if duration_ms is not None and duration_ms < policy.substance.process_min_seconds * 1000:
        lasts = f"{duration_ms / 1000:.1f}"
        return _answer("PROCESS_SHORT", Outcome.FAIL, evidence, 0.9, seconds=lasts)
    if motion is None or duration_ms is None or readings.failures:
        return _answer("PROCESS_UNSURE", Outcome.REVIEW, evidence, 0.5)
    broken = _breaks(evidence, motion, policy)
    if broken is not None:
        return broken
    seen = _vehicle_seen(readings, dossier, policy)
    lasts = f"{duration_ms / 1000:.1f}"
    if seen is None or not _is_brief(seen, duration_ms):
        return _answer("PROCESS_WHOLE", Outcome.PASS, evidence, 0.9, seconds=lasts)
    # Where only the beginning was read, the vehicle may be in view for long after it.
    code = "PROCESS_PART_READ" if "RECORDING_LONG" in flags else "PROCESS_VEHICLE_BRIEF"
    span = f"{seen.from_ms / 1000:.1f}–{seen.to_ms / 1000:.1f}"
    return _answer(
        code, Outcome.REVIEW, evidence, 0.6, seen.from_ms, seconds=lasts, seen_seconds=span
    )


def _breaks(evidence: Evidence, motion: Motion, policy: Policy) -> Finding | None:
    """Cuts, holes, still or repeated stretches, edits; ``None`` where there are none."""
    still = (*motion.gaps, *motion.frozen, *motion.repeated)
    holes = [gap for gap in still if _length(gap) > policy.substance.process_max_gap_ms]
    breaks = sorted({*motion.cuts_ms, *(hole.from_ms for hole in holes)})
    if not breaks and not motion.edit_lists:
        return None
    return _answer(
        "PROCESS_CUT",
        Outcome.REVIEW,
        evidence,
        0.8,
        breaks[0] if breaks else None,
        at_seconds=" ".join(f"{mark / 1000:.1f}" for mark in breaks[:_MOST_MARKS]),
        cuts=str(len(motion.cuts_ms)),
        holes=str(len(holes)),
        edits=str(motion.edit_lists),
    )


def _vehicle_seen(readings: Readings, dossier: Dossier, policy: Policy) -> Span | None:
    """From the first to the last moment at which something names the reported vehicle.

    None where nothing does.
    """
    claim = dossier.report.claim
    choice = choose(dossier, policy)
    plate = claim.plate or (choice.first.number if choice and choice.clear else None)
    known = dossier.roster.vehicles.get(plate) if dossier.roster and plate else None
    own = {(Sighted.PLATE, plate), (Sighted.ROUTE, claim.route), (Sighted.BADGE, claim.badge)}
    own |= {
        (Sighted.FLEET_NUMBER, claim.fleet_number),
        (Sighted.FLEET_NUMBER, known.fleet_number if known else None),
    }
    spans = [
        span
        for sighting in readings.timeline
        if (sighting.what, sighting.text) in own
        for span in sighting.spans
    ]
    if not spans:
        return None
    return Span(min(span.from_ms for span in spans), max(span.to_ms for span in spans))


def _is_brief(seen: Span, duration_ms: int) -> bool:
    """Neither from the first third into the last, nor longer than a moment.

    A vehicle is in view long before its plate or line can be read, so a short legible stretch is no
    short process.
    """
    throughout = seen.from_ms <= duration_ms / 3 and seen.to_ms >= duration_ms * 2 / 3
    return not throughout and _length(seen) < A_MOMENT_MS


def _length(span: Span) -> int:
    return span.to_ms - span.from_ms


def _answer(
    code: str,
    outcome: Outcome,
    evidence: Evidence,
    confidence: float,
    frame_ms: int | None = None,
    **details: str,
) -> Finding:
    return Finding(
        check="whole_process",
        code=code,
        outcome=outcome,
        scope=Scope.EVIDENCE,
        confidence=confidence,
        sight=Sight.PROCESS,
        proof=Proof(evidence.sha256, frame_ms),
        details={key: value for key, value in details.items() if value},
    )
