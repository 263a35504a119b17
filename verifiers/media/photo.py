"""Photos: Pillow opens them, under caps that are checked before a pixel is decoded.

Order matters: the layout is walked first (size, scans, where the picture ends), then the header is
opened with one allowed decoder, then metadata; pixels are decoded on demand, at reduced scale where
JPEG offers it.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from scheme.reading import MediaFacts, MediaKind
from verifiers.media.formats import (
    FULL_DECODE_PIXELS,
    JPEG,
    JPEG_COEFFICIENT_BYTES,
    JPEG_SCANS,
    REDUCED_DECODE_PIXELS,
    Format,
    Walk,
)
from verifiers.media.layout import layout_of
from verifiers.media.metadata import Stored, of_photo
from verifiers.media.picture_walks import Layout
from verifiers.media.protocol import Frame, MediaError, Timeline

Image.MAX_IMAGE_PIXELS = REDUCED_DECODE_PIXELS
pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 1

_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ROTATION = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_SIDEWAYS = frozenset({5, 6, 7, 8})
_JPEG_SCALES = (8, 4, 2)
"""By what libjpeg can divide a picture while it decodes, largest first."""
_NEARLY = 0.9
"""Share: a JPEG scaled down while it is decoded may fall this short of the size asked for, which
saves half of the time.
"""
_ROWS_LOST_AT_CUT = 40
"""Rows that the decoder holds back when the last bytes are missing: two rows of blocks and the
upsampling.
"""
_RAW_PROFILE = re.compile(rb"Raw profile type (?:exif|APP1)")


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What a decoder may be asked beyond the bytes and pixels that a format allows."""

    scans: int = JPEG_SCANS
    coefficient_bytes: int = JPEG_COEFFICIENT_BYTES
    full_decode_pixels: int = FULL_DECODE_PIXELS


_DEFAULT_LIMITS = PhotoLimits()


