"""R8, R13: against an ID, until the last moment, by another person than who decided.

And what comes after.
"""

from datetime import timedelta
from typing import Any

import pytest

from pipeline.answering import arriving
from pipeline.deciding import claw_backs, decisions, one_incident, waiting
from pipeline.doors import counter
from pipeline.paying import collecting, funds, presenting, waiting_rewards
from pipeline.paying.awarding import notice_received
from pipeline.store import transfers
from rewards import collecting as rule
from rewards.accounts import AccountInvalid
from rewards.documents import DocumentInvalid
from scheme.case import ReportState, ShareState
from scheme.claw_back import NotDue
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.report import Channel
from scheme.staff import Account
from scheme.undoing import AlreadyPaid
from tests.pipeline.desk import CARD, ID_NUMBER, Desk, collected_against, paid_on_the_spot

OTHER_ID = "E98765432"  # a passport


def told(desk: Desk, **said: Any) -> str:  # noqa: ANN401 - passed on to ``Desk.report``
    report_id = desk.report(**said)
    desk.decide(report_id)
    desk.tell()
    return report_id


def received(desk: Desk, report_id: str) -> None:
    with desk.runtime.write() as work:
        assert notice_received(work, report_id)


def collect(  # noqa: PLR0913 - what somebody brings to the counter
    desk: Desk,
    report_id: str,
    *,
    clerk: Account | None = None,
    id_number: str = ID_NUMBER,
    card: str | None = CARD,
    in_hand: bool = False,
) -> collecting.Collected:
    with desk.runtime.write() as work:
        return collected_against(
            work,
            share_id=desk.shares(report_id)[0].id,
            clerk=clerk or desk.clerk,
            id_number=id_number,
            account={} if card is None else {"card_number": card},
            in_hand=in_hand,
        )


def stock(desk: Desk, amount_fen: int) -> None:
    with desk.runtime.write() as work:
        funds.stock_cards(work, desk.finance, amount_fen, knowing=True)


def test_a_top_up_is_collected_and_waits_for_the_batch(desk: Desk) -> None:
    report_id = told(desk)
    collected = collect(desk, report_id)
    assert (collected.channel, collected.paid, collected.total_fen) == ("card_top_up", False, 5000)
    (share,) = desk.shares(report_id)
    assert (share.state, share.collected_by) == (ShareState.COLLECTED, desk.clerk.account_id)
    with pytest.raises(rule.AlreadyCollected):
        collect(desk, report_id)
    desk.ledger_holds()


def test_a_card_handed_over_is_the_payment_and_leaves_the_stock(desk: Desk) -> None:
    report_id = told(desk)
    with pytest.raises(rule.CardStockEmpty):
        collect(desk, report_id, card=None, in_hand=True)
    stock(desk, 10000)
    collect(desk, report_id, card=None, in_hand=True)
    (share,) = desk.shares(report_id)
    assert (share.state, share.channel) == (ShareState.PAID_IN_HAND, "card_in_hand")
    with desk.runtime.read() as work:
        assert funds.balances(work).card_stock == 5000
        assert funds.balances(work).payable == 0
    desk.ledger_holds()


@pytest.mark.parametrize("card", [None, "", "1234567", "1" * 21, "12345678a", "12.345.678/9"])
def test_a_top_up_needs_a_card_number(desk: Desk, card: str | None) -> None:
    report_id = told(desk)
    if card == "12.345.678/9":  # what people write between digits does not matter
        collect(desk, report_id, card=card)
        return
    with pytest.raises(AccountInvalid):
        collect(desk, report_id, card=card)
    assert desk.shares(report_id)[0].state is ShareState.NOTIFIED


def test_who_decided_cannot_hand_out(desk: Desk) -> None:
    report_id = told(desk)
    with pytest.raises(rule.DecidedByYou):
        collect(desk, report_id, clerk=desk.officer)


def test_a_person_has_one_document(desk: Desk) -> None:
    person = told(desk)
    collect(desk, person)
    other = told(desk, plate="沪A22222")
    with pytest.raises(rule.WrongId) as refusal:
        collect(desk, other)  # another phone, another person: the number is taken
    assert refusal.value.reason == "other_person"
    collect(desk, other, id_number=OTHER_ID)
    with pytest.raises(DocumentInvalid):
        collect(
            desk, told(desk, plate="沪A33333"), id_number="110105194912310021"
        )  # wrong check digit


def test_the_longstop_needs_a_call_on_record(desk: Desk) -> None:
    uncalled, called = told(desk, plate="沪A11111"), told(desk, plate="沪A44444")
    with desk.runtime.write() as work:
        arriving.record_call(work, desk.shares(called)[0].id, desk.officer, "told them")
        assert arriving.deem_received(work) == 0  # three days are not over
    desk.clock.move(days=4)
    with desk.runtime.write() as work:
        assert arriving.deem_received(work) == 1
    (share,) = desk.shares(called)
    assert share.notified_at is not None
    assert share.notice_received_at == share.notified_at + timedelta(days=3)
    assert desk.shares(uncalled)[0].notice_received_at is None
    with desk.runtime.write() as work:
        arriving.record_call(
            work, desk.shares(uncalled)[0].id, desk.officer, "no answer, text left"
        )
    assert (
        desk.shares(uncalled)[0].notice_received_at == desk.clock.at
    )  # the call came after the three days
    with pytest.raises(arriving.NothingToNotify), desk.runtime.write() as work:
        arriving.record_call(work, desk.shares(uncalled)[0].id, desk.officer, "again")


