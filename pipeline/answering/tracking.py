"""What a reporter sees of their own report, opened by number and secret code; and taking it back.

Nothing of anybody else's report ever shows, in a page, an error or a wait: what is not answered
reads "still being checked", whatever it waits for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final, NamedTuple, NoReturn

from pipeline.paying import awarding
from pipeline.runtime import Runtime, Work
from pipeline.store import (
    calls_due,
    cases,
    claims,
    decisions,
    evidence_files,
    ledger,
    notices,
    receipts,
    reports,
    slowdown,
)
from pipeline.store.actions import Action
from pipeline.store.leases import VERIFYING
from pipeline.store.notices import ANSWER, ASK, REWARD, NoticeRow
from pipeline.store.reports import ReportRow
from pipeline.store.slowdown import Failures, Wait
from scheme.case import UNDECIDED, ForbiddenMove, NoSuchReport, ReportState, ShareState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.finding import Proof
from scheme.money import Fen
from scheme.policy import PolicyRef, Substance
from scheme.reading import MediaKind, Sha256
from scheme.report import Claim

__all__ = [
    "Answer",
    "Collect",
    "ForbiddenMove",
    "NotFound",
    "OwnFile",
    "OwnShare",
    "Progress",
    "Step",
    "Wait",
    "look",
    "open_report",
    "progress",
    "prove",
    "withdraw",
]

NOBODY: Final = "report"
"""Under this name ``slowdown`` counts wrong tries on numbers that do not exist."""


UNRECEIVED: Final = (ShareState.AWARDED, ShareState.NOTIFIED)
"""A share whose notice can still be received."""


class NotFound(Exception):
    """No report has this number and this code: which of the two is wrong is not said."""


class OwnFile(NamedTuple):
    """One file of the report, as the receipt named it."""

    file_name: str
    sha256: Sha256
    kind: MediaKind
    size_bytes: int


class Step(NamedTuple):
    """One step that the reporter may know of.

    ``code``: received, checked, asked, added, withdrawn, answered, notified, collected or paid.
    """

    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as it was sent.

    ``entitlement`` says nothing of whoever is first instead (SCHEME.md "Receipt").
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    note: str
    proof: Proof | None
    entitlement: Entitlement
    answered_at: datetime
    changed: bool
    """Another answer was sent before."""


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One reporter's part, by place in the report; whose it is the reporters know (R12)."""

    position: int
    amount_fen: Fen
    state: ShareState
    collect_by: datetime | None


@dataclass(frozen=True, slots=True)
class Collect:
    """Where, when and with what to collect (R8, R13).

    ``address`` and ``documents`` by language (zh, en).

    ``collect_by`` is the last moment, None where the calendar does not reach.
    """

    total_fen: Fen
    address: Mapping[str, str]
    phone: str
    opens: time
    closes: time
    documents: Mapping[str, str]
    collect_by: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """One report as its reporter sees it.

    ``state`` is ``verified`` ("being checked") until the answer has left.
    """

    report_id: str
    report_number: str
    state: ReportState
    received_at: datetime
    answer_due_at: datetime | None
    claim: Claim
    substance: Substance
    """What judges the report; for its category the one that was in force as the reporter said it
    happened.
    """
    files: tuple[OwnFile, ...]
    answer: Answer | None
    shares: tuple[OwnShare, ...]
    collect: Collect | None
    asked_for: str | None
    asked_sights: tuple[str, ...]
    """What of the violation is to be seen in what is asked for."""
    may_add_files: bool
    may_withdraw: bool
    timeline: tuple[Step, ...] = field(default=())

    @property
    def entitlement(self) -> Entitlement | None:
        """What follows from the report's own answer; None until it was given."""
        return None if self.answer is None else self.answer.entitlement


def open_report(work: Work, *, report_number: str, secret_code: str) -> str:
    """The id of the report with this number and code.

    Call it in a writing transaction: wrong tries are counted.

    Raises NotFound, and from the fifth wrong try in a row on Wait: alike for numbers that do not
    exist.
    """
    return prove(work, report_number, lambda report: _is_code(work, report, secret_code))


