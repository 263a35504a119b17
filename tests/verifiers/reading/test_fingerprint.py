"""PDQ in numpy equals the reference, and its views are those of the picture really turned."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from verifiers.reading.fingerprint import distance, fingerprints


def wave(height: int, width: int, kind: int) -> NDArray[np.uint8]:
    """A busy picture by formula, so that the figures below hold everywhere."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = [
        np.sin(x / (7 + 3 * kind) + y / (11 + c)) * np.cos(y / (5 + kind) - x / (13 + 2 * c))
        + ((x * (c + 2) + y * (kind + 1)) % 97) / 97
        for c in range(3)
    ]
    picture = np.stack(planes, -1)
    levels = (picture - picture.min()) / (picture.max() - picture.min()) * 255
    return np.asarray(levels, dtype=np.uint8)


def view_of(seed: int) -> NDArray[np.uint8]:
    """A picture with large shapes and small ones, as photos have."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((480, 640, 3))
    for cells, weight in (((4, 5), 60), ((12, 16), 25), ((48, 64), 8)):
        coarse = rng.normal(0, weight, (*cells, 3))
        picture += cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC)
    return np.clip(picture + 128, 0, 255).astype(np.uint8)


# Computed once with pdqhash 0.2.8 (the reference implementation in C++) from the same pictures.
@pytest.mark.parametrize(
    ("size", "bits"),
    [
        ((384, 512, 1), "0010aae2549d2d6500155575aabfaaeafa9daae2fa9daae0fe9daa60ea9daa60"),
        ((512, 300, 2), "b5573503b5553d03b5553ffb1fff4aaa2aab80236aab40236aab40236aab056b"),
        ((64, 64, 3), "b88a32aa02ff32aa02ff77a0fd28a04f7d3e200f3dbefff07507b37255460003"),
        ((200, 511, 5), "a8d81543afd85543fff8aabc800728bca20706bcaa0702bcaaa7003caaafffff"),
    ],
)
def test_bits_equal_the_reference(size: tuple[int, int, int], bits: str) -> None:
    upright = fingerprints(wave(*size))[0]
    # A coefficient on the median may fall either way with another processor's rounding.
    assert distance(upright.bits, bits) <= 4
    assert upright.quality == 100


def test_each_view_is_the_picture_really_turned() -> None:
    picture = np.ascontiguousarray(view_of(3)[:, :480])
    mirrored = picture[:, ::-1]
    really = [
        picture, np.rot90(picture, 3), np.rot90(picture, 2), np.rot90(picture, 1),
        mirrored, np.rot90(mirrored, 2), np.rot90(mirrored, 1), np.rot90(mirrored, 3),
    ]  # fmt: skip
    views = fingerprints(picture)
    assert [view.view for view in views] == list(range(8))
    for view, turned in zip(views, really, strict=True):
        upright = fingerprints(np.ascontiguousarray(turned))[0]
        assert distance(view.bits, upright.bits) <= 16, view.view


def test_recoding_stays_near_and_another_picture_far() -> None:
    picture = view_of(1)
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    again = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert again is not None
    smaller = cv2.resize(again, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)
    own = fingerprints(picture)[0].bits
    assert distance(own, fingerprints(smaller)[0].bits) <= 31
    assert distance(own, fingerprints(view_of(2))[0].bits) > 60


def test_a_blank_picture_says_nothing() -> None:
    assert fingerprints(np.full((90, 120, 3), 128, np.uint8))[0].quality == 0


def test_the_smallest_pictures_have_one_too() -> None:
    assert len(fingerprints(np.zeros((1, 1, 3), np.uint8))[0].bits) == 64
