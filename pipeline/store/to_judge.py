"""What judging a report looks at, read in few statements, and the move that keeps what it says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from pipeline.store import (
    candidates,
    cases,
    claims,
    evidence_files,
    fingerprints,
    incidents,
    judgements,
    kept_readings,
    reports,
    roster,
    whose,
)
from pipeline.store.incidents import Told
from pipeline.store.reports import ReportRow
from scheme.belonging import Judged, Near, SentFile
from scheme.dossier import Roster
from scheme.reading import Readings, Sha256
from scheme.report import Claim, Evidence
from scheme.traces import Moment


@dataclass(frozen=True, slots=True)
class ToJudge:
    """What one report says and shows, without anything of anybody else."""

    row: ReportRow
    claim: Claim
    """The version in force; an empty one where nobody ever said a word."""
    claim_version: int
    evidence: tuple[Evidence, ...]
    readings: Mapping[Sha256, Readings]
    """This reader's, or an older one's where it has not read the file."""
    answered: Mapping[str, bool]
    """Other report -> whether an officer said "same incident"."""


@dataclass(frozen=True, slots=True)
class Search:
    """What was found outside the lock, and up to where the index was looked through."""

    near: tuple[Near, ...]
    newest_seen: int


@dataclass(frozen=True, slots=True)
class Others:
    """What others have sent that is equal or looks alike, and the roster of the day."""

    fleet: Roster | None
    near: tuple[Near, ...]
    sent_with: tuple[SentFile, ...]
    told: tuple[Told, ...]
    """Of the reports with such files."""
    own: frozenset[str]
    """Received reports of the same people."""


def read(connection: Connection, report_id: str, reader_version: str) -> ToJudge:
    """The report as it says and shows. Raises NoSuchReport."""
    report = read_unread(connection, report_id)
    return replace(report, readings=readings_of(connection, report.evidence, reader_version))


def read_unread(connection: Connection, report_id: str) -> ToJudge:
    """The same without what was read of its files: even that may be what failed."""
    said = claims.in_force(connection, report_id)
    return ToJudge(
        row=reports.by_id(connection, report_id),
        claim=said.claim if said else Claim(category=""),
        claim_version=said.version if said else 0,
        evidence=evidence_files.of_report(connection, report_id),
        readings={},
        answered=candidates.answered(connection, report_id),
    )


def readings_of(
    connection: Connection, evidence: Sequence[Evidence], reader_version: str
) -> Mapping[Sha256, Readings]:
    """This reader's readings, or an older one's where it has not read the file."""
    readings = {}
    for file in evidence:
        read_now = kept_readings.of_file(connection, file.sha256, reader_version)
        latest = read_now or kept_readings.of_file(connection, file.sha256)
        if latest is not None:
            readings[file.sha256] = latest
    return readings


def search(connection: Connection, readings: Mapping[Sha256, Readings]) -> Search:
    """Look through everything indexed so far."""
    near = [
        pair
        for sha256, reading in readings.items()
        for pair in fingerprints.near(connection, sha256, reading.fingerprints)
    ]
    return Search(tuple(near), fingerprints.newest(connection))


def others(connection: Connection, report: ToJudge, day: date, searched: Search) -> Others:
    """What others have sent, looking again at what was indexed since the search."""
    near = list(searched.near)
    for sha256, reading in report.readings.items():
        near += fingerprints.near_since(
            connection, sha256, reading.fingerprints, searched.newest_seen
        )
    return _others(connection, report, day, near)


def others_unread(connection: Connection, report: ToJudge, day: date) -> Others:
    """The same where nothing of the report could be read: only equal files."""
    return _others(connection, report, day, ())


def told_of(connection: Connection, report_id: str) -> Told:
    """What the report told when it was judged last; it must have been received."""
    (told,) = incidents.told(connection, [report_id])
    return told


def near_in_time(
    connection: Connection,
    report: ToJudge,
    moments: Sequence[Moment],
    gap: timedelta,
) -> tuple[Told, ...]:
    """Received reports of its category within ``gap`` of a moment, withdrawn ones apart."""
    spans = [(moment.earliest, moment.latest) for moment in moments]
    near = incidents.ids_about(
        connection, spans, category=report.claim.category, gap=gap, but=report.row.id
    )
    return incidents.told(connection, near)


def keep(
    connection: Connection, report: ToJudge, judged: Judged, reader_version: str, at: datetime
) -> str:
    """Keep what judging has come to; returns the case that the report stands in."""
    case_id = keep_belonging(connection, report, judged, at)
    judgements.add(
        connection,
        judged.report_id,
        at=at,
        policy=judged.policy,
        reader_version=reader_version,
        claim_version=judged.claim_version,
        recommendation=judged.recommendation,
        findings=judged.findings,
    )
    return case_id


def keep_belonging(connection: Connection, report: ToJudge, judged: Judged, at: datetime) -> str:
    """The same without another judgement: where it belongs, and by what others may find it."""
    if judged.shown is not None:
        incidents.keep_shown(connection, judged.report_id, judged.shown)
        for sha256, reading in report.readings.items():
            fingerprints.index(connection, sha256, reading.fingerprints)
    case_id = report.row.case_id or judged.belonging.joins
    if case_id is None:
        case_id = cases.open_case(connection, category=judged.belonging.category, at=at)
    if report.row.case_id is None:
        cases.link(connection, judged.report_id, case_id)
    for question in judged.belonging.questions:
        candidates.add(connection, judged.report_id, question.other_report_id, question.reasons, at)
    return case_id


def keep_again(
    connection: Connection, report: ToJudge, judged: Judged, reader_version: str, at: datetime
) -> str:
    """Keep what judging a judged report anew has come to, and between when its files were taken."""
    case_id = keep(connection, report, judged, reader_version, at)
    captured_from, captured_to = judged.captured
    if judged.captured != (report.row.captured_from, report.row.captured_to):
        reports.change(
            connection, judged.report_id, captured_from=captured_from, captured_to=captured_to
        )
    return case_id


def _others(connection: Connection, report: ToJudge, day: date, near: Collection[Near]) -> Others:
    files = {file.sha256 for file in report.evidence} | {pair.other_sha256 for pair in near}
    sent_with = evidence_files.received_with(connection, sorted(files), but=report.row.id)
    told = incidents.told(connection, {sent.report_id for sent in sent_with})
    return Others(
        fleet=roster.on(connection, day),
        near=tuple(near),
        sent_with=sent_with,
        told=told,
        own=whose.reports_of_the_same_people(connection, report.row.id),
    )