def prove(work: Work, report_number: str, proof: Callable[[ReportRow], bool]) -> str:
    """The id of the report with this number, if ``proof`` holds for it.

    Call it in a writing transaction.

    Wrong tries are counted, alike for numbers that do not exist. Raises NotFound, and then Wait.
    """
    number = receipts.canonical_report_number(report_number)
    try:
        report = reports.by_number(work.connection, number or "")
    except NoSuchReport:
        _refuse_nobody(work, report_number)
    failures = Failures(report.code_failures, report.code_locked_until)
    failures.require_patience(work.now)
    if not proof(report):
        more = failures.and_one_more(work.now)
        work.even_if_refused(lambda later: _note(later, report.id, more))
        raise NotFound
    if failures.count:
        _note(work, report.id, Failures())
    return report.id


def _is_code(work: Work, report: ReportRow, secret_code: str) -> bool:
    given = work.vault.code_hash(report.id, receipts.canonical_code(secret_code))
    return work.vault.equal(given, report.code_hash or "")


def _note(work: Work, report_id: str, failures: Failures) -> None:
    reports.note_code_failures(work.connection, report_id, failures.count, failures.until)


def _refuse_nobody(work: Work, report_number: str) -> NoReturn:
    """Count as carefully as for a report that exists."""
    name = work.vault.index("nobody", receipts.canonical_code(report_number))
    failures = slowdown.of_nobody(work.connection, NOBODY, name)
    failures.require_patience(work.now)
    more = failures.and_one_more(work.now)
    work.even_if_refused(lambda later: slowdown.note_nobody(later.connection, NOBODY, name, more))
    raise NotFound


def progress(work: Work, report_id: str, *, looks_only: bool = False) -> Progress:
    """How the report stands.

    Call it in a writing transaction: opening the answer receives the notice (R13).

    ``looks_only``: there is none to receive. Raises NoSuchReport, also for a draft.
    """
    report = reports.by_id(work.connection, report_id)
    if report.report_number is None or report.received_at is None:
        raise NoSuchReport(report_id)
    told = [
        notice for notice in notices.of_report(work.connection, report_id, ANSWER) if notice.sent_at
    ]
    answer = _answer(work, report, told)
    if answer is not None and answer.entitlement is Entitlement.FIRST and not looks_only:
        awarding.notice_received(work, report_id, actor="reporter")
    if not looks_only and calls_due.read_by_reporter(work.connection, report_id, _SHOWN, work.now):
        work.record("reporter", Action.NOTICES_READ, f"report/{report_id}")
    shares = _shares(work, report_id, answer)
    said = claims.history(work.connection, report_id)
    shown = _shown_state(report, answer)
    open_to_changes = shown in UNDECIDED
    return Progress(
        report_id=report_id,
        report_number=report.report_number,
        state=shown,
        received_at=report.received_at,
        answer_due_at=report.answer_due_at,
        claim=said[0].claim,
        substance=_substance(work, report, said[0].claim),
        files=tuple(
            OwnFile(file.file_name, file.sha256, file.kind, file.size_bytes)
            for file in evidence_files.of_report(work.connection, report_id)
        ),
        answer=answer,
        shares=tuple(OwnShare(s.position, s.amount_fen, s.state, s.collect_by) for s in shares),
        collect=_collect(work, shares),
        asked_for=report.asked_for if report.state is ReportState.AWAITING_REPORTER else None,
        asked_sights=_asked_sights(work, report),
        may_add_files=open_to_changes,
        may_withdraw=open_to_changes,
        timeline=_timeline(work, report, told, shares),
    )


def _asked_sights(work: Work, report: ReportRow) -> tuple[str, ...]:
    """The sights that the last question names, while it waits for its answer."""
    if report.state is not ReportState.AWAITING_REPORTER:
        return ()
    asked = notices.of_report(work.connection, report.id, ASK)
    return tuple(asked[-1].facts["sights"]) if asked else ()


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


def _receives_by_looking(work: Work, report_id: str) -> bool:
    """Whether looking receives the notice of a reward, or saves somebody a call about a message."""
    if calls_due.waits_to_be_read(work.connection, report_id, _SHOWN):
        return True
    shares = [
        share
        for reward in ledger.rewards_of_report(work.connection, report_id)
        for share in ledger.shares_of(work.connection, reward.id)
    ]
    return any(share.notice_received_at is None and share.state in UNRECEIVED for share in shares)


def _substance(work: Work, report: ReportRow, said: Claim) -> Substance:
    """The report's policy, unless a corrected time leads to one without the reporter's choice."""
    by_claim = work.policies.substance_at(said.violated_at or report.received_at or work.now)
    pinned = work.policies.by_ref(report.substance_policy) if report.substance_policy else by_claim
    return next(
        (p.substance for p in (pinned, by_claim) if said.category in p.substance.categories),
        pinned.substance,
    )


