"""A plate's patch: cut out small, brightened, and laid over that of other frames."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from samples.plates import PlateKind, plate
from verifiers.reading.plates.detector import Quad
from verifiers.reading.plates.patch import (
    Patch,
    brightened,
    overlaid,
    patch_of,
    picture_unblurred,
    spread,
    unblurred,
)

Grey = NDArray[np.uint8]


def street(
    shift: tuple[float, float] = (0, 0), high: int = 40, seed: int = 1
) -> tuple[Grey, NDArray[np.float32]]:
    """A drawn plate on a textured wall, moved by ``shift``, grey, and where its corners are."""
    rng = np.random.default_rng(seed)
    wall = cv2.resize(rng.normal(110, 40, (30, 40)), (400, 300), interpolation=cv2.INTER_CUBIC)
    wide = round(high * 440 / 140)
    flat = cv2.cvtColor(np.asarray(plate("沪C2K816", PlateKind.BLUE, 1.0)), cv2.COLOR_RGB2GRAY)
    wall[130 : 130 + high, 100 : 100 + wide] = cv2.resize(
        flat, (wide, high), interpolation=cv2.INTER_AREA
    )
    step = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    moved = cv2.warpAffine(wall, step, (400, 300), borderMode=cv2.BORDER_REPLICATE)
    corners = (
        np.array([[100, 130], [100 + wide, 130], [100 + wide, 130 + high], [100, 130 + high]])
        + shift
    )
    return np.clip(moved, 0, 255).astype(np.uint8), corners.astype(np.float32)


def patch(shift: tuple[float, float] = (0, 0), noise: float = 0.0, seed: int = 1) -> Patch:
    grey, corners = street(shift)
    noisy = np.clip(grey + np.random.default_rng(seed).normal(0, noise, grey.shape), 0, 255).astype(
        np.uint8
    )
    return patch_of(
        np.asarray(cv2.cvtColor(noisy, cv2.COLOR_GRAY2BGR), dtype=np.uint8), Quad(corners, 1.0)
    )


def of_plate(one: Patch) -> Grey:
    (left, top), (right, bottom) = one.corners[0].astype(int), one.corners[2].astype(int)
    return one.grey[top:bottom, left:right]


@pytest.mark.parametrize(("high", "shown"), [(20, 20), (40, 40), (90, 48)])
def test_a_patch_is_small_and_knows_its_plate(high: int, shown: int) -> None:
    grey, corners = street(high=high)
    cut = patch_of(
        np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8), Quad(corners, 1.0)
    )
    assert np.ptp(cut.corners[:, 1]) == pytest.approx(shown, abs=1.5)
    assert cut.grey.shape[0] < 2.6 * shown + 30
    assert cut.pixels.shape == (*cut.grey.shape, 3)


def test_a_patch_at_the_border_or_outside_is_cut_to_the_picture() -> None:
    picture = np.full((50, 80, 3), 90, np.uint8)
    for left in (-30.0, 70.0, 200.0):
        corners = np.array([[left, 20], [left + 60, 20], [left + 60, 40], [left, 40]], np.float32)
        assert patch_of(picture, Quad(corners, 1.0)).grey.size > 0


def test_dark_patches_are_spread_over_all_levels() -> None:
    dark = Patch((patch().grey * 0.2).astype(np.uint8), patch().corners)
    for bright in brightened(dark):
        assert float(np.percentile(bright.grey, 99.5)) > 240
        assert np.array_equal(bright.corners, dark.corners)
    assert not spread(np.full((4, 4), 7, np.uint8)).any()


def test_unblurred_patches_keep_place_and_size() -> None:
    one = patch()
    for clear in unblurred(one):
        assert clear.grey.shape == one.grey.shape
        assert np.array_equal(clear.corners, one.corners)


def test_only_a_blurred_picture_is_restored_whole() -> None:
    sharp, _ = street()
    flat = np.full((3, 500), 90, np.uint8)
    smeared = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 2), dtype=np.uint8)
    clear = picture_unblurred(smeared)
    assert clear is not None
    middle = np.s_[130:170, 100:226]
    left = np.abs(clear[middle].astype(float) - sharp[middle]).mean()
    assert left < np.abs(smeared[middle].astype(float) - sharp[middle]).mean()
    noisy = np.clip(sharp + np.random.default_rng(2).normal(0, 30, sharp.shape), 0, 255).astype(
        np.uint8
    )
    assert picture_unblurred(noisy) is None
    still_flat = picture_unblurred(flat)
    assert still_flat is not None
    assert np.array_equal(still_flat, flat)


def test_frames_laid_over_each_other_lose_their_noise() -> None:
    shifts = [(0.0, 0.0), (2.4, -1.3), (-3.2, 0.6), (1.5, 2.5), (-0.8, -2.2), (3.0, 1.0)]
    frames = [patch(shift, 20, seed) for seed, shift in enumerate(shifts)]
    clean = of_plate(patch()).astype(float)

    def unlike(one: Patch) -> float:
        shown = of_plate(one).astype(float)
        return float(1 - np.corrcoef(shown.ravel(), clean.ravel())[0, 1])

    _, mean = overlaid(frames)
    assert unlike(mean) < 0.5 * unlike(frames[0])


def test_nothing_is_laid_over_what_it_does_not_show() -> None:
    noise = np.random.default_rng(3).integers(0, 255, patch().grey.shape, dtype=np.uint8)
    assert overlaid([patch()]) == ()
    assert overlaid([patch(), Patch(noise, patch().corners)]) == ()
