"""One short text read again, in several views by two recognisers.

The second opinion on what is on a sign.

A general reader is sure of itself where dots run together (``K88`` for ``K16``) or a dash goes dark
(``353`` for ``3-53``). Views that change what can't matter (softness, margin, contrast, who reads)
agree on a true sign and fall out over a false one; every spelling that any of them proposes is
weighed by its full CTC likelihood in all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from verifiers.reading.models import sign_recogniser, text_recogniser
from verifiers.reading.pictures import Pixels, as_pixels, scaled
from verifiers.reading.signs.board import ink_of
from verifiers.reading.texts.detector import TextBox, cut_out
from verifiers.reading.texts.recogniser import begins_of, likeliest, log_likelihood, steps_of
from verifiers.reading.texts.text import LINE_HEIGHT, TextLine

_MARGIN = 0.12
"""Share of the sign's height that another view shows more of on every side."""

_SOFT_HEIGHT = 22
"""A sign this low has lost its dots and kept its strokes."""

_TWINS = ("0OQD", "1IL", "8B", "5S", "2Z", "6G")
_DASH_SEEN = 1.5
"""How much likelier, in logs, a dash makes a spelling that at least one view reads with it."""

_LEAST_INK = 0.06
"""Share of a sign that glows, under which its colour says nothing. Chosen, not measured."""

_LEAST_VIVID = 30.0
"""Levels (of 255) by which its colour has to stand out. Chosen, not measured."""

_LIGHT_LEADS_BY = 6.0
"""Logs by which the colour must prefer its own text; on signs that it reads worse it led by less
than three.
"""

_BY_LIGHT_ALONE = 0.5
"""Weight of what only the colour says. Chosen, not measured."""

_STRETCH = 1.5
"""Times a close-up of a sign is stretched: recognisers prefer wide characters. Chosen, not
measured.
"""

_MOST_WAYS = 8
"""Spellings that are told, the best. Chosen, not measured."""

