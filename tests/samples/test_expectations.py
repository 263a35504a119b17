"""The manifest keeps its word.

Reading a sample and judging it against its own claim gives the findings it expects.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

import verifiers
from pipeline.calendar import published_workdays
from pipeline.verifying.fleet import parse_roster
from samples import drawing, manifest
from samples.manifest import Sample
from samples.roster import roster_csv
from scheme.dossier import Dossier, Roster
from scheme.finding import Finding
from scheme.policy import Policy
from scheme.policy_reading import parse_policy
from scheme.reading import MediaKind
from scheme.report import Channel, Evidence, Report
from tests.drawings import Drawings

DAY = date(2026, 6, 10)
ABOUT_OTHERS = {"SIMILAR_MEDIA", "SAME_MEDIA", "REPLAYED_EVIDENCE", "SAME_INCIDENT_CANDIDATE"}


@cache
def policy() -> Policy:
    return parse_policy(
        (files("scheme") / "policies" / "shanghai-bus-2012.toml").read_text(encoding="utf-8")
    )


@cache
def roster() -> Roster:
    told = parse_roster(roster_csv().encode())
    return Roster(
        {one.plate: one for one in told.vehicles}, {one.badge: one.routes for one in told.drivers}
    )


def judged(one: drawing.DrawnSample, drawings: Drawings) -> tuple[Finding, ...]:
    kind = MediaKind.VIDEO if one.sample.scene.moving else MediaKind.PHOTO
    received = one.taken_at + timedelta(hours=1)
    evidence = Evidence(one.sha256, kind, one.path.stat().st_size, one.path.name, 0)
    report = Report("r1", one.claim, (evidence,), Channel.WEB, received, received)
    readings = {one.sha256: drawings.readings_of(one)}
    return verifiers.judge(
        Dossier(report, readings, published_workdays(), received, roster()), policy()
    )


def name_of(sample: Sample) -> str:
    return sample.name


@pytest.mark.parametrize("sample", manifest.SAMPLES, ids=name_of)
def test_findings_are_as_expected(
    sample: Sample, drawn: Callable[[str], drawing.DrawnSample], drawings: Drawings
) -> None:
    codes = {finding.code for finding in judged(drawn(sample.name), drawings)}
    assert not (sample.expects - ABOUT_OTHERS) - codes, f"missing, of {sorted(codes)}"
    assert not sample.forbids & codes


def test_a_wrong_claim_is_not_confirmed(
    drawn: Callable[[str], drawing.DrawnSample], drawings: Drawings, tmp_path: Path
) -> None:
    other = drawings.draw(
        "bus_front", tmp_path, drawn("bus_front").taken_at, plate="沪A05133D", route="20"
    )
    told = drawing.DrawnSample(other.path, drawing.sample("bus_front"), other.taken_at)
    codes = {finding.code for finding in judged(told, drawings)}
    assert {"PLATE_OTHER", "ROUTE_OTHER"} <= codes
    assert not codes & {"PLATE_SEEN", "ROUTE_SEEN"}
