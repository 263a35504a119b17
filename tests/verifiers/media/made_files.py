"""Evidence files made by code, whole and broken.

By Pillow and PyAV, and byte by byte where they lie.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image


def texture(width: int, height: int, seed: int = 7) -> Image.Image:
    """A picture with detail everywhere: the same for the same seed."""
    noise = np.random.default_rng(seed).integers(
        0, 255, (max(height // 8, 1), max(width // 8, 1), 3), dtype=np.uint8
    )
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def jpeg(width: int = 640, height: int = 480, exif: bytes = b"", **options: object) -> bytes:
    """A JPEG of ``texture``; ``exif`` is a TIFF stream."""
    sink = BytesIO()
    if exif:
        options["exif"] = b"Exif\0\0" + exif
    texture(width, height).save(sink, "JPEG", **options)
    return sink.getvalue()


def picture(kind: str, width: int = 320, height: int = 200, **options: object) -> bytes:
    """A picture in Pillow's format ``kind``."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    sink = BytesIO()
    texture(width, height).save(sink, kind, **options)
    return sink.getvalue()


def tiff(
    entries: Sequence[tuple[int, int, int, bytes]], exif: Sequence[tuple[int, int, int, bytes]] = ()
) -> bytes:
    """A big-endian TIFF stream with one directory and, with ``exif``, an EXIF one.

    Entries: tag, type, count, value.
    """
    main = [*entries, (0x8769, 4, 1, b"")] if exif else list(entries)
    second = (
        8
        + 2
        + 12 * len(main)
        + 4
        + sum(len(value) + len(value) % 2 for *_, value in entries if len(value) > 4)
    )
    main = [
        (tag, kind, count, struct.pack(">I", second) if tag == 0x8769 else value)
        for tag, kind, count, value in main
    ]
    return b"MM\0*\0\0\0\x08" + directory(main, 8) + (directory(exif, second) if exif else b"")


def directory(entries: Sequence[tuple[int, int, int, bytes]], at: int, following: int = 0) -> bytes:
    """One TIFF directory that begins at ``at``, with its long values right after it."""
    head, values = struct.pack(">H", len(entries)), b""
    after = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        head += struct.pack(">HHI", tag, kind, count)
        if len(value) <= 4:
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack(">I", after + len(values))
            values += value + b"\0" * (len(value) % 2)
    return head + struct.pack(">I", following) + values


def text_entry(tag: int, text: str) -> tuple[int, int, int, bytes]:
    """An ASCII entry."""
    value = text.encode() + b"\0"
    return tag, 2, len(value), value


def gps(
    latitude: Sequence[tuple[int, int]],
    longitude: Sequence[tuple[int, int]],
    north: str = "N",
    east: str = "E",
) -> bytes:
    """A TIFF stream whose GPS directory holds three fractions each."""
    pointer = 8 + 2 + 12 + 4
    main = directory([(0x8825, 4, 1, struct.pack(">I", pointer))], 8)
    fractions = [
        b"".join(struct.pack(">II", *one) for one in place) for place in (latitude, longitude)
    ]
    entries = [
        text_entry(1, north),
        (2, 5, 3, fractions[0]),
        text_entry(3, east),
        (4, 5, 3, fractions[1]),
    ]
    return b"MM\0*\0\0\0\x08" + main + directory(entries, pointer)


def tiff_with_gps_time(taken: str, zone: str, day: str, time: Sequence[int]) -> bytes:
    """A TIFF stream with DateTimeOriginal, its zone, and a satellite's day and time."""
    own = [text_entry(0x9003, taken), text_entry(0x9011, zone)]
    fractions = b"".join(struct.pack(">II", part, 1) for part in time)
    satellites = [(7, 5, 3, fractions), text_entry(0x1D, day)]
    at_exif = 8 + 2 + 2 * 12 + 4
    exif = directory(own, at_exif)
    at_gps = at_exif + len(exif)
    main = [
        (0x8769, 4, 1, struct.pack(">I", at_exif)),
        (0x8825, 4, 1, struct.pack(">I", at_gps)),
    ]
    return b"MM\0*\0\0\0\x08" + directory(main, 8) + exif + directory(satellites, at_gps)


def box(kind: bytes, content: bytes) -> bytes:
    """One box of an MP4 file."""
    return struct.pack(">I4s", len(content) + 8, kind) + content


