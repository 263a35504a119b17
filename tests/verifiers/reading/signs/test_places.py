"""Where a name stands says whether a bus can bear it."""

from collections.abc import Sequence

import numpy as np
import pytest

from scheme.reading import Box, LabelSeen
from verifiers.reading.signs.places import is_beside_a_plate
from verifiers.reading.signs.route import find_routes
from verifiers.reading.texts.text import TextLine

FLOOR = 0.7
WIDTH, HEIGHT = 1000, 1000


def text(said: str, left: float, top: float, height: float = 40, width: float = 0) -> TextLine:
    wide = width or height * sum(1.0 if sign > "\u2000" else 0.55 for sign in said)
    right, bottom = left + wide, top + height
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return TextLine(said, 0.99, corners)


def sure(lines: Sequence[TextLine]) -> list[str]:
    return [seen.text for seen in find_routes(lines, WIDTH, HEIGHT) if seen.probability >= FLOOR]


STOPS = ("上海南站", "漕溪路", "徐家汇", "交通大学", "镇宁路", "静安寺")

STOP_BOARDS = {
    "one line with its times": [
        text("149路", 100, 100, 80),
        text("首班车 05:30", 100, 220),
        text("末班车 22:30", 100, 280),
    ],
    "one line with hours of service": [
        text("71", 100, 100, 80), text("05:00-23:00", 100, 220, 30),
    ],
    "one line and its stops below each other": [
        text("149 上海南站", 100, 40, 60),
        *(text(stop, 100, 140 + 50 * place) for place, stop in enumerate(STOPS)),
    ],
    "one line and its stops side by side, written downwards": [
        text("49路", 100, 40, 60),
        *(text("上海", 100 + 60 * at, 140, 160, width=36) for at in range(6)),
    ],
    "a wrapped name among its stops": [
        text("隧道三线", 100, 40, 60),
        *(text(stop, 100 + 190 * place, 140, 30) for place, stop in enumerate(STOPS[:5])),
    ],
    "several lines in rows": [
        text("149 上海南站", 100, 100), text("71 外滩", 100, 160), text("K9 徐家汇", 100, 220),
    ],
    "two lines, one above the other": [text("71路", 100, 100), text("149路", 100, 160)],
    "two lines side by side": [text("71路", 100, 100), text("149路", 300, 100)],
    "several lines in columns": [
        text("15", 100, 100), text("36", 260, 100), text("966", 100, 160), text("72", 260, 160),
    ],
    "several lines of Chinese names": [
        text("隧道三线", 100, 100), text("机场一线", 100, 160), text("上嘉线", 100, 220),
    ],
}  # fmt: skip


@pytest.mark.parametrize("board", STOP_BOARDS.values(), ids=STOP_BOARDS.keys())
def test_lines_of_a_stop_are_questions_and_never_sure(board: list[TextLine]) -> None:
    assert find_routes(board, WIDTH, HEIGHT)
    assert sure(board) == []


BUSES = {
    "149": [text("149 上海南站", 100, 100), text("沪A12345D", 130, 600, 30)],
    "71": [text("71", 100, 100), text("延安东路外滩", 160, 100)],
    "926": [text("926", 100, 100), text("上海公交", 100, 300), text("安全出口", 400, 300)],
    "隧道三线": [text("隧道三线", 100, 100)],
    "382G": [text("382G", 400, 100), text("Punggol", 200, 100)],
}


@pytest.mark.parametrize(("line", "lines"), BUSES.items(), ids=BUSES.keys())
def test_a_line_on_a_bus_stays_sure(line: str, lines: list[TextLine]) -> None:
    assert sure(lines) == [line]


def test_a_number_alone_beside_a_board_is_the_vehicles_own() -> None:
    assert sure([text("8SEATTLE CENTER", 100, 100), text("411", 600, 100)]) == []
    assert sure([text("48 MT BAKER TC", 100, 100), text("411", 600, 100)]) == ["48"]


def test_the_larger_of_two_names_on_one_bus_is_its_line() -> None:
    assert sure([text("133", 100, 100, 60), text("961", 300, 300, 20)]) == ["133"]
    far = [text("133", 50, 100, 60), text("961", 900, 300, 20)]
    assert sorted(sure(far)) == ["133", "961"]  # another bus, too far aside to be the same


def test_two_readings_of_one_place_make_neither_line_sure() -> None:
    assert sure([text("62B", 100, 100), text("628 VIA MARTIN WAY", 100, 100)]) == []
    assert sure([text("62B", 100, 100), text("62B VIA MARTIN WAY", 100, 100)]) == ["62B"]
    assert sure([text("K9", 100, 100), text("9", 120, 100)]) == ["K9"]
    assert sure([text("夜宵307", 100, 100), text("307", 180, 100)]) == ["夜宵307"]


PLATE = Box(0.40, 0.60, 0.50, 0.63)


@pytest.mark.parametrize(
    ("name", "box", "beside"),
    [
        ("a kind of car beside the plate", Box(0.52, 0.60, 0.56, 0.63), True),
        ("one above it on the tail", Box(0.30, 0.52, 0.34, 0.55), True),
        ("what sticks out of the plate's end", Box(0.49, 0.59, 0.53, 0.64), True),
        ("a line above the windscreen", Box(0.38, 0.05, 0.52, 0.12), False),
        ("a paper behind the windscreen", Box(0.30, 0.44, 0.36, 0.48), False),
        ("a line in the rear window", Box(0.38, 0.35, 0.52, 0.42), False),
        ("another bus aside", Box(0.85, 0.60, 0.95, 0.66), False),
        ("the road below", Box(0.40, 0.90, 0.50, 0.95), False),
    ],
)
def test_what_stands_close_to_a_plate_is_no_line(name: str, box: Box, *, beside: bool) -> None:
    assert is_beside_a_plate(box, [PLATE], WIDTH, HEIGHT) is beside, name


def test_without_a_plate_nothing_stands_beside_one() -> None:
    label = LabelSeen("Q5", "Q5", 0.99, Box(0.1, 0.1, 0.2, 0.2))
    assert not is_beside_a_plate(label.box, [], WIDTH, HEIGHT)
