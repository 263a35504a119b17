"""P3: sixteen at once, one reward and one payment.

And the naive way fails this very test (TRUST.md M1).
"""

import contextlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from pipeline.deciding import decisions
from pipeline.paying import batches, funds, returned_lists
from pipeline.store import candidates, cases, evidence_files, ledger, reports, transfers
from pipeline.store.tables import rewards, shares
from pipeline.store.tables import transfers as posted
from pipeline.verifying import incidents, verification
from rewards import collecting as rule
from rewards.ledger import Reason, Transfer, payable
from scheme.case import ForbiddenMove, ReportState, ShareState, StaleVersion
from scheme.decision import Verdict
from scheme.money import Fen
from scheme.substantiation import EarlierReportUnread, NotReopened, OpenCandidates
from tests.fixtures import as_read
from tests.pipeline.desk import VIOLATED_AT, Desk, collected_against
from tests.pipeline.paying.banks import settle_by
from tests.pipeline.street import BY_BADGE, BY_PLATE, NOTHING, Street

THREADS = 16
REFUSALS = (
    StaleVersion,
    NotReopened,
    ForbiddenMove,
    rule.AlreadyCollected,
    rule.NotCollectable,
    transfers.AlreadyPosted,
    ledger.AlreadyRewarded,
    returned_lists.NothingToApply,
)


def all_at_once(act: Callable[[int, Barrier], None]) -> int:
    """Run ``act(number, barrier)`` in every thread, as nearly at once as can be.

    How many were not refused.
    """
    together = Barrier(THREADS)

    def one(number: int) -> int:
        together.wait()
        with contextlib.suppress(*REFUSALS):
            act(number, together)
            return 1
        return 0

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(one, range(THREADS)))


def assert_paid_once(
    desk: Desk, share_id: str, pay: Callable[[Desk, str, int, Barrier], None]
) -> None:
    """The test of a way to pay: sixteen try it on one share."""
    all_at_once(lambda number, together: pay(desk, share_id, number, together))
    with desk.runtime.read() as work:
        paid = work.connection.execute(
            select(posted).where(
                posted.c.reason == Reason.CARD_IN_HAND, posted.c.share_id == share_id
            )
        ).all()
        share = ledger.share(work.connection, share_id)
    assert share.state is ShareState.PAID_IN_HAND
    assert len(paid) == 1


def properly(desk: Desk, share_id: str, number: int, together: Barrier) -> None:
    with desk.runtime.write() as work:
        collected_against(
            work,
            share_id=share_id,
            clerk=desk.clerk,
            id_number="11010519491231002X",
            account={},
            in_hand=True,
        )


def naively(desk: Desk, share_id: str, number: int, together: Barrier) -> None:
    """SELECT, look, UPDATE: the step without its conditional update and idempotency key."""
    with desk.runtime.read() as work:
        state = work.connection.execute(
            select(shares.c.state).where(shares.c.id == share_id)
        ).scalar_one()
    together.wait()  # the unlucky moment, made certain
    if state != ShareState.NOTIFIED:
        raise rule.AlreadyCollected(ShareState(state))
    with desk.runtime.write() as work:
        work.connection.execute(
            update(shares).where(shares.c.id == share_id).values(state=ShareState.PAID_IN_HAND)
        )
        transfer = Transfer(
            id=secrets.token_hex(8),
            debit=payable(share_id),
            credit="card_stock",
            amount_fen=Fen(5000),
            reason=Reason.CARD_IN_HAND,
            share_id=share_id,
        )
        transfers.post(work.connection, transfer, at=work.now, made_by="clerk")


@pytest.fixture
def share_id(desk: Desk) -> str:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    with desk.runtime.write() as work:
        funds.stock_cards(work, desk.finance, 1_000_000, knowing=True)
    return desk.shares(report_id)[0].id


def test_sixteen_clerks_pay_one_share_once(desk: Desk, share_id: str) -> None:
    assert_paid_once(desk, share_id, properly)
    desk.ledger_holds()


def test_the_naive_way_pays_more_than_once(desk: Desk, share_id: str) -> None:
    with pytest.raises(AssertionError, match="== 1"):
        assert_paid_once(desk, share_id, naively)


def test_sixteen_officers_deciding_one_report_make_one_decision_and_one_reward(desk: Desk) -> None:
    report_id = desk.report()
    seen = desk.case(report_id).reports[0].row_version

    def decide(number: int, together: Barrier) -> None:
        with desk.runtime.write() as work:
            decisions.decide(
                work,
                report_id=report_id,
                officer=desk.officer if number % 2 else desk.other_officer,
                row_version=seen,
                verdict=Verdict.SUBSTANTIATED,
                reasons=["VIOLATION_SEEN"],
            )

    assert all_at_once(decide) == 1
    assert len(desk.case(report_id).reports[0].decisions) == 1
    assert_one_reward(desk)


