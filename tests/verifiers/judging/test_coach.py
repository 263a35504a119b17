"""The coach tells each required sight: seen, not seen, can't tell, and the code of what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scheme.coaching import CoachLine, Seen
from scheme.finding import Outcome, Sight
from scheme.reading import Box, Flag, MediaKind
from verifiers.judging.coach import coach_lines, file_notes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheme.reading import PlateSeen
    from tests.verifiers.conftest import Making, Scene, Scenes


def told(scene: Scene) -> dict[Sight, CoachLine]:
    dossier = scene.build()
    kinds = [evidence.kind for evidence in dossier.report.evidence]
    return {
        line.sight: line
        for line in coach_lines(scene.findings(), scene.policy, scene.category, kinds)
    }


def states(scene: Scene) -> dict[str, tuple[str, str]]:
    return {sight: (line.state, line.code) for sight, line in told(scene).items()}


def test_a_good_photo_leaves_only_the_violation_open(scene: Scenes) -> None:
    assert states(scene()) == {
        "route": ("seen", "ROUTE_SEEN"),
        "plate": ("seen", "PLATE_SEEN"),
        "place": ("seen", "PLACE_KNOWN"),
        "time": ("seen", "TIME_CONFIRMED"),
        "violation": ("cant_tell", "VIOLATION_TO_CONFIRM"),
    }


def test_before_the_form_is_filled_what_was_read_is_offered(scene: Scenes) -> None:
    lines = told(scene(claim={"violated_at": None, "route": None, "plate": None, "place": None}))
    assert (lines[Sight.PLATE].state, lines[Sight.PLATE].details["read"]) == ("seen", "沪A12345")
    assert (lines[Sight.ROUTE].state, lines[Sight.ROUTE].details["read"]) == ("seen", "49")
    assert lines[Sight.TIME].details["stated"] == "2026-11-24T08:41:00+08:00"
    assert lines[Sight.PLACE].state == "not_seen"


def test_of_a_damaged_photo_it_is_told_that_it_is_damaged_and_its_head_is_used(
    scene: Scenes, making: Making
) -> None:
    cut = making.photo(plates=(), routes=(), frames=(), failures=(Flag("TRUNCATED", "rows"),))
    said = states(scene(files=[cut]))
    assert said["time"] == ("seen", "TIME_CONFIRMED")
    assert said["plate"] == said["route"] == ("cant_tell", "TRUNCATED")
    assert said["place"] == ("seen", "PLACE_KNOWN")
    without_a_head = making.photo(
        plates=(), routes=(), frames=(), stamps=(), failures=(Flag("TRUNCATED", "rows"),)
    )
    assert states(scene(files=[without_a_head]))["time"] == ("cant_tell", "TRUNCATED")


def test_beside_a_damaged_file_what_another_shows_counts(scene: Scenes, making: Making) -> None:
    cut = making.photo(plates=(), routes=(), frames=(), failures=(Flag("TRUNCATED", "rows"),))
    said = states(scene(files=[cut, making.photo()], claim={"place": None}))
    assert said["plate"] == ("seen", "PLATE_SEEN")
    assert said["place"] == ("not_seen", "PLACE_MISSING")


@pytest.mark.parametrize("category", ["red_light", "wrong_way", "smoking_or_phone"])
@pytest.mark.parametrize("files", [[], [MediaKind.PHOTO], [MediaKind.VIDEO]])
def test_every_sight_has_a_line_whatever_came(
    scene: Scenes, category: str, files: Sequence[MediaKind]
) -> None:
    made = scene(category=category, files=list(files))
    needed = made.policy.substance.categories[category].sights
    present = [kind for kind in needed if kind in files] or list(needed)
    assert set(told(made)) == {sight for kind in present for sight in needed[kind].sights()}


def test_a_file_not_read_yet_is_cant_tell(scene: Scenes) -> None:
    assert states(scene(files=[MediaKind.PHOTO]))["plate"] == ("cant_tell", "NOT_READ_YET")


def test_a_photo_for_red_light_asks_for_a_video(scene: Scenes) -> None:
    assert states(scene(category="red_light"))["process"] == ("not_seen", "VIDEO_REQUIRED")


def test_of_an_either_or_the_seen_one_is_told(scene: Scenes) -> None:
    lines = told(scene(category="smoking_or_phone"))
    assert Sight.PLATE in lines
    assert Sight.BADGE not in lines


def test_of_an_either_or_not_seen_each_names_the_other(scene: Scenes, making: Making) -> None:
    lines = told(scene(category="smoking_or_phone", files=[making.photo(plates=())]))
    assert lines[Sight.PLATE].alternatives == (Sight.BADGE,)
    assert lines[Sight.BADGE].alternatives == (Sight.PLATE,)
    assert (lines[Sight.PLATE].state, lines[Sight.BADGE].state) == ("cant_tell", "cant_tell")


def test_the_file_that_shows_it_is_named(scene: Scenes, making: Making) -> None:
    lines = told(scene(files=[making.photo(plates=()), making.photo(routes=())]))
    assert lines[Sight.PLATE].sha256 == f"{1:064x}"
    assert lines[Sight.ROUTE].sha256 == f"{0:064x}"


def test_nothing_of_other_reports_is_told(scene: Scenes) -> None:
    lines = told(scene())
    assert all(
        not line.code.startswith(("SAME", "SIMILAR", "REPLAYED", "NO_DUP"))
        for line in lines.values()
    )


def test_an_unknown_category_raises(scene: Scenes) -> None:
    with pytest.raises(KeyError):
        told(scene(category="jaywalking"))


def test_what_hinders_is_told_with_its_numbers(scene: Scenes, making: Making) -> None:
    photo = making.photo(plates=(), unread=(making.unread(height_px=14.2),))
    for claim in ({}, {"plate": None}):
        plate = told(scene(files=[photo], claim=claim))[Sight.PLATE]
        assert (plate.state, plate.code) == ("cant_tell", "PLATE_ILLEGIBLE")
        assert (plate.details["hindrance"], plate.details["height_px"]) == ("small", "14")


def test_of_several_vehicles_none_is_named_until_the_reporter_says_which(
    scene: Scenes, making: Making
) -> None:
    crowd = (making.plate("沪B00001"), making.plate("沪B00002"))
    plate = told(scene(files=[making.photo(plates=crowd)], claim={"plate": None}))[Sight.PLATE]
    assert (plate.state, plate.code, dict(plate.details)) == ("cant_tell", "VEHICLE_UNCLEAR", {})
    claimed = told(scene(files=[making.photo(plates=(*crowd, making.plate()))]))[Sight.PLATE]
    assert (claimed.state, dict(claimed.details)) == (
        "seen",
        {"read": "沪A12345", "claimed": "沪A12345"},
    )


def test_another_plate_is_named_only_where_it_is_the_bus_or_nearly_the_claim(
    scene: Scenes, making: Making
) -> None:
    def plate(*numbers: str) -> dict[str, str]:
        plates = tuple(making.plate(number) for number in numbers)
        return dict(told(scene(files=[making.photo(plates=plates)]))[Sight.PLATE].details)

    assert plate("沪B00001", "沪B00002") == {"claimed": "沪A12345"}
    assert plate("沪A12346", "沪B00002")["read"] == "沪A12346"
    assert plate("沪B00001")["read"] == "沪B00001"  # the only vehicle there is


def test_an_unsure_reading_of_another_plate_is_not_told(scene: Scenes, making: Making) -> None:
    def plate(number: str) -> dict[str, str]:
        seen = making.plate(number, certain=False, probability=0.6)
        return dict(told(scene(files=[making.photo(plates=(seen,))]))[Sight.PLATE].details)

    assert plate("苏E4C77Z") == {"claimed": "沪A12345"}
    assert plate("沪A12345")["read"] == "沪A12345"


def notes(scene: Scene) -> list[tuple[str, str]]:
    told = file_notes(scene.findings(), scene.build().report.evidence)
    return [(note.file_name, note.code) for note in told]


def test_over_the_limit_the_sender_hears_what_to_send(scene: Scenes, making: Making) -> None:
    long = (Flag("RECORDING_LONG", "370 s, 300 s of it are read"),)
    made = scene(files=[making.photo(), making.clip(flags=long, plates=())])
    made.names = ("a.jpg", "bus.mp4")
    assert notes(made) == [("bus.mp4", "RECORDING_LONG")]
    assert notes(scene(files=[making.clip()])) == []


def test_what_a_long_recording_may_show_later_is_not_missing(scene: Scenes, making: Making) -> None:
    long = (Flag("RECORDING_LONG"),)
    lines = told(scene(files=[making.clip(flags=long, plates=())]))
    assert (lines[Sight.PLATE].state, lines[Sight.PLATE].code) == ("cant_tell", "RECORDING_LONG")
    assert lines[Sight.PLATE].sha256 is not None
    assert lines[Sight.ROUTE].state == "seen"
    short = told(scene(files=[making.clip(plates=())]))
    assert (short[Sight.PLATE].state, short[Sight.PLATE].code) == ("cant_tell", "PLATE_NOT_SEEN")


def test_what_is_not_found_may_be_there_and_what_is_proven_is_not(
    scene: Scenes, making: Making
) -> None:
    def route(plate: PlateSeen, **claim: object) -> tuple[str, str]:
        line = told(scene(claim=claim, files=[making.photo(plates=(plate,), routes=())]))
        return line[Sight.ROUTE].state, line[Sight.ROUTE].code

    close_up = making.plate(box=Box(0.3, 0.4, 0.7, 0.6))
    assert route(making.plate()) == ("cant_tell", "ROUTE_NOT_SEEN")
    assert route(making.plate(), route=None) == ("cant_tell", "ROUTE_NOT_SEEN")
    assert route(close_up) == ("not_seen", "ROUTE_NOT_SEEN")
    assert states(scene(files=[]))["route"] == ("not_seen", "ROUTE_NOT_SEEN")


@pytest.mark.parametrize("code", ["TRUNCATED", "SLOW_MOTION"])
def test_what_is_the_matter_with_a_file_is_told_to_its_sender(
    scene: Scenes, making: Making, code: str
) -> None:
    made = scene(files=[making.clip(flags=(Flag(code), Flag("CONTAINER_TIMES_INVALID")))])
    assert [told_code for _, told_code in notes(made)] == [code]


@pytest.mark.parametrize("category", ["wrong_way", "red_light"])
def test_a_sign_read_unsurely_is_unsure_for_both_and_asked(
    scene: Scenes, making: Making, category: str
) -> None:
    files = [making.photo(routes=(making.label("K16", 0.5),))]
    if category == "red_light":
        files = [making.clip(routes=(making.label("K16", 0.5),))]
    unclaimed = scene(category=category, claim={"route": None}, files=files)
    line = told(unclaimed)[Sight.ROUTE]
    assert (line.state, line.code, line.asks) == (Seen.CANT_TELL, "ROUTE_UNSURE", "K16")
    finding = unclaimed.by_code()["ROUTE_UNSURE"]
    assert (finding.outcome, finding.details["read"]) == (Outcome.REVIEW, "K16")
    assert finding.proof is not None


def test_what_was_asked_and_accepted_agrees_and_stays_unsure(scene: Scenes, making: Making) -> None:
    accepted = scene(
        claim={"route": "K16"}, files=[making.photo(routes=(making.label("K16", 0.5),))]
    )
    line = told(accepted)[Sight.ROUTE]
    assert (line.state, line.asks, line.agrees) == (Seen.CANT_TELL, "", True)
    assert accepted.by_code()["ROUTE_UNSURE"].outcome is Outcome.REVIEW


def test_an_unsure_sign_of_another_line_is_unsure_and_not_put_into_anybodys_mouth(
    scene: Scenes, making: Making
) -> None:
    other = scene(claim={"route": "49"}, files=[making.photo(routes=(making.label("71", 0.5),))])
    line = told(other)[Sight.ROUTE]
    assert (line.state, line.code, line.asks) == (Seen.CANT_TELL, "ROUTE_UNSURE", "")


def test_what_is_hardly_a_sign_is_no_sign(scene: Scenes, making: Making) -> None:
    faint = scene(claim={"route": None}, files=[making.photo(routes=(making.label("71", 0.3),))])
    assert told(faint)[Sight.ROUTE].code == "ROUTE_NOT_SEEN"


def test_an_unsure_badge_is_unsure_and_its_number_is_not_told(
    scene: Scenes, making: Making
) -> None:
    for badge in (None, "012345"):
        unsure = scene(
            category="smoking_or_phone",
            claim={"badge": badge, "plate": None},
            files=[making.photo(plates=(), badges=(making.label("98765", 0.5),))],
        )
        line = told(unsure)[Sight.BADGE]
        assert (line.state, line.code, line.asks) == (Seen.CANT_TELL, "BADGE_UNSURE", "")
        assert "read" not in line.details
