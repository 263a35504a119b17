"""Every lease keeps the same promises, whatever row it is on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, select

from pipeline.runtime import Runtime, Work
from pipeline.store.leases import AT_THE_DESK, READING, VERIFYING, Lease
from pipeline.store.tables import report_evidence, reports
from tests.fixtures import WEDNESDAY
from tests.pipeline.desk import Desk

LATER = WEDNESDAY + timedelta(minutes=5)


@pytest.fixture
def runtime(desk: Desk) -> Runtime:
    """An installation with one report, and one file in it."""
    desk.submit()
    return desk.runtime


def one_row(lease: Lease) -> ColumnElement[bool]:
    key = report_evidence.c.report_id if lease is READING else reports.c.id
    return key == select(reports.c.id).scalar_subquery()


def take(work: Work, lease: Lease, owner: str, now: datetime) -> bool:
    until = now + timedelta(minutes=5)
    return lease.take(work.connection, one_row(lease), owner, lease.free(now), until)


def attempts(work: Work, lease: Lease) -> int | None:
    if lease.attempts is None:
        return None
    query = select(lease.attempts).where(one_row(lease))
    return int(work.connection.execute(query).scalar_one())


@pytest.mark.parametrize("lease", [VERIFYING, READING])
def test_one_has_it_until_it_ends_and_each_try_counts(runtime: Runtime, lease: Lease) -> None:
    with runtime.write() as work:
        assert take(work, lease, "one", WEDNESDAY)
        assert not take(work, lease, "other", WEDNESDAY)
        assert not take(work, lease, "one", WEDNESDAY)  # nobody works twice at once
        assert attempts(work, lease) == 1
        assert take(work, lease, "other", LATER)  # who died loses it by the clock
        assert attempts(work, lease) == 2
        assert not lease.extend(work.connection, one_row(lease), "one", LATER)
        assert not lease.give_back(work.connection, one_row(lease), "one")
        assert lease.give_back(work.connection, one_row(lease), "other", attempts=0)
        assert attempts(work, lease) == 0
        assert take(work, lease, "one", WEDNESDAY)


def test_a_lease_that_ran_out_is_kept_while_nobody_took_it(runtime: Runtime) -> None:
    with runtime.write() as work:
        assert take(work, VERIFYING, "one", WEDNESDAY)
        longer = LATER + timedelta(minutes=5)
        assert VERIFYING.extend(work.connection, one_row(VERIFYING), "one", longer)
        assert not take(work, VERIFYING, "other", LATER)


def test_what_is_held_at_the_desk_counts_no_attempts_and_is_no_workers(desk: Desk) -> None:
    desk.submit()
    with desk.runtime.write() as work:
        assert take(work, AT_THE_DESK, desk.officer.account_id, WEDNESDAY)
        assert not take(work, AT_THE_DESK, desk.other_officer.account_id, WEDNESDAY)
        assert take(work, VERIFYING, "worker", WEDNESDAY)
        assert work.connection.execute(select(reports.c.attempts)).scalar_one() == 1
        ended = AT_THE_DESK.give_back(
            work.connection, one_row(AT_THE_DESK), desk.officer.account_id
        )
        assert ended
        assert not take(work, VERIFYING, "other worker", WEDNESDAY)
