"""Looking at an incident: its reports side by side with all that is on record about them.

Who sent a report is in none of it.
"""

from collections.abc import Mapping, Sequence

from pipeline.deciding.case_views import (
    CandidateView,
    CaseView,
    DecisionView,
    EventView,
    EvidenceView,
    ReportView,
    RewardView,
    ShareView,
    SightView,
)
from pipeline.deciding.holding import hold_of
from pipeline.deciding.undoing import undo_until
from pipeline.paying import awarding
from pipeline.paying.awarding import Standing
from pipeline.runtime import Work
from pipeline.store import (
    accounts,
    cases,
    events,
    evidence_files,
    explanations,
    ledger,
    letters,
    reports,
)
from pipeline.store.cases import CandidateRow, CaseReport, DecisionRow
from pipeline.store.ledger import RewardRow
from scheme.case import CaseNotFound, ReportState
from scheme.finding import Finding, Outcome, Sight
from scheme.policy import Policy, SightsNeeded
from scheme.reading import MediaKind

HISTORY = 300


_ORDER = (Outcome.PASS, Outcome.REVIEW, Outcome.FAIL, Outcome.NOT_APPLICABLE)


def case_of(work: Work, report_id: str) -> str:
    """The case that a report stands in, for a link.

    Raises NoSuchReport, CaseNotFound before it was verified.
    """
    report = reports.by_id(work.connection, report_id)
    if report.case_id is None:
        raise CaseNotFound(report_id)
    return report.case_id


def case_view(work: Work, *, case_id: str) -> CaseView:
    """One incident with everything an officer needs, identities apart. Raises CaseNotFound."""
    case = cases.read_whole(work.connection, case_id)
    standing = awarding.standing(work, case.case_id)
    names = accounts.names(work.connection)
    rewards = [
        reward_view(work, reward)
        for reward in ledger.rewards_of_case(work.connection, case.case_id)
    ]
    questions = cases.candidates_of(
        work.connection, [report.report_id for report in standing.reports]
    )
    views = [_candidate_view(work, row, standing, names) for row in questions]
    return CaseView(
        case_id=case.case_id,
        number=case.number,
        category=case.category,
        merged=tuple(merged.number for merged in cases.merged_into(work.connection, case.case_id)),
        reports=tuple(_report_view(work, report, standing, names) for report in standing.reports),
        candidates=tuple(sorted(views, key=lambda view: view.same is not None)),
        history=_history(work, case.case_id, standing, rewards, names),
        reward=next((reward for reward in rewards if reward.live), None),
        past_rewards=tuple(reward for reward in rewards if not reward.live),
    )


def case_around(work: Work, report_id: str) -> CaseView:
    """The incident that a report stands in.

    Raises NoSuchReport, CaseNotFound before it was verified.
    """
    return case_view(work, case_id=case_of(work, report_id))


def evidence_of(work: Work, report_id: str) -> tuple[EvidenceView, ...]:
    """The files of a report that operations may see: one that stands in a case.

    Raises NoSuchReport, CaseNotFound.
    """
    case_of(work, report_id)
    return tuple(_evidence(work, report_id))


def _report_view(
    work: Work, report: CaseReport, standing: Standing, names: Mapping[str, str]
) -> ReportView:
    row = reports.by_id(work.connection, report.report_id)
    history = reports.claim_history(work.connection, report.report_id)
    judged = reports.judgement(work.connection, report.report_id)
    findings = judged.findings if judged else ()
    evidence = tuple(_evidence(work, report.report_id))
    kinds = frozenset(file.kind for file in evidence)
    decisions = cases.decisions_of(work.connection, report.report_id)
    claim = history[-1].claim
    letter = letters.of_report(work.connection, report.report_id)
    return ReportView(
        report_id=report.report_id,
        report_number=report.report_number,
        state=report.state,
        row_version=report.row_version,
        channel=report.channel,
        received_at=report.received_at,
        submitted_to_us_at=report.submitted_to_us_at,
        postmarked_on=letter.postmarked_on if letter else None,
        answer_due_at=row.answer_due_at,
        explanations=explanations.of_report(work.connection, report.report_id),
        violated_at=report.violated_at,
        captured_from=row.captured_from,
        captured_to=row.captured_to,
        substance_policy=report.substance_policy,
        claims=history,
        claim=claim,
        evidence=evidence,
        findings=findings,
        recommendation=judged.recommendation if judged else None,
        sights=_sights(awarding.substance_of(work, report), claim.category, kinds, findings),
        decisions=tuple(_decision_view(decision, report, names) for decision in decisions),
        entitlement=standing.entitlements[report.report_id],
        excluded=report.excluded,
        tied_by_officer=row.tied_by_officer,
        asked_for=row.asked_for,
        hold=hold_of(work, row, names),
        undo_until=undo_until(work, row) if report.state is ReportState.DECIDED else None,
        reopened=row.reopened_at is not None,
        reporters=len(reports.person_ids(work.connection, report.report_id)),
    )


