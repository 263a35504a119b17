"""What is in view but can't be read is told with its hindrance.

It never passes, and never fails (R5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.finding import Outcome
from scheme.reading import (
    Box,
    Hindrance,
    LabelSeen,
    Legibility,
    PlateNumber,
    PlateSeen,
    Sighted,
    Unread,
)

if TYPE_CHECKING:
    from tests.verifiers.conftest import Making, Scenes

ELSEWHERE = Box(0.05, 0.05, 0.10, 0.07)
SMALL = Legibility(11.4, 0.5, 0.5, 0.0, Hindrance.SMALL)
# A field
OTHER = PlateSeen(PlateNumber("沪B99999"), 0.97, True, "blue", ELSEWHERE, 40.0)  # noqa: FBT003
# The same
UNSURE = PlateSeen(PlateNumber("沪A12345"), 0.5, False, "blue", ELSEWHERE, 11.4, legibility=SMALL)  # noqa: FBT003
LINE = LabelSeen("71", "71", 0.9, ELSEWHERE)


@pytest.mark.parametrize(
    ("plates", "code"),
    [
        ((OTHER, UNSURE), "PLATE_UNSURE"),  # of the claim
        ((OTHER,), "PLATE_ILLEGIBLE"),  # it may be the claimed one
        # Mistyped
        ((PlateSeen(PlateNumber("沪A12346"), 0.97, True, "blue", ELSEWHERE, 40.0),), "PLATE_OTHER"),  # noqa: FBT003
        (
            (PlateSeen(PlateNumber("沪B99999"), 0.97, True, "yellow", ELSEWHERE, 40.0),),  # noqa: FBT003
            "PLATE_OTHER",
        ),
        ((), "PLATE_ILLEGIBLE"),
    ],
)
def test_the_plate_is_told_by_what_says_most(
    scene: Scenes, making: Making, plates: tuple[PlateSeen, ...], code: str
) -> None:
    photo = making.photo(plates=plates, routes=(), unread=(making.unread(),))
    (finding,) = (
        finding for finding in scene(files=[photo]).findings() if finding.check == "plate"
    )
    assert finding.code == code


def test_the_one_nearest_to_being_read_says_what_hinders(scene: Scenes, making: Making) -> None:
    unread = (
        making.unread(height_px=9.0),
        making.unread(hindrance=Hindrance.GLARE, height_px=31.6),
    )
    finding = scene(files=[making.photo(plates=(), unread=unread)]).by_code()["PLATE_ILLEGIBLE"]
    assert finding.details == {"hindrance": "glare", "height_px": "32", "claimed": "沪A12345"}
    assert finding.proof is not None


def test_an_unsure_reading_says_what_hindered_it(scene: Scenes, making: Making) -> None:
    label = LabelSeen("49", "49", 0.4, ELSEWHERE, legibility=SMALL)
    said = scene(files=[making.photo(plates=(UNSURE,), routes=(label,))]).by_code()
    for code in ("PLATE_UNSURE", "ROUTE_UNSURE"):
        assert (said[code].details["hindrance"], said[code].details["height_px"]) == ("small", "11")


def test_a_plate_read_as_nothing_like_the_claim_and_hindered_is_illegible(
    scene: Scenes, making: Making
) -> None:
    plate = making.plate("苏E4C77Z", certain=False, probability=0.2, legibility=SMALL)
    said = scene(files=[making.photo(plates=(plate,))]).by_code()
    assert "read" not in said["PLATE_ILLEGIBLE"].details


def test_another_line_on_the_reported_bus_is_named_one_elsewhere_is_not(
    scene: Scenes, making: Making
) -> None:
    unread = (making.unread(Sighted.ROUTE, Hindrance.HALF_LIT),)
    plates = (making.plate(box=Box(0.47, 0.6, 0.53, 0.63)),)
    far = scene(files=[making.photo(plates=plates, routes=(LINE,), unread=unread)]).by_code()
    assert far["ROUTE_ILLEGIBLE"].details == {
        "hindrance": "half_lit", "height_px": "14", "claimed": "49", "others": "71",
    }  # fmt: skip
    on_it = LabelSeen("71", "71", 0.9, Box(0.45, 0.30, 0.55, 0.36))
    near = scene(files=[making.photo(plates=plates, routes=(on_it,), unread=unread)]).by_code()
    assert near["ROUTE_OTHER"].details["read"] == "71"


def test_before_anything_is_claimed_the_hindrance_is_told(scene: Scenes, making: Making) -> None:
    photo = making.photo(
        plates=(), routes=(), unread=(making.unread(), making.unread(Sighted.ROUTE))
    )
    said = scene(files=[photo], claim={"plate": None, "route": None}).by_code()
    assert (
        said["PLATE_ILLEGIBLE"].details["hindrance"]
        == said["ROUTE_ILLEGIBLE"].details["hindrance"]
        == "small"
    )


UNREAD = st.builds(
    Unread,
    st.sampled_from([Sighted.PLATE, Sighted.ROUTE]),
    st.floats(0, 1),
    st.just(ELSEWHERE),
    st.builds(Legibility, st.floats(0, 500), *[st.floats(0, 1)] * 3, st.sampled_from(Hindrance)),
)


@given(
    unread=st.lists(UNREAD, min_size=1, max_size=4),
    seen=st.sets(st.sampled_from([OTHER, UNSURE, LINE])),
    changes=st.fixed_dictionaries(
        {
            "claim": st.dictionaries(st.sampled_from(["plate", "route"]), st.none()),
            "category": st.sampled_from(["wrong_way", "smoking_or_phone", "red_light"]),
        }
    ),
)
def test_what_is_in_view_never_fails_and_never_passes(
    scene_of: Scenes, making: Making, unread: list[Unread], seen: set[Any], changes: dict[str, Any]
) -> None:
    plates = tuple(one for one in (OTHER, UNSURE) if one in seen)
    photo = making.photo(
        plates=plates, routes=(LINE,) if LINE in seen else (), unread=tuple(unread)
    )
    findings = scene_of(files=[photo], **changes).findings()
    for sight in {one.what for one in unread}:
        outcomes = {finding.outcome for finding in findings if finding.check == sight.value}
        assert Outcome.FAIL not in outcomes
        assert Outcome.PASS not in outcomes
