"""Traffic lights and centre lines, drawn; and the bright things of a street that are neither."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from scheme.reading import FrameLooked, Hinted, Span
from verifiers.reading.frames.glance import glance
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.pictures import Pixels
from verifiers.reading.recordings.hints import hints_of

WIDE, HIGH = 512, 288
RED, YELLOW, GREEN = (40, 40, 255), (30, 190, 255), (150, 230, 40)
"""BGR, lit."""


def street(level: int = 150) -> Pixels:
    coarse = np.random.default_rng(3).integers(level - 20, level + 20, (9, 16, 3), dtype=np.uint8)
    return cv2.resize(coarse, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def signal(picture: Pixels, x: int, y: int, lit: tuple[int, int, int], place: int) -> None:
    """Three lamps one below the other in a dark housing, one of them lit."""
    cv2.rectangle(picture, (x - 8, y - 8), (x + 8, y + 36), (22, 22, 22), -1)
    for number in range(3):
        colour = lit if number == place else (30, 40, 34)
        cv2.circle(picture, (x, y + 14 * number), 4, colour, -1)


def sweep(draw: Callable[[Pixels, int], None], level: int = 150) -> list[Swept]:
    swept = []
    for ms in range(0, 10_000, 1000):
        picture = street(level)
        draw(picture, ms)
        swept.append(Swept(FrameLooked(ms, 1, 1), 0.0, glance(ms, picture), picture))
    return swept


def test_a_light_that_turns_green_is_two_hints() -> None:
    def draw(picture: Pixels, ms: int) -> None:
        signal(picture, 300 + ms // 1000, 60, *((RED, 0) if ms < 6000 else (GREEN, 2)))

    hints = hints_of(sweep(draw))
    assert [(hint.what, hint.span) for hint in hints] == [
        (Hinted.RED_LIGHT, Span(0, 5000)),
        (Hinted.GREEN_LIGHT, Span(6000, 9000)),
    ]
    assert all(hint.box.left / (HIGH / WIDE) > 0.28 and hint.box.bottom < 0.4 for hint in hints)
    assert all(hint.probability <= 0.9 for hint in hints)


def test_yellow_is_told_apart() -> None:
    hints = hints_of(sweep(lambda picture, _ms: signal(picture, 200, 80, YELLOW, 1)))
    assert [hint.what for hint in hints] == [Hinted.YELLOW_LIGHT]


def brake_light(picture: Pixels, _ms: int) -> None:
    cv2.rectangle(picture, (180, 180), (330, 260), (40, 40, 40), -1)
    cv2.circle(picture, (200, 230), 5, RED, -1)


def red_sign(picture: Pixels, _ms: int) -> None:
    cv2.circle(picture, (250, 60), 6, RED, -1)


def led_text(picture: Pixels, _ms: int) -> None:
    cv2.rectangle(picture, (200, 40), (330, 70), (20, 20, 20), -1)
    cv2.putText(picture, "49", (240, 64), cv2.FONT_HERSHEY_SIMPLEX, 0.8, RED, 2)


def blink(picture: Pixels, ms: int) -> None:
    if ms == 4000:
        signal(picture, 300, 60, RED, 0)


def passing_bus(picture: Pixels, _ms: int) -> None:
    cv2.rectangle(picture, (60, 100), (420, 280), (20, 190, 230), -1)


@pytest.mark.parametrize("draw", [brake_light, red_sign, led_text, blink, passing_bus])
def test_what_is_none(draw: Callable[[Pixels, int], None]) -> None:
    assert hints_of(sweep(draw)) == ()


def test_at_night_nothing_is_said() -> None:
    assert hints_of(sweep(lambda picture, _ms: signal(picture, 300, 60, RED, 0), level=30)) == ()


def test_a_solid_yellow_line_is_a_hint_and_a_dashed_one_is_not() -> None:
    def solid(picture: Pixels, _ms: int) -> None:
        cv2.line(picture, (180, 287), (250, 150), (60, 180, 225), 4)

    def dashed(picture: Pixels, _ms: int) -> None:
        for step in range(0, 130, 26):
            start = (180 + round(step * 0.51), 287 - step)
            cv2.line(picture, start, (start[0] + 6, start[1] - 11), (60, 180, 225), 4)

    (hint,) = hints_of(sweep(solid))
    assert (hint.what, hint.span) == (Hinted.CENTRE_LINE, Span(0, 9000))
    assert hint.box.bottom > 0.9
    assert hints_of(sweep(dashed)) == ()


def test_nothing_swept_nothing_hinted() -> None:
    assert hints_of([]) == ()