def _shown_state(report: ReportRow, answer: Answer | None) -> ReportState:
    """A decision shows when its answer has left, not before.

    Until then the report is being checked.
    """
    if report.state in (ReportState.DECIDED, ReportState.ANSWERED):
        return ReportState.VERIFIED if answer is None else ReportState.ANSWERED
    return report.state


def _answer(work: Work, report: ReportRow, told: list[NoticeRow]) -> Answer | None:
    """What the last answer that left said."""
    if not told or told[-1].sent_at is None:
        return None
    facts = told[-1].facts
    decided = {
        decision.decision_id: decision
        for decision in decisions.of_report(work.connection, report.id)
    }
    decision = decided[facts["decision_id"]]
    return Answer(
        verdict=decision.verdict,
        reasons=decision.reasons,
        note=decision.note,
        proof=decision.proof,
        entitlement=Entitlement(facts["entitlement"]),
        answered_at=told[-1].sent_at,
        changed=bool(facts["changed"]),
    )


def _shares(work: Work, report_id: str, answer: Answer | None) -> tuple[ledger.ShareRow, ...]:
    """The report's own shares, once its answer said so."""
    if answer is None or answer.entitlement is not Entitlement.FIRST:
        return ()
    live = [
        reward
        for reward in ledger.rewards_of_report(work.connection, report_id)
        if reward.live_case_id
    ]
    return ledger.shares_of(work.connection, live[-1].id) if live else ()


def _collect(work: Work, shares: tuple[ledger.ShareRow, ...]) -> Collect | None:
    waiting = [
        s
        for s in shares
        if s.state in (ShareState.AWARDED, ShareState.NOTIFIED, ShareState.REINSTATED)
    ]
    if not waiting:
        return None
    procedure = work.policies.procedure_at(work.now).procedure
    collected_under = waiting[0].collection_policy
    if collected_under is not None:
        procedure = work.policies.by_ref(PolicyRef(collected_under)).procedure
    return Collect(
        total_fen=Fen(sum(share.amount_fen for share in waiting)),
        address=procedure.counter.address,
        phone=procedure.counter.phone,
        opens=procedure.counter.opens,
        closes=procedure.counter.closes,
        documents=procedure.documents,
        collect_by=waiting[0].collect_by,
    )


def _timeline(
    work: Work, report: ReportRow, told: list[NoticeRow], shares: tuple[ledger.ShareRow, ...]
) -> tuple[Step, ...]:
    """The reporter's own steps, in order."""
    steps = [Step("received", report.received_at)] if report.received_at else []
    if report.verified_at is not None:
        steps.append(Step("checked", report.verified_at))
    steps.extend(Step("asked", at) for at in notices.asked_at(work.connection, report.id))
    steps.extend(Step("added", at) for at in evidence_files.added_later(work.connection, report.id))
    if report.withdrawn_at is not None:
        steps.append(Step("withdrawn", report.withdrawn_at))
    answers = {
        notice.facts["decision_id"]: notice.sent_at for notice in reversed(told) if notice.sent_at
    }
    steps.extend(Step("answered", at) for at in answers.values())
    for share in shares[:1]:
        steps.extend(
            Step(code, at)
            for code, at in (
                ("notified", share.notified_at),
                ("collected", share.collected_at),
                ("paid", share.paid_at),
            )
            if at is not None
        )
    return tuple(sorted(set(steps), key=lambda step: (step.at, _ORDER.index(step.code))))


_SHOWN: Final = (ANSWER, REWARD, "ask")
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


def withdraw(work: Work, report_id: str) -> None:
    """Take one's report back; it loses its place in line and whoever comes after moves up (R11).

    Raises ForbiddenMove once its answer has left or it is withdrawn, NoSuchReport. A decision that
    waits for its answer does not show: it is set aside.
    """
    report = reports.by_id(work.connection, report_id)
    if report.state is ReportState.DECIDED:
        awarding.set_aside(work, report, ReportState.WITHDRAWN)
    reports.move(
        work.connection,
        report_id,
        ReportState.WITHDRAWN,
        **VERIFYING.ended,
        withdrawn_at=work.now,
    )
    work.record("reporter", Action.WITHDRAWN, f"report/{report_id}")
    case_id = cases.case_of_report(work.connection, report_id)
    if case_id is not None:
        awarding.settle_case(work, case_id, actor="reporter")
