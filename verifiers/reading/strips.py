"""One line of text at a known place, read by the recogniser alone: no search for lines, a fiftieth of a text pass."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Box
from verifiers.reading.models import text_recogniser
from verifiers.reading.pictures import Pixels, scaled
from verifiers.reading.text import recognised

Steps = NDArray[np.float32]
"""(steps, classes): probability of each of the recogniser's classes over time; class 0 is the CTC blank."""

HEIGHT = 48
_LONGEST = 1600
_LEAST = (4, 8)
_FLOOR = 1e-6


def strip_of(pixels: Pixels, box: Box, margins: tuple[float, float]) -> Pixels | None:
    """``box`` of a BGR picture with ``margins`` (right and left, above and below; in heights of the box), 48 px high.

    ``None`` where hardly a pixel lies within.
    """
    height, width = pixels.shape[:2]
    tall = (box.bottom - box.top) * height
    top, bottom = round(box.top * height - margins[1] * tall), round(box.bottom * height + margins[1] * tall)
    left, right = round(box.left * width - margins[0] * tall), round(box.right * width + margins[0] * tall)
    cut = pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if cut.shape[0] < _LEAST[0] or cut.shape[1] < _LEAST[1]:
        return None
    factor = min(HEIGHT / cut.shape[0], _LONGEST / cut.shape[1])
    return scaled(cut, factor, cv2.INTER_CUBIC)


def steps_of(strip: Pixels) -> Steps:
    """What the recogniser makes of a strip of at most 48 px."""
    fitted = np.full((HEIGHT, -(-strip.shape[1] // 8) * 8, 3), 127, np.uint8)
    fitted[: strip.shape[0], : strip.shape[1]] = strip[:HEIGHT]
    return recognised(fitted)


def log_likelihood(steps: Steps, text: str) -> float:
    """Log-likelihood of ``text`` over all ways to spell it (CTC, Graves 2006); -inf where a sign is unknown."""
    known = _classes()
    if any(sign not in known for sign in text):
        return float("-inf")
    states = [0]
    for sign in text:
        states += [known[sign], 0]
    logs = np.log(np.maximum(steps[:, states].astype(np.float64), _FLOOR))
    # From two states before only past a blank between two different signs.
    skips = np.array([place > 1 and state not in (0, states[place - 2]) for place, state in enumerate(states)])
    alpha = np.full(len(states), -np.inf)
    alpha[:2] = logs[0, :2]
    for step in logs[1:]:
        one = np.concatenate(([-np.inf], alpha[:-1]))
        two = np.where(skips, np.concatenate(([-np.inf, -np.inf], alpha[:-2]))[: len(states)], -np.inf)
        alpha = np.logaddexp(np.logaddexp(alpha, one), two) + step
    return float(np.logaddexp(alpha[-1], alpha[-2])) if len(states) > 1 else float(alpha[-1])


@cache
def _classes() -> dict[str, int]:
    _, characters = text_recogniser()
    return {sign: place for place, sign in enumerate(characters) if place}
