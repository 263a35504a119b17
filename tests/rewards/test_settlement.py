"""R10-R14: whatever was decided, promised and paid before, a settled case pays once and rightly."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.calendar import published_workdays
from pipeline.policies import load_policies
from rewards.settlement import Settlement, Unsettled, settled
from scheme.case import OUT_OF_HAND, OWED, PAID, ReportState, ShareState
from scheme.claw_back import NotDue, clawed_back, is_due_back
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.money import Fen
from scheme.policy import PolicyRef
from scheme.report import Channel

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
POLICIES, DAYS = load_policies(None), published_workdays()
AMOUNT_FEN = Fen(5000)
GOOD, BAD = Verdict.SUBSTANTIATED, Verdict.UNSUBSTANTIATED


@dataclass(frozen=True)
class Report:
    """One report of the case."""

    report_id: str
    receipt_seq: int
    verdict: Verdict | None
    excluded: bool = False
    violated_at: datetime | None = NOW - timedelta(hours=4)
    received_at: datetime = NOW - timedelta(hours=3)
    state: ReportState = ReportState.ANSWERED
    channel: Channel = Channel.WEB
    submitted_to_us_at: datetime | None = None
    substance_policy: PolicyRef | None = None
    ruled: None = None
    reasons: tuple[str, ...] = ("VIOLATION_SEEN",)

    @property
    def report_number(self) -> str:
        """As the reporter knows it."""
        return f"26-{self.receipt_seq:06d}"

    @property
    def decision_id(self) -> str | None:
        """One for each verdict, as superseding decisions have it."""
        return None if self.verdict is None else f"{self.report_id}/{self.verdict}"


@dataclass(frozen=True)
class Share:
    """One person's part."""

    id: str
    person_id: str
    state: ShareState
    amount_fen: Fen = AMOUNT_FEN


@dataclass(frozen=True)
class Row:
    """A reward."""

    id: str
    report_id: str
    live_case_id: str | None
    awarded_at: datetime = NOW - timedelta(hours=1)


@dataclass(frozen=True)
class Reward:
    """With its shares."""

    row: Row
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Written:
    """An answer as it was written."""

    facts: Mapping[str, Any]
    sent_at: datetime | None


@dataclass(frozen=True)
class Case:
    """The whole of it, in memory: what the store keeps."""

    reports: tuple[Report, ...]
    people: Mapping[str, tuple[str, ...]]
    rewards: tuple[Reward, ...] = ()
    written: Mapping[str, tuple[Written, ...]] = field(default_factory=dict)

    def unsettled(self) -> Unsettled[Report]:
        """As it is read."""
        return Unsettled(
            case_id="c",
            reports=self.reports,
            reporters=self.people,
            sharers=self.people,
            live=tuple(reward for reward in self.rewards if reward.row.live_case_id is not None),
            past=tuple(reward for reward in self.rewards if reward.row.live_case_id is None),
            written={one.report_id: self.written.get(one.report_id, ()) for one in self.reports},
        )

    def settlement(self) -> Settlement[Report]:
        """What follows now."""
        return settled(self.unsettled(), POLICIES, DAYS, NOW, fresh_id=_new_id)

    def settled(self) -> "Case":
        """After what follows was written, as the move of the store writes it."""
        follows = self.settlement()
        rewards = {reward.row.id: reward for reward in self.rewards}
        for back in follows.taken_back:
            reward = rewards[back.reward_id]
            shares = tuple(
                replace(share, state=ShareState.CANCELLED) if share.id in back.cancelled else share
                for share in reward.shares
            )
            row = reward.row if back.counts else replace(reward.row, live_case_id=None)
            rewards[back.reward_id] = Reward(row, shares)
        if follows.counts is not None:
            reward = rewards[follows.counts]
            rewards[follows.counts] = replace(reward, row=replace(reward.row, live_case_id="c"))
        if follows.award is not None:
            parts = zip(follows.award.people, follows.award.parts, strict=True)
            shares = tuple(
                Share(part.share_id, person, ShareState.AWARDED, part.amount_fen)
                for person, part in parts
            )
            row = Row(_new_id(), follows.award.report_id, "c", NOW)
            rewards[row.id] = Reward(row, shares)
        written = dict(self.written)
        for answer in follows.to_tell:
            kept = tuple(one for one in written.get(answer.report_id, ()) if one.sent_at)
            new = () if answer.facts is None else (Written(answer.facts, None),)
            written[answer.report_id] = kept + new
        return replace(self, rewards=tuple(rewards.values()), written=written)


_numbers = itertools.count(1)


def _new_id() -> str:
    return f"id{next(_numbers)}"


