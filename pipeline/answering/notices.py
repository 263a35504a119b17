"""Notices to reporters, written into the outbox in the transaction of what they tell (R9).

How they leave is in ``delivering``, what they say in ``messages``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.answering import answer_clock
from pipeline.runtime import Work
from pipeline.store import evidence_files, notices, reports, whose

RECEIPT = "receipt"
AT_ONCE = 200
"""Messages that one call sends at most."""


def write(  # noqa: PLR0913 - what a message consists of
    work: Work,
    kind: str,
    report_id: str,
    *,
    person_id: str | None = None,
    share_id: str | None = None,
    facts: Mapping[str, Any] | None = None,
    send_after: datetime | None = None,
) -> None:
    """Put a notice into the outbox, to one person or to each reporter of the report.

    By SMS, and by the e-mail that they gave. ``facts`` are plain JSON values and hold nothing of an
    identity; number, policy and the language that the reporter chose are added.
    """
    report = reports.by_id(work.connection, report_id)
    readers = whose.person_ids(work.connection, report_id) if person_id is None else (person_id,)
    always = {
        "report_number": report.report_number,
        "policy": work.policies.procedure_at(work.now).ref,
        "language": report.language,
    }
    for reader in readers:
        notices.write(
            work.connection,
            kind=kind,
            report_id=report_id,
            person_id=reader,
            share_id=share_id,
            facts={**(facts or {}), **always},
            at=work.now,
            send_after=send_after or work.now,
        )


def write_receipts(work: Work) -> int:
    """Give every received report its receipt notice, once.

    Number and times, never the secret code.
    """
    waiting = notices.without(work.connection, RECEIPT, AT_ONCE)
    for report_id in waiting:
        write_receipt(work, report_id)
    return len(waiting)


def write_receipt(work: Work, report_id: str) -> None:
    """The receipt notice of one report that has none yet."""
    report = reports.by_id(work.connection, report_id)
    received_at = ""
    if report.received_at is not None:
        zone = work.policies.procedure_at(work.now).zone
        received_at = f"{report.received_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    facts = {
        "received_at": received_at,
        "files": len(evidence_files.of_report(work.connection, report_id)),
        "answer_due": answer_clock.last_day(work, report.answer_due_at),
    }
    write(work, RECEIPT, report_id, facts=facts)
