"""What the settlement of a case looks at, read once, and the move that writes what follows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from pipeline.store import case_reports, events, joined, ledger, notices, transfers, whose
from pipeline.store.actions import Action
from pipeline.store.case_file import FiledReward
from pipeline.store.case_reports import CaseReport
from pipeline.store.notices import ANSWER, REWARD
from rewards.award import cancel
from rewards.settlement import Award, Settlement, TakenBack, Unsettled
from scheme.answers import ToTell
from scheme.case import ShareState


def read(connection: Connection, case_id: str, merged: Sequence[str] = ()) -> Unsettled[CaseReport]:
    """The case as it stands, under the write lock.

    ``merged``: cases whose reports were handed to it just now, and whose rewards still count.
    """
    of_case = case_reports.of_case(connection, case_id)
    reporters = {
        report.report_id: whose.person_ids(connection, report.report_id) for report in of_case
    }
    live = [ledger.live_reward(connection, case) for case in (case_id, *merged)]
    rewards = ledger.rewards_of_case(connection, case_id)
    return Unsettled(
        case_id=case_id,
        reports=of_case,
        reporters=reporters,
        sharers={
            report_id: joined.apart(connection, people) for report_id, people in reporters.items()
        },
        live=tuple(_with_shares(connection, reward) for reward in live if reward is not None),
        past=tuple(
            _with_shares(connection, reward) for reward in rewards if reward.live_case_id is None
        ),
        written={
            report.report_id: notices.of_report(connection, report.report_id, ANSWER)
            for report in of_case
        },
    )


def _with_shares(connection: Connection, reward: ledger.RewardRow) -> FiledReward:
    return FiledReward(reward, ledger.shares_of(connection, reward.id))


def settle(
    connection: Connection, settlement: Settlement[CaseReport], *, made_by: str, at: datetime
) -> None:
    """Write what follows for rewards and answers, each with its event."""
    for taken_back in settlement.taken_back:
        _take_back(connection, taken_back, made_by=made_by, at=at)
    if settlement.counts is not None:
        ledger.set_live_case(connection, settlement.counts, settlement.case_id)
        if settlement.revived is not None:
            detail = {"report": settlement.revived, "case": settlement.case_id}
            subject = f"reward/{settlement.counts}"
            events.append(connection, at, made_by, Action.REWARD_REVIVED, subject, detail)
    if settlement.award is not None:
        _award(connection, settlement, settlement.award, made_by=made_by, at=at)
    for answer in settlement.to_tell:
        _answer(connection, answer, at=at, send_after=settlement.send_after)


def _take_back(connection: Connection, reward: TakenBack, *, made_by: str, at: datetime) -> None:
    for share_id in reward.cancelled:
        owed = transfers.owed(connection, share_id)
        ledger.move_share(connection, share_id, ShareState.CANCELLED)
        if owed is not None:
            transfers.post(connection, cancel(owed), at=at, made_by=made_by)
        notices.cancel_unsent(connection, at, kinds=(REWARD,), share_id=share_id)
    if not reward.counts:
        ledger.set_live_case(connection, reward.reward_id, None)
    subject, detail = f"reward/{reward.reward_id}", {"report": reward.report_id}
    if not reward.due_back:
        events.append(connection, at, made_by, Action.REWARD_CANCELLED, subject, detail)
    elif ledger.doubt(connection, reward.reward_id, at):
        shares = {"shares": list(reward.due_back)}
        events.append(connection, at, made_by, Action.CLAW_BACK_DUE, subject, detail | shares)


def _award(
    connection: Connection,
    settlement: Settlement[CaseReport],
    award: Award,
    *,
    made_by: str,
    at: datetime,
) -> None:
    reward_id = ledger.add_reward(
        connection,
        case_id=settlement.case_id,
        report_id=award.report_id,
        decision_id=award.decision_id,
        amount_fen=award.amount_fen,
        substance_policy=award.substance_policy,
        channel=award.channel,
        at=at,
        people=award.people,
        parts=award.parts,
    )
    for part in award.parts:
        if part.transfer is not None:
            transfers.post(connection, part.transfer, at=at, made_by=made_by)
    for person_id, part, facts in zip(award.people, award.parts, award.facts, strict=True):
        notices.write(
            connection,
            kind=REWARD,
            report_id=award.report_id,
            person_id=person_id,
            share_id=part.share_id,
            facts=facts,
            at=at,
            send_after=settlement.send_after,
        )
    detail = {
        "report": award.report_id,
        "reward": reward_id,
        "amounts_fen": [part.amount_fen for part in award.parts],
    }
    subject = f"case/{settlement.case_id}"
    events.append(connection, at, made_by, Action.REWARD_AWARDED, subject, detail)


def _answer(connection: Connection, answer: ToTell, *, at: datetime, send_after: datetime) -> None:
    notices.cancel_unsent(connection, at, kinds=(ANSWER,), report_id=answer.report_id)
    if answer.facts is None:
        return
    for person_id in answer.people:
        notices.write(
            connection,
            kind=ANSWER,
            report_id=answer.report_id,
            person_id=person_id,
            share_id=None,
            facts=answer.facts,
            at=at,
            send_after=send_after,
        )