def _evidence(work: Work, report_id: str) -> list[EvidenceView]:
    views = []
    for file in evidence_files.of_report(work.connection, report_id):
        stored = evidence_files.by_sha256(work.connection, file.sha256)
        views.append(
            EvidenceView(
                sha256=file.sha256,
                kind=file.kind,
                format=stored.format,
                mime=stored.mime,
                size_bytes=file.size_bytes,
                file_name=file.file_name,
                position=file.position,
                readings=evidence_files.readings_of(work.connection, file.sha256),
            )
        )
    return views


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


def _decision_view(row: DecisionRow, report: CaseReport, names: Mapping[str, str]) -> DecisionView:
    return DecisionView(
        decision_id=row.decision_id,
        version=row.version,
        verdict=row.verdict,
        reasons=row.reasons,
        note=row.note,
        proof=row.proof,
        officer=names.get(row.officer, row.officer),
        decided_at=row.decided_at,
        undone_at=row.undone_at,
        in_force=row.decision_id == report.decision_id,
    )


def _candidate_view(
    work: Work, row: CandidateRow, standing: Standing, names: Mapping[str, str]
) -> CandidateView:
    here = {report.report_id for report in standing.reports}
    mine, other = row.report_id, row.other_report_id
    if mine not in here:
        mine, other = other, mine
    other_report = reports.by_id(work.connection, other)
    return CandidateView(
        candidate_id=row.candidate_id,
        report_id=mine,
        report_number=reports.by_id(work.connection, mine).report_number or "",
        other_report_id=other,
        other_report_number=other_report.report_number or "",
        other_case_id=other_report.case_id,
        reasons=row.reasons,
        found_at=row.found_at,
        same=row.same,
        answered_by=names.get(row.answered_by or ""),
        answered_at=row.answered_at,
        answer_reason=row.answer_reason,
    )


def reward_view(work: Work, reward: RewardRow) -> RewardView:
    """A reward as it is shown, with its shares and no names."""
    shares = ledger.shares_of(work.connection, reward.id)
    report = reports.by_id(work.connection, reward.report_id)
    return RewardView(
        reward_id=reward.id,
        report_id=reward.report_id,
        report_number=report.report_number or "",
        case_id=report.case_id or reward.case_id,
        amount_fen=reward.amount_fen,
        live=reward.live_case_id is not None,
        claw_back_due=awarding.claw_back_is_due(work, reward),
        awarded_at=reward.awarded_at,
        shares=tuple(
            ShareView(
                share_id=share.id,
                position=share.position,
                amount_fen=share.amount_fen,
                state=share.state,
                channel=share.channel,
                notified_at=share.notified_at,
                notice_received_at=share.notice_received_at,
                collect_by=share.collect_by,
                collected_at=share.collected_at,
                paid_at=share.paid_at,
            )
            for share in shares
        ),
    )


def _history(
    work: Work,
    case_id: str,
    standing: Standing,
    rewards: Sequence[RewardView],
    names: Mapping[str, str],
) -> tuple[EventView, ...]:
    """Everything on record about the case, its reports and rewards, oldest first.

    The latest ``HISTORY`` of it.
    """
    subjects = [f"case/{case_id}"]
    subjects += [f"report/{report.report_id}" for report in standing.reports]
    subjects += [f"reward/{reward.reward_id}" for reward in rewards]
    subjects += [f"share/{share.share_id}" for reward in rewards for share in reward.shares]
    found = [event for subject in subjects for event in events.about(work.connection, subject)]
    found.sort(key=lambda event: event.seq)
    return tuple(
        EventView(
            event.at, names.get(event.actor, event.actor), event.action, event.subject, event.detail
        )
        for event in found[-HISTORY:]
    )
