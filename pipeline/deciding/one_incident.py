"""One incident or two: officers answer questions, join cases and take them apart (R14)."""

from collections.abc import Sequence

from pipeline.deciding.substantiating import case_for
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import candidates, case_reports, cases, claims, ledger, reports
from pipeline.store.actions import Action
from pipeline.verifying import judging
from scheme.case import ON_THE_DESK
from scheme.plain_text import required


class AlreadyAnswered(Exception):
    """Somebody has answered that question; splitting or merging changes it.

    Also raised where there is none.
    """


class InOneCase(Exception):
    """The two reports stand in one case: split it, if they are different incidents."""


class CategoriesDiffer(Exception):
    """Different categories are different incidents (R16)."""


class NothingToSplit(Exception):
    """The report is the only one of its case."""


def answer_candidate(
    work: Work, *, candidate_id: int, officer: Account, same: bool, reason: str
) -> None:
    """Answer "same incident?": same merges the two cases, different leaves them apart (R14).

    Raises AlreadyAnswered, ReasonRequired, CategoriesDiffer, InOneCase.
    """
    reason = required(reason)
    row = candidates.read(work.connection, candidate_id)
    if row is None or row.same is not None:
        raise AlreadyAnswered
    pair = (row.report_id, row.other_report_id)
    one, other = (case_for(work, reports.by_id(work.connection, report_id)) for report_id in pair)
    if one == other and not same:
        raise InOneCase
    if one != other and same:
        _require_one_category(work, one, other)
    answered = candidates.answer(
        work.connection,
        candidate_id,
        same=same,
        officer=officer.account_id,
        at=work.now,
        reason=reason,
    )
    if not answered:
        raise AlreadyAnswered
    for report_id in pair:
        work.record(
            officer.account_id,
            Action.CANDIDATE_ANSWERED,
            f"report/{report_id}",
            candidate=candidate_id,
            same=same,
            reason=reason,
        )
    if one != other and same:
        _merge(work, *_later_into_earlier(work, one, other), officer, reason)
    _judge_again(work, pair)


def merge(work: Work, *, case_id: str, into_case_id: str, officer: Account, reason: str) -> None:
    """Make two cases one.

    At most one reward stays live; of two paid ones, the other is a claw-back to decide.

    Open questions between the two are answered by it. Raises CaseNotFound, CategoriesDiffer,
    InOneCase.
    """
    reason = required(reason)
    source, target = (cases.resolve(work.connection, case) for case in (case_id, into_case_id))
    if source == target:
        raise InOneCase
    _require_one_category(work, source, target)
    _merge(work, source, target, officer, reason)
    _judge_again(
        work, [report.report_id for report in case_reports.of_case(work.connection, target)]
    )


def split(work: Work, *, report_id: str, officer: Account, reason: str) -> str:
    """Take a report out of its case into one of its own; returns that case's id.

    Its reward goes with it.

    Raises NothingToSplit, ReasonRequired, NoSuchReport.
    """
    reason = required(reason)
    report = reports.by_id(work.connection, report_id)
    old_case = case_for(work, report)
    others = [
        r.report_id
        for r in case_reports.of_case(work.connection, old_case)
        if r.report_id != report_id
    ]
    claim = claims.in_force(work.connection, report_id)
    if not others or claim is None:
        raise NothingToSplit
    new_case = cases.open_case(work.connection, category=claim.claim.category, at=work.now)
    cases.link(work.connection, report_id, new_case)
    candidates.part_ways(
        work.connection, report_id, others, officer=officer.account_id, at=work.now, reason=reason
    )
    live = ledger.live_reward(work.connection, old_case)
    if live is not None and live.report_id == report_id:
        ledger.set_live_case(work.connection, live.id, new_case)
    for subject in (f"case/{old_case}", f"case/{new_case}"):
        work.record(officer.account_id, Action.CASE_SPLIT, subject, report=report_id, reason=reason)
    for case_id in (old_case, new_case):
        awarding.settle_case(work, case_id, actor=officer.account_id)
    work.ring("deliver_notices")
    return new_case


def _require_one_category(work: Work, *case_ids: str) -> None:
    if len({cases.read(work.connection, case_id).category for case_id in case_ids}) > 1:
        raise CategoriesDiffer


def _later_into_earlier(work: Work, one: str, other: str) -> tuple[str, str]:
    """The case of the earliest report takes over the other."""

    def earliest(case_id: str) -> int:
        return min(report.receipt_seq for report in case_reports.of_case(work.connection, case_id))

    return (other, one) if earliest(one) < earliest(other) else (one, other)


def _merge(work: Work, source: str, target: str, officer: Account, reason: str) -> None:
    there, here = (
        {report.report_id for report in case_reports.of_case(work.connection, case)}
        for case in (source, target)
    )
    for question in candidates.of_reports(work.connection, sorted(there), open_only=True):
        if {question.report_id, question.other_report_id} & here:
            candidates.answer(
                work.connection,
                question.candidate_id,
                same=True,
                officer=officer.account_id,
                at=work.now,
                reason=reason,
            )
    cases.merge(work.connection, source, target)
    for subject in (f"case/{source}", f"case/{target}"):
        work.record(
            officer.account_id,
            Action.CASE_MERGED,
            subject,
            merged=source,
            into=target,
            reason=reason,
        )
    awarding.join_rewards(work, source, target, actor=officer.account_id)
    work.ring("deliver_notices")


def _judge_again(work: Work, report_ids: Sequence[str]) -> None:
    """An answer changes what the duplicate check says, for whoever is still to be decided."""
    for report_id in report_ids:
        if reports.by_id(work.connection, report_id).state in ON_THE_DESK:
            judging.judge_again(work, report_id=report_id)
