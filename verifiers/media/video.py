"""Recordings: libav reads MP4 and MOV from an open file, so that no name, play list or network is ever followed.

Times are milliseconds from the first frame shown. The packets are walked once at opening (nothing
is decoded): what a header claims about counts and durations is never believed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from statistics import median
from typing import TYPE_CHECKING, Any, BinaryIO

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from scheme.reading import Flag, MediaFacts, MediaKind, Span
from verifiers.media.boxes import Movie, read_movie, top_boxes
from verifiers.media.formats import (
    VIDEO_DECODED_PIXELS,
    VIDEO_DURATION_MS,
    VIDEO_FRAME_PIXELS,
    VIDEO_PACKETS,
    Format,
)
from verifiers.media.metadata import Stored, of_movie
from verifiers.media.protocol import Frame, MediaError, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

av.logging.set_level(None)

_OPTIONS = {
    "protocol_whitelist": "",  # the bytes come from an open file; nothing else may be opened
    "enable_drefs": "0",
    "use_absolute_path": "0",
}
_BAD_TEXT: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}  # noqa: PLR2004
)
_GAP_MS = 600
_GAP_FRAMES = 5
"""A hole is longer than ``_GAP_MS`` and than this many ordinary frames: phones slow down in the
dark.
"""
_DURATION_DIFFERS = 2.0
_CAPTURE_RATE = "com.android.capture.fps"
_SLOW_MOTION = 1.5
"""Frames taken over frames shown: phones that slow down in the dark stay below."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """Presentation times in stream units, as the packets give them."""

    first: int
    timeline: Timeline
    starts: tuple[int, ...]
    """Stream time of each keyframe in ``timeline.keyframes_ms``."""
    longer: bool


class Video:
    """One opened recording; see ``verifiers.media.protocol.Media``."""

    def __init__(
        self,
        file: BinaryIO,
        container: InputContainer,
        stream: VideoStream,
        walk: _Walk,
        facts: MediaFacts,
    ) -> None:
        self._file, self._container, self._stream, self._walk, self._facts = (
            file,
            container,
            stream,
            walk,
            facts,
        )
        self._to_ms = 1000 * float(stream.time_base or 0)
        self._pixels_left = VIDEO_DECODED_PIXELS
        self._scaler = VideoReformatter()  # keeps its tables from frame to frame

    @property
    def facts(self) -> MediaFacts:
        """What the file says about itself; counts and times are from its packets."""
        return self._facts

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        """Frames at ``times_ms``, or all keyframes.

        Raises ``MediaError`` when none can be decoded, or at a limit.
        """
        found = 0
        if (
            times_ms is None and not self._walk.starts
        ):  # no keyframe is marked: one frame a second instead
            times_ms = range(0, self._walk.timeline.duration_ms + 1, 1000)
        pictures = self._keyframes() if times_ms is None else self._at(times_ms)
        for ms, picture in pictures:
            found += 1
            yield self._frame(ms, picture, max_side)
        if not found and (times_ms is None or times_ms):
            raise MediaError("UNREADABLE", "no frame of it can be decoded")

    def keyframe_times(self) -> tuple[int, ...]:
        """When decoding can start."""
        return self._walk.timeline.keyframes_ms

    def timeline(self) -> Timeline:
        """Presentation times, holes and edits, from the packets alone."""
        return self._walk.timeline

    def close(self) -> None:
        """Close the container and the file under it."""
        self._container.close()
        self._file.close()

    def _keyframes(self) -> Iterator[tuple[int, VideoFrame]]:
        codec = self._rewind(self._walk.first)
        for packet in self._packets():
            if packet is None or packet.is_keyframe:
                yield from self._decoded(codec, packet)
            if packet is None:
                return

    def _at(self, times_ms: Sequence[int]) -> Iterator[tuple[int, VideoFrame]]:
        reader = _Reader(self)
        for ms in times_ms:
            picture = reader.shown_at(ms)
            if picture is not None:
                yield picture

    def _rewind(self, pts: int) -> VideoCodecContext:
        try:
            self._container.seek(
                max(pts, 0) if pts >= 0 else pts, stream=self._stream, backward=True
            )
        except av.error.FFmpegError:
            # A file without an index can't be sought: reading goes on where it stands.
            self._stream.codec_context.flush_buffers()
        return self._stream.codec_context

    def _packets(self) -> Iterator[Packet[VideoStream] | None]:
        """Packets of the picture track within the duration looked at, then ``None`` to empty the decoder."""
        try:
            for packet in self._container.demux(self._stream):
                if packet.size == 0 or packet.stream_index != self._stream.index:
                    continue
                if (
                    self._ms(packet.pts if packet.pts is not None else packet.dts)
                    > VIDEO_DURATION_MS
                ):
                    break
                yield packet
        except av.error.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise MediaError("TOO_COMPLEX", "out of memory") from error
        yield None

    def _decoded(
        self, codec: VideoCodecContext, packet: Packet[VideoStream] | None
    ) -> Iterator[tuple[int, VideoFrame]]:
        """The frames that ``packet`` brings forth; a damaged packet brings none."""
        try:
            pictures = codec.decode(packet)
        except (MemoryError, av.error.MemoryError) as error:
            raise MediaError("TOO_COMPLEX", "out of memory") from error
        except (av.error.FFmpegError, EOFError):
            return
        for picture in pictures:
            if isinstance(picture, VideoFrame):
                self._spend(picture)
                yield self._ms(picture.pts), picture

    def _spend(self, picture: VideoFrame) -> None:
        pixels = picture.width * picture.height
        self._pixels_left -= pixels
        if pixels > VIDEO_FRAME_PIXELS or self._pixels_left < 0:
            raise MediaError("TOO_COMPLEX", "too many pixels to decode")

    def _ms(self, pts: int | None) -> int:
        return round(((pts or 0) - self._walk.first) * self._to_ms)

    def _frame(self, ms: int, picture: VideoFrame, max_side: int) -> Frame:
        facts = self._facts
        sideways = facts.rotation in (90, 270)
        width, height = (facts.height, facts.width) if sideways else (facts.width, facts.height)
        if (picture.width, picture.height) != (
            self._stream.codec_context.width,
            self._stream.codec_context.height,
        ):
            width, height = picture.width, picture.height  # the size changes within the recording
        scale = min(1.0, max_side / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        try:
            shown = self._scaler.reformat(
                picture, *size, "bgr24", interpolation=Interpolation.AREA, threads=1
            )
        except (av.error.FFmpegError, ValueError) as error:
            raise MediaError("UNREADABLE", type(error).__name__) from error
        pixels = np.asarray(shown.to_ndarray(), dtype=np.uint8)
        if facts.rotation:
            pixels = np.ascontiguousarray(np.rot90(pixels, -facts.rotation // 90))
        return Frame(ms, pixels, scale)


class _Reader:
    """Finds frames by time: decodes on where that is shorter, seeks where a keyframe lies between."""

    def __init__(self, video: Video) -> None:
        self.video, self.line = video, video._walk  # noqa: SLF001 - a part of Video
        self.coming: Iterator[tuple[int, VideoFrame]] = iter(())
        self.last: tuple[int, VideoFrame] | None = None
        self.ahead: tuple[int, VideoFrame] | None = None

    def shown_at(self, ms: int) -> tuple[int, VideoFrame] | None:
        """The frame shown at ``ms``, or the nearest that can be decoded.

        ``None`` when there is none at all.
        """
        wanted = self._wanted(ms)
        start = bisect_right(self.line.timeline.keyframes_ms, wanted) - 1
        key_ms = self.line.timeline.keyframes_ms[max(start, 0)] if self.line.starts else 0
        if self.last is None or wanted < self.last[0] or key_ms > self._reached():
            if wanted == key_ms and self.line.starts:
                alone = self._keyframe_alone(max(start, 0), wanted)
                if alone is not None:
                    return alone
            self._seek(max(start, 0))
        while self._reached() < wanted or self.last is None:
            if not self._step():
                break
        return self._nearest(wanted)

    def _wanted(self, ms: int) -> int:
        shown = self.line.timeline.frames_ms
        return shown[max(bisect_right(shown, ms) - 1, 0)] if shown else 0

    def _reached(self) -> int:
        return self.ahead[0] if self.ahead else self.last[0] if self.last else -1

    def _nearest(self, wanted: int) -> tuple[int, VideoFrame] | None:
        known = [picture for picture in (self.last, self.ahead) if picture is not None]
        return min(known, key=lambda picture: abs(picture[0] - wanted), default=None)

    def _seek(self, start: int) -> None:
        video = self.video
        # A part of Video
        codec = video._rewind(self.line.starts[start] if self.line.starts else 0)  # noqa: SLF001
        self.coming = (
            picture
            for packet in video._packets()  # noqa: SLF001 - a part of Video
            for picture in video._decoded(codec, packet)  # noqa: SLF001 - a part of Video
        )
        self.last = self.ahead = None

    def _step(self) -> bool:
        picture = next(self.coming, None)
        if picture is None:
            return False
        if self.ahead is not None:
            self.last = self.ahead
        elif self.last is None:
            self.last = picture
        self.ahead = picture
        return True

    def _keyframe_alone(self, start: int, wanted: int) -> tuple[int, VideoFrame] | None:
        """Decode one keyframe and nothing after it.

        The decoder is emptied at once instead of waiting for more.
        """
        video = self.video
        codec = video._rewind(self.line.starts[start])  # noqa: SLF001 - a part of Video
        self.last = self.ahead = None
        found = None
        for packet in video._packets():  # noqa: SLF001 - a part of Video
            # A part of Video
            if packet is None or not packet.is_keyframe or video._ms(packet.pts) != wanted:  # noqa: SLF001
                # A part of Video
                if packet is None or video._ms(packet.pts) > wanted:  # noqa: SLF001
                    break
                continue
            found = next(video._decoded(codec, packet), None) or next(  # noqa: SLF001
                video._decoded(codec, None),  # noqa: SLF001
                None,
            )
            break
        codec.flush_buffers()
        return found


def open_video(file: BinaryIO, file_name: str, known: Format) -> Video:
    """Open a recording of format ``known``. Owns and closes ``file``. Raises ``MediaError``."""
    size_bytes = file.seek(0, 2)
    if size_bytes > known.max_bytes:
        raise MediaError("TOO_COMPLEX", f"more than {known.max_bytes} bytes")
    movie = read_movie(file, size_bytes)
    ended = _ending(file, size_bytes)
    file.seek(0)
    container = _container(file, known)
    try:
        stream = _picture_track(container)
        walk = _walk(container, stream, movie)
        stored = of_movie(movie, file_name)
        stored.flags.extend(_time_flags(movie, walk, stored))
        stored.flags.extend(_slow_motion(container, walk))
        if ended:
            stored.flag(*ended)
        return Video(
            file, container, stream, walk, _facts(known, size_bytes, stream, walk, movie, stored)
        )
    except BaseException:
        container.close()
        raise


def _ending(file: BinaryIO, size: int) -> tuple[str, str] | None:
    """A box that reaches beyond the file, or bytes after the last box."""
    end = 0
    for box in top_boxes(file, size):
        if box.overruns:
            return "TRUNCATED", f"{box.kind.decode('latin-1')} reaches beyond the end of the file"
        end = box.end
    # As for photos
    return ("TRAILING_DATA", f"{size - end} bytes at {end}") if size - end > 16 else None  # noqa: PLR2004


def _container(file: BinaryIO, known: Format) -> InputContainer:
    try:
        container: InputContainer = av.open(
            file, mode="r", format=known.decoder, options=_OPTIONS, **_BAD_TEXT
        )
    except (MemoryError, av.error.MemoryError) as error:
        raise MediaError("TOO_COMPLEX", "out of memory") from error
    # libav's own errors, and what PyAV makes of strange headers (a UnicodeDecodeError is a
    # ValueError).
    except (av.error.FFmpegError, EOFError, OverflowError, ValueError) as error:
        incomplete = isinstance(error, av.error.InvalidDataError)
        raise MediaError(
            "UNREADABLE", "file incomplete" if incomplete else type(error).__name__
        ) from error
    return container


def _picture_track(container: InputContainer) -> VideoStream:
    tracks = [
        stream
        for stream in container.streams.video
        if "attached_pic" not in str(stream.disposition)
    ]
    if not tracks:
        raise MediaError("NO_VIDEO", f"{len(container.streams)} other tracks")
    # it is None for unknown codecs
    known = [track for track in tracks if track.codec_context is not None]  # type: ignore[redundant-expr]
    if not known:
        raise MediaError("UNREADABLE", "unknown codec")
    stream = max(known, key=lambda track: track.codec_context.width * track.codec_context.height)
    codec = stream.codec_context
    if codec.width <= 0 or codec.height <= 0:
        raise MediaError("UNREADABLE", f"{codec.width}x{codec.height} pixels")
    if codec.width * codec.height > VIDEO_FRAME_PIXELS:
        raise MediaError("TOO_MANY_PIXELS", f"{codec.width}x{codec.height}")
    codec.thread_count = 1
    codec.options = {"max_pixels": str(VIDEO_FRAME_PIXELS)}
    return stream


def _walk(container: InputContainer, stream: VideoStream, movie: Movie) -> _Walk:
    """Walk all packets of the picture track once. Raises ``MediaError`` when there is none."""
    shown: list[tuple[int, bool, int]] = []
    try:
        for packet in container.demux(stream):
            pts = packet.pts if packet.pts is not None else packet.dts
            if pts is None or packet.size == 0 or packet.stream_index != stream.index:
                continue
            shown.append((pts, bool(packet.is_keyframe), packet.size))
            if len(shown) > VIDEO_PACKETS:
                raise MediaError("TOO_COMPLEX", f"more than {VIDEO_PACKETS} frames")
    except (MemoryError, av.error.MemoryError) as error:
        raise MediaError("TOO_COMPLEX", "out of memory") from error
    except av.error.FFmpegError:
        pass  # what was found so far is the recording
    if not shown or not stream.time_base:
        raise MediaError("UNREADABLE", "no frame in it")
    return _timeline(sorted(shown), 1000 * float(stream.time_base), movie)


def _timeline(shown: list[tuple[int, bool, int]], to_ms: float, movie: Movie) -> _Walk:
    first = shown[0][0]
    timed = [(round((pts - first) * to_ms), pts, key, size) for pts, key, size in shown]
    within = [item for item in timed if item[0] <= VIDEO_DURATION_MS]
    frames_ms = tuple(ms for ms, *_ in within)
    steps = [after - before for before, after in pairwise(frames_ms)]
    usual = median(steps) if steps else 0
    limit = max(_GAP_MS, _GAP_FRAMES * usual)
    gaps = tuple(
        Span(at, at + step) for at, step in zip(frames_ms, steps, strict=False) if step > limit
    )
    timeline = Timeline(
        frames_ms=frames_ms,
        keyframes_ms=tuple(ms for ms, _, key, _ in within if key),
        gaps=gaps,
        edit_lists=sum(
            max(0, track.edits - 1) for track in movie.tracks if track.handler == "vide"
        ),
        duration_ms=frames_ms[-1] + round(usual),
        sizes=tuple(size for *_, size in within),
    )
    return _Walk(
        first,
        timeline,
        tuple(pts for _, pts, key, _ in within if key),
        longer=len(within) < len(timed),
    )


def _time_flags(movie: Movie, walk: _Walk, stored: Stored) -> list[Flag]:
    flags = []
    if walk.longer:
        flags.append(Flag("TOO_COMPLEX", f"only the first {VIDEO_DURATION_MS // 1000} s are read"))
    if any(flag.code == "CONTAINER_TIMES_INVALID" for flag in stored.flags) or walk.longer:
        return flags
    if movie.duration and movie.timescale:
        claimed, found = 1000 * movie.duration / movie.timescale, max(walk.timeline.duration_ms, 1)
        if claimed > 1000 + _DURATION_DIFFERS * found or found > 1000 + _DURATION_DIFFERS * claimed:
            flags.append(
                Flag(
                    "CONTAINER_TIMES_INVALID",
                    f"claims {claimed / 1000:.0f} s, holds {found / 1000:.1f} s",
                )
            )
    return flags


def _slow_motion(container: InputContainer, walk: _Walk) -> list[Flag]:
    """Phones note how many frames a second they took; shown at fewer, time is stretched."""
    try:
        taken = float(container.metadata.get(_CAPTURE_RATE, "0"))
    except ValueError:
        return []
    seconds = walk.timeline.duration_ms / 1000
    shown = len(walk.timeline.frames_ms) / seconds if seconds else taken
    if not isfinite(taken) or taken <= shown * _SLOW_MOTION:
        return []
    return [Flag("SLOW_MOTION", f"taken at {taken:.0f} frames a second, shown at {shown:.0f}")]


def _facts(  # noqa: PLR0913, PLR0917 - one fact source each
    known: Format, size_bytes: int, stream: VideoStream, walk: _Walk, movie: Movie, stored: Stored
) -> MediaFacts:
    codec, timeline = stream.codec_context, walk.timeline
    aspect = float(codec.sample_aspect_ratio or 1) or 1.0
    # Beyond that it is noise
    width = round(codec.width * aspect) if 0.2 < aspect < 5 else codec.width  # noqa: PLR2004
    height = codec.height
    rotation = next((track.rotation for track in movie.tracks if track.handler == "vide"), 0)
    if rotation in (90, 270):
        width, height = height, width
    count = len(timeline.frames_ms)
    return MediaFacts(
        kind=MediaKind.VIDEO,
        format=known.name,
        mime=known.mime,
        width=width,
        height=height,
        size_bytes=size_bytes,
        duration_ms=timeline.duration_ms,
        frame_count=count,
        frame_rate=round(1000 * count / timeline.duration_ms, 3) if timeline.duration_ms else None,
        codec=codec.name,
        rotation=rotation,
        make=stored.make,
        model=stored.model,
        software=stored.software,
        clocks=tuple(stored.clocks),
        place=stored.place,
        flags=tuple(stored.flags),
    )
