"""Window, place, process, originality and duplicates: R1, R5, R6, R14 to R16."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scheme.dossier import Neighbour, SimilarMedia
from scheme.finding import Outcome, Scope
from scheme.reading import CaptureClock, Flag, MediaKind, Motion, Sha256, Sighted, Span
from scheme.report import Channel

if TYPE_CHECKING:
    from tests.verifiers.conftest import Making, Scenes

DAY_3_ENDS = datetime(
    2026, 11, 27, 16, 0, tzinfo=UTC
)  # Tuesday 24th: the third working day is Friday 27th


@pytest.mark.parametrize(
    ("channel", "submitted_at", "code"),
    [
        (Channel.WEB, DAY_3_ENDS - timedelta(seconds=1), "IN_WINDOW"),  # 48
        (Channel.WEB, DAY_3_ENDS, "LATE"),
        (Channel.POST, DAY_3_ENDS - timedelta(seconds=1), "IN_WINDOW"),
        (Channel.COUNTER, DAY_3_ENDS - timedelta(hours=7), "IN_WINDOW"),
        (Channel.COUNTER, DAY_3_ENDS - timedelta(hours=7) + timedelta(seconds=1), "LATE"),
    ],
)
def test_the_last_second_of_the_third_day(
    scene: Scenes, channel: Channel, submitted_at: datetime, code: str
) -> None:
    report = {
        "channel": channel,
        "submitted_to_us_at": submitted_at,
        "received_at": submitted_at + timedelta(days=2),
    }
    finding = scene(report=report).by_code()[code]
    assert "closes" in finding.details


def test_a_shifted_saturday_counts(scene: Scenes) -> None:  # 49
    violated_at = datetime(
        2026, 10, 8, 1, 0, tzinfo=UTC
    )  # Thursday; Friday 9, Saturday 10 (worked), Monday 12
    ends = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)
    for submitted_at, code in ((ends - timedelta(seconds=1), "IN_WINDOW"), (ends, "LATE")):
        report = {"received_at": submitted_at, "submitted_to_us_at": submitted_at}
        assert code in scene(claim={"violated_at": violated_at}, report=report).by_code()


@pytest.mark.parametrize(
    ("ahead", "code"),
    [(1, "IN_WINDOW"), (300, "IN_WINDOW"), (301, "FUTURE_TIME"), (86_400, "FUTURE_TIME")],
)
def test_minutes_ahead_are_tolerated(
    scene: Scenes, making: Making, ahead: int, code: str
) -> None:  # 46, 47
    assert (
        code
        in scene(claim={"violated_at": making.received_at + timedelta(seconds=ahead)}).by_code()
    )


def test_the_scheme_begins_to_the_second(scene: Scenes) -> None:
    begins = datetime(2012, 10, 17, 16, 0, tzinfo=UTC)
    assert "BEFORE_SCHEME" in scene(claim={"violated_at": begins - timedelta(seconds=1)}).by_code()
    assert "BEFORE_SCHEME" not in scene(claim={"violated_at": begins}).by_code()


def test_a_draft_is_judged_by_now(scene: Scenes, making: Making) -> None:
    draft = {"received_at": None, "submitted_to_us_at": None}
    assert "IN_WINDOW" in scene(report=draft).by_code()
    late = scene(report=draft, dossier={"now": DAY_3_ENDS})
    assert "LATE" in late.by_code()


# -- place, process, originality -------------------------------------------------------------------


def test_a_claim_without_coordinates_is_known_not_confirmed(scene: Scenes, making: Making) -> None:
    said = scene(files=[making.photo(place=making.there)]).by_code()
    assert said["PLACE_KNOWN"].details["read"] == "31.23040, 121.47370"
    assert "PLACE_CONFIRMED" not in said


def test_a_whole_clip_excuses_the_others(scene: Scenes, making: Making) -> None:
    files = [making.clip(duration_ms=1500), making.clip()]
    process = [f for f in scene(files=files).findings() if f.check == "whole_process"]
    assert [f.code for f in process] == ["PROCESS_WHOLE"]


@pytest.mark.parametrize(
    ("motion", "code"),
    [
        (Motion(gaps=(Span(1000, 1700),)), "PROCESS_WHOLE"),
        (Motion(gaps=(Span(1000, 1701),)), "PROCESS_CUT"),
        (Motion(frozen=(Span(1000, 3000),)), "PROCESS_CUT"),
        (Motion(repeated=(Span(1000, 3000),)), "PROCESS_CUT"),
        (Motion(edit_lists=1), "PROCESS_CUT"),
    ],
)
def test_holes_longer_than_the_policy_allows_are_cuts(
    scene: Scenes, making: Making, motion: Motion, code: str
) -> None:
    assert code in scene(files=[making.clip(motion=motion)]).by_code()


def test_the_first_cut_is_the_proof(scene: Scenes, making: Making) -> None:
    motion = Motion(cuts_ms=(7000,), gaps=(Span(2000, 5000),))
    finding = scene(files=[making.clip(motion=motion)]).by_code()["PROCESS_CUT"]
    assert finding.proof is not None
    assert finding.proof.frame_ms == 2000
    assert finding.details["at_seconds"] == "2.0 7.0"


def test_a_recording_not_read_yet_is_unsure(scene: Scenes) -> None:
    assert "PROCESS_UNSURE" in scene(files=[MediaKind.VIDEO]).by_code()


@pytest.mark.parametrize("motion", [Motion(), Motion(cuts_ms=(5000,)), None])
@pytest.mark.parametrize(
    ("flag", "code"),
    [("SLOW_MOTION", "PROCESS_SLOWED"), ("TRUNCATED", "PROCESS_BROKEN_OFF")],
)
def test_what_is_slowed_or_cut_off_is_never_whole(
    scene: Scenes, making: Making, flag: str, code: str, motion: Motion | None
) -> None:
    told = scene(files=[making.clip(flags=(Flag(flag, "why"),), motion=motion)]).by_code()
    assert told[code].details["detail"] == "why"
    assert not {"PROCESS_WHOLE", "PROCESS_SHORT"} & told.keys()


def test_the_first_minutes_of_a_long_recording_count_as_any_recording(
    scene: Scenes, making: Making
) -> None:
    long = (Flag("RECORDING_LONG", "370 s, 300 s of it are read"),)
    told = scene(files=[making.clip(flags=long, duration_ms=370_000)]).by_code()
    assert {"PROCESS_WHOLE", "PLATE_SEEN", "ROUTE_SEEN", "RECORDING_LONG"} <= told.keys()
    cut = making.clip(flags=long, motion=Motion(cuts_ms=(5000,)))
    assert "PROCESS_CUT" in scene(files=[cut]).by_code()


def test_what_was_not_read_of_a_recording_is_not_held_against_it(
    scene: Scenes, making: Making
) -> None:
    for flag in ("RECORDING_LONG", "TRUNCATED"):
        bare = making.clip(flags=(Flag(flag),), plates=(), routes=(), stamps=())
        outcomes = {
            finding.code: finding.outcome
            for finding in scene(files=[bare]).findings()
            if finding.sight is not None
        }
        assert Outcome.FAIL not in outcomes.values(), outcomes
        assert outcomes["PLATE_NOT_SEEN"] is outcomes["ROUTE_NOT_SEEN"] is Outcome.REVIEW


@pytest.mark.parametrize(
    "name",
    [
        "mmexport1763944860000.jpg",
        "wx_camera_1763944860000.mp4",
        "IMG-20261124-WA0003.jpg",
        "Screenshot_2026-11-24.png",
        "微信截图_20261124.png",
    ],
)
def test_a_messengers_copy_is_admitted_and_marked(scene: Scenes, name: str) -> None:
    said = scene(names=(name,)).by_code()
    assert said["NOT_ORIGINAL"].outcome is Outcome.REVIEW
    assert {"READ_OK", "SIGHTS_COMPLETE"} <= set(said)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"software": "MIUI 14.0.8"}, "ORIGINAL"),
        ({"software": "17.1"}, "ORIGINAL"),
        ({"software": "Lavf60.16.100"}, "NOT_ORIGINAL"),
        ({"software": "剪映"}, "EDITED"),
        ({"stamps": ()}, "NOT_ORIGINAL"),
        ({"flags": (Flag("SCREEN_CAPTURE", "Screenshot"),)}, "NOT_ORIGINAL"),
        (
            {
                "stamps": (
                    CaptureClock("filename", "IMG_20261124_084100", datetime(2026, 11, 24, 8, 41)),  # noqa: DTZ001
                )
            },
            "NOT_ORIGINAL",
        ),
    ],
)
def test_the_programs_name_and_the_files_own_clock_tell(
    scene: Scenes, making: Making, changes: dict[str, Any], code: str
) -> None:
    assert code in scene(files=[making.photo(**changes)]).by_code()


def test_the_time_of_a_screenshot_dates_nothing(scene: Scenes, making: Making) -> None:
    screenshot = making.photo(flags=(Flag("SCREEN_CAPTURE", "Screenshot"),))
    said = scene(files=[screenshot]).by_code()
    assert said["TIME_MISSING"].outcome is Outcome.REVIEW
    assert "TIME_CONFIRMED" not in said
    assert "ORIGINAL" not in said
    assert said["SCREEN_CAPTURE"].outcome is Outcome.REVIEW


# -- duplicates ------------------------------------------------------------------------------------

SIMILAR = SimilarMedia(
    Sha256("0" * 64),
    None,
    "r0",
    Sha256("f" * 64),
    None,
    MediaKind.PHOTO,
    byte_equal=False,
    distance=12,
    same_claim=True,
    own_repeat=False,
)


def test_each_other_report_is_asked_about_once_by_its_closest_file(scene: Scenes) -> None:
    similar = (
        SIMILAR,
        replace(SIMILAR, distance=4),
        replace(SIMILAR, other_report_id="r9", distance=30),
    )
    neighbours = (Neighbour("r0", 10, None, own_repeat=False),)
    findings = scene(dossier={"similar": similar, "neighbours": neighbours}).findings()
    told = [
        (f.code, f.details["other_report"], f.details["distance"])
        for f in findings
        if f.check == "duplicates"
    ]
    assert told == [("SIMILAR_MEDIA", "r0", "4"), ("SIMILAR_MEDIA", "r9", "30")]
    assert all(f.scope is Scope.CASE for f in findings if f.check == "duplicates")


@pytest.mark.parametrize("same", [True, False])
# A case
def test_an_answered_question_asks_no_more(scene: Scenes, same: bool) -> None:  # noqa: FBT001
    answers = {"answered_candidates": {"r0": same}}
    said = scene(dossier={"similar": (SIMILAR,)} | answers).by_code()
    assert said["SIMILAR_MEDIA"].outcome is Outcome.PASS
    assert said["SIMILAR_MEDIA"].details["answered"] == ("same" if same else "different")
    neighbours = {"neighbours": (Neighbour("r0", 10, None, own_repeat=False),)}
    assert (
        scene(dossier=neighbours | answers).by_code()["SAME_INCIDENT_CANDIDATE"].outcome
        is Outcome.PASS
    )


def test_replayed_evidence_stays_marked(scene: Scenes) -> None:  # R15
    replayed = replace(SIMILAR, byte_equal=True, distance=0, same_claim=False, own_repeat=True)
    said = scene(dossier={"similar": (replayed,), "answered_candidates": {"r0": False}}).by_code()
    assert said["REPLAYED_EVIDENCE"].outcome is Outcome.REVIEW
    assert said["REPLAYED_EVIDENCE"].details["own_repeat"] == "yes"


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (("plate", "沪A12345", 3400, 5399), "PROCESS_VEHICLE_BRIEF"),
        (("plate", "沪A12345", 3400, 5400), "PROCESS_WHOLE"),  # no moment any more
        (("route", "49", 3000, 4000), "PROCESS_VEHICLE_BRIEF"),
        (("fleet_number", "S2L-056", 9000, 9900), "PROCESS_VEHICLE_BRIEF"),
        (
            ("plate", "沪B00001", 3000, 4000),
            "PROCESS_WHOLE",
        ),  # of another vehicle: says nothing of this one
    ],
)
def test_the_vehicle_must_be_in_view_before_during_and_after(
    scene: Scenes, making: Making, seen: tuple[str, str, int, int], code: str
) -> None:
    what, text, from_ms, to_ms = seen
    timeline = (making.sighting(from_ms, to_ms, text, Sighted(what)),)
    assert code in scene(files=[making.clip(timeline=timeline)]).by_code()


def test_a_glimpse_at_either_end_is_before_and_after(scene: Scenes, making: Making) -> None:
    timeline = (making.sighting(500, 600), making.sighting(9000, 9100, "49", Sighted.ROUTE))
    assert "PROCESS_WHOLE" in scene(files=[making.clip(timeline=timeline)]).by_code()
    said = scene(files=[making.clip(timeline=timeline[:1])]).by_code()["PROCESS_VEHICLE_BRIEF"]
    assert said.outcome is Outcome.REVIEW
    assert said.details["seen_seconds"] == "0.5–0.6"