class Photo:
    """One opened photo; see ``verifiers.media.protocol.Media``."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that was found at opening
        self,
        data: bytes,
        known: Format,
        layout: Layout,
        stored: Stored,
        damage: MediaError | None = None,
        limits: PhotoLimits = _DEFAULT_LIMITS,
    ) -> None:
        self._data, self._format, self._layout = data, known, layout
        self._orientation = stored.orientation
        self._damage, self._limits = damage, limits
        self._upright: Image.Image | None = None
        width, height = layout.width, layout.height
        if self._orientation in _SIDEWAYS:
            width, height = height, width
        self._facts = MediaFacts(
            kind=MediaKind.PHOTO,
            format=known.name,
            mime=known.mime,
            width=width,
            height=height,
            size_bytes=len(data),
            codec=known.name,
            rotation=_ROTATION.get(self._orientation, 0),
            make=stored.make,
            model=stored.model,
            software=stored.software,
            clocks=tuple(stored.clocks),
            place=stored.place,
            flags=tuple(stored.flags),
            embedded=layout.embedded,
        )

    @property
    def facts(self) -> MediaFacts:
        """What the file says about itself."""
        return self._facts

    # A photo has no times
    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:  # noqa: ARG002
        """The one picture, upright, no side longer than ``max_side``.

        Raises ``MediaError``, at once for a damaged file: its head is all that is known of it.
        """
        if self._damage is not None:
            raise self._damage
        picture = self._at_most(max_side)
        scale = max(picture.size) / max(self._facts.width, self._facts.height)
        yield Frame(None, _bgr(picture), min(scale, 1.0))

    def keyframe_times(self) -> tuple[int, ...]:
        """Empty: a photo has no times."""
        return ()

    def timeline(self) -> Timeline:
        """Empty: a photo has no times."""
        return Timeline()

    def close(self) -> None:
        """Forget the decoded picture."""
        self._upright = None

    def _at_most(self, max_side: int) -> Image.Image:
        """The upright picture with no side over ``max_side``.

        The last decode is kept for smaller askers.
        """
        whole = max(self._facts.width, self._facts.height)
        wanted = min(max_side, whole)
        kept = self._upright
        if kept is None or max(kept.size) < wanted * _NEARLY:
            kept = _decode(self._data, self._format, self._layout, wanted, self._limits)
            if self._orientation in _TRANSPOSE:
                kept = kept.transpose(_TRANSPOSE[self._orientation])
            self._upright = kept
        return _shrink(kept, max_side)


def open_photo(
    file: BinaryIO, file_name: str, known: Format, limits: PhotoLimits = _DEFAULT_LIMITS
) -> Photo:
    """Open a photo of format ``known``. Owns and closes ``file``.

    Of a damaged one the facts that its head holds are told all the same; its pixels are refused.
    Raises ``MediaError`` where not even those are there, or a limit is passed.
    """
    with file:
        data = file.read(known.max_bytes + 1)
    if len(data) > known.max_bytes:
        raise MediaError("TOO_COMPLEX", f"more than {known.max_bytes} bytes")
    layout = layout_of(data, known)
    _check_layout(layout, known, limits)
    layout, damage = _with_head(layout, data, known)
    _check_pixels(layout, known, limits)
    stored = of_photo(layout.exif, layout.xmp, file_name)
    if known.turned_by_decoder:
        stored.orientation = 1
    damage = damage or _note_end(stored, layout, data, known, limits)
    return Photo(data, known, layout, stored, damage, limits)


def _check_layout(layout: Layout, known: Format, limits: PhotoLimits) -> None:
    if known.walk is Walk.JPEG:
        _check_jpeg(layout)
    if layout.scans > limits.scans:
        raise MediaError("TOO_COMPLEX", f"{layout.scans} JPEG scans")
    if layout.width and layout.height:
        _check_pixels(layout, known, limits)


def _check_jpeg(layout: Layout) -> None:
    has_size = bool(layout.width and layout.height)
    if has_size and (layout.scans or layout.end is None):
        return
    if layout.end is None and layout.exif:
        raise MediaError("TRUNCATED", "the file ends within its head")
    raise MediaError("UNREADABLE", "no picture in it")


def _check_pixels(layout: Layout, known: Format, limits: PhotoLimits) -> None:
    width, height = layout.width, layout.height
    if width * height > known.max_pixels:
        raise MediaError("TOO_MANY_PIXELS", f"{width}x{height}")
    if width <= 0 or height <= 0:
        raise MediaError("UNREADABLE", f"{width}x{height} pixels")
    coefficient_bytes = width * height * layout.components * 2
    if layout.progressive and coefficient_bytes > limits.coefficient_bytes:
        raise MediaError("TOO_MANY_PIXELS", f"{width}x{height} progressive")


def _header(data: bytes, known: Format) -> Image.Image:
    """Pillow's view of the file: nothing but the header is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(BytesIO(data), formats=[known.decoder])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError("TOO_MANY_PIXELS", str(error)) from error
    except MemoryError as error:
        raise MediaError("TOO_COMPLEX", "out of memory") from error
    # Decoders of strangers' bytes raise whatever they like.
    except Exception as error:
        raise _failed(error) from error


def _with_head(layout: Layout, data: bytes, known: Format) -> tuple[Layout, MediaError | None]:
    """``(layout with what only the decoder knows, damage)``.

    A cut file whose decoder refuses even its head keeps what the walk along its bytes found.
    """
    try:
        return _with_header(layout, _header(data, known), known), None
    except MediaError as error:
        if layout.end is not None or error.code != "UNREADABLE":
            raise
        damage = MediaError("TRUNCATED", "the file ends within its head")
        if layout.width and layout.height:
            return layout, damage
        raise damage from error


def _with_header(layout: Layout, picture: Image.Image, known: Format) -> Layout:
    """Fill in the size that only the decoder knows, and metadata that only it finds."""
    exif, xmp = layout.exif, layout.xmp
    if known.walk is Walk.BOXES:
        exif = _bytes(picture.info.get("exif")).removeprefix(b"Exif\0\0")
        xmp = _bytes(picture.info.get("xmp"))
    elif known.walk is Walk.PNG and not exif:
        exif = _raw_profile(picture)
    return replace(layout, width=picture.width, height=picture.height, exif=exif, xmp=xmp)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _raw_profile(picture: Image.Image) -> bytes:
    """EXIF as ImageMagick writes it into PNG text: a name, a length, hexadecimal digits."""
    for key, value in picture.info.items():
        if not isinstance(key, str) or not isinstance(value, str):
            continue
        if _RAW_PROFILE.fullmatch(key.encode("utf-8", "replace")):
            digits = "".join(value.split("\n")[3:])
            try:
                return bytes.fromhex(digits).removeprefix(b"Exif\0\0")
            except ValueError:
                return b""
    return b""


