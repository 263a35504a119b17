"""Drafts: all that one holds, read at once, and the one move by which it becomes a report.

What reporters typed is opened here, so few may ask (R17).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection

from pipeline.store import (
    claims,
    draft_identities,
    events,
    evidence_files,
    identities,
    joined,
    reading_queue,
    receipts,
    reports,
    whose,
)
from pipeline.store.actions import Action
from pipeline.store.reports import ReportRow
from pipeline.store.vault import Vault
from scheme.case import ReportState
from scheme.policy import PolicyRef
from scheme.report import Claim, Evidence
from scheme.reporter import Identity


@dataclass(frozen=True, slots=True)
class WholeDraft:
    """A draft with all that it holds. ``reporters`` as they were typed, first named first."""

    report: ReportRow
    claim: Claim | None
    evidence: tuple[Evidence, ...]
    reporters: tuple[Identity, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceiptOnRecord:
    """What a report keeps of its receipt, whatever is decided later."""

    day: date
    """The day of the receipt where the counter is: the number begins with it."""
    received_at: datetime
    submitted_to_us_at: datetime
    consent_version: str
    violated_at: datetime
    substance_policy: PolicyRef
    receipt_policy: PolicyRef
    answer_due_at: datetime | None
    language: str | None


@dataclass(frozen=True, slots=True)
class NumberAndCode:
    """What only a receipt tells. Of the code nothing but a hash is kept."""

    report_number: str
    secret_code: str = field(repr=False)


def whole(connection: Connection, vault: Vault, report_id: str) -> WholeDraft:
    """A draft, or what became of it, with all that it holds. Raises NoSuchReport."""
    return _whole(connection, vault, reports.by_id(connection, report_id))


def opened_by(connection: Connection, vault: Vault, draft_key_hash: str) -> WholeDraft:
    """The same by its key. Raises NoSuchReport."""
    return _whole(connection, vault, reports.by_draft_key(connection, draft_key_hash))


def _whole(connection: Connection, vault: Vault, report: ReportRow) -> WholeDraft:
    version = claims.in_force(connection, report.id)
    return WholeDraft(
        report=report,
        claim=version.claim if version else None,
        evidence=evidence_files.of_report(connection, report.id),
        reporters=draft_identities.of_report(connection, vault, report.id),
    )


def own_repeats(connection: Connection, vault: Vault, draft: WholeDraft) -> tuple[str, ...]:
    """Numbers of earlier reports of these same people with one of these files and this category.

    Nothing of anybody else's report is ever in it: phone and name must both be theirs.
    """
    known = (identities.find(connection, vault, person) for person in draft.reporters)
    person_ids = [
        row for person_id in known if person_id for row in joined.everybody(connection, person_id)
    ]
    if draft.claim is None or not person_ids:
        return ()
    return whose.numbers_with_same_file(
        connection,
        [file.sha256 for file in draft.evidence],
        category=draft.claim.category,
        person_ids=person_ids,
        exclude=draft.report.id,
    )


def receive(
    connection: Connection, vault: Vault, draft: WholeDraft, receipt: ReceiptOnRecord
) -> NumberAndCode:
    """The draft becomes a report, under the write lock: order, number, code, people, event.

    Raises StaleVersion, ForbiddenMove.
    """
    report_id, received_at = draft.report.id, receipt.received_at
    _name_reporters(connection, vault, report_id, draft.reporters, received_at)
    code = receipts.new_code()
    number = _move(connection, draft.report, receipt, vault.code_hash(report_id, code))
    events.append(
        connection,
        received_at,
        "reporter",
        Action.RECEIVED,
        f"report/{report_id}",
        {"number": number, "files": [file.sha256 for file in draft.evidence]},
    )
    return NumberAndCode(number, code)


def _name_reporters(
    connection: Connection, vault: Vault, report_id: str, people: Sequence[Identity], at: datetime
) -> None:
    """Give each reporter their one row.

    Who came under another name before is noted for the counter.
    """
    named = []
    for position, person in enumerate(people):
        remembered = identities.remember(connection, vault, person, at)
        named.append((remembered.person_id, person))
        if remembered.other_name:
            events.append(
                connection,
                at,
                "system",
                Action.OTHER_NAME_FOR_PHONE,
                f"report/{report_id}",
                {"position": position},
            )
    identities.name_reporters(connection, vault, report_id, named)
    draft_identities.forget(connection, report_id)
    reading_queue.forget_own(connection, report_id)


def _move(
    connection: Connection, report: ReportRow, receipt: ReceiptOnRecord, code_hash: str
) -> str:
    """Give order and number; the number."""
    number = receipts.new_report_number(connection, receipt.day)
    reports.move(
        connection,
        report.id,
        ReportState.RECEIVED,
        row_version=report.row_version,
        receipt_seq=receipts.next_in_order(connection),
        report_number=number,
        code_hash=code_hash,
        received_at=receipt.received_at,
        submitted_to_us_at=receipt.submitted_to_us_at,
        consent_version=receipt.consent_version,
        consent_at=receipt.received_at,
        violated_at=receipt.violated_at,
        substance_policy=receipt.substance_policy,
        receipt_policy=receipt.receipt_policy,
        answer_due_at=receipt.answer_due_at,
        language=receipt.language,
    )
    return number
