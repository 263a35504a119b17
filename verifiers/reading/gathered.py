"""What has been read so far of one file.

Every part of the reading adds to it, and what breaks off keeps it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import structlog

from scheme.reading import (
    Box,
    ClockRun,
    Fingerprint,
    Flag,
    FrameLooked,
    Hindrance,
    Hint,
    LabelSeen,
    MediaFacts,
    Motion,
    PictureClock,
    Readings,
    Sighting,
    TextSeen,
    Unread,
)
from verifiers.media.protocol import MediaError
from verifiers.reading.clocks.clock import find_clocks, ticking
from verifiers.reading.faults import place_of
from verifiers.reading.legibility import LETTERS_SMALL_PX, legibility
from verifiers.reading.pictures import Pixels
from verifiers.reading.plates.seen import plates_seen, plates_unread
from verifiers.reading.plates.view import SURE_LIKELIHOOD, PlateView
from verifiers.reading.signs.badge import find_badges, find_fleet_numbers
from verifiers.reading.signs.bearer import borne_by_a_bus
from verifiers.reading.signs.board import is_half_lit, is_lit, unread_sign
from verifiers.reading.signs.route import (
    LOW_ON_THE_BUS,
    find_routes,
    is_clear,
    look_again,
    second_opinions,
)
from verifiers.reading.texts.detector import TextBox
from verifiers.reading.texts.text import (
    LETTERS_IN_BOX,
    TextLine,
    TextPass,
    best_of_each_place,
    texts_seen,
)
from verifiers.version import READER_VERSION

_MOST_TEXTS = 400
"""Texts kept of one file; a photo has 150 at most, a recording more. Chosen, not measured."""

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(slots=True)
class Gathered:
    """The parts of ``Readings`` as they come in."""

    texts: list[TextSeen] = field(default_factory=list)
    plates: list[PlateView] = field(default_factory=list)
    routes: list[LabelSeen] = field(default_factory=list)
    fleet_numbers: list[LabelSeen] = field(default_factory=list)
    badges: list[LabelSeen] = field(default_factory=list)
    clocks: list[PictureClock] = field(default_factory=list)
    clock_run: ClockRun | None = None
    unread_signs: list[Unread] = field(default_factory=list)
    frames: list[FrameLooked] = field(default_factory=list)
    fingerprints: list[Fingerprint] = field(default_factory=list)
    motion: Motion | None = None
    timeline: list[Sighting] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    failures: list[Flag] = field(default_factory=list)
    _logged: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def kept(self, part: str) -> Iterator[None]:
        """What ends one part of the reading is a failure on record, and every other part goes on.

        The file's own end (MediaError) stands under its code. A fault of the reader is told as
        such, and logged with ``part`` and its place, once however many frames it met.
        """
        try:
            yield
        except MediaError as error:
            self.failures.append(Flag(error.code, error.detail))
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is one part's
            self.failures.append(Flag("READING_INCOMPLETE"))
            place = place_of(fault)
            if (part, place) not in self._logged:
                self._logged.add((part, place))
                log.warning(
                    "part_of_reading_failed", part=part, problem=type(fault).__name__, place=place
                )

    def part(self, name: str, read: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
        """What ``read`` gives; nothing where that part of the reading fails."""
        found: tuple[T, ...] = ()
        with self.kept(name):
            found = read()
        # A return inside the block would say that nothing is ever swallowed there
        return found  # noqa: RET504

    def as_readings(self, facts: MediaFacts) -> Readings:
        """The file's readings. A sign that one frame can't show and another does is not unread."""
        routes = self.part("routes", lambda: _merged(self.routes))
        signs = sorted(self.unread_signs, key=lambda sign: -sign.legibility.height_px)[
            : 0 if is_clear(routes) else 1
        ]
        plates = self.part("plates", lambda: plates_seen(self.plates))
        unread = self.part("plates", lambda: plates_unread(self.plates))
        clocks = self.part("clocks", lambda: ticking(self.clocks))
        return Readings(
            reader_version=READER_VERSION,
            facts=facts,
            texts=tuple(self.texts[:_MOST_TEXTS]),
            plates=plates,
            routes=routes,
            fleet_numbers=_merged(self.fleet_numbers),
            badges=_merged(self.badges),
            clocks=clocks,
            clock_run=self.clock_run,
            unread=(*unread, *signs),
            frames=tuple(self.frames),
            motion=self.motion,
            timeline=tuple(self.timeline),
            hints=tuple(self.hints),
            fingerprints=tuple(self.fingerprints),
            failures=tuple(dict.fromkeys(self.failures)),
        )


def read_labels(
    pixels: Pixels, texts: TextPass, frame_ms: int | None, seen: Gathered, *, second_look: bool
) -> None:
    """Everything that stands in the texts of one picture.

    With a second look possible signs are read again, and searched for again where none is clear;
    several frames of a recording do that for each other.
    """
    height, width = pixels.shape[:2]
    lines = texts.lines
    if texts.left_out:
        seen.failures.append(Flag("TEXTS_LEFT_OUT"))
    badges = seen.part("badges", lambda: find_badges(texts.lines, width, height, frame_ms))
    if second_look and not badges:
        with seen.kept("signs"):
            lines = _read_twice(pixels, lines, seen, frame_ms)
    seen.texts.extend(texts_seen(lines, width, height, frame_ms))
    with seen.kept("badges"):
        seen.badges.extend(_with_legibility(pixels, badges))
    with seen.kept("routes"):
        _add_routes(pixels, lines, texts.illegible, frame_ms, seen)
    with seen.kept("fleet_numbers"):
        numbers = find_fleet_numbers(lines, width, height, frame_ms)
        own = [label for label in numbers if not _of_a_plate(label, seen.plates)]
        seen.fleet_numbers.extend(_with_legibility(pixels, own))
    with seen.kept("clocks"):
        seen.clocks.extend(find_clocks(lines, width, height, frame_ms))


def _read_twice(
    pixels: Pixels, lines: tuple[TextLine, ...], seen: Gathered, frame_ms: int | None
) -> tuple[TextLine, ...]:
    """``lines`` with second opinions on what may be a sign.

    Where none is clear, with those of a second search.
    """
    height, width = pixels.shape[:2]
    told = second_opinions(pixels, lines)
    if not (lines or seen.plates) or is_clear(find_routes(told, width, height)):
        return told
    more = best_of_each_place((*lines, *look_again(pixels, _plate_top(seen.plates, frame_ms))))
    return second_opinions(pixels, more)


def _add_routes(
    pixels: Pixels,
    lines: tuple[TextLine, ...],
    illegible: Sequence[TextBox],
    frame_ms: int | None,
    seen: Gathered,
) -> None:
    """Line signs; where none is clear, a lit sign among the boxes that can't be read."""
    height, width = pixels.shape[:2]
    in_view = [view for view in seen.plates if view.frame_ms == frame_ms]
    plates = [_box_of_plate(view) for view in in_view if view.likelihood >= SURE_LIKELIHOOD]
    named = [
        label
        for label in find_routes(lines, width, height, frame_ms)
        if not _on_a_plate(label, plates)
    ]
    routes = borne_by_a_bus(pixels, lines, named, plates, has_plates=bool(in_view))
    seen.routes.extend(_with_legibility(pixels, routes))
    if not is_clear(routes):
        sign = unread_sign(
            pixels, [(box.corners, box.score) for box in illegible], LOW_ON_THE_BUS, frame_ms
        )
        seen.unread_signs.extend([sign] if sign else ())


