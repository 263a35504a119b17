"""What a plate can say: CTC outputs decoded under the grammar of plates, never by plain argmax.

A recogniser's output becomes ``Emission``: for each time step the probability of each plate sign.
Look-alikes that no plate carries at a place lend their mass to the sign that it does carry (0 to O
at the place letter, O to 0 and I to 1 in the serial). Whole plates are then ranked by their full
CTC likelihood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from scheme.naming import LETTERS, PROVINCES, SPECIAL_ENDINGS
from verifiers.reading.texts.recogniser import forward_sum

SIGNS = PROVINCES + LETTERS + "IO0123456789" + SPECIAL_ENDINGS
"""Column ``k + 1`` of an emission is ``SIGNS[k]``; column 0 is the CTC blank."""

BEAM = 12
"""Beginnings of plates that are followed at each step. Chosen, not measured: the truth needs few,
since every step's likeliest signs are tried.
"""

LONGEST, _ORDINARY = 8, 7
"""Signs of a plate of new energy and of any other (GA 36)."""

_CHOICES = 6
"""Signs tried at each step and place: the truth was never below the fifth in the sets measured."""

_FLOOR = 1e-6
"""Least probability of a sign at a step, so that one blind step rules no plate out. Chosen, not
measured.
"""

_NONE = -99.0
"""Log-likelihood of no plate: below every one that the floor allows."""

_NEW_ENERGY = "ABCDEFGHJK"
_GAPS = "·.•,-_:'`~|/ ‘’。、"

_TWIN_GROUPS = (
    "沪泸護滬护户 京亰 津律 渝输愉 冀翼 云雲 "
    "辽遼 湘相 皖院 鲁魯曾 苏蘇芬 浙淅断 赣贛 桂柱 晋晉普 陕陝 吉古 闽閩闻闵 "
    "贵貴 粤粵奥 宁寧宇 琼瓊 学學字 挂掛 领領"
)
_LOOK_ALIKES = MappingProxyType({group[0]: group[1:] for group in _TWIN_GROUPS.split()})
"""Plate sign -> other characters the text recogniser takes it for."""


_CONFUSED = MappingProxyType(
    {"0": "DQ", "D": "0Q", "Q": "0D", "8": "B", "B": "8", "2": "Z", "Z": "2"}
    | {"5": "S", "S": "5", "6": "G", "G": "6"}
)
"""Sign of a serial -> other signs of a serial that recognisers take it for."""

_CONFUSED_SHARE = 0.02
"""How likely one of them is where the grammar rules out what was seen: ``沪A012345`` can only be
``沪AD12345``. Chosen so that it is read, rather than a plate that lost a sign, and is not sure.
"""


@dataclass(frozen=True, slots=True)
class Emission:
    """Probabilities of plate signs over time, one table for each kind of place.

    Each float64 (steps, signs + 1).
    """

    province: NDArray[np.float64]
    letter: NDArray[np.float64]
    serial: NDArray[np.float64]
    longest: int = LONGEST
    """Signs that such a plate has at most: plates of new energy have one row."""

    def at(self, place: int) -> NDArray[np.float64]:
        """The table for the 0-based ``place``."""
        return self.province if place == 0 else self.letter if place == 1 else self.serial


@cache
def _class_map(characters: tuple[str, ...]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The recogniser's classes that mean a plate sign or a gap, and (those classes, signs + 1) 0/1.

    A gap is the blank.
    """
    column = {sign: position + 1 for position, sign in enumerate(SIGNS)}
    for sign, twins in _LOOK_ALIKES.items():
        column.update(dict.fromkeys(twins, column[sign]))
    column.update({sign.lower(): column[sign] for sign in LETTERS + "IO"})
    column.update(dict.fromkeys(_GAPS, 0))
    column[""] = 0
    classes = [position for position, character in enumerate(characters) if character in column]
    table = np.zeros((len(classes), len(SIGNS) + 1), dtype=np.float32)
    for row, position in enumerate(classes):
        table[row, column[characters[position]]] = 1.0
    return np.array(classes), table


def emission(probabilities: NDArray[np.float32], characters: tuple[str, ...]) -> Emission:
    """One recogniser output (steps, classes), softmaxed, in the signs of plates."""
    classes, table = _class_map(characters)
    plain = (probabilities[:, classes] @ table).astype(np.float64)
    return _by_place(np.maximum(plain, 0.0))


def joined(upper: Emission, lower: Emission) -> Emission:
    """Two rows read one after the other.

    The upper row of a double-row plate, then its lower row.
    """
    return Emission(
        np.concatenate((upper.province, lower.province)),
        np.concatenate((upper.letter, lower.letter)),
        np.concatenate((upper.serial, lower.serial)),
        _ORDINARY,
    )


def _by_place(plain: NDArray[np.float64]) -> Emission:
    index = {sign: position + 1 for position, sign in enumerate(SIGNS)}
    letter, serial = plain.copy(), plain.copy()
    letter[:, index["O"]] += plain[:, index["0"]]
    serial[:, index["0"]] += plain[:, index["O"]]
    serial[:, index["1"]] += plain[:, index["I"]]
    return Emission(
        _only(plain, PROVINCES),
        _only(letter, LETTERS + "O"),
        _only(serial, LETTERS + "0123456789" + SPECIAL_ENDINGS),
    )


def _only(table: NDArray[np.float64], signs: str) -> NDArray[np.float64]:
    kept = np.zeros_like(table)
    columns = [0] + [SIGNS.index(sign) + 1 for sign in signs]
    kept[:, columns] = np.maximum(table[:, columns], _FLOOR)
    return kept


