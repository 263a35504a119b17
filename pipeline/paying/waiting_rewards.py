"""Rewards that wait at the counter, closed: amounts and last moments, no identity."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.runtime import Work
from pipeline.store import decisions, identity_questions, ledger, reports, showings
from pipeline.store.ledger import RewardRow, ShareRow
from pipeline.store.showings import Differed
from rewards.collecting import COLLECTABLE
from scheme.case import NoSuchReport, ShareState
from scheme.money import Fen
from scheme.staff import Account


@dataclass(frozen=True, slots=True)
class ToCollect:
    """A reward that waits at the counter.

    ``share_id`` is the first named's: give it to ``collect``.

    ``slip`` are the parts of all who reported jointly.
    """

    share_id: str
    report_id: str
    report_number: str
    total_fen: Fen
    slip: tuple[Fen, ...]
    state: ShareState
    notified_at: datetime | None
    notice_received_at: datetime | None
    collect_by: datetime | None
    decided_by_you: bool
    differed: tuple[Differed, ...]
    """Documents that did not agree with the report, nothing of them opened."""
    questions: int
    """Open questions about who the reporters are; one that was asked in time keeps the reward while
    it is open.
    """


def shares_to_collect(
    work: Work, *, clerk: Account, report_number: str | None = None
) -> tuple[ToCollect, ...]:
    """Rewards that can be collected now, last moment first.

    With ``report_number`` only that report's.
    """
    of_report = _report_named(work, report_number)
    if report_number is not None and of_report is None:
        return ()
    found = []
    for share in ledger.shares_in(work.connection, COLLECTABLE, of_report):
        reward = ledger.reward(work.connection, share.reward_id)
        number = reports.by_id(work.connection, reward.report_id).report_number or ""
        if share.position == 0 and reward.live_case_id is not None:
            found.append(_to_collect(work, share, reward, number, clerk))
    return tuple(
        sorted(
            found,
            key=lambda one: (one.collect_by is None, one.collect_by or work.now, one.report_number),
        )
    )


def _report_named(work: Work, report_number: str | None) -> str | None:
    if report_number is None:
        return None
    try:
        return reports.by_number(work.connection, report_number).id
    except NoSuchReport:
        return None


def _to_collect(
    work: Work, share: ShareRow, reward: RewardRow, report_number: str, clerk: Account
) -> ToCollect:
    return ToCollect(
        share_id=share.id,
        report_id=reward.report_id,
        report_number=report_number,
        total_fen=reward.amount_fen,
        slip=tuple(part.amount_fen for part in ledger.shares_of(work.connection, reward.id)),
        state=share.state,
        notified_at=share.notified_at,
        notice_received_at=share.notice_received_at,
        collect_by=share.collect_by,
        decided_by_you=clerk.account_id
        in decisions.deciders_of_case(work.connection, reward.live_case_id or ""),
        differed=showings.differed(work.connection, reward.report_id),
        questions=sum(
            question.answer is None
            for question in identity_questions.of_report(work.connection, reward.report_id)
        ),
    )
