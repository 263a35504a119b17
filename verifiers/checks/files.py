"""R4, R6, R18: what a person must know of each file itself.

Failures and flags of its readings become findings.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope
from scheme.policy import Policy
from scheme.reading import Flag, Readings
from scheme.report import Evidence
from verifiers.dossiers.answers import details_of, where_absent

NOTHING_TO_SEE: frozenset[str] = frozenset({"UNREADABLE", "NO_VIDEO"})
"""Failures that are the file's own: with nothing of it read, it cannot prove anything."""

HARMLESS: Mapping[str, Outcome] = MappingProxyType({"CONTAINER_TIMES_INVALID": Outcome.PASS})
"""Flags that are told, but need no eye: phones write such values, and nothing was believed."""


# Every check is called alike
def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:  # noqa: ARG001
    """At least one finding for each file: read, not read yet, or what is wrong with it."""
    for evidence in sorted(dossier.report.evidence, key=lambda evidence: evidence.position):
        readings = dossier.readings.get(evidence.sha256)
        if readings is None:
            yield _about(evidence, Flag("NOT_READ_YET"), Outcome.REVIEW)
            continue
        if not readings.failures and readings.facts is not None:
            yield _about(evidence, Flag("READ_OK"), Outcome.PASS)
        yield from _troubles(evidence, readings)


def _troubles(evidence: Evidence, readings: Readings) -> Iterator[Finding]:
    for failure in dict.fromkeys(readings.failures):
        own = failure.code in NOTHING_TO_SEE and readings.facts is None
        yield _about(evidence, failure, where_absent(surely=own))
    if readings.facts is not None:
        for flag in dict.fromkeys(readings.facts.flags):
            yield _about(evidence, flag, HARMLESS.get(flag.code, Outcome.REVIEW))
    elif not readings.failures:
        yield _about(evidence, Flag("UNREADABLE"), Outcome.FAIL)


def _about(evidence: Evidence, flag: Flag, outcome: Outcome) -> Finding:
    proof, details = Proof(evidence.sha256), details_of(detail=flag.detail)
    return Finding("files", flag.code, outcome, Scope.EVIDENCE, proof=proof, details=details)