_EXPLAINED = 8.0
"""Log-likelihoods over which a spelling that explains the pixels badly loses two thirds. Chosen,
not measured.
"""


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to read the sign.

    ``share``: its share of all spellings' likelihood; times how well it explains them.
    """

    text: str
    probability: float


def spellings(pixels: Pixels, corners: NDArray[np.float32]) -> tuple[Spelling, ...]:
    """The readings of the text inside ``corners`` (pixels of the BGR picture), best first.

    At most eight.
    """
    tables = list(_views(pixels, corners))
    read = {likeliest(table, characters)[0] for table, characters in tables}
    proposed = set().union(*(_proposals(table, characters) for table, characters in tables))
    pool = proposed.union(*map(_twins, proposed))
    if not pool:
        return ()
    weighed: list[tuple[float, str]] = []
    for text in pool:
        likelihoods = [log_likelihood(table, text, characters) for table, characters in tables]
        weighed.append((_agreed(likelihoods), text))
    ways = _shares(_with_their_dashes(weighed, read))
    lit = _by_its_light(pixels, corners, ways[0].text)
    if lit is None:
        return ways
    doubted = [replace(way, probability=way.probability * _BY_LIGHT_ALONE) for way in ways]
    return (lit, *doubted)


def _shares(scored: Sequence[tuple[float, str]]) -> tuple[Spelling, ...]:
    """The best spellings with their share of all likelihood, times how well the best explains."""
    best = scored[0][0]
    total = sum(float(np.exp(score - best)) for score, _ in scored)
    explained = float(np.exp(min(0.0, best) / _EXPLAINED))
    ways: list[Spelling] = []
    for score, text in scored[:_MOST_WAYS]:
        ways.append(Spelling(text, float(np.exp(score - best)) / total * explained))
    return tuple(ways)


def _by_its_light(pixels: Pixels, corners: NDArray[np.float32], told: str) -> Spelling | None:
    """What the colour of a lit sign says, where that clearly is another text as long as ``told``.

    In daylight unlit segments reflect, so that K16 looks like K88; but only what is lit has a
    colour. One look alone makes nothing sure.
    """
    sign = cut_out(pixels, TextBox(_wider(corners, _MARGIN, pixels), 1.0), 2 * LINE_HEIGHT)
    if float(ink_of(sign).mean()) < _LEAST_INK:
        return None
    vivid = cv2.GaussianBlur((sign.max(axis=2) - sign.min(axis=2)).astype(np.float32), (0, 0), 1.0)
    low, high = np.percentile(vivid, (20, 97))
    light = np.clip((vivid - low) / max(float(high - low), _LEAST_VIVID), 0, 1) * 255
    small = cv2.resize(light.astype(np.uint8), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    recogniser = text_recogniser()
    steps = steps_of(recogniser, as_pixels(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)))
    text = likeliest(steps, recogniser[1])[0].replace(" ", "")
    if text == told or len(text) != len(told):
        return None
    lead = log_likelihood(steps, text, recogniser[1]) - log_likelihood(steps, told, recogniser[1])
    if lead < _LIGHT_LEADS_BY:
        return None
    return Spelling(text, _BY_LIGHT_ALONE)


def _with_their_dashes(scored: list[tuple[float, str]], read: set[str]) -> list[tuple[float, str]]:
    """Best first.

    Readers drop a dim dash and never invent one: where a view reads it, it is there.
    """
    dashed = {text.replace("-", ""): text for text in sorted(read) if "-" in text.strip("-")}
    likeliest_of = {text: score for score, text in scored}
    told = []
    for score, text in scored:
        partner = dashed.get(text)
        if partner is not None and partner in likeliest_of:
            told.append((min(score, likeliest_of[partner]) - _DASH_SEEN, text))
        elif "-" in text and text in dashed.values():
            told.append((max(score, likeliest_of.get(text.replace("-", ""), score)), text))
        else:
            told.append((score, text))
    return sorted(told, key=lambda item: (-item[0], item[1]))


def word_apart(pixels: Pixels, line: TextLine, word: str) -> TextLine | None:
    """``word`` at the end or the beginning of a longer line as a line of its own.

    ``None`` where it stands elsewhere.

    The recogniser's steps run along the line, so the step at which a character begins tells where
    it stands.
    """
    _, characters = text_recogniser()
    text, count = line.text.upper().strip(), len(word)
    is_last = text.endswith(word)
    if not is_last and not text.startswith(word):
        return None
    table = steps_of(text_recogniser(), cut_out(pixels, TextBox(line.corners, 1.0), LINE_HEIGHT))
    begins = zip(*begins_of(table), strict=True)
    steps = [int(step) for step, sign in begins if characters[sign].strip()]
    if len(steps) <= count:
        return None
    if is_last:
        share = (steps[-count] * 0.6 + steps[-count - 1] * 0.4) / len(table)
        return TextLine(word, line.probability, _between(line.corners, share, 1.0))
    share = (steps[count] + steps[count - 1]) / 2 / len(table)
    return TextLine(word, line.probability, _between(line.corners, 0.0, share))


def _between(corners: NDArray[np.float32], begin: float, end: float) -> NDArray[np.float32]:
    """The part of a line from one share of its length to another."""
    top_left, top_right, bottom_right, bottom_left = corners
    top, bottom = top_right - top_left, bottom_right - bottom_left
    return np.array(
        [top_left + top * begin, top_left + top * end,
         bottom_left + bottom * end, bottom_left + bottom * begin], dtype=np.float32
    )  # fmt: skip


def _agreed(likelihoods: list[float]) -> float:
    """Their mean without the worst third.

    A view that blurs the sign away says nothing against a spelling.
    """
    return float(np.mean(sorted(likelihoods)[len(likelihoods) // 3 :]))


def _views(
    pixels: Pixels, corners: NDArray[np.float32]
) -> Sequence[tuple[NDArray[np.float32], tuple[str, ...]]]:
    """(steps, classes) of each view with the names of the classes."""
    close = cut_out(pixels, TextBox(corners, 1.0), LINE_HEIGHT)
    wide = cut_out(pixels, TextBox(_wider(corners, _MARGIN, pixels), 1.0), LINE_HEIGHT)
    soft = _as_high(scaled(close, _SOFT_HEIGHT / LINE_HEIGHT))
    grey = cv2.createCLAHE(2.0, (2, 2)).apply(cv2.cvtColor(wide, cv2.COLOR_BGR2GRAY))
    level = as_pixels(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    long = as_pixels(cv2.resize(close, (round(close.shape[1] * _STRETCH), LINE_HEIGHT)))
    shown = [(text_recogniser(), view) for view in (close, wide, soft, level, long)]
    shown += [(sign_recogniser(), view) for view in (wide, soft)]
    return [(steps_of(recogniser, view), recogniser[1]) for recogniser, view in shown]


def _as_high(view: Pixels) -> Pixels:
    return as_pixels(
        cv2.resize(view, (round(view.shape[1] * LINE_HEIGHT / view.shape[0]), LINE_HEIGHT))
    )


def _wider(corners: NDArray[np.float32], share: float, pixels: Pixels) -> NDArray[np.float32]:
    top_left, top_right, bottom_right, bottom_left = corners
    down = (bottom_left + bottom_right - top_left - top_right) / 2
    along = (top_right + bottom_right - top_left - bottom_left) / 2
    step = share * float(np.hypot(*down))
    down, along = (side / max(1e-3, float(np.hypot(*side))) * step for side in (down, along))
    moved = corners + np.array(
        [-along - down, along - down, along + down, down - along], dtype=np.float32
    )
    height, width = pixels.shape[:2]
    return np.clip(moved, 0, np.array([width, height], dtype=np.float32))


def _proposals(table: NDArray[np.float32], characters: tuple[str, ...]) -> set[str]:
    """The likeliest text, and it with its least sure character as the second choice has it."""
    begins, classes = begins_of(table)
    if not begins.size:
        return set()
    chosen = [int(each) for each in classes]
    doubtful = int(np.argmin(table[begins, chosen]))
    row = table[begins[doubtful]].copy()
    row[chosen[doubtful]] = 0
    other = [*chosen]
    other[doubtful] = int(row.argmax())
    texts = ("".join(characters[each] for each in version).strip() for version in (chosen, other))
    return {text for text in texts if text}


def _twins(text: str) -> set[str]:
    """Spellings with one letter as the digit that looks like it, or the other way round."""
    found: set[str] = set()
    for place, sign in enumerate(text):
        before, own, after = text[:place], sign.upper(), text[place + 1 :]
        for group in _TWINS:
            if own in group:
                others = group.replace(own, "")
                found.update(f"{before}{other}{after}" for other in others)
    return found
