# ruff: noqa: ANN401 -- a test names whatever field it spoils
"""What is surely not there: where what was read leaves it no place, never by not finding it."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.dossier import Roster
from scheme.finding import Outcome
from scheme.policy_reading import parse_policy
from scheme.reading import Box, Flag, MediaKind, TextSeen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheme.policy import Policy
    from scheme.reading import Readings
    from tests.verifiers.conftest import Making, Scene, Scenes

CLOSE_UP = Box(0.3, 0.4, 0.7, 0.6)
NEAR = Box(0.40, 0.7, 0.52, 0.75)
SIGN = Box(0.2, 0.3, 0.8, 0.7)
CORNER = Box(0.05, 0.05, 0.2, 0.1)
EMPTY = Roster({}, {})


def outcome(scene: Scene, check: str) -> tuple[str, Outcome]:
    (finding,) = (finding for finding in scene.findings() if finding.check == check)
    return finding.code, finding.outcome


def a_text(text: str, box: Box = CORNER) -> TextSeen:
    return TextSeen(text, 0.9, box)


def close_up(making: Making, **plate: Any) -> Readings:
    return making.photo(plates=(making.plate(**{"box": CLOSE_UP} | plate),), routes=())


def a_car(making: Making, **plate: Any) -> Readings:
    changes: dict[str, Any] = {"box": NEAR, "colour": "blue"} | plate
    return making.photo(plates=(making.plate(**changes),), routes=())


def a_sign(making: Making, raw: str = "49路", box: Box = SIGN, text: str = "49") -> Readings:
    sign = replace(making.label(text), raw=raw, box=box)
    return making.photo(plates=(), routes=(sign,))


# -- the line --------------------------------------------------------------------------------------


def test_a_plate_close_up_has_no_room_for_a_line(scene: Scenes, making: Making) -> None:
    photos = [close_up(making), close_up(making, number="沪B99999", colour="blue")]
    for photo in photos:
        assert outcome(scene(files=[photo]), "route") == ("ROUTE_NOT_SEEN", Outcome.FAIL)
    assert outcome(scene(files=photos), "route") == ("ROUTE_NOT_SEEN", Outcome.FAIL)


def test_the_signs_of_the_plate_itself_name_no_line(scene: Scenes, making: Making) -> None:
    photo = replace(close_up(making), texts=(a_text("沪A·12345", CLOSE_UP),))
    said = scene(claim={"route": "345"}, files=[photo])
    assert outcome(said, "route") == ("ROUTE_NOT_SEEN", Outcome.FAIL)


@pytest.mark.parametrize(
    "plate",
    [
        {"box": Box(0.4, 0.4, 0.64, 0.5)},  # from too far
        {"box": Box(0.35, 0.62, 0.65, 0.8)},  # more than 1.5 widths above it
        {"certain": False, "probability": 0.7},
    ],
)
def test_with_room_above_the_plate_a_line_may_be_there(
    scene: Scenes, making: Making, plate: dict[str, Any]
) -> None:
    said = scene(files=[close_up(making, **plate)])
    assert outcome(said, "route") == ("ROUTE_NOT_SEEN", Outcome.REVIEW)


def test_a_car_that_is_claimed_bears_no_line(scene: Scenes, making: Making) -> None:
    said = scene(files=[a_car(making)], dossier={"roster": EMPTY})
    assert outcome(said, "route") == ("ROUTE_NOT_SEEN", Outcome.FAIL)


@pytest.mark.parametrize(
    ("plate", "roster"),
    [
        ({"colour": "yellow"}, EMPTY),
        ({"colour": "yellow_green"}, EMPTY),
        ({"box": Box(0.4, 0.7, 0.48, 0.75)}, EMPTY),  # far: half a street is in view
        ({"number": "沪B99999"}, EMPTY),  # another's
        ({"certain": False, "probability": 0.7}, EMPTY),
        ({}, None),
    ],
)
def test_beside_another_vehicle_or_a_bus_a_line_may_be_there(
    scene: Scenes, making: Making, plate: dict[str, Any], roster: Roster | None
) -> None:
    said = scene(files=[a_car(making, **plate)], dossier={"roster": roster})
    assert outcome(said, "route") == ("ROUTE_NOT_SEEN", Outcome.REVIEW)


def test_a_van_of_ours_and_a_car_among_others_prove_nothing(scene: Scenes, making: Making) -> None:
    assert outcome(scene(files=[a_car(making)]), "route") == ("ROUTE_NOT_SEEN", Outcome.REVIEW)
    car = a_car(making)
    crowd = replace(
        car, plates=(*car.plates, making.plate("沪B99999", box=Box(0.8, 0.7, 0.9, 0.8)))
    )
    hidden = replace(car, unread=(making.unread(),))
    for photo in (crowd, hidden):
        said = scene(files=[photo], dossier={"roster": EMPTY})
        assert outcome(said, "route") == ("ROUTE_NOT_SEEN", Outcome.REVIEW)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"failures": (Flag("TEXTS_LEFT_OUT"),)},
        {"flags": (Flag("TRUNCATED"),)},
        {"frames": ()},
        {"kind": MediaKind.VIDEO},
    ],
)
def test_what_was_not_read_whole_proves_nothing(
    scene: Scenes, making: Making, spoilt: dict[str, Any]
) -> None:
    photo = making.photo(plates=(making.plate(box=CLOSE_UP),), routes=(), **spoilt)
    assert outcome(scene(files=[photo]), "route") == ("ROUTE_NOT_SEEN", Outcome.REVIEW)


@pytest.mark.parametrize("beside", ["a bus", "not read"])
def test_every_file_must_prove_it(scene: Scenes, making: Making, beside: str) -> None:
    other = making.photo(routes=()) if beside == "a bus" else MediaKind.PHOTO
    said = scene(files=[close_up(making), other])
    assert outcome(said, "route") == ("ROUTE_NOT_SEEN", Outcome.REVIEW)


@given(before=st.text(max_size=6), after=st.text(max_size=6))
def test_a_text_that_holds_the_name_keeps_it_from_being_absent(
    scene_of: Scenes, making: Making, before: str, after: str
) -> None:
    photo = replace(close_up(making), texts=(a_text(f"{before}4-9{after}"),))
    assert outcome(scene_of(files=[photo]), "route")[1] is not Outcome.FAIL


@given(
    texts=st.lists(st.text(max_size=12), max_size=4),
    boxes=st.lists(st.sampled_from([CLOSE_UP, NEAR, SIGN]), max_size=2),
    kind=st.sampled_from(["wrong_way", "red_light"]),
)
def test_not_found_beside_nothing_sure_never_fails(
    scene_of: Scenes, making: Making, texts: Sequence[str], boxes: Sequence[Box], kind: str
) -> None:
    plates = tuple(making.plate(certain=False, probability=0.7, box=box) for box in boxes)
    made = making.clip if kind == "red_light" else making.photo
    file = made(plates=plates, routes=(), texts=tuple(map(a_text, texts)))
    findings = scene_of(category=kind, files=[file]).findings()
    outcomes = {finding.outcome for finding in findings if finding.check in {"route", "plate"}}
    assert Outcome.FAIL not in outcomes


# -- the plate and the badge -----------------------------------------------------------------------


def test_a_close_up_of_the_lines_sign_has_no_room_for_a_plate(
    scene: Scenes, making: Making
) -> None:
    said = scene(files=[a_sign(making)])
    assert outcome(said, "plate") == ("PLATE_NOT_SEEN", Outcome.FAIL)


@pytest.mark.parametrize(
    ("raw", "box", "text"),
    [
        ("49", SIGN, "49"),  # may be two signs of a plate
        ("71路", SIGN, "71"),  # another's
        ("49路", Box(0.4, 0.1, 0.6, 0.25), "49"),  # from too far
        ("49路", Box(0.3, 0.05, 0.7, 0.27), "49"),  # room below it
    ],
)
def test_any_other_sign_proves_nothing_of_a_plate(
    scene: Scenes, making: Making, raw: str, box: Box, text: str
) -> None:
    said = scene(files=[a_sign(making, raw, box, text)])
    assert outcome(said, "plate") == ("PLATE_NOT_SEEN", Outcome.REVIEW)


def test_a_text_with_the_plates_signs_is_no_absent_plate(scene: Scenes, making: Making) -> None:
    photo = replace(a_sign(making), texts=(a_text("A·12 345"),))
    assert outcome(scene(files=[photo]), "plate") == ("PLATE_NOT_SEEN", Outcome.REVIEW)


def by_badge_alone() -> Policy:
    shipped = files("scheme") / "policies" / "shanghai-bus-2012.toml"
    text = shipped.read_text(encoding="utf-8")
    return parse_policy(text.replace('{ any = ["badge", "plate"] }', '"badge"'))


def test_a_badge_is_absent_from_close_ups_of_something_else_only(
    scene: Scenes, making: Making
) -> None:
    def said(photo: Readings) -> tuple[str, Outcome]:
        made = scene(category="smoking_or_phone", claim={"badge": "012345"}, files=[photo])
        return outcome(replace(made, policy=by_badge_alone()), "badge")

    assert said(close_up(making)) == ("BADGE_NOT_SEEN", Outcome.FAIL)
    assert said(a_sign(making)) == ("BADGE_NOT_SEEN", Outcome.FAIL)
    assert said(making.photo()) == ("BADGE_NOT_SEEN", Outcome.REVIEW)
