"""Pictures as arrays: their type, and making them smaller without losing a side."""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), BGR."""


def as_pixels(picture: NDArray[Any]) -> Pixels:
    """The same picture with its true type: cv2's stubs say "any number" where bytes stay bytes."""
    return picture.astype(np.uint8, copy=False)


def scaled(picture: Pixels, factor: float, enlarging: int = cv2.INTER_LINEAR) -> Pixels:
    """``picture`` times ``factor``, no side below one pixel.

    Shrunk by area, enlarged as ``enlarging`` says.
    """
    if factor == 1.0:
        return picture
    height, width = picture.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return as_pixels(
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else enlarging)
    )
