"""The ground colour of a plate."""

import numpy as np

from verifiers.reading.plates.colour import colour_of


def test_colours() -> None:
    for name, bgr in {
        "white": (240, 240, 240),
        "black": (20, 20, 20),
        "blue": (170, 80, 30),
    }.items():
        assert colour_of(np.full((48, 144, 3), bgr, np.uint8)) == name
