"""Operations' stage: look at a report beside its case, decide it, and whatever else an officer does to one.

Every change is on record. What touches a decision or a claim checks the version that the officer
looked at. What can change who is first ends in ``awarding.settle_case``: that follows from the
decisions, whatever was changed.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from pipeline.answering import answer_clock
from pipeline.dates import open_dates
from pipeline.deciding.review_views import (
    CandidateView,
    CaseView,
    DecisionView,
    EventView,
    EvidenceView,
    Hold,
    Overview,
    QueueFilter,
    QueuePage,
    QueueRow,
    ReportView,
    RewardView,
    ShareView,
    SightView,
)
from pipeline.paying import awarding
from pipeline.paying.awarding import Standing
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import (
    accounts,
    cases,
    events,
    evidence_files,
    explanations,
    identity_questions,
    ledger,
    letters,
    notices,
    reports,
    second_looks,
)
from pipeline.store import queue as queued
from pipeline.store.actions import Action
from pipeline.store.cases import CandidateRow, CaseNotFound, CaseReport, DecisionRow
from pipeline.store.ledger import RewardRow
from pipeline.store.queue import Waiting, Wanted
from pipeline.store.reports import NoSuchReport, ReportRow, StaleVersion
from pipeline.verifying import incidents, verification
from rewards.award import claw_back as claw_back_transfer
from scheme.case import ON_THE_DESK, UNDECIDED, ForbiddenMove, ReportState, ShareState
from scheme.decision import UnknownReason, Verdict, require_reasons
from scheme.finding import Finding, Outcome, Proof, Sight
from scheme.policy import Policy, SightsNeeded
from scheme.reading import MediaKind
from scheme.report import Claim

__all__ = [
    "AlreadyAnswered",
    "AlreadyPaid",
    "CandidateView",
    "CaseNotFound",
    "CaseView",
    "CategoriesDiffer",
    "DecisionView",
    "EarlierReportUnread",
    "EventView",
    "EvidenceView",
    "ForbiddenMove",
    "HeldByOther",
    "Hold",
    "InOneCase",
    "NoSuchReport",
    "NotDecidedByYou",
    "NotDue",
    "NotReopened",
    "NothingToSplit",
    "OpenCandidates",
    "OutsideScheme",
    "Overview",
    "QueueFilter",
    "QueuePage",
    "QueueRow",
    "ReasonRequired",
    "ReportView",
    "RewardView",
    "ShareView",
    "SightView",
    "StaleVersion",
    "UndoTooLate",
    "UnknownReason",
    "ViolationTimeMissing",
    "answer_candidate",
    "ask_for_more",
    "case_of",
    "case_view",
    "claw_back",
    "claw_backs_due",
    "correct_claim",
    "decide",
    "exclude",
    "explain",
    "hold",
    "may_be_undone",
    "merge",
    "overview",
    "queue",
    "release",
    "reopen",
    "require_undisputed",
    "split",
    "take_next",
    "tie_files",
    "undo",
]

PAGE = 50
LONGEST_TEXT = 2_000
HISTORY = 300
MOST_NAMED = 5
"""Reports that a refusal names; of more it says how many."""

_ORDER = (Outcome.PASS, Outcome.REVIEW, Outcome.FAIL, Outcome.NOT_APPLICABLE)


class OpenCandidates(Exception):
    """A question "same incident?" about the case is open, so nothing of it is substantiated (R14)."""

    def __init__(self, candidate_ids: Sequence[int]) -> None:
        super().__init__(", ".join(str(candidate_id) for candidate_id in candidate_ids))
        self.candidate_ids = tuple(candidate_ids)


class EarlierReportUnread(Exception):
    """Reports received earlier are still being read and can be about this incident.

    ``unread`` of them.

    ``numbers`` names the first of them; from ``until`` on none of them holds anything up.
    """

    def __init__(self, unread: Sequence[incidents.Unread]) -> None:
        self.unread, self.until = tuple(unread), max(one.until for one in unread)
        more = len(unread) - MOST_NAMED
        self.numbers = ", ".join(one.report_number for one in unread[:MOST_NAMED]) + (
            f" (+{more})" if more > 0 else ""
        )
        super().__init__(self.numbers)


class HeldByOther(Exception):
    """Another officer has the report until ``until``."""

    def __init__(self, display_name: str, until: datetime) -> None:
        super().__init__(f"until {until}")
        self.display_name, self.until = display_name, until


class ViolationTimeMissing(Exception):
    """Without an accepted violation time nobody can say which policy judges, or whether it is in time."""


class OutsideScheme(Exception):
    """A violation when no scheme was in force, or after it was reported, can't be substantiated (R1)."""

    def __init__(self, violated_at: datetime) -> None:
        super().__init__(str(violated_at))
        self.violated_at = violated_at