def test_sixteen_reports_of_one_case_decided_at_once_make_one_reward_for_the_first(
    desk: Desk,
) -> None:
    first = desk.report()
    case_id = desk.case(first).case_id
    ids = [first, *(desk.report(case_id=case_id) for _ in range(THREADS - 1))]

    def decide(number: int, together: Barrier) -> None:
        with desk.runtime.write() as work:
            decisions.decide(
                work,
                report_id=ids[number],
                officer=desk.officer,
                row_version=reports.by_id(work.connection, ids[number]).row_version,
                verdict=Verdict.SUBSTANTIATED,
                reasons=["VIOLATION_SEEN"],
            )

    assert all_at_once(decide) == THREADS
    assert_one_reward(desk)
    view = desk.case(first)
    assert view.reward is not None
    assert view.reward.report_id == first


def test_sixteen_in_finance_settle_one_batch_once(desk: Desk) -> None:
    desk.to_be_paid()
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 5000, "BANK-1")
        batch_id = batches.build_batch(work, desk.finance)
    with desk.runtime.write() as work:
        batches.freeze(work, batch_id, desk.finance)
    with desk.runtime.write() as work:
        batches.approve(work, batch_id, desk.second_finance, knowing=True)
    with desk.runtime.write() as work:
        _name, content = batches.export(work, batch_id, desk.finance, "csv")
    lines = content.decode("utf-8-sig").replace("50.00,,", "50.00,paid,", 1).encode("utf-8-sig")

    def load(number: int, together: Barrier) -> None:
        with desk.runtime.write() as work:
            settle_by(work, batch_id, desk.finance, lines)

    assert all_at_once(load) == 1
    desk.ledger_holds()


# -- one incident, two reports that name it by different things, verified at once ------------------


def verified_properly(street: Street, report_id: str, together: Barrier) -> None:
    together.wait()
    verification.verify_report(street.desk.runtime, report_id=report_id)


def verified_naively(street: Street, report_id: str, together: Barrier) -> None:
    """Search, then link and ask by what was found.

    What verification would be if it did not search under the lock.
    """
    with street.desk.runtime.read() as work:
        near = incidents.neighbours(work, report_id, work.policies.substance_at(VIOLATED_AT), None)
        found = [one for one in near if cases.case_of_report(work.connection, one.other_report_id)]
    together.wait()  # the unlucky moment, made certain
    with street.desk.runtime.write() as work:
        case_id = cases.open_case(work.connection, category="smoking_or_phone", at=work.now)
        cases.link(work.connection, report_id, case_id)
        for one in found:
            candidates.add(work.connection, report_id, one.other_report_id, one.why, work.now)
        reports.move(work.connection, report_id, ReportState.VERIFIED)


def assert_no_pair_is_paid_twice(
    street: Street, verify: Callable[[Street, str, Barrier], None]
) -> None:
    """Eight incidents, each told by plate and by badge.

    An officer substantiates whatever is let through.
    """
    claims = (BY_PLATE, BY_BADGE)
    pairs = [
        [
            street.send(replace(claim, violated_at=VIOLATED_AT - timedelta(hours=hours)))
            for claim in claims
        ]
        for hours in range(0, THREADS, 2)
    ]
    with street.desk.runtime.write() as work:
        for report_id in (report_id for pair in pairs for report_id in pair):
            (file,) = evidence_files.of_report(work.connection, report_id)
            as_read(work, report_id, file.sha256, NOTHING)
    together = Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        done = [
            pool.submit(verify, street, report_id, together) for pair in pairs for report_id in pair
        ]
        for one in done:
            one.result()
    paid = []
    for pair in pairs:
        for report_id in pair:
            with contextlib.suppress(OpenCandidates):
                street.desk.decide(report_id)
        paid.append(street.paid(*pair))
    assert max(paid) <= 1


def test_one_incident_by_plate_and_by_badge_verified_at_once_is_never_paid_twice(
    desk: Desk,
) -> None:
    assert_no_pair_is_paid_twice(Street.opened(desk), verified_properly)


def test_searching_outside_the_lock_pays_it_twice(desk: Desk) -> None:
    with pytest.raises(AssertionError, match="<= 1"):
        assert_no_pair_is_paid_twice(Street.opened(desk), verified_naively)


def test_a_report_that_is_read_while_sixteen_decide_holds_every_one_of_them_up(desk: Desk) -> None:
    """Until it is read they are refused for it, from then on for the question.

    There is no moment in between.
    """
    street = Street.opened(desk)
    unread = street.send(BY_BADGE)
    ours = street.reported(BY_PLATE)
    with desk.runtime.write() as work:
        (file,) = evidence_files.of_report(work.connection, unread)
        as_read(work, unread, file.sha256, NOTHING)
    refused: list[type[Exception]] = []

    def act(number: int, together: Barrier) -> None:
        if number == THREADS // 2:
            verification.verify_report(desk.runtime, report_id=unread)
            return
        try:
            desk.decide(ours)
        except (EarlierReportUnread, OpenCandidates) as refusal:
            refused.append(type(refusal))

    assert all_at_once(act) == THREADS
    assert len(refused) == THREADS - 1
    assert street.paid(ours) == 0
    with pytest.raises(OpenCandidates):
        desk.decide(ours)


def assert_one_reward(desk: Desk) -> None:
    with desk.runtime.read() as work:
        found = work.connection.execute(select(rewards)).all()
        awarded = [t for t in transfers.all_transfers(work.connection) if t.reason is Reason.AWARD]
    assert len(found) == len(awarded) == 1
    desk.ledger_holds()
