"""R11, P9: whatever up to five reports' order and fate, one reward, the right one."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from pipeline.deciding import claw_backs, corrections, decisions, looking
from pipeline.doors.sweep import sweep
from pipeline.paying import awarding, funds
from pipeline.runtime import Work
from pipeline.store import ledger, reports
from rewards.collecting import AlreadyCollected, NotCollectable
from scheme.case import ForbiddenMove, ReportState, ShareState
from scheme.claw_back import NotDue
from scheme.decision import Verdict
from scheme.substantiation import EarlierReportUnread, NotReopened
from scheme.undoing import AlreadyPaid, UndoTooLate
from tests.pipeline.deciding.searching import searched
from tests.pipeline.desk import Desk, collected_against

MOST = 5
PAID = (ShareState.PAID, ShareState.PAID_IN_HAND)
OWED = (
    ShareState.AWARDED,
    ShareState.NOTIFIED,
    ShareState.COLLECTED,
    ShareState.IN_BATCH,
    ShareState.REINSTATED,
)
REFUSED = (
    EarlierReportUnread,
    NotReopened,
    UndoTooLate,
    AlreadyPaid,
    NotDue,
    ForbiddenMove,
    AlreadyCollected,
    NotCollectable,
)
UNREAD, VERIFIED, DECIDED, ANSWERED, WITHDRAWN = (
    ReportState.RECEIVED,
    ReportState.VERIFIED,
    ReportState.DECIDED,
    ReportState.ANSWERED,
    ReportState.WITHDRAWN,
)
_desks = itertools.count()


class OneCase(RuleBasedStateMachine):
    """Up to five reports of one incident, and officers in any mood."""

    desk_in: ClassVar[Callable[[Path], Desk]]
    folder: ClassVar[Path]
    seen: ClassVar[set[str]] = set()
    """Which situations the run came through: a machine that never pays proves nothing."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.case_id: str | None = None

    @initialize(early=st.integers(1, 3), people=st.integers(1, 3), paid=st.booleans())
    def open(self, early: int, people: int, paid: bool) -> None:  # noqa: FBT001 - drawn
        """Some reports are there and verified already, the first one perhaps paid."""
        self.desk = type(self).desk_in(self.folder / str(next(_desks)))
        with self.desk.runtime.write() as work:
            funds.stock_cards(work, self.desk.finance, 1_000_000, knowing=True)
        for _ in range(early):
            self.submit(people=people, late=False, read=True)
        if paid:
            self.desk.decide(self.ids[0])
            self.time_passes()
            self.pay(self.ids[0], in_hand=True)

    def teardown(self) -> None:
        """Let the installation go."""
        if hasattr(self, "desk"):
            self.desk.runtime.close()

    # -- what happens ------------------------------------------------------------------------------

    @precondition(lambda self: len(self.ids) < MOST)
    @rule(people=st.integers(1, 3), late=st.booleans(), read=st.booleans())
    def submit(self, people: int, late: bool, read: bool) -> None:  # noqa: FBT001 - drawn
        violated_at = self.desk.clock.at - timedelta(days=20 if late else 0, hours=1)
        report_id = self.desk.submit(people=people, violated_at=violated_at)
        self.ids.append(report_id)
        if read and not self.among(UNREAD)[:-1]:
            self.case_id = self.desk.verify(report_id, self.case_id)

    @precondition(lambda self: self.among(UNREAD))
    @rule(data=st.data())
    def verify(self, data: st.DataObject) -> None:
        self.case_id = self.desk.verify(
            data.draw(st.sampled_from(self.among(UNREAD))), self.case_id
        )

    @precondition(lambda self: self.among(VERIFIED))
    @rule(
        data=st.data(),
        verdict=st.sampled_from([Verdict.SUBSTANTIATED] * 3 + [Verdict.UNSUBSTANTIATED]),
    )
    def decide(self, data: st.DataObject, verdict: Verdict) -> None:
        report_id = data.draw(st.sampled_from(self.among(VERIFIED)))
        self.unless_refused(lambda: self.desk.decide(report_id, verdict))

    @precondition(lambda self: self.among(DECIDED))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        report_id = data.draw(st.sampled_from(self.among(DECIDED)))
        self.write(
            lambda work: decisions.undo(work, report_id=report_id, officer=self.desk.officer)
        )

    @precondition(lambda self: self.among(ANSWERED))
    @rule(data=st.data(), verdict=st.sampled_from(Verdict))
    def decide_anew(self, data: st.DataObject, verdict: Verdict) -> None:
        report_id = data.draw(st.sampled_from(self.among(ANSWERED)))
        with self.desk.runtime.write() as work:
            decisions.reopen(
                work, report_id=report_id, officer=self.desk.officer, reason="heard more"
            )
        self.unless_refused(lambda: self.desk.decide(report_id, verdict))

    @precondition(lambda self: self.among(VERIFIED, DECIDED, ANSWERED))
    @rule(data=st.data(), excluded=st.booleans())
    def exclude(self, data: st.DataObject, excluded: bool) -> None:  # noqa: FBT001 - drawn
        report_id = data.draw(st.sampled_from(self.among(VERIFIED, DECIDED, ANSWERED)))
        with self.desk.runtime.write() as work:
            corrections.exclude(
                work,
                report_id=report_id,
                officer=self.desk.officer,
                reason="rule",
                excluded=excluded,
            )

    @precondition(lambda self: self.among(UNREAD, VERIFIED) and not self.among(WITHDRAWN))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        report_id = data.draw(st.sampled_from(self.among(UNREAD, VERIFIED)))
        with self.desk.runtime.write() as work:
            reports.move(work.connection, report_id, WITHDRAWN)
            if self.case_id is not None:
                awarding.settle_case(work, self.case_id, actor="reporter")

    @rule()
    def time_passes(self) -> None:
        self.desk.clock.move(seconds=31)
        sweep(self.desk.runtime)

    @precondition(lambda self: self.rewarded(ShareState.NOTIFIED))
    @rule(data=st.data(), in_hand=st.booleans())
    def collect(self, data: st.DataObject, in_hand: bool) -> None:  # noqa: FBT001 - drawn
        self.pay(data.draw(st.sampled_from(self.rewarded(ShareState.NOTIFIED))), in_hand=in_hand)

    @precondition(lambda self: self.rewarded(*PAID))
    @rule(data=st.data())
    def claw_back(self, data: st.DataObject) -> None:
        for share in self.desk.shares(data.draw(st.sampled_from(self.rewarded(*PAID)))):
            self.write(
                lambda work, share_id=share.id: claw_backs.claw_back(  # type: ignore[misc]  # bound early, on purpose
                    work, share_id=share_id, officer=self.desk.officer, reason="paid wrongly"
                )
            )

    def pay(self, report_id: str, *, in_hand: bool) -> None:
        """Collect the report's reward."""
        share = self.desk.shares(report_id)[0]
        self.write(
            lambda work: collected_against(
                work,
                share_id=share.id,
                clerk=self.desk.clerk,
                id_number=f"E1{share.person_id[:12].upper()}",
                account={"card_number": "12345678"},
                in_hand=in_hand,
            )
        )

    def among(self, *states: ReportState) -> list[str]:
        """The reports in one of the states."""
        return [report_id for report_id in self.ids if self.desk.state(report_id) in states]

    def rewarded(self, *states: ShareState) -> list[str]:
        """The reports whose latest shares are in one of the states."""
        return [i for i in self.ids if any(share.state in states for share in self.desk.shares(i))]

    def write(self, act: Callable[[Work], object]) -> None:
        def in_one() -> None:
            with self.desk.runtime.write() as work:
                act(work)

        self.unless_refused(in_one)

    @staticmethod
    def unless_refused(act: Callable[[], object]) -> None:
        try:
            act()
        except REFUSED:
            return

    # -- what always holds -------------------------------------------------------------------------

    @invariant()
    def there_is_one_reward_and_it_is_the_firsts(self) -> None:
        if self.case_id is None:
            return
        with self.desk.runtime.read() as work:
            rewards = ledger.rewards_of_case(work.connection, self.case_id)
            shares = {reward.id: ledger.shares_of(work.connection, reward.id) for reward in rewards}
        live = [reward for reward in rewards if reward.live_case_id is not None]
        counted = [s for of in shares.values() for s in of if s.state in (*OWED, *PAID)]
        assert len(live) <= 1
        assert sum(share.amount_fen for share in counted) == (5000 if live else 0)
        first = self.first()
        rewarded = live[0].report_id if live else None
        if rewarded != first:  # only what is paid already stays, until somebody claws it back
            assert rewarded is not None
            assert all(
                share.state in PAID for share in shares[live[0].id] if share.state in (*OWED, *PAID)
            )
        self.seen.update(share.state.value for of in shares.values() for share in of)
        self.seen.update({"a claw-back to decide"} if rewarded != first else ())

    @invariant()
    def the_ledger_holds(self) -> None:
        self.desk.ledger_holds()

    def first(self) -> str | None:
        """Who is first, straight from the sentence of R11, without the code under test."""
        with self.desk.runtime.read() as work:
            view = looking.case_view(work, case_id=self.case_id or "")
        for report in view.reports:
            late = report.received_at - (report.violated_at or report.received_at) > timedelta(
                days=10
            )
            if late or report.excluded or report.state is ReportState.WITHDRAWN:
                continue
            verdict = report.decision.verdict if report.decision else None
            if verdict is None:
                return None  # it could still be first: everybody after it waits
            if verdict is Verdict.SUBSTANTIATED:
                return report.report_id
        return None


MUST_BE_MET = {
    "awarded",
    "cancelled",
    "paid_in_hand",
    "clawed_back",
    "a claw-back to decide",
}
"""What the search has to come by, or it proves little."""


def test_any_interleaving_pays_at_most_once_and_the_right_one(
    desk_in: Callable[[Path], Desk], tmp_path: Path
) -> None:
    OneCase.desk_in, OneCase.folder = staticmethod(desk_in), tmp_path
    searched(OneCase, OneCase.seen, MUST_BE_MET, max_examples=40)
