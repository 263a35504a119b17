"""A recording as every browser plays it: H.264, small, without sound.

Encoded here from decoded frames, so nothing of a stranger's bytes is in it. Its times are those of
the frames shown, so a moment in it is the same moment in the original. It ends early where it would
cost too much, and says so.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from verifiers.media.formats import MIB
from verifiers.media.protocol import MediaError
from verifiers.media.turn import Turn
from verifiers.media.video import Video

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

_STEP_SECONDS = 0.5
"""So often it is told how far the preview has come."""
_LEAST_STEP_MS = 30
"""Frames nearer than this are left out: 30 a second are enough to watch."""
_MOST_BITS_A_SECOND = 4_000_000
"""Bits a second that 1280 px need at most. Chosen, not measured."""
_LEAST_BITS_A_SECOND = 200_000
"""Below it nothing can be made out. Chosen, not measured."""
_KEYFRAME_EVERY = 30
"""Frames from one that can be sought to the next: about a second."""
_LAYOUT = "yuv420p"
"""Brightness, then two planes of colours of half the width and height."""
_PRESET = "superfast"
"""14 ms a frame of 720p on one core of 2026, ``veryfast`` 35 ms, for a fifth less bytes."""
_QUALITY = 26
"""x264's constant rate factor: text on a sign stays readable at 1280 px."""
_SHARE_FOR_PICTURES = 0.9
"""Of the bytes allowed; the rest is for the container's tables."""


@dataclass(frozen=True, slots=True)
class PreviewLimits:
    """How large a preview may get, and how long it may take."""

    side: int = 1280
    size_bytes: int = 64 * MIB
    seconds: float = 540.0
    decoded_pixels: int = 80_000_000_000
    """5 minutes of 2160p at 30 frames a second."""


class Preview:
    """One preview in the making: go through ``steps``, then take ``content``."""

    def __init__(self, video: Video, limits: PreviewLimits) -> None:
        self._video, self._limits = video, limits
        self._scaler = VideoReformatter()
        self._size = _even_size(video, limits.side)
        self.reached_ms = 0
        self.whole = False
        """Whether it shows the recording to its end."""
        self.content = b""

    def steps(self) -> Iterator[int]:
        """Make it; tells from time to time up to which ms it has come.

        Raises ``MediaError`` where not a single frame can be shown.
        """
        sink = BytesIO()
        with av.open(sink, "w", format="mp4") as out:
            stream = self._stream(out)
            yield from self._encoded(out, stream, sink)
            out.mux(stream.encode(None))
        self.content = sink.getvalue()

    def _stream(self, out: "OutputContainer") -> "VideoStream":
        stream = out.add_stream("libx264", rate=30)
        assert isinstance(stream, av.VideoStream)  # noqa: S101 - what libx264 is
        stream.width, stream.height = self._size
        stream.pix_fmt = _LAYOUT
        stream.gop_size = _KEYFRAME_EVERY
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.thread_count = 1
        most = _bits_a_second(self._video, self._limits)
        stream.options = {
            "preset": _PRESET,
            "crf": str(_QUALITY),
            "maxrate": str(most),
            "bufsize": str(2 * most),
        }
        return stream

    def _encoded(
        self, out: "OutputContainer", stream: "VideoStream", sink: BytesIO
    ) -> Iterator[int]:
        ends_at = time.monotonic() + self._limits.seconds
        tell_at = time.monotonic() + _STEP_SECONDS
        last_ms = None
        for ms, picture in self._pictures():
            if last_ms is not None and ms - last_ms < _LEAST_STEP_MS:
                continue
            last_ms = self.reached_ms = ms
            out.mux(stream.encode(self._shown(ms, picture)))
            now = time.monotonic()
            if now > ends_at or sink.tell() > self._limits.size_bytes * _SHARE_FOR_PICTURES:
                return
            if now > tell_at:
                tell_at = now + _STEP_SECONDS
                yield ms
        if last_ms is None:
            raise MediaError("UNREADABLE", "no frame of it can be decoded")

    def _pictures(self) -> Iterator[tuple[int, VideoFrame]]:
        """All frames shown, until the recording ends, breaks off or gets too dear."""
        try:
            yield from self._video.pictures(self._limits.decoded_pixels)
        except MediaError:
            return
        line = self._video.timeline()
        self.whole = line.duration_ms >= (self._video.facts.duration_ms or 0)

    def _shown(self, ms: int, picture: VideoFrame) -> VideoFrame:
        turn, (width, height) = self._video.turn, self._size
        across, down = (height, width) if turn.sideways else (width, height)
        shown = self._scaler.reformat(
            picture, across, down, _LAYOUT, interpolation=Interpolation.AREA, threads=1
        )
        if turn != Turn():
            planes = np.asarray(shown.to_ndarray(), dtype=np.uint8)
            shown = VideoFrame.from_ndarray(_turned(planes, turn, down), format=_LAYOUT)
        shown.pts, shown.time_base = ms, Fraction(1, 1000)
        return shown


def _turned(planes: NDArray[np.uint8], turn: Turn, height: int) -> NDArray[np.uint8]:
    """A picture in ``_LAYOUT``, upright: brightness and both colours, each turned by itself."""
    width = planes.shape[1]
    brightness = turn.of(planes[:height])
    colours = planes[height:].reshape(2, height // 2, width // 2)
    turned = [brightness, *(turn.of(colour) for colour in colours)]
    return np.concatenate([plane.reshape(-1) for plane in turned]).reshape(-1, brightness.shape[1])


def _even_size(video: Video, side: int) -> tuple[int, int]:
    """Width and height of the preview: H.264 halves the colours, so both are even."""
    facts = video.facts
    scale = min(1.0, side / max(facts.width, facts.height))
    width, height = (max(2, round(size * scale / 2) * 2) for size in (facts.width, facts.height))
    return width, height


def _bits_a_second(video: Video, limits: PreviewLimits) -> int:
    seconds = max(1.0, video.timeline().duration_ms / 1000)
    allowed = int(8 * limits.size_bytes * _SHARE_FOR_PICTURES / seconds)
    return max(_LEAST_BITS_A_SECOND, min(_MOST_BITS_A_SECOND, allowed))