def frame(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """Frame ``number``.

    Its brightness tells the number (10 a step), so that a test can tell which one it got.
    """
    return np.full((height, width, 3), 20 + 10 * (number % 20), np.uint8)


def movie(  # noqa: PLR0913 - what a camera may choose
    frames: int = 40,
    *,
    rate: int = 10,
    size: tuple[int, int] = (128, 96),
    codec: str = "libx264",
    container: str = "mp4",
    keyframe_every: int = 10,
    metadata: dict[str, str] | None = None,
    times: Sequence[int] | None = None,
    container_options: dict[str, str] | None = None,
) -> bytes:
    """An MP4 or MOV.

    ``times`` are presentation times in units of ``1 / rate`` s (for uneven ones).
    """
    sink = BytesIO()
    with av.open(sink, "w", format=container, options=container_options or {}) as out:
        out.metadata.update(metadata or {})
        stream = out.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.gop_size = keyframe_every
        stream.options = (
            {"x265-params": "log-level=none"} if codec == "libx265" else {"sc_threshold": "0"}
        )
        for number in range(frames):
            shown = av.VideoFrame.from_ndarray(frame(number, *size), format="bgr24")
            shown.pts = times[number] if times else number
            shown.time_base = Fraction(1, rate)
            out.mux(stream.encode(shown))
        out.mux(stream.encode(None))
    return sink.getvalue()


Matrix = tuple[int, int, int, int]


ONE = 65536
STORED = "ab/cd"
"""Corners of a picture as stored: ``a`` top left, ``b`` top right, ``c`` and ``d`` below."""
LIES = [
    # Where (x, y) is shown: (ax + cy, bx + dy); the corners as they are then seen.
    ((ONE, 0, 0, ONE), 0, "ab/cd"),
    ((0, ONE, -ONE, 0), 90, "ca/db"),
    ((-ONE, 0, 0, -ONE), 180, "dc/ba"),
    ((0, -ONE, ONE, 0), 270, "bd/ac"),
    ((-ONE, 0, 0, ONE), 0, "ba/dc"),
    ((ONE, 0, 0, -ONE), 180, "cd/ab"),
    ((0, ONE, ONE, 0), 270, "ac/bd"),
    ((0, -ONE, -ONE, 0), 90, "db/ca"),
]
"""All eight: a matrix, the degrees that are told, the corners upright."""
CORNER_LEVELS = {"a": 30, "b": 90, "c": 150, "d": 220}


def cornered(_number: int, width: int, height: int) -> NDArray[np.uint8]:
    """A frame whose quarters have levels of their own."""
    picture = np.zeros((height, width, 3), np.uint8)
    halves = (slice(None, height // 2), slice(height // 2, None))
    sides = (slice(None, width // 2), slice(width // 2, None))
    for half, row in zip(halves, STORED.split("/"), strict=True):
        for side, letter in zip(sides, row, strict=True):
            picture[half, side] = CORNER_LEVELS[letter]
    return picture


def corners_of(pixels: NDArray[np.uint8]) -> str:
    """The letters of the quarters of ``pixels``, row by row."""
    height, width = pixels.shape[:2]
    rows = []
    for y in (height // 4, 3 * height // 4):
        levels = [int(pixels[y, x].mean()) for x in (width // 4, 3 * width // 4)]
        rows.append(
            "".join(
                min(CORNER_LEVELS, key=lambda a: abs(CORNER_LEVELS[a] - level)) for level in levels
            )
        )
    return "/".join(rows)


def turned(movie_bytes: bytes, matrix: Matrix, header: bytes = b"tkhd") -> bytes:
    """``movie_bytes`` with another display matrix in the first ``header`` (version 0)."""
    a, b, c, d = matrix
    whole = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x4000_0000)
    return patched(movie_bytes, header, {b"tkhd": 40, b"mvhd": 36}[header], whole)


def edited(movie_bytes: bytes, *, from_ms: int, lasts_ms: int) -> bytes:
    """``movie_bytes`` whose one edit shows ``lasts_ms`` of the track, from ``from_ms`` on."""
    edit = movie_bytes.index(b"elst") + 4 + 8
    _, begin = struct.unpack_from(">ii", movie_bytes, edit)
    (scale,) = struct.unpack_from(">I", movie_bytes, movie_bytes.index(b"mdhd") + 4 + 12)
    shown = struct.pack(">ii", lasts_ms, begin + from_ms * scale // 1000)  # mvhd counts ms
    return movie_bytes[:edit] + shown + movie_bytes[edit + len(shown) :]


def moov_first(movie_bytes: bytes) -> bytes:
    """``movie_bytes`` with its header before its pictures: a cut loses only pictures."""
    parts, at = {}, 0
    while at < len(movie_bytes):
        (length,) = struct.unpack_from(">I", movie_bytes, at)
        parts[movie_bytes[at + 4 : at + 8]] = movie_bytes[at : at + length]
        at += length
    moov = bytearray(parts[b"moov"])
    shift = len(parts[b"ftyp"]) + len(moov) - (movie_bytes.index(b"mdat") - 4)
    table = moov.index(b"stco") + 4 + 4
    (count,) = struct.unpack_from(">I", moov, table)
    for place in range(table + 4, table + 4 + 4 * count, 4):
        struct.pack_into(">I", moov, place, struct.unpack_from(">I", moov, place)[0] + shift)
    return parts[b"ftyp"] + bytes(moov) + parts[b"mdat"]


def cut_in_half(header_first: bytes, *, open_ended: bool) -> bytes:
    """The first half of the pictures.

    ``open_ended``: their box says that it goes to the end of the file.
    """
    mdat = header_first.index(b"mdat")
    kept = bytearray(header_first[: mdat + (len(header_first) - mdat) // 2])
    if open_ended:
        kept[mdat - 4 : mdat] = bytes(4)
    return bytes(kept)


@dataclass(frozen=True)
class Filmed:
    """One track of several: how many frames, how large."""

    frames: int
    size: tuple[int, int]


def two_tracks(first: Filmed, second: Filmed, rate: int = 10) -> bytes:
    """An MP4 with two picture tracks, both switched on."""
    sink = BytesIO()
    with av.open(sink, "w", format="mp4") as out:
        streams = []
        for filmed in (first, second):
            stream = out.add_stream("libx264", rate=rate)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = *filmed.size, "yuv420p"
            streams.append((stream, filmed))
        for stream, filmed in streams:
            for number in range(filmed.frames):
                pixels = frame(number, *filmed.size)
                shown = av.VideoFrame.from_ndarray(pixels, format="bgr24")
                shown.pts, shown.time_base = number, Fraction(1, rate)
                out.mux(stream.encode(shown))
            out.mux(stream.encode(None))
    return switched_on(sink.getvalue())


def switched_on(movie_bytes: bytes, *, off: int | None = None) -> bytes:
    """``movie_bytes`` with all its tracks to be shown, but the one whose number is ``off``."""
    data, at = bytearray(movie_bytes), -1
    while (at := data.find(b"tkhd", at + 1)) > 0:
        (track,) = struct.unpack_from(">I", data, at + 4 + 12)
        data[at + 7] = 0 if track == off else 3
    return bytes(data)


def samsung_trailer(name: str, content: bytes) -> bytes:
    """One named block and the directory that Samsung's phones end a file with."""
    block = struct.pack("<HHI", 0, 0x0B00, len(name)) + name.encode() + content
    entry = struct.pack("<HHII", 0, 0x0B00, len(block), len(block))
    listing = b"SEFH" + struct.pack("<II", 107, 1) + entry
    return block + listing + struct.pack("<I", len(listing)) + b"SEFT"


def sound() -> bytes:
    """An MP4 with a sound track only."""
    sink = BytesIO()
    with av.open(sink, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=44100)
        assert isinstance(stream, av.AudioStream)
        tone = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        tone.sample_rate = 44100
        for number in range(20):
            tone.pts = number * 1024
            out.mux(stream.encode(tone))
        out.mux(stream.encode(None))
    return sink.getvalue()


def patched(movie_bytes: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """``movie_bytes`` with ``value`` written ``offset`` bytes into the first ``box``'s content."""
    at = movie_bytes.index(box) + 4 + offset
    return movie_bytes[:at] + value + movie_bytes[at + len(value) :]


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png(width: int, height: int, chunks: Sequence[tuple[bytes, bytes]] = ()) -> bytes:
    """A PNG that claims its size and holds ``chunks`` (and no pixels of its own)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    whole = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in whole)


def samsung_motion_photo(still: bytes, clip: bytes) -> bytes:
    """A still with Samsung's trailer: a named block with the clip, and the SEF directory."""
    name = b"MotionPhoto_Data"
    block = struct.pack("<HHI", 0, 0x0A30, len(name)) + name + clip
    entry = struct.pack("<HHII", 0, 0x0A30, len(block), len(block))
    listing = b"SEFH" + struct.pack("<II", 107, 1) + entry
    return still + block + listing + struct.pack("<I", len(listing)) + b"SEFT"


def pixel_motion_heic(still: bytes, clip: bytes) -> bytes:
    """A HEIC with the clip in an ``mpvd`` box at its end."""
    return still + struct.pack(">I", len(clip) + 8) + b"mpvd" + clip
