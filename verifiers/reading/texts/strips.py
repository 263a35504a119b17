"""One line of text at a known place, read by the recogniser alone.

No search for lines, a fiftieth of a text pass.
"""

import cv2
import numpy as np

from scheme.reading import Box
from verifiers.reading.models import text_recogniser
from verifiers.reading.pictures import Pixels, scaled
from verifiers.reading.texts.recogniser import Steps, likeliest, log_likelihood, steps_of

HEIGHT = 48
"""Pixels: what the recogniser was trained on."""

_LONGEST = 1600
"""Pixels of a strip at most, for time. Chosen, not measured."""

_LEAST = (4, 8)
"""Rows and columns in pixels under which a strip says nothing. Chosen, not measured."""


def strip_of(pixels: Pixels, box: Box, margins: tuple[float, float]) -> Pixels | None:
    """``box`` of a BGR picture, 48 px high, with ``margins`` across and down in its heights.

    ``None`` where hardly a pixel lies within.
    """
    height, width = pixels.shape[:2]
    tall = (box.bottom - box.top) * height
    top, bottom = (
        round(box.top * height - margins[1] * tall),
        round(box.bottom * height + margins[1] * tall),
    )
    left, right = (
        round(box.left * width - margins[0] * tall),
        round(box.right * width + margins[0] * tall),
    )
    cut = pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if cut.shape[0] < _LEAST[0] or cut.shape[1] < _LEAST[1]:
        return None
    factor = min(HEIGHT / cut.shape[0], _LONGEST / cut.shape[1])
    return scaled(cut, factor, cv2.INTER_CUBIC)


def strip_steps(strip: Pixels) -> Steps:
    """What the recogniser makes of a strip of at most 48 px."""
    fitted = np.full((HEIGHT, -(-strip.shape[1] // 8) * 8, 3), 127, np.uint8)
    fitted[: strip.shape[0], : strip.shape[1]] = strip[:HEIGHT]
    return steps_of(text_recogniser(), fitted)


def text_of(steps: Steps) -> tuple[str, float]:
    """The likeliest text of a strip, and the mean probability of its characters."""
    return likeliest(steps, text_recogniser()[1])


def fit_of(steps: Steps, text: str) -> float:
    """Log-likelihood that a strip says ``text``."""
    return log_likelihood(steps, text, text_recogniser()[1])
