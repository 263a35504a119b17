"""R11, R14, R16, P9: whatever officers do to several incidents, each pays once and rightly.

``test_interleavings`` keeps to one case; here cases are asked about, joined and parted, claims
corrected into other times and categories, and reporters asked for more, in any order.
"""

import itertools
from collections.abc import Callable
from dataclasses import replace
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

from pipeline.deciding import (
    claw_backs,
    corrections,
    decisions,
    looking,
    one_incident,
    questions,
)
from pipeline.deciding.case_views import CaseView
from pipeline.doors.sweep import sweep
from pipeline.paying import funds
from pipeline.runtime import Work
from pipeline.store import candidates, cases, claims, ledger, reports
from pipeline.store.candidates import CandidateRow
from rewards.collecting import AlreadyCollected, NotCollectable
from scheme.case import OWED, PAID, ForbiddenMove, ReportState, ShareState
from scheme.claw_back import NotDue
from scheme.decision import Verdict
from scheme.one_incident import CategoriesDiffer, InOneCase, NothingToSplit
from scheme.substantiation import NotReopened, OpenCandidates, OutsideScheme
from scheme.undoing import AlreadyPaid, UndoTooLate
from tests.pipeline.deciding.searching import searched
from tests.pipeline.desk import Desk, collected_against

MOST = 5
AMOUNT_FEN = 5000
REFUSED = (
    AlreadyPaid,
    CategoriesDiffer,
    ForbiddenMove,
    InOneCase,
    NotDue,
    NothingToSplit,
    NotReopened,
    OpenCandidates,
    OutsideScheme,
    UndoTooLate,
    AlreadyCollected,
    NotCollectable,
)
_desks = itertools.count()


