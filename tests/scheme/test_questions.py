"""R9: a reporter is asked for more, or told why there is no result yet; both in words."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.calendar import published_workdays
from scheme.case import ForbiddenMove, ReportState, StaleVersion
from scheme.desk import HeldByOther
from scheme.finding import Sight
from scheme.questions import (
    Explaining,
    ExplanationRequired,
    Question,
    QuestionRequired,
    asked,
    explained,
)
from tests.scheme.at_the_desk import EVERY_STATE, HELD, NOW, POLICIES, REPORT

DAYS = published_workdays()


def ask(*, row_version: int = 3, text: str = "the plate, please", **otherwise: object) -> Question:
    return asked(
        replace(REPORT, **otherwise),  # type: ignore[arg-type]  # fields of a report
        row_version=row_version,
        text=text,
        sights=[Sight.PLATE],
        policies=POLICIES,
        now=NOW,
    )


def explain(text: str = "the depot has not answered", **otherwise: object) -> Explaining:
    report = replace(REPORT, **otherwise)  # type: ignore[arg-type]  # fields of a report
    return explained(report, text, POLICIES, DAYS, NOW)


def test_a_question_says_what_is_missing_and_until_which_day() -> None:
    question = ask(text="  the plate, please\x00 ")
    assert (question.text, question.sights) == ("the plate, please", (Sight.PLATE,))
    assert question.until == "2026-03-13"
    assert ask(answer_due_at=None).until == ""


def test_a_question_is_refused_by_name() -> None:
    with pytest.raises(QuestionRequired):
        ask(text=" ")
    with pytest.raises(StaleVersion) as stale:
        ask(row_version=2)
    assert stale.value.row_version == REPORT.row_version
    with pytest.raises(HeldByOther):
        ask(**HELD)  # type: ignore[arg-type]  # fields of a report


@pytest.mark.parametrize("state", sorted(set(EVERY_STATE) - {ReportState.VERIFIED}))
def test_only_who_was_read_and_not_answered_is_asked(state: ReportState) -> None:
    with pytest.raises(ForbiddenMove):
        ask(state=state)


def test_an_explanation_in_time_begins_the_clock_anew() -> None:
    explaining = explain()
    assert explaining.in_time
    assert explaining.last_day_was == "2026-03-13"
    assert explaining.last_day_now == explaining.promised == "2026-03-16"


def test_a_late_explanation_is_told_and_heals_nothing() -> None:
    due_at = NOW - timedelta(seconds=1)
    explaining = explain(answer_due_at=due_at)
    assert not explaining.in_time
    assert (explaining.due_now, explaining.promised) == (due_at, "")


def test_where_no_calendar_said_when_it_was_due_it_is_in_time() -> None:
    assert explain(answer_due_at=None).in_time


@pytest.mark.parametrize("state", EVERY_STATE)
def test_explained_is_what_has_no_answer_yet(state: ReportState) -> None:
    waiting = ("received", "verified", "awaiting_reporter", "decided")
    if state in waiting:
        assert explain(state=state).text
        with pytest.raises(ExplanationRequired):
            explain("", state=state)
    else:
        with pytest.raises(ForbiddenMove):
            explain(state=state)


@given(st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 31)))  # noqa: DTZ001 - given NOW's zone
def test_no_explanation_ever_brings_an_answer_forward(due: datetime) -> None:
    due_was = due.replace(tzinfo=NOW.tzinfo)
    explaining = explain(answer_due_at=due_was)
    assert explaining.due_now is not None
    assert explaining.due_now == due_was if not explaining.in_time else explaining.due_now > NOW
