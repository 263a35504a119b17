"""Opens recordings: libav reads MP4 and MOV from an open file.

So no name, play list or network is ever followed. Times are milliseconds from the first
frame shown. What is shown is told in ``walk``, how it is decoded in ``decoding``,
how it lies in ``turn``, and what speaks against it in ``marks``.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from scheme.reading import MediaFacts, MediaKind
from verifiers.media import marks
from verifiers.media.boxes import read_movie
from verifiers.media.decoding import Decoded, Decoder
from verifiers.media.formats import Format
from verifiers.media.metadata import Stored, of_movie
from verifiers.media.protocol import Frame, MediaError, Timeline
from verifiers.media.turn import Turn, turn_of
from verifiers.media.walk import VideoLimits, picture_tracks, track_of, walk_packets

if TYPE_CHECKING:
    from av.container import InputContainer
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
_BELIEVED_ASPECTS = 0.2, 5.0
"""Width of a pixel over its height: beyond that it is noise."""
_ONE_A_SECOND_MS = 1000
_DEFAULT_LIMITS = VideoLimits()


class Video:
    """One opened recording; see ``verifiers.media.protocol.Media``."""

    def __init__(
        self,
        file: BinaryIO,
        container: "InputContainer",
        decoder: Decoder,
        turn: Turn,
        facts: MediaFacts,
    ) -> None:
        self._file, self._container, self._decoder = file, container, decoder
        self._facts = facts
        self.turn = turn
        """How its stored pictures are turned to be upright."""
        self._scaler = VideoReformatter()  # keeps its tables from frame to frame

    @property
    def facts(self) -> MediaFacts:
        """What the file says about itself; counts and times are from its packets."""
        return self._facts

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        """Frames at ``times_ms``, or all keyframes.

        Raises ``MediaError`` when none can be decoded, or at a limit.
        """
        line = self.timeline()
        if times_ms is None and not line.keyframes_ms:
            # No keyframe is marked, or all are hidden.
            times_ms = range(0, line.duration_ms + 1, _ONE_A_SECOND_MS)
        decoder = self._decoder
        pictures = decoder.keyframes() if times_ms is None else decoder.at(times_ms)
        count = 0
        for ms, picture in pictures:
            count += 1
            yield self._upright(ms, picture, max_side)
        if not count and (times_ms is None or times_ms):
            raise MediaError("UNREADABLE", "no frame of it can be decoded")

    def pictures(self, decoded_pixels: int) -> Iterator[Decoded]:
        """All frames shown, one after the other and as stored, within a budget of pixels."""
        last_ms = self.timeline().frames_ms[-1]
        pictures = self._decoder.with_budget(decoded_pixels).all()
        return (picture for picture in pictures if 0 <= picture[0] <= last_ms)

    def keyframe_times(self) -> tuple[int, ...]:
        """When decoding can start."""
        return self.timeline().keyframes_ms

    def timeline(self) -> Timeline:
        """Presentation times, holes and edits, from the packets alone."""
        return self._decoder.walk.timeline

    def close(self) -> None:
        """Close the container and the file under it."""
        self._container.close()
        self._file.close()

    def _upright(self, ms: int, picture: VideoFrame, max_side: int) -> Frame:
        width, height = self._shown_size(picture)
        scale = min(1.0, max_side / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        try:
            small = self._scaler.reformat(
                picture, *size, "bgr24", interpolation=Interpolation.AREA, threads=1
            )
        except (av.error.FFmpegError, ValueError) as error:
            raise MediaError("UNREADABLE", type(error).__name__) from error
        stored = np.asarray(small.to_ndarray(), dtype=np.uint8)
        return Frame(ms, self.turn.of(stored), scale)

    def _shown_size(self, picture: VideoFrame) -> tuple[int, int]:
        """Width and height with square pixels, not turned yet."""
        codec = self._decoder.codec
        if (picture.width, picture.height) != (codec.width, codec.height):
            return picture.width, picture.height  # the size changes within the recording
        width, height = self._facts.width, self._facts.height
        return (height, width) if self.turn.sideways else (width, height)


def open_video(
    file: BinaryIO, file_name: str, known: Format, limits: VideoLimits = _DEFAULT_LIMITS
) -> Video:
    """Open a recording of format ``known``. Owns and closes ``file``. Raises ``MediaError``."""
    size_bytes = file.seek(0, 2)
    if size_bytes > known.max_bytes:
        raise MediaError("TOO_COMPLEX", f"more than {known.max_bytes} bytes")
    movie = read_movie(file, size_bytes)
    stored = of_movie(movie, file_name)
    about_file = (*marks.slowed_in_the_file(file, size_bytes), *marks.ending(file, size_bytes))
    file.seek(0)
    container = _container(file, known)
    try:
        stream, walk = walk_packets(container, picture_tracks(container), movie, limits)
        _require_bearable(stream, limits)
        decoder = Decoder(container, stream, walk, limits)
        about_times = () if _times_invalid(stored) else marks.durations(movie, walk)
        about_walk = (*marks.over_the_limit(walk), *about_times, *marks.lost_end(walk))
        for flag in (*about_walk, *marks.slow_motion(container, walk), *about_file):
            stored.flag(flag.code, flag.detail)
        turn = turn_of(movie, track_of(movie, stream))
        facts = _facts(known, size_bytes, decoder, stream, turn, stored)
        return Video(file, container, decoder, turn, facts)
    except BaseException:
        container.close()
        raise


def _container(file: BinaryIO, known: Format) -> "InputContainer":
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
        reason = "file incomplete" if incomplete else type(error).__name__
        raise MediaError("UNREADABLE", reason) from error
    return container


def _require_bearable(stream: "VideoStream", limits: VideoLimits) -> None:
    codec = stream.codec_context
    size = f"{codec.width}x{codec.height}"
    if codec.width <= 0 or codec.height <= 0:
        raise MediaError("UNREADABLE", f"{size} pixels")
    if codec.width * codec.height > limits.frame_pixels:
        raise MediaError("TOO_MANY_PIXELS", size)


def _times_invalid(stored: Stored) -> bool:
    return any(flag.code == "CONTAINER_TIMES_INVALID" for flag in stored.flags)


def _facts(  # noqa: PLR0913, PLR0917 - one fact source each
    known: Format,
    size_bytes: int,
    decoder: Decoder,
    stream: "VideoStream",
    turn: Turn,
    stored: Stored,
) -> MediaFacts:
    codec, walk = decoder.codec, decoder.walk
    width, height = round(codec.width * _aspect(stream)), codec.height
    if turn.sideways:
        width, height = height, width
    count, duration_ms = walk.whole_frames, walk.whole_ms
    return MediaFacts(
        kind=MediaKind.VIDEO,
        format=known.name,
        mime=known.mime,
        width=width,
        height=height,
        size_bytes=size_bytes,
        duration_ms=duration_ms,
        frame_count=count,
        frame_rate=round(1000 * count / duration_ms, 3) if duration_ms else None,
        codec=codec.name,
        rotation=turn.degrees,
        make=stored.make,
        model=stored.model,
        software=stored.software,
        clocks=tuple(stored.clocks),
        place=stored.place,
        flags=tuple(stored.flags),
    )


def _aspect(stream: "VideoStream") -> float:
    """Width of a pixel over its height, as the container or else the coded pictures say."""
    aspect = float(stream.sample_aspect_ratio or 1) or 1.0
    least, most = _BELIEVED_ASPECTS
    return aspect if least < aspect < most else 1.0
