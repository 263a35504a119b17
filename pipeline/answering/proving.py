"""That a report is one's own: by its number, and the secret code or what else is known (R17).

Wrong tries are counted alike for numbers that do not exist, so that no wait tells which do.
"""

from collections.abc import Callable
from typing import Final, NoReturn

from pipeline.runtime import Work
from pipeline.store import receipts, reports, slowdown
from pipeline.store.reports import ReportRow
from scheme.case import NoSuchReport
from scheme.patience import Failures

NOBODY: Final = "report"
"""Under this name ``slowdown`` counts wrong tries on numbers that do not exist."""


class NotFound(Exception):
    """No report has this number and this code: which of the two is wrong is not said."""


def open_report(work: Work, *, report_number: str, secret_code: str) -> str:
    """The id of the report with this number and code.

    Call it in a writing transaction: wrong tries are counted. Raises NotFound, and from the fifth
    wrong try in a row on Wait: alike for numbers that do not exist.
    """
    return prove(work, report_number, lambda report: _is_code(work, report, secret_code))


def prove(work: Work, report_number: str, proof: Callable[[ReportRow], bool]) -> str:
    """The id of the report with this number, if ``proof`` holds for it.

    Call it in a writing transaction: wrong tries are counted, alike for numbers that do not exist.
    Raises NotFound, and then Wait.
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
