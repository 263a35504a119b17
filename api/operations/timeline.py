"""A recording's timeline for the case page.

From when to when each thing is legible, where it breaks, where to look.

Pure, like ``case_page``. Hints (lights, centre line) are marked as such: they are for the officer's
eyes alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from api.operations.addresses import CaseAddresses
from pipeline.deciding.case_views import ReportView
from scheme.reading import Box, Readings, Sighted, Sighting, Span
from scheme.report import FiledEvidence

WIDE: Final = 1000
"""Units across a track."""

NARROWEST: Final = 8
"""A moment is drawn so wide: less can't be hit."""

MOST_TRACKS: Final = 24
MOST_STRETCHES: Final = 60
"""Drawn at most; a recording of a busy crossing has hundreds, and its first ones are those read
best.
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One span on a track: ``left`` and ``width`` in units, ``look`` where its frame is shown."""

    left: int
    width: int
    span: Span
    ms: int
    look: str


@dataclass(frozen=True, slots=True)
class Track:
    """One row: ``kind`` names it in the catalogue (``timeline.<kind>``), ``text`` is what was read.

    ``best``: where it is read best, None for breaks and hints. ``ours``: it is the reported
    vehicle's.
    """

    kind: str
    text: str
    stretches: tuple[Stretch, ...]
    best: Stretch | None = None
    ours: bool = False
    hint: bool = False


def tracks(
    report: ReportView, file: FiledEvidence, duration_ms: int, addresses: CaseAddresses
) -> tuple[Track, ...]:
    """The rows of one recording.

    The reported vehicle's first, then others', then breaks, then hints.
    """
    readings = file.readings
    if readings is None or not duration_ms:
        return ()
    draw = _Drawing(file.sha256, duration_ms, addresses)
    seen = [_seen(sighting, readings, report, draw) for sighting in readings.timeline]
    order = list(Sighted)
    seen.sort(key=lambda track: (not track.ours, order.index(Sighted(track.kind))))
    after = (*_breaks(readings, draw), *_hints(readings, draw))
    return (*seen[: MOST_TRACKS - len(after)], *after)


@dataclass(frozen=True, slots=True)
class _Drawing:
    sha256: str
    duration_ms: int
    addresses: CaseAddresses

    def stretch(self, span: Span, box: Box | None = None) -> Stretch:
        """A span as it is drawn, inside the track whatever a container claims."""
        left = min(WIDE - NARROWEST, max(0, span.from_ms) * WIDE // self.duration_ms)
        right = min(WIDE, max(0, span.to_ms) * WIDE // self.duration_ms)
        ms = min(max(0, span.from_ms), self.duration_ms - 1)
        look = self.addresses.look(self.sha256, ms, box)
        return Stretch(left, max(NARROWEST, right - left), span, ms, look)

    def all(self, spans: Sequence[Span], box: Box | None = None) -> tuple[Stretch, ...]:
        """Spans in the order of the recording."""
        in_order = sorted(spans, key=lambda span: (span.from_ms, span.to_ms))
        return tuple(self.stretch(span, box) for span in in_order[:MOST_STRETCHES])


def _seen(sighting: Sighting, readings: Readings, report: ReportView, draw: _Drawing) -> Track:
    best = draw.stretch(Span(sighting.best_ms, sighting.best_ms), _box(sighting, readings))
    return Track(
        sighting.what.value,
        sighting.text,
        draw.all(sighting.spans),
        best,
        ours=(sighting.what, sighting.text) in named_by(report),
    )


def named_by(report: ReportView) -> set[tuple[Sighted, str | None]]:
    """What names the reported vehicle.

    What is claimed, and the plate that was chosen where none is.
    """
    claim = report.claim
    chosen = {
        finding.details.get("plate")
        for finding in report.findings
        if finding.code == "VEHICLE_CHOSEN"
    }
    plates = {claim.plate} if claim.plate else chosen
    return {
        *((Sighted.PLATE, plate) for plate in plates),
        (Sighted.ROUTE, claim.route),
        (Sighted.BADGE, claim.badge),
        (Sighted.FLEET_NUMBER, claim.fleet_number),
    }


def _box(sighting: Sighting, readings: Readings) -> Box | None:
    """Where it stands in the frame where it is read best."""
    by_kind: dict[Sighted, list[tuple[str, int | None, Box]]] = {
        Sighted.PLATE: [(plate.number, plate.frame_ms, plate.box) for plate in readings.plates],
        Sighted.ROUTE: [(label.text, label.frame_ms, label.box) for label in readings.routes],
        Sighted.FLEET_NUMBER: [
            (label.text, label.frame_ms, label.box) for label in readings.fleet_numbers
        ],
        Sighted.BADGE: [(label.text, label.frame_ms, label.box) for label in readings.badges],
        Sighted.CLOCK: [(clock.text, clock.frame_ms, clock.box) for clock in readings.clocks],
    }
    wanted = (sighting.text, sighting.best_ms)
    return next((box for text, ms, box in by_kind[sighting.what] if (text, ms) == wanted), None)


def _breaks(readings: Readings, draw: _Drawing) -> Iterator[Track]:
    motion = readings.motion
    if motion is None:
        return
    cuts = tuple(Span(cut, cut) for cut in motion.cuts_ms)
    rows = (
        ("cut", cuts),
        ("gap", motion.gaps),
        ("frozen", motion.frozen),
        ("repeated", motion.repeated),
    )
    for kind, spans in rows:
        if spans:
            yield Track(kind, "", draw.all(spans))


def _hints(readings: Readings, draw: _Drawing) -> Iterator[Track]:
    for what in dict.fromkeys(hint.what for hint in readings.hints):
        hints = sorted(
            (hint for hint in readings.hints if hint.what is what),
            key=lambda hint: hint.span.from_ms,
        )
        stretches = tuple(draw.stretch(hint.span, hint.box) for hint in hints[:MOST_STRETCHES])
        yield Track(what.value, "", stretches, hint=True)
