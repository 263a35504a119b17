"""The line of the reported bus: a sign that something else bears is a question (R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scheme.finding import Outcome
from scheme.reading import Box, LabelSeen

if TYPE_CHECKING:
    from tests.verifiers.conftest import Making, Scenes

PLATE = Box(0.47, 0.80, 0.53, 0.83)
ON_IT, ELSEWHERE = Box(0.46, 0.50, 0.54, 0.56), Box(0.02, 0.30, 0.08, 0.36)


def a_line(text: str, box: Box, probability: float = 0.95) -> LabelSeen:
    return LabelSeen(text, text, probability, box)


def test_a_line_beside_the_bus_that_bears_another_is_a_question(
    scene: Scenes, making: Making
) -> None:
    pole = making.photo(
        plates=(making.plate(box=PLATE),),
        routes=(a_line("166", ON_IT), a_line("105", ELSEWHERE)),
    )
    said = scene(files=[pole], claim={"route": "105"}).by_code()
    assert "ROUTE_SEEN" not in said
    assert said["ROUTE_UNSURE"].outcome is Outcome.REVIEW
    assert "ROUTE_SEEN" in scene(files=[pole], claim={"route": "166"}).by_code()


def test_a_line_elsewhere_passes_where_the_bus_bears_no_other(
    scene: Scenes, making: Making
) -> None:
    side = making.photo(plates=(making.plate(box=PLATE),), routes=(a_line("105", ELSEWHERE),))
    assert "ROUTE_SEEN" in scene(files=[side], claim={"route": "105"}).by_code()


@pytest.mark.parametrize(
    ("number", "colour", "code"),
    [
        ("沪A12345", "blue", "ROUTE_UNSURE"),
        ("沪AD12345", "green", "ROUTE_UNSURE"),
        ("沪A12345", "yellow", "ROUTE_SEEN"),
        ("沪A12345D", "yellow_green", "ROUTE_SEEN"),
        ("沪A12345", "unknown", "ROUTE_SEEN"),
    ],
)
def test_a_cars_plate_bears_no_line(
    scene: Scenes, making: Making, number: str, colour: str, code: str
) -> None:
    tail = making.photo(
        plates=(making.plate(number, box=PLATE, colour=colour),), routes=(a_line("Q5", ON_IT),)
    )
    assert code in scene(files=[tail], claim={"route": "Q5", "plate": number}).by_code()
