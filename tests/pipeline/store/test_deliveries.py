"""A message is taken for one attempt by one sender, and leaves once however often it is tried."""

from datetime import datetime, timedelta

import pytest

from pipeline.runtime import Work
from pipeline.store import calls_due, deliveries, notices, whose
from pipeline.store.notices import CALL, EMAIL, PAPER, SMS, NoticeRow
from tests.pipeline.desk import Desk

KIND = "answer"


@pytest.fixture
def report_id(desk: Desk) -> str:
    """A report whose own messages are not looked at."""
    return desk.submit()


def put(
    work: Work, report_id: str, *, channel: str = SMS, send_after: datetime | None = None
) -> NoticeRow:
    notice_id = notices.add(
        work.connection,
        kind=KIND,
        report_id=report_id,
        share_id=None,
        person_id=whose.person_ids(work.connection, report_id)[0],
        channel=channel,
        facts={"report_number": "26-000001"},
        at=work.now,
        send_after=send_after or work.now,
    )
    notice = notices.read(work.connection, notice_id)
    assert notice is not None
    return notice


def ids(found: tuple[NoticeRow, ...]) -> list[str]:
    return [notice.notice_id for notice in found if notice.kind == KIND]


def test_what_is_due_comes_longest_due_first_and_paper_apart(desk: Desk, report_id: str) -> None:
    with desk.runtime.write() as work:
        later = put(work, report_id, send_after=work.now + timedelta(seconds=30))
        now = put(work, report_id, channel=EMAIL)
        letter = put(work, report_id, channel=PAPER)
        called = put(work, report_id, channel=CALL)
        assert ids(deliveries.due(work.connection, work.now, 9)) == [now.notice_id]
        afterwards = work.now + timedelta(seconds=30)
        due = ids(deliveries.due(work.connection, afterwards, 9))
        assert due == [now.notice_id, later.notice_id]
        letters = deliveries.on_paper(work.connection, afterwards, page=1)
        assert ids(letters.rows) == [letter.notice_id]
        assert called.notice_id not in due


def test_one_sender_takes_a_message_and_the_next_try_waits(desk: Desk, report_id: str) -> None:
    with desk.runtime.write() as work:
        notice = put(work, report_id)
        again_after = work.now + timedelta(minutes=1)
        assert deliveries.take(work.connection, notice, again_after)
        assert not deliveries.take(work.connection, notice, again_after)
        assert ids(deliveries.due(work.connection, work.now, 9)) == []
        assert ids(deliveries.due(work.connection, again_after, 9)) == [notice.notice_id]
        (waiting,) = deliveries.stuck(work.connection, page=1).rows
        assert (waiting.notice_id, waiting.attempts) == (notice.notice_id, 1)


def test_what_left_cannot_be_taken_back_and_what_was_on_its_way_has_left(
    desk: Desk, report_id: str
) -> None:
    with desk.runtime.write() as work:
        sent, on_its_way = put(work, report_id), put(work, report_id)
        assert deliveries.mark_sent(work.connection, sent.notice_id, work.now)
        assert not deliveries.mark_sent(work.connection, sent.notice_id, work.now)
        assert not deliveries.cancel(work.connection, sent.notice_id, work.now)
        assert deliveries.cancel(work.connection, on_its_way.notice_id, work.now)
        assert not deliveries.cancel(work.connection, on_its_way.notice_id, work.now)
        assert ids(notices.of_report(work.connection, report_id)) == [sent.notice_id]
        assert deliveries.mark_sent(work.connection, on_its_way.notice_id, work.now)
        arrived = notices.read(work.connection, on_its_way.notice_id)
        assert arrived is not None
        assert (arrived.cancelled_at, arrived.sent_at) == (None, work.now)


def test_the_same_message_by_another_way_is_known(desk: Desk, report_id: str) -> None:
    with desk.runtime.write() as work:
        by_sms, by_mail = put(work, report_id), put(work, report_id, channel=EMAIL)
        assert deliveries.others_of(work.connection, by_sms) == {EMAIL}
        assert deliveries.others_of(work.connection, by_mail) == {SMS}
        deliveries.cancel(work.connection, by_mail.notice_id, work.now)
        assert deliveries.others_of(work.connection, by_sms) == frozenset()


def test_a_call_is_due_until_somebody_called_or_the_reporter_read_it(
    desk: Desk, report_id: str
) -> None:
    with desk.runtime.write() as work:
        told, read = put(work, report_id), put(work, report_id)
        for notice in (told, read):
            calls_due.leave(work.connection, notice.notice_id)
        assert ids(calls_due.waiting(work.connection, page=1).rows) == sorted(
            [told.notice_id, read.notice_id]
        )
        calls_due.mark_told(work.connection, told.notice_id, work.now)
        assert calls_due.of_id(work.connection, told.notice_id) is None
        assert not calls_due.waits_to_be_read(work.connection, report_id, ["receipt"])
        assert calls_due.waits_to_be_read(work.connection, report_id, [KIND])
        assert calls_due.read_by_reporter(work.connection, report_id, [KIND], work.now) == 1
        assert not calls_due.waits_to_be_read(work.connection, report_id, [KIND])
        assert ids(calls_due.waiting(work.connection, page=1).rows) == []
