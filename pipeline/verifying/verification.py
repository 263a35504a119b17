"""From a received report to a verified one: read, search, judge, link and recommend.

The slow part (decoding, reading, looking for similar media) runs outside any lock and under a lease
that a dying worker lets run out. What decides the order runs under the write lock: it looks again
at what arrived meanwhile, judges, links the case and opens the questions, in one commit ("First, in
one transaction", DESIGN.md).
"""

import secrets
from collections.abc import Sequence

import structlog

from pipeline.containment.opening import start_decoders
from pipeline.runtime import Runtime
from pipeline.store import evidence_files, reports, to_judge, verifying_queue
from pipeline.store.actions import Action
from pipeline.store.leases import VERIFYING
from pipeline.store.reading_queue import FileOfReport
from pipeline.store.storage import StorageFull, StoreBusy
from pipeline.store.to_judge import Search
from pipeline.verifying.judging import (
    judge,
    unjudged,
)
from pipeline.verifying.reading_files import LEASE, Read, attempts_of, kept_alive, read_file
from scheme.case import ReportState
from scheme.report import Evidence
from verifiers.reading.faults import place_of
from verifiers.version import READER_VERSION

log = structlog.get_logger()


def verify_report(runtime: Runtime, *, report_id: str) -> bool:
    """Read what is unread, judge, link and recommend.

    Whether the report is verified now by this call.

    False: it was not waiting, somebody else has it, or it must wait (the sweep rings again). Raises
    ContainmentBroken before it has tried.
    """
    start_decoders()
    owner = secrets.token_hex(8)
    with runtime.write() as work:
        attempt = verifying_queue.lease(
            work.connection, report_id, owner, work.now, work.now + LEASE
        )
        if attempt is None:
            return False
        evidence = evidence_files.of_report(work.connection, report_id)
        last_try = attempt > attempts_of(
            work
        )  # whatever ended the tries before: now without another reading
    try:
        with kept_alive(
            runtime,
            lambda work, until: verifying_queue.extend(work.connection, report_id, owner, until),
        ):
            outcomes = (
                set()
                if last_try
                else {read_file(runtime, FileOfReport(report_id, file.sha256)) for file in evidence}
            )
            if outcomes & {Read.BUSY, Read.FAILED}:
                # A failed reading is counted on the file; the report itself only waited.
                _give_back(runtime, report_id, owner, failed=False)
                return False
            search = _search(runtime, evidence)
        return _settle(runtime, report_id, owner, evidence, search)
    except (StoreBusy, StorageFull) as problem:  # no attempt: it says nothing of the report
        log.warning("verification_put_off", report_id=report_id, problem=type(problem).__name__)
        _give_back(runtime, report_id, owner, failed=False)
        return False
    # The attempt is counted; after three a person looks
    except Exception as problem:  # noqa: BLE001
        log.warning(
            "verification_failed",
            report_id=report_id,
            problem=type(problem).__name__,
            place=place_of(problem),
        )
    if last_try:
        return _settle(runtime, report_id, owner, evidence, None)
    _give_back(runtime, report_id, owner, failed=True)
    return False


def _give_back(runtime: Runtime, report_id: str, owner: str, *, failed: bool) -> None:
    with runtime.write() as work:
        verifying_queue.release(work.connection, report_id, owner, failed=failed)


def _search(runtime: Runtime, evidence: Sequence[Evidence]) -> Search:
    """Look through everything indexed so far, outside the lock."""
    with runtime.read() as work:
        readings = to_judge.readings_of(work.connection, evidence, READER_VERSION)
        return to_judge.search(work.connection, readings)


def _settle(
    runtime: Runtime,
    report_id: str,
    owner: str,
    evidence: Sequence[Evidence],
    search: Search | None,
) -> bool:
    """Judge and link under the write lock.

    ``search`` None: every attempt to judge failed, and a person must look.
    """
    with runtime.write() as work:
        if not verifying_queue.holds_lease(work.connection, report_id, owner):
            return False
        if evidence_files.of_report(work.connection, report_id) != tuple(evidence):
            verifying_queue.release(
                work.connection, report_id, owner, failed=False
            )  # a file came meanwhile
            work.ring("verify_report", report_id=report_id)
            return False
        if search is None:
            report = to_judge.read_unread(work.connection, report_id)
            judged = unjudged(work, report)
        else:
            report = to_judge.read(work.connection, report_id, READER_VERSION)
            judged = judge(work, report, search)
        to_judge.keep(work.connection, report, judged, READER_VERSION, work.now)
        reports.move(
            work.connection,
            report_id,
            ReportState.VERIFIED,
            verified_at=work.now,
            captured_from=judged.captured[0],
            captured_to=judged.captured[1],
            **VERIFYING.ended,
            attempts=0,
        )
        work.record(
            "system", Action.VERIFIED, f"report/{report_id}", recommendation=judged.recommendation
        )
    return True
