"""Walks the packets of a recording once: which track is shown, and which frames when.

Nothing is decoded. What a header claims about counts and durations is never believed.
What players show is what counts: the track they choose, and of it the frames
that no edit list hides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import av.error
from av.stream import Disposition

from scheme.reading import Span
from verifiers.media.boxes import Movie, Track
from verifiers.media.formats import (
    VIDEO_DECODED_PIXELS,
    VIDEO_DURATION_MS,
    VIDEO_FRAME_PIXELS,
    VIDEO_PACKETS,
)
from verifiers.media.protocol import MediaError, Timeline

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_GAP_MS = 600
_GAP_FRAMES = 5
"""A hole is longer than ``_GAP_MS`` and than this many ordinary frames.

Phones slow down in the dark.
"""
_STILL_SHARE = 0.5
"""A track that runs for less than this share of the longest one is a still beside it.

Phones put one or two large frames into a track of their own.
"""
_HIDDEN_MS = 250
"""Fewer hidden frames than fill this are a coder's lead-in or a rounded length, no cut.

In 39 clips of phones, dashcams and cameras an edit list hid one frame at most (33 ms).
"""
_SHORTER_MS = 600
"""A recording that ends this much before its own track says has lost its end."""


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """How much of a recording is walked and decoded at most."""

    duration_ms: int = VIDEO_DURATION_MS
    packets: int = VIDEO_PACKETS
    frame_pixels: int = VIDEO_FRAME_PIXELS
    decoded_pixels: int = VIDEO_DECODED_PIXELS
    """All frames of one opening together."""


@dataclass(frozen=True, slots=True)
class Walk:
    """When the frames of the shown track are shown."""

    first: int
    """Stream time of the first frame shown."""
    timeline: Timeline
    """Of the part that is read."""
    starts: tuple[tuple[int, int], ...]
    """Where decoding can start: (ms, stream time); below 0 before the first frame shown."""
    whole_ms: int
    """How long the recording runs, with what comes after the part that is read."""
    whole_frames: int
    """How many frames it shows, with those."""
    longer: bool
    """Whether it runs on after the part that is read."""
    lost: bool
    """Whether frames that its header lists are missing at its end."""


@dataclass(frozen=True, slots=True)
class _Coded:
    """One packet: an encoded frame."""

    pts: int
    key: bool
    size: int
    hidden: bool
    corrupt: bool


def picture_tracks(container: "InputContainer") -> "list[VideoStream]":
    """The tracks with pictures that can be decoded.

    Raises ``MediaError`` where there is none.
    """
    tracks = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not tracks:
        raise MediaError("NO_VIDEO", f"{len(container.streams)} other tracks")
    # it is None for unknown codecs
    known = [track for track in tracks if track.codec_context is not None]  # type: ignore[redundant-expr]
    if not known:
        raise MediaError("UNREADABLE", "unknown codec")
    return known


def walk_packets(
    container: "InputContainer",
    tracks: "Sequence[VideoStream]",
    movie: Movie,
    limits: VideoLimits,
) -> "tuple[VideoStream, Walk]":
    """The track that is shown, and how it runs.

    Raises ``MediaError`` where no frame is shown, and at a limit.
    """
    coded = _coded(container, tracks, limits)
    stream = _shown_track(tracks, coded)
    frames = coded[stream.index]
    shown = sorted(packet.pts for packet in frames if not packet.hidden)
    if not shown or not stream.time_base:
        raise MediaError("UNREADABLE", "no frame in it")
    clock = _Clock(shown[0], 1000 * float(stream.time_base))
    times = [clock.ms(pts) for pts in shown]
    usual_ms = median(after - before for before, after in pairwise(times)) if times[1:] else 0
    whole_ms = times[-1] + round(usual_ms)
    lost = _has_lost_its_end(stream, frames, whole_ms)
    hidden = _hidden(stream, frames, lost=lost)
    edits = _edits(track_of(movie, stream)) + (hidden * usual_ms > _HIDDEN_MS)
    timeline = _timeline(frames, clock, usual_ms, edits, limits)
    starts = sorted((clock.ms(packet.pts), packet.pts) for packet in frames if packet.key)
    last_ms = timeline.frames_ms[-1]
    return stream, Walk(
        first=shown[0],
        timeline=timeline,
        starts=tuple(start for start in starts if start[0] <= last_ms),
        whole_ms=whole_ms,
        whole_frames=len(shown),
        longer=times[-1] > last_ms,
        lost=lost,
    )


def track_of(movie: Movie, stream: "VideoStream") -> Track | None:
    """What the movie's header says of the track that libav calls ``stream``."""
    pictures = [track for track in movie.tracks if track.handler == "vide"]
    own = (track for track in pictures if track.number == stream.id)
    return next(own, pictures[0] if pictures else None)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Milliseconds from the first frame shown, of times in units of the stream."""

    first: int
    to_ms: float

    def ms(self, pts: int) -> int:
        return round((pts - self.first) * self.to_ms)


def _coded(
    container: "InputContainer", tracks: "Sequence[VideoStream]", limits: VideoLimits
) -> dict[int, list[_Coded]]:
    """The packets of each track, by the track's index, in the order of the file."""
    found: dict[int, list[_Coded]] = {track.index: [] for track in tracks}
    count = 0
    try:
        for packet in container.demux(*tracks):
            pts = packet.pts if packet.pts is not None else packet.dts
            if pts is None or packet.size == 0 or packet.stream_index not in found:
                continue
            count += 1
            if count > limits.packets:
                raise MediaError("TOO_COMPLEX", f"more than {limits.packets} frames")
            found[packet.stream_index].append(_coded_frame(packet, pts))
    except (MemoryError, av.error.MemoryError) as error:
        raise MediaError("TOO_COMPLEX", "out of memory") from error
    except av.error.FFmpegError:
        pass  # what was found so far is the recording
    return found


