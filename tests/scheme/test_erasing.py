"""P22: nobody is erased whom somebody still has to reach, pay or answer."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.calendar import published_workdays
from pipeline.policies import load_policies
from scheme.case import OWED, PAID, ReportState, ShareState
from scheme.decision import Verdict
from scheme.erasing import CaseOpen, MoneyOwed, Sent, require_nothing_open
from scheme.money import Fen
from scheme.policy import PolicyRef
from scheme.report import Channel

POLICIES, DAYS = load_policies(None), published_workdays()
AT = datetime(2026, 3, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Report:
    """A report as its case sees it."""

    report_id: str
    receipt_seq: int
    verdict: Verdict | None = Verdict.SUBSTANTIATED
    state: ReportState = ReportState.ANSWERED
    channel: Channel = Channel.WEB
    received_at: datetime = AT
    submitted_to_us_at: datetime | None = None
    violated_at: datetime | None = AT
    substance_policy: PolicyRef | None = None
    excluded: bool = False
    ruled: None = None


@dataclass(frozen=True)
class Share:
    """One person's part."""

    state: ShareState
    id: str = "s"
    person_id: str = "p"
    amount_fen: Fen = Fen(5000)  # noqa: RUF009 - an int


@dataclass(frozen=True)
class Row:
    """A reward that counts."""

    report_id: str
    id: str = "w"
    live_case_id: str | None = "c"
    awarded_at: datetime = AT


@dataclass(frozen=True)
class Reward:
    """With its shares."""

    row: Row
    shares: tuple[Share, ...]


def sent(
    state: ReportState, *shares: ShareState, report_id: str = "r1", earlier: bool = False
) -> Sent[Report]:
    rewards = (Reward(Row(report_id), tuple(Share(state) for state in shares)),) if shares else ()
    of_case = (Report("r0", 0), Report("r1", 1)) if earlier else (Report("r1", 1),)
    return Sent(f"26-{report_id}", state, rewards, of_case)


def require(*reports: Sent[Report]) -> None:
    require_nothing_open(reports, POLICIES, DAYS)


def test_who_has_everything_behind_them_can_be_erased() -> None:
    require()
    require(
        sent(ReportState.WITHDRAWN),
        sent(ReportState.ANSWERED, ShareState.PAID),
        sent(ReportState.ANSWERED, ShareState.FORFEITED, ShareState.CANCELLED),
    )


def test_all_that_is_open_is_named_answers_first() -> None:
    with pytest.raises(CaseOpen, match="26-r1, 26-r2"):
        require(
            sent(ReportState.VERIFIED),
            sent(ReportState.DECIDED, report_id="r2"),
            sent(ReportState.ANSWERED, ShareState.AWARDED),
        )
    with pytest.raises(MoneyOwed, match="26-r1"):
        require(sent(ReportState.ANSWERED, ShareState.IN_BATCH))


def test_what_is_to_be_given_back_is_owed_too() -> None:
    with pytest.raises(MoneyOwed):
        require(sent(ReportState.ANSWERED, ShareState.PAID_IN_HAND, earlier=True))


@given(
    st.sampled_from(ReportState),
    st.lists(st.sampled_from(ShareState), max_size=3),
    st.booleans(),
)
def test_nobody_is_erased_while_an_answer_or_money_is_on_its_way(
    state: ReportState,
    shares: list[ShareState],
    earlier: bool,  # noqa: FBT001 - drawn
) -> None:
    report = sent(state, *shares, earlier=earlier)
    answered = state in (ReportState.ANSWERED, ReportState.WITHDRAWN)
    on_its_way = {*shares} & {*OWED, ShareState.IN_BATCH}
    given_back = earlier and {*shares} & {*PAID}
    if not answered:
        with pytest.raises(CaseOpen):
            require(report)
    elif on_its_way or given_back:
        with pytest.raises(MoneyOwed):
            require(report)
    else:
        require(report)
