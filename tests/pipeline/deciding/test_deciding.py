"""R11, R12, R14, R18: who is first, what follows from a decision, and what stands in its way."""

from datetime import UTC, datetime

import pytest

from pipeline.answering.delivering import deliver_due
from pipeline.deciding import (
    corrections,
    decisions,
    holding,
    one_incident,
    questions,
    waiting,
)
from pipeline.doors.sweep import sweep
from pipeline.store import candidates, notices, reports
from pipeline.store.notices import NoticeRow
from scheme.case import ForbiddenMove, ReportState, ShareState, StaleVersion
from scheme.decision import UnknownReason, Verdict
from scheme.desk import HeldByOther
from scheme.entitlement import Entitlement
from scheme.one_incident import AlreadyAnswered, NothingToSplit
from scheme.substantiation import EarlierReportUnread, NotReopened, OpenCandidates
from scheme.undoing import NotDecidedByYou, UndoTooLate
from tests.pipeline.desk import Desk

SUBSTANTIATED, UNSUBSTANTIATED = Verdict.SUBSTANTIATED, Verdict.UNSUBSTANTIATED


def answers(desk: Desk, report_id: str) -> tuple[NoticeRow, ...]:
    with desk.runtime.read() as work:
        return notices.of_report(work.connection, report_id, "answer")


