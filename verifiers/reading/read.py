"""``read``: one opened file becomes ``Readings``. One text pass a photo, at most seven a recording."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from scheme.reading import (
    Fingerprint,
    Flag,
    FrameLooked,
    LabelSeen,
    MediaKind,
    Motion,
    PictureClock,
    Readings,
    TextSeen,
)
from verifiers.media.protocol import Media, MediaError, Timeline
from verifiers.reading.badge import find_badges, find_fleet_numbers
from verifiers.reading.clock import find_clocks, ticking
from verifiers.reading.fingerprint import distance, fingerprints
from verifiers.reading.frames import SMALL_SIDE, Swept, looked_at, sweep_times, worth_reading
from verifiers.reading.models import give_memory_back
from verifiers.reading.motion import Glance, glance, motion_of
from verifiers.reading.pictures import Pixels, scaled
from verifiers.reading.plate import PlateView, find_plates, plates_seen
from verifiers.reading.route import find_routes, is_clear, look_again
from verifiers.reading.text import TextLine, read_lines, texts_seen
from verifiers.version import READER_VERSION

PHOTO_SIDE = 4096
"""Pixels: a twelve-megapixel photo stays whole, so that a far plate keeps its strokes."""

VIDEO_SIDE = 1920
_VIDEO_TEXT_SIDE = 1600
_GLANCE_SIDE = 320
_SAME_FRAME_BITS = 16
_MOST_TEXTS = 400
_MOST_PLATE_LOOKS = 16


@dataclass(slots=True)
class _Seen:
    """What has been read so far: a file that breaks off half-way keeps it."""

    texts: list[TextSeen] = field(default_factory=list)
    plates: list[PlateView] = field(default_factory=list)
    routes: list[LabelSeen] = field(default_factory=list)
    fleet_numbers: list[LabelSeen] = field(default_factory=list)
    badges: list[LabelSeen] = field(default_factory=list)
    clocks: list[PictureClock] = field(default_factory=list)
    frames: list[FrameLooked] = field(default_factory=list)
    fingerprints: list[Fingerprint] = field(default_factory=list)
    motion: Motion | None = None
    failures: list[Flag] = field(default_factory=list)


def read(media: Media) -> Readings:
    """Everything the eyes see in one opened file (R5). Deterministic; slow: about a text pass a photo.

    Never raises for bad media: a ``MediaError`` on the way ends up in ``failures``, what was read before stays.
    """
    seen = _Seen()
    if media.facts.kind is MediaKind.PHOTO:
        with _kept(seen):
            for frame in media.frames(None, PHOTO_SIDE):
                _read_photo(frame.pixels, seen)
    else:
        _read_recording(media, seen)
    give_memory_back()
    return Readings(
        reader_version=READER_VERSION,
        facts=media.facts,
        texts=tuple(seen.texts[:_MOST_TEXTS]),
        plates=plates_seen(seen.plates),
        routes=_merged(seen.routes),
        fleet_numbers=_merged(seen.fleet_numbers),
        badges=_merged(seen.badges),
        clocks=ticking(seen.clocks),
        frames=tuple(seen.frames),
        motion=seen.motion,
        fingerprints=tuple(seen.fingerprints),
        failures=tuple(dict.fromkeys(seen.failures)),
    )


@contextmanager
def _kept(seen: _Seen) -> Iterator[None]:
    """A file that cannot be read further is a failure on record, not the end of the reading."""
    try:
        yield
    except MediaError as error:
        seen.failures.append(Flag(error.code, error.detail))


def _read_photo(pixels: Pixels, seen: _Seen) -> None:
    seen.frames.append(looked_at(None, pixels))
    seen.fingerprints.extend(fingerprints(pixels))
    lines = read_lines(pixels)
    seen.plates.extend(find_plates(pixels, None, lines))
    _read_labels(pixels, lines, None, seen, second_look=True)


def _read_labels(
    pixels: Pixels, lines: tuple[TextLine, ...], frame_ms: int | None, seen: _Seen, *, second_look: bool
) -> None:
    """Everything that stands in texts. A second look for the line sign only where the first found none clearly."""
    height, width = pixels.shape[:2]
    routes = find_routes(lines, width, height, frame_ms)
    badges = find_badges(lines, width, height, frame_ms)
    if second_look and not badges and not is_clear(routes):
        lines = (*lines, *look_again(pixels, _plate_top(seen.plates, frame_ms)))
        routes = find_routes(lines, width, height, frame_ms)
    seen.texts.extend(texts_seen(lines, width, height, frame_ms))
    seen.routes.extend(routes)
    seen.badges.extend(badges)
    seen.fleet_numbers.extend(find_fleet_numbers(lines, width, height, frame_ms))
    seen.clocks.extend(find_clocks(lines, width, height, frame_ms))


def _plate_top(plates: Sequence[PlateView], frame_ms: int | None) -> float | None:
    """Where the largest plate of the picture begins, as a share of its height."""
    here = [plate for plate in plates if plate.frame_ms == frame_ms]
    if not here:
        return None
    largest = max(here, key=lambda plate: plate.quad.width * plate.quad.height)
    return float(largest.quad.corners[:, 1].min()) / largest.size[1]


def _read_recording(media: Media, seen: _Seen) -> None:
    timeline = Timeline()
    with _kept(seen):
        timeline = media.timeline()
    times = sweep_times(timeline.frames_ms, timeline.keyframes_ms)
    glances: list[Glance] = []
    swept: list[Swept] = []
    with _kept(seen):
        _sweep(media, times, seen, glances, swept)
    with _kept(seen):
        _read_best_frames(media, worth_reading(swept), seen)
    seen.motion = motion_of(glances, timeline, lambda wanted: _look(media, wanted, seen))


def _sweep(media: Media, times: Sequence[int], seen: _Seen, glances: list[Glance], swept: list[Swept]) -> None:
    """Every swept frame: how sharp it is, its plates (they vote), its fingerprint where it shows something new.

    Without a timeline (a container that lies about its times) the keyframes are swept.
    """
    plate_every = -(-max(1, len(times)) // _MOST_PLATE_LOOKS)
    last_bits = ""
    for position, frame in enumerate(media.frames(times or None, VIDEO_SIDE)):
        ms = frame.ms if frame.ms is not None else 0
        small = scaled(frame.pixels, min(1.0, SMALL_SIDE / max(frame.pixels.shape[:2])))
        looked = looked_at(ms, small)
        seen.frames.append(looked)
        glances.append(glance(ms, small))
        plates = find_plates(frame.pixels, ms, second_looks=False) if position % plate_every == 0 else ()
        seen.plates.extend(plates)
        swept.append(Swept(looked, max((plate.quad.height / frame.pixels.shape[0] for plate in plates), default=0.0)))
        (print_,) = fingerprints(small, ms, views=1)
        if not last_bits or distance(last_bits, print_.bits) > _SAME_FRAME_BITS:
            seen.fingerprints.append(print_)
            last_bits = print_.bits


def _read_best_frames(media: Media, times: Sequence[int], seen: _Seen) -> None:
    for frame in media.frames(times, VIDEO_SIDE) if times else ():
        lines = read_lines(frame.pixels, _VIDEO_TEXT_SIDE)
        # The frame was swept before with one look a plate; now it is read with all of them.
        seen.plates = [plate for plate in seen.plates if plate.frame_ms != frame.ms]
        seen.plates.extend(find_plates(frame.pixels, frame.ms, lines))
        _read_labels(frame.pixels, lines, frame.ms, seen, second_look=False)


def _look(media: Media, times: Sequence[int], seen: _Seen) -> Mapping[int, Glance]:
    """More glances for the search of cuts, by the times that were asked for."""
    found: dict[int, Glance] = {}
    with _kept(seen):
        for wanted, frame in zip(times, media.frames(times, _GLANCE_SIDE), strict=False):
            found[wanted] = glance(wanted, frame.pixels)
    return found


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