class NotReopened(Exception):
    """The report is answered: to supersede its decision, somebody has to reopen it first, with a reason."""


class UndoTooLate(Exception):
    """The time for undoing ended at ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


class NotDecidedByYou(Exception):
    """Only who decided can undo; anybody else reopens."""


class AlreadyPaid(Exception):
    """The reward of the report is ``state``.

    It can't be undone any more, only reopened and clawed back.
    """

    def __init__(self, state: ShareState) -> None:
        super().__init__(state)
        self.state = state


class ReasonRequired(Exception):
    """This is only done with a reason, on record. Also raised for one that is too long."""


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


class NotDue(Exception):
    """Nothing is to be clawed back: the share is not paid, or its report is still the first."""


# -- looking ---------------------------------------------------------------------------------------


# The page's word
def queue(work: Work, *, filter: QueueFilter | None = None, page: int = 1) -> QueuePage:  # noqa: A002
    """One page of the reports that wait, due first; without a due date before all.

    ``page`` counts from 1.
    """
    wanted = _wanted(filter or QueueFilter())
    total = queued.how_many(work.connection, wanted)
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    names = accounts.names(work.connection)
    rows = queued.waiting(work.connection, wanted, limit=PAGE, offset=(page - 1) * PAGE)
    return QueuePage(tuple(_queue_row(row, work.now, names) for row in rows), total, page, pages)


def overview(work: Work) -> Overview:
    """The numbers of the front page."""
    procedure = work.policies.procedure_at(work.now)
    today = work.now.astimezone(procedure.zone).date()
    midnight = datetime.combine(today + timedelta(days=1), time(), procedure.zone).astimezone(UTC)
    counts = queued.counts(work.connection, now=work.now, midnight=midnight)
    return Overview(
        due_today=counts.due_before_midnight,
        overdue=counts.overdue,
        waiting=counts.by_state.get(ReportState.VERIFIED, 0),
        unread=counts.by_state.get(ReportState.RECEIVED, 0),
        awaiting_reporter=counts.by_state.get(ReportState.AWAITING_REPORTER, 0),
        uncollected=counts.uncollected,
        without_due_date=counts.without_due_date,
        explained=counts.explained,
        open_candidates=cases.open_questions(work.connection),
        claw_backs_due=len(awarding.claw_backs_due(work)),
        persons_asked=identity_questions.how_many_open(work.connection),
        open_dates=len(open_dates.waiting(work)) + len(open_dates.contradicted(work)),
        second_looks=second_looks.how_many_wait(work.connection),
        missing_years=open_dates.missing_years(work),
    )


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
        _reward_view(work, reward)
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


def _wanted(chosen: QueueFilter) -> Wanted:
    states = UNDECIDED if chosen.state is None else (chosen.state,)
    return Wanted(
        states, chosen.category, chosen.due_before, (chosen.text or "").strip()[:40] or None
    )


def _queue_row(row: Waiting, now: datetime, names: Mapping[str, str]) -> QueueRow:
    held = row.held_by is not None and row.held_until is not None and row.held_until > now
    return QueueRow(
        report_id=row.report_id,
        report_number=row.report_number,
        case_id=row.case_id,
        category=row.category,
        route=row.route,
        plate=row.plate,
        badge=row.badge,
        state=row.state,
        channel=row.channel,
        received_at=row.received_at,
        answer_due_at=row.answer_due_at,
        overdue=row.answer_due_at is not None
        and row.answer_due_at <= now
        and row.state is not ReportState.ANSWERED,
        recommendation=row.recommendation,
        held_by=names.get(row.held_by or "") if held else None,
        explanations=row.explanations,
        media_kinds=row.media_kinds,
    )


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
        hold=_hold_of(work, row, names),
        undo_until=_undo_until(work, row) if report.state is ReportState.DECIDED else None,
        reopened=report.state is ReportState.ANSWERED and _is_reopened(work, report.report_id),
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


def _hold_of(work: Work, row: ReportRow, names: Mapping[str, str]) -> Hold | None:
    if row.held_by is None or row.held_until is None or row.held_until <= work.now:
        return None
    return Hold(row.held_by, names.get(row.held_by, row.held_by), row.held_until)


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


def _reward_view(work: Work, reward: RewardRow) -> RewardView:
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


# -- one officer at a time -------------------------------------------------------------------------


def take_next(work: Work, officer: Account) -> str | None:
    """Hold the verified report that is due first and that nobody has; None when there is none."""
    offset = 0
    while rows := queued.waiting(
        work.connection, Wanted((ReportState.VERIFIED,)), limit=PAGE, offset=offset
    ):
        for row in rows:
            others = (
                row.held_by not in (None, officer.account_id)
                and (row.held_until or work.now) > work.now
            )
            if not others and queued.hold(
                work.connection,
                row.report_id,
                officer.account_id,
                now=work.now,
                until=_hold_until(work),
            ):
                return row.report_id
        offset += PAGE
    return None


def hold(work: Work, report_id: str, officer: Account) -> datetime:
    """Take a report, or keep it for longer; returns until when.

    Raises HeldByOther, NoSuchReport.
    """
    until = _hold_until(work)
    if not queued.hold(work.connection, report_id, officer.account_id, now=work.now, until=until):
        _require_free(work, reports.by_id(work.connection, report_id), officer)
    return until


def release(work: Work, report_id: str, officer: Account) -> bool:
    """Give a report back; False if the officer does not have it."""
    return queued.release(work.connection, report_id, officer.account_id)


def _hold_until(work: Work) -> datetime:
    return work.now + timedelta(minutes=work.policies.procedure_at(work.now).procedure.hold_minutes)


def _require_free(work: Work, report: ReportRow, officer: Account) -> None:
    hold_now = _hold_of(work, report, accounts.names(work.connection))
    if hold_now is not None and hold_now.account_id != officer.account_id:
        raise HeldByOther(hold_now.display_name, hold_now.until)


# -- deciding --------------------------------------------------------------------------------------


def decide(  # noqa: PLR0913 - what a decision consists of
    work: Work,
    *,
    report_id: str,
    officer: Account,
    row_version: int,
    verdict: Verdict,
    reasons: Sequence[str],
    note: str = "",
    proof: Proof | None = None,
) -> str:
    """Answer one report; returns the decision's id.

    What follows for the whole case follows in this transaction.

    A report that waits for its reporter can be decided as it stands: silence must not keep
    everybody after it waiting. Raises StaleVersion, HeldByOther, UnknownReason, ForbiddenMove,
    NotReopened; for a substantiated report also OpenCandidates, EarlierReportUnread,
    ViolationTimeMissing, OutsideScheme.
    """
    require_reasons(verdict, reasons)
    report = reports.by_id(work.connection, report_id)
    if report.row_version != row_version:
        raise StaleVersion(report_id, report.row_version)
    _require_free(work, report, officer)
    decisions = cases.decisions_of(work.connection, report_id)
    if report.state is ReportState.ANSWERED and not _is_reopened(work, report_id):
        raise NotReopened
    case_id = _case_for(work, report)
    if verdict is Verdict.SUBSTANTIATED:
        _require_substantiable(work, report, case_id)
    if report.state is ReportState.AWAITING_REPORTER:
        report = _stop_waiting(work, report)
    reports.move(
        work.connection,
        report_id,
        ReportState.DECIDED,
        row_version=report.row_version,
        decided_at=work.now,
        held_by=None,
        held_until=None,
    )
    decision_id = cases.add_decision(
        work.connection,
        report_id,
        verdict=verdict,
        reasons=reasons,
        note=_kept(note)[:LONGEST_TEXT],
        proof=proof,
        officer=officer.account_id,
        at=work.now,
        procedure_policy=work.policies.procedure_at(work.now).ref,
    )
    work.record(
        officer.account_id, Action.REPORT_DECIDED, f"report/{report_id}", decision=decision_id, verdict=verdict,
        reasons=list(reasons), supersedes=decisions[-1].decision_id if decisions else None,
    )  # fmt: skip
    awarding.settle_case(work, case_id, actor=officer.account_id)
    work.ring("deliver_notices")
    return decision_id


def _stop_waiting(work: Work, report: ReportRow) -> ReportRow:
    """No further material is waited for; a question that has not left is taken back."""
    notices.cancel_unsent(work.connection, work.now, kinds=("ask",), report_id=report.id)
    return reports.move(
        work.connection,
        report.id,
        ReportState.VERIFIED,
        row_version=report.row_version,
        asked_for=None,
    )


def undo(work: Work, *, report_id: str, officer: Account) -> None:
    """Take one's own decision back within the seconds for it: nobody has been told yet.

    The report is verified again; where the decision superseded another, that one is in force again,
    as answered. Raises ForbiddenMove, NotDecidedByYou, UndoTooLate, AlreadyPaid (a card was handed
    over).
    """
    report = reports.by_id(work.connection, report_id)
    in_force = cases.report_in_case(work.connection, report_id)
    if report.state is not ReportState.DECIDED or in_force is None or in_force.decision_id is None:
        raise ForbiddenMove("report", report.state, ReportState.VERIFIED)
    decision = cases.decisions_of(work.connection, report_id)[-1]
    if decision.officer != officer.account_id:
        raise NotDecidedByYou
    until = _undo_until(work, report)
    if until is None:
        raise UndoTooLate(decision.decided_at + _undo_time(work))
    for reward in ledger.rewards_of_report(work.connection, report_id):
        for share in ledger.shares_of(work.connection, reward.id):
            if reward.live_case_id is not None and share.state in (
                *awarding.PAID,
                ShareState.IN_BATCH,
            ):
                raise AlreadyPaid(share.state)
    cases.undo_decision(work.connection, decision.decision_id, work.now)
    before = next(
        (
            d
            for d in reversed(cases.decisions_of(work.connection, report_id))
            if d.undone_at is None
        ),
        None,
    )
    if before is not None and report.answered_at is not None:
        reports.move(work.connection, report_id, ReportState.ANSWERED, decided_at=before.decided_at)
    else:
        reports.move(work.connection, report_id, ReportState.VERIFIED, decided_at=None)
    work.record(
        officer.account_id,
        Action.DECISION_UNDONE,
        f"report/{report_id}",
        decision=decision.decision_id,
    )
    awarding.settle_case(work, _case_for(work, report), actor=officer.account_id)


def reopen(work: Work, *, report_id: str, officer: Account, reason: str) -> None:
    """Open the way to a superseding decision on an answered report.

    The old one counts until ``decide``.

    Raises ForbiddenMove unless it is answered, ReasonRequired, HeldByOther.
    """
    report = reports.by_id(work.connection, report_id)
    if report.state is not ReportState.ANSWERED:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    reason = _required(reason)
    hold(work, report_id, officer)
    work.record(officer.account_id, Action.REPORT_REOPENED, f"report/{report_id}", reason=reason)


def _require_substantiable(work: Work, report: ReportRow, case_id: str) -> None:
    """Refuse while anything could still make another report the first, or the scheme does not know the violation."""
    if report.violated_at is None:
        raise ViolationTimeMissing
    if report.receipt_seq is None or report.received_at is None:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    policy = work.policies.substance_at(report.violated_at)
    latest = report.received_at + timedelta(minutes=policy.substance.future_skew_minutes)
    if not policy.in_force(report.violated_at) or report.violated_at > latest:
        raise OutsideScheme(report.violated_at)
    members = [member.report_id for member in cases.reports_of_case(work.connection, case_id)]
    unread = incidents.unread_before(
        work, report.id, case=members, longest_try=verification.LONGEST_TRY
    )
    if unread:
        raise EarlierReportUnread(unread)
    open_questions = cases.candidates_of(work.connection, members, open_only=True)
    if open_questions:
        raise OpenCandidates([question.candidate_id for question in open_questions])


def _case_for(work: Work, report: ReportRow) -> str:
    """The report's case; verification has opened it, a report that it could not read gets one here."""
    if report.case_id is not None:
        return report.case_id
    claim = reports.claim_in_force(work.connection, report.id)
    if claim is None:
        raise ForbiddenMove("report", report.state, ReportState.DECIDED)
    case_id = cases.open_case(work.connection, category=claim.claim.category, at=work.now)
    cases.link(work.connection, report.id, case_id)
    return case_id