def test_a_walk_in_is_paid_at_once_by_one_clerk(desk: Desk) -> None:
    stock(desk, 20000)
    report_id = desk.report(channel=Channel.COUNTER)
    with desk.runtime.write() as work:
        paid = paid_on_the_spot(work, report_id=report_id, clerk=desk.clerk, id_number=ID_NUMBER)
    assert (paid.paid, paid.total_fen) == (True, 5000)
    assert desk.shares(report_id)[0].state is ShareState.PAID_IN_HAND
    with pytest.raises(rule.AlreadyCollected), desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=report_id, clerk=desk.clerk, id_number=ID_NUMBER)
    with pytest.raises(AlreadyPaid), desk.runtime.write() as work:
        decisions.undo(work, report_id=report_id, officer=desk.clerk)
    desk.tell()
    assert desk.state(report_id) is ReportState.ANSWERED
    desk.ledger_holds()


def test_on_the_spot_only_at_the_counter_and_a_few_times_a_day(desk: Desk) -> None:
    stock(desk, 50000)
    web = desk.report()
    with pytest.raises(counter.NotAtTheCounter), desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=web, clerk=desk.clerk, id_number=ID_NUMBER)
    for number in range(4):
        report_id = desk.report(channel=Channel.COUNTER, plate=f"沪D0000{number}")
        with desk.runtime.write() as work:
            if number == 3:
                with pytest.raises(counter.OverDailyLimit):
                    paid_on_the_spot(
                        work, report_id=report_id, clerk=desk.clerk, id_number=f"E1234567{number}"
                    )
            else:
                paid_on_the_spot(
                    work, report_id=report_id, clerk=desk.clerk, id_number=f"E1234567{number}"
                )


def test_on_the_spot_waits_for_earlier_reports_that_may_be_the_same(desk: Desk) -> None:
    stock(desk, 20000)
    earlier = desk.report()
    walk_in = desk.report(channel=Channel.COUNTER)
    with pytest.raises(counter.EarlierUndecided), desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=walk_in, clerk=desk.clerk, id_number=ID_NUMBER)
    assert desk.state(walk_in) is ReportState.VERIFIED
    desk.decide(earlier)
    with desk.runtime.write() as work:
        one_incident.merge(
            work,
            case_id=desk.case(walk_in).case_id,
            into_case_id=desk.case(earlier).case_id,
            officer=desk.officer,
            reason="same bus",
        )
    with pytest.raises(counter.NotFirst) as refusal, desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=walk_in, clerk=desk.clerk, id_number=ID_NUMBER)
    assert refusal.value.entitlement is Entitlement.NOT_FIRST
    assert desk.state(walk_in) is ReportState.VERIFIED


def test_what_was_paid_wrongly_is_clawed_back_before_another_is_paid(desk: Desk) -> None:
    stock(desk, 20000)
    first = told(desk)
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(second)
    collect(desk, first, card=None, in_hand=True)
    with desk.runtime.write() as work:
        decisions.reopen(work, report_id=first, officer=desk.officer, reason="replayed")
    desk.decide(first, Verdict.UNSUBSTANTIATED)
    assert desk.shares(second) == ()  # one reward a case, until this one is clawed back
    with desk.runtime.read() as work:
        assert [reward.report_id for reward in claw_backs.claw_backs_due(work)] == [first]
        assert waiting.overview(work).claw_backs_due == 1
    share_id = desk.shares(first)[0].id
    with desk.runtime.write() as work:
        claw_backs.claw_back(
            work, share_id=share_id, officer=desk.officer, reason="replayed evidence"
        )
    with pytest.raises(NotDue), desk.runtime.write() as work:
        claw_backs.claw_back(work, share_id=share_id, officer=desk.officer, reason="twice")
    assert desk.shares(first)[0].state is ShareState.CLAWED_BACK
    assert [share.state for share in desk.shares(second)] == [ShareState.AWARDED]
    with desk.runtime.read() as work:
        assert funds.balances(work).recoverable == 5000
        assert claw_backs.claw_backs_due(work) == ()
        assert transfers.account_balances(work.connection)["reward_expense"] == 5000
    desk.ledger_holds()


def test_two_paid_cases_that_merge_leave_one_reward_and_a_claw_back(desk: Desk) -> None:
    stock(desk, 20000)
    first, second = told(desk), told(desk, plate="沪A22222")
    collect(desk, first, card=None, in_hand=True)
    collect(desk, second, card=None, in_hand=True, id_number=OTHER_ID)
    with desk.runtime.write() as work:
        one_incident.merge(
            work,
            case_id=desk.case(first).case_id,
            into_case_id=desk.case(second).case_id,
            officer=desk.officer,
            reason="one incident",
        )
    view = desk.case(first)
    assert view.reward is not None
    assert (view.reward.report_id, view.reward.claw_back_due) == (first, False)
    assert [(reward.report_id, reward.claw_back_due) for reward in view.past_rewards] == [
        (second, True)
    ]
    desk.ledger_holds()


def test_the_counters_list_shows_slips_and_opening_a_name_is_on_record(desk: Desk) -> None:
    report_id = told(desk, people=3)
    with desk.runtime.write() as work:
        (to_collect,) = waiting_rewards.shares_to_collect(work, clerk=desk.officer)
        assert (to_collect.slip, to_collect.total_fen, to_collect.decided_by_you) == (
            (1667, 1667, 1666),
            5000,
            True,
        )
        side = presenting.present(
            work, share_id=to_collect.share_id, clerk=desk.clerk, id_number=ID_NUMBER
        )
        assert (side.reported[:3], side.on_record, side.known) == ("投诉人", None, ())
        assert (side.number, side.slip) == ("*" * 14 + "002X", (1667, 1667, 1666))
    opened = [event for event in desk.case(report_id).history if event.action == "identity_opened"]
    assert [event.actor for event in opened] == [desk.clerk.display_name]
