"""Lit signs that can't be read are told, and nothing else is."""

import cv2
import numpy as np
import pytest

from samples.led import sign
from scheme.reading import Hindrance, Sighted
from verifiers.reading.pictures import Pixels, as_pixels
from verifiers.reading.signs.board import is_half_lit, is_lit, unread_sign

HIGH, WIDE = 600, 900
LOWEST = 0.68


def led(refreshed: float = 1.0, size: tuple[int, int] = (240, 48)) -> Pixels:
    drawn = np.asarray(sign(("926",), (48, 16), refreshed=refreshed))[:, :, ::-1]
    return as_pixels(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA))


def corners_at(left: int, top: int, patch: Pixels) -> np.ndarray:
    high, wide = patch.shape[:2]
    return np.array(
        [[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]], np.float32
    )


def scene(patch: Pixels, left: int = 300, top: int = 100) -> Pixels:
    picture = np.full((HIGH, WIDE, 3), 105, np.uint8)
    high, wide = patch.shape[:2]
    picture[top : top + high, left : left + wide] = patch
    return picture


def test_a_lit_sign_glows_on_a_dark_ground() -> None:
    assert is_lit(led())
    for grey in (15, 120, 240):
        assert not is_lit(np.full((40, 200, 3), grey, np.uint8))
    yellow_plate = np.full((40, 200, 3), (20, 190, 240), np.uint8)
    assert not is_lit(yellow_plate)


def test_rows_that_a_fast_shutter_missed_are_told() -> None:
    assert is_half_lit(led(0.5, (480, 160)))
    assert not is_half_lit(led(1.0, (480, 160)))


@pytest.mark.parametrize(
    ("refreshed", "hindrance"), [(0.5, Hindrance.HALF_LIT), (1.0, Hindrance.NONE)]
)
def test_a_lit_sign_without_a_name_is_unread(refreshed: float, hindrance: Hindrance) -> None:
    patch = led(refreshed, (480, 160))
    unread = unread_sign(scene(patch), [(corners_at(300, 100, patch), 0.7)], LOWEST, 2000)
    assert unread is not None
    assert (unread.what, unread.frame_ms, unread.legibility.hindrance) == (
        Sighted.ROUTE,
        2000,
        hindrance,
    )
    assert unread.box.left == pytest.approx(300 / WIDE, abs=0.01)


def test_what_does_not_glow_or_stands_low_is_no_line_sign() -> None:
    patch, poster = led(), np.full((48, 240, 3), 200, np.uint8)
    assert unread_sign(scene(poster), [(corners_at(300, 100, poster), 0.9)], LOWEST, None) is None
    assert (
        unread_sign(scene(patch, top=500), [(corners_at(300, 500, patch), 0.9)], LOWEST, None)
        is None
    )
    assert unread_sign(scene(patch), [], LOWEST, None) is None
