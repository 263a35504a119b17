"""R14 in figures: no pair of one incident goes unasked, hardly any of different ones asks.

``python -m tests.scheme.test_incident_figures SEED…`` prints the figures of other cities than the
test's own.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from typing import NamedTuple

from scheme.dossier import Dossier, Roster
from scheme.incident import why_asked
from scheme.meeting import Why
from scheme.policy import Policy
from scheme.policy_reading import parse_policy
from scheme.reading import MediaKind, Sha256
from scheme.report import Channel, Evidence, Report
from scheme.traces import Traces, traces
from scheme.workdays import Workdays
from tests.scheme.drawn_incidents import City, Told
from verifiers.judging.shown import shown

PAIRS = 1000
SEED = 20260310
DIFFERENT = (
    *("same line, same quarter of an hour",) * 1,
    *("same crossing, same quarter of an hour, another line",) * 1,
    *("same line and place, another time",) * 2,
    *("same bus, another time",) * 2,
    *("anywhere in the city, same hour",) * 4,
)
"""Of ten pairs of different incidents so many are alike in this way: a fifth lies in one quarter of
an hour.
"""


def the_policy() -> Policy:
    shipped = files("scheme").joinpath("policies", "shanghai-bus-2012.toml")
    return parse_policy(shipped.read_text(encoding="utf-8"))


class Pair(NamedTuple):
    """Two reports, why they are asked about, and how alike their incidents are."""

    one: Told
    other: Told
    why: tuple[Why, ...]
    kind: str


def dossier_of(told: Told, roster: Roster | None) -> Dossier:
    """A drawn report with its one file, as verification gathers it."""
    digest = Sha256("a" * 64)
    report = Report(
        "r",
        told.claim,
        (Evidence(digest, MediaKind.PHOTO, 1, "a.jpg", 0),),
        Channel.WEB,
        None,
        None,
    )
    claimed = told.claim.violated_at
    assert claimed is not None
    now = claimed + timedelta(days=1)
    return Dossier(
        report,
        {digest: told.readings},
        Workdays(frozenset(), frozenset(), frozenset()),
        now,
        roster,
    )


def told_traces(told: Told, roster: Roster, policy: Policy) -> Traces:
    """What a report tells, by the way that verification takes: claim, readings, roster."""
    return traces(
        told.claim, told.claim.violated_at, shown(dossier_of(told, roster), policy), roster
    )


def asked(one: Told, other: Told, roster: Roster, policy: Policy) -> tuple[Why, ...]:
    substance = policy.substance
    return why_asked(
        told_traces(one, roster, policy),
        told_traces(other, roster, policy),
        minutes=substance.same_incident_minutes,
        metres=substance.same_incident_metres,
    )


def pairs_of_one(seed: int, pairs: int = PAIRS) -> Iterator[Pair]:
    city, policy = City(seed), the_policy()
    roster = city.roster()
    for _ in range(pairs):
        incident = city.incident()
        one, other = city.told(incident), city.told(incident)
        yield Pair(one, other, asked(one, other, roster, policy), "one incident")


def pairs_of_two(seed: int, pairs: int = PAIRS) -> Iterator[Pair]:
    city, policy = City(seed), the_policy()
    roster = city.roster()
    for number in range(pairs):
        incident, kind = city.incident(), DIFFERENT[number % len(DIFFERENT)]
        one, other = city.told(incident), city.told(city.other_than(incident, kind))
        yield Pair(one, other, asked(one, other, roster, policy), kind)


def test_of_a_thousand_pairs_of_one_incident_none_goes_unasked() -> None:
    assert [pair for pair in pairs_of_one(SEED) if not pair.why] == []


def test_of_a_thousand_different_incidents_at_most_two_in_a_hundred_are_asked_about() -> None:
    found = [pair.kind for pair in pairs_of_two(SEED) if pair.why]
    assert len(found) <= PAIRS * 2 // 100, Counter(found)


def _print_figures(seed: int) -> None:
    one, two = list(pairs_of_one(seed)), list(pairs_of_two(seed))
    missed = [pair for pair in one if not pair.why]
    drawn, kinds = (
        Counter(pair.kind for pair in two),
        Counter(pair.kind for pair in two if pair.why),
    )
    asked = sum(kinds.values())
    print(f"seed {seed}: {len(missed)} of {len(one)} unasked")  # noqa: T201
    print(f"  {asked} of {len(two)} different asked")  # noqa: T201
    print("  ", ", ".join(f"{kind}: {kinds[kind]} of {drawn[kind]}" for kind in drawn))  # noqa: T201
    print("  ", Counter(pair.why[0].value for pair in two if pair.why))  # noqa: T201
    for pair in missed:
        print("  missed:", pair.one.claim, pair.other.claim, sep="\n    ")  # noqa: T201


if __name__ == "__main__":
    for text in sys.argv[1:]:
        _print_figures(int(text))
