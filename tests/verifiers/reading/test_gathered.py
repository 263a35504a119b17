"""What stands in a picture's texts, beside its plates."""

import cv2
import numpy as np
import pytest

from samples.plates import PlateKind
from tests.verifiers.reading.plates.test_find import scene
from verifiers.reading.gathered import Gathered, read_labels
from verifiers.reading.plates.find import find_plates
from verifiers.reading.texts.text import TextLine, TextPass

PLATE = scene("沪C2K816", PlateKind.BLUE)


def line(text: str) -> TextLine:
    corners = np.array([[600, 500], [720, 500], [720, 540], [600, 540]], np.float32)
    return TextLine(text, 0.95, corners)


@pytest.mark.parametrize(("text", "own"), [("S2L-056", ["S2L-056"]), ("C2K816", []), ("2K816", [])])
def test_a_row_of_a_plate_is_no_bus_number(text: str, own: list[str]) -> None:
    seen = Gathered(plates=list(find_plates(PLATE)))
    read_labels(PLATE, TextPass((line(text),)), None, seen, second_look=False)
    assert [label.text for label in seen.fleet_numbers] == own


def test_a_plate_that_can_not_be_read_keeps_nothing_else_from_being_read() -> None:
    smeared = np.asarray(cv2.blur(PLATE, (61, 9)), dtype=np.uint8)
    seen = Gathered(plates=list(find_plates(smeared)))
    read_labels(smeared, TextPass((line("S2L-056"),)), None, seen, second_look=False)
    assert [label.text for label in seen.fleet_numbers] == ["S2L-056"]


@pytest.mark.parametrize(("left", "top", "routes"), [(420, 430, []), (420, 80, ["816"])])
def test_a_piece_of_a_plate_is_no_line(left: int, top: int, routes: list[str]) -> None:
    seen = Gathered(plates=list(find_plates(PLATE)))
    corners = np.array(
        [[left, top], [left + 90, top], [left + 90, top + 40], [left, top + 40]], np.float32
    )
    read_labels(PLATE, TextPass((TextLine("816", 0.95, corners),)), None, seen, second_look=False)
    assert [label.text for label in seen.routes] == routes