def readings(view: Emission, best: int = 5) -> tuple[str, ...]:
    """The ``best`` plates that the grammar allows, likeliest first: a prefix beam over one view."""
    finished: list[tuple[float, str]] = []
    for text, mass in _beam(view).items():
        if is_plate(text):
            finished.append((mass, text))
        elif len(text) == LONGEST:
            likes = [plate for plate in _taken_for_likes(text) if is_plate(plate)]
            finished += [(mass * _CONFUSED_SHARE, plate) for plate in likes]
    finished.sort(key=lambda item: (-item[0], item[1]))
    return tuple(plate for _, plate in finished[:best])


def _taken_for_likes(text: str) -> list[str]:
    """``text`` with one sign of its serial taken for one that looks like it, in every way."""
    return [
        text[:place] + like + text[place + 1 :]
        for place in range(2, len(text))
        for like in _CONFUSED.get(text[place], "")
    ]


def is_plate(text: str) -> bool:
    """Whether ``text`` (signs of ``SIGNS`` in their places) is complete.

    Seven signs, or eight of new energy.
    """
    if len(text) == _ORDINARY:
        return not any(sign in SPECIAL_ENDINGS for sign in text[2:6])
    if len(text) != LONGEST:
        return False
    small = text[2] in _NEW_ENERGY and text[4:].isdigit() and text[3] not in SPECIAL_ENDINGS
    large = text[7] in _NEW_ENERGY and text[2:7].isdigit()
    return small or large


def _beam(view: Emission) -> dict[str, float]:
    """Prefix -> probability after the last step, the ``BEAM`` likeliest prefixes kept at each step.

    Linear probabilities do: some 30 steps over a floor of 1e-6 stay far inside the range of a
    double.
    """
    tables = [view.at(place) for place in (0, 1, 2)]
    choices = [
        np.argsort(-table[:, 1:], axis=1, kind="stable")[:, :_CHOICES] + 1 for table in tables
    ]
    beam: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for step in range(len(view.province)):
        blank = max(float(view.province[step, 0]), _FLOOR)
        grown: dict[str, tuple[float, float]] = {}
        for prefix, (ends_blank, ends_sign) in beam.items():
            total = ends_blank + ends_sign
            stay_blank, stay_sign = grown.get(prefix, (0.0, 0.0))
            stay_blank += total * blank
            if prefix:
                own = tables[min(len(prefix) - 1, 2)][step, SIGNS.index(prefix[-1]) + 1]
                stay_sign += ends_sign * float(own)
            grown[prefix] = (stay_blank, stay_sign)
            if len(prefix) == view.longest:
                continue
            place = min(len(prefix), 2)
            for column in choices[place][step]:
                sign = SIGNS[column - 1]
                mass = (ends_blank if prefix and sign == prefix[-1] else total) * float(
                    tables[place][step, column]
                )
                longer = prefix + sign
                before_blank, before_sign = grown.get(longer, (0.0, 0.0))
                grown[longer] = (before_blank, before_sign + mass)
        ranked = sorted(grown.items(), key=lambda item: (-sum(item[1]), item[0]))
        beam = dict(ranked[:BEAM])
    return {prefix: sum(mass) for prefix, mass in beam.items()}


def log_likelihood(view: Emission, plate: str) -> float:
    """Log P(plate | view) over all alignments: the CTC forward sum."""
    masses = np.empty((len(view.province), 2 * len(plate) + 1))
    masses[:, 0::2] = np.maximum(view.province[:, :1], _FLOOR)
    for place, sign in enumerate(plate):
        masses[:, 2 * place + 1] = view.at(place)[:, SIGNS.index(sign) + 1]
    return forward_sum(masses, tuple(plate))


def _likelihood(view: Emission, plate: str) -> float:
    """Log-likelihood of a plate, be it that a sign was taken for its like and none is left then."""
    exact = log_likelihood(view, plate)
    if len(plate) < LONGEST:
        return exact
    seen = [text for text in _taken_for_likes(plate) if not is_plate(text)]
    misread = max((log_likelihood(view, text) for text in seen), default=_NONE)
    return max(exact, misread + float(np.log(_CONFUSED_SHARE)))


def province_gap(views: Sequence[Emission], plate: str) -> float:
    """How far ``plate`` stands above the likeliest plate that differs in its province sign only.

    Mean log-likelihood over ``views``, of which there is one at least.
    """

    def likelihood(province: str) -> float:
        return float(np.mean([_likelihood(view, province + plate[1:]) for view in views]))

    return likelihood(plate[0]) - max(likelihood(other) for other in PROVINCES if other != plate[0])


@dataclass(frozen=True, slots=True)
class Ranking:
    """Plates by mean log-likelihood over views, best first.

    ``margin`` is the gap from the best to the next.
    """

    plates: tuple[tuple[str, float], ...]

    @property
    def number(self) -> str:
        """The best; empty where there is none."""
        return self.plates[0][0] if self.plates else ""

    @property
    def likelihood(self) -> float:
        """Mean log-likelihood of the best; -99 where there is none."""
        return self.plates[0][1] if self.plates else _NONE

    @property
    def margin(self) -> float:
        """How far the best stands above the next; 99 when there is no next."""
        return self.plates[0][1] - self.plates[1][1] if len(self.plates) > 1 else -_NONE


def ranked(views: Sequence[Emission], best: int = 5) -> Ranking | None:
    """Pool the best plates of each view and score every one on all views.

    ``None`` when no view allows any.
    """
    pool = sorted({plate for view in views for plate in readings(view, best)})
    if not pool:
        return None
    scored = [
        (plate, float(np.mean([_likelihood(view, plate) for view in views]))) for plate in pool
    ]
    scored.sort(key=lambda item: (-item[1], item[0]))
    return Ranking(tuple(scored[:best]))
