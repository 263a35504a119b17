"""R4 and R5: the and/or of sights, and several files that must show one bus."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.finding import Finding, Outcome, Scope, Sight
from scheme.policy import SightsNeeded
from scheme.reading import Box, CaptureClock, Fingerprint, MediaKind
from verifiers.checks.sights import State, evaluated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.verifiers.conftest import Making, Scenes

CODE = {Outcome.PASS: "PLATE_SEEN", Outcome.REVIEW: "PLATE_UNSURE", Outcome.FAIL: "PLATE_NOT_SEEN"}
CLOSE_UP = Box(0.3, 0.4, 0.7, 0.6)
STATE = {Outcome.PASS: State.SEEN, Outcome.REVIEW: State.UNSURE, Outcome.FAIL: State.MISSING}


def said(outcomes: dict[Sight, Outcome]) -> list[Finding]:
    return [
        Finding("plate", CODE[o], o, Scope.REPORT, sight=sight) for sight, o in outcomes.items()
    ]


@given(
    st.dictionaries(
        st.sampled_from([Sight.ROUTE, Sight.BADGE, Sight.PLATE]), st.sampled_from(list(STATE))
    )
)
def test_either_badge_or_plate_will_do(outcomes: dict[Sight, Outcome]) -> None:
    needed = SightsNeeded(
        "all", (Sight.VIOLATION, Sight.ROUTE, SightsNeeded("any", (Sight.BADGE, Sight.PLATE)))
    )
    state = {
        sight: STATE[outcomes[sight]] if sight in outcomes else State.UNSURE for sight in Sight
    }
    expected = min(state[Sight.ROUTE], max(state[Sight.BADGE], state[Sight.PLATE]))
    assert evaluated(needed, said(outcomes)) is expected


@pytest.mark.parametrize(
    ("category", "files", "code"),
    [
        ("red_light", ["clip"], "SIGHTS_COMPLETE"),
        ("red_light", ["photo"], "VIDEO_REQUIRED"),  # TRUST.md 64
        ("red_light", ["clip", "photo"], "SIGHTS_COMPLETE"),
        ("wrong_way", ["clip"], "SIGHTS_COMPLETE"),
        ("wrong_way", ["photo"], "SIGHTS_COMPLETE"),
        ("smoking_or_phone", ["photo"], "SIGHTS_COMPLETE"),
        ("smoking_or_phone", ["clip"], "SIGHTS_COMPLETE"),
    ],
)
def test_each_category_takes_its_media(
    scene: Scenes, making: Making, category: str, files: Sequence[str], code: str
) -> None:
    readings = [getattr(making, name)() for name in files]
    assert code in scene(category=category, files=readings).by_code()


def test_what_is_missing_and_what_is_unsure_is_named(scene: Scenes, making: Making) -> None:
    close_up = making.photo(plates=(making.plate(box=CLOSE_UP),), routes=(), stamps=())
    finding = scene(files=[close_up]).by_code()["SIGHTS_INCOMPLETE"]
    assert dict(finding.details) == {"missing": "route", "unsure": "time"}
    assert finding.outcome is Outcome.FAIL


def test_what_is_only_not_found_is_unsure_and_asked(scene: Scenes, making: Making) -> None:
    finding = scene(files=[making.photo(plates=(), routes=())]).by_code()["SIGHTS_INCOMPLETE"]
    assert dict(finding.details) == {"unsure": "route plate"}
    assert finding.outcome is Outcome.REVIEW


def test_a_file_not_read_yet_makes_nothing_missing(scene: Scenes, making: Making) -> None:
    close_up = making.photo(plates=(making.plate(box=CLOSE_UP),), routes=())
    finding = scene(files=[close_up, MediaKind.PHOTO]).by_code()["SIGHTS_INCOMPLETE"]
    assert finding.outcome is Outcome.REVIEW


def test_a_blurred_file_makes_nothing_missing(scene: Scenes, making: Making) -> None:
    dull = making.photo(plates=(making.plate(box=CLOSE_UP),), routes=())
    dull = replace(dull, frames=(replace(dull.frames[0], sharpness=3.0),))
    assert scene(files=[dull]).by_code()["ROUTE_NOT_SEEN"].outcome is Outcome.REVIEW


# -- one bus ---------------------------------------------------------------------------------------


def shared_work(making: Making, **close_up: object) -> list[Any]:
    """A clip of the whole process without a legible plate, and a close-up of the plate."""
    bare = {"routes": (), "stamps": (), "make": None, "model": None}
    return [making.clip(plates=()), making.photo(**(bare | close_up))]


def test_a_close_up_tied_to_nothing_is_a_question(scene: Scenes, making: Making) -> None:
    assert "SIGHTS_NOT_TIED" in scene(files=shared_work(making)).by_code()


def test_an_officers_word_ties(scene: Scenes, making: Making) -> None:
    by_code = scene(files=shared_work(making), dossier={"tied_by_officer": True}).by_code()
    assert by_code["SIGHTS_COMPLETE"].details == {"tied_by": "officer"}


@pytest.mark.parametrize(
    ("minutes", "device", "code"),
    [
        (9, ("Apple", "iPhone 15"), "SIGHTS_COMPLETE"),
        (9, (None, None), "SIGHTS_COMPLETE"),
        (9, ("Xiaomi", "13"), "SIGHTS_NOT_TIED"),
        (13, ("Apple", "iPhone 15"), "SIGHTS_NOT_TIED"),
    ],
)
def test_the_same_capture_session_ties(
    scene: Scenes, making: Making, minutes: int, device: tuple[str | None, str | None], code: str
) -> None:
    stamp = CaptureClock("exif.DateTimeOriginal", "…", making.at + timedelta(minutes=minutes))
    files = shared_work(making, stamps=(stamp,), make=device[0], model=device[1])
    claim = {"violated_at": making.at + timedelta(minutes=5)}
    assert code in scene(files=files, claim=claim).by_code()


def test_the_same_number_on_the_bus_ties(scene: Scenes, making: Making) -> None:
    clip, photo = shared_work(making)
    number = (making.label("S2L-056"),)
    files = [replace(clip, fleet_numbers=number), replace(photo, fleet_numbers=number)]
    assert "SIGHTS_COMPLETE" in scene(files=files).by_code()


@pytest.mark.parametrize(("bits_apart", "quality", "code"), [
    (31, 80, "SIGHTS_COMPLETE"), (32, 80, "SIGHTS_NOT_TIED"), (0, 10, "SIGHTS_NOT_TIED"),
])  # fmt: skip
def test_overlapping_content_ties(
    scene: Scenes, making: Making, bits_apart: int, quality: int, code: str
) -> None:
    clip, photo = shared_work(making)
    one = Fingerprint("pdq", 1, 0, f"{0:064x}", quality, 3200)
    other = Fingerprint("pdq", 1, 0, f"{(1 << bits_apart) - 1:064x}", quality)
    files = [replace(clip, fingerprints=(one,)), replace(photo, fingerprints=(other,))]
    assert code in scene(files=files).by_code()


def test_ties_reach_over_a_third_file(scene: Scenes, making: Making) -> None:
    clip, photo = shared_work(making)
    number, scenery = (making.label("S2L-056"),), Fingerprint("pdq", 1, 0, "0" * 64, 90)
    between = making.photo(
        plates=(), routes=(), stamps=(), make=None, model=None, fleet_numbers=number
    )
    files = [
        replace(clip, fleet_numbers=number), replace(photo, fingerprints=(scenery,)),
        replace(between, fingerprints=(scenery,)),
    ]  # fmt: skip
    assert "SIGHTS_COMPLETE" in scene(files=files).by_code()
    assert "SIGHTS_NOT_TIED" in scene(files=files[:2]).by_code()
