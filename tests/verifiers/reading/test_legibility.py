"""Legibility: blur, darkness, glare and smallness are told apart, whatever the size."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from samples.plates import PlateKind, plate
from scheme.reading import Hindrance
from verifiers.reading.legibility import LETTERS_SMALL_PX, is_steep, legibility

Pixels = NDArray[np.uint8]


def shown(height: int, kind: PlateKind = PlateKind.BLUE) -> Pixels:
    """A drawn plate, ``height`` pixels high, as a camera would sample it."""
    flat = cv2.cvtColor(np.asarray(plate("沪C2K816", kind, 2.0)), cv2.COLOR_RGB2BGR)
    small = cv2.resize(flat, (round(height * 440 / 140), height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.5), dtype=np.uint8)


def smeared(patch: Pixels, across: int) -> Pixels:
    return np.asarray(cv2.blur(patch, (across, 1)), dtype=np.uint8)


@pytest.mark.parametrize("height", [24, 48, 160])
def test_a_crisp_plate_has_no_hindrance_at_any_size(height: int) -> None:
    seen = legibility(shown(height), height)
    assert (seen.hindrance, seen.height_px, seen.glare) == (Hindrance.NONE, height, 0.0)
    assert seen.sharpness > 0.5
    assert seen.contrast > 0.3


def test_a_smear_counts_by_its_share_of_the_plate() -> None:
    assert legibility(smeared(shown(30), 11), 30).hindrance is Hindrance.BLURRED
    assert legibility(smeared(shown(160), 11), 160).hindrance is Hindrance.NONE
    sharpness = [legibility(smeared(shown(40), across), 40).sharpness for across in (1, 5, 9, 15)]
    assert sharpness == sorted(sharpness, reverse=True)


def test_a_smear_downwards_is_one_too() -> None:
    down = np.asarray(cv2.blur(shown(30), (1, 13)), dtype=np.uint8)
    assert legibility(down, 30).hindrance is Hindrance.BLURRED


def test_enlarging_adds_no_sharpness_and_noise_is_none() -> None:
    blurred = smeared(shown(30), 13)
    enlarged = np.asarray(
        cv2.resize(blurred, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), dtype=np.uint8
    )
    assert legibility(enlarged, 30).sharpness == pytest.approx(
        legibility(blurred, 30).sharpness, abs=0.06
    )
    grain = np.random.default_rng(3).normal(0, 6, blurred.shape)
    noisy = np.clip(blurred + grain, 0, 255).astype(np.uint8)
    assert legibility(noisy, 30).hindrance is Hindrance.BLURRED


def test_small_dark_and_glaring() -> None:
    assert legibility(shown(11), 11).hindrance is Hindrance.SMALL
    assert legibility(shown(11), 11, small_px=LETTERS_SMALL_PX).hindrance is Hindrance.NONE
    dark = (shown(48) * 0.3).astype(np.uint8)
    assert legibility(dark, 48).hindrance is Hindrance.DARK
    burnt = shown(48)
    burnt[:, 60:] = 255
    seen = legibility(burnt, 48)
    assert seen.hindrance is Hindrance.GLARE
    assert seen.glare == pytest.approx(1 - 60 / burnt.shape[1], abs=0.05)


def test_of_several_hindrances_the_first_in_order_is_named() -> None:
    dark = (smeared(shown(11), 9) * 0.3).astype(np.uint8)
    steep = [Hindrance.STEEP]
    assert legibility(dark, 11, known=[Hindrance.CUT_OFF, *steep]).hindrance is Hindrance.CUT_OFF
    assert legibility(dark, 11, known=steep).hindrance is Hindrance.SMALL
    assert legibility(dark, 30, known=steep).hindrance is Hindrance.DARK
    assert (
        legibility(shown(48), 48, known=[*steep, Hindrance.HALF_LIT]).hindrance
        is Hindrance.HALF_LIT
    )
    assert legibility(shown(48), 48, known=steep).hindrance is Hindrance.STEEP


def test_a_patch_of_nothing_is_unreadable() -> None:
    assert legibility(np.full((1, 1, 3), 128, np.uint8), 40).hindrance is Hindrance.BLURRED
    assert legibility(np.full((40, 90, 3), 128, np.uint8), 40).sharpness == 0


@pytest.mark.parametrize(
    ("corners", "steep"),
    [
        (((0, 0), (120, 0), (120, 40), (0, 40)), False),
        (((0, 0), (120, 30), (120, 70), (0, 40)), False),
        (((0, 0), (50, 0), (50, 40), (0, 40)), True),
        (((0, 0), (55, 25), (55, 68), (0, 40)), True),
    ],
)
def test_a_plate_seen_from_the_side_is_steep(
    corners: tuple[tuple[float, float], ...], *, steep: bool
) -> None:
    assert is_steep(np.array(corners, np.float32), 440 / 140) is steep