def _of_a_plate(label: LabelSeen, plates: Sequence[PlateView]) -> bool:
    """Whether a number is a row of a plate that was read."""
    return any(label.text in view.number for view in plates)


def _with_legibility(pixels: Pixels, labels: Sequence[LabelSeen]) -> list[LabelSeen]:
    height, width = pixels.shape[:2]
    told = []
    for label in labels:
        box = label.box
        left, top = int(box.left * width), int(box.top * height)
        patch = pixels[
            top : max(top + 1, round(box.bottom * height)),
            left : max(left + 1, round(box.right * width)),
        ]
        known = (Hindrance.HALF_LIT,) if is_lit(patch) and is_half_lit(patch) else ()
        clear = legibility(
            patch, patch.shape[0] * LETTERS_IN_BOX, small_px=LETTERS_SMALL_PX, known=known
        )
        told.append(replace(label, legibility=clear))
    return told


def _box_of_plate(view: PlateView) -> Box:
    left, top = (view.quad.corners.min(axis=0) / view.size).tolist()
    right, bottom = (view.quad.corners.max(axis=0) / view.size).tolist()
    return Box(left, top, right, bottom)


def _on_a_plate(label: LabelSeen, plates: Sequence[Box]) -> bool:
    """Whether the middle of ``label`` lies on a plate that was clearly read.

    Then it is a piece of it, and no sign.
    """
    box = label.box
    across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return any(
        plate.left <= across <= plate.right and plate.top <= down <= plate.bottom
        for plate in plates
    )


def _plate_top(plates: Sequence[PlateView], frame_ms: int | None) -> float | None:
    """Where the largest plate of the picture begins, as a share of its height."""
    here = [plate for plate in plates if plate.frame_ms == frame_ms]
    if not here:
        return None
    largest = max(here, key=lambda plate: plate.quad.width * plate.quad.height)
    return float(largest.quad.corners[:, 1].min()) / largest.size[1]


def _merged(labels: Sequence[LabelSeen]) -> tuple[LabelSeen, ...]:
    """One entry a name, its best sighting; names seen often and clearly come first."""
    weight: dict[str, float] = {}
    best: dict[str, LabelSeen] = {}
    for label in labels:
        weight[label.text] = weight.get(label.text, 0.0) + label.probability
        if label.text not in best or label.probability > best[label.text].probability:
            best[label.text] = label
    order = sorted(best, key=lambda text: -weight[text])
    return tuple(best[text] for text in order)
