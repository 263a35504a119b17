"""R6, R9, R13: two people settle what no calendar says, within what any calendar could say."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.deadlines import Bounds, DateKind
from scheme.plain_text import ReasonRequired
from scheme.ruling import (
    FURTHEST,
    AlreadyProposed,
    DayOutOfRange,
    NothingToSettle,
    RulingIncomplete,
    SecondOfficerNeeded,
    Value,
    is_answered,
    proposed,
    require_confirmable,
)
from tests.scheme.at_the_desk import NOW, POLICIES, POLICY

SINCE = NOW - timedelta(days=1)
EARLIEST = datetime(2026, 3, 16, 16, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """What there is to settle."""

    kind: DateKind = DateKind.ANSWER
    counted_from: datetime = SINCE
    bounds: Bounds = Bounds(EARLIEST, None)  # noqa: RUF009 - frozen
    proposal: object | None = None


@dataclass(frozen=True)
class Waiting:
    """A ruling that waits."""

    counted_from: datetime = SINCE
    due_at: datetime | None = EARLIEST
    proposed_by: str = "ann"


def propose(
    asked: Asked | None = Asked(),
    *,
    in_time: bool | None = None,
    day: date | None = None,
    reason: str = " the spring festival ",
) -> Value:
    return proposed(asked, in_time=in_time, day=day, reason=reason, policies=POLICIES, now=NOW)


def test_an_answers_day_ends_at_midnight_and_a_last_day_with_the_counter() -> None:
    answer = propose(day=date(2026, 3, 16))
    assert (answer.due_at, answer.reason) == (EARLIEST, "the spring festival")
    last = propose(Asked(DateKind.LAST_DAY), day=date(2026, 3, 18))
    closes = POLICY.procedure.counter.closes
    assert last.due_at == datetime.combine(date(2026, 3, 18), closes, POLICY.zone)


def test_a_window_is_ruled_by_yes_or_no() -> None:
    assert propose(Asked(DateKind.WINDOW), in_time=False).in_time is False


@pytest.mark.parametrize(
    ("asked", "said", "refusal"),
    [
        (Asked(), {"reason": " "}, ReasonRequired),
        (None, {"day": date(2026, 3, 16)}, NothingToSettle),
        (Asked(proposal="waits"), {"day": date(2026, 3, 16)}, AlreadyProposed),
        (Asked(DateKind.WINDOW), {}, RulingIncomplete),
        (Asked(DateKind.WINDOW), {"in_time": True, "day": date(2026, 3, 16)}, RulingIncomplete),
        (Asked(), {}, RulingIncomplete),
        (Asked(), {"in_time": True, "day": date(2026, 3, 16)}, RulingIncomplete),
        (Asked(), {"day": date(2026, 3, 15)}, DayOutOfRange),
        (Asked(), {"day": date(2026, 4, 17)}, DayOutOfRange),
    ],
)
def test_a_proposal_is_refused_by_name(
    asked: Asked | None, said: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        propose(asked, **said)  # type: ignore[arg-type]  # what a form can hold


def test_a_second_person_confirms_what_is_still_asked() -> None:
    require_confirmable(Waiting(), Asked(), "bob", POLICIES, NOW)
    with pytest.raises(SecondOfficerNeeded):
        require_confirmable(Waiting(), Asked(), "ann", POLICIES, NOW)
    for asked in (None, replace(Asked(), counted_from=NOW)):
        assert is_answered(Waiting(), asked)
        with pytest.raises(NothingToSettle):
            require_confirmable(Waiting(), asked, "bob", POLICIES, NOW)


def test_nobody_forfeits_by_a_day_that_has_passed() -> None:
    asked = Asked(DateKind.LAST_DAY, bounds=Bounds(NOW - timedelta(days=9), None))
    passed = Waiting(due_at=NOW - timedelta(days=1))
    with pytest.raises(DayOutOfRange):
        require_confirmable(passed, asked, "bob", POLICIES, NOW)


@given(st.integers(-10, 60), st.none() | st.integers(0, 60))
def test_no_ruled_day_lies_outside_what_a_calendar_could_say(
    days_on: int, latest_on: int | None
) -> None:
    latest = None if latest_on is None else EARLIEST + timedelta(days=latest_on)
    asked = Asked(bounds=Bounds(EARLIEST, latest))
    day = date(2026, 3, 16) + timedelta(days=days_on)
    last = EARLIEST + FURTHEST if latest is None else min(EARLIEST + FURTHEST, latest)
    ends_at = EARLIEST + timedelta(days=days_on)
    if EARLIEST <= ends_at <= last:
        assert propose(asked, day=day).due_at == ends_at
    else:
        with pytest.raises(DayOutOfRange):
            propose(asked, day=day)
