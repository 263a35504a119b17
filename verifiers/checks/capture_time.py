"""R5: when was each file taken? What it says is held against the claimed time.

How a file's statements become an interval is the business of ``verifiers.dossiers.times``. What
disagrees is named, never averaged.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import Readings, Sha256
from scheme.report import Evidence
from verifiers.dossiers.answers import where_absent
from verifiers.dossiers.seen import Demand, all_read_well, demand, files_read
from verifiers.dossiers.times.interval import EVERY_KIND, CaptureInterval, Span, capture_interval
from verifiers.dossiers.times.picture import PICTURE, best_clock, runs_real_time
from verifiers.dossiers.times.statements import Doubt, Worth, whole_zones

HARD_MISMATCH = timedelta(days=1)
"""Beyond a day no wrong zone and no clock never set for summer explains the difference."""

CONFIDENCE: Mapping[Worth, float] = MappingProxyType(
    {
        Worth.SATELLITE: 0.95,
        Worth.ZONED: 0.95,
        Worth.ZONELESS: 0.85,
        Worth.PICTURE: 0.8,
        Worth.HEADER: 0.75,
        Worth.CHANGED: 0.5,
        Worth.NAME: 0.3,
    }
)
"""How sure an answer is that rests on such a statement: chosen, in the order of their worth."""

_UNTRUSTED: Final = (f":{Doubt.IMPOSSIBLE}", f":{Doubt.NO_DATE}")
_AGAINST: Final = (f":{Doubt.ZONE_OFF}", f":{Doubt.APART}")


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """For each file that says when: confirmed, mismatch or two readings, and its contradictions.

    One finding if no file says so.
    """
    spoken = False
    for evidence, readings in files_read(dossier):
        doubts = list(_doubts(evidence, _of_file(readings, dossier, policy), policy))
        yield from doubts
        yield from _run_of_clock(evidence, readings)
        counted = _of_file(readings, dossier, policy, policy.substance.time_sources)
        if counted.worth is not None and counted.worth < Worth.NAME:
            yield _compared(evidence, readings, counted, dossier, policy)
            spoken = True
        spoken = spoken or any(finding.code == "TIME_UNTRUSTED" for finding in doubts)
    if not spoken:
        yield _missing(dossier, policy)


def captures(dossier: Dossier, policy: Policy) -> Mapping[Sha256, Span | None]:
    """When each file of the report that was read was taken; None where it does not say."""
    return {
        evidence.sha256: _of_file(readings, dossier, policy).whole
        for evidence, readings in files_read(dossier)
    }


def captured_between(dossier: Dossier, policy: Policy) -> CaptureInterval:
    """The span of all the report's files together, for the report's row."""
    starts, ends, worths = [], [], []
    sources: set[str] = set()
    contradictions: set[str] = set()
    for _, readings in files_read(dossier):
        interval = _of_file(readings, dossier, policy)
        sources.update(interval.sources)
        contradictions.update(interval.contradictions)
        if interval.earliest is not None:
            starts.append(interval.earliest)
        if interval.latest is not None:
            ends.append(interval.latest)
        if interval.worth is not None:
            worths.append(interval.worth)
    return CaptureInterval(
        earliest=min(starts, default=None),
        latest=max(ends, default=None),
        sources=tuple(sorted(sources)),
        contradictions=tuple(sorted(contradictions)),
        worth=min(worths, default=None),
    )


def _of_file(
    readings: Readings, dossier: Dossier, policy: Policy, kinds: Iterable[str] = EVERY_KIND
) -> CaptureInterval:
    reached_us_at = dossier.report.received_at or dossier.now
    not_after = reached_us_at + timedelta(minutes=policy.substance.future_skew_minutes)
    near = dossier.report.claim.violated_at
    return capture_interval(readings, policy.zone, not_after, near=near, kinds=kinds)


def _missing(dossier: Dossier, policy: Policy) -> Finding:
    asked = demand(dossier, policy, Sight.TIME)
    only_in_picture = "metadata" not in policy.substance.time_sources
    surely = asked is Demand.MUST and only_in_picture and all_read_well(dossier)
    outcome = where_absent(surely=surely)
    return Finding("capture_time", "TIME_MISSING", outcome, Scope.REPORT, 0.8, sight=Sight.TIME)


def _doubts(evidence: Evidence, interval: CaptureInterval, policy: Policy) -> Iterator[Finding]:
    for code, reasons, confidence in (
        ("TIME_UNTRUSTED", _UNTRUSTED, 0.9),
        ("TIME_CONTRADICTION", _AGAINST, 0.8),
    ):
        names = [name for name in interval.contradictions if name.endswith(reasons)]
        if names:
            yield Finding(
                check="capture_time",
                code=code,
                outcome=Outcome.REVIEW,
                scope=Scope.EVIDENCE,
                confidence=confidence,
                sight=Sight.TIME,
                proof=Proof(evidence.sha256),
                details={"contradictions": " ".join(names)} | _stated(interval, policy.zone),
            )


def _run_of_clock(evidence: Evidence, readings: Readings) -> Iterator[Finding]:
    """Slow motion, a recording that was sped up, or a clock that stands still."""
    if runs_real_time(readings) or readings.clock_run is None:
        return
    run, clock = readings.clock_run, best_clock(readings)
    proof = Proof(evidence.sha256)
    if clock:
        proof = replace(proof, frame_ms=clock.frame_ms, box=clock.box)
    yield Finding(
        check="capture_time",
        code="CLOCK_NOT_TICKING",
        outcome=Outcome.REVIEW,
        scope=Scope.EVIDENCE,
        confidence=0.7,
        sight=Sight.TIME,
        proof=proof,
        details={"rate": f"{run.rate:.2f}", "frames": str(run.frames)},
    )


def _compared(
    evidence: Evidence,
    readings: Readings,
    interval: CaptureInterval,
    dossier: Dossier,
    policy: Policy,
) -> Finding:
    """The interval against the claim."""
    claimed, confidence = dossier.report.claim.violated_at, 0.0
    if interval.worth is not None:
        confidence = CONFIDENCE[interval.worth]
    answer = Finding(
        check="capture_time",
        code="TIME_NOT_CLAIMED",
        outcome=Outcome.REVIEW,
        scope=Scope.EVIDENCE,
        confidence=confidence,
        sight=Sight.TIME,
        proof=_proof(evidence, readings, interval),
        details=_stated(interval, policy.zone),
    )
    if claimed is not None:
        return _against_claim(answer, interval, claimed, policy)
    if interval.readings:
        return replace(answer, code="TIME_TWO_READINGS")
    return answer


def _against_claim(
    answer: Finding, interval: CaptureInterval, claimed: datetime, policy: Policy
) -> Finding:
    """``answer`` with how far the claimed time is from the nearest reading, and what follows."""
    tolerance = timedelta(minutes=policy.substance.time_tolerance_minutes)
    apart = min(_apart(span, claimed) for span in interval.spans)
    details = dict(answer.details)
    if interval.day_assumed:
        details["day_assumed"] = "yes"
    details["claimed"] = _local(claimed, policy.zone)
    details["seconds_apart"] = str(int(apart.total_seconds()))
    if apart <= tolerance and interval.readings:
        return replace(answer, code="TIME_TWO_READINGS", details=details)
    if apart <= tolerance:
        return replace(answer, code="TIME_CONFIRMED", outcome=Outcome.PASS, details=details)
    if whole_zones(apart, tolerance):
        details["zone_off"] = "yes"
    hard = apart > HARD_MISMATCH and len(interval.sources) > 1 and not interval.contradictions
    outcome = where_absent(surely=hard)
    return replace(answer, code="TIME_MISMATCH", outcome=outcome, details=details)


def _proof(evidence: Evidence, readings: Readings, interval: CaptureInterval) -> Proof:
    clock = best_clock(readings)
    if PICTURE not in interval.sources or clock is None:
        return Proof(evidence.sha256)
    return Proof(evidence.sha256, clock.frame_ms, clock.box)


def _stated(interval: CaptureInterval, zone: ZoneInfo) -> dict[str, str]:
    """What the file says, as details: its edges, and the moment that its best statement names."""
    if interval.whole is None:
        return {}
    earliest, latest = interval.whole
    details = {
        "captured_from": _local(earliest, zone),
        "captured_to": _local(latest, zone),
        "sources": " ".join(interval.sources),
    }
    if interval.stated is not None:
        details["stated"] = _local(interval.stated, zone)
    if interval.read_as:
        details["read_as"] = " ".join(interval.read_as)
    if interval.readings:
        middles = [begin + (end - begin) / 2 for begin, end in interval.readings]
        details["either"], details["or"] = (_local(middle, zone) for middle in middles)
    return details


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def _apart(span: Span, at: datetime) -> timedelta:
    earliest, latest = span
    return max(earliest - at, at - latest, timedelta())
