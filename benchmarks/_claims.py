"""What the reading benchmarks share.

Real pictures with labels, and whether a claim about one of them would pass.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.calendar import published_workdays
from scheme.dossier import Dossier, Roster
from scheme.finding import Outcome
from scheme.naming import InvalidPlate, canonical_plate
from scheme.policy import Policy
from scheme.policy_reading import parse_policy
from scheme.reading import MediaFacts, MediaKind, Readings, Sha256
from scheme.report import Channel, Claim, Evidence, Report
from verifiers import judge
from verifiers.reading.frames.sweep import looked_at
from verifiers.reading.gathered import Gathered
from verifiers.reading.plates.seen import plates_seen
from verifiers.reading.plates.view import PlateView
from verifiers.reading.read import read_photo
from verifiers.reading.signs.badge import find_badges, find_fleet_numbers
from verifiers.reading.signs.route import find_routes
from verifiers.reading.texts.text import TextLine, texts_seen
from verifiers.version import READER_VERSION

Pixels = NDArray[np.uint8]

_NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
_FILE = Sha256("0" * 64)


def labels(folder: Path) -> list[dict[str, str]]:
    """The rows of ``labels.csv``."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or "" for key, value in row.items()} for row in csv.DictReader(file)]


def picture(path: Path) -> Pixels:
    """The file's pixels, BGR. These are known pictures: no limits, no containment."""
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError(f"{path} is no picture")
    return pixels.astype(np.uint8, copy=False)


def readings_of(
    pixels: Pixels, lines: tuple[TextLine, ...], plates: tuple[PlateView, ...]
) -> Readings:
    """Readings of one photo from what was read in it."""
    height, width = pixels.shape[:2]
    return Readings(
        reader_version=READER_VERSION,
        facts=MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", width, height, pixels.size),
        texts=texts_seen(lines, width, height, None),
        plates=plates_seen(plates),
        routes=find_routes(lines, width, height),
        fleet_numbers=find_fleet_numbers(lines, width, height),
        badges=find_badges(lines, width, height),
        frames=(looked_at(None, pixels),),
    )


def read_picture(pixels: Pixels) -> Readings:
    """Readings of one photo as the product makes them of an opened file."""
    height, width = pixels.shape[:2]
    seen = Gathered()
    read_photo(pixels, seen)
    return seen.as_readings(
        MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", width, height, pixels.size)
    )


def as_plate(text: str) -> str:
    """The plate that ``text`` says, in its canonical form; empty where it says none."""
    try:
        return canonical_plate(text)
    except InvalidPlate:
        return ""


def passes(check: str, readings: Readings, claim: Claim, roster: Roster | None = None) -> bool:
    """Whether ``check`` gives a passing finding for ``claim`` on this one photo."""
    return Outcome.PASS in _outcomes(check, readings, claim, roster)


def fails(check: str, readings: Readings, claim: Claim) -> bool:
    """Whether ``check`` holds it against ``claim`` that this one photo does not show it."""
    return Outcome.FAIL in _outcomes(check, readings, claim, None)


def _outcomes(
    check: str, readings: Readings, claim: Claim, roster: Roster | None
) -> frozenset[Outcome]:
    evidence = (Evidence(_FILE, MediaKind.PHOTO, 1, "photo.jpg", 0),)
    report = Report("benchmark", claim, evidence, Channel.WEB, _NOW, _NOW)
    empty = Roster({}, {})
    dossier = Dossier(report, {_FILE: readings}, published_workdays(), _NOW, roster or empty)
    return frozenset(
        finding.outcome for finding in judge(dossier, _policy()) if finding.check == check
    )


def others(all_labels: list[str], own: set[str], seed: int, count: int = 3) -> list[str]:
    """``count`` other labels than ``own``, drawn by a fixed seed."""
    choice = [label for label in sorted(set(all_labels)) if label and label not in own]
    picked = np.random.default_rng(seed).permutation(len(choice))[:count]
    return [choice[int(place)] for place in picked]


def counted(groups: Mapping[str, tuple[int, int]], name: str) -> dict[str, dict[str, object]]:
    """``{group: (right, n)}`` -> ``{group: {"n": n, name: share}}``."""
    return {
        group: {"n": n, name: round(right / n, 4)}
        for group, (right, n) in sorted(groups.items())
        if n
    }


@cache
def _policy() -> Policy:
    return parse_policy(
        (files("scheme") / "policies" / "shanghai-bus-2012.toml").read_text(encoding="utf-8")
    )
