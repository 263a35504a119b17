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
from verifiers.reading.pictures import as_pixels
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.seen import plates_seen
from verifiers.reading.texts.text import TextLine, read_lines

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


def wall(number: str, kind: PlateKind, share: float, wide: int) -> Pixels:
    """A plain wall with a plate on it that takes ``share`` of its width.

    Little else if it is large.
    """
    flat = cv2.cvtColor(np.asarray(plate(number, kind, 2.0)), cv2.COLOR_RGB2BGR)
    across = round(wide * share)
    down = round(across * flat.shape[0] / flat.shape[1])
    how = cv2.INTER_AREA if across < flat.shape[1] else cv2.INTER_CUBIC
    high = max(round(down * 1.15), round(wide * 0.75) if share < 0.9 else 0)
    picture = np.full((high, wide, 3), (120, 125, 130), np.uint8)
    left, top = (wide - across) // 2, (high - down) // 2
    picture[top : top + down, left : left + across] = cv2.resize(
        flat, (across, down), interpolation=how
    )
    grain = np.random.default_rng(1).normal(0, 4, picture.shape)
    return as_pixels(np.clip(cv2.GaussianBlur(picture, (0, 0), 0.7) + grain, 0, 255))


@pytest.mark.parametrize("share", [0.05, 0.1, 0.25, 0.5, 0.75, 0.95])
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("沪C2K816", PlateKind.BLUE),
        ("沪ADK4816", PlateKind.NEW_ENERGY_SMALL),
        ("沪A05127D", PlateKind.NEW_ENERGY_LARGE),
        ("沪D41926", PlateKind.YELLOW),
        ("沪B73518", PlateKind.YELLOW_DOUBLE),
    ],
)
def test_plates_are_found_at_every_share_of_the_width(
    number: str, kind: PlateKind, share: float
) -> None:
    wide = 2800 if share >= 0.5 else 1400
    seen = plates_seen(find_plates(wall(number, kind, share, wide)))
    assert [each.number for each in seen] == [number]


def test_a_plate_of_two_hundredths_of_the_width_is_found_by_its_text() -> None:
    picture = wall("沪A05127D", PlateKind.NEW_ENERGY_LARGE, 0.02, 2800)
    assert "沪A05127D" not in {view.number for view in find_plates(picture)}
    assert "沪A05127D" in {view.number for view in find_plates(picture, None, read_lines(picture))}


def test_a_clock_burnt_in_beside_two_rows_joins_no_plate() -> None:
    picture = scene("沪BF3518", PlateKind.YELLOW_DOUBLE)
    cv2.putText(
        picture, "2026-06-10 08:41", (520, 516), cv2.FONT_HERSHEY_SIMPLEX, 1.43, (255,) * 3, 2
    )
    seen = plates_seen(find_plates(picture, None, read_lines(picture)))
    assert seen
    assert {len(each.number) for each in seen} == {7}
    assert {each.number for each in seen if each.certain} <= {"沪BF3518"}


def test_what_the_texts_say_otherwise_is_not_sure() -> None:
    picture = scene("沪C2K816", PlateKind.BLUE)
    (view,) = find_plates(picture)
    for text, sure in (
        ("沪C·2K816", True),
        ("浙C2K816", False),
        ("BC2K818", False),
        ("TOYOTA", True),
        ("24012245", True),
    ):
        line = TextLine(text, 0.95, view.quad.corners)
        (seen,) = plates_seen(find_plates(picture, None, [line]))
        assert (seen.number, seen.certain) == ("沪C2K816", sure), text


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