def test_the_first_substantiated_report_is_rewarded_told_and_answered(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    (share,) = desk.shares(report_id)
    assert (share.state, share.amount_fen) == (ShareState.AWARDED, 5000)
    assert desk.state(report_id) is ReportState.DECIDED
    desk.tell()
    (share,) = desk.shares(report_id)
    assert share.state is ShareState.NOTIFIED
    assert share.collect_by is None  # the 15 days begin when the notice is received
    assert desk.state(report_id) is ReportState.ANSWERED
    desk.ledger_holds()


def test_nothing_leaves_before_the_time_for_undoing_is_over(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.clock.move(seconds=29)
    deliver_due(desk.runtime)
    assert desk.state(report_id) is ReportState.DECIDED
    desk.clock.move(seconds=1)
    deliver_due(desk.runtime)
    assert desk.state(report_id) is ReportState.ANSWERED


def test_three_joint_reporters_share_fifty_yuan_and_the_first_named_collects(desk: Desk) -> None:
    report_id = desk.report(people=3)
    desk.decide(report_id)
    assert [share.amount_fen for share in desk.shares(report_id)] == [1667, 1667, 1666]
    desk.tell()
    assert {share.state for share in desk.shares(report_id)} == {ShareState.NOTIFIED}
    collected = desk.collected(report_id)
    assert collected.slip == (1667, 1667, 1666)
    assert {share.state for share in desk.shares(report_id)} == {ShareState.COLLECTED}
    desk.ledger_holds()


def test_a_later_report_waits_in_silence_while_an_earlier_one_is_undecided(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(second)
    desk.tell()
    assert desk.state(second) is ReportState.DECIDED
    assert answers(desk, second) == ()
    assert desk.shares(second) == ()
    view = desk.case(second)
    assert view.reports[1].entitlement is Entitlement.WAITING


def test_the_decision_on_the_earlier_one_answers_both(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(second)
    desk.decide(first)
    desk.tell()
    assert desk.state(first) is desk.state(second) is ReportState.ANSWERED
    assert [a.facts["entitlement"] for a in answers(desk, first)] == ["first"]
    assert [a.facts["entitlement"] for a in answers(desk, second)] == ["not_first"]
    assert len(desk.shares(first)) == 1
    assert desk.shares(second) == ()


def test_an_earlier_one_that_is_not_substantiated_makes_the_waiting_one_first(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(second)
    desk.decide(first, UNSUBSTANTIATED)
    assert desk.shares(first) == ()
    assert [share.state for share in desk.shares(second)] == [ShareState.AWARDED]
    desk.ledger_holds()


def test_undoing_takes_the_reward_and_the_answers_back(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(second)
    desk.decide(first, UNSUBSTANTIATED)
    with desk.runtime.write() as work:
        decisions.undo(work, report_id=first, officer=desk.officer)
    assert desk.state(first) is ReportState.VERIFIED
    assert [share.state for share in desk.shares(second)] == [ShareState.CANCELLED]
    assert desk.tell() == 2  # the two receipts, no answer and no reward
    assert desk.state(second) is ReportState.DECIDED
    desk.ledger_holds()


def test_undo_ends_with_its_seconds_and_belongs_to_who_decided(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    with pytest.raises(NotDecidedByYou), desk.runtime.write() as work:
        decisions.undo(work, report_id=report_id, officer=desk.other_officer)
    desk.clock.move(seconds=30)
    with pytest.raises(UndoTooLate), desk.runtime.write() as work:
        decisions.undo(work, report_id=report_id, officer=desk.officer)


def test_late_material_is_decided_and_answered_but_not_paid(desk: Desk) -> None:
    # Thursday 5 March: its third working day is Tuesday 10 March, which ends at 16:00 UTC.
    for violated_at, rewarded in (
        (datetime(2026, 3, 5, 1, tzinfo=UTC), 1),
        (datetime(2026, 3, 4, 1, tzinfo=UTC), 0),
    ):
        report_id = desk.report(violated_at=violated_at, plate=f"沪C0000{rewarded}")
        desk.decide(report_id)
        desk.tell()
        assert desk.state(report_id) is ReportState.ANSWERED
        assert len(desk.shares(report_id)) == rewarded
        assert answers(desk, report_id)[0].facts["entitlement"] == ("first" if rewarded else "late")


def test_a_report_is_not_substantiated_while_an_earlier_one_is_unread(desk: Desk) -> None:
    unread = desk.submit()
    report_id = desk.report()
    other_bus = desk.report(plate="沪A99999")
    desk.decide(other_bus)
    with pytest.raises(EarlierReportUnread):
        desk.decide(report_id)
    desk.decide(report_id, UNSUBSTANTIATED)  # only paying has to wait
    desk.verify(unread)


def test_open_questions_of_the_case_refuse_substantiation_of_either(desk: Desk) -> None:
    one, other = desk.report(), desk.report()
    with desk.runtime.write() as work:
        candidates.add(work.connection, one, other, ["SAME_INCIDENT_CANDIDATE"], work.now)
    for report_id in (one, other):
        with pytest.raises(OpenCandidates):
            desk.decide(report_id)
    (question,) = desk.case(one).candidates
    with desk.runtime.write() as work:
        one_incident.answer_candidate(
            work,
            candidate_id=question.candidate_id,
            officer=desk.officer,
            same=True,
            reason="same bus",
        )
    with pytest.raises(AlreadyAnswered), desk.runtime.write() as work:
        one_incident.answer_candidate(
            work, candidate_id=question.candidate_id, officer=desk.officer, same=False, reason="no"
        )
    assert desk.case(one).case_id == desk.case(other).case_id
    desk.decide(other)
    desk.decide(one)
    assert len(desk.shares(one)) == 1
    assert desk.shares(other) == ()


def test_reasons_are_required_and_must_fit_the_verdict(desk: Desk) -> None:
    report_id = desk.report()
    tried: tuple[list[str], ...] = ([], ["NO_VIOLATION"], ["MADE_UP"])
    for reasons in tried:
        with pytest.raises(UnknownReason), desk.runtime.write() as work:
            decisions.decide(
                work,
                report_id=report_id,
                officer=desk.officer,
                row_version=reports.by_id(work.connection, report_id).row_version,
                verdict=SUBSTANTIATED,
                reasons=reasons,
            )
    assert desk.state(report_id) is ReportState.VERIFIED


def test_two_officers_never_overwrite_each_other(desk: Desk) -> None:
    report_id = desk.report()
    seen = desk.case(report_id).reports[0].row_version
    with desk.runtime.write() as work:
        questions.ask_for_more(
            work,
            report_id=report_id,
            officer=desk.officer,
            row_version=seen,
            text="a close-up of the plate",
        )
    with pytest.raises(StaleVersion), desk.runtime.write() as work:
        decisions.decide(
            work,
            report_id=report_id,
            officer=desk.other_officer,
            row_version=seen,
            verdict=UNSUBSTANTIATED,
            reasons=["NO_VIOLATION"],
        )


def test_who_holds_a_report_is_named_to_others_until_the_hold_ends(desk: Desk) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work:
        assert holding.take_next(work, desk.officer) == report_id
        assert holding.take_next(work, desk.other_officer) is None
        with pytest.raises(HeldByOther) as refusal:
            holding.hold(work, report_id, desk.other_officer)
    assert refusal.value.display_name == desk.officer.display_name
    with pytest.raises(HeldByOther):
        desk.decide(report_id, officer=desk.other_officer)
    desk.clock.move(minutes=15)
    desk.decide(report_id, officer=desk.other_officer)


def test_an_answered_report_is_only_decided_again_after_reopening(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    with pytest.raises(NotReopened):
        desk.decide(report_id, UNSUBSTANTIATED)
    with desk.runtime.write() as work:
        decisions.reopen(work, report_id=report_id, officer=desk.officer, reason="false evidence")
    desk.decide(report_id, UNSUBSTANTIATED)
    assert [share.state for share in desk.shares(report_id)] == [ShareState.CANCELLED]
    desk.tell()
    assert desk.state(report_id) is ReportState.ANSWERED
    assert [a.facts["changed"] for a in answers(desk, report_id)] == [False, True]
    with pytest.raises(NotReopened):
        desk.decide(report_id)
    desk.ledger_holds()


def test_a_draft_or_an_unread_report_is_not_decided(desk: Desk) -> None:
    report_id = desk.submit()
    with pytest.raises(ForbiddenMove):
        desk.decide(report_id, UNSUBSTANTIATED)


def test_excluding_the_first_report_makes_the_second_first(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(first)
    desk.decide(second)
    desk.tell()
    with desk.runtime.write() as work:
        corrections.exclude(work, report_id=first, officer=desk.officer, reason="own repeat")
    assert [share.state for share in desk.shares(first)] == [ShareState.CANCELLED]
    assert [share.state for share in desk.shares(second)] == [ShareState.AWARDED]
    desk.tell()
    assert answers(desk, second)[-1].facts["entitlement"] == "first"
    desk.ledger_holds()


def test_a_withdrawn_earlier_report_frees_the_waiting_one_at_the_next_sweep(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(second)
    with desk.runtime.write() as work:
        reports.move(work.connection, first, ReportState.WITHDRAWN)
    sweep(desk.runtime)
    assert [share.state for share in desk.shares(second)] == [ShareState.AWARDED]


def test_splitting_takes_the_reward_along_and_both_cases_are_settled(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(first)
    desk.decide(second)
    with desk.runtime.write() as work:
        one_incident.split(work, report_id=first, officer=desk.officer, reason="another bus")
    assert desk.case(first).case_id != desk.case(second).case_id
    for report_id in (first, second):
        assert [share.state for share in desk.shares(report_id)] == [ShareState.AWARDED]
    with pytest.raises(NothingToSplit), desk.runtime.write() as work:
        one_incident.split(work, report_id=first, officer=desk.officer, reason="again")
    desk.ledger_holds()


def test_merging_two_rewarded_cases_leaves_the_first_reports_reward(desk: Desk) -> None:
    first, second = desk.report(), desk.report()
    desk.decide(first)
    desk.decide(second)
    desk.tell()
    with desk.runtime.write() as work:
        one_incident.merge(
            work,
            case_id=desk.case(first).case_id,
            into_case_id=desk.case(second).case_id,
            officer=desk.officer,
            reason="one incident",
        )
    assert [share.state for share in desk.shares(first)] == [ShareState.NOTIFIED]
    assert [share.state for share in desk.shares(second)] == [ShareState.CANCELLED]
    assert desk.case(first).merged
    desk.tell()
    assert answers(desk, second)[-1].facts["entitlement"] == "not_first"
    desk.ledger_holds()


def test_the_case_page_shows_the_whole_case(desk: Desk) -> None:
    first = desk.report(people=2)
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(first)
    view = desk.case(second)
    assert [report.report_id for report in view.reports] == [first, second]
    assert view.reports[0].reporters == 2
    assert view.reports[0].undo_until is not None
    assert view.reports[0].decisions[0].officer == desk.officer.display_name
    assert [sight.sight for sight in view.reports[0].sights] == [
        "violation",
        "route",
        "plate",
        "place",
        "time",
    ]
    assert view.reward is not None
    assert [share.amount_fen for share in view.reward.shares] == [2500, 2500]
    assert "report_decided" in [event.action for event in view.history]


def test_the_queue_is_sorted_by_due_time_and_found_by_plate(desk: Desk) -> None:
    ids = [desk.report(plate=f"沪A0000{n}") for n in range(3)]
    with desk.runtime.read() as work:
        page = waiting.queue(work)
        assert [row.report_id for row in page.rows] == ids
        found = waiting.queue(work, filter=waiting.QueueFilter(text="A00002"))
        assert [row.plate for row in found.rows] == ["沪A00002"]
        assert waiting.queue(work, filter=waiting.QueueFilter(text="%")).total == 0
        assert waiting.overview(work).waiting == 3
