"""R4, R5: is all to be seen that the category asks for, and is it one bus? Runs over findings.

A sight is seen when some finding about it passes. Several files may share the work only where
something ties them: the same plate or bus number in both, pictures that look alike, the same camera
within minutes, or an officer's word.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import combinations
from typing import TypeAlias

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Scope, Sight
from scheme.policy import Policy, SightsNeeded
from scheme.reading import Fingerprint, Readings, Sha256
from verifiers.dossiers.answers import details_of, where_absent
from verifiers.dossiers.seen import expressions, files_read

LOOK_ALIKE_BITS = 31
"""Fingerprints of 256 bits that differ in no more than this many show the same scene."""

LEAST_FINGERPRINT_QUALITY = 50
"""A fingerprint of a flat picture is like many others."""

FRAMES_COMPARED = 24
"""Frames of each file, spread evenly, that are compared with each other."""

SURE_NUMBER = 0.8
"""Probability from which a bus's own number in two files ties them."""


Looks: TypeAlias = tuple[tuple[tuple[str, int], tuple[int, ...], tuple[int, ...]], ...]
"""By (algorithm, version): the bits of the frames compared, upright, and in all views."""


class State(IntEnum):
    """How far a sight is there; the worst of several counts in ``all``, the best in ``any``."""

    MISSING = 0
    UNSURE = 1
    SEEN = 2


