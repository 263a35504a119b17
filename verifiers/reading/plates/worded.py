"""Plates among the texts of a picture: what reads like one, in one row or in two.

And what those texts say against a reading.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from scheme.naming import InvalidPlate, canonical_plate
from verifiers.reading.plates.detector import Quad
from verifiers.reading.plates.view import covers
from verifiers.reading.texts.text import TextLine

# Text passes lose province signs and read them in their own way, so one may be missing.
_PLATE_LIKE = re.compile(r"[\u4e00-\u9fff]?[A-Z](?:[A-Z0-9]{5,6}|[A-Z0-9]{4}[\u4e00-\u9fff])")
_SERIAL = re.compile(r"(?=(?:.*\d){3})[A-Z0-9]{4}[A-Z0-9\u4e00-\u9fff]")
_UPPER_ROW = re.compile(r"[\u4e00-\u9fff]?[A-Z]|[\u4e00-\u9fff]{1,2}[A-Z]?")

_DIGITS = 2
"""A word of capitals is no plate: no series of the grammar has fewer digits."""

_OF_A_TEXT = 0.5
"""What a text's probability weighs as a detector's score, so that the detector's own quadrilaterals
go first. Chosen, not measured.
"""

_AHEAD, _LEAST_BELOW, _MOST_BELOW = 0.3, 0.4, 1.6
"""How far the serial's centre may lie aside of the upper row's, in its widths, and below it, in its
heights. Chosen from drawn plates of two rows, not measured.
"""

_SIDE, _ABOVE, _UNDER = 0.04, 0.7, 0.12
"""What of the plate lies around its serial: beside it in widths, above and under it in heights.
Chosen from drawn plates of two rows, not measured.
"""

_SERIAL_DISPUTED = 0.8
"""Probability from which a text with another serial speaks against a reading. Of 186 real plates
in view that were read, it does so against one, a car in the background. Texts that name another
whole plate speak against none of them, so those need no probability.
"""


def plate_like_lines(lines: Sequence[TextLine]) -> list[Quad]:
    """Where texts of one picture read like a plate, or like the two rows of one."""
    found = []
    for line in lines:
        signs = signs_of(line.text)
        if _PLATE_LIKE.fullmatch(signs) and _digits(signs) >= _DIGITS:
            found.append(Quad(line.corners, line.probability * _OF_A_TEXT))
    return found + _stacked_lines(lines)


def _stacked_lines(lines: Sequence[TextLine]) -> list[Quad]:
    """Two texts that stand like the rows of a double-row plate.

    Province and letter over a serial of five.
    """
    found = []
    for lower in lines:
        if not _SERIAL.fullmatch(signs_of(lower.text)):
            continue
        top_left, top_right, bottom_right, bottom_left = lower.corners
        along, down = top_right - top_left, bottom_left - top_left
        wide, high = float(np.hypot(*along)), float(np.hypot(*down))
        for upper in lines:
            across, below = lower.corners.mean(axis=0) - upper.corners.mean(axis=0)
            near = abs(across) < _AHEAD * wide and _LEAST_BELOW * high < below < _MOST_BELOW * high
            if near and _UPPER_ROW.fullmatch(signs_of(upper.text)):
                edge, above, under = along * _SIDE, down * _ABOVE, down * _UNDER
                corners = (
                    top_left - edge - above, top_right + edge - above,
                    bottom_right + edge + under, bottom_left - edge + under,
                )  # fmt: skip
                found.append(
                    Quad(np.array(corners, dtype=np.float32), lower.probability * _OF_A_TEXT)
                )
                break
    return found


def _digits(signs: str) -> int:
    return sum(sign.isdigit() for sign in signs)


def signs_of(text: str) -> str:
    """Letters and digits of a text, in capitals and in their plain form."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())


def is_disputed(number: str, quad: Quad, lines: Sequence[TextLine]) -> bool:
    """Whether a text in the place of a plate names another plate than ``number``."""
    return any(
        _names_another(number, line)
        for line in lines
        if covers(quad, Quad(line.corners, line.probability))
    )


def _names_another(number: str, line: TextLine) -> bool:
    signs = signs_of(line.text)
    if len(signs) < len(number) - 1 or _digits(signs) < _DIGITS:
        return False
    whole = _canonical(signs)
    if len(whole) >= len(number):
        return whole != number
    # Text passes lose province signs or read them in their own way: what follows is compared.
    serial = signs[1 - len(number) :]
    if len(signs) > len(number) or not serial[0].isalpha():
        return False
    tail = _canonical(number[0] + serial)
    return bool(tail) and line.probability >= _SERIAL_DISPUTED and tail != number


def _canonical(signs: str) -> str:
    try:
        return canonical_plate(signs)
    except InvalidPlate:
        return ""
