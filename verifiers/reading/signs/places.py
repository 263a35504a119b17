"""Where the names of one picture stand, and what there speaks against a bus bearing them.

A stop's board and a route map show lines too, in rows, among times and stops; a number that stands
alone beside a board with its destination is the vehicle's own.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scheme.reading import Box, LabelSeen
from verifiers.reading.signs.names import Manner, Named, is_of_a_vehicle, is_plain_number, names_in
from verifiers.reading.texts.text import TextLine

_LEGIBLE_PX = 10
"""A box lower than this holds characters of some seven pixels: they are guessed."""

_SLIM, _DOWNWARDS = 3.0, 1.5
"""Height over width: of one digit at most, and from where on several run downwards."""

_STOP_PANEL = 2
"""So many other names of the same size next to one: the lines of a stop."""

_BUS_WIDTH = 10
"""A bus is wider than its line's name is high by no more than about this."""

_STOP_REACH = 15
"""Heights of a name within which a stop's times and stops stand around it. Chosen, not measured."""

_STOPS_IN_A_ROW = 5
"""So many short texts of one size in one row or column are stops. Chosen, not measured."""

_ALIKE = 1.35
"""Times by which texts of one list differ in height at most. Chosen, not measured."""

_ROW = 5
"""Heights between two names of one row at most. Chosen, not measured."""

_RUNS_DOWN = 2.5
"""Height over width of a stop's name that is written downwards. Chosen, not measured."""

_TIMETABLE = re.compile(
    r"首末?[班车]|末[班车]|票价|本站|下一?站|起点|终点|始发|途经|候车|站牌|站名|线路图|运[营行]时间|"
    r"服务时间|发车|间隔|时刻|\d{1,2}:\d{2}\s*[-—–~至]+\s*\d{1,2}:\d{2}|^公交车?站$|TIMETABLE|"
    r"SCHEDULE|BUS STOP|FIRST BUS|LAST BUS"
)
"""What a stop says of its lines and a bus does not."""

_LONG_LIST = re.compile(r"(?=.{12})(?:[^路站街桥镇村园口]+[路站街桥镇村园口]){3}")
"""Three stops and more that were read as one text."""

_STOP = re.compile(r"[\u4e00-\u9fff（）()·]{2,10}")
_WORD = re.compile(r"[A-Z]{4}|[\u4e00-\u9fff]{2}")
_OF_A_BOARD = frozenset({Manner.FIRST, Manner.GLUED_FIRST, Manner.BETWEEN, Manner.LETTER_FIRST})
_SAYS_A_BUS = _OF_A_BOARD | {Manner.LAST, Manner.WITH_ROAD, Manner.PICTOGRAM}
_BUS = re.compile("公交(?!车?站)|巴士(?!站)")
_CLEAR_NAME = 0.8
"""Probability (0..1) of a text from which it speaks of other numbers. Chosen, not measured.
"""


_CONTRADICTS = 0.4
"""Probability (0..1) from which a second reading of one place counts. Chosen, not measured."""

_LARGER = 1.4
"""Times as high as a bus's own number that its line's name is at least. Chosen by looking at nine
pictures of ``data/signs`` and ``data/buses``, in all of which it is.
"""

_ASIDE_OF_A_PLATE, _ABOVE_A_PLATE, _BELOW_A_PLATE = 2.0, 0.8, 1.0
"""Widths of a plate (44 cm) around it where cars bear the name of their kind and buses their own
number; a line's paper stands behind the windscreen, half a metre higher. Chosen, not measured.
"""


