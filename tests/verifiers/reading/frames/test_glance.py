"""Frames at a glance: alike or not, and how far one has panned."""

from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from verifiers.reading.frames.glance import glance, likeness, likeness_after_a_pan, pan_between

Pixels = NDArray[np.uint8]


def scene(seed: int, wide: int = 960) -> Pixels:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (18, wide // 30, 3), dtype=np.uint8)
    return cv2.resize(coarse, (wide, 360), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def test_a_pan_is_alike_where_both_frames_show_the_same() -> None:
    wide = scene(7)
    left, right = (glance(0, np.ascontiguousarray(wide[:, at : at + 640])) for at in (0, 200))
    assert likeness(left, right) < 0.5
    assert likeness_after_a_pan(left, right) > 0.7
    assert likeness_after_a_pan(left, glance(0, scene(8)[:, :640])) < 0.5


def test_a_shift_of_whole_pictures_is_no_pan() -> None:
    views = [glance(0, np.ascontiguousarray(scene(seed)[:, :640])) for seed in range(40)]
    told = [
        cv2.phaseCorrelate(*(each.thumbnail.mean(axis=2) for each in pair))[0]
        for pair in pairwise(views)
    ]
    assert any(
        abs(right) > 48 or abs(down) > 27 for right, down in told
    )  # what the correlation alone would have said
    for one, other in combinations(views, 2):
        across, along = pan_between(one, other)
        assert abs(across) <= 0.5
        assert abs(along) <= 0.5
        assert likeness(one, other) <= likeness_after_a_pan(one, other) < 0.8


@pytest.mark.parametrize("by", [(0, 0), (160, 0), (-96, 32), (0, -120), (64, 90)])
def test_an_ordinary_pan_is_told_by_its_way(by: tuple[int, int]) -> None:
    wide = cv2.resize(scene(7), (1280, 720), interpolation=cv2.INTER_CUBIC)
    right, down = by
    before = glance(0, np.ascontiguousarray(wide[180:540, 320:960]))
    after = glance(
        40, np.ascontiguousarray(wide[180 - down : 540 - down, 320 - right : 960 - right])
    )
    assert pan_between(before, after) == pytest.approx((right / 640, down / 360), abs=0.06)
