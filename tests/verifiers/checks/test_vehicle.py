"""Plates, lines, badges and the roster: TRUST.md section 6 D, items 54 to 64; R2, R5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.dossier import Roster
from scheme.finding import Outcome
from scheme.naming import canonical_plate, canonical_route
from scheme.reading import Box, Candidate, PlateNumber, PlateSeen, TextSeen
from verifiers.checks import plate as plate_check

if TYPE_CHECKING:
    from scheme.policy import Policy
    from tests.verifiers.conftest import Making, Scenes

BOX = Box(0.4, 0.5, 0.6, 0.6)


@pytest.mark.parametrize(
    "typed", ["沪Ａ１２３４５", "沪A\u200b12345", "沪a12345", "沪AI2345", "沪А12345", "沪-A 1234 5"]
)  # 54 to 59
def test_a_plate_typed_in_any_way_meets_the_one_read(scene: Scenes, typed: str) -> None:
    said = scene(claim={"plate": canonical_plate(typed)}).by_code()
    assert {"PLATE_SEEN", "VEHICLE_KNOWN"} <= set(said)


def test_a_new_energy_plate_is_as_good_as_any(scene: Scenes, making: Making) -> None:  # 60
    said = scene(
        claim={"plate": canonical_plate("沪A·01234D")},
        files=[making.photo(plates=(making.plate("沪A01234D"),))],
    )
    assert "PLATE_SEEN" in said.by_code()


@pytest.mark.parametrize("typed", ["49", "49路", "四十九路"])  # 61
def test_a_line_in_any_spelling_meets_the_sign(scene: Scenes, making: Making, typed: str) -> None:
    claim = {"route": canonical_route(typed)}
    assert "ROUTE_SEEN" in scene(claim=claim).by_code()
    assert (
        "ROUTE_SEEN"
        in scene(claim=claim, files=[making.photo(routes=(making.label("四十九路"),))]).by_code()
    )


def test_a_plate_near_one_of_the_roster_names_it_and_stays_unknown(scene: Scenes) -> None:
    finding = scene(claim={"plate": "沪A12346"}).by_code()["UNKNOWN_VEHICLE"]
    assert finding.outcome is Outcome.REVIEW
    assert finding.details["near"] == "沪A12345"


def test_a_line_and_badge_stand_for_the_vehicle(scene: Scenes) -> None:
    def said(**claim: str | None) -> set[str]:
        return set(scene(category="smoking_or_phone", claim={"plate": None} | claim).by_code())

    assert "VEHICLE_KNOWN" in said(badge="012345")
    assert "ROUTE_MISMATCH" in said(badge="012345", route="71")
    assert "UNKNOWN_VEHICLE" in said(badge="99999")
    assert "UNKNOWN_VEHICLE" in said(badge="012345", route=None)
    assert "MISSING_IDENTIFIER" in said(badge=None)  # 63


# -- plates ----------------------------------------------------------------------------------------


def test_the_claimed_plate_is_found_among_many_and_in_any_file(
    scene: Scenes, making: Making
) -> None:
    crowd = tuple(making.plate(f"沪B0000{n}", height_px=90.0) for n in range(9))
    files = [
        making.photo(plates=crowd),
        making.photo(plates=(*crowd, making.plate(height_px=20.0))),
    ]
    seen = scene(files=files).by_code()["PLATE_SEEN"]
    assert seen.proof is not None
    assert seen.proof.sha256.endswith("1")
    assert seen.proof.box == BOX


def test_the_best_frame_is_the_proof(scene: Scenes, making: Making) -> None:
    plates = (
        making.plate(certain=False, probability=0.85, frame_ms=100),
        making.plate(probability=0.9, frame_ms=200),
        making.plate(probability=0.98, frame_ms=300),
    )
    seen = [
        f for f in scene(files=[making.clip(plates=plates)]).findings() if f.code == "PLATE_SEEN"
    ]
    assert [f.proof.frame_ms for f in seen if f.proof] == [300]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"certain": False, "probability": 0.80}, "PLATE_SEEN"),
        ({"certain": False, "probability": 0.79}, "PLATE_UNSURE"),
        ({"certain": False, "probability": 0.95, "cut_by_border": True}, "PLATE_UNSURE"),
        (
            {
                "number": "沪A12346",
                "certain": False,
                "probability": 0.5,
                "candidates": (Candidate("沪A12346", -1.0), Candidate("沪A12345", -1.5)),
            },
            "PLATE_UNSURE",
        ),
        ({"number": "沪A12346", "certain": False, "probability": 0.5}, "PLATE_UNSURE"),
        ({"number": "沪A12346"}, "PLATE_OTHER"),
        ({"number": "沪B99999", "certain": False, "probability": 0.3}, "PLATE_UNSURE"),
    ],
)
def test_only_a_sure_reading_passes(
    scene: Scenes, making: Making, changes: dict[str, Any], code: str
) -> None:
    plates = (making.plate(**changes),)
    assert code in scene(files=[making.photo(plates=plates)]).by_code()


def test_another_plate_tells_how_far_it_is_from_the_claim(scene: Scenes, making: Making) -> None:
    files = [
        making.photo(plates=(making.plate("沪B99999", height_px=80.0), making.plate("沪A12346")))
    ]
    details = scene(files=files).by_code()["PLATE_OTHER"].details
    assert (details["read"], details["signs_apart"], details["others"]) == (
        "沪A12346",
        "1",
        "沪B99999",
    )


unsure_plates = st.lists(
    st.builds(
        PlateSeen,
        st.sampled_from(["沪A12345", "沪A12346", "沪B00000"]).map(PlateNumber),
        st.floats(0, 0.799),
        st.just(False),  # noqa: FBT003
        st.just("blue"),
        st.just(BOX),
        st.floats(1, 200),
        st.just((Candidate("沪A12345", -0.1),)),
    ),
    max_size=5,
)


@given(unsure_plates)
def test_the_roster_never_makes_an_unreadable_plate_sure(
    scene_of: Scenes, making: Making, policy: Policy, plates: list[PlateSeen]
) -> None:
    dossier = scene_of(files=[making.photo(plates=tuple(plates))]).build()
    assert all(f.outcome is not Outcome.PASS for f in plate_check.check(dossier, policy))


# -- lines and badges ------------------------------------------------------------------------------


def a_text(text: str, probability: float = 0.95) -> TextSeen:
    return TextSeen(text, probability, BOX)


@pytest.mark.parametrize(
    ("claimed", "texts", "code"),
    [
        ("49", ("49路",), "ROUTE_UNSURE"),  # a stop
        ("49", ("49",), "ROUTE_UNSURE"),  # a house number, a price
        ("49", ("149路", "沪A49000", "4 9 8"), "ROUTE_NOT_SEEN"),
        ("隧道三线", ("隧道三线",), "ROUTE_UNSURE"),
        ("K4", ("K40", "AK4B"), "ROUTE_NOT_SEEN"),
        ("126", ("126",), "ROUTE_UNSURE"),
    ],
)
def test_a_plain_text_asks_whether_it_is_the_line_and_only_as_a_whole(
    scene: Scenes, making: Making, claimed: str, texts: tuple[str, ...], code: str
) -> None:
    photo = making.photo(routes=(), texts=tuple(map(a_text, texts)))
    assert code in scene(claim={"route": claimed}, files=[photo]).by_code()


def test_other_lines_are_named(scene: Scenes, making: Making) -> None:
    photo = making.photo(
        routes=(making.label("71", 0.9), making.label("925", 0.8), making.label("12", 0.2))
    )
    assert scene(files=[photo]).by_code()["ROUTE_OTHER"].details["read"] == "71 925"


@pytest.mark.parametrize(
    ("claimed", "read", "code"),
    [
        ("隧道三线", "隧圳三线", "ROUTE_UNSURE"),  # one character taken for another
        ("隧道三线", "隧道二线", "ROUTE_OTHER"),  # a numeral more or less is another line
        ("隧道三线", "桥圳三线", "ROUTE_OTHER"),
        ("隧道三线", "隧道线", "ROUTE_OTHER"),
        ("1456", "1457", "ROUTE_OTHER"),
        ("徐川", "徐州", "ROUTE_OTHER"),  # too short to tell
    ],
)
def test_a_sign_misread_by_one_character_is_no_other_line(
    scene: Scenes, making: Making, claimed: str, read: str, code: str
) -> None:
    said = scene(
        claim={"route": claimed}, files=[making.photo(routes=(making.label(read, 0.9),))]
    ).by_code()
    assert said[code].details["read"] == read
    assert "ROUTE_SEEN" not in said


def test_a_line_of_ours_is_never_taken_for_a_misreading(scene: Scenes, making: Making) -> None:
    roster = Roster({}, {"1": frozenset({"隧圳三线", "隧道三线"})})
    photo = making.photo(routes=(making.label("隧圳三线", 0.9),))
    assert (
        "ROUTE_OTHER"
        in scene(claim={"route": "隧道三线"}, files=[photo], dossier={"roster": roster}).by_code()
    )


def test_a_badge_that_no_one_asks_for_is_not_held_against_the_report(scene: Scenes) -> None:
    said = scene(category="wrong_way", claim={"badge": "012345"}).findings()
    assert [f.code for f in said if f.check == "badge"] == ["NOT_NEEDED"]


def test_a_short_number_anywhere_is_no_badge(scene: Scenes, making: Making) -> None:
    def said(badge: str) -> set[str]:
        photo = making.photo(texts=(a_text(badge),))
        return set(
            scene(category="smoking_or_phone", claim={"badge": badge}, files=[photo]).by_code()
        )

    assert "BADGE_NOT_SEEN" in said("1234")
    assert "BADGE_SEEN" in said("012345")
