"""R6, R11: a case stands as its windows, rulings and decisions say, by the pinned policy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from scheme.case import ReportState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement, InTime
from scheme.policy import PolicyRef
from scheme.policy_book import PolicyBook
from scheme.policy_reading import parse_policy
from scheme.report import Channel
from scheme.standing import (
    Standing,
    standing,
    substance_of,
    terms,
    window_by_calendar,
    window_of,
)
from scheme.workdays import Workdays

SHIPPED = files("scheme").joinpath("policies/shanghai-bus-2012.toml").read_text(encoding="utf-8")
FIRST_POLICY = parse_policy(SHIPPED)
SECOND_POLICY = parse_policy(
    SHIPPED.replace('version = "2"', 'version = "3"')
    .replace("2012-10-18T00:00:00+08:00", "2026-03-09T00:00:00+08:00")
    .replace("amount_fen = 5000", "amount_fen = 8000")
)
POLICIES = PolicyBook([FIRST_POLICY, SECOND_POLICY])
DAYS = Workdays(holidays=frozenset(), shifted=frozenset(), years=frozenset({2026}))
VIOLATED_AT = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
"""A Tuesday: the window closes on Friday 13 March at 24:00 in Shanghai."""

CLOSES_AT = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ruled:
    """What two people ruled of a window."""

    about: datetime
    in_time: bool


@dataclass(frozen=True)
class Report:
    """One report of the case."""

    receipt_seq: int
    verdict: Verdict | None = Verdict.SUBSTANTIATED
    received_at: datetime = VIOLATED_AT + timedelta(hours=2)
    violated_at: datetime | None = VIOLATED_AT
    submitted_to_us_at: datetime | None = None
    substance_policy: PolicyRef | None = None
    ruled: Ruled | None = None
    excluded: bool = False
    state: ReportState = ReportState.ANSWERED
    channel: Channel = Channel.WEB

    @property
    def report_id(self) -> str:
        """Its place in line stands for it."""
        return f"report {self.receipt_seq}"


def stands(*reports: Report) -> Standing[Report]:
    return standing(reports, POLICIES, DAYS)


def test_the_window_counts_from_the_violation_to_when_it_reached_us() -> None:
    last_moment = Report(1, received_at=CLOSES_AT - timedelta(seconds=1))
    assert window_of(last_moment, POLICIES, DAYS) is InTime.YES
    too_late = replace(last_moment, received_at=CLOSES_AT)
    assert window_of(too_late, POLICIES, DAYS) is InTime.NO
    handed_over_before = replace(too_late, submitted_to_us_at=CLOSES_AT - timedelta(days=1))
    assert window_of(handed_over_before, POLICIES, DAYS) is InTime.YES
    timeless = replace(too_late, violated_at=None)
    assert window_of(timeless, POLICIES, DAYS) is InTime.UNKNOWN


def test_a_ruling_counts_for_the_very_violation_that_it_was_made_about() -> None:
    late = Report(1, received_at=CLOSES_AT, ruled=Ruled(VIOLATED_AT, in_time=True))
    assert window_of(late, POLICIES, DAYS) is InTime.YES
    assert window_by_calendar(late, POLICIES, DAYS) is InTime.NO
    corrected = replace(late, violated_at=VIOLATED_AT - timedelta(days=1))
    assert window_of(corrected, POLICIES, DAYS) is InTime.NO


def test_where_no_calendar_reaches_nobody_guesses_unless_two_people_ruled() -> None:
    beyond = Report(
        1,
        violated_at=datetime(2027, 1, 4, 0, 0, tzinfo=UTC),
        received_at=datetime(2027, 1, 11, 0, 0, tzinfo=UTC),
    )
    assert window_of(beyond, POLICIES, DAYS) is InTime.UNKNOWN
    assert stands(beyond).entitlements[beyond.report_id] is Entitlement.WAITING
    ruled = replace(beyond, ruled=Ruled(datetime(2027, 1, 4, 0, 0, tzinfo=UTC), in_time=True))
    assert stands(ruled).first == ruled


def test_the_policy_pinned_to_a_report_judges_it_else_that_of_its_violation() -> None:
    assert substance_of(Report(1), POLICIES) is SECOND_POLICY
    assert substance_of(Report(1, substance_policy=FIRST_POLICY.ref), POLICIES) is FIRST_POLICY
    before = Report(1, violated_at=datetime(2026, 3, 8, 0, 0, tzinfo=UTC))
    assert substance_of(before, POLICIES) is FIRST_POLICY
    assert substance_of(replace(before, violated_at=None), POLICIES) is SECOND_POLICY


def test_the_terms_are_the_first_reports_substance_and_the_procedure_of_now() -> None:
    first = Report(1, substance_policy=FIRST_POLICY.ref)
    agreed = terms((first, Report(2)), POLICIES, DAYS, NOW)
    assert agreed.first == first
    assert agreed.substance is FIRST_POLICY
    assert agreed.procedure is SECOND_POLICY
    undo = timedelta(seconds=SECOND_POLICY.procedure.undo_seconds)
    assert agreed.send_after == NOW + undo
    nobody = terms((replace(first, verdict=Verdict.UNSUBSTANTIATED),), POLICIES, DAYS, NOW)
    assert (nobody.first, nobody.substance) == (None, None)


def test_a_withdrawn_or_excluded_report_leaves_the_line_to_the_next() -> None:
    ahead, behind = Report(1), Report(2)
    assert stands(ahead, behind).first == ahead
    assert stands(replace(ahead, state=ReportState.WITHDRAWN), behind).first == behind
    assert stands(replace(ahead, excluded=True), behind).first == behind


REPORTS = st.lists(
    st.builds(
        Report,
        receipt_seq=st.integers(1, 99),
        verdict=st.sampled_from([None, *Verdict]),
        received_at=st.sampled_from([VIOLATED_AT + timedelta(hours=1), CLOSES_AT]),
        excluded=st.booleans(),
        state=st.sampled_from([ReportState.ANSWERED, ReportState.WITHDRAWN]),
        ruled=st.sampled_from([None, Ruled(VIOLATED_AT, in_time=True)]),
    ),
    max_size=6,
    unique_by=lambda report: report.receipt_seq,
)


@given(REPORTS)
def test_at_most_one_is_first_and_that_one_is_substantiated_and_in_time(
    reports: Sequence[Report],
) -> None:
    stood = stands(*reports)
    firsts = [r for r in reports if stood.entitlements[r.report_id] is Entitlement.FIRST]
    assert [report for report in firsts if report != stood.first] == []
    for report in firsts:
        assert report.verdict is Verdict.SUBSTANTIATED
        assert stood.windows[report.report_id] is InTime.YES
        assert not report.excluded
        assert report.state is not ReportState.WITHDRAWN
    assert set(stood.entitlements) == set(stood.windows) == {r.report_id for r in reports}
    for report in reports:
        undecided = stood.entitlements[report.report_id] is None
        assert undecided is (report.verdict is None)
