"""The command ``busreport check``: what is seen in files, and how it would be judged.

Stores nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from pipeline import clock
from pipeline.calendar import published_workdays
from pipeline.containment import opening
from pipeline.doors import tasks
from pipeline.doors.cli.claims import claim_of
from pipeline.doors.cli.options import (
    At,
    Badge,
    Category,
    Files,
    Kind,
    PlaceName,
    Plate,
    RouteName,
)
from pipeline.doors.cli.premises import start_decoders
from pipeline.doors.cli.terminal import new_table, out, progress_bar
from pipeline.doors.cli.words import details_said, flag_said, source_said, text
from pipeline.policies import load_policies
from pipeline.settings import Settings
from pipeline.store import originals
from scheme.claim import UnknownCategory
from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome
from scheme.policy import Policy
from scheme.reading import Flag, MediaFacts, Readings, Sha256
from scheme.report import Channel, Claim, Evidence, Report
from verifiers import judge, read
from verifiers.media.protocol import MediaError
from verifiers.version import READER_VERSION


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file of this machine, and what was read in it."""

    file: Path
    sha256: Sha256
    readings: Readings


def check(  # noqa: PLR0913, PLR0917 - what a claim consists of
    files: Files, category: Category = "", at: At = None, route: RouteName = "",
    plate: Plate = "", badge: Badge = "", place: PlaceName = "", kind: Kind = "",
) -> None:  # fmt: skip
    """Read files here and now and print what is seen in them; with --category also judge them.

    Stores nothing.
    """
    start_decoders(Settings.from_environment())
    claim = claim_of(category, at, route=route, plate=plate, badge=badge, place=place, kind=kind)
    policy = _policy_for(claim) if category else None
    all_read = _read_all(files)
    for one_read in all_read:
        _print_readings(one_read)
    if policy:
        _print_findings(_judged(claim, all_read, policy))


def _policy_for(claim: Claim) -> Policy:
    """The policy in force at the claimed time. Raises UnknownCategory for another's category."""
    policies = load_policies(tasks.current_settings().policies)
    policy = policies.substance_at(claim.violated_at or clock.now())
    if claim.category not in policy.substance.categories:
        raise UnknownCategory(claim.category)
    return policy


def _read_all(files: Sequence[Path]) -> Sequence[FileRead]:
    all_read: list[FileRead] = []
    with progress_bar("reading", len(files)) as moved:
        for file in files:
            all_read.append(FileRead(file, originals.hash_of(file), _read_contained(file)))
            moved(len(all_read), None)
    return all_read


def _read_contained(file: Path) -> Readings:
    try:
        with opening.open_contained(file, file.name) as media:
            return read(media)
    except MediaError as problem:
        return Readings(READER_VERSION, None, failures=(Flag(problem.code, problem.detail),))


def _judged(claim: Claim, all_read: Sequence[FileRead], policy: Policy) -> tuple[Finding, ...]:
    now = clock.now()
    report = Report("local", claim, tuple(_evidence(all_read)), Channel.CLI, now, now)
    readings = {one_read.sha256: one_read.readings for one_read in all_read}
    dossier = Dossier(report=report, readings=readings, workdays=published_workdays(), now=now)
    return judge(dossier, policy)


def _evidence(all_read: Sequence[FileRead]) -> Iterator[Evidence]:
    for position, one_read in enumerate(all_read):
        file, facts = one_read.file, one_read.readings.facts
        if facts:
            size_bytes = file.stat().st_size
            yield Evidence(one_read.sha256, facts.kind, size_bytes, file.name, position)


def _print_readings(one_read: FileRead) -> None:
    readings, table = one_read.readings, new_table(str(one_read.file), *READ_COLUMNS)
    if readings.facts:
        _add_facts(table, readings.facts)
    _add_names(table, readings)
    for shown in readings.clocks:
        at_ms = str(shown.frame_ms or "")
        table.add_row("clock in the picture", shown.text, f"{shown.probability:.2f}", at_ms)
    flags = readings.facts.flags if readings.facts else ()
    for flag in (*flags, *readings.failures):
        table.add_row("[red]finding[/red]", flag_said(flag))
    out.print(table)


READ_COLUMNS = ("what", "seen", "sure", "at ms")


def _add_facts(table: Table, facts: MediaFacts) -> None:
    length = f", {facts.duration_ms / 1000:.1f} s" if facts.duration_ms else ""
    size = f"{facts.width}x{facts.height}"
    camera = f"{facts.make or ''} {facts.model or ''}"
    table.add_row("file", f"{facts.format} {size}{length} {camera}")
    for moment in facts.clocks:
        table.add_row("clock", f"{source_said(moment.source)}: {moment.raw}")
    if facts.place:
        point = f"{facts.place.latitude:.5f}, {facts.place.longitude:.5f}"
        table.add_row("place", f"{point} ({source_said(facts.place.source)})")


def _add_names(table: Table, readings: Readings) -> None:
    for plate in readings.plates:
        certain = " certain" if plate.certain else ""
        sureness = f"{plate.probability:.2f}{certain}"
        table.add_row("plate", plate.number, sureness, str(plate.frame_ms or ""))
    names = {
        "line": readings.routes,
        "badge": readings.badges,
        "fleet number": readings.fleet_numbers,
    }
    for what, labels in names.items():
        for label in labels:
            table.add_row(what, label.text, f"{label.probability:.2f}", str(label.frame_ms or ""))


MARKS = {
    Outcome.PASS: "[green]pass[/green]",
    Outcome.REVIEW: "[yellow]review[/yellow]",
    Outcome.FAIL: "[red]fail[/red]",
}


def _print_findings(findings: Sequence[Finding]) -> None:
    table = new_table("Findings", "outcome", "sight", "read", "finding", "sure")
    for finding in findings:
        mark = MARKS.get(finding.outcome, "not applicable")
        sight = text(f"sight.{finding.sight}") if finding.sight else ""
        said = "\n".join((text(f"finding.{finding.code}"), *details_said(finding)))
        read_there = finding.details.get("read", "")
        table.add_row(mark, sight, read_there, said, f"{finding.confidence:.2f}")
    out.print(table)
