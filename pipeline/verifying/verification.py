"""Read once, judge often: from a received report to findings, a case, open questions and a recommendation.

The slow part (decoding, reading, looking for similar media) runs outside any lock and under a lease
that a dying worker lets run out. What decides the order runs under the write lock: it looks again
at what arrived meanwhile, judges, links the case and opens the questions, in one commit ("First, in
one transaction", DESIGN.md).
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final, NamedTuple

import structlog
from structlog.contextvars import bound_contextvars

import verifiers
from pipeline.containment.opening import open_contained, start_decoders
from pipeline.runtime import Runtime, StorageFull, StoreBusy, Work
from pipeline.store import cases, evidence_files, fingerprints, reading_queue, reports, roster
from pipeline.store import incidents as stored_incidents
from pipeline.store.actions import Action
from pipeline.store.fingerprints import Near
from pipeline.store.leases import VERIFYING
from pipeline.store.reading_queue import FileOfReport
from pipeline.store.reports import ReportRow
from pipeline.verifying import incidents
from scheme.case import ReportState
from scheme.decision import recommend
from scheme.dossier import Dossier, Neighbour, Roster, SimilarMedia
from scheme.finding import Finding, Outcome, Proof, Scope
from scheme.policy import Policy
from scheme.reading import Flag, Readings, Sha256
from scheme.report import Claim, Evidence, Report
from verifiers import READER_VERSION
from verifiers.checks.capture_time import captured_between
from verifiers.judging.coach import CoachLine, FileNote, Seen, coach_lines, file_notes
from verifiers.judging.shown import shown
from verifiers.media.clocks import FILE_NAME, stamp_in
from verifiers.media.protocol import MediaError
from verifiers.reading.faults import place_of

__all__ = [
    "CoachLine",
    "Coached",
    "FileNote",
    "Recheck",
    "Seen",
    "coach",
    "judge_again",
    "read_evidence",
    "recheck",
    "verify_report",
]

LEASE: Final = timedelta(seconds=45)
"""How long a dead worker keeps others waiting."""

BEAT_S: Final = 15.0
LONGEST_LEASE: Final = timedelta(minutes=15)
"""A worker that hangs is given up after this, however well its lease is kept."""

LONGEST_TRY: Final = LONGEST_LEASE + LEASE
"""How long one attempt can keep others waiting: while its lease is kept, and until the lease runs
out.
"""

MOST_SIMILAR: Final = 100

log = structlog.get_logger()


class _Outcome(Enum):
    READ = auto()
    BUSY = auto()
    FAILED = auto()
    GIVEN_UP = auto()


@dataclass(frozen=True, slots=True)
class Recheck:
    """How many judgements changed, of how many reports."""

    changed: int
    total: int


@dataclass(frozen=True, slots=True)
class _Search:
    """What was found outside the lock, and up to where the index was looked through."""

    near: tuple[Near, ...]
    newest_seen: int


# -- reading ---------------------------------------------------------------------------------------


def read_evidence(runtime: Runtime, *, report_id: str, sha256: str) -> bool:
    """Read one file for its report, if nobody does and this reader has not.

    Whether it is read for it now.

    The same bytes are read again for every report that has them: how soon they are read tells
    nobody that somebody else has sent them (R15, R17). Raises ContainmentBroken: no fault of the
    file's, so it is no attempt.
    """
    start_decoders()
    return _read_file(runtime, FileOfReport(report_id, Sha256(sha256))) is _Outcome.READ


def _read_file(runtime: Runtime, file: FileOfReport) -> _Outcome:
    owner = secrets.token_hex(8)
    with runtime.write() as work:
        tries = reading_queue.wanted(work.connection, file, READER_VERSION)
        if tries is None:
            return _Outcome.READ
        if tries >= _attempts(work):
            return _Outcome.GIVEN_UP
        if not reading_queue.lease(work.connection, file, owner, work.now, work.now + LEASE):
            return _Outcome.BUSY
        file_name = reading_queue.name_of(work.connection, file)
    try:
        with (
            _kept_alive(
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
        return _Outcome.FAILED
    with runtime.write() as work:
        if not reading_queue.finish(work.connection, file, owner, readings):
            return _Outcome.BUSY  # another took it meanwhile, or its reporter took it away
        evidence_files.keep_readings(work.connection, file.sha256, readings, work.now)
        if reports.by_id(work.connection, file.report_id).state is ReportState.RECEIVED:
            work.ring("verify_report", report_id=file.report_id)
    return _Outcome.READ


def _look(runtime: Runtime, sha256: Sha256, file_name: str) -> Readings:
    """What the eyes see. A file that cannot be opened is a result like any other.

    The name is a hint for the opener only: the same bytes may come again, from somebody else, under
    another name.
    """
    try:
        with open_contained(runtime.files.path(sha256), file_name) as media:
            return _named(verifiers.read(media), "")
    except MediaError as error:
        failure = Flag(error.code, error.detail)
        return Readings(reader_version=READER_VERSION, facts=None, failures=(failure,))


def _attempts(work: Work) -> int:
    return work.policies.procedure_at(work.now).procedure.reading_attempts


@contextmanager
def _kept_alive(runtime: Runtime, extend: Callable[[Work, datetime], bool]) -> Iterator[None]:
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


# -- verifying -------------------------------------------------------------------------------------


def verify_report(runtime: Runtime, *, report_id: str) -> bool:
    """Read what is unread, judge, link and recommend.

    Whether the report is verified now by this call.

    False: it was not waiting, somebody else has it, or it must wait (the sweep rings again). Raises
    ContainmentBroken before it has tried.
    """
    start_decoders()
    owner = secrets.token_hex(8)
    with runtime.write() as work:
        attempt = reports.lease(work.connection, report_id, owner, work.now, work.now + LEASE)
        if attempt is None:
            return False
        evidence = evidence_files.of_report(work.connection, report_id)
        last_try = attempt > _attempts(
            work
        )  # whatever ended the tries before: now without another reading
    try:
        with _kept_alive(
            runtime, lambda work, until: reports.extend(work.connection, report_id, owner, until)
        ):
            outcomes = (
                set()
                if last_try
                else {
                    _read_file(runtime, FileOfReport(report_id, file.sha256)) for file in evidence
                }
            )
            if outcomes & {_Outcome.BUSY, _Outcome.FAILED}:
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
        reports.release(work.connection, report_id, owner, failed=failed)


def _search(runtime: Runtime, evidence: Sequence[Evidence]) -> _Search:
    """Look through everything indexed so far, outside the lock."""
    with runtime.read() as work:
        return _search_all(work, _readings(work, evidence))


def _search_all(work: Work, readings: Mapping[Sha256, Readings]) -> _Search:
    near = [
        found
        for sha256, read in readings.items()
        for found in fingerprints.near(work.connection, sha256, read.fingerprints)
    ]
    return _Search(tuple(near), fingerprints.newest(work.connection))


def _settle(
    runtime: Runtime,
    report_id: str,
    owner: str,
    evidence: Sequence[Evidence],
    search: _Search | None,
) -> bool:
    """Judge and link under the write lock.

    ``search`` None: every attempt to judge failed, and a person must look.
    """
    with runtime.write() as work:
        if not reports.holds_lease(work.connection, report_id, owner):
            return False
        if evidence_files.of_report(work.connection, report_id) != tuple(evidence):
            reports.release(
                work.connection, report_id, owner, failed=False
            )  # a file came meanwhile
            work.ring("verify_report", report_id=report_id)
            return False
        report = reports.by_id(work.connection, report_id)
        if search is None:
            findings, captured = _unjudged(work, report, evidence)
        else:
            findings, captured = _judge(work, report, search)
        _keep_judgement(work, report, findings)
        reports.move(
            work.connection,
            report_id,
            ReportState.VERIFIED,
            verified_at=work.now,
            captured_from=captured[0],
            captured_to=captured[1],
            **VERIFYING.ended,
            attempts=0,
        )
        work.record(
            "system", Action.VERIFIED, f"report/{report_id}", recommendation=recommend(findings)
        )
    return True


def judge_again(work: Work, *, report_id: str) -> None:
    """Judge a report anew from what was read, as its claim, roster and policy stand now.

    Nothing is decoded.
    """
    report = reports.by_id(work.connection, report_id)
    evidence = evidence_files.of_report(work.connection, report_id)
    findings, captured = _judge(work, report, _search_all(work, _readings(work, evidence)))
    _keep_judgement(work, report, findings)
    if captured != (report.captured_from, report.captured_to):
        reports.change(
            work.connection, report_id, captured_from=captured[0], captured_to=captured[1]
        )


def recheck(
    runtime: Runtime,
    *,
    since: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Recheck:
    """Judge every verified report anew, one transaction each.

    A judgement is kept where the findings changed.

    ``progress`` is told how many are done and how many there are.
    """
    with runtime.read() as work:
        report_ids = reports.judged_since(work.connection, since)
    changed = 0
    for done, report_id in enumerate(report_ids, start=1):
        with runtime.write() as work:
            changed += _recheck_one(work, report_id)
        if progress is not None:
            progress(done, len(report_ids))
    return Recheck(changed, len(report_ids))


def _recheck_one(work: Work, report_id: str) -> bool:
    report = reports.by_id(work.connection, report_id)
    readings = _readings(work, evidence_files.of_report(work.connection, report_id))
    findings, _ = _judge(work, report, _search_all(work, readings))
    before = reports.judgement(work.connection, report_id)
    if before is not None and before.findings == findings:
        return False
    _keep_judgement(work, report, findings)
    work.record(
        "system", Action.RECHECKED, f"report/{report_id}", recommendation=recommend(findings)
    )
    return True


def _keep_judgement(work: Work, report: ReportRow, findings: tuple[Finding, ...]) -> None:
    claim = reports.claim_in_force(work.connection, report.id)
    reports.add_judgement(
        work.connection,
        report.id,
        at=work.now,
        policy=_policy(work, report).ref,
        reader_version=READER_VERSION,
        claim_version=claim.version if claim else 0,
        recommendation=recommend(findings),
        findings=findings,
    )


def _policy(work: Work, report: ReportRow) -> Policy:
    """The policy pinned at receipt; for a draft the one its time would be judged by."""
    if report.substance_policy is not None:
        return work.policies.by_ref(report.substance_policy)
    said = reports.claim_in_force(work.connection, report.id)
    return work.policies.substance_at(said.claim.violated_at or work.now if said else work.now)


# -- judging ---------------------------------------------------------------------------------------


def _judge(
    work: Work, report: ReportRow, search: _Search
) -> tuple[tuple[Finding, ...], tuple[datetime | None, datetime | None]]:
    """Findings and the interval of capture; cases are linked and questions opened on the way.

    Holds the lock.
    """
    policy = _policy(work, report)
    evidence = evidence_files.of_report(work.connection, report.id)
    readings = _readings(work, evidence)
    for sha256, read in readings.items():
        search = _with_later(work, search, sha256, read)
    answered = cases.answered_candidates(work.connection, report.id)
    dossier = replace(
        _dossier(work, report, policy, evidence, readings), answered_candidates=answered
    )
    stored_incidents.keep_shown(work.connection, report.id, shown(dossier, policy))
    similar = _similar(work, report, policy, evidence, search.near)
    neighbours = incidents.neighbours(work, report.id, policy, dossier.roster)
    for sha256, read in readings.items():
        fingerprints.index(work.connection, sha256, read.fingerprints)
    dossier = replace(dossier, similar=similar, neighbours=neighbours)
    _link(
        work,
        report,
        [media for media in similar if answered.get(media.other_report_id) is not False],
    )
    _ask(work, report, similar, neighbours)
    unread = [file.sha256 for file in evidence if file.sha256 not in readings]
    findings = (*verifiers.judge(dossier, policy), *(_reading_failed(sha256) for sha256 in unread))
    captured = captured_between(dossier, policy)
    return findings, (captured.earliest, captured.latest)


def _unjudged(
    work: Work, report: ReportRow, evidence: Sequence[Evidence]
) -> tuple[tuple[Finding, ...], tuple[datetime | None, datetime | None]]:
    """What can be said without judging.

    Equal files and neighbours still make a case and questions (R14).
    """
    policy = _policy(work, report)
    similar = _similar(work, report, policy, evidence, ())
    _link(work, report, similar)
    _ask(
        work,
        report,
        similar,
        incidents.neighbours(work, report.id, policy, _roster(work, report, policy)),
    )
    return (_reading_failed(None),), (report.captured_from, report.captured_to)


def _with_later(work: Work, search: _Search, sha256: Sha256, read: Readings) -> _Search:
    later = fingerprints.near_since(work.connection, sha256, read.fingerprints, search.newest_seen)
    return _Search(search.near + later, search.newest_seen)


def _reading_failed(sha256: Sha256 | None) -> Finding:
    return Finding(
        check="files",
        code="READING_FAILED",
        outcome=Outcome.REVIEW,
        scope=Scope.REPORT if sha256 is None else Scope.EVIDENCE,
        proof=None if sha256 is None else Proof(sha256),
    )


def _readings(work: Work, evidence: Sequence[Evidence]) -> dict[Sha256, Readings]:
    """This reader's readings, or an older one's where it has not read the file."""
    found = {}
    for file in evidence:
        read = evidence_files.readings_of(
            work.connection, file.sha256, READER_VERSION
        ) or evidence_files.readings_of(work.connection, file.sha256)
        if read is not None:
            found[file.sha256] = _named(read, file.file_name)
    return found


def _named(read: Readings, file_name: str) -> Readings:
    """The reading with the time that ``file_name`` carries, and no other file name's."""
    if read.facts is None:
        return read
    stamp = stamp_in(file_name)
    inside = tuple(clock for clock in read.facts.clocks if clock.source != FILE_NAME)
    return replace(read, facts=replace(read.facts, clocks=(*inside, stamp) if stamp else inside))


