"""Reading a recording: a cheap sweep, closer looks at open questions, clocks, how it runs.

The sweep decodes keyframes small, looks at each once and keeps what it needs of it. Text passes are
dear: they go on only until a plate and a line are read clearly, or the recording has nothing more
to show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from scheme.reading import PlateSeen, Sighted, Sighting
from verifiers.media.protocol import Frame, Media, Timeline
from verifiers.reading.clocks.overlay import read_overlays
from verifiers.reading.fingerprint import distance, fingerprints
from verifiers.reading.frames.glance import Glance, glance, likeness_after_a_pan
from verifiers.reading.frames.sweep import (
    SMALL_SIDE,
    Swept,
    looked_at,
    shows_something_new,
    sweep_times,
    worth_reading,
)
from verifiers.reading.gathered import Gathered, read_labels
from verifiers.reading.pictures import scaled
from verifiers.reading.plates.detector import Quad
from verifiers.reading.plates.find import find_plates
from verifiers.reading.plates.seen import plates_seen
from verifiers.reading.plates.view import PlateView
from verifiers.reading.recordings.fusing import fused
from verifiers.reading.recordings.hints import hints_of
from verifiers.reading.recordings.motion import motion_of
from verifiers.reading.recordings.tracking import timeline_of
from verifiers.reading.signs.route import find_routes, is_clear
from verifiers.reading.texts.text import TextPass, read_texts

VIDEO_SIDE = 1920
"""Pixels of a frame that is looked at closely: 1080p stays whole. Chosen, not measured."""

_TEXT_SIDE = 1600
"""Pixels of a frame for a text pass. Chosen, not measured."""

_COARSE_TEXT_SIDE = 1120
"""The same where the line's sign is known to stand large. Chosen, not measured."""

_COLUMNS_A_FRAME = 15_000
"""Some two seconds of reading: several frames are read, and each shows the others' texts again."""
_LARGE_SIGN = 0.04
"""Share of the picture's height."""
_GLANCE_SIDE = 320
"""Pixels of a frame for a glance: seven times the glance itself."""

_KEPT_SIDE = 512
"""Pixels of a frame that is kept, to find again what was read. Chosen, not measured."""

_SWEPT_PLATE_SIDE = 640
"""Pixels of a swept frame for the plate detector: less than half of its usual
pixels. Chosen, not measured.
"""

_MOST_PLATE_LOOKS = 24
"""Swept frames in which plates are sought, for time. Chosen, not measured."""

_SAME_FRAME_BITS = 16
"""Bits (of 256) within which two fingerprints are one, and one is kept. Chosen, not measured."""

_SAME_FRAME_LIKENESS = 0.97
"""Likeness (-1..1) from which no new fingerprint is taken. Chosen, not measured."""

_ALIKE = 0.8
"""Likeness (-1..1) under which plates are sought at once. Chosen, not measured."""

_LEAST_PASSES = 2
"""Text passes before a reading may count as settled. Chosen, not measured."""

_PASSES_OF_THE_SAME = 3
"""Text passes after which only a frame with something new is read. Chosen, not measured."""

_CLOSER_LOOKS = 6
"""Frames around the best plate that are looked at where none is sure. Chosen, not measured."""

_CLOSER_STEP_MS = 120
"""Milliseconds between them: three frames at 25 a second."""


class _Plates:
    """The plates read so far, fused anew only when there are other views."""

    def __init__(self, seen: Gathered) -> None:
        self.seen = seen
        self.views: tuple[PlateView, ...] = ()
        self.fused: tuple[PlateSeen, ...] = ()

    def now(self) -> tuple[PlateSeen, ...]:
        """One entry a plate."""
        views = tuple(self.seen.plates)
        if len(views) != len(self.views) or any(
            a is not b for a, b in zip(views, self.views, strict=True)
        ):
            self.views, self.fused = views, plates_seen(views)
        return self.fused