def case(*verdicts: Verdict | None, people: int = 1) -> Case:
    reports = tuple(Report(f"r{n}", n, verdict) for n, verdict in enumerate(verdicts, start=1))
    named = {one.report_id: tuple(f"{one.report_id}p{n}" for n in range(people)) for one in reports}
    return Case(reports, named)


def paid_for(report_id: str, state: ShareState, *, live: str | None = "c") -> Reward:
    share = Share(_new_id(), f"{report_id}p0", state)
    return Reward(Row(_new_id(), report_id, live), (share,))


def states(settled_case: Case) -> list[tuple[str, list[str], bool]]:
    return [
        (
            reward.row.report_id,
            [share.state.value for share in reward.shares],
            reward.row.live_case_id is not None,
        )
        for reward in settled_case.rewards
    ]


def test_the_first_is_awarded_in_parts_that_sum_to_the_whole_and_everybody_is_told() -> None:
    follows = case(GOOD, GOOD, people=3).settlement()
    assert follows.award is not None
    assert [part.amount_fen for part in follows.award.parts] == [1667, 1667, 1666]
    assert follows.award.report_id == "r1"
    assert [facts["collects"] for facts in follows.award.facts] == [True, False, False]
    entitled = [answer.facts and answer.facts["entitlement"] for answer in follows.to_tell]
    assert entitled == [Entitlement.FIRST, Entitlement.NOT_FIRST]


def test_nobody_is_paid_or_told_while_an_earlier_one_is_undecided() -> None:
    follows = case(None, GOOD).settlement()
    assert follows.award is None
    assert [answer.facts for answer in follows.to_tell] == [None, None]


def test_an_unpaid_reward_of_another_is_taken_back_for_the_first() -> None:
    after = replace(case(GOOD, GOOD), rewards=(paid_for("r2", ShareState.COLLECTED),)).settled()
    assert states(after) == [("r2", ["cancelled"], False), ("r1", ["awarded"], True)]


@pytest.mark.parametrize("state", OUT_OF_HAND)
def test_a_paid_reward_of_another_stands_in_the_way_until_somebody_decides(
    state: ShareState,
) -> None:
    before = replace(case(GOOD, GOOD), rewards=(paid_for("r2", state),))
    (back,) = before.settlement().taken_back
    assert (back.counts, len(back.due_back)) == (True, 1)
    assert states(before.settled()) == [("r2", [state.value], True)]
    told = [answer.facts for answer in before.settlement().to_tell]
    assert told[0] is None  # who would be first waits for the claw-back


def test_of_two_paid_rewards_the_firsts_stays_after_a_merge() -> None:
    other, firsts = (paid_for(name, ShareState.PAID, live=name) for name in ("r2", "r1"))
    after = replace(case(GOOD, GOOD), rewards=(other, firsts)).settled()
    assert states(after) == [("r2", ["paid"], False), ("r1", ["paid"], True)]
    assert [reward.row.live_case_id for reward in after.rewards] == [None, "c"]


def test_of_a_paid_and_an_unpaid_reward_the_paid_one_stays() -> None:
    paid = paid_for("r2", ShareState.PAID_IN_HAND, live="b")
    unpaid = paid_for("r1", ShareState.NOTIFIED)
    after = replace(case(GOOD, GOOD), rewards=(unpaid, paid)).settled()
    assert states(after) == [("r1", ["cancelled"], False), ("r2", ["paid_in_hand"], True)]


def test_a_report_that_had_its_turn_gets_its_old_reward_and_no_second_one() -> None:
    past = paid_for("r1", ShareState.FORFEITED, live=None)
    after = replace(case(GOOD), rewards=(past,)).settled()
    assert states(after) == [("r1", ["forfeited"], True)]


def test_what_comes_back_from_a_batch_of_a_reward_that_counts_no_more_is_dropped() -> None:
    live, past = paid_for("r1", ShareState.PAID), paid_for("r2", ShareState.COLLECTED, live=None)
    after = replace(case(GOOD, GOOD), rewards=(live, past)).settled()
    assert states(after) == [("r1", ["paid"], True), ("r2", ["cancelled"], False)]


def test_an_untouched_reward_is_shared_anew_when_reporters_turn_out_to_be_one() -> None:
    after = replace(case(GOOD, people=2).settled(), people={"r1": ("r1p0",)}).settled()
    assert states(after) == [
        ("r1", ["cancelled", "cancelled"], False),
        ("r1", ["awarded"], True),
    ]


def test_who_was_erased_is_paid_nothing() -> None:
    assert replace(case(GOOD), people={"r1": ()}).settlement().award is None


