# ruff: noqa: ANN401 -- a test names whatever field it sets
"""Which vehicle is reported.

What makes a bus, roster, claim and place decide together, size never alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.finding import Finding, Outcome
from scheme.reading import Box, LabelSeen, PlateNumber, PlateSeen, TextSeen
from verifiers.dossiers.choosing import vehicles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheme.reading import Readings
    from tests.verifiers.conftest import Making, Scene, Scenes

CAR, BUS = "沪B99999", "沪A05127D"
LEFT, RIGHT = Box(0.10, 0.80, 0.16, 0.83), Box(0.70, 0.80, 0.76, 0.83)
OVER_LEFT = Box(0.10, 0.55, 0.18, 0.60)


def a_plate(
    number: str, box: Box, colour: str = "blue", height_px: float = 40.0, **changes: Any
) -> PlateSeen:
    # A field
    return PlateSeen(PlateNumber(number), 0.97, True, colour, box, height_px, **changes)  # noqa: FBT003


def said(scene: Scene) -> Finding:
    (finding,) = (finding for finding in scene.findings() if finding.check == "vehicle")
    return finding


def unclaimed(scene: Scenes, making: Making, *plates: PlateSeen, **seen: Any) -> Finding:
    return said(
        scene(files=[making.photo(plates=plates, **({"routes": ()} | seen))], claim={"plate": None})
    )


def a_line(box: Box, text: str = "925") -> LabelSeen:
    return LabelSeen(text, text, 0.9, box)


def test_a_large_car_in_front_does_not_hide_the_bus(scene: Scenes, making: Making) -> None:
    car = a_plate(CAR, Box(0.40, 0.70, 0.60, 0.80), height_px=120.0)
    finding = unclaimed(scene, making, car, a_plate(BUS, LEFT, "yellow_green"))
    assert (finding.code, finding.outcome) == ("VEHICLE_CHOSEN", Outcome.PASS)
    assert finding.details == {"plate": BUS, "reasons": "colour", "others": CAR}
    assert finding.proof is not None
    assert finding.proof.box == LEFT


@pytest.mark.parametrize(
    ("seen", "reasons"),
    [
        ({"routes": (a_line(OVER_LEFT),)}, "sign"),
        ({"routes": (a_line(OVER_LEFT, "49"),)}, "sign line"),
        ({"fleet_numbers": (a_line(OVER_LEFT, "S2L-056"),)}, "sign"),
        ({"texts": (TextSeen("上海公交", 0.9, OVER_LEFT),)}, "text"),
    ],
)
def test_what_stands_on_a_vehicle_makes_it_a_bus(
    scene: Scenes, making: Making, seen: dict[str, Any], reasons: str
) -> None:
    finding = unclaimed(scene, making, a_plate(CAR, RIGHT), a_plate(BUS, LEFT), **seen)
    assert (finding.details["plate"], finding.details["reasons"]) == (BUS, reasons)


@pytest.mark.parametrize(
    "box",
    [
        Box(0.40, 0.55, 0.48, 0.60),  # too far aside
        Box(0.10, 0.02, 0.18, 0.05),  # too high: another vehicle's, or a shop's
        Box(0.10, 0.95, 0.18, 0.99),  # below the plate
        Box(0.11, 0.81, 0.15, 0.82),  # the plate itself, read as a text
    ],
)
def test_what_stands_elsewhere_does_not(scene: Scenes, making: Making, box: Box) -> None:
    finding = unclaimed(
        scene, making, a_plate(CAR, RIGHT), a_plate(BUS, LEFT), routes=(a_line(box),)
    )
    assert finding.code == "VEHICLE_UNCLEAR"


def test_a_sign_in_another_frame_says_nothing(scene: Scenes, making: Making) -> None:
    plates = (a_plate(CAR, RIGHT, frame_ms=3000), a_plate(BUS, LEFT, frame_ms=3000))
    for frame_ms, code in ((3000, "VEHICLE_CHOSEN"), (9000, "VEHICLE_UNCLEAR")):
        clip = making.clip(
            plates=plates, routes=(LabelSeen("925", "925", 0.9, OVER_LEFT, frame_ms),)
        )
        assert said(scene(files=[clip], claim={"plate": None})).code == code


def test_the_roster_says_which_bus_but_never_what_a_plate_reads(
    scene: Scenes, making: Making
) -> None:
    ours, other = a_plate("沪A12345", LEFT, "yellow"), a_plate("沪B00001", RIGHT, "yellow")
    assert unclaimed(scene, making, ours, other).details["plate"] == "沪A12345"
    unsure = making.plate("沪A12345", certain=False, probability=0.5, box=LEFT)
    assert unclaimed(scene, making, unsure, other).code == "VEHICLE_UNCLEAR"


def test_the_claimed_plate_is_chosen_where_it_is_sure(scene: Scenes, making: Making) -> None:
    claimed, other = making.plate(box=LEFT, colour="blue"), a_plate(BUS, RIGHT, "yellow_green")
    finding = said(
        scene(files=[making.photo(plates=(other, claimed), routes=())], dossier={"roster": None})
    )
    assert (finding.code, finding.outcome, finding.details["plate"]) == (
        "VEHICLE_CHOSEN",
        Outcome.PASS,
        "沪A12345",
    )


def test_a_claimed_car_beside_a_plain_bus_is_a_question(scene: Scenes, making: Making) -> None:
    claimed, other = making.plate(box=RIGHT, colour="blue"), a_plate(BUS, LEFT, "yellow_green")
    photo = making.photo(plates=(other, claimed), routes=(a_line(OVER_LEFT),))
    finding = said(scene(files=[photo], dossier={"roster": None}))
    assert (finding.outcome, finding.details["others"]) == (Outcome.REVIEW, BUS)


def test_a_bus_whose_plate_cannot_be_read_keeps_the_car_from_being_named(
    scene: Scenes, making: Making
) -> None:
    photo = {"routes": (a_line(OVER_LEFT),), "unread": (making.unread(box=LEFT),)}
    finding = unclaimed(scene, making, a_plate(CAR, RIGHT), **photo)
    assert (finding.code, finding.details["others"]) == ("VEHICLE_UNCLEAR", f"? {CAR}")


def test_views_of_one_vehicle_are_one_and_neighbours_stay_two(
    scene: Scenes, making: Making, scene_of: Scenes
) -> None:
    def count(*plates: PlateSeen) -> int:
        made = scene_of(files=[making.clip(plates=plates)])
        return len(vehicles(made.build(), made.policy))

    sure = a_plate(BUS, LEFT, frame_ms=1000)
    misread = making.plate("沪A05128D", certain=False, probability=0.5, box=LEFT, frame_ms=2000)
    neighbour = making.plate("沪A05128D", certain=False, probability=0.5, box=RIGHT, frame_ms=1000)
    assert count(sure, misread) == 1
    assert count(sure, neighbour) == 2
    assert count(sure, a_plate("沪A05128D", LEFT, frame_ms=2000)) == 2


def test_no_plate_no_word_and_a_badge_needs_none(scene: Scenes, making: Making) -> None:
    assert not [
        f for f in scene(files=[making.photo(plates=())]).findings() if f.check == "vehicle"
    ]
    photo = making.photo(plates=(a_plate(CAR, LEFT), a_plate("沪B00001", RIGHT)), routes=())
    claim = {"plate": None, "badge": "012345"}
    finding = said(scene(category="smoking_or_phone", files=[photo], claim=claim))
    assert (finding.code, finding.outcome) == ("VEHICLE_UNCLEAR", Outcome.NOT_APPLICABLE)


PLATES = st.lists(
    st.builds(
        a_plate,
        st.sampled_from([CAR, BUS, "沪A12345", "沪B00001"]),
        st.sampled_from([LEFT, RIGHT]),
        st.sampled_from(["blue", "yellow", "yellow_green"]),
        st.floats(8, 200),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda plate: plate.number,
)


def chosen(scene_of: Scenes, files: Sequence[Readings]) -> str | None:
    finding = said(scene_of(files=list(files), claim={"plate": None}))
    return finding.details.get("plate")


@given(PLATES, st.floats(1.5, 20))
def test_size_never_chooses_alone(
    scene_of: Scenes, making: Making, plates: list[PlateSeen], larger: float
) -> None:
    """Where all else is alike, growing one plate names none.

    Where one is chosen, shrinking it names no other.
    """
    alike = [
        a_plate(plate.number, LEFT, height_px=20.0)
        for plate in plates
        if plate.number != "沪A12345"
    ]
    if len(alike) > 1:
        grown = [a_plate(alike[0].number, LEFT, height_px=20.0 * larger), *alike[1:]]
        assert chosen(scene_of, [making.photo(plates=tuple(grown), routes=())]) is None


@given(PLATES, st.randoms(use_true_random=False))
def test_the_order_of_reading_changes_nothing(
    scene_of: Scenes, making: Making, plates: list[PlateSeen], random: Any
) -> None:
    shuffled = list(plates)
    random.shuffle(shuffled)
    one, other = (making.photo(plates=tuple(some), routes=()) for some in (plates, shuffled))
    assert chosen(scene_of, [one]) == chosen(scene_of, [other])


@given(PLATES)
def test_a_plate_is_read_for_the_form_only_where_it_is_sure_and_chosen(
    scene_of: Scenes, making: Making, plates: list[PlateSeen]
) -> None:
    made = scene_of(files=[making.photo(plates=tuple(plates), routes=())], claim={"plate": None})
    by_code = made.by_code()
    read = by_code["PLATE_NOT_CLAIMED"].details.get("read")
    assert read == (
        by_code["VEHICLE_CHOSEN"].details["plate"] if "VEHICLE_CHOSEN" in by_code else None
    )