def read_recording(media: Media, seen: Gathered) -> None:
    """Add everything that one recording shows to ``seen``."""
    plates = _Plates(seen)
    timeline = Timeline()
    with seen.kept("timeline"):
        timeline = media.timeline()
    swept: list[Swept] = []
    with seen.kept("sweep"):
        _sweep(media, sweep_times(timeline.frames_ms, timeline.keyframes_ms), seen, swept)
    with seen.kept("texts"):
        _read_best_frames(media, swept, seen, plates)
    with seen.kept("plates"):
        _look_closer(media, timeline, swept, seen, plates.now())
    with seen.kept("routes"):
        seen.routes = fused(media, swept, seen.routes, find_routes, VIDEO_SIDE)
    with seen.kept("clocks"):
        _read_clocks(media, timeline, swept, seen)
    with seen.kept("motion"):
        seen.motion = motion_of(
            [frame.glance for frame in swept], timeline, lambda wanted: _look(media, wanted, seen)
        )
    with seen.kept("hints"):
        seen.hints = list(hints_of(swept))
    with seen.kept("sightings"):
        seen.timeline = list(_sightings(swept, seen, plates))


def _sightings(swept: Sequence[Swept], seen: Gathered, plates: _Plates) -> Sequence[Sighting]:
    labels = (
        (Sighted.ROUTE, seen.routes),
        (Sighted.FLEET_NUMBER, seen.fleet_numbers),
        (Sighted.BADGE, seen.badges),
    )
    return timeline_of(swept, (plates.now(), seen.plates), labels, seen.clocks)


