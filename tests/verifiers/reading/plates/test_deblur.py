"""Blur undone: a smear is told from the picture, and what it hid comes back."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from samples.plates import PlateKind, plate
from verifiers.reading.plates.deblur import Smear, likely_smears, restored

Grey = NDArray[np.uint8]


def street(seed: int = 1) -> Grey:
    """A drawn plate 40 px high on a textured ground, grey."""
    rng = np.random.default_rng(seed)
    ground = cv2.resize(rng.normal(110, 40, (24, 50)), (200, 96), interpolation=cv2.INTER_CUBIC)
    flat = cv2.cvtColor(np.asarray(plate("沪C2K816", PlateKind.BLUE, 1.0)), cv2.COLOR_RGB2GRAY)
    ground[28:68, 37:163] = cv2.resize(flat, (126, 40), interpolation=cv2.INTER_AREA)
    return np.clip(ground, 0, 255).astype(np.uint8)


def moved(grey: Grey, length: int, angle: float, noise: float = 0.0) -> Grey:
    size = length + 4
    kernel = np.zeros((size, size), np.float32)
    kernel[size // 2, (size - length) // 2 : (size + length) // 2] = 1
    turn = cv2.getRotationMatrix2D(((size - 1) / 2, (size - 1) / 2), -angle, 1.0)
    kernel = cv2.warpAffine(kernel, turn, (size, size)).astype(np.float32)
    smeared = cv2.filter2D(grey.astype(np.float32), -1, kernel / kernel.sum())
    return np.clip(smeared + np.random.default_rng(5).normal(0, noise, grey.shape), 0, 255).astype(
        np.uint8
    )


def apart(one: Grey, other: Grey) -> float:
    """Root mean square difference of the plates."""
    middle = np.s_[28:68, 37:163]
    return float(np.sqrt(np.mean((one[middle].astype(float) - other[middle].astype(float)) ** 2)))


@pytest.mark.parametrize(("length", "angle"), [(9, 0), (9, 30), (7, 90), (13, -20)])
def test_a_motion_is_told_from_the_spectrum(length: int, angle: float) -> None:
    motion, _ = likely_smears(moved(street(), length, angle, noise=1.0))
    assert motion.length == pytest.approx(length, rel=0.15)
    assert abs((motion.angle - angle + 90) % 180 - 90) <= 12


@pytest.mark.parametrize("softness", [1.2, 2.0])
def test_a_softness_is_told_too(softness: float) -> None:
    soft = np.asarray(cv2.GaussianBlur(street(), (0, 0), softness), dtype=np.uint8)
    assert likely_smears(soft)[1].softness == pytest.approx(softness, abs=0.5)


@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_what_the_smear_hid_comes_back(noise: float) -> None:
    sharp = street()
    smeared = moved(sharp, 9, 10, noise)
    motion, _ = likely_smears(smeared)
    assert apart(restored([smeared], [motion]), sharp) < 0.8 * apart(smeared, sharp)


def test_several_pictures_restore_more_than_one() -> None:
    sharp = street()
    smears = [Smear(9.0, angle, 0.0, 0.01) for angle in (-40.0, 0.0, 40.0)]
    shown = [moved(sharp, 9, smear.angle, 3.0) for smear in smears]
    alone = min(
        apart(restored([each], [smear]), sharp) for each, smear in zip(shown, smears, strict=True)
    )
    assert apart(restored(shown, smears), sharp) < 0.9 * alone


def test_tiny_patches_are_no_trouble() -> None:
    for shape in ((1, 1), (3, 200), (200, 3)):
        grey = np.full(shape, 90, np.uint8)
        assert restored([grey], [likely_smears(grey)[0]]).shape == shape
