"""What a text recogniser says of one line.

Classes over time, read by CTC (Graves 2006); class 0 is the blank.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from verifiers.reading.models import Recogniser
from verifiers.reading.pictures import Pixels

Steps = NDArray[np.float32]
"""(steps, classes): probability of each class over time; each step sums to 1."""

_FLOOR = 1e-5
"""Least probability of a sign at a step. Chosen, not measured."""


def steps_of(recogniser: Recogniser, line: Pixels) -> Steps:
    """The answer for one BGR line as high as the network wants it."""
    session, _ = recogniser
    tensor = np.ascontiguousarray((line.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None])
    answer: Steps = session.run(None, {session.get_inputs()[0].name: tensor})[0][0]
    return answer


def begins_of(steps: Steps) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(steps at which a character of the likeliest reading begins, its class there)."""
    classes = steps.argmax(axis=1)
    begins = np.flatnonzero((classes > 0) & np.append(True, classes[1:] != classes[:-1]))
    return begins, classes[begins]


def likeliest(steps: Steps, characters: tuple[str, ...]) -> tuple[str, float]:
    """The likeliest class at each step, and its characters' mean probability (0: no text)."""
    begins, classes = begins_of(steps)
    if not begins.size:
        return "", 0.0
    text = "".join(characters[each] for each in classes)
    return text.strip(), float(steps.max(axis=1)[begins].mean())


def log_likelihood(steps: Steps, text: str, characters: tuple[str, ...]) -> float:
    """Log P(text | line) over all alignments.

    Spaces may be there or not; a sign that no class is has the floor.
    """
    columns = _columns(characters)
    signs = [columns.get(sign) for sign in text if not sign.isspace()]
    masses = np.full((len(steps), 2 * len(signs) + 1), _FLOOR)
    masses[:, 0::2] = np.maximum(steps[:, 0] + steps[:, columns[" "]], _FLOOR)[:, None]
    for place, column in enumerate(signs):
        if column is not None:
            masses[:, 2 * place + 1] = np.maximum(steps[:, column], _FLOOR)
    return forward_sum(masses, tuple(signs))


def forward_sum(masses: NDArray[np.float64], signs: tuple[object, ...]) -> float:
    """Log-likelihood of a text by ``masses`` (steps, 2 × signs + 1): blank, sign, blank, ….

    A blank may be left out between two signs that differ.
    """
    skips = np.zeros(masses.shape[1])
    skips[3::2] = [one != other for one, other in zip(signs[1:], signs, strict=False)]
    alpha = np.zeros(masses.shape[1])
    alpha[:2] = masses[0, :2]
    total = 0.0
    for step in masses[1:]:
        moved = alpha.copy()
        moved[1:] += alpha[:-1]
        moved[2:] += alpha[:-2] * skips[2:]
        alpha = moved * step
        mass = float(alpha.sum())
        if mass <= 0:
            return -1e3
        alpha /= mass
        total += float(np.log(mass))
    return total + float(np.log(max(float(alpha[-2:].sum()), 1e-300)))


@cache
def _columns(characters: tuple[str, ...]) -> dict[str, int]:
    return {character: column for column, character in enumerate(characters) if column}
