"""What nothing sends is told by people.

No message is said to have left that never did (R9, R13).
"""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.answering import arriving, calls, tracking
from pipeline.answering.arriving import CallNoteRequired
from pipeline.answering.calls import CallGone
from pipeline.store import deliveries, events, reports
from scheme.case import ReportState, ShareState
from tests.pipeline.desk import Desk


@pytest.fixture
def real(desk: Desk) -> Desk:
    """A real installation: there is no sink, and no server for mail."""
    desk.runtime = replace(desk.runtime, settings=replace(desk.runtime.settings, demo=False))
    return desk


def with_mail(desk: Desk) -> Desk:
    """With a server for mail that nobody answers at."""
    desk.runtime = replace(
        desk.runtime, settings=replace(desk.runtime.settings, smtp="smtp://127.0.0.1:9")
    )
    return desk


def waiting(desk: Desk) -> list[str]:
    with desk.runtime.read() as work:
        return [call.kind for call in calls.to_make(work).rows]


def actions(desk: Desk, report_id: str) -> list[str]:
    with desk.runtime.read() as work:
        return [event.action for event in events.about(work.connection, f"report/{report_id}")]


def answered(desk: Desk, **more: Any) -> str:  # noqa: ANN401 - whatever the desk's report takes
    report_id = desk.report(**more)
    desk.decide(report_id)
    desk.tell()
    return report_id


def test_the_answer_stands_on_the_page_and_somebody_has_to_call(real: Desk) -> None:
    report_id = answered(real)
    assert not (real.runtime.settings.home / "outbox").exists()
    assert sorted(waiting(real)) == ["answer", "reward"]
    with real.runtime.read() as work:
        assert reports.by_id(work.connection, report_id).state is ReportState.ANSWERED
    assert real.shares(report_id)[0].state is ShareState.NOTIFIED
    assert real.shares(report_id)[0].notice_received_at is None  # nobody has heard of it yet
    told = actions(real, report_id)
    assert "notice_not_sendable" in told  # the receipt: nobody is called about that


def test_a_call_is_opened_on_record_and_noted_with_what_was_said(real: Desk) -> None:
    report_id = answered(real)
    with real.runtime.read() as work:
        (reward,) = (call for call in calls.to_make(work).rows if call.kind == "reward")
    with real.runtime.write() as work:
        sheet = calls.open_call(work, reward.notice_id, real.clerk)
        assert sheet.to.startswith("1")
        assert any("50.00" in paragraph for paragraph in sheet.paragraphs)
        with pytest.raises(CallNoteRequired):
            calls.mark_told(work, reward.notice_id, real.clerk, "  ")
    with real.runtime.write() as work:
        calls.mark_told(work, reward.notice_id, real.clerk, "spoke to her")
    with real.runtime.write() as work, pytest.raises(CallGone):
        calls.open_call(work, reward.notice_id, real.clerk)
    assert waiting(real) == ["answer"]
    assert {"identity_opened", "reporter_told"} <= set(actions(real, report_id))
    assert sheet.name not in repr(sheet)
    real.clock.move(days=4)  # with the call on record, the longstop begins the fifteen days (R13)
    with real.runtime.write() as work:
        assert arriving.deem_received(work) == 1


def test_who_reads_it_on_the_page_need_not_be_called(real: Desk) -> None:
    report_id = answered(real)
    assert tracking.look(real.runtime, report_id).answer is not None
    assert waiting(real) == []
    assert actions(real, report_id).count("notices_read") == 1
    assert tracking.look(real.runtime, report_id).answer is not None
    assert actions(real, report_id).count("notices_read") == 1


def test_who_gave_an_address_is_written_to_and_not_called(real: Desk) -> None:
    with_mail(real)
    answered(real, email="a@b.example")
    assert waiting(real) == []
    with real.runtime.read() as work:
        stuck = {message.kind for message in calls.stuck(work).rows}
        assert stuck == {"receipt", "answer", "reward"}
        assert {row.channel for row in deliveries.stuck(work.connection, 1).rows} == {"email"}


def test_an_address_is_of_no_use_where_no_mail_leaves(real: Desk) -> None:
    answered(real, email="a@b.example")
    assert sorted(waiting(real)) == ["answer", "reward"]


def test_in_a_demo_every_message_goes_into_the_sink(desk: Desk) -> None:
    answered(desk)
    assert waiting(desk) == []
