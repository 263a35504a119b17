"""How a stored picture becomes an upright one: by the display matrix of its recording."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verifiers.media.boxes import UNTURNED, Matrix, Movie, Track


@dataclass(frozen=True, slots=True)
class Turn:
    """First mirrored left to right, then turned clockwise by ``degrees``: 0, 90, 180 or 270."""

    degrees: int = 0
    mirrored: bool = False

    @property
    def sideways(self) -> bool:
        """Whether width and height change places."""
        return self.degrees in (90, 270)

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture ``pixels`` (height, width, channels or none) upright."""
        shown = np.fliplr(pixels) if self.mirrored else pixels
        shown = np.rot90(shown, -self.degrees // 90)
        return np.ascontiguousarray(shown)


def turn_of(movie: Movie, track: Track | None) -> Turn:
    """What the matrices of the track and of the whole movie ask for together."""
    own = track.matrix if track is not None else UNTURNED
    # Some writers leave the movie's matrix out and the zeros in.
    whole = movie.matrix if _area(movie.matrix) else UNTURNED
    return _turn_by(_both(own, whole))


def _area(matrix: Matrix) -> int:
    """Negative where the picture is mirrored, zero where nothing of it is left."""
    a, b, c, d = matrix
    return a * d - b * c


def _both(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d = first
    e, f, g, h = second
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h


def _turn_by(matrix: Matrix) -> Turn:
    """The nearest of the eight ways to lie; a matrix that flattens the picture asks for none."""
    a, b, _, _ = matrix
    area = _area(matrix)
    if area == 0:
        return Turn()
    mirrored = area < 0
    if mirrored:
        # Undo the mirroring, which comes first: what is left is the turn.
        a, b = -a, -b
    if abs(a) >= abs(b):
        return Turn(0 if a > 0 else 180, mirrored)
    return Turn(90 if b > 0 else 270, mirrored)
