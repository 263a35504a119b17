"""Submitting: the one event of every channel, in which a draft gets number, order and code.

Gather, ask the rule, commit. Whoever submits the same draft again is told the number it has, never
given a second one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pipeline.receiving.dossier import gathered
from pipeline.runtime import Work
from pipeline.store import drafts
from pipeline.store.drafts import ReceiptOnRecord
from scheme.reading import Sha256
from scheme.submission import Admitted, admitted


class ReceiptFile(NamedTuple):
    """One received file, as the receipt names it."""

    file_name: str
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter gets.

    ``secret_code`` is shown once and stands nowhere; ``late``: received, but unpaid (R6).
    """

    report_id: str
    report_number: str
    received_at: datetime
    secret_code: str = field(repr=False)
    files: tuple[ReceiptFile, ...]
    own_repeats: tuple[str, ...]
    late: bool


def submit(  # noqa: PLR0913 - what a submission consists of
    work: Work,
    *,
    report_id: str,
    consent: bool,
    submitted_to_us_at: datetime | None = None,
    shown: str | None = None,
    language: str | None = None,
) -> Receipt:
    """Receive the report ("Receipt", SCHEME.md), under the write lock.

    ``submitted_to_us_at`` is the postmark, or when the walk-in stood at the counter: it serves R6
    only. ``shown`` is the draft's ``mark`` as whoever declares saw it; ``language`` the one that
    the reporter reads. Raises DraftNotFound, DraftChanged and what ``scheme.submission.admitted``
    raises; the draft stays then.
    """
    dossier = gathered(
        work, report_id, consent=consent, submitted_to_us_at=submitted_to_us_at, shown=shown
    )
    report = admitted(dossier.submission, work.policies, dossier.workdays, work.now)
    on_record = _on_record(report, received_at=work.now, language=language)
    given = drafts.receive(work.connection, work.vault, dossier.draft, on_record)
    work.ring("verify_report", report_id=report_id)
    return Receipt(
        report_id=report_id,
        report_number=given.report_number,
        received_at=work.now,
        secret_code=given.secret_code,
        files=tuple(ReceiptFile(file.file_name, file.sha256) for file in dossier.draft.evidence),
        own_repeats=dossier.own_repeats,
        late=report.late,
    )


def _on_record(report: Admitted, *, received_at: datetime, language: str | None) -> ReceiptOnRecord:
    return ReceiptOnRecord(
        day=received_at.astimezone(report.procedure.zone).date(),
        received_at=received_at,
        submitted_to_us_at=report.submitted_at,
        consent_version=report.procedure.procedure.consent_version,
        violated_at=report.violated_at,
        substance_policy=report.substance.ref,
        receipt_policy=report.procedure.ref,
        answer_due_at=report.answer_due_at,
        language=language,
    )
