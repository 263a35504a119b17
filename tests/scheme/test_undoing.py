"""R9, States: a decision is taken back by who made it, in its seconds, while nothing was paid."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.case import OUT_OF_HAND, ForbiddenMove, ReportState, ShareState
from scheme.undoing import (
    AlreadyPaid,
    Decided,
    NotDecidedByYou,
    Undoing,
    UndoTooLate,
    undo_until,
    undone,
)
from tests.scheme.at_the_desk import NOW, POLICIES, POLICY

SECONDS = timedelta(seconds=POLICY.procedure.undo_seconds)
DECIDED = Decided(
    report_id="r1",
    case_id="c1",
    state=ReportState.DECIDED,
    decision_id="d2",
    officer="ann",
    decided_at=NOW - SECONDS / 2,
    was_answered=False,
    superseded_at=None,
    shares=(ShareState.AWARDED,),
)
BEFORE = NOW - timedelta(days=2)


def test_a_first_decision_leaves_a_verified_report() -> None:
    assert undone(DECIDED, "ann", POLICIES, NOW) == Undoing("d2", ReportState.VERIFIED, None)


def test_a_superseding_decision_leaves_the_answer_that_was_given() -> None:
    again = replace(DECIDED, was_answered=True, superseded_at=BEFORE)
    assert undone(again, "ann", POLICIES, NOW) == Undoing("d2", ReportState.ANSWERED, BEFORE)


@pytest.mark.parametrize(
    ("otherwise", "refusal"),
    [
        ({"state": ReportState.ANSWERED}, ForbiddenMove),
        ({"decision_id": None}, ForbiddenMove),
        ({"officer": "bob"}, NotDecidedByYou),
        ({"decided_at": NOW - SECONDS}, UndoTooLate),
        ({"shares": (ShareState.AWARDED, ShareState.PAID_IN_HAND)}, AlreadyPaid),
        ({"shares": (ShareState.IN_BATCH,)}, AlreadyPaid),
    ],
)
def test_whatever_stands_against_it_has_its_refusal(
    otherwise: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        undone(replace(DECIDED, **otherwise), "ann", POLICIES, NOW)  # type: ignore[arg-type]  # fields


def test_too_late_says_until_when_it_could_be_done() -> None:
    late = replace(DECIDED, decided_at=NOW - 2 * SECONDS)
    with pytest.raises(UndoTooLate) as refusal:
        undone(late, "ann", POLICIES, NOW)
    assert refusal.value.until == NOW - SECONDS


def test_the_time_for_undoing_ends_at_its_instant() -> None:
    assert undo_until(NOW - SECONDS + timedelta(microseconds=1), POLICIES, NOW) is not None
    assert undo_until(NOW - SECONDS, POLICIES, NOW) is None
    assert undo_until(None, POLICIES, NOW) is None


@given(
    state=st.sampled_from(ReportState),
    officer=st.sampled_from(["ann", "bob"]),
    seconds_ago=st.integers(0, 2 * POLICY.procedure.undo_seconds),
    shares=st.lists(st.sampled_from(ShareState), max_size=3),
    superseded=st.booleans(),
)
def test_nothing_is_taken_back_that_somebody_else_may_have_built_on(
    *,
    state: ReportState,
    officer: str,
    seconds_ago: int,
    shares: list[ShareState],
    superseded: bool,
) -> None:
    report = replace(
        DECIDED,
        state=state,
        officer=officer,
        decided_at=NOW - timedelta(seconds=seconds_ago),
        shares=tuple(shares),
        was_answered=superseded,
        superseded_at=BEFORE if superseded else None,
    )
    may = (
        state is ReportState.DECIDED
        and officer == "ann"
        and timedelta(seconds=seconds_ago) < SECONDS
        and not set(shares) & {*OUT_OF_HAND}
    )
    try:
        to = undone(report, "ann", POLICIES, NOW).to
    except (ForbiddenMove, NotDecidedByYou, UndoTooLate, AlreadyPaid):
        assert not may
    else:
        assert may
        assert to is (ReportState.ANSWERED if superseded else ReportState.VERIFIED)
