"""Judging never raises, whatever strangers' files made the reader see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheme.finding import CODES
from scheme.reading import (
    Box,
    CaptureClock,
    ClockRun,
    Fingerprint,
    Flag,
    FrameLooked,
    Hindrance,
    Hint,
    Hinted,
    LabelSeen,
    Legibility,
    MediaFacts,
    MediaKind,
    Motion,
    PictureClock,
    Place,
    PlateNumber,
    PlateSeen,
    Readings,
    Sighted,
    Sighting,
    Span,
    TextSeen,
    Unread,
)
from verifiers.checks.capture_time import captured_between
from verifiers.judging.coach import coach_lines

if TYPE_CHECKING:
    from tests.verifiers.conftest import Scenes

SHARE = st.floats(0, 1)
MS = st.none() | st.integers(0, 10**15)
BOX = st.just(Box(0.1, 0.1, 0.2, 0.2))
TEXT = st.text(max_size=50) | st.sampled_from(["49", "49路", "沪A12345", "012345", "\ud800"])
FLAG = st.builds(Flag, st.sampled_from(sorted(CODES)), TEXT)
SPAN = st.builds(Span, st.integers(0, 10**6), st.integers(0, 10**6))


def some(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=3).map(tuple)


FACTS = st.builds(
    MediaFacts,
    kind=st.sampled_from(MediaKind),
    format=TEXT,
    mime=TEXT,
    width=st.integers(1, 10**6),
    height=st.integers(1, 10**6),
    size_bytes=st.integers(1),
    duration_ms=st.none() | st.integers(0, 2**70),
    make=st.none() | TEXT,
    model=st.none() | TEXT,
    software=st.none() | TEXT,
    clocks=some(
        st.builds(
            CaptureClock,
            st.sampled_from(
                [
                    "exif.DateTimeOriginal",
                    "mvhd.creation_time",
                    "filename",
                    "exif.GPSDateStamp",
                    "x",
                ]
            ),
            TEXT,
            st.none() | st.datetimes() | st.datetimes(timezones=st.timezones()),
            st.sampled_from([0.001, 1.0, 60.0, 86_400.0, 31_536_000.0]),
        )
    ),
    place=st.none() | st.builds(Place, st.floats(-90, 90), st.floats(-180, 180), TEXT),
    flags=some(FLAG),
)
LEGIBILITY = st.builds(
    Legibility, st.floats(0, 1e4), SHARE, SHARE, SHARE, st.sampled_from(Hindrance)
)
LABEL = st.builds(LabelSeen, TEXT, TEXT, SHARE, BOX, MS, st.none() | LEGIBILITY)
READINGS = st.builds(
    Readings,
    reader_version=st.just("t"),
    facts=st.none() | FACTS,
    texts=some(st.builds(TextSeen, TEXT, SHARE, BOX, MS)),
    plates=some(
        st.builds(
            PlateSeen,
            TEXT.map(PlateNumber),
            SHARE,
            st.booleans(),
            TEXT,
            BOX,
            st.floats(0, 1e4),
            frame_ms=MS,
            legibility=st.none() | LEGIBILITY,
        )
    ),
    routes=some(LABEL),
    fleet_numbers=some(LABEL),
    badges=some(LABEL),
    clocks=some(st.builds(PictureClock, st.datetimes(), st.booleans(), TEXT, SHARE, BOX, MS)),
    frames=some(st.builds(FrameLooked, MS, st.floats(0, 1e5), st.floats(0, 255))),
    clock_run=st.none() | st.builds(ClockRun, st.none() | st.floats(0, 1e6), st.integers(0, 99)),
    unread=some(st.builds(Unread, st.sampled_from(Sighted), SHARE, BOX, LEGIBILITY, MS)),
    motion=st.none()
    | st.builds(
        Motion, some(st.integers(0, 10**9)), some(SPAN), some(SPAN), st.integers(0, 9), some(SPAN)
    ),
    timeline=some(
        st.builds(Sighting, st.sampled_from(Sighted), TEXT, some(SPAN), st.integers(0, 10**6))
    ),
    hints=some(st.builds(Hint, st.sampled_from(Hinted), SPAN, BOX, SHARE)),
    fingerprints=some(
        st.builds(
            Fingerprint,
            st.just("pdq"),
            st.just(1),
            st.integers(0, 7),
            st.integers(0, 2**256 - 1).map("{:064x}".format),
            st.integers(0, 100),
            MS,
        )
    ),
    failures=some(FLAG),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])  # readings are large
@given(
    files=st.lists(READINGS | st.sampled_from(MediaKind), max_size=3),
    category=st.sampled_from(["red_light", "wrong_way", "smoking_or_phone", "unknown"]),
    without=st.sets(st.sampled_from(["violated_at", "route", "plate", "place"])),
    badge=st.none() | st.just("012345"),
)
def test_judging_never_raises_and_speaks_of_no_other_vehicle_to_passengers(
    scene_of: Scenes,
    files: list[Readings | MediaKind],
    category: str,
    without: set[str],
    badge: str | None,
) -> None:
    made = scene_of(files=files, category=category, claim=dict.fromkeys(without) | {"badge": badge})
    findings = made.findings()
    assert {"window", "duplicates", "roster"} <= {finding.check for finding in findings}
    assert all(0 <= finding.confidence <= 1 for finding in findings)
    captured_between(made.build(), made.policy)
    if category != "unknown":
        lines = coach_lines(
            findings, made.policy, category, [e.kind for e in made.build().report.evidence]
        )
        assert len({line.sight for line in lines}) == len(lines) > 0
        assert all("others" not in line.details for line in lines)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])  # readings are large
@given(files=st.lists(READINGS, max_size=2), plate=st.none() | st.just("沪A12345"))
def test_hints_never_enter_a_verdict(
    scene_of: Scenes, files: list[Readings], plate: str | None
) -> None:
    without = [replace(file, hints=()) for file in files]
    claim = {"plate": plate}
    assert (
        scene_of(files=files, claim=claim).findings()
        == scene_of(files=without, claim=claim).findings()
    )
