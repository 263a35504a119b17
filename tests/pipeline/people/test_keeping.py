"""While a question about a reporter is open, an uncollected reward is kept.

If asked in time, not for ever (R13).
"""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.answering import tracking
from pipeline.paying import forfeiture
from pipeline.people import looking, questions
from pipeline.store import events
from pipeline.store.person_questions import Proposal
from rewards import collecting as rule
from scheme import person_questions
from scheme.case import ShareState
from scheme.person_questions import QuestionKind
from tests.pipeline.desk import ID_NUMBER, Desk, collected_against


def told(desk: Desk) -> str:
    """A reward whose fifteen days have begun."""
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    with desk.runtime.write() as work:
        tracking.progress(work, report_id)
    return report_id


def asked(desk: Desk, report_id: str, phone: str = "13900000001") -> str:
    with desk.runtime.write() as work:
        return questions.ask(
            work,
            kind=QuestionKind.PHONE,
            report_id=report_id,
            position=0,
            account=desk.clerk,
            reason="number typed wrong",
            proposal=Proposal(phone=phone),
        )


def answered(desk: Desk, question_id: str, *, accepted: bool = True) -> None:
    with desk.runtime.write() as work:
        questions.answer(
            work,
            question_id=question_id,
            account=desk.officer,
            accepted=accepted,
            reason="looked at the document",
        )


def state(desk: Desk, report_id: str) -> ShareState:
    desk.books_hold()
    return desk.shares(report_id)[0].state


def test_a_question_in_time_keeps_the_reward_and_the_days_begin_anew(desk: Desk) -> None:
    report_id = told(desk)
    last = desk.shares(report_id)[0].collect_by
    assert last is not None
    desk.clock.at = last
    question = asked(desk, report_id)
    desk.clock.at = datetime(2026, 3, 30, 2, tzinfo=UTC)  # the Monday after, at ten
    assert forfeiture.forfeit_due(desk.runtime) == 0
    answered(desk, question)
    anew = desk.shares(report_id)[0].collect_by
    assert anew is not None
    assert anew >= desk.clock.at + timedelta(days=14)
    assert forfeiture.forfeit_due(desk.runtime) == 0
    assert desk.collected(report_id).total_fen == 5000
    assert state(desk, report_id) is ShareState.COLLECTED


def test_a_refusal_lets_the_last_moment_stand(desk: Desk) -> None:
    report_id = told(desk)
    last = desk.shares(report_id)[0].collect_by
    assert last is not None
    desk.clock.at = last
    question = asked(desk, report_id)
    desk.clock.at = last + timedelta(days=1)
    answered(desk, question, accepted=False)
    assert desk.shares(report_id)[0].collect_by == last
    assert forfeiture.forfeit_due(desk.runtime) == 1
    assert state(desk, report_id) is ShareState.FORFEITED


def test_a_question_that_comes_too_late_keeps_nothing(desk: Desk) -> None:
    report_id = told(desk)
    last = desk.shares(report_id)[0].collect_by
    assert last is not None
    desk.clock.at = last + timedelta(seconds=1)
    question = asked(desk, report_id)
    assert forfeiture.forfeit_due(desk.runtime) == 1
    answered(desk, question)
    assert state(desk, report_id) is ShareState.FORFEITED


def test_nothing_is_kept_for_ever_and_nothing_is_lost_for_a_slow_answer(desk: Desk) -> None:
    report_id = told(desk)
    last = desk.shares(report_id)[0].collect_by
    assert last is not None
    desk.clock.at = last
    question = asked(desk, report_id)
    with desk.runtime.read() as work:
        kept_until = looking.question_view(work, question, desk.officer).hold_until
    assert kept_until is not None
    desk.clock.at = kept_until
    assert forfeiture.forfeit_due(desk.runtime) == 0
    desk.clock.at = kept_until + timedelta(seconds=1)
    assert forfeiture.forfeit_due(desk.runtime) == 1
    assert state(desk, report_id) is ShareState.FORFEITED
    desk.clock.at = datetime(2026, 5, 11, 2, tzinfo=UTC)  # weeks later, a Monday at ten
    answered(desk, question)  # two people are on record: what R13 asks for
    assert state(desk, report_id) is ShareState.REINSTATED
    with desk.runtime.read() as work:
        reinstated = events.about(work.connection, f"question/{question}")[-1].detail["reinstated"]
    assert reinstated == [desk.shares(report_id)[0].id]
    assert desk.collected(report_id).total_fen == 5000


def test_one_question_at_a_time(desk: Desk) -> None:
    report_id = told(desk)
    asked(desk, report_id)
    with pytest.raises(person_questions.AlreadyAsked):
        asked(desk, report_id, "13900000002")


def test_a_name_that_differs_is_refused_on_the_spot_too(desk: Desk) -> None:
    report_id = told(desk)
    with pytest.raises(rule.NameDiffers), desk.runtime.write() as work:
        collected_against(
            work,
            share_id=desk.shares(report_id)[0].id,
            clerk=desk.clerk,
            id_number=ID_NUMBER,
            name_on_document="别的名字",
            in_hand=True,
        )
    assert state(desk, report_id) is ShareState.NOTIFIED
