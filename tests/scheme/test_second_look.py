"""From which figure on somebody looks again, and how many are drawn."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.decision import Verdict
from scheme.plain_text import ReasonRequired
from scheme.policy import SecondLook
from scheme.second_look import (
    BLIND,
    AlreadyLookedAt,
    AnswerRequired,
    Look,
    LookAnswer,
    OpenLook,
    Paid,
    YouTookPart,
    beyond,
    drawn,
    look_answered,
    needs_second_person,
    stands_out,
)

NONE = SecondLook(**dict.fromkeys((field.name for field in fields(SecondLook)), None))


def figures(**said: int) -> SecondLook:
    return SecondLook(**{field.name: said.get(field.name) for field in fields(SecondLook)})


@given(
    st.lists(st.text("0123456789abcdef", min_size=4, max_size=4), unique=True), st.integers(1, 100)
)
def test_a_sample_is_its_percentage_rounded_up_and_none_twice(
    ranked: list[str], percent: int
) -> None:
    chosen = drawn(ranked, percent)
    assert list(chosen) == ranked[: len(chosen)]
    assert len(ranked) * percent <= len(chosen) * 100 < len(ranked) * percent + 100
    assert drawn(ranked, None) == ()
    assert drawn(ranked, 100) == tuple(ranked)


def test_of_any_number_at_least_one_is_drawn() -> None:
    assert [len(drawn([str(n) for n in range(many)], 20)) for many in (0, 1, 5, 6, 10, 11)] == [
        0,
        1,
        1,
        2,
        2,
        3,
    ]


@given(st.integers(0, 60), st.integers(0, 10**7), st.integers(1, 40), st.integers(1, 10**7))
def test_a_second_person_is_asked_beyond_either_figure_and_never_without_one(
    count: int, fen: int, most: int, most_fen: int
) -> None:
    paid = Paid(count, fen)
    by_count, by_fen = (
        figures(paid_per_person_per_month=most),
        figures(paid_per_person_per_month_fen=most_fen),
    )
    both = figures(paid_per_person_per_month=most, paid_per_person_per_month_fen=most_fen)
    assert needs_second_person(paid, by_count) is (count > most)
    assert needs_second_person(paid, by_fen) is (fen > most_fen)
    assert needs_second_person(paid, both) is (count > most or fen > most_fen)
    assert not needs_second_person(paid, NONE)


def test_the_twenty_first_payment_of_the_month_and_what_is_over_1000_yuan() -> None:
    scheme = figures(paid_per_person_per_month=20, paid_per_person_per_month_fen=100_000)
    assert not needs_second_person(Paid(19, 95_000).and_one_more(5_000), scheme)
    assert needs_second_person(Paid(20, 90_000).and_one_more(1), scheme)
    assert needs_second_person(Paid(0, 95_001).and_one_more(5_000), scheme)


def test_a_day_stands_out_against_the_days_of_payment_before() -> None:
    assert stands_out(15_001, [5_000, 4_000, 6_000], 3) == 5_000
    assert stands_out(15_000, [5_000, 4_000, 6_000], 3) is None
    assert stands_out(10**9, [], 3) is None  # nothing to compare it with
    assert stands_out(10**9, [1], None) is None


def test_only_what_is_more_than_the_figure_is_beyond() -> None:
    assert beyond({"a": 10, "b": 11}, 10) == {"b": 11}
    assert beyond({"a": 10**9}, None) == {}


@given(
    kind=st.sampled_from(Look),
    answered=st.booleans(),
    took_part=st.frozensets(st.sampled_from(["ann", "bob"])),
    decided=st.sampled_from([None, *Verdict]),
    verdict=st.sampled_from([None, *Verdict]),
)
def test_a_look_is_answered_once_and_by_nobody_who_took_part(
    *,
    kind: Look,
    answered: bool,
    took_part: frozenset[str],
    decided: Verdict | None,
    verdict: Verdict | None,
) -> None:
    look = OpenLook(kind, answered, took_part, decided)
    may = not answered and "ann" not in took_part and (kind not in BLIND or verdict is not None)
    try:
        said = look_answered(look, "ann", " looked ", verdict)
    except (AlreadyLookedAt, YouTookPart, AnswerRequired):
        assert not may
    else:
        assert may
        agrees = None if decided is None else decided is verdict
        word = verdict if kind in BLIND else "approved" if kind is Look.PAYMENT else "seen"
        assert said == LookAnswer(str(word), agrees, "looked")


def test_each_thing_against_an_answer_has_its_refusal() -> None:
    look = OpenLook(Look.SAMPLE, is_answered=False, took_part=frozenset({"bob"}), decided=None)
    with pytest.raises(ReasonRequired):
        look_answered(look, "ann", " ", Verdict.ASSISTED)
    with pytest.raises(AlreadyLookedAt):
        look_answered(replace(look, is_answered=True), "ann", "looked", Verdict.ASSISTED)
    with pytest.raises(YouTookPart):
        look_answered(look, "bob", "looked", Verdict.ASSISTED)
    with pytest.raises(AnswerRequired):
        look_answered(look, "ann", "looked", None)
