"""How far each action of an officer walks, and what it asks the database for.

Gather, rule, commit, and the settlement of the case: each entry says what it was before the stages
had that shape (in brackets) and what holds now. Judging a report anew is a stage of its own: it is
one stay of whoever asks for it, and measured apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pipeline.deciding import (
    claw_backs,
    corrections,
    decisions,
    one_incident,
    questions,
    second_looks,
)
from pipeline.deciding.raising_looks import look_through
from pipeline.paying import funds
from pipeline.runtime import Work
from pipeline.store import candidates, cases, claims, reports
from pipeline.verifying import judging
from scheme.decision import Verdict
from scheme.finding import Sight
from tests.pipeline.desk import Desk, collected_against
from tests.statements import Counted
from tests.walk import walk

JUDGING = "pipeline.verifying.judging"
Act = Callable[[Work], object]


@dataclass(frozen=True)
class Bounds:
    """So many stays, returns and statements at most."""

    stays: int
    returns: int
    statements: int


def version(work: Work, report_id: str) -> int:
    return reports.by_id(work.connection, report_id).row_version


def undo(desk: Desk) -> Act:
    report_id = desk.report()
    desk.decide(report_id)
    return lambda work: decisions.undo(work, report_id=report_id, officer=desk.officer)


def reopen(desk: Desk) -> Act:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    return lambda work: decisions.reopen(
        work, report_id=report_id, officer=desk.officer, reason="an objection"
    )


def ask(desk: Desk) -> Act:
    report_id = desk.report()
    with desk.runtime.read() as work:
        row_version = version(work, report_id)
    return lambda work: questions.ask_for_more(
        work,
        report_id=report_id,
        officer=desk.officer,
        row_version=row_version,
        text="the plate, please",
        sights=[Sight.PLATE],
    )


def explain(desk: Desk) -> Act:
    report_id = desk.report()
    return lambda work: questions.explain(
        work, report_id=report_id, officer=desk.officer, text="the depot has not answered"
    )


def correct(desk: Desk, **changes: Any) -> Act:  # noqa: ANN401 - the fields of a claim
    report_id = desk.report()
    with desk.runtime.read() as work:
        said = claims.in_force(work.connection, report_id)
        row_version = version(work, report_id)
    assert said is not None
    return lambda work: corrections.correct_claim(
        work,
        report_id=report_id,
        officer=desk.officer,
        row_version=row_version,
        claim=replace(said.claim, **(changes or {"route": "50"})),
        reason="seen in the picture",
    )


def correct_category(desk: Desk) -> Act:
    return correct(desk, category="smoking_or_phone")


def tie(desk: Desk) -> Act:
    report_id = desk.report()
    return lambda work: corrections.tie_files(
        work, report_id=report_id, officer=desk.officer, reason="the same scratch"
    )


def exclude(desk: Desk) -> Act:
    report_id = desk.report()
    return lambda work: corrections.exclude(
        work, report_id=report_id, officer=desk.officer, reason="own repeat"
    )


def case_of(desk: Desk, report_id: str) -> str:
    with desk.runtime.read() as work:
        return cases.case_of_report(work.connection, report_id) or ""


def merge(desk: Desk) -> Act:
    """Two cases whose rewards were both collected."""
    into, source = (case_of(desk, desk.to_be_paid(serial=serial)) for serial in (1, 2))
    return lambda work: one_incident.merge(
        work, case_id=source, into_case_id=into, officer=desk.officer, reason="one bus"
    )


def split(desk: Desk) -> Act:
    first = desk.report()
    second = desk.report(case_id=case_of(desk, first))
    desk.decide(first)
    return lambda work: one_incident.split(
        work, report_id=second, officer=desk.officer, reason="two buses"
    )


def answer(desk: Desk, *, same: bool) -> Act:
    one, other = desk.report(), desk.report()
    with desk.runtime.write() as work:
        candidates.add(work.connection, one, other, ["SIMILAR_MEDIA"], work.now)
    (question,) = desk.case(one).candidates
    return lambda work: one_incident.answer_candidate(
        work,
        candidate_id=question.candidate_id,
        officer=desk.officer,
        same=same,
        reason="looked at both",
    )


def answer_same(desk: Desk) -> Act:
    return answer(desk, same=True)


def answer_different(desk: Desk) -> Act:
    return answer(desk, same=False)


def claw_back(desk: Desk) -> Act:
    with desk.runtime.write() as work:
        funds.stock_cards(work, desk.finance, 1_000_000, knowing=True)
    first = desk.report()
    second = desk.report(case_id=case_of(desk, first))
    desk.decide(first)
    desk.decide(second)
    desk.tell()
    (share,) = desk.shares(first)
    with desk.runtime.write() as work:
        collected_against(
            work, share_id=share.id, clerk=desk.clerk, id_number="E112345678", in_hand=True
        )
    with desk.runtime.write() as work:
        decisions.reopen(work, report_id=first, officer=desk.officer, reason="replayed")
    desk.decide(first, Verdict.UNSUBSTANTIATED)
    return lambda work: claw_backs.claw_back(
        work, share_id=share.id, officer=desk.officer, reason="paid wrongly"
    )


def look_again(desk: Desk) -> Act:
    desk.decide(desk.report())
    desk.clock.move(days=1)
    look_through(desk.runtime)
    with desk.runtime.read() as work:
        (look,) = second_looks.open_looks(work, desk.other_officer).rows
    return lambda work: second_looks.answer(
        work,
        look_id=look.look_id,
        officer=desk.other_officer,
        reason="looked again",
        verdict=Verdict.SUBSTANTIATED,
    )


ACTIONS: dict[Callable[[Desk], Act], Bounds] = {
    reopen: Bounds(4, 3, 6),  # (9, 5, 7)
    ask: Bounds(6, 4, 10),  # (16, 11, 11)
    explain: Bounds(10, 5, 12),  # (20, 8, 12); the fifth return is the calendar's
    look_again: Bounds(4, 3, 9),  # (9, 7, 9)
    tie: Bounds(5, 4, 23),  # (7, 5, 34)
    answer_different: Bounds(5, 4, 66),  # (16, 13, 93)
    exclude: Bounds(12, 4, 15),  # (14, 7, 14)
    # A fifth return: judged anew, then settled.
    correct: Bounds(11, 5, 34),  # (19, 12, 46)
    correct_category: Bounds(11, 5, 35),  # (21, 14, 48)
    answer_same: Bounds(13, 5, 82),  # (37, 25, 117)
    # Money goes back: the store asks rewards and the table of moves for each share.
    undo: Bounds(17, 4, 34),  # (34, 12, 38)
    claw_back: Bounds(16, 5, 53),  # (35, 11, 56)
    merge: Bounds(18, 5, 45),  # (44, 16, 56)
    split: Bounds(17, 4, 33),  # (25, 14, 32); both cases are settled
}


@pytest.mark.parametrize("prepare", ACTIONS, ids=lambda prepare: prepare.__name__)
def test_an_action_is_gather_rule_commit(
    desk: Desk, statements: Counted, prepare: Callable[[Desk], Act]
) -> None:
    act, bounds = prepare(desk), ACTIONS[prepare]
    with statements(desk.runtime.engine) as asked, desk.runtime.write() as work:
        way = walk(lambda: act(work), apart=(JUDGING,))
    assert way.own.startswith("pipeline.deciding.")
    assert way.stays <= bounds.stays, way.way
    assert way.returns <= bounds.returns, way.way
    assert len(asked) <= bounds.statements, asked


def test_judging_anew_gathers_asks_the_eyes_and_keeps(desk: Desk, statements: Counted) -> None:
    """(40, 32, 28) before. What the eyes ask the rules meanwhile is not followed."""
    report_id = desk.report()
    with statements(desk.runtime.engine) as asked, desk.runtime.write() as work:
        way = walk(lambda: judging.judge_again(work, report_id=report_id), apart=("verifiers",))
    assert way.own == JUDGING
    assert way.stays <= 20, way.way
    assert way.returns <= 17, way.way
    assert len(asked) <= 17, asked


def test_a_day_is_looked_through_in_one_read_one_rule_and_one_move(
    desk: Desk, statements: Counted
) -> None:
    """(66, 49, 30) before for three decisions; what remains opens three transactions."""
    for _ in range(3):
        desk.decide(desk.report())
    desk.clock.move(days=1)
    with statements(desk.runtime.engine) as asked:
        way = walk(lambda: look_through(desk.runtime))
    assert way.stays <= 36, way.way
    assert way.returns <= 19, way.way
    assert len(asked) <= 19, asked
