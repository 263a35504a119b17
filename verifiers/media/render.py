"""What people are shown instead of a stranger's bytes.

JPEGs encoded here, without the original's metadata.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scheme.reading import Box, MediaKind
from verifiers.media.protocol import Frame, Media, MediaError

_QUALITY = 85
"""Of a JPEG, 1 to 95: signs and plates keep their strokes."""
_STRIP_HEIGHT, _STRIP_GAP = 160, 4
"""Pixels."""
_MOST_PICTURES = 24
"""Pictures of a strip at most, whatever is asked for. Chosen, not measured."""
_LARGEST_SIDE = 8192
"""Pixels to which a frame is decoded for a crop."""


def poster(media: Media, max_side: int = 1280) -> bytes:
    """JPEG of the photo, or of the recording's first decodable keyframe.

    No side is over ``max_side`` pixels.
    """
    return _jpeg(_one(media, None, max_side).pixels)


def strip(media: Media, pictures: int = 8, height: int = _STRIP_HEIGHT) -> bytes:
    """JPEG of ``pictures`` frames spread evenly over the recording, side by side.

    They are ``height`` pixels high, and taken at keyframes where there are enough of them (cheap).
    A photo gives itself once.
    """
    times = _spread(media, max(1, min(pictures, _MOST_PICTURES)))
    longest = round(height * max(1.0, media.facts.width / max(media.facts.height, 1)))
    shown = [
        _to_height(frame.pixels, height)
        for frame in media.frames(times, min(longest, _LARGEST_SIDE))
    ]
    if not shown:
        raise MediaError("UNREADABLE", "no frame for the strip")
    gap = np.full((height, _STRIP_GAP, 3), 255, np.uint8)
    row = [piece for picture in shown for piece in (picture, gap)][:-1]
    return _jpeg(np.concatenate(row, axis=1))


def crop(media: Media, frame_ms: int | None, box: Box, max_side: int = 800) -> bytes:
    """JPEG of the part ``box`` (fractions of the upright picture) of the frame at ``frame_ms``.

    The part is read at full resolution and only ever shrunk to ``max_side``. Raises ``ValueError``
    for a box without area.
    """
    left, right = sorted((min(max(box.left, 0.0), 1.0), min(max(box.right, 0.0), 1.0)))
    top, bottom = sorted((min(max(box.top, 0.0), 1.0), min(max(box.bottom, 0.0), 1.0)))
    part = max((right - left) * media.facts.width, (bottom - top) * media.facts.height)
    if not (left < right and top < bottom and part > 0):  # NaN fails here too
        raise ValueError(f"a box without area: {box}")
    whole = max(media.facts.width, media.facts.height)
    frame = _one(
        media,
        frame_ms,
        min(whole, max(1, round(whole * min(1.0, max_side / part) + 0.5)), _LARGEST_SIDE),
    )
    height, width = frame.pixels.shape[:2]
    x0, y0 = min(int(left * width), width - 1), min(int(top * height), height - 1)
    x1, y1 = max(x0 + 1, round(right * width)), max(y0 + 1, round(bottom * height))
    return _jpeg(frame.pixels[y0:y1, x0:x1], max_side)


def _one(media: Media, frame_ms: int | None, max_side: int) -> Frame:
    times = [frame_ms or 0] if frame_ms is not None else None
    frames = media.frames(times, max_side)
    frame = next(iter(frames), None)
    if frame is None:
        raise MediaError("UNREADABLE", "no frame")
    return frame


def _spread(media: Media, pictures: int) -> list[int] | None:
    if media.facts.kind is MediaKind.PHOTO:
        return None
    keys, line = media.keyframe_times(), media.timeline()
    candidates = keys if len(keys) >= pictures else line.frames_ms
    if len(candidates) <= pictures:
        return list(candidates)
    step = (len(candidates) - 1) / max(pictures - 1, 1)
    return [candidates[round(position * step)] for position in range(pictures)]


def _to_height(pixels: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
    picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))[:, :, ::-1]


def _jpeg(pixels: NDArray[np.uint8], max_side: int | None = None) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    if max_side is not None and max(picture.size) > max_side:
        picture.thumbnail((max_side, max_side))
    sink = BytesIO()
    picture.save(sink, "JPEG", quality=_QUALITY, optimize=True)
    return sink.getvalue()