def _coded_frame(packet: "Packet[Any]", pts: int) -> _Coded:
    return _Coded(
        pts,
        key=bool(packet.is_keyframe),
        size=packet.size,
        hidden=bool(packet.is_discard),
        corrupt=bool(packet.is_corrupt),
    )


def _shown_track(
    tracks: "Sequence[VideoStream]", coded: Mapping[int, Sequence[_Coded]]
) -> "VideoStream":
    """The track that players show: the first that is switched on and runs as long as the others."""
    running = {track.index: _runs_for(track, coded[track.index]) for track in tracks}
    switched_on = [track for track in tracks if track.disposition & Disposition.default]
    candidates = [track for track in switched_on if coded[track.index]] or list(tracks)
    longest = max(running[track.index] for track in candidates)
    return next(track for track in candidates if running[track.index] >= _STILL_SHARE * longest)


def _runs_for(track: "VideoStream", frames: Sequence[_Coded]) -> float:
    """Seconds from the first frame shown to the last."""
    shown = [packet.pts for packet in frames if not packet.hidden]
    return (max(shown) - min(shown)) * float(track.time_base or 0) if shown else 0.0


def _has_lost_its_end(stream: "VideoStream", frames: Sequence[_Coded], whole_ms: int) -> bool:
    """Whether frames that the header lists could not be read, and are missing at the end."""
    if frames[-1].corrupt:
        return True
    promised_ms = 1000 * float((stream.duration or 0) * (stream.time_base or 0))
    return stream.frames > len(frames) and promised_ms - whole_ms > _SHORTER_MS


def _hidden(stream: "VideoStream", frames: Sequence[_Coded], *, lost: bool) -> int:
    """How many frames an edit list hides: some come marked, those far after it not at all."""
    left_out = 0 if lost else max(0, stream.frames - len(frames))
    return left_out + sum(packet.hidden for packet in frames)


def _edits(track: Track | None) -> int:
    """Edits beyond the one that every recording may have."""
    return max(0, track.edits - 1) if track is not None else 0


def _timeline(
    frames: Sequence[_Coded], clock: _Clock, usual_ms: float, edits: int, limits: VideoLimits
) -> Timeline:
    """The timeline of what is shown, up to the limit."""
    timed = sorted(
        (clock.ms(packet.pts), packet.key, packet.size) for packet in frames if not packet.hidden
    )
    read = [frame for frame in timed if frame[0] <= limits.duration_ms]
    times = tuple(ms for ms, _, _ in read)
    return Timeline(
        frames_ms=times,
        keyframes_ms=tuple(ms for ms, key, _ in read if key),
        gaps=_gaps(times, usual_ms),
        edit_lists=edits,
        duration_ms=times[-1] + round(usual_ms),
        sizes=tuple(size for _, _, size in read),
    )


def _gaps(times: Sequence[int], usual_ms: float) -> tuple[Span, ...]:
    limit_ms = max(_GAP_MS, _GAP_FRAMES * usual_ms)
    return tuple(
        Span(before, after) for before, after in pairwise(times) if after - before > limit_ms
    )
