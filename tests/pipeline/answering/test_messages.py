"""What a message says: enough to act on, and no identity where none must be (R9, R13, R17)."""

import pytest
from jinja2 import UndefinedError

from pipeline import notice_texts
from pipeline.answering import answer_clock, providers, tracking
from pipeline.deciding import questions
from pipeline.languages import WHOLE
from pipeline.store import (
    reports,
)
from scheme.case import ReportState
from scheme.decision import REASONS, Verdict
from scheme.finding import Sight
from tests.pipeline.desk import Desk


def test_a_notice_of_reward_says_how_much_when_where_and_with_what(desk: Desk) -> None:
    report_id = desk.report(people=3)
    desk.decide(report_id)
    desk.tell()
    messages = desk.in_the_sink("reward")
    assert len(messages) == 3
    (collector,) = [
        message
        for message in messages
        if "1670 " not in message["text"] and "建国东路525号" in message["text"]
    ]
    policy = desk.runtime.policies.procedure_at(desk.clock.at).procedure
    for said in (
        "50.00",
        "16.67",
        "16.66",
        "15",
        policy.counter.phone,
        "09:00",
        "17:00",
        policy.documents["zh"],
    ):
        assert said in collector["text"]
    assert policy.counter.address["en"] in collector["text"]
    assert len(desk.in_the_sink("answer")) == 3


def test_no_message_holds_a_plate_or_a_name(desk: Desk) -> None:
    report_id = desk.report(names=["欧阳娜娜"], plate="沪A54321", email="ou@example.org")
    desk.decide(report_id)
    desk.tell()
    with desk.runtime.read() as work:
        sent = providers.sent(work).rows
    assert {message.channel for message in sent} == {"sms", "email"}
    for message in sent:
        assert "沪A54321" not in message.text + message.subject
        assert "欧阳" not in message.text + message.subject
    assert "13800010000" not in repr(sent)


def test_the_answer_to_who_is_not_first_says_only_where_the_reward_goes(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(first)
    desk.decide(second)
    desk.tell()
    with desk.runtime.read() as work:
        numbers = {i: reports.by_id(work.connection, i).report_number for i in (first, second)}
    (answer,) = [m for m in desk.in_the_sink("answer") if m["report_number"] == numbers[second]]
    assert "earliest report" in answer["text"]
    assert str(numbers[first]) not in answer["text"]


def test_every_kind_of_notice_can_be_written(desk: Desk) -> None:
    late, asked = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    desk.decide(late, Verdict.ASSISTED)
    with desk.runtime.write() as work:
        questions.explain(
            work, report_id=asked, officer=desk.officer, text="the depot has not answered yet"
        )
        questions.ask_for_more(
            work,
            report_id=asked,
            officer=desk.officer,
            row_version=reports.by_id(work.connection, asked).row_version,
            text="a close-up",
            sights=[Sight.PLATE, Sight.TIME],
        )
    desk.tell()
    told = desk.in_the_sink("ask")[0]["text"]
    assert "车牌；时间" in told
    with desk.runtime.read() as work:
        due_at = reports.by_id(work.connection, asked).answer_due_at
        last_day = answer_clock.last_day(work, due_at)
    assert last_day
    assert last_day in told
    seen = tracking.look(desk.runtime, asked)
    assert seen.asked_sights == ("plate", "time")
    assert seen.answer_due_at == due_at
    assert "the depot has not answered yet" in desk.in_the_sink("explanation")[0]["text"]
    assert desk.state(asked) is ReportState.AWAITING_REPORTER
    assert desk.state(late) is ReportState.ANSWERED


def test_every_word_is_there_in_every_language() -> None:
    codes: dict[str, set[str]] = {
        "subject": set(notice_texts.KINDS),
        "verdict": {*Verdict},
        "reason": set(REASONS),
        "sight": {*Sight},
    }
    for language in WHOLE:
        words = notice_texts.words(language)
        for section, expected in codes.items():
            assert set(words[section]) == {str(code) for code in expected}
        with pytest.raises(UndefinedError):
            notice_texts.rendered("receipt", language, {})
