"""What a reporter sees of their own report.

Nothing of anybody else's report ever shows, in a page, an error or a wait: what is not answered
reads "still being checked", whatever it waits for. That it is their own is shown in ``proving``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pipeline.answering.own_report import Answer, Collect, OwnFile, OwnShare, Progress, Step
from pipeline.by_name import copied
from pipeline.paying import awarding
from pipeline.runtime import Runtime, Work
from pipeline.store import calls_due, claims, decisions, evidence_files, ledger, notices, reports
from pipeline.store.actions import Action
from pipeline.store.ledger import ShareRow
from pipeline.store.notices import ANSWER, ASK, REWARD, NoticeRow
from pipeline.store.reports import ReportRow
from scheme.case import DECIDED, UNDECIDED, NoSuchReport, ReportState, ShareState
from scheme.entitlement import Entitlement
from scheme.money import Fen
from scheme.policy import PolicyRef, Substance
from scheme.report import Claim

UNRECEIVED: Final = (ShareState.AWARDED, ShareState.NOTIFIED)
"""A share whose notice can still be received."""


TO_COLLECT: Final = (ShareState.AWARDED, ShareState.NOTIFIED, ShareState.REINSTATED)
"""A share that its reporter is told where to collect."""

_SHOWN: Final = (ANSWER, REWARD, ASK)
"""Kinds of notices whose content stands on the reporter's page."""

_ORDER: Final = (
    "received",
    "checked",
    "asked",
    "added",
    "withdrawn",
    "answered",
    "notified",
    "collected",
    "paid",
)
"""Of steps at one instant."""


def language_of(work: Work, report_id: str) -> str | None:
    """The language in which the report was handed in; None where nobody chose one."""
    return reports.by_id(work.connection, report_id).language


def progress(work: Work, report_id: str, *, looks_only: bool = False) -> Progress:
    """How the report stands.

    Call it in a writing transaction: opening the answer receives the notice (R13); with
    ``looks_only`` there is none to receive. Raises NoSuchReport, also for a draft.
    """
    report = reports.by_id(work.connection, report_id)
    if report.report_number is None or report.received_at is None:
        raise NoSuchReport(report_id)
    answers = notices.of_report(work.connection, report_id, ANSWER)
    answers_sent = tuple(notice for notice in answers if notice.sent_at is not None)
    answer = _answer(work, report, answers_sent)
    if not looks_only:
        _receive(work, report_id, answer)
    shares = _shares(work, report_id, answer)
    claim = claims.history(work.connection, report_id)[0].claim
    shown_state = _shown_state(report, answer)
    open_to_changes = shown_state in UNDECIDED
    asked = report.state is ReportState.AWAITING_REPORTER
    return Progress(
        report_id=report_id,
        report_number=report.report_number,
        state=shown_state,
        received_at=report.received_at,
        answer_due_at=report.answer_due_at,
        claim=claim,
        substance=_substance(work, report, claim),
        files=_files(work, report_id),
        answer=answer,
        shares=tuple(_own_share(share) for share in shares),
        collect=_collect(work, shares),
        asked_for=report.asked_for if asked else None,
        asked_sights=_asked_sights(work, report_id) if asked else (),
        may_add_files=open_to_changes,
        may_withdraw=open_to_changes,
        timeline=_timeline(work, report, answers_sent, shares),
    )


def number_of(work: Work, report_id: str) -> str | None:
    """The public number alone; looking at it receives no answer (R13)."""
    return reports.by_id(work.connection, report_id).report_number


def look(runtime: Runtime, report_id: str) -> Progress:
    """How the report stands, as ``progress`` says.

    It only reads, and waits for nobody, unless there is a notice in it that is received by looking
    (R13).
    """
    with runtime.read() as work:
        if not _receives_by_looking(work, report_id):
            return progress(work, report_id, looks_only=True)
    with runtime.write() as work:
        return progress(work, report_id)


# -- what looking receives -------------------------------------------------------------------------


def _receives_by_looking(work: Work, report_id: str) -> bool:
    """Whether looking receives the notice of a reward, or saves somebody a call about a message."""
    if calls_due.waits_to_be_read(work.connection, report_id, _SHOWN):
        return True
    for reward in ledger.rewards_of_report(work.connection, report_id):
        for share in ledger.shares_of(work.connection, reward.id):
            if share.notice_received_at is None and share.state in UNRECEIVED:
                return True
    return False