def test_an_answer_that_was_undone_makes_the_sent_one_true_again() -> None:
    first = case(BAD).settled()
    (written,) = first.written["r1"]
    sent = replace(first, written={"r1": (replace(written, sent_at=NOW),)})
    superseded = replace(sent, reports=case(GOOD).reports).settled()
    assert [one.facts["changed"] for one in superseded.written["r1"]] == [False, True]
    back = replace(superseded, reports=first.reports).settled()
    assert [one.sent_at for one in back.written["r1"]] == [NOW]


@pytest.mark.parametrize(
    ("rewarded", "state", "live", "due"),
    [
        ("r1", ShareState.PAID, "c", False),
        ("r1", ShareState.PAID, None, True),
        ("r2", ShareState.PAID_IN_HAND, "c", True),
        ("r2", ShareState.IN_BATCH, "c", False),
        ("r2", ShareState.AWARDED, None, False),
    ],
)
def test_only_what_was_paid_and_is_not_the_firsts_is_clawed_back(
    rewarded: str, state: ShareState, live: str | None, *, due: bool
) -> None:
    reward, of_case = paid_for(rewarded, state, live=live), case(GOOD, GOOD).reports
    stands = case(GOOD, GOOD).settlement().standing
    assert is_due_back(reward, stands) == due

    def claw_back() -> int:
        share_id = reward.shares[0].id
        back = clawed_back(reward, share_id, of_case, POLICIES, DAYS, " paid wrongly ")
        assert (back.share_id, back.report_id, back.reason) == (share_id, rewarded, "paid wrongly")
        return back.amount_fen

    if due:
        assert claw_back() == AMOUNT_FEN
    else:
        with pytest.raises(NotDue):
            claw_back()


# -- whatever was before ---------------------------------------------------------------------------

REPORTS = st.tuples(
    st.sampled_from([None, GOOD, GOOD, BAD]),
    st.booleans(),  # excluded
    st.sampled_from([NOW - timedelta(hours=4), NOW - timedelta(days=30), None]),
)
LIVE_STATES = [*OWED, *OUT_OF_HAND, ShareState.FORFEITED]


@st.composite
def cases_with_a_past(draw: Callable[..., Any]) -> Case:
    """Up to four reports, at most two rewards that count, and any that count no more."""
    drawn = draw(st.lists(REPORTS, min_size=1, max_size=4))
    reports = tuple(
        Report(f"r{n}", n, verdict, excluded, violated_at)
        for n, (verdict, excluded, violated_at) in enumerate(drawn, start=1)
    )
    names = [report.report_id for report in reports]
    people = {name: tuple(f"{name}p{n}" for n in range(draw(st.integers(0, 3)))) for name in names}
    live = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    past = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    rewards = [
        paid_for(name, draw(st.sampled_from(LIVE_STATES)), live=case_id)
        for name, case_id in zip(live, ("c", "b"), strict=False)
    ]
    rewards += [paid_for(name, draw(st.sampled_from(ShareState)), live=None) for name in past]
    return Case(reports, people, tuple(rewards))


@given(cases_with_a_past())
def test_a_settled_case_promises_one_reward_at_most_and_only_to_the_first(before: Case) -> None:
    after = before.settled()
    live = [reward for reward in after.rewards if reward.row.live_case_id is not None]
    assert len(live) <= 1
    assert all(reward.row.live_case_id == "c" for reward in live)
    owed = [
        (reward, share) for reward in after.rewards for share in reward.shares
        if share.state in OWED
    ]  # fmt: skip
    first = before.settlement().standing.first
    assert sum(share.amount_fen for _, share in owed) in (0, AMOUNT_FEN)
    assert all(
        reward in live and first is not None and reward.row.report_id == first.report_id
        for reward, _ in owed
    )


@given(cases_with_a_past())
def test_settling_twice_gives_nothing_to_do_the_second_time(before: Case) -> None:
    after = before.settled()
    again = after.settlement()
    assert all(back.cancelled == () for back in again.taken_back)
    assert (again.award, again.counts, again.revived) == (None, None, None)
    assert all(answer.facts is None for answer in again.to_tell)
    assert after.settled().rewards == after.rewards


@given(cases_with_a_past())
def test_nothing_that_left_our_hands_is_changed_without_a_person(before: Case) -> None:
    after = {
        share.id: share.state for reward in before.settled().rewards for share in reward.shares
    }
    for reward in before.rewards:
        for share in reward.shares:
            if share.state not in OWED:
                assert after[share.id] is share.state


@given(cases_with_a_past())
def test_nobody_is_told_that_they_are_first_while_anothers_paid_reward_counts(
    before: Case,
) -> None:
    after = before.settled()
    paid_to = {
        reward.row.report_id
        for reward in after.rewards
        if reward.row.live_case_id is not None and any(s.state in PAID for s in reward.shares)
    }
    for report_id, written in after.written.items():
        for answer in written:
            if answer.facts["rewarded"]:
                assert paid_to <= {report_id}
