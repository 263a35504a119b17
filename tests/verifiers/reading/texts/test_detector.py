"""Boxes and windows cut out of a map of texts."""

import numpy as np
import pytest

from verifiers.reading.texts.detector import TextBox, Window, boxes_in, cut_out, windows_of


def answer(*parts: tuple[int, int, int, int, float]) -> np.ndarray:
    made = np.zeros((320, 320), np.float32)
    for left, top, right, bottom, level in parts:
        made[top:bottom, left:right] = level
    return made


def test_a_box_is_larger_than_the_heart_of_its_text_and_on_the_pictures_scale() -> None:
    (box,) = boxes_in(answer((100, 100, 180, 120, 0.9)), 640, 640)
    assert box.corners[0] == pytest.approx((174, 174), abs=4)
    assert box.corners[2] == pytest.approx((386, 266), abs=4)
    assert box.score > 0.8
    assert (box.width, box.height) == pytest.approx((211, 91), abs=6)


def test_what_is_thin_or_faint_is_no_box() -> None:
    assert boxes_in(answer((100, 100, 180, 102, 0.9)), 320, 320) == []
    assert boxes_in(answer((100, 100, 180, 130, 0.3)), 320, 320) == []


def test_faint_answers_are_worth_a_closer_look() -> None:
    (window,) = windows_of(answer((100, 100, 140, 120, 0.1)), 640, 640)
    assert window == Window(176, 176, 304, 264)
    assert windows_of(answer((100, 100, 140, 120, 0.05)), 640, 640) == []


def test_windows_are_joined_where_that_costs_little_and_where_there_are_many() -> None:
    far = answer((10, 10, 20, 20, 0.9), (280, 280, 300, 300, 0.9))
    near = answer((10, 10, 60, 20, 0.9), (75, 10, 125, 20, 0.9))
    crowd = answer(
        *(
            (20 + 75 * k, 20 + 75 * j, 26 + 75 * k, 26 + 75 * j, 0.9)
            for k in range(4)
            for j in range(4)
        )
    )
    assert len(windows_of(far, 320, 320)) == 2
    assert len(windows_of(near, 320, 320)) == 1
    assert len(windows_of(crowd, 320, 320, most=3)) == 3


def test_a_tall_text_is_laid_on_its_side() -> None:
    pixels = np.zeros((200, 200, 3), np.uint8)
    pixels[20:180, 80:120] = 255
    tall = TextBox(np.array([[80, 20], [120, 20], [120, 180], [80, 180]], np.float32), 0.9)
    crop = cut_out(pixels, tall, 48)
    assert crop.shape == (48, 192, 3)
    assert crop.min() > 200
