"""Delivery is at least once, and one message however often it is tried."""

from pipeline.answering import delivering, notices
from pipeline.store import (
    deliveries,
    identity_changes,
    tables,
    whose,
)
from pipeline.store import notices as outbox
from scheme.case import ReportState
from tests.pipeline.desk import Desk


def test_a_crash_after_sending_sends_the_same_message_again(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    folder = desk.runtime.settings.home / "outbox"
    before = sorted(path.name for path in folder.iterdir())
    with desk.runtime.write() as work:  # as if the second transaction had never been
        (answer,) = outbox.of_report(work.connection, report_id, "answer")
        work.connection.execute(
            tables.outbox.update()
            .where(tables.outbox.c.id == answer.notice_id)
            .values(sent_at=None)
        )
    desk.clock.move(seconds=61)
    assert delivering.deliver_due(desk.runtime) == 1
    assert sorted(path.name for path in folder.iterdir()) == before
    assert desk.state(report_id) is ReportState.ANSWERED


def test_a_message_that_somebody_is_sending_is_not_sent_beside_it(desk: Desk) -> None:
    desk.submit()
    with desk.runtime.write() as work:
        notices.write_receipts(work)
        (due,) = deliveries.due(work.connection, work.now, 10)
        assert deliveries.take(work.connection, due, work.now + delivering.TAKEN_FOR)
        assert not deliveries.take(work.connection, due, work.now + delivering.TAKEN_FOR)
    assert delivering.deliver_due(desk.runtime) == 0


def test_nobody_is_told_who_was_erased(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    with desk.runtime.write() as work:
        identity_changes.erase(
            work.connection, whose.person_ids(work.connection, report_id)[0], work.now
        )
    desk.tell()
    assert "notice_undeliverable" in [event.action for event in desk.case(report_id).history]
