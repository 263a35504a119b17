# ruff: noqa: ANN401 -- a test names whatever field it spoils
"""A report at a crossing in Shanghai, as clean as can be; each test spoils one thing of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any, TypeAlias

import pytest

from scheme.dossier import Dossier, Roster, Vehicle
from scheme.finding import Finding
from scheme.policy import Policy
from scheme.policy_reading import parse_policy
from scheme.reading import (
    Box,
    CaptureClock,
    FrameLooked,
    Hindrance,
    LabelSeen,
    Legibility,
    MediaFacts,
    MediaKind,
    Motion,
    Place,
    PlateNumber,
    PlateSeen,
    Readings,
    Sha256,
    Sighted,
    Sighting,
    Span,
    Unread,
)
from scheme.report import Channel, Claim, Evidence, Report
from scheme.workdays import Workdays
from verifiers.judging.judge import judge

BOX = Box(0.4, 0.5, 0.6, 0.6)
PLATE = PlateNumber("沪A12345")
VIOLATED_AT = datetime(2026, 11, 24, 0, 41, tzinfo=UTC)  # 08:41 in Shanghai, a Tuesday
RECEIVED_AT = VIOLATED_AT + timedelta(hours=2)
PHOTO_CLOCK = CaptureClock(
    "exif.DateTimeOriginal",
    "2026:11:24 08:41:00+08:00",
    VIOLATED_AT.astimezone(UTC),
    resolution_s=1.0,
)


def a_plate(
    number: str = PLATE, *, certain: bool = True, probability: float = 0.97, **changes: Any
) -> PlateSeen:
    seen = PlateSeen(PlateNumber(number), probability, certain, "yellow", BOX, 40.0)
    return replace(seen, **changes)


def a_label(text: str, probability: float = 0.9, frame_ms: int | None = None) -> LabelSeen:
    return LabelSeen(text, text, probability, BOX, frame_ms)


def an_unread(
    what: Sighted = Sighted.PLATE,
    hindrance: Hindrance = Hindrance.SMALL,
    height_px: float = 14.0,
    **changes: Any,
) -> Unread:
    return replace(
        Unread(what, 0.8, BOX, Legibility(height_px, 0.5, 0.5, 0.0, hindrance)), **changes
    )


def a_sighting(
    from_ms: int, to_ms: int, text: str = PLATE, what: Sighted = Sighted.PLATE
) -> Sighting:
    return Sighting(what, text, (Span(from_ms, to_ms),), (from_ms + to_ms) // 2)


def photo(**changes: Any) -> Readings:
    """Readings of a good photo; keywords change them or their facts (``stamps``: clocks)."""
    facts = MediaFacts(
        MediaKind.PHOTO,
        "jpeg",
        "image/jpeg",
        4000,
        3000,
        3_000_000,
        make="Xiaomi",
        model="13",
        clocks=(PHOTO_CLOCK,),
    )
    readings = Readings(
        "test",
        facts,
        plates=(a_plate(),),
        routes=(a_label("49"),),
        frames=(FrameLooked(None, 200.0, 120.0),),
    )
    return _changed(readings, changes)


def clip(**changes: Any) -> Readings:
    """Readings of a good recording of ten seconds."""
    clock = CaptureClock(
        "quicktime.creationdate", "2026-11-24T08:40:55+0800", VIOLATED_AT - timedelta(seconds=5)
    )
    facts = MediaFacts(
        MediaKind.VIDEO,
        "mov",
        "video/quicktime",
        1920,
        1080,
        20_000_000,
        duration_ms=10_000,
        make="Apple",
        model="iPhone 15",
        clocks=(clock,),
    )
    readings = Readings(
        "test",
        facts,
        plates=(a_plate(frame_ms=3200),),
        routes=(a_label("49", frame_ms=3200),),
        frames=(FrameLooked(3200, 200.0, 120.0),),
        motion=Motion(),
    )
    return _changed(readings, changes)


def _changed(readings: Readings, changes: Mapping[str, Any]) -> Readings:
    own = {key: value for key, value in changes.items() if key in Readings.__dataclass_fields__}
    of_facts = {
        "clocks" if key == "stamps" else key: value
        for key, value in changes.items()
        if key not in own
    }
    if of_facts and readings.facts is not None:
        own["facts"] = replace(readings.facts, **of_facts)
    return replace(readings, **own)


@dataclass
class Scene:
    """What a test may change before it asks for the findings."""

    policy: Policy
    category: str = "wrong_way"
    claim: dict[str, Any] = field(default_factory=dict)
    files: list[Readings | MediaKind] = field(default_factory=lambda: [photo()])
    """A medium instead of readings: a file that has not been read."""
    names: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)
    dossier: dict[str, Any] = field(default_factory=dict)

    def build(self) -> Dossier:
        said: dict[str, Any] = {
            "violated_at": VIOLATED_AT, "route": "49", "plate": PLATE, "place": "延安西路",
            "latitude": None, "longitude": None,
        } | self.claim  # fmt: skip
        evidence, readings = [], {}
        for position, file in enumerate(self.files):
            sha256 = Sha256(f"{position:064x}")
            kind = (
                file
                if isinstance(file, MediaKind)
                else file.facts.kind
                if file.facts
                else MediaKind.PHOTO
            )
            name = self.names[position] if position < len(self.names) else f"IMG_{position}.jpg"
            evidence.append(Evidence(sha256, kind, 1000, name, position))
            if not isinstance(file, MediaKind):
                readings[sha256] = file
        report: dict[str, Any] = {
            "channel": Channel.WEB,
            "received_at": RECEIVED_AT,
            "submitted_to_us_at": RECEIVED_AT,
        } | self.report
        others: dict[str, Any] = {
            "roster": a_roster(),
            "now": RECEIVED_AT,
            "workdays": a_calendar(),
        } | self.dossier
        return Dossier(
            Report("r1", Claim(self.category, **said), tuple(evidence), **report),
            readings,
            **others,
        )

    def findings(self) -> tuple[Finding, ...]:
        return judge(self.build(), self.policy)

    def by_code(self) -> dict[str, Finding]:
        """The findings by code; where one code stands twice, the last."""
        return {finding.code: finding for finding in self.findings()}


Scenes: TypeAlias = Callable[..., Scene]


def a_roster() -> Roster:
    vehicle = Vehicle(PLATE, "S2L-056", frozenset({"49", "K4"}), "一车队")
    return Roster({PLATE: vehicle}, {"012345": frozenset({"49"})})


def a_calendar() -> Workdays:
    return Workdays(
        frozenset({date(2026, 10, day) for day in range(1, 8)}),
        frozenset({date(2026, 10, 10)}),
        frozenset({2026}),
    )


@pytest.fixture(scope="session")
def policy() -> Policy:
    return parse_policy(
        (files("scheme") / "policies" / "shanghai-bus-2012.toml").read_text(encoding="utf-8")
    )


@pytest.fixture
def scene(policy: Policy) -> Scenes:
    """``scene(category=…, claim={…}, files=[…])``: a report to be judged."""

    def make(**changes: Any) -> Scene:
        return Scene(policy, **changes)

    return make


class Making:
    """Readings to build scenes from."""

    photo = staticmethod(photo)
    clip = staticmethod(clip)
    plate = staticmethod(a_plate)
    label = staticmethod(a_label)
    unread = staticmethod(an_unread)
    sighting = staticmethod(a_sighting)
    at = VIOLATED_AT
    received_at = RECEIVED_AT
    there = Place(31.2304, 121.4737, "exif.GPS")


@pytest.fixture(scope="session")
def making() -> Making:
    return Making()


@pytest.fixture(scope="session")
def scene_of(policy: Policy) -> Scenes:
    """``scene`` for property tests, which keep their fixtures from example to example."""

    def make(**changes: Any) -> Scene:
        return Scene(policy, **changes)

    return make
