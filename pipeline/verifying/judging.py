"""Judging: from readings to findings, a case and open questions, under the write lock.

Nothing is decoded here: what was read is judged as claim, roster and policy stand now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import verifiers
from pipeline.runtime import Work
from pipeline.store import (
    candidates,
    cases,
    claims,
    evidence_files,
    fingerprints,
    judgements,
    kept_readings,
    reports,
    roster,
    whose,
)
from pipeline.store import incidents as stored_incidents
from pipeline.store.fingerprints import Near
from pipeline.store.reports import ReportRow
from pipeline.verifying import incidents
from pipeline.verifying.reading_files import named
from scheme.case import ReportState
from scheme.decision import recommend
from scheme.dossier import Dossier, Neighbour, Roster, SimilarMedia
from scheme.finding import Finding, Outcome, Proof, Scope
from scheme.policy import Policy
from scheme.reading import Readings, Sha256
from scheme.report import Claim, Evidence, Report
from verifiers import READER_VERSION
from verifiers.checks.capture_time import captured_between
from verifiers.judging.shown import shown

MOST_SIMILAR: Final = 100


@dataclass(frozen=True, slots=True)
class Search:
    """What was found outside the lock, and up to where the index was looked through."""

    near: tuple[Near, ...]
    newest_seen: int


def judge_again(work: Work, *, report_id: str) -> str:
    """Judge a report anew from what was read, as its claim, roster and policy stand now.

    Nothing is decoded. Returns the case that it stands in.
    """
    report = reports.by_id(work.connection, report_id)
    evidence = evidence_files.of_report(work.connection, report_id)
    findings, captured = judge(work, report, search_all(work, readings_of(work, evidence)))
    keep_judgement(work, report, findings)
    if captured != (report.captured_from, report.captured_to):
        reports.change(
            work.connection, report_id, captured_from=captured[0], captured_to=captured[1]
        )
    case_id = cases.case_of_report(work.connection, report_id)
    if case_id is None:
        raise AssertionError(f"report {report_id} was judged and stands in no case")
    return case_id


def judge_all_again(work: Work, report_ids: Sequence[str]) -> None:
    """Judge several reports anew, in their order."""
    for report_id in report_ids:
        judge_again(work, report_id=report_id)


def search_all(work: Work, readings: Mapping[Sha256, Readings]) -> Search:
    """Look through everything indexed so far."""
    near = [
        found
        for sha256, read in readings.items()
        for found in fingerprints.near(work.connection, sha256, read.fingerprints)
    ]
    return Search(tuple(near), fingerprints.newest(work.connection))


def keep_judgement(work: Work, report: ReportRow, findings: tuple[Finding, ...]) -> None:
    """Keep what the checks said of the claim in force."""
    claim = claims.in_force(work.connection, report.id)
    judgements.add(
        work.connection,
        report.id,
        at=work.now,
        policy=policy_of(work, report).ref,
        reader_version=READER_VERSION,
        claim_version=claim.version if claim else 0,
        recommendation=recommend(findings),
        findings=findings,
    )


def policy_of(work: Work, report: ReportRow) -> Policy:
    """The policy pinned at receipt; for a draft the one its time would be judged by."""
    if report.substance_policy is not None:
        return work.policies.by_ref(report.substance_policy)
    said = claims.in_force(work.connection, report.id)
    return work.policies.substance_at(said.claim.violated_at or work.now if said else work.now)


def judge(
    work: Work, report: ReportRow, search: Search
) -> tuple[tuple[Finding, ...], tuple[datetime | None, datetime | None]]:
    """Findings and the interval of capture; cases are linked and questions opened on the way.

    Holds the lock.
    """
    policy = policy_of(work, report)
    evidence = evidence_files.of_report(work.connection, report.id)
    readings = readings_of(work, evidence)
    for sha256, read in readings.items():
        search = _with_later(work, search, sha256, read)
    answered = candidates.answered(work.connection, report.id)
    dossier = replace(
        dossier_of(work, report, policy, evidence, readings), answered_candidates=answered
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


def unjudged(
    work: Work, report: ReportRow, evidence: Sequence[Evidence]
) -> tuple[tuple[Finding, ...], tuple[datetime | None, datetime | None]]:
    """What can be said without judging.

    Equal files and neighbours still make a case and questions (R14).
    """
    policy = policy_of(work, report)
    similar = _similar(work, report, policy, evidence, ())
    _link(work, report, similar)
    _ask(
        work,
        report,
        similar,
        incidents.neighbours(work, report.id, policy, _roster(work, report, policy)),
    )
    return (_reading_failed(None),), (report.captured_from, report.captured_to)


def _with_later(work: Work, search: Search, sha256: Sha256, read: Readings) -> Search:
    later = fingerprints.near_since(work.connection, sha256, read.fingerprints, search.newest_seen)
    return Search(search.near + later, search.newest_seen)


def _reading_failed(sha256: Sha256 | None) -> Finding:
    return Finding(
        check="files",
        code="READING_FAILED",
        outcome=Outcome.REVIEW,
        scope=Scope.REPORT if sha256 is None else Scope.EVIDENCE,
        proof=None if sha256 is None else Proof(sha256),
    )


def readings_of(work: Work, evidence: Sequence[Evidence]) -> dict[Sha256, Readings]:
    """This reader's readings, or an older one's where it has not read the file."""
    found = {}
    for file in evidence:
        read = kept_readings.of_file(
            work.connection, file.sha256, READER_VERSION
        ) or kept_readings.of_file(work.connection, file.sha256)
        if read is not None:
            found[file.sha256] = named(read, file.file_name)
    return found


def dossier_of(
    work: Work,
    report: ReportRow,
    policy: Policy,
    evidence: tuple[Evidence, ...],
    readings: Mapping[Sha256, Readings],
) -> Dossier:
    """What the report says and shows, without anything of anybody else."""
    said = claims.in_force(work.connection, report.id)
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
    said = claims.in_force(work.connection, report.id)
    at = said.claim.violated_at if said else None
    return roster.on(work.connection, (at or work.now).astimezone(policy.zone).date())


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
    own = whose.reports_of_the_same_people(work.connection, report.id)
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
    """Give the report a case: that of the earliest with the same file and claim, or a new one."""
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
        said = claims.in_force(work.connection, report.id)
        category = said.claim.category if said else ""
        case_id = cases.open_case(work.connection, category=category, at=work.now)
    cases.link(work.connection, report.id, case_id)


def _ask(
    work: Work, report: ReportRow, similar: Sequence[SimilarMedia], neighbours: Sequence[Neighbour]
) -> None:
    """Open a question for every other report that may be the same incident (R14).

    Another category is another incident even in one video (R16), and a withdrawn report asks
    nothing. Nor is one asked about that nobody has read: there is nothing to compare yet. It holds
    decisions up while it is being read, and asks itself when it is verified, or joins by itself,
    whichever came first.
    """
    case_id = cases.case_of_report(work.connection, report.id)
    said = claims.in_force(work.connection, report.id)
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
        theirs = claims.in_force(work.connection, other_id)
        one_category = (
            said is not None and theirs is not None and said.claim.category == theirs.claim.category
        )
        open_ = other.case_id not in {None, case_id} and other.state is not ReportState.WITHDRAWN
        if one_category and open_:
            candidates.add(work.connection, report.id, other_id, sorted(codes), work.now)
