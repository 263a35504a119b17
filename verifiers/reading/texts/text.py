"""All texts of a picture: a glance finds where there may be some, only there it is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheme.reading import Box, TextSeen
from verifiers.reading.models import text_recogniser
from verifiers.reading.pictures import Pixels
from verifiers.reading.texts.detector import (
    TextBox,
    Window,
    boxes_in,
    cut_out,
    text_map,
    windows_of,
)
from verifiers.reading.texts.recogniser import likeliest, steps_of

LONGEST_SIDE = 2000
"""A close look shows the picture at no more than this, as far as it is not enlarged."""

GLANCE_PIXELS = 700_000
"""The picture as it is glanced at: more would cost every picture what only those with texts are
worth.
"""

CLOSE_PIXELS = 1_500_000
"""All close looks at one picture together."""

_NEARER = 2.2
"""A close look shows things this many times larger than the glance, where its pixels allow it."""

_NEAR_ENOUGH = 1.15
"""Times the glance's scale from which a closer look is worth it. Chosen, not measured."""

_GLANCE_ENLARGED = 1.25
"""Times that a small picture is enlarged for the glance at most. Chosen, not measured."""

LINE_HEIGHT = 48
"""Pixels: what the recogniser was trained on."""

LETTERS_IN_BOX = 0.75
"""Characters fill so much of the height of their line's box."""

_WIDEST = 1600
"""Columns of one line that are read; what runs on is no sign."""

COLUMNS_A_PASS = 24_000
"""Columns (of 48-px lines) that one pass reads: some four seconds of one core. Of 50 real photos
the fullest had 14,000; only a wall of print has more, and its short texts are read first.
"""

_MOST_READ = 150
"""Texts of one pass, however short: what is made of them afterwards takes its time too."""

_THINNEST_SIDE = 8
"""Below this many pixels nothing is legible."""

_LEAST_PROBABILITY = 0.5
"""Mean probability (0..1) of a text's characters, under which it is noise. Chosen, not measured."""

_SAME_PLACE = 0.6
"""Share of both boxes together that two texts have in common when they are one. Chosen, not
measured.
"""

_REPEATED = 0.85
"""The same for two boxes of one look. Chosen, not measured."""

_INSIDE = 0.7
"""Share of a text inside another from which it is a piece of that. Chosen, not measured."""

_AS_SURE = 0.1
"""Probability by which the whole may be less sure than its piece. Chosen, not measured."""

_MUCH_LESS_SURE = 0.15
"""Probability by which a piece has to be less sure to go. Chosen, not measured."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line with its four corners in pixels of the picture (top left first, clockwise)."""

    text: str
    probability: float
    corners: NDArray[np.float32]


class TextPass(NamedTuple):
    """What one pass made of a picture's texts.

    ``left_out`` counts those that it had no time for.
    """

    lines: tuple[TextLine, ...] = ()
    illegible: tuple[TextBox, ...] = ()
    """What looks like text and can't be read."""
    left_out: int = 0


def read_lines(pixels: Pixels, longest_side: int = LONGEST_SIDE) -> tuple[TextLine, ...]:
    """The lines of one BGR picture from top to bottom; empty where there is no text.

    ``longest_side``: how large the close looks may show the picture. Corners are in pixels of the
    picture given.
    """
    return read_texts(pixels, longest_side).lines


