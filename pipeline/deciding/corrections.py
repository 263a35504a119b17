"""What an officer sets right about a report: its claim, its files, its place in the line."""

from collections.abc import Collection

from pipeline.deciding.one_incident import split
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import desk
from pipeline.verifying import judging
from scheme.corrections import correction, excluded_for, tied
from scheme.report import Claim
from scheme.staff import Account


def correct_claim(  # noqa: PLR0913 - what a correction consists of
    work: Work,
    *,
    report_id: str,
    officer: Account,
    row_version: int,
    claim: Claim,
    reason: str,
    unasked: Collection[str] = (),
) -> int:
    """Put another version of the claim in force, beside what the reporter said; returns its number.

    ``unasked``: fields of the claim that nobody was asked about. Then the report is judged again,
    and its case settled. Raises NoSuchReport and what
    ``scheme.corrections.correction`` raises.
    """
    report = desk.read_with_claim(work.connection, report_id, officer.account_id, work.now)
    correct = correction(
        report,
        row_version=row_version,
        claim=claim,
        unasked=unasked,
        reason=reason,
        policies=work.policies,
        now=work.now,
    )
    desk.correct(work.connection, report, correct, officer=officer.account_id, at=work.now)
    if correct.leaves_its_case:
        reason = f"category corrected to {correct.claim.category}"
        split(work, report_id=report_id, officer=officer, reason=reason)
    case_id = judging.judge_again(work, report_id=report_id)
    awarding.settle_case(work, case_id, actor=officer.account_id)
    return correct.version


def tie_files(work: Work, *, report_id: str, officer: Account, reason: str) -> None:
    """An officer's word that the files of the report show one bus (R5); it is judged again.

    Raises NoSuchReport and what ``scheme.corrections.tied`` raises.
    """
    report = desk.read(work.connection, report_id, officer.account_id, work.now)
    reason = tied(report, reason)
    desk.tie(work.connection, report, reason, officer=officer.account_id, at=work.now)
    judging.judge_again(work, report_id=report_id)


def exclude(
    work: Work, *, report_id: str, officer: Account, reason: str, excluded: bool = True
) -> None:
    """Take a report out of the line for the reward (own repeat, disqualified), or put it back.

    Raises NoSuchReport and what ``scheme.corrections.excluded_for`` raises.
    """
    report = desk.read(work.connection, report_id, officer.account_id, work.now)
    reason = excluded_for(report, reason)
    case_id = desk.exclude(
        work.connection,
        report,
        reason,
        excluded=excluded,
        officer=officer.account_id,
        at=work.now,
    )
    awarding.settle_case(work, case_id, actor=officer.account_id)
