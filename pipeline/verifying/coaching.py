"""The coach: what the files of a draft show of each sight that its category asks for."""

from typing import NamedTuple

import verifiers
from pipeline.runtime import Work
from pipeline.store import claims, evidence_files, reading_queue, reports, roster
from pipeline.verifying.judging import day_of, dossier_of, policy_of
from pipeline.verifying.reading_files import named_by_their_files
from scheme.coaching import CoachLine, FileNote
from scheme.report import Claim
from verifiers.judging.coach import coach_lines, file_notes


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
    said = claims.in_force(work.connection, report_id)
    claim = said.claim if said else Claim(category="")
    policy = policy_of(work, report, claim)
    if claim.category not in policy.substance.categories:
        return Coached((), ())
    evidence = evidence_files.of_report(work.connection, report_id)
    own = reading_queue.own_readings(work.connection, report_id)
    fleet = roster.on(work.connection, day_of(claim, policy, work.now))
    readings = named_by_their_files(evidence, own)
    dossier = dossier_of(work, report, claim, evidence, readings, fleet)
    findings = verifiers.judge(dossier, policy)
    kinds = [file.kind for file in evidence]
    return Coached(
        coach_lines(findings, policy, claim.category, kinds), file_notes(findings, evidence)
    )
