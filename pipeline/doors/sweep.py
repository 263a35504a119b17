"""What is due by time, and what a bell did not bring about.

The rows are the queue, the sweep reads them.

Safe to run at any moment, in any number, after any crash: each part is its own transaction and does
nothing twice.
"""

from dataclasses import dataclass

from pipeline.answering import arriving, delivering
from pipeline.dates import open_dates
from pipeline.deciding import raising_looks
from pipeline.paying import awarding, forfeiture, presenting, returned_lists
from pipeline.people import erasure
from pipeline.receiving import drafts, tidying
from pipeline.runtime import Runtime
from pipeline.staff import accounts
from pipeline.store import case_reports, cases, pulse, reading_queue, verifying_queue
from verifiers.version import READER_VERSION

SWEEP_EVERY_S = 10
MOST_RINGS = 500
"""Bells rung in one sweep at most; the next one comes in seconds."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was found of each kind."""

    reports_rung: int
    files_rung: int
    drafts_expired: int
    cases_settled: int
    dates_filled_in: int
    notices_deemed_received: int
    notices_sent: int
    shares_forfeited: int
    documents_forgotten: int
    """Shown at the counter, and nothing was said of them."""
    sessions_dropped: int
    lists_dropped: int
    """Bank's lists that somebody loaded and nobody applied."""
    erased_cleared: bool
    """Nothing is left in files of our own of whoever was erased."""
    files_removed: int
    looks_raised: int
    payments_held: int


def sweep(runtime: Runtime) -> Swept:
    """Ring again, let expire, answer, forfeit, look through the day before.

    Returns how much there was.

    That it came through is noted.
    """
    reports_rung, files_rung = _ring_again(runtime)
    with runtime.write() as work:
        drafts_expired = drafts.expire_drafts(work)
        sessions_dropped = accounts.drop_expired_sessions(work)
        lists_dropped = returned_lists.drop_expired(work)
        deemed = arriving.deem_received(work)
    dates_filled_in = _fill_in_dates(runtime)
    looks_raised, payments_held = raising_looks.look_through(runtime)
    swept = Swept(
        reports_rung=reports_rung,
        files_rung=files_rung,
        drafts_expired=drafts_expired,
        cases_settled=_settle_open_cases(runtime),
        dates_filled_in=dates_filled_in,
        notices_deemed_received=deemed,
        notices_sent=delivering.deliver_due(runtime),
        shares_forfeited=forfeiture.forfeit_due(runtime),
        documents_forgotten=presenting.forget_shown(runtime),
        sessions_dropped=sessions_dropped,
        lists_dropped=lists_dropped,
        erased_cleared=erasure.clear(runtime),
        files_removed=tidying.tidy(runtime).files,
        looks_raised=looks_raised,
        payments_held=payments_held,
    )
    with runtime.write() as work:
        pulse.note_sweep(work.connection, work.now)
    return swept


def _ring_again(runtime: Runtime) -> tuple[int, int]:
    """Received reports and unread files that nobody has: whatever happened to their bell.

    Never the archive: what is judged or decided is read by a newer reader when ``reread`` is asked
    for.
    """
    with runtime.read() as work:
        attempts = work.policies.procedure_at(work.now).procedure.reading_attempts
        waiting = verifying_queue.waiting(work.connection, work.now)[:MOST_RINGS]
        unread = reading_queue.unread(work.connection, READER_VERSION, work.now, attempts)[
            :MOST_RINGS
        ]
        for report_id in waiting:
            work.ring("verify_report", report_id=report_id)
        for file in unread:
            work.ring("read_evidence", report_id=file.report_id, sha256=file.sha256)
    return len(waiting), len(unread)


def _fill_in_dates(runtime: Runtime) -> int:
    """Dates that a calendar gives since: an upgrade brings a year as well as loading it does.

    Looks without a lock.
    """
    with runtime.read() as work:
        if not (open_dates.answers_to_fill_in(work) or open_dates.last_days_to_fill_in(work)):
            return 0
    with runtime.write() as work:
        filled = open_dates.fill_in(work)
    return filled.answers + filled.last_days


def _settle_open_cases(runtime: Runtime) -> int:
    """Decided reports without an answer.

    One they waited for was withdrawn, or a calendar was loaded since.
    """
    with runtime.read() as work:
        found = case_reports.cases_with_unanswered(work.connection)
    for case_id in found:
        with runtime.write() as work:
            awarding.settle_case(work, cases.resolve(work.connection, case_id))
    return len(found)
