"""Line signs read again: a true one stays sure, a doubtful one does not."""

import cv2
import numpy as np
import pytest

from samples import led
from verifiers.reading.pictures import Pixels, as_pixels
from verifiers.reading.signs.route import find_routes, second_opinions
from verifiers.reading.signs.sign import spellings, word_apart
from verifiers.reading.texts.text import TextLine


def board(*parts: str, refreshed: float = 1.0, dot_px: int = 4) -> tuple[Pixels, np.ndarray]:
    """A lit sign on a dark front, and the corners of all that is on it."""
    columns = 16 + 12 * sum(len(part) for part in parts)
    drawn = np.asarray(led.sign(parts, (columns, 22), led.AMBER, refreshed, dot_px))
    pixels = np.full((drawn.shape[0] + 200, drawn.shape[1] + 300, 3), 28, np.uint8)
    pixels[100 : 100 + drawn.shape[0], 150 : 150 + drawn.shape[1]] = cv2.cvtColor(
        drawn, cv2.COLOR_RGB2BGR
    )
    left, top, right, bottom = 150, 100, 150 + drawn.shape[1], 100 + drawn.shape[0]
    return as_pixels(pixels), np.array(
        [[left, top], [right, top], [right, bottom], [left, bottom]], np.float32
    )


@pytest.mark.parametrize("name", ["49", "K16", "926路"])
def test_all_views_agree_on_a_clear_sign(name: str) -> None:
    best, *others = spellings(*board(name))
    assert best.text == name
    assert best.probability > 0.7
    assert sum(other.probability for other in others) < 0.3


def test_a_smeared_sign_is_not_sure_of_anything() -> None:
    pixels, corners = board("386")
    smeared = as_pixels(cv2.GaussianBlur(pixels, (0, 0), 18))
    assert all(way.probability < 0.5 for way in spellings(smeared, corners))


def test_nothing_to_read_has_no_spelling() -> None:
    corners = np.array([[20, 20], [120, 20], [120, 60], [20, 60]], np.float32)
    assert all(
        way.probability < 0.5 for way in spellings(np.full((100, 200, 3), 90, np.uint8), corners)
    )


def test_a_name_behind_a_destination_is_a_line_of_its_own() -> None:
    pixels, corners = board("Punggol", "386")
    word = word_apart(pixels, TextLine("Punggol 386", 0.9, corners), "386")
    assert word is not None
    assert word.text == "386"
    middle = (corners[0, 0] + corners[1, 0]) / 2
    assert word.corners[0, 0] > middle
    assert word.corners[1, 0] == corners[1, 0]


def test_a_name_before_a_destination_is_a_line_of_its_own() -> None:
    pixels, corners = board("386", "Punggol")
    word = word_apart(pixels, TextLine("386Punggol", 0.9, corners), "386")
    assert word is not None
    middle = (corners[0, 0] + corners[1, 0]) / 2
    assert word.corners[0, 0] == corners[0, 0]
    assert word.corners[1, 0] < middle
    assert word_apart(pixels, TextLine("A386B", 0.9, corners), "386") is None


def test_a_text_is_no_surer_than_the_number_in_it() -> None:
    pixels, corners = board("386", "Punggol")
    right = second_opinions(pixels, [TextLine("386 Punggol", 0.99, corners)])
    assert find_routes(right, 1000, 300)[0].text == "386"
    assert right[-1].probability > 0.7
    wrong = second_opinions(pixels, [TextLine("888 Punggol", 0.99, corners)])
    assert wrong[-1].text == "888 Punggol"
    assert wrong[-1].probability < 0.7


def test_a_misreading_is_set_right_and_an_unlikely_one_loses_its_weight() -> None:
    pixels, corners = board("301")
    (seen, *_) = find_routes(second_opinions(pixels, [TextLine("30L", 0.99, corners)]), 1000, 300)
    assert seen.text == "301"
    blank = np.full((300, 600, 3), 60, np.uint8)
    faint = find_routes(second_opinions(blank, [TextLine("301", 0.99, corners)]), 600, 300)
    assert all(each.probability < 0.7 for each in faint)


def test_what_names_no_line_is_left_alone() -> None:
    pixels, corners = board("49")
    lines = (TextLine("Transport", 0.9, corners),)
    assert second_opinions(pixels, lines) == lines


def test_a_dash_that_one_view_sees_is_there() -> None:
    pixels, corners = board("3-53")
    assert spellings(pixels, corners)[0].text == "3-53"


SEGMENTS = {"1": "cf", "6": "abdefg", "8": "abcdefg"}
"""Of a seven-segment digit: a top, b and c upper left and right, d middle, e and f lower left and
right, g bottom.
"""

PLACES = {
    "a": (0, 0, 40, 9),
    "b": (0, 0, 9, 40),
    "c": (31, 0, 40, 40),
    "d": (0, 36, 40, 45),
    "e": (0, 40, 9, 80),
    "f": (31, 40, 40, 80),
    "g": (0, 71, 40, 80),
}


def in_the_sun(lit: str, unlit: int) -> tuple[Pixels, np.ndarray]:
    """Segments in daylight: lit ones glow amber, others reflect ``unlit`` (0..255) of white."""
    pixels = np.full((180, 120 + 70 * len(lit), 3), 60, np.uint8)
    for place, digit in enumerate(lit):
        for name in "abcdefg":
            left, top, right, bottom = PLACES[name]
            corner, far = (60 + 70 * place + left, 50 + top), (60 + 70 * place + right, 50 + bottom)
            colour = (30, 170, 255) if name in SEGMENTS[digit] else (unlit, unlit, unlit)
            if name in SEGMENTS[digit] or unlit > 60:
                cv2.rectangle(pixels, corner, far, colour, -1)
    edge = 50 + 70 * len(lit)
    corners = np.array([[45, 40], [edge + 10, 40], [edge + 10, 140], [45, 140]], np.float32)
    return as_pixels(cv2.GaussianBlur(pixels, (0, 0), 1.5)), corners


def test_unlit_segments_that_reflect_make_no_other_line() -> None:
    for lit in ("16", "61", "116"):
        told = spellings(*in_the_sun(lit, 230))
        assert all(way.probability <= 0.5 for way in told if way.text != lit), told
    assert spellings(*in_the_sun("16", 0))[0].text == "16"
