"""Plates: drawn ones are read, cut ones never sure, real ones by a sample."""

import csv
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from samples.plates import PlateKind, plate
from scheme.reading import Hindrance
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.seen import plates_seen
from verifiers.reading.texts.text import read_lines

Pixels = NDArray[np.uint8]

DATA = (
    Path(os.environ.get("BUSREPORT_DATA", Path(__file__).parents[5] / "shared" / "data")) / "plates"
)


def scene(
    number: str, kind: PlateKind, at: tuple[int, int] = (330, 420), wide: int = 200
) -> Pixels:
    """A dark car's rear with the plate on it."""
    picture = np.full((720, 960, 3), (150, 140, 130), np.uint8)
    cv2.rectangle(picture, (150, 150), (810, 640), (60, 50, 45), -1)
    cv2.rectangle(picture, (230, 180), (730, 330), (100, 100, 95), -1)
    cv2.rectangle(picture, (170, 380), (260, 450), (40, 40, 190), -1)
    cv2.rectangle(picture, (700, 380), (790, 450), (40, 40, 190), -1)
    flat = cv2.cvtColor(np.asarray(plate(number, kind, 1.0)), cv2.COLOR_RGB2BGR)
    small = cv2.resize(
        flat, (wide, round(wide * flat.shape[0] / flat.shape[1])), interpolation=cv2.INTER_AREA
    )
    left, top = at
    shown = small[: 720 - top, max(0, -left) : 960 - left]
    picture[top : top + shown.shape[0], max(0, left) : max(0, left) + shown.shape[1]] = shown
    grain = np.random.default_rng(1).normal(0, 4, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.7) + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("number", "kind", "colour", "rows"),
    [
        ("沪C2K816", PlateKind.BLUE, "blue", 1),
        ("沪D41926", PlateKind.YELLOW, "yellow", 1),
        ("沪B73518", PlateKind.YELLOW_DOUBLE, "yellow", 2),
        ("沪A05127D", PlateKind.NEW_ENERGY_LARGE, "yellow_green", 1),
        ("沪B7351警", PlateKind.POLICE, "white", 1),
        ("沪B7351学", PlateKind.LEARNER, "yellow", 1),
        ("沪B7351挂", PlateKind.TRAILER, "yellow", 2),
        ("粤Z4862港", PlateKind.BORDER, "black", 1),
    ],
)
def test_drawn_plates_are_read_for_sure(
    number: str, kind: PlateKind, colour: str, rows: int
) -> None:
    picture = scene(number, kind)
    (seen,) = plates_seen(find_plates(picture, None, read_lines(picture)))
    assert (seen.number, seen.certain, seen.colour, seen.rows) == (number, True, colour, rows)
    assert seen.candidates[0].text == number
    assert 0.3 < seen.box.left < 0.4
    assert 0.55 < seen.box.top < 0.65
    assert not seen.cut_by_border


def test_a_plate_cut_by_the_border_is_never_sure() -> None:
    for left in (-14, -30, 800):
        for seen in plates_seen(find_plates(scene("沪C2K816", PlateKind.BLUE, at=(left, 420)))):
            assert not seen.certain


def test_no_plate_where_there_is_none() -> None:
    rng = np.random.default_rng(2)
    wall = cv2.GaussianBlur(rng.integers(0, 255, (400, 600, 3), dtype=np.uint8), (0, 0), 5)
    assert find_plates(np.asarray(wall, dtype=np.uint8)) == ()
    assert find_plates(np.zeros((1, 1, 3), np.uint8)) == ()
    assert find_plates(np.zeros((3000, 10, 3), np.uint8)) == ()


def test_a_plate_in_the_dark_is_read() -> None:
    dark = scene("沪C2K816", PlateKind.BLUE, wide=140) * 0.3
    grain = np.random.default_rng(4).normal(0, 10, dark.shape)
    (seen,) = plates_seen(find_plates(np.clip(dark + grain, 0, 255).astype(np.uint8)))
    assert seen.number == "沪C2K816"
    assert seen.legibility is not None
    assert seen.legibility.hindrance is Hindrance.DARK


@pytest.mark.skipif(
    not (DATA / "labels.csv").is_file(), reason="real plate pictures are not beside the checkout"
)
def test_real_plates_by_a_sample() -> None:
    with (DATA / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "scene"][::10]
    right = 0
    for row in rows:
        pixels = cv2.imdecode(np.fromfile(DATA / row["file"], np.uint8), cv2.IMREAD_COLOR)
        assert pixels is not None
        numbers = {
            str(seen.number)
            for seen in plates_seen(find_plates(np.asarray(pixels, dtype=np.uint8)))
        }
        right += row["plate"] in numbers
    assert right >= 0.9 * len(rows)
