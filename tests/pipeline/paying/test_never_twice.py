"""R11, R14, R18: moves between cases, questions, decisions never cost a reward or turn twice."""

import pytest

from pipeline.deciding import decisions, one_incident, questions
from pipeline.doors import counter
from pipeline.doors.sweep import sweep
from pipeline.paying import batches, funds
from pipeline.store import candidates, events, ledger, reports, transfers
from rewards import collecting as rule
from rewards.ledger import Reason
from scheme.case import ReportState, ShareState
from scheme.decision import Verdict
from scheme.report import Channel
from scheme.substantiation import NotReopened, OpenCandidates
from tests.pipeline.desk import ID_NUMBER, Desk, paid_on_the_spot


def merged(desk: Desk, report_id: str, into: str) -> None:
    with desk.runtime.write() as work:
        one_incident.merge(
            work,
            case_id=desk.case(report_id).case_id,
            into_case_id=desk.case(into).case_id,
            officer=desk.officer,
            reason="one bus",
        )


def split(desk: Desk, report_id: str) -> None:
    with desk.runtime.write() as work:
        one_incident.split(
            work, report_id=report_id, officer=desk.officer, reason="two buses after all"
        )


def batched(desk: Desk) -> str:
    with desk.runtime.write() as work:
        return batches.build_batch(work, desk.finance)


def awarded_fen(desk: Desk, report_id: str) -> int:
    """What was promised for a report and not taken back, over all its rewards."""
    with desk.runtime.read() as work:
        return sum(
            share.amount_fen
            for reward in ledger.rewards_of_report(work.connection, report_id)
            for share in ledger.shares_of(work.connection, reward.id)
            if share.state not in (ShareState.CANCELLED, ShareState.CLAWED_BACK)
        )


def test_a_merge_that_is_split_again_pays_nobody_a_second_time(desk: Desk) -> None:
    first, second = desk.to_be_paid(serial=1), desk.to_be_paid(serial=2)
    batch_id = batched(desk)
    merged(desk, second, into=first)
    split(desk, second)
    assert (awarded_fen(desk, first), awarded_fen(desk, second)) == (5000, 5000)
    assert desk.case(second).reward is not None
    assert desk.case(second).past_rewards == ()
    with desk.runtime.write() as work:
        batches.cancel(work, batch_id, desk.finance)
    assert (awarded_fen(desk, first), awarded_fen(desk, second)) == (5000, 5000)
    desk.ledger_holds()


def test_a_second_reward_that_lay_in_a_batch_falls_away_with_it(desk: Desk) -> None:
    first, second = desk.to_be_paid(serial=1), desk.to_be_paid(serial=2)
    batch_id = batched(desk)
    merged(desk, second, into=first)
    with desk.runtime.write() as work:
        batches.cancel(work, batch_id, desk.finance)
    assert [share.state for share in desk.shares(first)] == [ShareState.COLLECTED]
    assert [share.state for share in desk.shares(second)] == [ShareState.CANCELLED]
    with desk.runtime.read() as work:
        assert funds.balances(work).payable == 5000
    desk.ledger_holds()


def test_a_question_that_nobody_answers_does_not_stop_the_decision(desk: Desk) -> None:
    silent, later = desk.report(), desk.report()
    merged(desk, later, into=silent)
    with desk.runtime.write() as work:
        questions.ask_for_more(
            work,
            report_id=silent,
            officer=desk.officer,
            row_version=reports.by_id(work.connection, silent).row_version,
            text="the other side of the bus, please",
        )
    desk.decide(later)
    assert desk.state(silent) is ReportState.AWAITING_REPORTER
    desk.clock.move(days=4)
    desk.decide(silent, Verdict.UNSUBSTANTIATED)
    assert desk.state(silent) is ReportState.DECIDED
    assert len(desk.shares(later)) == 1


def test_on_the_spot_waits_while_an_earlier_decision_can_be_undone(desk: Desk) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 20000, "first")
        funds.stock_cards(work, desk.finance, 20000, knowing=True)
    earlier = desk.report()
    walk_in = desk.report(channel=Channel.COUNTER)
    merged(desk, walk_in, into=earlier)
    desk.decide(earlier, Verdict.UNSUBSTANTIATED)
    with pytest.raises(counter.EarlierUndecided), desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=walk_in, clerk=desk.clerk, id_number=ID_NUMBER)
    desk.clock.move(seconds=30)
    with desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=walk_in, clerk=desk.clerk, id_number=ID_NUMBER)
    assert [share.state for share in desk.shares(walk_in)] == [ShareState.PAID_IN_HAND]


def test_on_the_spot_a_question_that_came_after_the_decision_is_answered_first(desk: Desk) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 20000, "first")
        funds.stock_cards(work, desk.finance, 20000, knowing=True)
    earlier = desk.report(plate="沪A22222")
    walk_in = desk.report(channel=Channel.COUNTER)
    desk.decide(walk_in)
    with desk.runtime.write() as work:
        candidates.add(work.connection, earlier, walk_in, ["SIMILAR_MEDIA"], work.now)
    with pytest.raises(OpenCandidates), desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=walk_in, clerk=desk.clerk, id_number=ID_NUMBER)
    assert [share.state for share in desk.shares(walk_in)] == [ShareState.AWARDED]


def test_undoing_a_superseding_decision_leaves_the_answer_that_was_given(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    with desk.runtime.write() as work:
        decisions.reopen(work, report_id=report_id, officer=desk.officer, reason="an objection")
    desk.decide(report_id, Verdict.UNSUBSTANTIATED)
    with desk.runtime.write() as work:
        decisions.undo(work, report_id=report_id, officer=desk.officer)
    assert (
        desk.state(report_id) is ReportState.ANSWERED
    )  # what was answered can't be withdrawn any more
    assert awarded_fen(desk, report_id) == 5000
    with pytest.raises(NotReopened):
        desk.decide(report_id, Verdict.UNSUBSTANTIATED)
    desk.ledger_holds()


def test_a_last_day_that_is_filled_in_is_on_record(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    share_id = desk.shares(report_id)[0].id
    with desk.runtime.write() as work:
        ledger.notice_received(work.connection, share_id, at=work.now, collect_by=None)
    sweep(desk.runtime)
    with desk.runtime.read() as work:
        actions = [event.action for event in events.about(work.connection, f"share/{share_id}")]
    assert actions == ["last_day_filled_in"]


def test_a_reinstated_reward_is_paid_once_and_balances_tie(desk: Desk) -> None:
    report_id = desk.to_be_paid()
    share = desk.shares(report_id)[0]
    batch_id = batched(desk)
    with desk.runtime.write() as work:
        batches.cancel(work, batch_id, desk.finance)
    with pytest.raises(rule.AlreadyCollected):
        desk.collected(report_id)
    with desk.runtime.read() as work:
        posted = [
            t.reason for t in transfers.all_transfers(work.connection) if t.share_id == share.id
        ]
    assert posted == [Reason.AWARD, Reason.BATCH, Reason.UNBATCH]
