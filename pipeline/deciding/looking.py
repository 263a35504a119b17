"""Looking at an incident: its reports side by side with all that is on record about them.

Who sent a report is in none of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.by_name import copied
from pipeline.deciding.case_views import (
    CandidateView,
    CaseView,
    ReportView,
    RewardView,
    ShareView,
    SightView,
)
from pipeline.deciding.holding import hold_of
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import accounts, case_file, events, reports
from pipeline.store.case_file import (
    CaseFile,
    FiledQuestion,
    FiledReport,
    FiledReward,
)
from pipeline.store.case_reports import CaseReport
from pipeline.store.decisions import DecisionRow
from pipeline.store.events import Event
from pipeline.store.ledger import ShareRow
from pipeline.store.reports import ReportRow
from scheme.case import CaseNotFound, ReportState, StaleVersion
from scheme.claw_back import is_due_back
from scheme.entitlement import InTime
from scheme.finding import Finding, Outcome, Sight
from scheme.policy import Policy, SightsNeeded
from scheme.reading import MediaKind
from scheme.report import FiledEvidence
from scheme.standing import Standing
from scheme.undoing import undo_until

HISTORY = 300
"""Events that the page shows at most, the latest."""

_ORDER = (Outcome.PASS, Outcome.REVIEW, Outcome.FAIL, Outcome.NOT_APPLICABLE)


def case_of(work: Work, report_id: str) -> str:
    """The case that a report stands in, for a link.

    Raises NoSuchReport, CaseNotFound before it was verified.
    """
    report = reports.by_id(work.connection, report_id)
    if report.case_id is None:
        raise CaseNotFound(report_id)
    return report.case_id


def require_version(work: Work, report_id: str, row_version: int) -> None:
    """Whether the report is still as somebody looked at it. Raises StaleVersion, NoSuchReport."""
    report = reports.by_id(work.connection, report_id)
    if report.row_version != row_version:
        raise StaleVersion(report_id, report.row_version)


def case_view(work: Work, *, case_id: str) -> CaseView:
    """One incident with everything an officer needs, identities apart. Raises CaseNotFound."""
    file = case_file.read(work.connection, case_id)
    standing = awarding.standing_of(work, [report.in_case for report in file.reports])
    names = accounts.names(work.connection)
    rewards = [_reward_view(file, reward, standing) for reward in file.rewards]
    history = events.latest_about(work.connection, file.subjects, HISTORY)
    questions = [_candidate_view(question, file, names) for question in file.questions]
    return CaseView(
        case_id=file.case.case_id,
        number=file.case.number,
        category=file.case.category,
        merged=tuple(merged.number for merged in file.merged),
        reports=tuple(_report_view(work, report, standing, names) for report in file.reports),
        candidates=tuple(sorted(questions, key=lambda question: question.same is not None)),
        history=tuple(_told_by_name(event, names) for event in history),
        reward=next((reward for reward in rewards if reward.live), None),
        past_rewards=tuple(reward for reward in rewards if not reward.live),
    )


def case_around(work: Work, report_id: str) -> CaseView:
    """The incident that a report stands in.

    Raises NoSuchReport, CaseNotFound before it was verified.
    """
    return case_view(work, case_id=case_of(work, report_id))


def hangs_on_the_calendar(case: CaseView, report: ReportView) -> bool:
    """Whether a date of the report is empty, so that ``open_dates`` has something to say of it."""
    rewards = [reward for reward in (case.reward, *case.past_rewards) if reward is not None]
    without_last_day = any(
        share.notice_received_at is not None and share.collect_by is None
        for reward in rewards
        for share in reward.shares
    )
    return without_last_day or report.answer_due_at is None or report.window is InTime.UNKNOWN


def evidence_of(work: Work, report_id: str) -> tuple[FiledEvidence, ...]:
    """The files of a report that operations may see: one that stands in a case.

    Raises NoSuchReport, CaseNotFound.
    """
    case_of(work, report_id)
    return tuple(case_file.evidence_of(work.connection, [report_id])[report_id])


def _report_view(
    work: Work, report: FiledReport, standing: Standing[CaseReport], names: Mapping[str, str]
) -> ReportView:
    row, in_case = report.row, report.in_case
    claim = report.claims[-1].claim
    kinds = frozenset(file.kind for file in report.evidence)
    substance = awarding.substance_of(work, in_case)
    decisions = tuple(_by_name(made, names) for made in report.decisions)
    return copied(
        ReportView,
        row,
        report_id=row.id,
        report_number=in_case.report_number,
        received_at=in_case.received_at,
        postmarked_on=report.postmarked_on,
        explanations=report.explanations,
        claims=report.claims,
        claim=claim,
        evidence=report.evidence,
        findings=report.findings,
        recommendation=report.recommendation,
        sights=_sights(substance, claim.category, kinds, report.findings),
        decisions=decisions,
        decision=_that_counts(decisions, in_case),
        entitlement=standing.entitlements[row.id],
        window=standing.windows[row.id],
        hold=hold_of(work, row, names),
        undo_until=_undo_until(work, row),
        reopened=row.reopened_at is not None,
        reporters=report.reporters,
    )


def _undo_until(work: Work, row: ReportRow) -> datetime | None:
    if row.state is not ReportState.DECIDED:
        return None
    return undo_until(row.decided_at, work.policies, work.now)


def _sights(
    policy: Policy, category_key: str, kinds: frozenset[MediaKind], findings: Sequence[Finding]
) -> tuple[SightView, ...]:
    """The checklist of the category for what was sent.

    By the video's sights if there is one, else the photo's.
    """
    category = policy.substance.categories.get(category_key)
    if category is None:
        return ()
    kind = next(
        (k for k in (MediaKind.VIDEO, MediaKind.PHOTO) if k in kinds and category.admits(k)), None
    )
    needed = category.sights.get(kind) if kind else next(iter(category.sights.values()))
    if needed is None:
        return ()
    return tuple(_sight(sight, needed, findings) for sight in dict.fromkeys(needed.sights()))


def _sight(sight: Sight, needed: SightsNeeded, findings: Sequence[Finding]) -> SightView:
    about = tuple(finding for finding in findings if finding.sight is sight)
    outcomes = {finding.outcome for finding in about}
    return SightView(
        sight=sight,
        required=needed.mode == "all" and sight in needed.parts,
        outcome=next((outcome for outcome in _ORDER if outcome in outcomes), None),
        findings=about,
    )


def _that_counts(decisions: Sequence[DecisionRow], report: CaseReport) -> DecisionRow | None:
    return next((made for made in decisions if made.decision_id == report.decision_id), None)


def _by_name(made: DecisionRow, names: Mapping[str, str]) -> DecisionRow:
    """Who decided is called by their display name."""
    return replace(made, officer=names.get(made.officer, made.officer))


def _candidate_view(
    question: FiledQuestion, file: CaseFile, names: Mapping[str, str]
) -> CandidateView:
    """The question as it is seen from this case: its own report first."""
    row = question.row
    this = (row.report_id, question.report_number, question.case_id)
    other = (row.other_report_id, question.other_report_number, question.other_case_id)
    if row.report_id not in {report.row.id for report in file.reports}:
        this, other = other, this
    return copied(
        CandidateView,
        row,
        report_id=this[0],
        report_number=this[1],
        other_report_id=other[0],
        other_report_number=other[1],
        other_case_id=other[2],
        answered_by=names.get(row.answered_by or ""),
    )


def _reward_view(file: CaseFile, reward: FiledReward, standing: Standing[CaseReport]) -> RewardView:
    due_back = is_due_back(reward, standing)
    (number,) = [
        report.report_number
        for report in standing.reports
        if report.report_id == reward.row.report_id
    ]
    return reward_view(reward, number, file.case.case_id, due_back=due_back)


def reward_view(
    reward: FiledReward, report_number: str, case_id: str, *, due_back: bool
) -> RewardView:
    """A reward as it is shown, with its shares and no names."""
    return RewardView(
        reward_id=reward.row.id,
        report_id=reward.row.report_id,
        report_number=report_number,
        case_id=case_id,
        amount_fen=reward.row.amount_fen,
        live=reward.row.live_case_id is not None,
        claw_back_due=due_back,
        awarded_at=reward.row.awarded_at,
        shares=tuple(_share_view(share) for share in reward.shares),
    )


def _share_view(share: ShareRow) -> ShareView:
    return copied(ShareView, share, share_id=share.id)


def _told_by_name(event: Event, names: Mapping[str, str]) -> Event:
    return replace(event, actor=names.get(event.actor, event.actor))