class Incidents(RuleBasedStateMachine):
    """Up to five reports, of one incident or of several, and officers in any mood."""

    desk_in: ClassVar[Callable[[Path], Desk]]
    folder: ClassVar[Path]
    met: ClassVar[set[str]] = set()
    """Which situations the run came through: a machine that never merges proves nothing."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    @initialize(
        begin=st.sampled_from(["one case", "two cases", "two cases", "joined by an answer"]),
        paid=st.sets(st.sampled_from([0, 1])),
    )
    def open(self, begin: str, paid: set[int]) -> None:
        """Two reports are there, in one case or in two; either is perhaps paid."""
        self.desk = type(self).desk_in(self.folder / str(next(_desks)))
        with self.desk.runtime.write() as work:
            funds.stock_cards(work, self.desk.finance, 1_000_000, knowing=True)
        self.ids.append(self.desk.report())
        together = self.case_of(self.ids[0]) if begin == "one case" else None
        self.ids.append(self.desk.report(case_id=together))
        for number in sorted(paid):
            self.desk.decide(self.ids[number])
            self.time_passes()
            if self.desk.shares(self.ids[number]):
                self.pay(self.ids[number])
        if begin == "joined by an answer":
            self.ask_whether_one(*self.ids)
            self.answer_one(self.open_questions()[0].candidate_id, same=True)

    def teardown(self) -> None:
        """Whatever happened, ledger, shares and audit log say the same."""
        if hasattr(self, "desk"):
            self.desk.books_hold()
            self.desk.runtime.close()

    # -- what happens ------------------------------------------------------------------------------

    @precondition(lambda self: len(self.ids) < MOST)
    @rule(data=st.data(), people=st.integers(1, 3), alone=st.booleans())
    def report(self, data: st.DataObject, people: int, alone: bool) -> None:  # noqa: FBT001 - drawn
        beside = [case.case_id for case in self.incidents() if case.category == "wrong_way"]
        case_id = None if alone or not beside else data.draw(st.sampled_from(beside))
        self.ids.append(self.desk.report(people=people, case_id=case_id))

    @rule(
        data=st.data(),
        verdict=st.sampled_from([Verdict.SUBSTANTIATED] * 3 + [Verdict.UNSUBSTANTIATED]),
    )
    def decide(self, data: st.DataObject, verdict: Verdict) -> None:
        report_id = data.draw(st.sampled_from(self.ids))
        if self.desk.state(report_id) is not ReportState.DECIDED:
            self.unless_refused("decided", lambda: self.desk.decide(report_id, verdict))

    @precondition(lambda self: self.among(ReportState.DECIDED))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        report_id = data.draw(st.sampled_from(self.among(ReportState.DECIDED)))
        self.write(
            "undone",
            lambda work: decisions.undo(work, report_id=report_id, officer=self.desk.officer),
        )

    @precondition(lambda self: self.among(ReportState.ANSWERED))
    @rule(data=st.data(), verdict=st.sampled_from(Verdict))
    def decide_anew(self, data: st.DataObject, verdict: Verdict) -> None:
        report_id = data.draw(st.sampled_from(self.among(ReportState.ANSWERED)))
        self.write(
            "reopened",
            lambda work: decisions.reopen(
                work, report_id=report_id, officer=self.desk.officer, reason="heard more"
            ),
        )
        self.unless_refused("decided anew", lambda: self.desk.decide(report_id, verdict))

    @precondition(lambda self: self.among(ReportState.VERIFIED))
    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        report_id = data.draw(st.sampled_from(self.among(ReportState.VERIFIED)))
        self.write(
            "asked",
            lambda work: questions.ask_for_more(
                work,
                report_id=report_id,
                officer=self.desk.officer,
                row_version=reports.by_id(work.connection, report_id).row_version,
                text="the other side of the bus, please",
            ),
        )

    @rule(
        data=st.data(),
        change=st.sampled_from(
            [
                {"violated_at": timedelta(days=-20)},
                {"violated_at": timedelta(minutes=-1)},
                {"category": "smoking_or_phone"},
                {"category": "wrong_way"},
                {"route": "50"},
            ]
        ),
    )
    def correct(self, data: st.DataObject, change: dict[str, object]) -> None:
        """Other times may be late, other categories are other incidents."""
        report_id = data.draw(st.sampled_from(self.undecided() or self.ids))

        def act(work: Work) -> None:
            report = reports.by_id(work.connection, report_id)
            said = claims.in_force(work.connection, report_id)
            assert said is not None
            assert report.received_at is not None
            new = {
                name: report.received_at + value if isinstance(value, timedelta) else value
                for name, value in change.items()
            }
            corrections.correct_claim(
                work,
                report_id=report_id,
                officer=self.desk.officer,
                row_version=report.row_version,
                claim=replace(said.claim, **new),  # type: ignore[arg-type]  # fields of a claim
                reason="seen in the picture",
            )

        self.write("corrected", act)

    @rule(data=st.data(), excluded=st.booleans())
    def exclude(self, data: st.DataObject, excluded: bool) -> None:  # noqa: FBT001 - drawn
        report_id = data.draw(st.sampled_from(self.ids))
        self.write(
            "excluded",
            lambda work: corrections.exclude(
                work,
                report_id=report_id,
                officer=self.desk.officer,
                reason="own repeat",
                excluded=excluded,
            ),
        )

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        source, into = data.draw(st.permutations(self.ids))[:2]
        self.write(
            "merged",
            lambda work: one_incident.merge(
                work,
                case_id=looking.case_of(work, source),
                into_case_id=looking.case_of(work, into),
                officer=self.desk.officer,
                reason="one bus",
            ),
        )

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        report_id = data.draw(st.sampled_from(self.ids))
        self.write(
            "split",
            lambda work: one_incident.split(
                work, report_id=report_id, officer=self.desk.officer, reason="two buses"
            ),
        )

    @rule(data=st.data(), same=st.booleans())
    def answer(self, data: st.DataObject, same: bool) -> None:  # noqa: FBT001 - drawn
        """Answer an open question, or one that is asked now."""
        self.ask_whether_one(*data.draw(st.permutations(self.ids))[:2])
        questions_now = self.open_questions()
        if questions_now:
            self.answer_one(data.draw(st.sampled_from(questions_now)).candidate_id, same=same)

    @rule()
    def time_passes(self) -> None:
        self.desk.clock.move(seconds=31)
        sweep(self.desk.runtime)

    @precondition(lambda self: self.rewarded(ShareState.NOTIFIED))
    @rule(data=st.data())
    def collect(self, data: st.DataObject) -> None:
        self.pay(data.draw(st.sampled_from(self.rewarded(ShareState.NOTIFIED))))

    @precondition(lambda self: self.rewarded(*PAID))
    @rule(data=st.data())
    def claw_back(self, data: st.DataObject) -> None:
        for share in self.desk.shares(data.draw(st.sampled_from(self.rewarded(*PAID)))):
            self.write(
                "clawed back",
                lambda work, share_id=share.id: claw_backs.claw_back(  # type: ignore[misc]  # bound early, on purpose
                    work, share_id=share_id, officer=self.desk.officer, reason="paid wrongly"
                ),
            )

    # -- how ---------------------------------------------------------------------------------------

    def ask_whether_one(self, one: str, other: str) -> None:
        """Ask whether two reports of different cases are one incident."""
        if self.case_of(one) != self.case_of(other):
            with self.desk.runtime.write() as work:
                candidates.add(work.connection, one, other, ["SIMILAR_MEDIA"], work.now)

    def open_questions(self) -> tuple[CandidateRow, ...]:
        """What nobody has answered yet."""
        with self.desk.runtime.read() as work:
            return candidates.of_reports(work.connection, self.ids, open_only=True)

    def answer_one(self, candidate_id: int, *, same: bool) -> None:
        """Say whether the two are one incident."""
        self.write(
            "answered same" if same else "answered different",
            lambda work: one_incident.answer_candidate(
                work,
                candidate_id=candidate_id,
                officer=self.desk.officer,
                same=same,
                reason="looked at both",
            ),
        )

    def pay(self, report_id: str) -> None:
        """Hand the report's reward over, by card."""
        share = self.desk.shares(report_id)[0]
        self.write(
            "paid",
            lambda work: collected_against(
                work,
                share_id=share.id,
                clerk=self.desk.clerk,
                id_number=f"E1{share.person_id[:12].upper()}",
                in_hand=True,
            ),
        )

    def among(self, *states: ReportState) -> list[str]:
        """The reports in one of the states."""
        return [report_id for report_id in self.ids if self.desk.state(report_id) in states]

    def rewarded(self, *states: ShareState) -> list[str]:
        """The reports whose latest shares are in one of the states."""
        return [i for i in self.ids if any(share.state in states for share in self.desk.shares(i))]

    def case_of(self, report_id: str) -> str:
        """Where the report stands now."""
        with self.desk.runtime.read() as work:
            return looking.case_of(work, report_id)

    def write(self, what: str, act: Callable[[Work], object]) -> None:
        def in_one() -> None:
            with self.desk.runtime.write() as work:
                act(work)

        self.unless_refused(what, in_one)

    def unless_refused(self, what: str, act: Callable[[], object]) -> None:
        try:
            act()
        except REFUSED as refusal:
            self.met.add(type(refusal).__name__)
        else:
            self.met.add(what)

    # -- what always holds -------------------------------------------------------------------------

    @invariant()
    def each_incident_promises_one_reward_and_it_is_the_firsts(self) -> None:
        for case in self.incidents():
            rewards = [case.reward] if case.reward is not None else []
            owed = [
                share.amount_fen
                for reward in (*rewards, *case.past_rewards)
                for share in reward.shares
                if share.state in OWED
            ]
            assert sum(owed) in (0, AMOUNT_FEN)
            first = first_of(case)
            rewarded = case.reward.report_id if case.reward is not None else None
            if owed:
                assert case.reward is not None
                assert rewarded == first
                assert all(share.state in OWED for share in case.reward.shares)
            if rewarded != first:  # only what is paid stays, until somebody claws it back
                assert case.reward is not None
                assert case.reward.claw_back_due
                assert any(share.state in PAID for share in case.reward.shares)
                self.met.add("a claw-back to decide")

    @invariant()
    def what_was_paid_is_the_firsts_or_waits_for_a_claw_back(self) -> None:
        if not self.ids:
            return
        with self.desk.runtime.read() as work:
            due = {reward.reward_id for reward in claw_backs.claw_backs_due(work)}
        for case in self.incidents():
            for reward in (case.reward, *case.past_rewards):
                if reward is None or not any(share.state in PAID for share in reward.shares):
                    continue
                counts = reward.live and reward.report_id == first_of(case)
                assert counts != (reward.reward_id in due)

    @invariant()
    def cases_hold_what_they_are_about(self) -> None:
        for case in self.incidents():
            assert {report.claim.category for report in case.reports} == {case.category}
            with self.desk.runtime.read() as work:
                assert cases.read(work.connection, case.case_id).merged_into is None
                live = ledger.live_reward(work.connection, case.case_id)
            here = {report.report_id for report in case.reports}
            assert live is None or live.report_id in here

    @invariant()
    def the_ledger_holds(self) -> None:
        if self.ids:
            self.desk.ledger_holds()

    def undecided(self) -> list[str]:
        """The reports that an officer may still correct."""
        with self.desk.runtime.read() as work:
            return [
                report_id
                for report_id in self.ids
                if reports.by_id(work.connection, report_id).state is ReportState.VERIFIED
            ]

    def incidents(self) -> list[CaseView]:
        """Every case as its page shows it."""
        with self.desk.runtime.read() as work:
            found = {looking.case_of(work, report_id) for report_id in self.ids}
            return [looking.case_view(work, case_id=case_id) for case_id in sorted(found)]


def first_of(case: CaseView) -> str | None:
    """Who is first, straight from the sentence of R11, without the code under test."""
    for report in case.reports:
        late = report.received_at - (report.violated_at or report.received_at) > timedelta(days=10)
        if late or report.excluded or report.state is ReportState.WITHDRAWN:
            continue
        verdict = report.decision.verdict if report.decision else None
        if verdict is None:
            return None  # it could still be first: everybody after it waits
        if verdict is Verdict.SUBSTANTIATED:
            return report.report_id
    return None


MUST_BE_MET = {
    "answered different",
    "answered same",
    "asked",
    "corrected",
    "decided",
    "decided anew",
    "excluded",
    "merged",
    "paid",
    "reopened",
    "split",
    "undone",
}
"""What the search has to come by, or it proves little."""


def test_whatever_officers_do_each_incident_pays_once_and_rightly(
    desk_in: Callable[[Path], Desk], tmp_path: Path
) -> None:
    Incidents.desk_in, Incidents.folder = staticmethod(desk_in), tmp_path
    searched(Incidents, Incidents.met, MUST_BE_MET, max_examples=25)
