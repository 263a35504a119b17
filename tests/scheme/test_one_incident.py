"""R14, R16: what belongs together is joined and parted by rule, whatever is asked about it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.one_incident import (
    AlreadyAnswered,
    AskedPair,
    CategoriesDiffer,
    Incident,
    InOneCase,
    NothingToSplit,
    merged,
    pair_answered,
    parted,
)
from scheme.plain_text import ReasonRequired

ONE = Incident("c1", "wrong_way", ("r1", "r3"), ("r3",), 1)
OTHER = Incident("c2", "wrong_way", ("r2",), ("r2",), 2)
ASKED = AskedPair(7, "r2", "r3", None)
BETWEEN = AskedPair(8, "r1", "r2", None)
ELSEWHERE = AskedPair(9, "r2", "r9", None)


def test_a_merge_answers_the_open_questions_between_the_two_and_no_others() -> None:
    merging = merged(OTHER, ONE, [ASKED, BETWEEN, ELSEWHERE], " one bus ")
    assert (merging.source, merging.into, merging.reason) == (OTHER, ONE, "one bus")
    assert merging.answers == (7, 8)
    assert merging.judged_anew == ("r3", "r2")


def test_a_merge_is_refused_by_name() -> None:
    with pytest.raises(InOneCase):
        merged(ONE, ONE, [], "one bus")
    with pytest.raises(CategoriesDiffer):
        merged(replace(OTHER, category="red_light"), ONE, [], "one bus")
    with pytest.raises(ReasonRequired):
        merged(OTHER, ONE, [], "")


def test_same_lets_the_earlier_case_take_over_whoever_asked() -> None:
    for one, other in ((ONE, OTHER), (OTHER, ONE)):
        asked, said = pair_answered(
            ASKED, one, other, [ASKED, BETWEEN], same=True, reason="one bus"
        )
        assert asked is ASKED
        assert said.merging is not None
        assert (said.merging.source, said.merging.into) == (OTHER, ONE)
        assert said.merging.answers == (8,)  # the question itself is answered by its own move
        assert said.judged_anew == ("r2", "r3")


def test_different_leaves_both_where_they_are() -> None:
    _, said = pair_answered(ASKED, OTHER, ONE, [ASKED], same=False, reason="two buses")
    assert said.merging is None
    _, together = pair_answered(ASKED, ONE, ONE, [ASKED], same=True, reason="of course")
    assert together.merging is None


def test_an_answer_is_refused_by_name() -> None:
    with pytest.raises(AlreadyAnswered):
        pair_answered(None, None, None, [], same=True, reason="one bus")
    with pytest.raises(AlreadyAnswered):
        pair_answered(replace(ASKED, same=False), ONE, OTHER, [], same=True, reason="one bus")
    with pytest.raises(InOneCase):
        pair_answered(ASKED, ONE, ONE, [], same=False, reason="two buses")
    with pytest.raises(CategoriesDiffer):
        pair_answered(
            ASKED, ONE, replace(OTHER, category="red_light"), [], same=True, reason="one bus"
        )


def test_two_that_nobody_has_read_are_no_case_together_yet() -> None:
    unread = replace(ONE, case_id=None, reports=("r1",)), replace(OTHER, case_id=None)
    _, said = pair_answered(BETWEEN, *unread, [BETWEEN], same=True, reason="one bus")
    assert said.merging is not None


def test_a_report_leaves_all_others_of_its_case() -> None:
    parting = parted("r1", "wrong_way", ONE, " two buses ")
    assert (parting.others, parting.reason) == (("r3",), "two buses")
    with pytest.raises(NothingToSplit):
        parted("r2", "wrong_way", OTHER, "two buses")
    with pytest.raises(NothingToSplit):
        parted("r1", None, ONE, "two buses")
    with pytest.raises(ReasonRequired):
        parted("r1", "wrong_way", ONE, " ")


@given(st.data())
def test_a_merge_answers_exactly_what_was_open_between_the_two(data: st.DataObject) -> None:
    names = [f"r{number}" for number in range(6)]
    source = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    rest = [name for name in names if name not in source]
    into = data.draw(st.lists(st.sampled_from(rest), min_size=1, max_size=3, unique=True))
    pairs = data.draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True),
                st.sampled_from([None, True, False]),
            ),
            max_size=6,
        )
    )
    questions = [
        AskedPair(number, pair[0], pair[1], same) for number, (pair, same) in enumerate(pairs)
    ]
    merging = merged(
        Incident("s", "wrong_way", tuple(source), (), 2),
        Incident("t", "wrong_way", tuple(into), (), 1),
        questions,
        "one bus",
    )
    expected = {
        number
        for number, (pair, same) in enumerate(pairs)
        if same is None
        and ((pair[0] in source and pair[1] in into) or (pair[1] in source and pair[0] in into))
    }
    assert set(merging.answers) == expected
