"""Drawn stop boards, a car's tail and signs in one line, from their pixels to line names."""

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from samples.fonts import font
from scheme.reading import LabelSeen
from verifiers.reading.gathered import Gathered
from verifiers.reading.pictures import Pixels, as_pixels
from verifiers.reading.read import read_photo

FLOOR = 0.7

Written: TypeAlias = tuple[int, int, int, str]
"""Left, top, height in pixels, and what is written there."""


def drawn(size: tuple[int, int], ground: str, ink: str, *texts: Written) -> Pixels:
    picture = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(picture)
    for left, top, height, said in texts:
        draw.text((left, top), said, ink, font(height))
    return as_pixels(cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR))


def lines_of(pixels: Pixels) -> list[LabelSeen]:
    seen = Gathered()
    read_photo(pixels, seen)
    return seen.routes


def times() -> Pixels:
    """A stop's board of one line, with its times and its price."""
    return drawn(
        (700, 600), "#1e5aaa", "white",
        (60, 40, 120, "149路"), (60, 220, 44, "首班车 05:30  末班车 22:30"),
        (60, 300, 44, "票价 2 元"),
    )  # fmt: skip


def rows() -> Pixels:
    """A stop's board of several lines."""
    return drawn(
        (900, 800), "#145a3c", "white",
        (80, 60, 120, "149路"), (80, 240, 120, "71路"), (80, 420, 120, "926"), (80, 600, 120, "K4"),
    )  # fmt: skip


def route_map() -> Pixels:
    """One line and its stops, written downwards side by side."""
    stops = ("上海南站", "漕溪路口", "徐家汇路", "交通大学", "镇宁路口", "静安寺")
    written = [
        (90 + 125 * at, 240 + 60 * down, 50, sign)
        for at, stop in enumerate(stops)
        for down, sign in enumerate(stop)
    ]
    return drawn((900, 560), "white", "black", (60, 40, 120, "149"), *written)


def tail() -> Pixels:
    """A car's tail: a blue plate, and beside it what kind of car it is."""
    pixels = drawn((1200, 800), "#28282c", "#dcdcdc", (860, 480, 60, "Q5"))
    pixels[500:610, 430:770] = drawn((340, 110), "#143caa", "white", (20, 10, 64, "沪A·12345"))
    return pixels


@pytest.mark.parametrize("picture", [times, rows, route_map, tail])
def test_what_shows_no_bus_gives_no_sure_line(picture: Callable[[], Pixels]) -> None:
    seen = lines_of(picture())
    assert seen, "the number is read, and asked about"
    assert all(label.probability < FLOOR for label in seen)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("149 上海南站", "149"),
        ("149上海南站", "149"),
        ("K9 汕头大学", "K9"),
        ("夜宵 307", "夜宵307"),
        ("申崇二线", "申崇二线"),
    ],
)
def test_a_sign_in_one_line_is_sure(written: str, line: str) -> None:
    (best, *_) = lines_of(drawn((1000, 500), "#0a0a0c", "#ffaa28", (110, 140, 90, written)))
    assert best.text == line
    assert best.probability >= FLOOR
