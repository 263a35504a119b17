"""Photos that lie on their side, upside down or mirrored are read, in place, and ask a person."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from samples.plates import PlateKind
from scheme.reading import Box, Readings
from tests.verifiers.reading.plates.test_find import scene
from tests.verifiers.reading.test_read import Numbers
from verifiers import read
from verifiers.reading.turns import TURNS, Turn, turn_that_reads

Pixels = NDArray[np.uint8]

UPRIGHT = scene("沪C2K816", PlateKind.BLUE)
PLATE = Box(330 / 960, 420 / 720, 530 / 960, 483 / 720)


def laid(turn: Turn) -> Pixels:
    """The upright scene as a file that ``turn`` sets right."""
    lies = np.rot90(UPRIGHT, -turn.quarters)
    return np.ascontiguousarray(cv2.flip(lies, 1) if turn.mirrored else lies)


def read_photo_of(pixels: Pixels) -> Readings:
    return read(Numbers(lambda _ms: pixels, 1))


def flags(readings: Readings) -> list[str]:
    assert readings.facts is not None
    return [flag.code for flag in readings.facts.flags]


def test_there_are_seven_ways_to_lie() -> None:
    corner = np.arange(6, dtype=np.uint8).reshape(2, 3, 1).repeat(3, axis=2)
    assert len({turn.of(corner).tobytes() + bytes(turn.of(corner).shape) for turn in TURNS}) == 7
    assert all(not np.array_equal(turn.of(corner), corner) for turn in TURNS)


@given(st.sampled_from(TURNS), st.integers(0, 30), st.integers(0, 20), st.integers(1, 9))
def test_a_box_of_the_turned_picture_comes_back_to_its_place(
    turn: Turn, left: int, top: int, size: int
) -> None:
    wide, high = 40, 30
    pixels = np.zeros((high, wide, 3), np.uint8)
    pixels[top : top + size, left : left + size] = 255
    turned = turn.of(pixels)
    rows, columns = np.nonzero(turned[:, :, 0])
    height, width = turned.shape[:2]
    seen = Box(
        columns.min() / width,
        rows.min() / height,
        (columns.max() + 1) / width,
        (rows.max() + 1) / height,
    )
    back = turn.back(seen)
    assert (back.left, back.top) == pytest.approx((left / wide, top / high), abs=1e-5)
    assert (back.right, back.bottom) == pytest.approx(
        ((left + size) / wide, (top + size) / high), abs=1e-5
    )


@pytest.mark.parametrize("turn", TURNS[::2])
def test_the_turn_that_sets_a_photo_right_is_found(turn: Turn) -> None:
    assert np.array_equal(turn.of(laid(turn)), UPRIGHT)
    assert turn_that_reads(laid(turn)) == turn


@pytest.mark.parametrize(
    "turn", [Turn(1, mirrored=False), Turn(2, mirrored=False), Turn(0, mirrored=True)]
)
def test_what_a_turn_reads_is_told_in_its_place_and_never_sure(turn: Turn) -> None:
    readings = read_photo_of(laid(turn))
    (plate,) = readings.plates
    assert (plate.number, plate.certain) == ("沪C2K816", False)
    assert plate.probability < 0.5
    assert flags(readings) == ["PICTURE_TURNED"]
    # Where the plate lies in the file as it is: the upright one's middle, turned back.
    middle = (plate.box.left + plate.box.right) / 2, (plate.box.top + plate.box.bottom) / 2
    across, down = (PLATE.left + PLATE.right) / 2, (PLATE.top + PLATE.bottom) / 2
    expected = turn.back(Box(across, down, across, down))
    assert middle == pytest.approx((expected.left, expected.top), abs=0.02)


def test_an_upright_photo_is_not_turned() -> None:
    readings = read_photo_of(UPRIGHT)
    assert [plate.certain for plate in readings.plates] == [True]
    assert flags(readings) == []


def test_a_photo_without_a_plate_stays_as_it_is() -> None:
    street = np.asarray(cv2.GaussianBlur(UPRIGHT, (0, 0), 40), np.uint8)
    readings = read_photo_of(street)
    assert readings.plates == ()
    assert flags(readings) == []
