"""A name is a line only where something of a bus is in view."""

from collections.abc import Sequence

import numpy as np
import pytest

from scheme.reading import Box
from verifiers.reading.pictures import Pixels
from verifiers.reading.signs.bearer import borne_by_a_bus
from verifiers.reading.signs.route import find_routes
from verifiers.reading.texts.text import TextLine

FLOOR = 0.7
NAME = Box(0.1, 0.1, 0.2, 0.15)


def text(said: str, left: float = 100, top: float = 100) -> TextLine:
    corners = np.array(
        [[left, top], [left + 100, top], [left + 100, top + 50], [left, top + 50]], np.float32
    )
    return TextLine(said, 0.99, corners)


def picture(*, ground: tuple[int, int, int], ink: tuple[int, int, int]) -> Pixels:
    pixels = np.full((1000, 1000, 3), 120, np.uint8)
    pixels[100:150, 100:200] = ground
    pixels[110:140, 100:200:4] = ink
    return pixels


PRINT = picture(ground=(160, 80, 20), ink=(250, 250, 250))


def sure(
    lines: Sequence[TextLine],
    pixels: Pixels = PRINT,
    plates: Sequence[Box] = (),
    *,
    has_plates: bool = False,
) -> bool:
    routes = find_routes(lines, 1000, 1000)
    (label, *_) = borne_by_a_bus(pixels, lines, routes, plates, has_plates=has_plates)
    return label.probability >= FLOOR


def test_a_printed_name_alone_is_a_question() -> None:
    assert not sure([text("105")])
    assert not sure([text("105"), text("便利店", top=400)])
    assert not sure([text("105"), text("公交车站", top=600)])


@pytest.mark.parametrize("other", ["S2L-056", "沪A12345D", "上海公交", "13161"])
def test_what_a_bus_bears_makes_its_line_sure(other: str) -> None:
    assert sure([text("105"), text(other, top=600)])


def test_a_plate_in_view_is_a_vehicle_though_nobody_can_read_it() -> None:
    assert sure([text("105")], has_plates=True)


def test_a_destination_beside_it_makes_a_line() -> None:
    assert sure([text("105 徐家汇")])
    assert sure([text("105"), text("徐家汇", left=210)])


@pytest.mark.parametrize("ink", [(40, 170, 255), (40, 40, 255), (60, 255, 60), (255, 255, 255)])
def test_a_lit_name_is_a_line(ink: tuple[int, int, int]) -> None:
    assert sure([text("105")], picture(ground=(10, 10, 10), ink=ink))


def test_a_name_beside_a_plate_is_none_however_lit() -> None:
    lit = picture(ground=(10, 10, 10), ink=(40, 170, 255))
    plate = Box(0.1, 0.16, 0.2, 0.19)
    assert not sure([text("Q5")], lit, [plate], has_plates=True)
    far = Box(0.1, 0.60, 0.2, 0.63)
    assert sure([text("Q5")], lit, [far], has_plates=True)
