"""What the settlement of a case looks at, read once, and the move that writes what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from pipeline.store import case_reports, joined, ledger, notices, transfers, whose
from pipeline.store.case_file import FiledReward
from pipeline.store.case_reports import CaseReport
from pipeline.store.notices import ANSWER, REWARD, NoticeRow
from rewards.award import Part
from scheme.money import Fen


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A case with its decisions, and what was promised and told so far."""

    case_id: str
    reports: tuple[CaseReport, ...]
    """In order of receipt."""
    reporters: Mapping[str, tuple[str, ...]]
    """By report: everybody who sent it, first named first."""
    sharers: Mapping[str, tuple[str, ...]]
    """By report: those who share its reward (R12): each human once, without who was erased."""
    live: FiledReward | None
    """The one reward that counts."""
    past: tuple[FiledReward, ...]
    """Rewards of its reports that count no more."""
    told: Mapping[str, tuple[NoticeRow, ...]]
    """By report: the answers that were not taken back, oldest first."""


class Award(NamedTuple):
    """The case's reward as it is to be written, with the message about each share."""

    report_id: str
    decision_id: str
    amount_fen: Fen
    substance_policy: str
    channel: str
    people: tuple[str, ...]
    parts: tuple[Part, ...]
    facts: tuple[Mapping[str, Any], ...]
    """Of the message to each of ``people``."""


class Answer(NamedTuple):
    """What reporters are to hear now; without ``facts`` what has not left is taken back."""

    report_id: str
    people: tuple[str, ...]
    facts: Mapping[str, Any] | None


def read(connection: Connection, case_id: str) -> Unsettled:
    """The case as it stands, under the write lock."""
    found = case_reports.of_case(connection, case_id)
    reporters = {
        report.report_id: whose.person_ids(connection, report.report_id) for report in found
    }
    live = ledger.live_reward(connection, case_id)
    rewards = ledger.rewards_of_case(connection, case_id)
    return Unsettled(
        case_id=case_id,
        reports=found,
        reporters=reporters,
        sharers={
            report_id: joined.apart(connection, people) for report_id, people in reporters.items()
        },
        live=_with_shares(connection, live) if live is not None else None,
        past=tuple(
            _with_shares(connection, reward) for reward in rewards if reward.live_case_id is None
        ),
        told={
            report.report_id: notices.of_report(connection, report.report_id, ANSWER)
            for report in found
        },
    )


def _with_shares(connection: Connection, reward: ledger.RewardRow) -> FiledReward:
    return FiledReward(reward, ledger.shares_of(connection, reward.id))


def settle(  # noqa: PLR0913 - what follows, when it is written and when it may leave
    connection: Connection,
    case_id: str,
    *,
    award: Award | None,
    answers: Sequence[Answer],
    made_by: str,
    at: datetime,
    send_after: datetime,
) -> str | None:
    """Write the award, what it is owed and told, and the answers; returns the reward's id."""
    reward_id = None
    if award is not None:
        reward_id = _award(connection, case_id, award, made_by=made_by, at=at)
        for person_id, part, facts in zip(award.people, award.parts, award.facts, strict=True):
            notices.write(
                connection,
                kind=REWARD,
                report_id=award.report_id,
                person_id=person_id,
                share_id=part.share_id,
                facts=facts,
                at=at,
                send_after=send_after,
            )
    for answer in answers:
        _answer(connection, answer, at=at, send_after=send_after)
    return reward_id


def _award(
    connection: Connection, case_id: str, award: Award, *, made_by: str, at: datetime
) -> str:
    reward_id = ledger.add_reward(
        connection,
        case_id=case_id,
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
    return reward_id


def _answer(connection: Connection, answer: Answer, *, at: datetime, send_after: datetime) -> None:
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