class Places:
    """Where the texts of one picture stand, in its pixels."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        self.lines = lines
        self.corners = np.array([line.corners for line in lines], np.float32).reshape(-1, 4, 2)
        self.middles = self.corners.mean(axis=1)
        self.sides = np.ptp(self.corners, axis=1)
        self.heights = self.sides[:, 1]
        self.named = [names_in(line.text) for line in lines]
        self.of_a_stop = self._of_a_stop()
        self.on_a_board = self._on_a_board()

    def is_doubtful(self, name: Named, line: TextLine) -> bool:
        """Whether a name is ill seen, contradicted, a stop's, a vehicle's own, or one digit.

        One digit alone is a line's name only where a vehicle's plate or number stands below, no
        larger than it.
        """
        if _is_ill_seen(name, line) or self._is_contradicted(name, line):
            return True
        if self._is_at_a_stop(name, line):
            return True
        if name.manner is not Manner.WHOLE or not name.text.isdigit():
            return False
        if len(name.text) > 1:
            return self._is_beside_a_board(name, line)
        return not any(is_of_a_vehicle(other.text) for other in self._below(line))

    def is_of_a_bus(self, line: str) -> bool:
        """Whether that line has its destination beside it, or a vehicle's number stands below."""
        for at, names in enumerate(self.named):
            if line not in {name.text for name in names}:
                continue
            if self.on_a_board[at] or names[0].manner in _SAYS_A_BUS:
                return True
            if any(is_of_a_vehicle(other.text) for other in self._below(self.lines[at])):
                return True
        return any(_BUS.search(text.text) for text in self.lines)

    def _is_contradicted(self, name: Named, line: TextLine) -> bool:
        """Whether another reading of the same place names another line.

        What differs by a dash alone has its own rule, and 307 is a piece of 夜宵307.
        """
        left, top = line.corners.min(axis=0)
        right, bottom = line.corners.max(axis=0)
        across, down = self.middles.T
        inside = (left < across) & (across < right) & (top < down) & (down < bottom)
        starts, ends = self.corners.min(axis=1), self.corners.max(axis=1)
        middle = line.corners.mean(axis=0)
        around = ((starts < middle) & (middle < ends)).all(axis=1)
        for place in np.flatnonzero(inside | around).tolist():
            clear = self.lines[place].probability >= _CONTRADICTS
            named = self.named[place]
            if clear and named and not any(_is_part_of(other, name) for other in named):
                return True
        return False

    def _is_at_a_stop(self, name: Named, line: TextLine) -> bool:
        """Whether names of its like, times or stops stand around a name."""
        tall, away, size = self._seen_from(line)
        near = np.hypot(*away.T)
        alike = self._others(line, (size > 0.6) & (size < 1.6) & (near < 5 * tall))  # noqa: PLR2004 -- alike, near
        if (
            name.text.isdigit()
            and sum(is_plain_number(other.text) for other in alike) >= _STOP_PANEL
        ):
            return True
        if self._is_in_rows(name, line):
            return True
        return bool((self.of_a_stop & (near < _STOP_REACH * tall)).any())

    def _is_in_rows(self, name: Named, line: TextLine) -> bool:
        """Whether other names, as high as this, stand close by in one column or row with it."""
        tall, away, size = self._seen_from(line)
        starts, ends = self.corners.min(axis=1), self.corners.max(axis=1)
        start, end = line.corners.min(axis=0), line.corners.max(axis=0)
        aside, over = np.maximum(starts - end, start - ends).T
        column = (abs(starts[:, 0] - start[0]) < tall) & (over > -tall / 2) & (over < 2 * tall)
        row = (abs(away[:, 1]) < tall / 2) & (aside > 0) & (aside < _ROW * tall)
        if self._is_on_a_board(line):
            row[:] = False  # its destination stands there, and then the bus's own number may
        alike = (column | row) & (size < _ALIKE) & (size > 1 / _ALIKE)
        others = {
            self.named[place][0].text
            for place in np.flatnonzero(alike).tolist()
            if self._is_clear(place) and self.lines[place] is not line
        }
        return bool(others - {name.text})

    def _is_beside_a_board(self, name: Named, line: TextLine) -> bool:
        """Whether another name has its destination beside it and this one nowhere has."""
        if self._is_on_a_board(line):
            return False
        boards = {
            names[0].text
            for at, names in enumerate(self.named)
            if self.on_a_board[at] and names[0].text != name.text
        }
        return bool(boards) and not any(
            self.on_a_board[at] and names[0].text == name.text
            for at, names in enumerate(self.named)
        )

    def _is_clear(self, at: int) -> bool:
        """Whether that text names a line, and well enough to speak of others."""
        names, line = self.named[at], self.lines[at]
        sure = line.probability >= _CLEAR_NAME
        return bool(names) and sure and not _is_ill_seen(names[0], line)

    def _is_on_a_board(self, line: TextLine) -> bool:
        return any(
            at_board
            for at_board, other in zip(self.on_a_board, self.lines, strict=True)
            if other is line
        )

    def _on_a_board(self) -> NDArray[np.bool_]:
        """Which names have their destination beside them, in their text or in the next one."""
        return np.array(
            [
                self._is_clear(at)
                and (_is_a_board(names[0], self.lines[at]) or self._has_a_word_beside(at))
                for at, names in enumerate(self.named)
            ],
            dtype=np.bool_,
        )

    def _has_a_word_beside(self, at: int) -> bool:
        line = self.lines[at]
        tall, away, size = self._seen_from(line)
        left, right = line.corners[:, 0].min(), line.corners[:, 0].max()
        gap = np.maximum(
            self.corners[:, :, 0].min(axis=1) - right, left - self.corners[:, :, 0].max(axis=1)
        )
        row = (abs(away[:, 1]) < 0.6 * tall) & (gap < 1.5 * tall) & (size > 0.5) & (size < 1.6)  # noqa: PLR2004 -- alike, near
        return any(_WORD.search(other.text.upper()) for other in self._others(line, row))

    def _of_a_stop(self) -> NDArray[np.bool_]:
        """Which texts are a stop's: its times, and stops listed in a row or a column."""
        told = [
            bool(_TIMETABLE.search(line.text.upper()) or _LONG_LIST.search(line.text))
            for line in self.lines
        ]
        return np.array(told, np.bool_) | self._listed()

    def _listed(self) -> NDArray[np.bool_]:
        wide, tall = self.sides[:, 0], self.sides[:, 1]
        down = tall > _RUNS_DOWN * wide
        across = (
            np.array([bool(_STOP.fullmatch(line.text)) for line in self.lines], np.bool_) & ~down
        )
        listed = np.zeros(len(self.lines), np.bool_)
        starts, ends = self.corners.min(axis=1), self.corners.max(axis=1)
        for kind, thick in ((across, tall), (down, wide)):
            for place in np.flatnonzero(kind).tolist():
                alike = kind & (thick < _ALIKE * thick[place]) & (thick > thick[place] / _ALIKE)
                for edge in (starts, ends):
                    for axis in (0, 1):
                        row = alike & (abs(edge[:, axis] - edge[place, axis]) < thick[place] / 2)
                        if row.sum() >= _STOPS_IN_A_ROW:
                            listed |= row
        return listed

    def _below(self, line: TextLine) -> list[TextLine]:
        """Texts below ``line``, no larger, and no farther aside than a bus that bears both."""
        tall, away, size = self._seen_from(line)
        return self._others(
            line, (away[:, 1] > 0) & (np.abs(away[:, 0]) < _BUS_WIDTH * tall) & (size <= 1)
        )

    def _seen_from(self, line: TextLine) -> tuple[float, NDArray[np.float32], NDArray[np.float32]]:
        """Its height; how far right and down of it all texts stand, and how high against it."""
        tall = float(np.ptp(line.corners[:, 1]))
        return tall, self.middles - line.corners.mean(axis=0), self.heights / tall

    def _others(self, line: TextLine, where: NDArray[np.bool_]) -> list[TextLine]:
        there = [self.lines[place] for place in np.flatnonzero(where).tolist()]
        return [other for other in there if other is not line]


