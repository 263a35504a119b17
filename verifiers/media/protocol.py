"""What an opened file looks like to everybody else, whoever opened it.

This process or a contained child.

Only numpy and the words of the scheme stand here, so that a long-lived worker can import it without
a decoder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scheme.finding import CODES
from scheme.reading import MediaFacts, Span


class MediaError(Exception):
    """A file that could not be opened, or not read further.

    ``code`` is a finding code, ``detail`` is for people.

    Raised by opening (nothing of the file is known then) and by ``frames``/``timeline`` (what was
    handed out before stays good).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        if code not in CODES:
            raise ValueError(f"unknown finding code {code!r}")
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail

    def __reduce__(self) -> tuple[type["MediaError"], tuple[str, str]]:
        return type(self), (self.code, self.detail)


@dataclass(frozen=True, slots=True)
class Frame:
    """One upright picture.

    ``pixels`` is uint8 (height, width, 3), BGR; ``ms`` is ``None`` for a photo.

    ``scale`` = side of ``pixels`` / side of the original upright picture, at most 1.
    """

    ms: int | None
    pixels: NDArray[np.uint8]
    scale: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """When the frames of a recording are shown, from the container alone (nothing is decoded).

    ``frames_ms`` are presentation times in ms from the first frame, ascending; ``keyframes_ms`` the
    ones a decoder can start at. ``gaps`` are holes between two frames that a steady camera does not
    leave. ``edit_lists`` counts the edits that an ordinary recording does not have: 0 for a clip
    straight from a camera. ``sizes`` are the encoded bytes of each frame in ``frames_ms``. Empty
    for a photo.
    """

    frames_ms: tuple[int, ...] = ()
    keyframes_ms: tuple[int, ...] = ()
    gaps: tuple[Span, ...] = ()
    edit_lists: int = 0
    duration_ms: int = 0
    sizes: tuple[int, ...] = ()


class Media(Protocol):
    """An opened photo or recording. Close it (or leave its ``with`` block) when done."""

    @property
    def facts(self) -> MediaFacts:
        """What the container says, known from opening on."""
        ...

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        """Upright pictures, no side longer than ``max_side`` pixels.

        Photo: one frame, whatever ``times_ms`` says. Video: for each time, in the order given, the
        frame shown at that time (or the nearest one that can be decoded); ``None`` means all
        keyframes. Raises ``MediaError`` when a limit is hit or the file breaks off; frames handed
        out before stay good.
        """
        ...

    def keyframe_times(self) -> tuple[int, ...]:
        """``timeline().keyframes_ms``; empty for a photo."""
        ...

    def timeline(self) -> Timeline:
        """Presentation times, holes and edits, without decoding; empty for a photo."""
        ...

    def close(self) -> None:
        """Let go of the file. Calling it twice is fine."""
        ...
