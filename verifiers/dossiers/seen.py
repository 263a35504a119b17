"""What every check may ask of a dossier.

Which files were read, how well, and what the category asks for.

The checks know nothing of each other; this is the floor below them.
"""

from collections.abc import Iterator
from enum import IntEnum

from scheme.dossier import Dossier
from scheme.finding import Sight
from scheme.policy import Policy, SightsNeeded
from scheme.reading import Hindrance, Legibility, Readings, Sighted, Unread
from scheme.report import Evidence

DULL = 12.0
"""A frame of which no frame is sharper shows nothing (variance of the Laplacian at 1024 px): fog, a
pocket, a blur.
"""


class Demand(IntEnum):
    """How much a category asks for a sight: not at all, as one of several, or in any case."""

    NOT = 0
    MAY = 1
    MUST = 2


def files_read(dossier: Dossier) -> Iterator[tuple[Evidence, Readings]]:
    """The files of the report that were read, in the reporter's order."""
    for evidence in sorted(dossier.report.evidence, key=lambda evidence: evidence.position):
        readings = dossier.readings.get(evidence.sha256)
        if readings is not None:
            yield evidence, readings


PARTLY_READ: frozenset[str] = frozenset({"RECORDING_LONG", "TRUNCATED"})
"""Flags of a file of which a part was not read, or did not arrive."""


def read_well(readings: Readings) -> bool:
    """Whether the file was opened, read to the end, and has at least one clear frame.

    That something is not in its readings says little even then: see ``absent``.
    """
    if readings.facts is None or readings.failures:
        return False
    if any(flag.code in PARTLY_READ for flag in readings.facts.flags):
        return False
    return any(frame.sharpness >= DULL for frame in readings.frames)


def all_read_well(dossier: Dossier) -> bool:
    """Whether every file of the report was read, and well.

    Else nothing is surely absent from it.
    """
    return bool(dossier.report.evidence) and all(
        evidence.sha256 in dossier.readings and read_well(dossier.readings[evidence.sha256])
        for evidence in dossier.report.evidence
    )


def best_unread(dossier: Dossier, what: Sighted) -> tuple[Evidence, Unread] | None:
    """Of what is in view of this kind but can't be read, the one nearest to being read."""
    found = [
        (evidence, unread)
        for evidence, readings in files_read(dossier)
        for unread in readings.unread
        if unread.what is what
    ]
    return max(
        found, key=lambda pair: (pair[1].legibility.height_px, pair[1].probability), default=None
    )


def hindered(legibility: Legibility | None) -> dict[str, str]:
    """What keeps it from being read, as details of a finding; empty where nothing is known to."""
    if legibility is None or legibility.hindrance is Hindrance.NONE:
        return {}
    return {"hindrance": legibility.hindrance.value, "height_px": f"{legibility.height_px:.0f}"}


def expressions(dossier: Dossier, policy: Policy) -> tuple[SightsNeeded, ...]:
    """What the category asks for, by each medium that the report holds.

    Of every medium while it holds none (R5).

    Empty when the category is unknown, or admits none of the media that came (R4).
    """
    category = policy.substance.categories.get(dossier.report.claim.category)
    if category is None:
        return ()
    kinds = {evidence.kind for evidence in dossier.report.evidence} or set(category.sights)
    return tuple(needed for kind, needed in category.sights.items() if kind in kinds)


def demand(dossier: Dossier, policy: Policy, sight: Sight) -> Demand:
    """How much the report's category asks for ``sight``.

    With two media, either will do, so the milder one counts.
    """
    asked = [_asked(needed, sight) for needed in expressions(dossier, policy)]
    if not asked:
        return Demand.NOT
    return asked[0] if len(set(asked)) == 1 else Demand.MAY


def _asked(needed: SightsNeeded, sight: Sight) -> Demand:
    inside = [
        (Demand.MUST if part is sight else Demand.NOT)
        if isinstance(part, Sight)
        else _asked(part, sight)
        for part in needed.parts
    ]
    most = max(inside, default=Demand.NOT)
    return Demand.MAY if needed.mode == "any" and most is Demand.MUST and len(inside) > 1 else most
