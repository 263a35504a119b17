"""Who takes a report back loses its place, and nobody learns by it what was decided (R11)."""

import pytest

from pipeline.answering import delivering, withdrawing
from scheme.case import ForbiddenMove, ReportState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from tests.fixtures import Clock
from tests.pipeline.answering.office import LI, WANG, Office


def test_who_waits_can_withdraw_as_anybody_can(office: Office, clock: Clock) -> None:
    receipt = office.decided_and_waiting(clock)
    with office.runtime.write() as work:
        withdrawing.withdraw(work, receipt.report_id)
    progress = office.progress(receipt)
    assert (progress.state, progress.answer) == (ReportState.WITHDRAWN, None)


def test_a_withdrawn_report_lets_the_next_one_be_first(office: Office, clock: Clock) -> None:
    first, second = office.received(WANG), office.received(LI)
    office.decided(second, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    assert office.progress(second).answer is None
    assert office.progress(first).may_withdraw
    with office.runtime.write() as work:
        withdrawing.withdraw(work, first.report_id)
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    progress = office.progress(second)
    assert progress.entitlement is Entitlement.FIRST
    assert office.progress(first).state is ReportState.WITHDRAWN
    with office.runtime.write() as work, pytest.raises(ForbiddenMove):
        withdrawing.withdraw(work, first.report_id)
    with office.runtime.write() as work, pytest.raises(ForbiddenMove):
        withdrawing.withdraw(work, second.report_id)
