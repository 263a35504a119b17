"""Decodes frames of one picture track: all keyframes, or those shown at given times.

Where reading on is shorter it reads on; where a keyframe lies between, it seeks.
A damaged packet brings no frame forth; pixels are a budget.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import av
import av.error
from av.video.frame import VideoFrame

from verifiers.media.protocol import MediaError
from verifiers.media.walk import VideoLimits, Walk

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

Decoded = tuple[int, VideoFrame]
"""When a frame is shown, in ms from the first one, and the frame as it is stored."""


class Decoder:
    """The decoder of one track. Its pixels are counted over its whole life."""

    def __init__(
        self, container: "InputContainer", stream: "VideoStream", walk: Walk, limits: VideoLimits
    ) -> None:
        self._container, self._stream = container, stream
        self.walk, self._limits = walk, limits
        self._pixels_left = limits.decoded_pixels
        self._to_ms = 1000 * float(stream.time_base or 0)
        codec = stream.codec_context
        codec.thread_count = 1
        codec.options = {"max_pixels": str(limits.frame_pixels)}

    @property
    def codec(self) -> "VideoCodecContext":
        """What decodes; it knows the stored size."""
        return self._stream.codec_context

    def with_budget(self, decoded_pixels: int) -> "Decoder":
        """A decoder of the same track with another budget of pixels."""
        limits = replace(self._limits, decoded_pixels=decoded_pixels)
        return Decoder(self._container, self._stream, self.walk, limits)

    def all(self) -> Iterator[Decoded]:
        """Every frame from the first one shown on."""
        starts = self.walk.starts
        return self.from_start(starts[0][1] if starts else self.walk.first)

    def keyframes(self) -> Iterator[Decoded]:
        """All keyframes that are shown, each decoded alone."""
        last_ms = self.walk.timeline.frames_ms[-1]
        self._rewind(self.walk.first)
        for packet in self._packets():
            if packet is None or packet.is_keyframe:
                yield from (found for found in self.decode(packet) if found[0] <= last_ms)

    def at(self, times_ms: Iterable[int]) -> Iterator[Decoded]:
        """For each time the frame shown then, or the nearest that can be decoded."""
        search = _Search(self)
        for ms in times_ms:
            picture = search.shown_at(ms)
            if picture is not None:
                yield picture

    def from_start(self, pts: int) -> Iterator[Decoded]:
        """Frames one after the other from the keyframe at ``pts`` on (stream time)."""
        self._rewind(pts)
        for packet in self._packets():
            yield from self.decode(packet)

    def keyframe_alone(self, pts: int) -> Decoded | None:
        """The keyframe at ``pts`` and nothing after it.

        The decoder is emptied at once instead of waiting for more.
        """
        self._rewind(pts)
        found = self._first_of(self._keyframe_packet(pts))
        self.codec.flush_buffers()
        return found

    def decode(self, packet: "Packet[VideoStream] | None") -> Iterator[Decoded]:
        """The frames that ``packet`` brings forth; ``None`` empties the decoder."""
        try:
            pictures = self.codec.decode(packet)
        except (MemoryError, av.error.MemoryError) as error:
            raise MediaError("TOO_COMPLEX", "out of memory") from error
        except (av.error.FFmpegError, EOFError):
            return
        for picture in pictures:
            if isinstance(picture, VideoFrame):
                self._spend(picture)
                yield self._ms(picture.pts), picture

    def _first_of(self, packet: "Packet[VideoStream] | None") -> Decoded | None:
        if packet is None:
            return None
        return next(self.decode(packet), None) or next(self.decode(None), None)

    def _keyframe_packet(self, pts: int) -> "Packet[VideoStream] | None":
        for packet in self._packets():
            if packet is None or (packet.pts is not None and packet.pts > pts):
                return None
            if packet.is_keyframe and packet.pts == pts:
                return packet
        return None

    def _rewind(self, pts: int) -> None:
        try:
            self._container.seek(pts, stream=self._stream, backward=True)
        except av.error.FFmpegError:
            # A file without an index can't be sought: reading goes on where it stands.
            self.codec.flush_buffers()

    def _packets(self) -> "Iterator[Packet[VideoStream] | None]":
        """Packets of the track within the time that is read, then ``None`` to empty the decoder.

        Frames are stored in the order of decoding, and some of the last that are read
        lean on one shown later: the time of decoding says where to stop.
        """
        try:
            for packet in self._container.demux(self._stream):
                if packet.size == 0 or packet.stream_index != self._stream.index:
                    continue
                if self._ms(_decoded_at(packet)) > self._limits.duration_ms:
                    break
                yield packet
        except av.error.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise MediaError("TOO_COMPLEX", "out of memory") from error
        yield None

    def _spend(self, picture: VideoFrame) -> None:
        pixels = picture.width * picture.height
        self._pixels_left -= pixels
        if pixels > self._limits.frame_pixels or self._pixels_left < 0:
            raise MediaError("TOO_COMPLEX", "too many pixels to decode")

    def _ms(self, pts: int | None) -> int:
        return round(((pts or 0) - self.walk.first) * self._to_ms)


def _decoded_at(packet: "Packet[VideoStream]") -> int | None:
    return packet.dts if packet.dts is not None else packet.pts


class _Search:
    """Finds frames by time. It holds the last frame it passed and the one ahead of it."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder, self._walk = decoder, decoder.walk
        self._coming: Iterator[Decoded] = iter(())
        self._last: Decoded | None = None
        self._ahead: Decoded | None = None

    def shown_at(self, ms: int) -> Decoded | None:
        """The frame shown at ``ms``, or the nearest that can be decoded.

        ``None`` when there is none at all.
        """
        wanted_ms = self._frame_time(ms)
        key_ms, key_pts = self._start_before(wanted_ms)
        behind = self._last is None or wanted_ms < self._last[0]
        if behind or key_ms > self._reached_ms():
            if wanted_ms == key_ms and self._walk.starts:
                alone = self._alone(key_pts)
                if alone is not None:
                    return alone
            self._seek(key_pts)
        while self._reached_ms() < wanted_ms or self._last is None:
            if not self._step():
                break
        return self._nearest(wanted_ms)

    def _frame_time(self, ms: int) -> int:
        shown = self._walk.timeline.frames_ms
        return shown[max(bisect_right(shown, ms) - 1, 0)] if shown else 0

    def _start_before(self, wanted_ms: int) -> tuple[int, int]:
        """The last place before it where decoding can start, the first one where none is before."""
        starts = self._walk.starts
        if not starts:
            return 0, self._walk.first
        place = bisect_right(starts, wanted_ms, key=lambda start: start[0]) - 1
        return starts[max(place, 0)]

    def _reached_ms(self) -> int:
        furthest = self._ahead or self._last
        return furthest[0] if furthest is not None else -1

    def _nearest(self, wanted_ms: int) -> Decoded | None:
        held = [picture for picture in (self._last, self._ahead) if picture is not None]
        return min(held, key=lambda picture: abs(picture[0] - wanted_ms), default=None)

    def _alone(self, key_pts: int) -> Decoded | None:
        self._last = self._ahead = None
        return self._decoder.keyframe_alone(key_pts)

    def _seek(self, key_pts: int) -> None:
        self._coming = self._decoder.from_start(key_pts)
        self._last = self._ahead = None

    def _step(self) -> bool:
        picture = next(self._coming, None)
        if picture is None:
            return False
        if self._ahead is not None:
            self._last = self._ahead
        elif self._last is None:
            self._last = picture
        self._ahead = picture
        return True
