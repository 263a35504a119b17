"""R5: does a recording show the whole process? Long enough, and without cuts, holes or still stretches."""

from collections.abc import Iterator

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import MediaKind, Readings, Span
from scheme.report import Evidence
from verifiers.checks.seen import Demand, demand, files_read

_WORST_FIRST = ("PROCESS_SHORT", "PROCESS_CUT", "PROCESS_UNSURE", "PROCESS_WHOLE")


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One pass for each recording that runs through; else the least of the problems.

    A recording beside a whole one need not be whole itself: it may be the close-up of the plate.
    """
    asked = demand(dossier, policy, Sight.PROCESS)
    recordings = [
        _judged(evidence, readings, policy)
        for evidence, readings in files_read(dossier)
        if readings.facts is not None and readings.facts.kind is MediaKind.VIDEO
    ]
    whole = [finding for finding in recordings if finding.outcome is Outcome.PASS]
    if asked is Demand.NOT or (not recordings and not any(e.kind is MediaKind.VIDEO for e in dossier.report.evidence)):
        yield Finding("whole_process", "NOT_NEEDED", Outcome.NOT_APPLICABLE, Scope.REPORT, sight=Sight.PROCESS)
    elif whole:
        yield from whole
    elif recordings:
        yield max(recordings, key=lambda finding: (_WORST_FIRST.index(finding.code), -finding.confidence))
    else:
        yield Finding("whole_process", "PROCESS_UNSURE", Outcome.REVIEW, Scope.REPORT, sight=Sight.PROCESS)


def _judged(evidence: Evidence, readings: Readings, policy: Policy) -> Finding:
    facts, motion = readings.facts, readings.motion
    duration_ms = facts.duration_ms if facts else None
    if duration_ms is not None and duration_ms < policy.substance.process_min_seconds * 1000:
        return _answer("PROCESS_SHORT", Outcome.FAIL, evidence, 0.9, seconds=f"{duration_ms / 1000:.1f}")
    if motion is None or duration_ms is None or readings.failures:
        return _answer("PROCESS_UNSURE", Outcome.REVIEW, evidence, 0.5)
    holes = [gap for gap in (*motion.gaps, *motion.frozen) if _length(gap) > policy.substance.process_max_gap_ms]
    breaks = sorted({*motion.cuts_ms, *(hole.from_ms for hole in holes)})
    if breaks or motion.edit_lists:
        marks = " ".join(f"{mark / 1000:.1f}" for mark in breaks[:10])
        details = {"cuts": str(len(motion.cuts_ms)), "holes": str(len(holes)), "edits": str(motion.edit_lists)}
        first = breaks[0] if breaks else None
        return _answer("PROCESS_CUT", Outcome.REVIEW, evidence, 0.8, first, at_seconds=marks, **details)
    return _answer("PROCESS_WHOLE", Outcome.PASS, evidence, 0.9, seconds=f"{duration_ms / 1000:.1f}")


def _length(span: Span) -> int:
    return span.to_ms - span.from_ms


def _answer(
    code: str, outcome: Outcome, evidence: Evidence, confidence: float, frame_ms: int | None = None, **details: str
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