def _receive(work: Work, report_id: str, answer: Answer | None) -> None:
    if answer is not None and answer.entitlement is Entitlement.FIRST:
        awarding.notice_received(work, report_id, actor="reporter")
    if calls_due.read_by_reporter(work.connection, report_id, _SHOWN, work.now):
        work.record("reporter", Action.NOTICES_READ, f"report/{report_id}")


# -- what stands on the page -----------------------------------------------------------------------


def _files(work: Work, report_id: str) -> tuple[OwnFile, ...]:
    evidence = evidence_files.of_report(work.connection, report_id)
    return tuple(
        OwnFile(file.file_name, file.sha256, file.kind, file.size_bytes) for file in evidence
    )


def _asked_sights(work: Work, report_id: str) -> tuple[str, ...]:
    """The sights that the last question names."""
    questions = notices.of_report(work.connection, report_id, ASK)
    return tuple(questions[-1].facts["sights"]) if questions else ()


def _substance(work: Work, report: ReportRow, claim: Claim) -> Substance:
    """The report's policy, unless a corrected time leads to one without the reporter's choice."""
    by_claim = work.policies.substance_at(claim.violated_at or report.received_at or work.now)
    if report.substance_policy is None:
        return by_claim.substance
    pinned = work.policies.by_ref(report.substance_policy)
    for policy in (pinned, by_claim):
        if claim.category in policy.substance.categories:
            return policy.substance
    return pinned.substance


def _shown_state(report: ReportRow, answer: Answer | None) -> ReportState:
    """A decision shows when its answer has left, not before.

    Until then the report is being checked.
    """
    if report.state not in DECIDED:
        return report.state
    return ReportState.VERIFIED if answer is None else ReportState.ANSWERED


def _answer(work: Work, report: ReportRow, answers_sent: Sequence[NoticeRow]) -> Answer | None:
    """What the last answer that left said."""
    if not answers_sent or answers_sent[-1].sent_at is None:
        return None
    facts = answers_sent[-1].facts
    (decision,) = (
        decision
        for decision in decisions.of_report(work.connection, report.id)
        if decision.decision_id == facts["decision_id"]
    )
    return copied(
        Answer,
        decision,
        entitlement=Entitlement(facts["entitlement"]),
        answered_at=answers_sent[-1].sent_at,
        changed=bool(facts["changed"]),
    )


def _shares(work: Work, report_id: str, answer: Answer | None) -> tuple[ShareRow, ...]:
    """The report's own shares, once its answer said so."""
    if answer is None or answer.entitlement is not Entitlement.FIRST:
        return ()
    rewards = ledger.rewards_of_report(work.connection, report_id)
    live = [reward for reward in rewards if reward.live_case_id]
    return ledger.shares_of(work.connection, live[-1].id) if live else ()


def _own_share(share: ShareRow) -> OwnShare:
    return copied(OwnShare, share)


def _collect(work: Work, shares: Sequence[ShareRow]) -> Collect | None:
    to_collect = [share for share in shares if share.state in TO_COLLECT]
    if not to_collect:
        return None
    procedure = work.policies.procedure_at(work.now).procedure
    collected_under = to_collect[0].collection_policy
    if collected_under is not None:
        procedure = work.policies.by_ref(PolicyRef(collected_under)).procedure
    return copied(
        Collect,
        procedure.counter,
        total_fen=Fen(sum(share.amount_fen for share in to_collect)),
        documents=procedure.documents,
        collect_by=to_collect[0].collect_by,
    )


def _timeline(
    work: Work,
    report: ReportRow,
    answers_sent: Sequence[NoticeRow],
    shares: Sequence[ShareRow],
) -> tuple[Step, ...]:
    """The reporter's own steps, in order."""
    steps: set[Step] = set()

    def add(code: str, *instants: datetime | None) -> None:
        steps.update(Step(code, at) for at in instants if at is not None)

    add("received", report.received_at)
    add("checked", report.verified_at)
    add("asked", *notices.asked_at(work.connection, report.id))
    add("added", *evidence_files.added_later(work.connection, report.id))
    add("withdrawn", report.withdrawn_at)
    # One decision can leave by several channels: the first of them is when it was told.
    first_sent = {notice.facts["decision_id"]: notice.sent_at for notice in reversed(answers_sent)}
    add("answered", *first_sent.values())
    for share in shares[:1]:
        add("notified", share.notified_at)
        add("collected", share.collected_at)
        add("paid", share.paid_at)
    return tuple(sorted(steps, key=lambda step: (step.at, _ORDER.index(step.code))))
