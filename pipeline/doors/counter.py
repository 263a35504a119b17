"""The operations department's counter.

A walk-in's material goes the way of every report, and may be paid at once (R8).

Nothing of its own is decided here: registering is receiving's, deciding deciding's, paying
collection's.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import BinaryIO

from pipeline.answering import proving
from pipeline.deciding import decisions, looking, substantiating
from pipeline.paying import collecting, presenting
from pipeline.paying.collecting import Collected
from pipeline.paying.counter_hours import require_open
from pipeline.paying.presenting import SideBySide
from pipeline.receiving import handed_over, submitting
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.submitting import Receipt
from pipeline.runtime import Runtime, Work
from pipeline.store import (
    candidates,
    case_reports,
    documents,
    identities,
    joined,
    phones,
    receipts,
    reports,
    roster,
    sessions,
    whose,
)
from pipeline.store.actions import Action
from pipeline.store.case_reports import CaseReport
from pipeline.verifying import incidents
from rewards.documents import Document, document
from scheme.case import UNDECIDED, ReportState
from scheme.claim import TimeUnclear
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.money import Fen
from scheme.report import Channel, Claim
from scheme.reporter import Identity, canonical_name
from scheme.staff import Account
from scheme.substantiation import EarlierReportUnread, ViolationTimeMissing


class NotTheReporter(Exception):
    """No report has this number and a reporter with this name, phone and document.

    Which is wrong is not said.
    """


class NotAtTheCounter(Exception):
    """Only what was registered at the counter is paid on the spot."""


class EarlierUndecided(Exception):
    """An earlier report that nobody decided yet, or not for good, may be the same incident.

    ``report_numbers``.
    """

    def __init__(self, report_numbers: Sequence[str]) -> None:
        super().__init__(", ".join(report_numbers))
        self.report_numbers = tuple(report_numbers)


class NotYet(Exception):
    """What came in before is still being read.

    At ``until`` at the latest it no longer stands in the way (R8).

    Which reports those are is operations' to know (R15).
    """

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


class NotFirst(Exception):
    """The reward of the incident is not this report's, or not yet: ``entitlement``.

    Nothing is paid on the spot.
    """

    def __init__(self, entitlement: Entitlement | None) -> None:
        super().__init__(entitlement or "undecided")
        self.entitlement = entitlement


class OverSpotLimit(Exception):
    """More than one clerk may pay out alone: ``limit_fen``."""

    def __init__(self, limit_fen: Fen) -> None:
        super().__init__(str(limit_fen))
        self.limit_fen = limit_fen


class OverDailyLimit(Exception):
    """The clerk has paid on the spot ``limit`` times today."""

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


def register_walk_in(  # noqa: PLR0913 - what somebody at the counter brings
    runtime: Runtime,
    *,
    clerk: Account,
    claim: Claim,
    reporters: Sequence[ReporterInput],
    files: Sequence[tuple[str, BinaryIO]],
    consent: bool,
    stood_at: datetime | None = None,
) -> Receipt:
    """Register a walk-in's material as any report is.

    ``stood_at`` serves R6 when the queue was long.

    Whoever stood in line while the counter was open is served, on record. ``files`` are names with
    open streams. Raises CounterClosed, and what the steps of receiving raise; the
    draft then expires by itself.
    """
    with runtime.write() as work:
        hours = require_open(work, at=_in_line_since(work, stood_at))
        report_id = handed_over.written_down(
            work, channel=Channel.COUNTER, claim=claim, reporters=reporters
        )
    handed_over.stored(runtime, report_id, files)
    with runtime.write() as work:
        receipt = submitting.submit(
            work, report_id=report_id, consent=consent, submitted_to_us_at=stood_at
        )
        stood = {} if stood_at is None else {"stood_at": stood_at.isoformat()}
        reports.registered(work.connection, report_id, clerk.account_id)
        work.record(
            clerk.account_id,
            Action.WALK_IN_REGISTERED,
            f"report/{report_id}",
            files=len(files),
            **stood,
            **hours,
        )
    return receipt


def present_on_the_spot(  # noqa: PLR0913 - which report, and the document that is shown
    work: Work,
    *,
    report_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
) -> SideBySide:
    """The document of a walk-in beside the name that was registered, before anything is paid (R8).

    Raises NotAtTheCounter, and what ``presenting.present`` does.
    """
    report = case_reports.of_report(work.connection, report_id)
    if report is None or report.channel is not Channel.COUNTER:
        raise NotAtTheCounter
    return presenting.present_on_the_spot(
        work,
        report_id=report_id,
        clerk=clerk,
        id_number=id_number,
        document_kind=document_kind,
        name_on_document=name_on_document,
    )


def pay_on_the_spot(  # noqa: PLR0913 - what is decided, and against what it is paid
    work: Work,
    *,
    report_id: str,
    clerk: Account,
    showing_id: str,
    agreed: bool,
    reasons: Sequence[str] = ("VIOLATION_SEEN",),
    row_version: int | None = None,
) -> Collected:
    """Substantiate a walk-in's report, unless that was done, and pay it by a card at once (R8).

    One clerk may do all of it, up to the limits of the policy. Raises NotAtTheCounter,
    CounterClosed, EarlierUndecided, NotYet, NotFirst, OverSpotLimit, OverDailyLimit, and what
    ``decisions.decide`` and ``collecting.collect`` raise; then nothing is done.
    """
    report = case_reports.of_report(work.connection, report_id)
    if report is None or report.channel is not Channel.COUNTER:
        raise NotAtTheCounter
    require_open(work)
    _require_nobody_earlier(work, report)
    try:
        _substantiate(
            work, report, clerk, reasons, report.row_version if row_version is None else row_version
        )
    except EarlierReportUnread as refusal:
        raise NotYet(refusal.until) from refusal
    _require_within_limits(work, report, clerk)
    _require_nothing_to_undo(work, report)
    collected = collecting.collect_on_the_spot(
        work, report_id=report_id, showing_id=showing_id, clerk=clerk, agreed=agreed
    )
    reports.paid_on_the_spot(work.connection, report_id, clerk.account_id, work.now)
    work.record(
        clerk.account_id,
        Action.PAID_ON_THE_SPOT,
        f"report/{report_id}",
        amount_fen=collected.total_fen,
    )
    return collected


def _substantiate(
    work: Work, report: CaseReport, clerk: Account, reasons: Sequence[str], row_version: int
) -> None:
    """Decide it, or see that nothing has come up against a decision that was made before."""
    if report.state is ReportState.DECIDED:
        substantiating.require_undisputed(work, report.report_id)
        return
    decisions.decide(
        work,
        report_id=report.report_id,
        officer=clerk,
        row_version=row_version,
        verdict=Verdict.SUBSTANTIATED,
        reasons=reasons,
    )


def replace_code(  # noqa: PLR0913 - whose code, and the document it is replaced against
    work: Work,
    *,
    report_number: str,
    clerk: Account,
    reporter: ReporterInput,
    id_number: str,
    document_kind: str = "",
) -> str:
    """A new secret code for whoever lost theirs and shows an ID document.

    The old one and its sessions end.

    ``reporter``: the name as on the document, and the phone number of the report. Wrong tries are
    on record and slow down like wrong codes, because who guesses here wants to know who reported
    (R17). Raises NotTheReporter, Wait, DocumentInvalid, and what a missing name or phone raises.
    """
    person = Identity(canonical_name(reporter.name), phones.required(reporter.phone))
    shown = document(id_number, document_kind)
    try:
        report_id = proving.prove(
            work, report_number, lambda report: _reported(work, report.id, person, shown)
        )
    except proving.NotFound as problem:
        number = receipts.canonical_report_number(report_number) or ""
        work.even_if_refused(
            lambda later: later.record(
                clerk.account_id, Action.CODE_NOT_REPLACED, "counter", number=number
            )
        )
        raise NotTheReporter from problem
    code = receipts.new_code()
    reports.replace_code(work.connection, report_id, work.vault.code_hash(report_id, code))
    sessions.end_all_of_report(work.connection, report_id)
    work.record(clerk.account_id, Action.CODE_REPLACED, f"report/{report_id}")
    return code


def _in_line_since(work: Work, stood_at: datetime | None) -> datetime | None:
    """When somebody stood in line before they were reached, today.

    Raises TimeUnclear for any other day.
    """
    if stood_at is None:
        return None
    zone = work.policies.procedure_at(work.now).zone
    if stood_at > work.now or stood_at.astimezone(zone).date() != work.now.astimezone(zone).date():
        raise TimeUnclear
    return stood_at


def _reported(work: Work, report_id: str, person: Identity, shown: Document) -> bool:
    """Whether this person is one of those who reported.

    Where documents are on record, this must be one of them.
    """
    person_id = identities.find(work.connection, work.vault, person)
    if person_id is None or person_id not in whose.person_ids(work.connection, report_id):
        return False
    rows = joined.everybody(work.connection, person_id)
    known = documents.of_persons(work.connection, work.vault, rows)
    return not known or documents.owner(work.connection, work.vault, shown) in rows


def _require_nobody_earlier(work: Work, report: CaseReport) -> None:
    """No earlier undecided report may be about the same incident, asked about or not (R8, R14)."""
    if report.violated_at is None or report.substance_policy is None:
        raise ViolationTimeMissing
    policy = work.policies.by_ref(report.substance_policy)
    fleet = roster.on(work.connection, report.violated_at.astimezone(policy.zone).date())
    neighbours = incidents.neighbours(work, report.report_id, policy, fleet)
    answered = candidates.answered(work.connection, report.report_id)
    earlier = []
    for neighbour in neighbours:
        other = reports.by_id(work.connection, neighbour.other_report_id)
        told_apart = answered.get(other.id) is False
        if (
            other.state in UNDECIDED
            and (other.receipt_seq or 0) < report.receipt_seq
            and not told_apart
        ):
            earlier.append(other.report_number or "")
    if earlier:
        raise EarlierUndecided(sorted(earlier))


def _require_nothing_to_undo(work: Work, report: CaseReport) -> None:
    """A decision on an earlier report of the case counts once it can't be undone.

    A card can't be taken back.
    """
    case_id = looking.case_of(work, report.report_id)
    earlier = [
        other.report_number
        for other in case_reports.of_case(work.connection, case_id)
        if other.receipt_seq < report.receipt_seq and decisions.may_be_undone(work, other.report_id)
    ]
    if earlier:
        raise EarlierUndecided(earlier)


def _require_within_limits(work: Work, report: CaseReport, clerk: Account) -> None:
    counter = work.policies.procedure_at(work.now).procedure.counter
    case = looking.case_around(work, report.report_id)
    if case.reward is None or case.reward.report_id != report.report_id:
        raise NotFirst(next(r.entitlement for r in case.reports if r.report_id == report.report_id))
    if case.reward.amount_fen > counter.on_the_spot_limit_fen:
        raise OverSpotLimit(counter.on_the_spot_limit_fen)
    zone = work.policies.procedure_at(work.now).zone
    midnight = datetime.combine(work.now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    done = reports.paid_on_the_spot_since(work.connection, clerk.account_id, midnight)
    if done >= counter.on_the_spot_per_clerk_per_day:
        raise OverDailyLimit(counter.on_the_spot_per_clerk_per_day)
