"""R13: what nobody collects is forfeited after the last moment, and owed again by two people."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.paying import forfeiture
from rewards import collecting as rule
from scheme.case import ShareState
from scheme.plain_text import ReasonRequired
from scheme.staff import Account
from tests.pipeline.desk import Desk
from tests.pipeline.paying.test_collecting import OTHER_ID, collect, received, told


def test_the_last_moment_counts_and_the_next_second_does_not(desk: Desk) -> None:
    early, late = told(desk, plate="沪A11111"), told(desk, plate="沪A22222")
    received(desk, early)
    received(desk, late)
    last = desk.shares(early)[0].collect_by
    # Tuesday 10 March and 15 days: Wednesday 25 March, when the counter closes at 17:00.
    assert last == datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
    desk.clock.at = last
    assert forfeiture.forfeit_due(desk.runtime) == 0
    collect(desk, early)
    desk.clock.at = last + timedelta(seconds=1)
    with pytest.raises(rule.TooLate):
        collect(desk, late, id_number=OTHER_ID)
    assert forfeiture.forfeit_due(desk.runtime) == 1
    assert forfeiture.forfeit_due(desk.runtime) == 0
    assert desk.shares(late)[0].state is ShareState.FORFEITED
    with pytest.raises(rule.TooLate):
        collect(desk, late, id_number=OTHER_ID)
    desk.ledger_holds()


def test_a_notice_that_nobody_received_is_never_forfeited(desk: Desk) -> None:
    report_id = told(desk)
    desk.clock.move(days=300)
    assert forfeiture.forfeit_due(desk.runtime) == 0
    assert desk.shares(report_id)[0].state is ShareState.NOTIFIED


def test_where_the_calendar_ends_nothing_is_forfeited(desk: Desk) -> None:
    desk.clock.at = datetime(2026, 12, 28, 2, tzinfo=UTC)
    report_id = told(desk, violated_at=datetime(2026, 12, 28, 0, tzinfo=UTC))
    received(desk, report_id)
    (share,) = desk.shares(report_id)
    assert share.notice_received_at is not None
    assert share.collect_by is None  # 12 January 2027 is in no calendar yet
    desk.clock.move(days=60)
    assert forfeiture.forfeit_due(desk.runtime) == 0
    collect(desk, report_id)


def test_forfeited_is_reinstated_by_two_people_and_then_collected(desk: Desk) -> None:
    report_id = told(desk)
    received(desk, report_id)
    desk.clock.move(days=20)
    forfeiture.forfeit_due(desk.runtime)
    share_id = desk.shares(report_id)[0].id

    def reinstate(by: Account, reason: str = "in hospital") -> tuple[str, ...]:
        with desk.runtime.write() as work:
            return forfeiture.reinstate(
                work, share_id=share_id, requested_by=desk.clerk, approved_by=by, reason=reason
            )

    with pytest.raises(forfeiture.SecondPersonNeeded):
        reinstate(desk.clerk)
    with pytest.raises(ReasonRequired):
        reinstate(desk.officer, " ")
    assert reinstate(desk.officer) == (share_id,)
    desk.ledger_holds()
    with pytest.raises(forfeiture.NotForfeited):
        reinstate(desk.officer)
    collect(desk, report_id)
    desk.ledger_holds()
