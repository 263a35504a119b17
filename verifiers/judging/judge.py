"""``judge``: every check over one report; ``CHECKS`` is the table of them.

``sights`` runs last, over what the others found.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from scheme.dossier import Dossier
from scheme.finding import Finding
from scheme.policy import Policy
from verifiers.checks import (
    badge,
    capture_time,
    duplicates,
    files,
    originality,
    place,
    plate,
    roster,
    route,
    sights,
    vehicle,
    whole_process,
    window,
)

Check: TypeAlias = Callable[[Dossier, Policy], Iterable[Finding]]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "files": files.check,
        "window": window.check,
        "plate": plate.check,
        "route": route.check,
        "badge": badge.check,
        "vehicle": vehicle.check,
        "place": place.check,
        "capture_time": capture_time.check,
        "whole_process": whole_process.check,
        "originality": originality.check,
        "roster": roster.check,
        "duplicates": duplicates.check,
    }
)
"""Check name -> check, in the order in which findings are told."""


def judge(dossier: Dossier, policy: Policy) -> tuple[Finding, ...]:
    """Every check's findings over one report, the sights as a whole last.

    Same input, same answer, in milliseconds.
    """
    found = [finding for check in CHECKS.values() for finding in check(dossier, policy)]
    return (*found, *sights.check(dossier, policy, found))
