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
from verifiers.dossiers.answers import details_of
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

CLEAR = 0.9
"""How sure an answer is that rests on the recording's length or flags: by rule, not measured."""

A_MOMENT_MS = 2000
"""A vehicle that can be made out for less than this may have been anywhere before and after."""


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each recording that runs through; else the least of the problems.

    A recording beside a whole one need not be whole itself: it may be the close-up of the plate.
    """
    asked = demand(dossier, policy, Sight.PROCESS)
    recordings = list(_recordings(dossier, policy))
    whole = [finding for finding in recordings if finding.outcome is Outcome.PASS]
    came = recordings or any(file.kind is MediaKind.VIDEO for file in dossier.report.evidence)
    if asked is Demand.NOT or not came:
        yield _of_report("NOT_NEEDED", Outcome.NOT_APPLICABLE)
    elif whole:
        yield from whole
    elif recordings:
        yield max(recordings, key=_how_near_to_whole)
    else:
        yield _of_report("PROCESS_UNSURE", Outcome.REVIEW)


def _recordings(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    for evidence, readings in files_read(dossier):
        if readings.facts is not None and readings.facts.kind is MediaKind.VIDEO:
            yield _judged(evidence, readings, dossier, policy)


def _how_near_to_whole(finding: Finding) -> tuple[int, float]:
    return _WORST_FIRST.index(finding.code), -finding.confidence


def _of_report(code: str, outcome: Outcome) -> Finding:
    return Finding("whole_process", code, outcome, Scope.REPORT, sight=Sight.PROCESS)


def _judged(evidence: Evidence, readings: Readings, dossier: Dossier, policy: Policy) -> Finding:
    """What speaks against a whole process first: wrong seconds, too few, unknown ones, breaks."""
    flags: dict[str, str] = {}
    duration_ms = None
    if readings.facts is not None:
        flags = {flag.code: flag.detail for flag in readings.facts.flags}
        duration_ms = readings.facts.duration_ms
    for flag, code in _NEVER_WHOLE.items():
        if flag in flags:
            return _answer(code, Outcome.REVIEW, evidence, CLEAR, detail=flags[flag])
    if duration_ms is not None and duration_ms < policy.substance.process_min_seconds * 1000:
        lasts = _seconds(duration_ms)
        return _answer("PROCESS_SHORT", Outcome.FAIL, evidence, CLEAR, seconds=lasts)
    if readings.motion is None or duration_ms is None or readings.failures:
        return _answer("PROCESS_UNSURE", Outcome.REVIEW, evidence, 0.5)
    broken = _breaks(evidence, readings.motion, policy)
    if broken is not None:
        return broken
    in_view = _vehicle_seen(readings, dossier, policy)
    return _in_view(evidence, in_view, duration_ms, part_read="RECORDING_LONG" in flags)


def _in_view(
    evidence: Evidence, in_view: Span | None, duration_ms: int, *, part_read: bool
) -> Finding:
    """A recording that runs through is whole, unless its vehicle can be made out but briefly."""
    lasts = _seconds(duration_ms)
    if in_view is None or not _is_brief(in_view, duration_ms):
        return _answer("PROCESS_WHOLE", Outcome.PASS, evidence, CLEAR, seconds=lasts)
    code = "PROCESS_VEHICLE_BRIEF"
    if part_read:  # the vehicle may be in view for long after what was read
        code = "PROCESS_PART_READ"
    return _answer(
        code,
        Outcome.REVIEW,
        evidence,
        0.6,
        in_view.from_ms,
        seconds=lasts,
        seen_seconds=f"{_seconds(in_view.from_ms)}–{_seconds(in_view.to_ms)}",
    )


def _seconds(at_ms: int) -> str:
    return f"{at_ms / 1000:.1f}"


def _breaks(evidence: Evidence, motion: Motion, policy: Policy) -> Finding | None:
    """Cuts, holes, still or repeated stretches, edits; ``None`` where there are none."""
    still = (*motion.gaps, *motion.frozen, *motion.repeated)
    holes = [gap for gap in still if _length(gap) > policy.substance.process_max_gap_ms]
    breaks = sorted({*motion.cuts_ms, *(hole.from_ms for hole in holes)})
    if not breaks and not motion.edit_lists:
        return None
    first_ms = None
    if breaks:
        first_ms = breaks[0]
    return _answer(
        "PROCESS_CUT",
        Outcome.REVIEW,
        evidence,
        0.8,
        first_ms,
        at_seconds=" ".join(map(_seconds, breaks[:_MOST_MARKS])),
        cuts=str(len(motion.cuts_ms)),
        holes=str(len(holes)),
        edits=str(motion.edit_lists),
    )


def _vehicle_seen(readings: Readings, dossier: Dossier, policy: Policy) -> Span | None:
    """From the first to the last moment at which something names the reported vehicle.

    None where nothing does.
    """
    own = _own_names(dossier, policy)
    spans: list[Span] = []
    for sighting in readings.timeline:
        if (sighting.what, sighting.text) in own:
            spans.extend(sighting.spans)
    if not spans:
        return None
    return Span(min(span.from_ms for span in spans), max(span.to_ms for span in spans))


def _own_names(dossier: Dossier, policy: Policy) -> frozenset[tuple[Sighted, str | None]]:
    """All that names the reported vehicle, by claim, choice and roster."""
    claim, choice = dossier.report.claim, choose(dossier, policy)
    plate = claim.plate
    if not plate and choice and choice.clear:
        plate = choice.first.number
    names = {
        (Sighted.PLATE, plate),
        (Sighted.ROUTE, claim.route),
        (Sighted.BADGE, claim.badge),
        (Sighted.FLEET_NUMBER, claim.fleet_number),
    }
    if dossier.roster and plate and plate in dossier.roster.vehicles:
        names.add((Sighted.FLEET_NUMBER, dossier.roster.vehicles[plate].fleet_number))
    return frozenset(names)


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
        details=details_of(**details),
    )
