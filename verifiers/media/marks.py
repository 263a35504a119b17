"""What a recording's own structure says against taking it for whole and in real time: flags.

A cut end, data after the end, durations that make no sense, slow motion,
and more than the reader reads.
"""

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, BinaryIO

from scheme.reading import Flag
from verifiers.media.boxes import Movie, top_boxes
from verifiers.media.trailer import block_names
from verifiers.media.walk import Walk

if TYPE_CHECKING:
    from av.container import InputContainer

_HARMLESS_REST_BYTES = 16
"""As for photos: a few stray bytes are a sloppy writer, not a hidden file."""
_DURATION_DIFFERS = 2.0
"""Claimed over held, or the other way round, and ``_SLACK_MS`` besides: recorders round, or leave a
second of sound over; damaged headers are wrong by far more.
"""
_SLACK_MS = 1000
_CAPTURE_RATE = "com.android.capture.fps"
_SLOW_MOTION = 1.5
"""Frames taken over frames shown: phones that slow down in the dark stay below."""
_SUPER_SLOW = "Super_SlowMotion"
"""Samsung's phones name what they slowed down in the file itself so, in their trailer.

What is named plain ``SlowMotion`` is slowed by the phone's own player only.
"""


def ending(file: BinaryIO, size: int) -> Iterator[Flag]:
    """A box that reaches beyond the file, or bytes after the last box."""
    end = 0
    for box in top_boxes(file, size):
        if box.overruns:
            name = box.kind.decode("latin-1")
            yield Flag("TRUNCATED", f"{name} reaches beyond the end of the file")
            return
        end = box.end
    if size - end > _HARMLESS_REST_BYTES:
        yield Flag("TRAILING_DATA", f"{size - end} bytes at {end}")


def lost_end(walk: Walk) -> Iterator[Flag]:
    """Frames that the header lists and the file no longer holds."""
    if walk.lost:
        yield Flag("TRUNCATED", f"ends after {walk.whole_ms / 1000:.1f} s, its header lists more")


def over_the_limit(walk: Walk) -> Iterator[Flag]:
    """A recording of which only the beginning is read."""
    if walk.longer:
        read_s = walk.timeline.duration_ms / 1000
        yield Flag("RECORDING_LONG", f"{walk.whole_ms / 1000:.0f} s, {read_s:.0f} s of it are read")


def durations(movie: Movie, walk: Walk) -> Iterator[Flag]:
    """A header whose duration is none of this recording."""
    if not movie.duration or not movie.timescale:
        return
    claimed_ms = 1000 * movie.duration / movie.timescale
    holds_ms = max(walk.whole_ms, 1)
    shorter, longer = sorted((claimed_ms, holds_ms))
    if longer > _SLACK_MS + _DURATION_DIFFERS * shorter:
        detail = f"claims {claimed_ms / 1000:.0f} s, holds {holds_ms / 1000:.1f} s"
        yield Flag("CONTAINER_TIMES_INVALID", detail)


def slow_motion(container: "InputContainer", walk: Walk) -> Iterator[Flag]:
    """Phones note how many frames a second they took; shown at fewer, time is stretched."""
    try:
        taken = float(container.metadata.get(_CAPTURE_RATE, "0"))
    except ValueError:
        return
    seconds = walk.whole_ms / 1000
    shown = walk.whole_frames / seconds if seconds else taken
    if isfinite(taken) and taken > shown * _SLOW_MOTION:
        detail = f"taken at {taken:.0f} frames a second, shown at {shown:.0f}"
        yield Flag("SLOW_MOTION", detail)


def slowed_in_the_file(file: BinaryIO, size: int) -> Iterator[Flag]:
    """Samsung's super slow motion, as its trailer says."""
    named = [name for name in block_names(file, size) if name.startswith(_SUPER_SLOW)]
    if named:
        yield Flag("SLOW_MOTION", named[0])
