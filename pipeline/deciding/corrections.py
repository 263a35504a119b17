"""What an officer sets right about a report: its claim, its files, its place in the line."""

from pipeline.deciding.holding import require_free
from pipeline.deciding.looking import case_of
from pipeline.deciding.one_incident import split
from pipeline.deciding.substantiating import case_for
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import case_reports, cases, claims, reports
from pipeline.store.actions import Action
from pipeline.verifying import judging
from scheme.case import ON_THE_DESK, ForbiddenMove, ReportState, StaleVersion
from scheme.claim import corrected
from scheme.plain_text import required
from scheme.report import Claim


def correct_claim(  # noqa: PLR0913 - what a correction consists of
    work: Work, *, report_id: str, officer: Account, row_version: int, claim: Claim, reason: str
) -> int:
    """Put another version of the claim in force, beside what the reporter said; returns its number.

    The accepted time follows it, and with the time the policy that judges; then the report is
    judged again. Raises ReasonRequired, StaleVersion, HeldByOther, ForbiddenMove for a report that
    is not open to operations, and what ``corrected`` raises for a claim that no report could make.
    """
    reason = required(reason)
    claim = corrected(claim, work.policies, work.now)
    report = reports.by_id(work.connection, report_id)
    if report.row_version != row_version:
        raise StaleVersion(report_id, report.row_version)
    if report.state not in ON_THE_DESK:
        raise ForbiddenMove("claim", report.state, ReportState.VERIFIED)
    require_free(work, report, officer)
    before = claims.in_force(work.connection, report_id)
    version = claims.add(
        work.connection, report_id, claim, at=work.now, made_by=officer.account_id, reason=reason
    )
    policy = work.policies.substance_at(claim.violated_at or report.received_at or work.now)
    reports.change(
        work.connection,
        report_id,
        row_version=row_version,
        violated_at=claim.violated_at,
        substance_policy=policy.ref,
    )
    changed = [
        name for name in Claim.__dataclass_fields__
        if before is None or getattr(before.claim, name) != getattr(claim, name)
    ]  # fmt: skip
    work.record(
        officer.account_id,
        Action.CLAIM_CORRECTED,
        f"report/{report_id}",
        version=version,
        fields=changed,
        reason=reason,
        policy_before=report.substance_policy,
        policy=policy.ref,
    )
    if (
        report.case_id is not None
        and before is not None
        and before.claim.category != claim.category
    ):
        _follow_category(work, report_id, report.case_id, claim.category, officer)
    judging.judge_again(work, report_id=report_id)
    awarding.settle_case(work, case_of(work, report_id), actor=officer.account_id)
    return version


def _follow_category(
    work: Work, report_id: str, case_id: str, category: str, officer: Account
) -> None:
    """Another category is another incident (R16): the report leaves a case that it shares."""
    if len(case_reports.of_case(work.connection, case_id)) == 1:
        cases.set_category(work.connection, case_id, category)
    else:
        split(
            work, report_id=report_id, officer=officer, reason=f"category corrected to {category}"
        )


def tie_files(work: Work, *, report_id: str, officer: Account, reason: str) -> None:
    """An officer's word that the files of the report show one bus (R5); it is judged again."""
    reason = required(reason)
    report = reports.by_id(work.connection, report_id)
    if report.state not in ON_THE_DESK:
        raise ForbiddenMove("files", report.state, ReportState.VERIFIED)
    reports.change(work.connection, report_id, tied_by_officer=True)
    work.record(officer.account_id, Action.FILES_TIED, f"report/{report_id}", reason=reason)
    judging.judge_again(work, report_id=report_id)


def exclude(
    work: Work, *, report_id: str, officer: Account, reason: str, excluded: bool = True
) -> None:
    """Take a report out of the line for the reward (own repeat, disqualified), or put it back."""
    reason = required(reason)
    report = reports.by_id(work.connection, report_id)
    if report.receipt_seq is None:
        raise ForbiddenMove("report", report.state, report.state)
    reports.change(work.connection, report_id, excluded=excluded)
    action = Action.REPORT_EXCLUDED if excluded else Action.REPORT_READMITTED
    work.record(officer.account_id, action, f"report/{report_id}", reason=reason)
    awarding.settle_case(work, case_for(work, report), actor=officer.account_id)
    work.ring("deliver_notices")