def _dossier(
    work: Work,
    report: ReportRow,
    policy: Policy,
    evidence: tuple[Evidence, ...],
    readings: Mapping[Sha256, Readings],
) -> Dossier:
    """What the report says and shows, without anything of anybody else."""
    said = reports.claim_in_force(work.connection, report.id)
    claim = said.claim if said else Claim(category="")
    return Dossier(
        report=Report(
            report_id=report.id,
            claim=claim,
            evidence=evidence,
            channel=report.channel,
            received_at=report.received_at,
            submitted_to_us_at=report.submitted_to_us_at,
        ),
        readings=readings,
        workdays=work.workdays,
        now=work.now,
        roster=_roster(work, report, policy),
        tied_by_officer=report.tied_by_officer,
    )


def _roster(work: Work, report: ReportRow, policy: Policy) -> Roster | None:
    """The roster of the day of the violation, as it is claimed now."""
    said = reports.claim_in_force(work.connection, report.id)
    at = said.claim.violated_at if said else None
    return roster.on(work.connection, (at or work.now).astimezone(policy.zone).date())


# -- similar media, neighbours, case and questions: R14 to R16 -------------------------------------


def _similar(
    work: Work,
    report: ReportRow,
    policy: Policy,
    evidence: Sequence[Evidence],
    near: Sequence[Near],
) -> tuple[SimilarMedia, ...]:
    """Equal and near files of other received reports, the closest first.

    Each pair of files once.
    """
    equal = [Near(file.sha256, None, file.sha256, None, 0) for file in evidence]
    by_other: dict[Sha256, list[Near]] = {}
    for found in (*equal, *near):
        by_other.setdefault(found.other_sha256, []).append(found)
    sent_with = evidence_files.received_with(work.connection, tuple(by_other), but=report.id)
    same = incidents.with_the_same_claim(
        work, report.id, {sent.report_id for sent in sent_with}, policy
    )
    own = reports.of_the_same_people(work.connection, report.id)
    media: list[SimilarMedia] = []
    for sent in sent_with:
        media.extend(
            SimilarMedia(
                sha256=found.sha256,
                frame_ms=found.frame_ms,
                other_report_id=sent.report_id,
                other_sha256=sent.sha256,
                other_frame_ms=found.other_frame_ms,
                other_kind=sent.kind,
                byte_equal=found.sha256 == sent.sha256,
                distance=found.distance,
                same_claim=sent.report_id in same,
                own_repeat=sent.report_id in own,
            )
            for found in by_other[sent.sha256]
        )
    return tuple(sorted(media, key=lambda m: m.distance)[:MOST_SIMILAR])