def require_undisputed(work: Work, report_id: str) -> None:
    """Whether the report could still be substantiated now.

    For a decision on which money follows later.

    Raises OpenCandidates, EarlierReportUnread, ViolationTimeMissing, OutsideScheme.
    """
    report = reports.by_id(work.connection, report_id)
    _require_substantiable(work, report, _case_for(work, report))


def may_be_undone(work: Work, report_id: str) -> bool:
    """Whether the report is decided, but whoever did it can still take it back."""
    report = reports.by_id(work.connection, report_id)
    return report.state is ReportState.DECIDED and _undo_until(work, report) is not None


def _undo_time(work: Work) -> timedelta:
    return timedelta(seconds=work.policies.procedure_at(work.now).procedure.undo_seconds)


def _undo_until(work: Work, report: ReportRow) -> datetime | None:
    if report.decided_at is None:
        return None
    until = report.decided_at + _undo_time(work)
    return until if work.now < until else None


def _is_reopened(work: Work, report_id: str) -> bool:
    """Whether somebody reopened the report since its last decision, by the order of the audit log."""
    about = reversed(events.about(work.connection, f"report/{report_id}"))
    return next(
        (
            event.action == Action.REPORT_REOPENED
            for event in about
            if event.action in (Action.REPORT_REOPENED, Action.REPORT_DECIDED)
        ),
        False,
    )


