"""The command ``busreport check``: what is seen in files, and how it would be judged.

Stores nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from pipeline import clock
from pipeline.calendar import published_workdays
from pipeline.containment import opening
from pipeline.doors import tasks
from pipeline.doors.cli.claims import (
    At,
    Badge,
    Category,
    Files,
    Kind,
    PlaceName,
    Plate,
    RouteName,
    claim_of,
)
from pipeline.doors.cli.premises import start_decoders
from pipeline.doors.cli.terminal import new_table, out, progress_bar
from pipeline.policies import load_policies
from pipeline.settings import Settings
from pipeline.store import evidence_files
from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome
from scheme.reading import Flag, MediaFacts, Readings, Sha256
from scheme.report import Channel, Claim, Evidence, Report
from verifiers import READER_VERSION, judge, read
from verifiers.media import MediaError


def check(  # noqa: PLR0913, PLR0917 - what a claim consists of
    files: Files,
    category: Category = "",
    at: At = "",
    route: RouteName = "",
    plate: Plate = "",
    badge: Badge = "",
    place: PlaceName = "",
    kind: Kind = "",
) -> None:
    """Read files here and now and print what is seen in them; with --category also judge them.

    Stores nothing.
    """
    start_decoders(Settings.from_environment())
    all_readings: dict[Sha256, Readings] = {}
    evidence: list[Evidence] = []
    with progress_bar("reading", len(files)) as moved:
        for position, file in enumerate(files):
            sha256 = evidence_files.hash_of(file)
            readings = _read_contained(file)
            all_readings[sha256] = readings
            if readings.facts:
                kind_of_file, size_bytes = readings.facts.kind, file.stat().st_size
                evidence.append(Evidence(sha256, kind_of_file, size_bytes, file.name, position))
            moved(position + 1, None)
    for file, readings in zip(files, all_readings.values(), strict=False):
        _print_readings(file, readings)
    if category:
        claim = claim_of(category, at, route, plate, badge, place, kind)
        _print_findings(_judged(claim, evidence, all_readings))


def _judged(
    claim: Claim, evidence: Sequence[Evidence], readings: Mapping[Sha256, Readings]
) -> tuple[Finding, ...]:
    now = clock.now()
    report = Report("local", claim, tuple(evidence), Channel.CLI, now, now)
    dossier = Dossier(report=report, readings=readings, workdays=published_workdays(), now=now)
    policies = load_policies(tasks.current_settings().policies)
    return judge(dossier, policies.substance_at(claim.violated_at or now))


def _read_contained(file: Path) -> Readings:
    try:
        with opening.open_contained(file, file.name) as media:
            return read(media)
    except MediaError as problem:
        return Readings(READER_VERSION, None, failures=(Flag(problem.code, problem.detail),))


def _print_readings(file: Path, readings: Readings) -> None:
    table = new_table(str(file), "what", "seen", "sure", "at ms")
    flags = readings.failures
    if readings.facts:
        _add_facts(table, readings.facts)
        flags = (*readings.facts.flags, *readings.failures)
    for plate in readings.plates:
        certain = " certain" if plate.certain else ""
        sureness = f"{plate.probability:.2f}{certain}"
        table.add_row("plate", plate.number, sureness, str(plate.frame_ms or ""))
    for what, labels in (
        ("line", readings.routes),
        ("badge", readings.badges),
        ("fleet number", readings.fleet_numbers),
    ):
        for label in labels:
            table.add_row(what, label.text, f"{label.probability:.2f}", str(label.frame_ms or ""))
    for shown in readings.clocks:
        sureness = f"{shown.probability:.2f}"
        table.add_row("clock in the picture", shown.text, sureness, str(shown.frame_ms or ""))
    for flag in flags:
        table.add_row("[red]finding[/red]", f"{flag.code} {flag.detail}")
    out.print(table)


def _add_facts(table: Table, facts: MediaFacts) -> None:
    length = f", {facts.duration_ms / 1000:.1f} s" if facts.duration_ms else ""
    size = f"{facts.width}x{facts.height}"
    camera = f"{facts.make or ''} {facts.model or ''}"
    table.add_row("file", f"{facts.format} {size}{length} {camera}")
    for moment in facts.clocks:
        table.add_row("clock", f"{moment.source}: {moment.raw}")
    if facts.place:
        point = f"{facts.place.latitude:.5f}, {facts.place.longitude:.5f}"
        table.add_row("place", f"{point} ({facts.place.source})")


MARKS = {
    Outcome.PASS: "[green]pass[/green]",
    Outcome.REVIEW: "[yellow]review[/yellow]",
    Outcome.FAIL: "[red]fail[/red]",
}


def _print_findings(findings: Sequence[Finding]) -> None:
    table = new_table("Findings", "outcome", "code", "sight", "confidence", "details")
    for finding in findings:
        details = ", ".join(f"{key}={value}" for key, value in finding.details.items())
        mark = MARKS.get(finding.outcome, "not applicable")
        table.add_row(mark, finding.code, finding.sight or "", f"{finding.confidence:.2f}", details)
    out.print(table)