def _link(work: Work, report: ReportRow, similar: Sequence[SimilarMedia]) -> None:
    """Give the report a case: the one of the earliest report with the very same file and claim, else a new one."""
    if cases.case_of_report(work.connection, report.id) is not None:
        return
    twins = [media.other_report_id for media in similar if media.byte_equal and media.same_claim]
    in_order = sorted(
        (reports.by_id(work.connection, other) for other in set(twins)),
        key=lambda r: r.receipt_seq or 0,
    )
    case_id = next(
        (
            twin.case_id
            for twin in in_order
            if twin.case_id and twin.state is not ReportState.WITHDRAWN
        ),
        None,
    )
    if case_id is None:
        said = reports.claim_in_force(work.connection, report.id)
        category = said.claim.category if said else ""
        case_id = cases.open_case(work.connection, category=category, at=work.now)
    cases.link(work.connection, report.id, case_id)


def _ask(
    work: Work, report: ReportRow, similar: Sequence[SimilarMedia], neighbours: Sequence[Neighbour]
) -> None:
    """Open a question for every other report that may be the same incident and is not in this case (R14).

    Another category is another incident even in one video (R16), and a withdrawn report asks
    nothing. Nor is one asked about that nobody has read: there is nothing to compare yet. It holds
    decisions up while it is being read, and asks itself when it is verified, or joins by itself,
    whichever came first.
    """
    case_id = cases.case_of_report(work.connection, report.id)
    said = reports.claim_in_force(work.connection, report.id)
    reasons: dict[str, set[str]] = {}
    for media in similar:
        code = (
            "SIMILAR_MEDIA"
            if not media.byte_equal
            else "SAME_MEDIA"
            if media.same_claim
            else "REPLAYED_EVIDENCE"
        )
        reasons.setdefault(media.other_report_id, set()).add(code)
    for neighbour in neighbours:
        reasons.setdefault(neighbour.other_report_id, set()).update(
            ("SAME_INCIDENT_CANDIDATE", *neighbour.why)
        )
    for other_id, codes in sorted(reasons.items()):
        other = reports.by_id(work.connection, other_id)
        theirs = reports.claim_in_force(work.connection, other_id)
        one_category = (
            said is not None and theirs is not None and said.claim.category == theirs.claim.category
        )
        open_ = other.case_id not in {None, case_id} and other.state is not ReportState.WITHDRAWN
        if one_category and open_:
            cases.add_candidate(work.connection, report.id, other_id, sorted(codes), work.now)


# -- the coach -------------------------------------------------------------------------------------


class Coached(NamedTuple):
    """What the coach says to whoever sends the files."""

    lines: tuple[CoachLine, ...]
    notes: tuple[FileNote, ...]


def coach(work: Work, *, report_id: str) -> Coached:
    """What the files of a draft show of each sight that its category asks for.

    And what is the matter with the files. Empty before a category is chosen.

    Looks at nothing of anybody else: no other report is in the dossier, and no reading but the
    draft's own.
    """
    report = reports.by_id(work.connection, report_id)
    said = reports.claim_in_force(work.connection, report_id)
    policy = _policy(work, report)
    if said is None or said.claim.category not in policy.substance.categories:
        return Coached((), ())
    evidence = evidence_files.of_report(work.connection, report_id)
    own = reading_queue.own_readings(work.connection, report_id)
    named = {
        file.sha256: _named(own[file.sha256], file.file_name)
        for file in evidence
        if file.sha256 in own
    }
    dossier = _dossier(work, report, policy, evidence, named)
    findings = verifiers.judge(dossier, policy)
    kinds = [file.kind for file in evidence]
    return Coached(
        coach_lines(findings, policy, said.claim.category, kinds), file_notes(findings, evidence)
    )
