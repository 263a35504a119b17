"""R23: an answered report is opened for another decision, with a reason, by who has it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheme.case import ForbiddenMove, ReportState
from scheme.desk import HeldByOther
from scheme.plain_text import ReasonRequired
from scheme.reopening import Reopening, reopened
from tests.scheme.at_the_desk import EVERY_STATE, HELD, NOW, POLICIES, POLICY, REPORT

ANSWERED = replace(REPORT, state=ReportState.ANSWERED)


def test_whoever_opens_it_has_it_from_then_on() -> None:
    until = NOW + timedelta(minutes=POLICY.procedure.hold_minutes)
    assert reopened(ANSWERED, " an objection ", POLICIES, NOW) == Reopening("an objection", until)


@pytest.mark.parametrize("state", sorted(set(EVERY_STATE) - {ReportState.ANSWERED}))
def test_only_what_was_answered_is_opened_again(state: ReportState) -> None:
    with pytest.raises(ForbiddenMove):
        reopened(replace(REPORT, state=state), "an objection", POLICIES, NOW)


def test_not_without_a_reason_nor_while_somebody_else_has_it() -> None:
    with pytest.raises(ReasonRequired):
        reopened(ANSWERED, " \n", POLICIES, NOW)
    with pytest.raises(HeldByOther) as refusal:
        reopened(replace(ANSWERED, **HELD), "an objection", POLICIES, NOW)  # type: ignore[arg-type]  # fields
    assert (refusal.value.display_name, refusal.value.until) == ("李", HELD["held_until"])
