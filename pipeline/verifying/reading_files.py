"""Reading: each file is looked at once for its report, under a lease that runs out."""

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

import verifiers
from pipeline.containment.opening import open_contained, start_decoders
from pipeline.runtime import Runtime, Work
from pipeline.store import kept_readings, reading_queue, reports
from pipeline.store.reading_queue import FileOfReport
from scheme.case import ReportState
from scheme.reading import Flag, Readings, Sha256
from scheme.report import Evidence
from verifiers.media.clocks import FILE_NAME, stamp_in
from verifiers.media.protocol import MediaError
from verifiers.reading.faults import place_of
from verifiers.version import READER_VERSION

LEASE: Final = timedelta(seconds=45)
"""How long a dead worker keeps others waiting."""


BEAT_S: Final = 15.0


LONGEST_LEASE: Final = timedelta(minutes=15)
"""A worker that hangs is given up after this, however well its lease is kept."""


LONGEST_TRY: Final = LONGEST_LEASE + LEASE
"""How long one attempt can keep others waiting: while its lease is kept, and until the lease runs
out.
"""


log = structlog.get_logger()


class Read(Enum):
    """How an attempt at one file ended."""

    READ = auto()
    BUSY = auto()
    FAILED = auto()
    GIVEN_UP = auto()


def read_evidence(runtime: Runtime, *, report_id: str, sha256: str) -> bool:
    """Read one file for its report, if nobody does and this reader has not.

    Whether it is read for it now.

    The same bytes are read again for every report that has them: how soon they are read tells
    nobody that somebody else has sent them (R15, R17). Raises ContainmentBroken: no fault of the
    file's, so it is no attempt.
    """
    start_decoders()
    return read_file(runtime, FileOfReport(report_id, Sha256(sha256))) is Read.READ


def read_file(runtime: Runtime, file: FileOfReport) -> Read:
    """One attempt at the file, counted where it fails."""
    owner = secrets.token_hex(8)
    with runtime.write() as work:
        tries = reading_queue.wanted(work.connection, file, READER_VERSION)
        if tries is None:
            return Read.READ
        if tries >= attempts_of(work):
            return Read.GIVEN_UP
        if not reading_queue.lease(work.connection, file, owner, work.now, work.now + LEASE):
            return Read.BUSY
        file_name = reading_queue.name_of(work.connection, file)
    try:
        with (
            kept_alive(
                runtime,
                lambda work, until: reading_queue.extend(work.connection, file, owner, until),
            ),
            bound_contextvars(sha256=file.sha256),
        ):
            readings = _look(runtime, file.sha256, file_name)
    # Whatever it is, the attempt is counted and the worker lives on
    except Exception as problem:  # noqa: BLE001
        log.warning(
            "reading_failed",
            sha256=file.sha256,
            problem=type(problem).__name__,
            place=place_of(problem),
        )
        with runtime.write() as work:
            reading_queue.release(work.connection, file, owner)
        return Read.FAILED
    with runtime.write() as work:
        if not reading_queue.finish(work.connection, file, owner, readings):
            return Read.BUSY  # another took it meanwhile, or its reporter took it away
        kept_readings.keep(work.connection, file.sha256, readings, work.now)
        if reports.by_id(work.connection, file.report_id).state is ReportState.RECEIVED:
            work.ring("verify_report", report_id=file.report_id)
    return Read.READ


def _look(runtime: Runtime, sha256: Sha256, file_name: str) -> Readings:
    """What the eyes see. A file that cannot be opened is a result like any other.

    The name is a hint for the opener only: the same bytes may come again, from somebody else, under
    another name.
    """
    try:
        with open_contained(runtime.files.path(sha256), file_name) as media:
            return named(verifiers.read(media), "")
    except MediaError as error:
        failure = Flag(error.code, error.detail)
        return Readings(reader_version=READER_VERSION, facts=None, failures=(failure,))


def attempts_of(work: Work) -> int:
    """How often a file is tried before a person looks (R18)."""
    return work.policies.procedure_at(work.now).procedure.reading_attempts


@contextmanager
def kept_alive(runtime: Runtime, extend: Callable[[Work, datetime], bool]) -> Iterator[None]:
    """Keep a lease while the block runs: from another thread, because decoding may take minutes."""
    done = threading.Event()

    def beat() -> None:
        for _ in range(int(LONGEST_LEASE.total_seconds() / BEAT_S)):
            if done.wait(BEAT_S):
                return
            try:
                with runtime.write() as work:
                    if not extend(work, work.now + LEASE):
                        return
            # One missed beat is no harm; the next one comes
            except Exception as problem:  # noqa: BLE001
                log.warning("lease_not_extended", problem=type(problem).__name__)

    beating = threading.Thread(target=beat, name="lease", daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()


def named_by_their_files(
    evidence: Iterable[Evidence], readings: Mapping[Sha256, Readings]
) -> Mapping[Sha256, Readings]:
    """The readings of a report's files, each with the time that its file's name carries."""
    return {
        file.sha256: named(readings[file.sha256], file.file_name)
        for file in evidence
        if file.sha256 in readings
    }


def named(read: Readings, file_name: str) -> Readings:
    """The reading with the time that ``file_name`` carries, and no other file name's."""
    if read.facts is None:
        return read
    stamp = stamp_in(file_name)
    inside = tuple(clock for clock in read.facts.clocks if clock.source != FILE_NAME)
    return replace(read, facts=replace(read.facts, clocks=(*inside, stamp) if stamp else inside))
