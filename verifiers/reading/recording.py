"""Reading a recording: a cheap sweep, text passes on its best frames, and how it runs."""

from collections.abc import Mapping, Sequence

from verifiers.media.protocol import Media, Timeline
from verifiers.reading.fingerprint import distance, fingerprints
from verifiers.reading.frames import SMALL_SIDE, Swept, looked_at, sweep_times, worth_reading
from verifiers.reading.gathered import Gathered, read_labels
from verifiers.reading.motion import Glance, glance, motion_of
from verifiers.reading.pictures import scaled
from verifiers.reading.plate import find_plates
from verifiers.reading.text import read_lines

VIDEO_SIDE = 1920
_TEXT_SIDE = 1600
_GLANCE_SIDE = 320
_SAME_FRAME_BITS = 16
_MOST_PLATE_LOOKS = 16


def read_recording(media: Media, seen: Gathered) -> None:
    """Add everything that one recording shows to ``seen``."""
    timeline = Timeline()
    with seen.kept():
        timeline = media.timeline()
    times = sweep_times(timeline.frames_ms, timeline.keyframes_ms)
    glances: list[Glance] = []
    swept: list[Swept] = []
    with seen.kept():
        _sweep(media, times, seen, glances, swept)
    with seen.kept():
        _read_best_frames(media, worth_reading(swept), seen)
    seen.motion = motion_of(glances, timeline, lambda wanted: _look(media, wanted, seen))


def _sweep(media: Media, times: Sequence[int], seen: Gathered, glances: list[Glance], swept: list[Swept]) -> None:
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


def _read_best_frames(media: Media, times: Sequence[int], seen: Gathered) -> None:
    for frame in media.frames(times, VIDEO_SIDE) if times else ():
        lines = read_lines(frame.pixels, _TEXT_SIDE)
        # The frame was swept before with one look a plate; now it is read with all of them.
        seen.plates = [plate for plate in seen.plates if plate.frame_ms != frame.ms]
        seen.plates.extend(find_plates(frame.pixels, frame.ms, lines))
        read_labels(frame.pixels, lines, frame.ms, seen, second_look=False)


def _look(media: Media, times: Sequence[int], seen: Gathered) -> Mapping[int, Glance]:
    """More glances for the search of cuts, by the times that were asked for."""
    found: dict[int, Glance] = {}
    with seen.kept():
        for wanted, frame in zip(times, media.frames(times, _GLANCE_SIDE), strict=False):
            found[wanted] = glance(wanted, frame.pixels)
    return found
