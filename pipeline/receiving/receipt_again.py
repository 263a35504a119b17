"""The receipt once more, for whoever submitted and never saw the answer.

The same one, and a new code in it.

Whoever still holds the draft's key sent the report: the key is as secret as the code, and as long
as the draft would have lived it gives a new code in place of the first. Only a hash of a code is
kept, so the first can't be told again.
"""

from pipeline.receiving import drafts
from pipeline.receiving.submitting import Receipt, ReceiptFile
from pipeline.runtime import Work
from pipeline.store import claims, evidence_files, receipts, reports, sessions, whose
from pipeline.store.actions import Action
from pipeline.store.reports import ReportRow
from scheme.case import NoSuchReport
from scheme.draft import AlreadySubmitted, DraftNotFound, expires_at
from scheme.submission import is_late


def receipt_again(work: Work, *, draft_key: str) -> Receipt:
    """The receipt of the report that this draft became.

    The code in it replaces the one before, and ends its sessions.

    Raises DraftNotFound where the key opens no report, AlreadySubmitted once the draft would have
    expired.
    """
    try:
        report = reports.by_draft_key(work.connection, drafts.key_hash(draft_key))
    except NoSuchReport as problem:
        raise DraftNotFound from problem
    if report.report_number is None or report.received_at is None:
        raise DraftNotFound
    if work.now >= expires_at(report.created_at, work.policies, work.now):
        raise AlreadySubmitted(report.id, report.report_number)
    code = receipts.new_code()
    reports.replace_code(work.connection, report.id, work.vault.code_hash(report.id, code))
    sessions.end_all_of_report(work.connection, report.id)
    work.record("reporter", Action.RECEIPT_TOLD_AGAIN, f"report/{report.id}")
    return _receipt(work, report, code)


def receipt_of(work: Work, *, report_id: str, code: str) -> Receipt:
    """The receipt of a received report as it was given. Raises NoSuchReport."""
    return _receipt(work, reports.by_id(work.connection, report_id), code)


def _receipt(work: Work, report: ReportRow, code: str) -> Receipt:
    if report.report_number is None or report.received_at is None:
        raise NoSuchReport(report.id)
    evidence = evidence_files.of_report(work.connection, report.id)
    return Receipt(
        report_id=report.id,
        report_number=report.report_number,
        received_at=report.received_at,
        secret_code=code,
        files=tuple(ReceiptFile(file.file_name, file.sha256) for file in evidence),
        own_repeats=_repeats_then(work, report),
        late=_was_late(work, report),
    )


def _repeats_then(work: Work, report: ReportRow) -> tuple[str, ...]:
    """The reporters' own repeats that came before this report, as its receipt told them."""
    (said, *_) = claims.history(work.connection, report.id)
    return whose.numbers_with_same_file(
        work.connection,
        [file.sha256 for file in evidence_files.of_report(work.connection, report.id)],
        category=said.claim.category,
        person_ids=whose.person_ids(work.connection, report.id),
        exclude=report.id,
        before=report.receipt_seq,
    )


def _was_late(work: Work, report: ReportRow) -> bool:
    if report.violated_at is None or report.submitted_to_us_at is None:
        return False
    return is_late(
        report.violated_at,
        report.submitted_to_us_at,
        report.channel,
        work.policies,
        work.workdays,
    )
