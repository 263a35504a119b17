"""Plates keep to GA 36-2018: what fits where."""

import cv2
import numpy as np
import pytest

from samples import led
from samples.plates import PlateDoesNotFit, PlateKind, plate, size_mm


@pytest.mark.parametrize("kind", list(PlateKind))
def test_size_follows_the_standard(kind: PlateKind) -> None:
    number = "沪A05127D" if "new_energy" in kind else "沪B73518"
    width, height = size_mm(kind)
    assert plate(number, kind, 2.0).size == (width * 2, height * 2)


@pytest.mark.parametrize(
    ("number", "kind"), [("沪A05127D", PlateKind.YELLOW), ("沪B73518", PlateKind.NEW_ENERGY_LARGE)]
)
def test_a_number_of_the_wrong_length_is_refused(number: str, kind: PlateKind) -> None:
    with pytest.raises(PlateDoesNotFit):
        plate(number, kind)


def test_large_new_energy_plates_are_yellow_then_green() -> None:
    hue = cv2.cvtColor(
        np.asarray(plate("沪A05127D", PlateKind.NEW_ENERGY_LARGE)), cv2.COLOR_RGB2HSV
    )[..., 0]
    left, right = np.median(hue[:, 20:250]), np.median(hue[:, 320:])
    assert left < 30
    assert right > 50


def test_half_refreshed_signs_give_half_the_light() -> None:
    whole = np.asarray(led.sign(("49路",), (56, 22)), dtype=float)
    half = np.asarray(led.sign(("49路",), (56, 22), refreshed=0.5), dtype=float)
    dark = np.asarray(led.sign(("49路",), (56, 22), refreshed=0.0), dtype=float)
    light = (half.sum() - dark.sum()) / (whole.sum() - dark.sum())
    assert 0.35 < light < 0.65


def test_long_names_are_squeezed_into_the_sign_not_cut() -> None:
    lit = np.asarray(led.sign(("机场四线区间", "浦东国际机场"), (136, 22)), dtype=int)[..., 0] > 200
    columns = np.flatnonzero(lit.any(axis=0)) // 8
    assert columns.min() >= 1
    assert columns.max() <= 134