def _sweep(media: Media, times: Sequence[int], seen: Gathered, swept: list[Swept]) -> None:
    """Every swept frame: how sharp it is, its plates (they vote), its fingerprint where new.

    Without a timeline (a container that lies about its times) the keyframes are swept.
    """
    plate_every = -(-max(1, len(times)) // _MOST_PLATE_LOOKS)
    last_bits, last_printed, last_looked = "", None, None
    for position, frame in enumerate(media.frames(times or None, SMALL_SIDE)):
        ms = frame.ms if frame.ms is not None else 0
        looked, scene = looked_at(ms, frame.pixels), glance(ms, frame.pixels)
        seen.frames.append(looked)
        plates: tuple[PlateView, ...] = ()
        with seen.kept("plates"):
            changed = last_looked is not None and likeness_after_a_pan(last_looked, scene) < _ALIKE
            if position % plate_every == 0 or changed:
                found = find_plates(
                    frame.pixels, ms, second_looks=False, long_side=_SWEPT_PLATE_SIDE
                )
                plates = tuple(_as_large(view, frame) for view in found)
                seen.plates.extend(plates)
                last_looked = scene if plates else None
        height = max((plate.quad.height / plate.size[1] for plate in plates), default=0.0)
        small = scaled(frame.pixels, min(1.0, _KEPT_SIDE / max(frame.pixels.shape[:2])))
        swept.append(Swept(looked, height, scene, small))
        with seen.kept("fingerprints"):
            if (
                last_printed is None
                or likeness_after_a_pan(last_printed, scene) < _SAME_FRAME_LIKENESS
            ):
                (print_,) = fingerprints(frame.pixels, ms, views=1)
                if not last_bits or distance(last_bits, print_.bits) > _SAME_FRAME_BITS:
                    seen.fingerprints.append(print_)
                    last_bits, last_printed = print_.bits, scene


def _as_large(view: PlateView, frame: Frame) -> PlateView:
    """A view of a small frame in the measures of one of ``VIDEO_SIDE``, so that all compare."""
    high, wide = frame.pixels.shape[:2]
    factor = min(1.0 / frame.scale, VIDEO_SIDE / max(high, wide))
    if factor <= 1:
        return view
    clear = replace(view.legibility, height_px=round(view.legibility.height_px * factor, 1))
    corners = (view.quad.corners * factor).astype(np.float32)
    size = round(view.size[0] * factor), round(view.size[1] * factor)
    return replace(view, quad=Quad(corners, view.quad.score), size=size, legibility=clear)


def _read_best_frames(
    media: Media, swept: Sequence[Swept], seen: Gathered, plates: _Plates
) -> None:
    """Text passes, best frame first, until plate and line are clear and nothing new comes."""
    known = {frame.ms: frame for frame in swept}
    read: list[Swept] = []
    for ms in worth_reading(swept):
        if len(read) >= _LEAST_PASSES and _settled(seen, plates):
            return
        if len(read) >= _PASSES_OF_THE_SAME and not shows_something_new(known[ms], read):
            continue
        for frame in media.frames([ms], VIDEO_SIDE):
            _read_frame(frame, seen)
        read.append(known[ms])


def _read_frame(frame: Frame, seen: Gathered) -> None:
    texts = TextPass()
    with seen.kept("texts"):
        texts = read_texts(frame.pixels, _text_side(seen), _COLUMNS_A_FRAME)
    with seen.kept("plates"):
        closer = find_plates(frame.pixels, frame.ms, texts.lines)
        # The frame was swept before with one look a plate; now it is read with all of them.
        seen.plates = [plate for plate in seen.plates if plate.frame_ms != frame.ms]
        seen.plates.extend(closer)
    read_labels(frame.pixels, texts, frame.ms, seen, second_look=False)


def _text_side(seen: Gathered) -> int:
    """Pixels for a text pass: fewer where the line's sign is known to stand large in it."""
    large = any(
        route.box.bottom - route.box.top >= _LARGE_SIGN
        for route in seen.routes
        if is_clear([route])
    )
    return _COARSE_TEXT_SIDE if large else _TEXT_SIDE


def _settled(seen: Gathered, plates: _Plates) -> bool:
    best = sorted(seen.routes, key=lambda route: -route.probability)
    return is_clear(best) and any(plate.certain for plate in plates.now())


def _look_closer(
    media: Media,
    timeline: Timeline,
    swept: Sequence[Swept],
    seen: Gathered,
    plates: Sequence[PlateSeen],
) -> None:
    """Where no plate is sure: frames around the closest one, in which it may be smeared.

    Where none was seen at all: frames of the whole sweep, at the full size of the detector.
    """
    if any(plate.certain for plate in plates) or not swept:
        return
    known = {view.frame_ms for view in seen.plates}
    if plates:
        best = max(plates, key=lambda plate: plate.height_px * plate.probability).frame_ms or 0
        steps = range(-_CLOSER_LOOKS // 2 + 1, _CLOSER_LOOKS // 2 + 2)
        wanted = {best + step * _CLOSER_STEP_MS for step in steps if step}
    else:
        wanted = {frame.ms for frame in swept[:: -(-len(swept) // _CLOSER_LOOKS)]}
    times = sorted(ms for ms in wanted if 0 <= ms <= timeline.duration_ms)
    for frame in media.frames(times, VIDEO_SIDE) if times else ():
        if frame.ms not in known:
            known.add(frame.ms)
            seen.plates.extend(find_plates(frame.pixels, frame.ms))


def _read_clocks(media: Media, timeline: Timeline, swept: Sequence[Swept], seen: Gathered) -> None:
    """Where a clock of the camera ticks over the frames, its fused readings stand for all."""
    clocks, run = read_overlays(media, timeline, swept, seen.texts, VIDEO_SIDE)
    if run is not None:
        seen.clocks, seen.clock_run = list(clocks), run


def _look(media: Media, times: Sequence[int], seen: Gathered) -> Mapping[int, Glance]:
    """More glances for the search of cuts, by the times that were asked for."""
    found: dict[int, Glance] = {}
    with seen.kept("motion"):
        for wanted, frame in zip(times, media.frames(times, _GLANCE_SIDE), strict=False):
            found[wanted] = glance(wanted, frame.pixels)
    return found