def check(dossier: Dossier, policy: Policy, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Whether the evidence admits the category at all, shows all it asks for, and shows one bus."""
    claim = dossier.report.claim
    category = policy.substance.categories.get(claim.category)
    if category is None:
        yield Finding(
            "sights",
            "CATEGORY_UNKNOWN",
            Outcome.REVIEW,
            Scope.REPORT,
            details={"category": claim.category},
        )
        return
    asked = expressions(dossier, policy)
    if not asked:
        yield Finding("sights", "VIDEO_REQUIRED", Outcome.FAIL, Scope.REPORT, sight=Sight.PROCESS)
    else:
        yield _together(dossier, policy, asked, findings)
    yield Finding(
        "sights", "VIOLATION_TO_CONFIRM", Outcome.REVIEW, Scope.REPORT, sight=Sight.VIOLATION
    )


def _together(
    dossier: Dossier, policy: Policy, asked: tuple[SightsNeeded, ...], findings: Sequence[Finding]
) -> Finding:
    best = max(asked, key=lambda needed: evaluated(needed, findings))
    state = evaluated(best, findings)
    if state is not State.SEEN:
        outcome = where_absent(surely=state is State.MISSING)
        details = details_of(
            missing=_named(State.MISSING, best, findings),
            unsure=_named(State.UNSURE, best, findings),
        )
        return Finding("sights", "SIGHTS_INCOMPLETE", outcome, Scope.REPORT, details=details)
    if dossier.tied_by_officer:
        by_officer = {"tied_by": "officer"}
        return Finding("sights", "SIGHTS_COMPLETE", Outcome.PASS, Scope.REPORT, details=by_officer)
    for group in _one_bus(dossier, policy, findings):
        inside = [finding for finding in findings if _stands_in(finding, group)]
        if any(evaluated(needed, inside) is State.SEEN for needed in asked):
            return Finding("sights", "SIGHTS_COMPLETE", Outcome.PASS, Scope.REPORT)
    return Finding("sights", "SIGHTS_NOT_TIED", Outcome.REVIEW, Scope.REPORT)


def _named(state: State, needed: SightsNeeded, findings: Sequence[Finding]) -> str:
    """The sights that are so far there, each once; the violation is the officer's to see."""
    named = dict.fromkeys(needed.sights())
    named.pop(Sight.VIOLATION, None)
    return " ".join(sight for sight in named if _state(sight, findings) is state)


def _stands_in(finding: Finding, group: frozenset[Sha256]) -> bool:
    return finding.proof is None or finding.proof.sha256 in group


def evaluated(needed: SightsNeeded, findings: Sequence[Finding]) -> State:
    """The and/or expression over what the findings say.

    The violation counts as seen: it is the officer's to see.
    """
    states = [_state_of(part, findings) for part in needed.parts]
    if needed.mode == "all":
        return min(states, default=State.SEEN)
    return max(states, default=State.SEEN)


def _state_of(part: Sight | SightsNeeded, findings: Sequence[Finding]) -> State:
    if isinstance(part, Sight):
        return _state(part, findings)
    return evaluated(part, findings)


def _state(sight: Sight, findings: Sequence[Finding]) -> State:
    if sight is Sight.VIOLATION:
        return State.SEEN
    outcomes = {finding.outcome for finding in findings if finding.sight is sight}
    if Outcome.PASS in outcomes:
        return State.SEEN
    if Outcome.FAIL in outcomes:
        return State.MISSING
    return State.UNSURE


# -- one bus ---------------------------------------------------------------------------------------


def _one_bus(
    dossier: Dossier, policy: Policy, findings: Sequence[Finding]
) -> list[frozenset[Sha256]]:
    """The files in groups that something ties to one bus.

    A file tied to nothing is a group of its own.
    """
    read = {evidence.sha256: readings for evidence, readings in files_read(dossier)}
    taken, looks = _taken(findings), {sha256: _looks(readings) for sha256, readings in read.items()}
    session = timedelta(minutes=policy.substance.same_incident_minutes)
    group_of = {sha256: sha256 for sha256 in read}
    for one, other in combinations(read, 2):
        if group_of[one] == group_of[other]:
            continue
        beside = _close(taken.get(one), taken.get(other), session)
        if (
            _same_number(read[one], read[other])
            or (beside and _same_camera(read[one], read[other]))
            or _look_alike(looks[one], looks[other])
        ):
            _join(group_of, group_of[one], group_of[other])
    return _groups(group_of)


def _join(group_of: dict[Sha256, Sha256], kept: Sha256, joined: Sha256) -> None:
    """Put every file of the one group into the other."""
    for sha256, group in group_of.items():
        if group == joined:
            group_of[sha256] = kept


def _groups(group_of: Mapping[Sha256, Sha256]) -> list[frozenset[Sha256]]:
    """The groups, the largest first."""
    members: dict[Sha256, set[Sha256]] = {}
    for sha256, group in group_of.items():
        members.setdefault(group, set()).add(sha256)
    largest_first = sorted(members.values(), key=lambda group: (-len(group), min(group)))
    return list(map(frozenset, largest_first))


def _same_number(one: Readings, other: Readings) -> bool:
    return bool(_numbers(one) & _numbers(other))


def _numbers(readings: Readings) -> frozenset[str]:
    numbers = {f"plate {plate.number}" for plate in readings.plates if plate.certain}
    for label in readings.fleet_numbers:
        if label.probability >= SURE_NUMBER:
            numbers.add(f"bus {label.text}")
    return frozenset(numbers)


def _same_camera(one: Readings, other: Readings) -> bool:
    """Not known to be two cameras: many recordings name none."""
    cameras = {_camera(one), _camera(other)} - {NO_CAMERA}
    return len(cameras) <= 1


NO_CAMERA = ("", "")


def _camera(readings: Readings) -> tuple[str, str]:
    """Make and model as the file names them."""
    if readings.facts is None:
        return NO_CAMERA
    return readings.facts.make or "", readings.facts.model or ""


def _taken(findings: Sequence[Finding]) -> dict[Sha256, tuple[datetime, datetime]]:
    """When each file was taken, as the check of capture times says."""
    taken = {}
    for finding in findings:
        said = finding.details
        if finding.check != "capture_time" or finding.proof is None or "captured_from" not in said:
            continue
        begin, end = said["captured_from"], said["captured_to"]
        taken[finding.proof.sha256] = (datetime.fromisoformat(begin), datetime.fromisoformat(end))
    return taken


def _close(
    one: tuple[datetime, datetime] | None,
    other: tuple[datetime, datetime] | None,
    session: timedelta,
) -> bool:
    return (
        one is not None
        and other is not None
        and max(one[0] - other[1], other[0] - one[1]) <= session
    )


def _look_alike(one: Looks, other: Looks) -> bool:
    """Whether a frame of the one, upright, is near a frame of the other in any view."""
    return any(
        (mine ^ theirs).bit_count() <= LOOK_ALIKE_BITS
        for kind, upright, _ in one
        for other_kind, _, views in other
        if kind == other_kind
        for mine in upright
        for theirs in views
    )


def _looks(readings: Readings) -> Looks:
    good = [
        fingerprint
        for fingerprint in readings.fingerprints
        if fingerprint.quality >= LEAST_FINGERPRINT_QUALITY
    ]
    times = sorted({fingerprint.frame_ms or 0 for fingerprint in good})
    kept = frozenset(times[:: max(1, len(times) // FRAMES_COMPARED)])
    good = [fingerprint for fingerprint in good if (fingerprint.frame_ms or 0) in kept]
    kinds = dict.fromkeys((fingerprint.algorithm, fingerprint.version) for fingerprint in good)
    return tuple(
        (kind, _bits(good, kind, upright=True), _bits(good, kind, upright=False)) for kind in kinds
    )


def _bits(
    fingerprints: Sequence[Fingerprint], kind: tuple[str, int], *, upright: bool
) -> tuple[int, ...]:
    return tuple(
        int(fingerprint.bits, 16)
        for fingerprint in fingerprints
        if (fingerprint.algorithm, fingerprint.version) == kind
        and not (upright and fingerprint.view)
    )