def is_beside_a_plate(sign: Box, plates: Sequence[Box], width: int, height: int) -> bool:
    """Whether ``sign`` stands so near one of ``plates`` as no line does (``Q5`` on a car's tail).

    ``width`` and ``height`` are the picture's, in pixels.
    """
    for plate in plates:
        wide = (plate.right - plate.left) * width
        aside = max(plate.left - sign.right, sign.left - plate.right) * width
        above = (plate.top - sign.bottom) * height
        below = (sign.top - plate.bottom) * height
        near_in_height = above <= _ABOVE_A_PLATE * wide and below <= _BELOW_A_PLATE * wide
        if near_in_height and aside <= _ASIDE_OF_A_PLATE * wide:
            return True
    return False


def is_beside_a_larger(box: Box, signs: Sequence[LabelSeen], width: int, height: int) -> bool:
    """Whether one of ``signs`` is so much larger and so near that both stand on one bus.

    Then the smaller one is the bus's own number, or a stop's. Sizes of the picture in pixels.
    """
    tall = box.bottom - box.top
    for sign in signs:
        own = sign.box.bottom - sign.box.top
        across = abs(box.left + box.right - sign.box.left - sign.box.right) / 2 * width
        if own >= _LARGER * tall and across < _BUS_WIDTH * own * height:
            return True
    return False


def _is_part_of(other: Named, name: Named) -> bool:
    """Whether a second reading of one place says no other line.

    It says the same, or ``name`` without its words, or one digit of it.
    """
    if other.text.replace("-", "") == name.text.replace("-", ""):
        return True
    if other.text not in name.text:
        return False
    return len(other.text) == 1 or _WORD.search(name.text.replace(other.text, "")) is not None


def _is_a_board(name: Named, line: TextLine) -> bool:
    return name.manner in _OF_A_BOARD and _WORD.search(line.text.upper()) is not None


def _is_ill_seen(name: Named, line: TextLine) -> bool:
    """Whether a name is tiny or runs downwards."""
    wide, tall = np.ptp(line.corners, axis=0).tolist()
    slim = _SLIM if len(name.text) == 1 else _DOWNWARDS
    return bool(tall < _LEGIBLE_PX or tall > wide * slim)
