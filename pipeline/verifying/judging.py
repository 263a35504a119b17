"""Judging: from readings to findings, a case and open questions, under the write lock.

Nothing is decoded here: what was read is judged as claim, roster and policy stand now. Gather, ask
the eyes and the rule, keep.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import verifiers
from pipeline.runtime import Work
from pipeline.store import to_judge
from pipeline.store.reports import ReportRow
from pipeline.store.to_judge import Others, Search, ToJudge
from pipeline.verifying.reading_files import named_by_their_files
from scheme.belonging import Belonging, Compared, Judged, Ours, Theirs, compared
from scheme.decision import recommend
from scheme.dossier import Dossier, Roster
from scheme.finding import Finding, Outcome, Proof, Scope
from scheme.policy import Policy
from scheme.reading import Readings, Sha256
from scheme.report import Claim, Evidence, Report
from scheme.traces import Shown, traces
from verifiers.checks.capture_time import captured_between
from verifiers.judging.shown import shown
from verifiers.version import READER_VERSION


def judge_again(work: Work, *, report_id: str) -> str:
    """Judge a report anew from what was read, as its claim, roster and policy stand now.

    Nothing is decoded. Returns the case that it stands in.
    """
    report = to_judge.read(work.connection, report_id, READER_VERSION)
    searched = to_judge.search(work.connection, report.readings)
    judged = judge(work, report, searched)
    return to_judge.keep_again(work.connection, report, judged, READER_VERSION, work.now)


def judge_all_again(work: Work, report_ids: Sequence[str]) -> None:
    """Judge several reports anew, in their order."""
    for report_id in report_ids:
        judge_again(work, report_id=report_id)


def judge(work: Work, report: ToJudge, searched: Search) -> Judged:
    """What the checks say of the report, and where it belongs; keeps nothing.

    Holds the lock: what was indexed since the search is looked at again.
    """
    policy = policy_of(work, report.row, report.claim)
    others = to_judge.others(work.connection, report, _day(work, report, policy), searched)
    readings = named_by_their_files(report.evidence, report.readings)
    dossier = replace(
        dossier_of(work, report.row, report.claim, report.evidence, readings, others.fleet),
        answered_candidates=report.answered,
    )
    shows = shown(dossier, policy)
    like = _compared(work, report, policy, others, shows)
    dossier = replace(dossier, similar=like.similar, neighbours=like.neighbours)
    unread = [file.sha256 for file in report.evidence if file.sha256 not in readings]
    captured = captured_between(dossier, policy)
    return _judged(
        report,
        policy,
        (*verifiers.judge(dossier, policy), *(_reading_failed(sha256) for sha256 in unread)),
        captured=(captured.earliest, captured.latest),
        shows=shows,
        belonging=like.belonging,
    )


def unjudged(work: Work, report: ToJudge) -> Judged:
    """What can be said without judging.

    Equal files and neighbours still make a case and questions (R14).
    """
    policy = policy_of(work, report.row, report.claim)
    others = to_judge.others_unread(work.connection, report, _day(work, report, policy))
    told = to_judge.told_of(work.connection, report.row.id)
    like = _compared(work, report, policy, others, told.shown)
    return _judged(
        report,
        policy,
        (_reading_failed(None),),
        captured=(report.row.captured_from, report.row.captured_to),
        shows=None,
        belonging=like.belonging,
    )


def policy_of(work: Work, report: ReportRow, claim: Claim) -> Policy:
    """The policy pinned at receipt; for a draft the one its time would be judged by."""
    if report.substance_policy is not None:
        return work.policies.by_ref(report.substance_policy)
    return work.policies.substance_at(claim.violated_at or work.now)


def dossier_of(  # noqa: PLR0913, PLR0917 - what a report says and shows
    work: Work,
    report: ReportRow,
    claim: Claim,
    evidence: tuple[Evidence, ...],
    readings: Mapping[Sha256, Readings],
    fleet: Roster | None,
) -> Dossier:
    """What the report says and shows, without anything of anybody else."""
    return Dossier(
        report=Report(
            report_id=report.id,
            claim=claim,
            evidence=evidence,
            channel=report.channel,
            received_at=report.received_at,
            submitted_to_us_at=report.submitted_to_us_at,
        ),
        readings=readings,
        workdays=work.workdays,
        now=work.now,
        roster=fleet,
        tied_by_officer=report.tied_by_officer,
    )


def day_of(claim: Claim, policy: Policy, now: datetime) -> date:
    """The day of the violation, as it is claimed now: that of the roster (R2)."""
    return (claim.violated_at or now).astimezone(policy.zone).date()


def _day(work: Work, report: ToJudge, policy: Policy) -> date:
    return day_of(report.claim, policy, work.now)


def _compared(
    work: Work, report: ToJudge, policy: Policy, others: Others, shows: Shown
) -> Compared:
    """Files and reports that are like this one's, and where it belongs by them."""
    at = report.row.violated_at or report.claim.violated_at
    tells = traces(report.claim, at, shows, others.fleet)
    gap = timedelta(minutes=policy.substance.same_incident_minutes)
    in_time = to_judge.near_in_time(work.connection, report, tells.moments, gap)
    ours = Ours(
        case_id=report.row.case_id,
        claim=report.claim,
        at=at,
        evidence=report.evidence,
        traces=tells,
        told_apart=frozenset(other for other, same in report.answered.items() if not same),
    )
    theirs = Theirs(
        fleet=others.fleet,
        near=others.near,
        sent_with=others.sent_with,
        of_files=others.told,
        in_time=in_time,
        own=others.own,
    )
    return compared(ours, theirs, policy.substance)


def _judged(  # noqa: PLR0913 - what it has come to
    report: ToJudge,
    policy: Policy,
    findings: tuple[Finding, ...],
    *,
    captured: tuple[datetime | None, datetime | None],
    shows: Shown | None,
    belonging: Belonging,
) -> Judged:
    return Judged(
        report_id=report.row.id,
        policy=policy.ref,
        claim_version=report.claim_version,
        findings=findings,
        recommendation=recommend(findings),
        captured=captured,
        shown=shows,
        belonging=belonging,
    )


def _reading_failed(sha256: Sha256 | None) -> Finding:
    return Finding(
        check="files",
        code="READING_FAILED",
        outcome=Outcome.REVIEW,
        scope=Scope.REPORT if sha256 is None else Scope.EVIDENCE,
        proof=None if sha256 is None else Proof(sha256),
    )