def _note_end(
    stored: Stored, layout: Layout, data: bytes, known: Format, limits: PhotoLimits
) -> MediaError | None:
    """Note what follows the picture; the damage of a file that lacks a part of it.

    One that only lacks its last bytes (phones do that) is whole, and marked.
    """
    if layout.trailing:
        stored.flag("TRAILING_DATA", layout.trailing)
    if layout.active:
        stored.flag("ACTIVE_CONTENT", layout.active)
    if layout.end is not None:
        return None
    damage = _damage(layout, data, known, limits)
    if damage is None:
        stored.flag("TRUNCATED", "the end mark is missing")
    return damage


def _damage(layout: Layout, data: bytes, known: Format, limits: PhotoLimits) -> MediaError | None:
    if known.walk is Walk.JPEG:
        missing = _rows_missing(data, layout)
        if missing <= min(_ROWS_LOST_AT_CUT, layout.height // 2):
            return None
        return MediaError("TRUNCATED", f"{missing} of {layout.height} rows are missing")
    try:
        _decode(data, known, layout, max(layout.width, layout.height), limits)
    except MediaError as error:
        return error
    return None


def _rows_missing(data: bytes, layout: Layout) -> int:
    """Rows that a JPEG without its end mark does not fill.

    A progressive one fills all of them, coarsely.
    """
    if layout.scans == 0:
        return layout.height
    if layout.progressive:
        return 0
    picture = _header(data, JPEG)
    picture.draft(None, (max(layout.width // 8, 1), max(layout.height // 8, 1)))
    try:
        picture.load()
    except OSError:
        # What the failed decode left
        rows = np.asarray(picture._new(picture.im)).reshape(picture.height, -1)  # noqa: SLF001
        last = int(np.flatnonzero(rows.any(axis=1)).max(initial=-1)) + 1
        return layout.height - last * layout.height // picture.height
    return 0


def _decode(
    data: bytes, known: Format, layout: Layout, wanted: int, limits: PhotoLimits
) -> Image.Image:
    """Decode as stored, RGB, at least about ``wanted`` on the long side. Raises ``MediaError``."""
    if known.walk is Walk.JPEG and layout.end is None:
        data += b"\xff\xd9"  # judged at opening: only the mark and a few rows are missing
    picture = _header(data, known)
    if known.walk is Walk.JPEG:
        _reduce(picture, wanted, limits.full_decode_pixels)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture.load()
            return _rgb(picture)
    except MemoryError as error:
        raise MediaError("TOO_COMPLEX", "out of memory") from error
    except Exception as error:
        raise _failed(error) from error


def _reduce(picture: Image.Image, wanted: int, most_pixels: int) -> None:
    """Let libjpeg drop what is not wanted.

    A very large picture must come under the full-decode cap by that.
    """
    side, pixels = max(picture.size), picture.width * picture.height
    for divisor in _JPEG_SCALES:
        needed = pixels > most_pixels and pixels / (divisor // 2) ** 2 > most_pixels
        if side / divisor >= wanted * _NEARLY or needed:
            # The smallest size asked for decides: one pixel less than the next larger scale gives.
            picture.draft(
                None, (max(picture.width // divisor, 1), max(picture.height // divisor, 1))
            )
            return


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    if picture.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        values = np.asarray(picture, dtype=np.float32)
        top = max(float(values.max(initial=0)), 1.0)
        # 16-bit samples, or 8-bit ones stored wide
        top = 65535.0 if top > 255 else 255.0  # noqa: PLR2004
        return Image.fromarray((values / top * 255).clip(0, 255).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        shown = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(shown, mask=shown.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _shrink(picture: Image.Image, max_side: int) -> Image.Image:
    side = max(picture.size)
    if side <= max_side:
        return picture
    size = tuple(max(1, round(length * max_side / side)) for length in picture.size)
    return picture.resize((size[0], size[1]), Image.Resampling.BICUBIC, reducing_gap=2.0)


def _bgr(picture: Image.Image) -> NDArray[np.uint8]:
    pixels = np.frombuffer(picture.tobytes("raw", "BGR"), dtype=np.uint8)
    return pixels.reshape(picture.height, picture.width, 3)


def _failed(error: Exception) -> MediaError:
    """What a decoder's error means.

    Only its kind is told: its text may carry addresses and bytes of the file.
    """
    text = str(error).lower()
    reason = (
        "not a whole picture" if isinstance(error, UnidentifiedImageError) else type(error).__name__
    )
    return MediaError(
        "TRUNCATED" if "truncated" in text or "end of file" in text else "UNREADABLE", reason
    )
