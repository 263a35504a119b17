"""R14: what a report's files show of buses, drivers, lines, times and places.

The same incident is searched by it.

Whatever is in view is kept, whosever it is: which bus is reported is for the officer and the other
checks to say. A floor beside ``choosing``, no check of its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from scheme.dossier import Dossier
from scheme.finding import Sight
from scheme.naming import LONGEST_NAME, InvalidBadge, InvalidRoute, canonical_badge, canonical_route
from scheme.policy import Policy
from scheme.reading import LabelSeen, Readings, Sighted
from scheme.report import Evidence
from scheme.traces import MOST_NAMES, Capture, Shown, as_fleet_number, tells
from verifiers.checks.capture_time import captures
from verifiers.dossiers.choosing import LEAST_PROBABILITY, is_sure
from verifiers.dossiers.seen import files_read

SURE_FLEET_NUMBER: Final = 0.8
"""Probability below which a bus's own number may be another's. No sight asks for it, so the policy
has no floor; chosen, not measured.
"""

MOST_GUESSES: Final = 3
"""Ways to read an unsure plate that are kept, best first."""


class _Seen(NamedTuple):
    kind: Sighted
    name: str
    probability: float
    sure: bool


def shown(dossier: Dossier, policy: Policy) -> Shown:
    """Everything in the files by which another report may be about the same incident."""
    best: dict[tuple[Sighted, str], _Seen] = {}
    for _, readings in files_read(dossier):
        for seen in _names(readings, policy):
            known = best.get((seen.kind, seen.name))
            if known is None or (known.sure, known.probability) < (seen.sure, seen.probability):
                best[seen.kind, seen.name] = seen
    return Shown(
        read=_kept([seen for seen in best.values() if seen.sure]),
        unsure=_kept([seen for seen in best.values() if not seen.sure]),
        captures=tuple(_captures(dossier, policy)),
    )


def _captures(dossier: Dossier, policy: Policy) -> Iterator[Capture]:
    intervals = captures(dossier, policy)
    for evidence, readings in files_read(dossier):
        yield _capture(evidence, readings, intervals[evidence.sha256])


def _kept(seen: list[_Seen]) -> Mapping[Sighted, frozenset[str]]:
    found: dict[Sighted, list[str]] = defaultdict(list)
    for name in sorted(seen, key=lambda name: (-name.probability, name.name)):
        found[name.kind].append(name.name)
    return MappingProxyType({kind: frozenset(names[:MOST_NAMES]) for kind, names in found.items()})


def _names(readings: Readings, policy: Policy) -> Iterator[_Seen]:
    floors = policy.substance.confidence
    for plate in readings.plates:
        yield _Seen(Sighted.PLATE, plate.number, plate.probability, is_sure(plate, policy))
        for guess in plate.candidates[:MOST_GUESSES]:
            if (
                guess.text != plate.number
                and len(guess.text) <= LONGEST_NAME
                and not is_sure(plate, policy)
            ):
                yield _Seen(Sighted.PLATE, guess.text, 0.0, sure=False)
    for kind, labels, floor in (
        (Sighted.FLEET_NUMBER, readings.fleet_numbers, SURE_FLEET_NUMBER),
        (Sighted.BADGE, readings.badges, floors.get(Sight.BADGE, 1.0)),
        (Sighted.ROUTE, readings.routes, floors.get(Sight.ROUTE, 1.0)),
    ):
        for label in labels:
            name = _canonical(kind, label)
            if (
                name is not None
                and len(name) <= LONGEST_NAME
                and label.probability >= LEAST_PROBABILITY
            ):
                yield _Seen(kind, name, label.probability, label.probability >= floor)


def _canonical(kind: Sighted, label: LabelSeen) -> str | None:
    try:
        if kind is Sighted.ROUTE:
            return canonical_route(label.text)
        if kind is Sighted.FLEET_NUMBER:
            return as_fleet_number(label.text)
        return canonical_badge(label.text)
    except (InvalidBadge, InvalidRoute):
        return None


def _capture(
    evidence: Evidence, readings: Readings, taken: tuple[datetime, datetime] | None
) -> Capture:
    capture = Capture(evidence.sha256, None, None, None, None)
    if taken is not None and tells(*taken):
        earliest, latest = taken
        capture = replace(capture, earliest=earliest, latest=latest)
    if readings.facts is not None and readings.facts.place is not None:
        place = readings.facts.place
        capture = replace(capture, latitude=place.latitude, longitude=place.longitude)
    return capture