# -- whatever else an officer does -----------------------------------------------------------------


def correct_claim(  # noqa: PLR0913 - what a correction consists of
    work: Work, *, report_id: str, officer: Account, row_version: int, claim: Claim, reason: str
) -> int:
    """Put another version of the claim in force, beside what the reporter said; returns its number.

    The accepted time follows it, and with the time the policy that judges; then the report is
    judged again. Raises ReasonRequired, StaleVersion, HeldByOther, ForbiddenMove for a report that
    is not open to operations.
    """
    reason = _required(reason)
    report = reports.by_id(work.connection, report_id)
    if report.row_version != row_version:
        raise StaleVersion(report_id, report.row_version)
    if report.state not in ON_THE_DESK:
        raise ForbiddenMove("claim", report.state, ReportState.VERIFIED)
    _require_free(work, report, officer)
    before = reports.claim_in_force(work.connection, report_id)
    version = reports.add_claim(
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
    verification.judge_again(work, report_id=report_id)
    awarding.settle_case(work, case_of(work, report_id), actor=officer.account_id)
    return version


def _follow_category(
    work: Work, report_id: str, case_id: str, category: str, officer: Account
) -> None:
    """Another category is another incident (R16): the report leaves a case that it shares."""
    if len(cases.reports_of_case(work.connection, case_id)) == 1:
        cases.set_category(work.connection, case_id, category)
    else:
        split(
            work, report_id=report_id, officer=officer, reason=f"category corrected to {category}"
        )


def ask_for_more(  # noqa: PLR0913 - what a question consists of
    work: Work,
    *,
    report_id: str,
    officer: Account,
    row_version: int,
    text: str,
    sights: Sequence[Sight] = (),
) -> None:
    """Ask the reporter for material: they are told, and the report waits for them.

    Raises ReasonRequired, StaleVersion, HeldByOther, ForbiddenMove.
    """
    text = _required(text)
    report = reports.by_id(work.connection, report_id)
    if report.row_version != row_version:
        raise StaleVersion(report_id, report.row_version)
    _require_free(work, report, officer)
    reports.move(
        work.connection,
        report_id,
        ReportState.AWAITING_REPORTER,
        row_version=row_version,
        asked_for=text,
        held_by=None,
        held_until=None,
    )
    work.record(
        officer.account_id,
        Action.REPORTER_ASKED,
        f"report/{report_id}",
        sights=[str(sight) for sight in sights],
    )
    _write_to_reporters(
        work, report, "ask", {"text": text, "sights": [str(sight) for sight in sights]}
    )


def explain(work: Work, *, report_id: str, officer: Account, text: str) -> None:
    """Tell the reporter why there is no result yet.

    In time, that begins the answer's clock anew (R9).

    Raises ReasonRequired, ForbiddenMove once there is an answer.
    """
    text = _required(text)
    report = reports.by_id(work.connection, report_id)
    if report.state not in (*UNDECIDED, ReportState.DECIDED):
        raise ForbiddenMove("explanation", report.state, ReportState.DECIDED)
    explanation = answer_clock.explained(work, report, officer)
    promised = answer_clock.last_day(work, explanation.due_now) if explanation.in_time else ""
    _write_to_reporters(work, report, "explanation", {"text": text, "answer_due": promised})


def tie_files(work: Work, *, report_id: str, officer: Account, reason: str) -> None:
    """An officer's word that the files of the report show one bus (R5); it is judged again."""
    reason = _required(reason)
    report = reports.by_id(work.connection, report_id)
    if report.state not in ON_THE_DESK:
        raise ForbiddenMove("files", report.state, ReportState.VERIFIED)
    reports.change(work.connection, report_id, tied_by_officer=True)
    work.record(officer.account_id, Action.FILES_TIED, f"report/{report_id}", reason=reason)
    verification.judge_again(work, report_id=report_id)


def exclude(
    work: Work, *, report_id: str, officer: Account, reason: str, excluded: bool = True
) -> None:
    """Take a report out of the line for the reward (own repeat, disqualified), or put it back, on record."""
    reason = _required(reason)
    report = reports.by_id(work.connection, report_id)
    if report.receipt_seq is None:
        raise ForbiddenMove("report", report.state, report.state)
    reports.change(work.connection, report_id, excluded=excluded)
    action = Action.REPORT_EXCLUDED if excluded else Action.REPORT_READMITTED
    work.record(officer.account_id, action, f"report/{report_id}", reason=reason)
    awarding.settle_case(work, _case_for(work, report), actor=officer.account_id)
    work.ring("deliver_notices")


def claw_back(work: Work, *, share_id: str, officer: Account, reason: str) -> None:
    """Decide that a wrongly paid share is to be given back.

    Then the rightful first report is rewarded.

    Raises NotDue unless the share is paid and its report is not the first any more, ReasonRequired.
    """
    reason = _required(reason)
    share = ledger.share(work.connection, share_id)
    reward = ledger.reward(work.connection, share.reward_id)
    if share.state not in awarding.PAID or not awarding.claw_back_is_due(work, reward):
        raise NotDue
    ledger.move_share(work.connection, share_id, ShareState.CLAWED_BACK)
    if share.amount_fen:
        transfer = claw_back_transfer(share_id, share.amount_fen)
        ledger.post(work.connection, transfer, at=work.now, made_by=officer.account_id)
    work.record(
        officer.account_id,
        Action.SHARE_CLAWED_BACK,
        f"share/{share_id}",
        reason=reason,
        report=reward.report_id,
    )
    awarding.settle_case(work, case_of(work, reward.report_id), actor=officer.account_id)
    work.ring("deliver_notices")


def claw_backs_due(work: Work) -> tuple[RewardView, ...]:
    """Paid rewards that are not due any more: a decision to make for each of their shares."""
    return tuple(_reward_view(work, reward) for reward in awarding.claw_backs_due(work))


def _required(text: str) -> str:
    text = _kept(text)
    if not text or len(text) > LONGEST_TEXT:
        raise ReasonRequired
    return text


def _kept(text: str) -> str:
    """What of a text can be stored, hashed and sent anywhere.

    No control signs, no halves of a sign.
    """
    return "".join(
        sign
        for sign in text
        if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn")
    ).strip()


def _write_to_reporters(
    work: Work, report: ReportRow, kind: str, facts: Mapping[str, object]
) -> None:
    policy = work.policies.procedure_at(work.now).ref
    for person_id in reports.person_ids(work.connection, report.id):
        notices.write(
            work.connection,
            kind=kind,
            report_id=report.id,
            person_id=person_id,
            share_id=None,
            facts={**facts, "report_number": report.report_number, "policy": policy},
            at=work.now,
            send_after=work.now,
        )
    work.ring("deliver_notices")


# -- one incident or two ---------------------------------------------------------------------------


def answer_candidate(
    work: Work, *, candidate_id: int, officer: Account, same: bool, reason: str
) -> None:
    """Answer "same incident?": same merges the two cases, different leaves them apart (R14).

    Raises AlreadyAnswered, ReasonRequired, CategoriesDiffer, InOneCase.
    """
    reason = _required(reason)
    row = cases.read_candidate(work.connection, candidate_id)
    if row is None or row.same is not None:
        raise AlreadyAnswered
    pair = (row.report_id, row.other_report_id)
    one, other = (_case_for(work, reports.by_id(work.connection, report_id)) for report_id in pair)
    if one == other and not same:
        raise InOneCase
    if one != other and same:
        _require_one_category(work, one, other)
    answered = cases.answer_candidate(
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
    reason = _required(reason)
    source, target = (cases.resolve(work.connection, case) for case in (case_id, into_case_id))
    if source == target:
        raise InOneCase
    _require_one_category(work, source, target)
    _merge(work, source, target, officer, reason)
    _judge_again(
        work, [report.report_id for report in cases.reports_of_case(work.connection, target)]
    )


def split(work: Work, *, report_id: str, officer: Account, reason: str) -> str:
    """Take a report out of its case into one of its own; returns that case's id.

    Its reward goes with it.

    Raises NothingToSplit, ReasonRequired, NoSuchReport.
    """
    reason = _required(reason)
    report = reports.by_id(work.connection, report_id)
    old_case = _case_for(work, report)
    others = [
        r.report_id
        for r in cases.reports_of_case(work.connection, old_case)
        if r.report_id != report_id
    ]
    claim = reports.claim_in_force(work.connection, report_id)
    if not others or claim is None:
        raise NothingToSplit
    new_case = cases.open_case(work.connection, category=claim.claim.category, at=work.now)
    cases.link(work.connection, report_id, new_case)
    cases.part_ways(
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
        return min(report.receipt_seq for report in cases.reports_of_case(work.connection, case_id))

    return (other, one) if earliest(one) < earliest(other) else (one, other)


def _merge(work: Work, source: str, target: str, officer: Account, reason: str) -> None:
    there, here = (
        {report.report_id for report in cases.reports_of_case(work.connection, case)}
        for case in (source, target)
    )
    for question in cases.candidates_of(work.connection, sorted(there), open_only=True):
        if {question.report_id, question.other_report_id} & here:
            cases.answer_candidate(
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
            verification.judge_again(work, report_id=report_id)
