"""The ground colour of a plate: it says what kind of vehicle bears it."""

import cv2
import numpy as np

from verifiers.reading.pictures import Pixels

_HUES = (("blue", 95, 130), ("yellow", 12, 34), ("green", 35, 94))
"""Name, lowest and highest OpenCV hue (0..179): the grounds of GA 36 with room for white balance.
Chosen over drawn and real plates, no figure kept.
"""

_VIVID, _LIT = 70, 45
"""Saturation and value (of 255) from which a pixel has a colour at all. Chosen, not measured."""

_GREEN_GROUND, _YELLOW_PART = 0.2, 0.08
"""Shares of a plate of large new-energy vehicles: a third of it is yellow, signs cover half."""

_GROUND = 0.25
"""Share of the plate that its ground takes at least; signs and dirt cover the rest. Chosen, not
measured.
"""

_BRIGHT, _DIM, _PLAIN_GROUND = 140, 80, 0.4
"""Value (of 255) of a white and of a black ground, and the share of the plate they take. Signs take
up to half of it, so neither need be the usual value. Chosen, not measured.
"""


def colour_of(crop: Pixels) -> str:
    """blue, yellow, green, yellow_green (large new-energy vehicles), white, black or unknown."""
    inner = crop[crop.shape[0] // 12 : -crop.shape[0] // 12 or None]
    hue, saturation, value = cv2.split(cv2.cvtColor(np.ascontiguousarray(inner), cv2.COLOR_BGR2HSV))
    vivid = (saturation > _VIVID) & (value > _LIT)
    shares = {
        name: float(((hue >= low) & (hue <= high) & vivid).mean()) for name, low, high in _HUES
    }
    if shares["green"] > _GREEN_GROUND and shares["yellow"] > _YELLOW_PART:
        return "yellow_green"
    best = max(shares, key=lambda name: shares[name])
    if shares[best] > _GROUND:
        return best
    bright, dim = float((value > _BRIGHT).mean()), float((value < _DIM).mean())
    if max(bright, dim) < _PLAIN_GROUND:
        return "unknown"
    return "white" if bright > dim else "black"