def read_texts(
    pixels: Pixels, longest_side: int = LONGEST_SIDE, columns: int = COLUMNS_A_PASS
) -> TextPass:
    """As ``read_lines``, with what is not among the lines.

    ``columns`` bounds the work of reading them.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < _THINNEST_SIDE:
        return TextPass()
    glance = min(_GLANCE_ENLARGED, (GLANCE_PIXELS / (height * width)) ** 0.5)
    answer = text_map(pixels, glance)
    boxes = boxes_in(answer, width, height)
    windows = windows_of(answer, width, height)
    area = max(1, sum(window.area for window in windows))
    closest = min(longest_side / max(height, width), (CLOSE_PIXELS / area) ** 0.5)
    nearer = min(glance * _NEARER, closest)
    if nearer > glance * _NEAR_ENOUGH:
        for window in windows:
            boxes += _looked_into(pixels, window, nearer)
    boxes = _apart(boxes)
    chosen = _affordable(boxes, columns)
    lines: list[TextLine] = []
    illegible: list[TextBox] = []
    for box in chosen:
        line = _read(pixels, box)
        if line is None:
            illegible.append(box)
        else:
            lines.append(line)
    return TextPass(best_of_each_place(lines), tuple(illegible), len(boxes) - len(chosen))


def _looked_into(pixels: Pixels, window: Window, scale: float) -> Iterator[TextBox]:
    """The texts of one part of the picture, shown at ``scale``; in pixels of the picture."""
    part = pixels[window.top : window.bottom, window.left : window.right]
    corner = np.array([window.left, window.top], dtype=np.float32)
    for box in boxes_in(text_map(part, scale), part.shape[1], part.shape[0]):
        yield TextBox(box.corners + corner, box.score)


def one_look(pixels: Pixels) -> tuple[TextLine, ...]:
    """The lines of a picture as large as it is given: no glance, no closer look."""
    height, width = pixels.shape[:2]
    boxes = _apart(boxes_in(text_map(pixels, 1.0), width, height))
    lines = [_read(pixels, box) for box in _affordable(boxes, COLUMNS_A_PASS // 2)]
    return best_of_each_place([line for line in lines if line is not None])


def _read(pixels: Pixels, box: TextBox) -> TextLine | None:
    crop = cut_out(pixels, box, LINE_HEIGHT)
    recogniser = text_recogniser()
    text, probability = likeliest(steps_of(recogniser, crop[:, :_WIDEST]), recogniser[1])
    if not text or probability < _LEAST_PROBABILITY:
        return None
    return TextLine(text, probability, box.corners)


def _affordable(boxes: list[TextBox], columns: int) -> list[TextBox]:
    """Those that ``columns`` suffice for, in the order given.

    The shortest texts first, as signs and plates are.
    """
    prices = [min(_WIDEST, LINE_HEIGHT * _length(box)) for box in boxes]
    cheapest_first = np.argsort(prices, kind="stable")
    affordable = np.cumsum(np.asarray(prices)[cheapest_first]) <= columns
    kept = set(cheapest_first[affordable][:_MOST_READ].tolist())
    return [box for place, box in enumerate(boxes) if place in kept]


def _length(box: TextBox) -> float:
    """Of a text, in heights of its letters."""
    longer, shorter = max(box.width, box.height), max(1.0, min(box.width, box.height))
    return longer / shorter


def _apart(boxes: list[TextBox]) -> list[TextBox]:
    """Without the boxes that another one repeats nearly exactly.

    The closest look, which comes last, is kept.
    """
    closest_first = boxes[::-1]
    places = _first_of_each([box.corners for box in closest_first], _REPEATED)
    return [closest_first[place] for place in places]


def best_of_each_place(found: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """Of readings of one place the most probable, without what is only a piece of another line.

    Top to bottom.
    """
    surest_first = sorted(found, key=lambda line: -line.probability)
    places = _first_of_each([line.corners for line in surest_first], _SAME_PLACE)
    lines = _said_once([surest_first[place] for place in places])
    common, areas = _in_common([line.corners for line in lines])
    kept: list[TextLine] = []
    for place, line in enumerate(lines):
        around = np.flatnonzero(common[place] > _INSIDE * areas[place]).tolist()
        if not any(_is_piece(line, lines[other]) for other in around):
            kept.append(line)
    return tuple(sorted(kept, key=lambda line: (line.corners[0, 1], line.corners[0, 0])))


def _said_once(surest_first: list[TextLine]) -> list[TextLine]:
    """Without what a surer line says too in a part of its place.

    A glance boxes a text wider than a close look, by so much that the two boxes may seem apart.
    """
    common, areas = _in_common([line.corners for line in surest_first])
    inside = common > _INSIDE * np.minimum(areas[:, None], areas[None, :])
    texts = ["".join(line.text.split()) for line in surest_first]
    kept: list[int] = []
    for place, text in enumerate(texts):
        if not any(inside[place, other] and texts[other] == text for other in kept):
            kept.append(place)
    return [surest_first[place] for place in kept]


def _is_piece(line: TextLine, other: TextLine) -> bool:
    """Whether ``line``, inside ``other``, is a piece cut out of its middle: ``117`` of ``117456``.

    A number behind a space or a word (``Punggol 386``, ``TER64``) is none: it may be a line's name.
    """
    if line is other or other.probability < line.probability - _AS_SURE:
        return False
    if line.probability < other.probability - _MUCH_LESS_SURE:
        return True
    begins = other.text.find(line.text)
    if begins < 0 or len(other.text) == len(line.text):
        return False
    ends = begins + len(line.text)
    before, after = other.text[max(0, begins - 1) : begins + 1], other.text[ends - 1 : ends + 1]
    return _runs_on(before) or _runs_on(after)


def _runs_on(pair: str) -> bool:
    """Whether two characters belong to one word or one number."""
    # A pair
    return len(pair) == 2 and (pair.isdigit() or (pair.isalpha() and not pair.isdigit()))  # noqa: PLR2004


def _first_of_each(corners: list[NDArray[np.float32]], share: float) -> list[int]:
    """Places of those that no earlier one overlaps by ``share`` of both together."""
    common, areas = _in_common(corners)
    alike = common > share * (areas[:, None] + areas[None, :] - common)
    kept: list[int] = []
    for place in range(len(corners)):
        if not alike[place, kept].any():
            kept.append(place)
    return kept


def _in_common(
    corners: list[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixels that the upright rectangles share, (n, n), and have each, (n,)."""
    every = np.array(corners, dtype=np.float32).reshape(-1, 4, 2)
    low, far = every.min(axis=1), every.max(axis=1)
    sides = np.minimum(far[:, None], far[None]) - np.maximum(low[:, None], low[None])
    common: NDArray[np.float32] = np.maximum(sides, 0).prod(axis=2)
    return common, np.diag(common).copy()


def box_of(corners: NDArray[np.float32], width: int, height: int) -> Box:
    """The upright rectangle around ``corners`` (pixels), in fractions of the picture."""
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return Box(
        _share(left, width), _share(top, height), _share(right, width), _share(bottom, height)
    )


def texts_seen(
    lines: tuple[TextLine, ...], width: int, height: int, frame_ms: int | None
) -> tuple[TextSeen, ...]:
    """The lines as readings."""
    return tuple(
        TextSeen(
            line.text, round(line.probability, 4), box_of(line.corners, width, height), frame_ms
        )
        for line in lines
    )


def _share(pixel: float, side: int) -> float:
    return round(min(1.0, max(0.0, float(pixel) / side)), 5)
