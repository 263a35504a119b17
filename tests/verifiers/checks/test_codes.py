"""One case for each finding code.

What must be in the dossier for it to be said, and with which outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scheme.dossier import Neighbour, SimilarMedia
from scheme.finding import CODES, Outcome, Scope
from scheme.reading import (
    CaptureClock,
    ClockMark,
    ClockRun,
    Flag,
    MediaKind,
    Motion,
    Place,
    Readings,
    Sha256,
    Sighted,
)
from scheme.workdays import Workdays

if TYPE_CHECKING:
    from tests.verifiers.conftest import Making, Scenes

PASS, REVIEW, FAIL, NONE = Outcome.PASS, Outcome.REVIEW, Outcome.FAIL, Outcome.NOT_APPLICABLE
Case = tuple[str, Outcome, Callable[[Any], dict[str, Any]]]


def failed(code: str, *, facts: bool = False) -> Callable[[Any], dict[str, Any]]:
    return lambda m: {
        "files": [
            m.photo(failures=(Flag(code, "why"),))
            if facts
            else Readings("t", None, failures=(Flag(code),))
        ]
    }


def flagged(code: str) -> Callable[[Any], dict[str, Any]]:
    return lambda m: {"files": [m.photo(flags=(Flag(code),))]}


def alike(**changes: object) -> Callable[[Any], dict[str, Any]]:
    media = SimilarMedia(
        Sha256("0" * 64),
        None,
        "r0",
        Sha256("f" * 64),
        None,
        MediaKind.PHOTO,
        byte_equal=True,
        distance=0,
        same_claim=True,
        own_repeat=False,
    )
    changed = replace(media, **changes)  # type: ignore[arg-type]  # a row of the table
    return lambda _: {"dossier": {"similar": (changed,)}}


def clocked(*clocks: CaptureClock, **claim: object) -> Callable[[Any], dict[str, Any]]:
    return lambda m: {"files": [m.photo(stamps=clocks)], "claim": claim}


CASES: list[Case] = [
    ("READ_OK", PASS, lambda _: {}),
    ("NOT_READ_YET", REVIEW, lambda _: {"files": [MediaKind.PHOTO]}),
    ("UNREADABLE", FAIL, failed("UNREADABLE")),
    ("NO_VIDEO", FAIL, failed("NO_VIDEO")),
    ("TRUNCATED", REVIEW, failed("TRUNCATED", facts=True)),
    ("TOO_MANY_PIXELS", REVIEW, failed("TOO_MANY_PIXELS")),
    ("TOO_COMPLEX", REVIEW, failed("TOO_COMPLEX")),
    ("DECODER_DIED", REVIEW, failed("DECODER_DIED")),
    ("DECODER_TIMEOUT", REVIEW, failed("DECODER_TIMEOUT", facts=True)),
    ("READING_FAILED", REVIEW, failed("READING_FAILED")),
    ("READING_INCOMPLETE", REVIEW, failed("READING_INCOMPLETE", facts=True)),
    ("TEXTS_LEFT_OUT", REVIEW, failed("TEXTS_LEFT_OUT", facts=True)),
    ("TRAILING_DATA", REVIEW, flagged("TRAILING_DATA")),
    ("ACTIVE_CONTENT", REVIEW, flagged("ACTIVE_CONTENT")),
    ("METADATA_UNREADABLE", REVIEW, flagged("METADATA_UNREADABLE")),
    ("CONTAINER_TIMES_INVALID", PASS, flagged("CONTAINER_TIMES_INVALID")),
    ("PLACE_INVALID", REVIEW, flagged("PLACE_INVALID")),
    ("SLOW_MOTION", REVIEW, flagged("SLOW_MOTION")),
    ("SCREEN_CAPTURE", REVIEW, flagged("SCREEN_CAPTURE")),
    ("PICTURE_TURNED", REVIEW, flagged("PICTURE_TURNED")),
    ("RECORDING_LONG", REVIEW, flagged("RECORDING_LONG")),
    # R1, R6
    ("IN_WINDOW", PASS, lambda _: {}),
    ("LATE", FAIL, lambda m: {"report": {"submitted_to_us_at": m.at + timedelta(days=4)}}),
    ("BEFORE_SCHEME", FAIL, lambda _: {
        "claim": {"violated_at": datetime(2012, 10, 17, 15, 59, 59, tzinfo=UTC)},
    }),
    ("FUTURE_TIME", FAIL, lambda m: {
        "claim": {"violated_at": m.received_at + timedelta(minutes=5, seconds=1)},
    }),
    ("CALENDAR_MISSING", REVIEW, lambda m: {
        "report": {"submitted_to_us_at": m.at + timedelta(days=4)},
        "dossier": {"workdays": Workdays(frozenset(), frozenset(), frozenset())},
    }),
    ("TIME_NOT_CLAIMED", REVIEW, lambda _: {"claim": {"violated_at": None}}),
    # capture time
    ("TIME_CONFIRMED", PASS, lambda _: {}),
    ("TIME_MISSING", REVIEW, clocked()),
    ("TIME_TWO_READINGS", REVIEW, lambda m: {"files": [m.clip(stamps=(
        CaptureClock("mvhd.creation_time", "…", m.at, marks=(ClockMark.RECORDER,)),
    ))]}),
    ("TIME_MISMATCH", REVIEW, lambda m: {"claim": {"violated_at": m.at - timedelta(minutes=12)}}),
    ("TIME_UNTRUSTED", REVIEW, clocked(CaptureClock("exif.DateTimeOriginal", "1970:01:01 00:00:00",
                                                    # As cameras write it
                                                    datetime(1970, 1, 1)))),  # noqa: DTZ001
    ("TIME_CONTRADICTION", REVIEW, clocked(
        CaptureClock("exif.GPSDateStamp", "…", datetime(2026, 11, 24, 0, 40, tzinfo=UTC)),
        # As cameras write it
        CaptureClock("exif.DateTimeOriginal", "…", datetime(2026, 11, 24, 9, 40)),  # noqa: DTZ001
    )),
    ("CLOCK_NOT_TICKING", REVIEW, lambda m: {"files": [m.clip(clock_run=ClockRun(0.25, 6))]}),
    # sights
    ("PLATE_SEEN", PASS, lambda _: {}),
    ("PLATE_OTHER", REVIEW, lambda m: {"files": [m.photo(plates=(m.plate("沪B99999"),))]}),
    ("PLATE_UNSURE", REVIEW, lambda m: {
        "files": [m.photo(plates=(m.plate(certain=False, probability=0.5),))],
    }),
    ("PLATE_ILLEGIBLE", REVIEW, lambda m: {"files": [m.photo(plates=(), unread=(m.unread(),))]}),
    ("PLATE_NOT_SEEN", REVIEW, lambda m: {"files": [m.photo(plates=())]}),
    ("PLATE_NOT_CLAIMED", REVIEW, lambda _: {"claim": {"plate": None, "badge": "012345"}}),
    ("ROUTE_SEEN", PASS, lambda _: {}),
    ("ROUTE_OTHER", REVIEW, lambda m: {"files": [m.photo(routes=(m.label("71"),))]}),
    ("ROUTE_UNSURE", REVIEW, lambda m: {"files": [m.photo(routes=(m.label("49", 0.4),))]}),
    ("ROUTE_ILLEGIBLE", REVIEW, lambda m: {
        "files": [m.photo(routes=(), unread=(m.unread(Sighted.ROUTE),))],
    }),
    ("ROUTE_NOT_SEEN", REVIEW, lambda m: {"files": [m.photo(routes=())]}),
    ("ROUTE_NOT_CLAIMED", REVIEW, lambda _: {"claim": {"route": None}}),
    ("BADGE_SEEN", PASS, lambda m: {"category": "smoking_or_phone", "claim": {"badge": "012345"},
                                    "files": [m.photo(badges=(m.label("012345"),))]}),
    ("BADGE_OTHER", REVIEW, lambda m: {
        "category": "smoking_or_phone", "claim": {"badge": "012345"},
        "files": [m.photo(badges=(m.label("98765"),))],
    }),
    ("BADGE_UNSURE", REVIEW, lambda m: {
        "category": "smoking_or_phone", "claim": {"badge": "012345"},
        "files": [m.photo(badges=(m.label("012345", 0.5),))],
    }),
    ("BADGE_NOT_SEEN", REVIEW, lambda _: {
        "category": "smoking_or_phone", "claim": {"badge": "012345"},
    }),
    ("BADGE_NOT_CLAIMED", NONE, lambda m: {"category": "smoking_or_phone",
                                           "files": [m.photo(badges=(m.label("012345"),))]}),
    ("VEHICLE_CHOSEN", PASS, lambda _: {}),
    ("VEHICLE_UNCLEAR", REVIEW, lambda m: {
        "files": [m.photo(plates=(m.plate("沪B00001"), m.plate("沪B00002")))],
        "claim": {"plate": None},
    }),
    ("PLACE_KNOWN", PASS, lambda _: {}),
    ("PLACE_MISSING", REVIEW, lambda _: {"claim": {"place": None}}),
    ("PLACE_CONFIRMED", PASS, lambda m: {"claim": {"latitude": 31.2305, "longitude": 121.4740},
                                         "files": [m.photo(place=m.there)]}),
    ("PLACE_MISMATCH", REVIEW, lambda m: {
        "claim": {"latitude": 31.2304, "longitude": 121.4737},
        "files": [m.photo(place=Place(31.2335, 121.4737, "exif.GPS"))],
    }),
    ("VIOLATION_TO_CONFIRM", REVIEW, lambda _: {}),
    ("SIGHTS_COMPLETE", PASS, lambda _: {}),
    ("SIGHTS_INCOMPLETE", REVIEW, lambda m: {"files": [m.photo(plates=())]}),
    ("SIGHTS_NOT_TIED", REVIEW, lambda m: {
        "files": [m.clip(plates=()), m.photo(routes=(), stamps=())],
    }),
    ("NOT_NEEDED", NONE, lambda _: {}),
    ("CATEGORY_UNKNOWN", REVIEW, lambda _: {"category": "jaywalking"}),
    ("PROCESS_WHOLE", PASS, lambda m: {"files": [m.clip()]}),
    ("PROCESS_CUT", REVIEW, lambda m: {"files": [m.clip(motion=Motion(cuts_ms=(5000,)))]}),
    ("PROCESS_SHORT", FAIL, lambda m: {"files": [m.clip(duration_ms=3999)]}),
    ("PROCESS_VEHICLE_BRIEF", REVIEW, lambda m: {
        "files": [m.clip(timeline=(m.sighting(3000, 4000),))],
    }),
    ("PROCESS_SLOWED", REVIEW, lambda m: {"files": [m.clip(flags=(Flag("SLOW_MOTION"),))]}),
    ("PROCESS_BROKEN_OFF", REVIEW, lambda m: {"files": [m.clip(flags=(Flag("TRUNCATED"),))]}),
    ("PROCESS_PART_READ", REVIEW, lambda m: {"files": [m.clip(
        flags=(Flag("RECORDING_LONG"),), timeline=(m.sighting(9000, 9900),))]}),
    ("PROCESS_UNSURE", REVIEW, lambda m: {"files": [m.clip(motion=None)]}),
    ("VIDEO_REQUIRED", FAIL, lambda _: {"category": "red_light"}),
    # originality
    ("ORIGINAL", PASS, lambda _: {}),
    ("NOT_ORIGINAL", REVIEW, lambda _: {"names": ("mmexport1700000000000.jpg",)}),
    ("EDITED", REVIEW, lambda m: {"files": [m.photo(software="Adobe Photoshop 25.0")]}),
    # roster
    ("VEHICLE_KNOWN", PASS, lambda _: {}),
    ("UNKNOWN_VEHICLE", REVIEW, lambda _: {"claim": {"plate": "沪A12346"}}),
    ("ROUTE_MISMATCH", REVIEW, lambda _: {"claim": {"route": "71"}}),
    ("ROSTER_MISSING", REVIEW, lambda _: {"dossier": {"roster": None}}),
    ("MISSING_IDENTIFIER", FAIL, lambda _: {"claim": {"plate": None}}),
    # duplicates
    ("NO_DUPLICATE", PASS, lambda _: {}),
    ("SAME_MEDIA", REVIEW, alike()),
    ("REPLAYED_EVIDENCE", REVIEW, alike(same_claim=False)),
    ("SIMILAR_MEDIA", REVIEW, alike(byte_equal=False, distance=12)),
    ("SAME_INCIDENT_CANDIDATE", REVIEW,
     lambda _: {"dossier": {"neighbours": (Neighbour("r0", 90, 20, own_repeat=False),)}}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "outcome", "changes"), CASES, ids=[code for code, _, _ in CASES])
def test_the_code_is_said(
    scene: Scenes,
    making: Making,
    code: str,
    outcome: Outcome,
    changes: Callable[[Any], dict[str, Any]],
) -> None:
    said = scene(**changes(making)).by_code()
    assert code in said, sorted(said)
    assert said[code].outcome is outcome


def test_every_code_has_a_case() -> None:
    assert {code for code, _, _ in CASES} == set(CODES)


def test_a_clean_report_asks_for_the_violation_only(scene: Scenes) -> None:
    findings = scene().findings()
    assert [f.code for f in findings if f.outcome in {REVIEW, FAIL}] == ["VIOLATION_TO_CONFIRM"]


@pytest.mark.parametrize(("code", "outcome", "changes"), CASES, ids=[code for code, _, _ in CASES])
def test_every_finding_can_be_traced(
    scene: Scenes,
    making: Making,
    code: str,
    outcome: Outcome,
    changes: Callable[[Any], dict[str, Any]],
) -> None:
    dossier = scene(**changes(making)).build()
    files = {evidence.sha256 for evidence in dossier.report.evidence}
    for finding in scene(**changes(making)).findings():
        assert 0 <= finding.confidence <= 1
        assert finding.proof is None or finding.proof.sha256 in files
        assert finding.scope is not Scope.EVIDENCE or finding.proof is not None
        assert {type(value) for value in finding.details.values()} <= {str}
        assert all(finding.details.values())


def test_the_same_dossier_gives_the_same_findings(scene: Scenes, making: Making) -> None:
    made = scene(files=[making.clip(), making.photo()])
    assert made.findings() == made.findings()


def test_nothing_sent_yet_says_what_is_missing_and_never_raises(scene: Scenes) -> None:
    claim = {"violated_at": None, "route": None, "plate": None, "place": None}
    said = scene(
        files=[], claim=claim, report={"received_at": None, "submitted_to_us_at": None}
    ).by_code()
    assert {"MISSING_IDENTIFIER", "TIME_MISSING", "PLACE_MISSING", "SIGHTS_INCOMPLETE"} <= set(said)
