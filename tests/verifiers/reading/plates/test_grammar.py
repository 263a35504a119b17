"""Decoding under the plate grammar: likelihoods are exact, and what no plate says is never read."""

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scheme.naming import canonical_plate
from verifiers.reading.plates.grammar import (
    SIGNS,
    emission,
    is_plate,
    joined,
    log_likelihood,
    province_gap,
    ranked,
    readings,
)
from verifiers.reading.plates.view import SURE_LIKELIHOOD

CHARACTERS = ("", *SIGNS)


def spelt(text: str, sure: float = 0.9) -> NDArray[np.float32]:
    """A recogniser's output that reads ``text``.

    Two steps a sign, a blank between; the rest spread evenly.
    """
    steps = []
    for sign in text:
        for place in (CHARACTERS.index(sign), CHARACTERS.index(sign), 0):
            step = np.full(len(CHARACTERS), (1 - sure) / (len(CHARACTERS) - 1), np.float32)
            step[place] = sure
            steps.append(step)
    return np.array(steps)


@pytest.mark.parametrize(
    "plate",
    [
        "沪A12345",
        "沪D41926",
        "粤B1234学",
        "沪A05127D",
        "沪AD12345",
        "沪AAF1234",
        "沪A05127G",
        "京N11111",
        "沪O00188",
    ],
)
def test_what_is_spelt_is_read(plate: str) -> None:
    assert readings(emission(spelt(plate), CHARACTERS))[0] == plate


@pytest.mark.parametrize(
    ("seen", "plate"),
    [("沪AO2I45", "沪A02145"), ("沪012345", "沪O12345"), ("沪AIIIII", "沪A11111")],
)
def test_look_alikes_lend_their_mass(seen: str, plate: str) -> None:
    assert readings(emission(spelt(seen), CHARACTERS))[0] == plate


def test_a_wrong_grammar_is_never_read() -> None:
    for plate in readings(emission(spelt("学112学4A"), CHARACTERS), best=20):
        assert is_plate(plate)
        assert canonical_plate(plate) == plate


def test_two_rows_are_read_one_after_the_other() -> None:
    rows = joined(emission(spelt("沪B"), CHARACTERS), emission(spelt("73518"), CHARACTERS))
    assert readings(rows)[0] == "沪B73518"


def test_two_rows_hold_no_plate_of_new_energy() -> None:
    rows = joined(emission(spelt("沪B"), CHARACTERS), emission(spelt("F35182"), CHARACTERS))
    assert {len(plate) for plate in readings(rows)} == {7}


@pytest.mark.parametrize(
    ("seen", "plate"),
    [("沪A012345", "沪AD12345"), ("沪AD1Z345", "沪AD12345"), ("沪A051270", "沪A05127D")],
)
def test_a_sign_taken_for_its_like_is_set_right_where_the_grammar_decides(
    seen: str, plate: str
) -> None:
    ranking = ranked([emission(spelt(seen, 0.9999), CHARACTERS)])
    assert ranking is not None
    assert ranking.number == plate
    assert ranking.likelihood < SURE_LIKELIHOOD


@pytest.mark.parametrize("letter", "ABCDEFGHJK")
def test_every_letter_of_new_energy_stands_first_or_last(letter: str) -> None:
    for plate in (f"沪A{letter}12345", f"沪A12345{letter}"):
        assert readings(emission(spelt(plate), CHARACTERS))[0] == plate
        assert canonical_plate(plate) == plate


def test_a_province_gap_is_the_one_to_the_next_province() -> None:
    output = spelt("沪A12345", 0.9)
    output[:2, CHARACTERS.index("苏")] = output[:2, CHARACTERS.index("沪")] * np.exp(-2.0)
    view = emission(output, CHARACTERS)
    gap = log_likelihood(view, "沪A12345") - log_likelihood(view, "苏A12345")
    assert province_gap([view], "沪A12345") == pytest.approx(gap)


def test_a_second_view_settles_a_doubt() -> None:
    doubtful, clear = spelt("沪A12345"), spelt("沪A12348")
    place = 6 * 3
    doubtful[place : place + 2, CHARACTERS.index("8")] = 0.88
    alone = ranked([emission(doubtful, CHARACTERS)])
    both = ranked([emission(doubtful, CHARACTERS), emission(clear, CHARACTERS)])
    assert alone is not None
    assert both is not None
    assert alone.plates[0][0] == "沪A12345"
    assert alone.margin < 1
    assert both.plates[0][0] == "沪A12348"
    assert both.margin > alone.margin


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=0, max_value=10_000))
def test_likelihood_is_the_sum_over_all_alignments(seed: int) -> None:
    few = ("", "沪", "A", "1", "2")
    rng = np.random.default_rng(seed)
    output = rng.dirichlet(np.ones(len(few)), size=5).astype(np.float32)
    view = emission(output, few)
    text = "沪A1"
    tables = [view.at(place) for place in range(3)]
    total = 0.0
    for path in product(range(4), repeat=5):  # 0: blank, k: the k-th sign of the text
        if [sign for sign, _ in groupby(path) if sign] != [1, 2, 3]:
            continue
        mass = 1.0
        for step, sign in enumerate(path):
            mass *= (
                tables[0][step, 0]
                if sign == 0
                else tables[sign - 1][step, SIGNS.index(text[sign - 1]) + 1]
            )
        total += mass
    assert log_likelihood(view, text) == pytest.approx(np.log(total), abs=1e-6)
