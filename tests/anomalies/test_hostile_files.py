"""Bad inputs through the intake's admission and a contained child, to one named code.

The files are made here, and are such as decoders refuse: what would crash, hang or exhaust another
program is tried with ordinary files and low limits, beside the guards. Where the folder of real
hostile files is present, a sample of them runs too.
"""

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.containment.nursery import Limits
from pipeline.containment.opening import open_contained, shut_down
from scheme.finding import CODES
from tests.verifiers.media import made_files as made
from verifiers.media import formats
from verifiers.media.protocol import MediaError

DATA = (
    Path(os.environ.get("BUSREPORT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "hostile"
)
SAMPLE_EVERY = 9
REFUSALS = {
    kind.code
    for kind in (
        formats.EmptyFile,
        formats.TypeMismatch,
        formats.TypeNotAllowed,
        formats.FileTooLarge,
    )
}


@pytest.fixture(scope="module", autouse=True)
def nursery() -> Iterator[None]:
    yield
    shut_down()


def verdict(path: Path, name: str, limits: Limits | None = None) -> tuple[str, tuple[str, ...]]:
    """``(code, codes of flags)``: what the product says about one file."""
    try:
        with path.open("rb") as file:
            formats.admit(file.read(formats.HEAD_BYTES), name, path.stat().st_size)
        with open_contained(path, name, limits or Limits()) as media:
            for _ in media.frames(None, 1024):
                pass
            media.timeline()
            media.poster(320)
            return "READ_OK", tuple(flag.code for flag in media.facts.flags)
    except formats.FileRefused as refusal:
        return refusal.code, ()
    except MediaError as error:
        return error.code, ()


def sof(width: int, height: int) -> bytes:
    data = bytearray(made.jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def mvhd(offset: int, value: bytes) -> bytes:
    return made.patched(made.movie(20), b"mvhd", offset, value)


SHARED = made.tiff([(0x8825, 4, 1, struct.pack(">I", 8))])
"""Its place directory is its main one: two ways to one directory."""
TOO_LONG = b"MM\0*\0\0\0\x08" + made.directory([(0x0132, 2, 100, b"\0\0\0\x08")], 8)
"""A text of 100 characters in a stream of 26."""
NULL_ISLAND = made.gps([(0, 1)] * 3, [(0, 1)] * 3)

CASES: list[tuple[str, str, Callable[[], bytes], str, tuple[str, ...]]] = [
    ("1", "empty.jpg", lambda: b"", "EMPTY_FILE", ()),
    ("2", "one.jpg", lambda: b"\xff", "UNREADABLE", ()),
    ("2", "soi.jpg", lambda: b"\xff\xd8\xff", "UNREADABLE", ()),
    ("3", "half.jpg", lambda: made.jpeg()[: len(made.jpeg()) // 2], "TRUNCATED", ()),
    ("4", "minus2.jpg", lambda: made.jpeg()[:-2], "READ_OK", ("TRUNCATED",)),
    ("5", "junk.jpg", lambda: made.jpeg() + os.urandom(2 << 20), "READ_OK", ("TRAILING_DATA",)),
    (
        "6",
        "zip.jpg",
        lambda: made.jpeg() + b"PK\x03\x04" + bytes(200),
        "READ_OK",
        ("TRAILING_DATA",),
    ),
    (
        "7",
        "php.jpg",
        lambda: made.jpeg(comment=b"<?php phpinfo();"),
        "READ_OK",
        ("ACTIVE_CONTENT",),
    ),
    ("8", "page.jpg", lambda: b"<html><script>alert(1)</script></html>", "TYPE_MISMATCH", ()),
    ("9", "a.svg", lambda: b"<svg onload='alert(1)'/>", "TYPE_NOT_ALLOWED", ()),
    (
        "10",
        "entity.jpg",
        lambda: b"<!DOCTYPE s [<!ENTITY e 'text'>]><svg>&e;</svg>",
        "TYPE_NOT_ALLOWED",
        (),
    ),
    (
        "11",
        "eps.jpg",
        lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        "TYPE_NOT_ALLOWED",
        (),
    ),
    ("11", "pdf.jpg", lambda: b"%PDF-1.4\n1 0 obj\n", "TYPE_NOT_ALLOWED", ()),
    ("11", "tiff.jpg", lambda: b"II*\0\x08\0\0\0" + bytes(40), "TYPE_NOT_ALLOWED", ()),
    ("11", "gzip.jpg", lambda: b"\x1f\x8b\x08\0" + bytes(40), "TYPE_NOT_ALLOWED", ()),
    # It claims a little more than the cap, and holds no pixel.
    ("12", "50mp.png", lambda: made.png(7_100, 7_100), "TOO_MANY_PIXELS", ()),
    ("15", "zero.jpg", lambda: sof(0, 0), "UNREADABLE", ()),
    ("15", "zero.png", lambda: made.png(0, 0), "UNREADABLE", ()),
    (
        "18",
        "app1.jpg",
        lambda: made.jpeg()[:2] + (b"\xff\xe1\xea\x60" + bytes(59_998)) * 150 + made.jpeg()[2:],
        "READ_OK",
        (),
    ),
    ("19", "a.gif", lambda: b"GIF89a\x01\0\x01\0\0\0\0;", "TYPE_NOT_ALLOWED", ()),
    ("20", "nomoov.mp4", lambda: made.movie(20).replace(b"moov", b"xxxx", 1), "UNREADABLE", ()),
    (
        "21",
        "stts.mp4",
        lambda: made.patched(made.movie(20), b"stts", 8, struct.pack(">I", 1000)),
        "READ_OK",
        (),
    ),
    ("23", "scale0.mp4", lambda: mvhd(12, bytes(4)), "READ_OK", ("CONTAINER_TIMES_INVALID",)),
    ("23", "max.mp4", lambda: mvhd(16, b"\xff" * 4), "READ_OK", ("CONTAINER_TIMES_INVALID",)),
    ("24", "sound.mp4", made.sound, "NO_VIDEO", ()),
    ("25", "hls.mp4", lambda: b"#EXTM3U\n#EXTINF:1,\na.ts\n", "TYPE_MISMATCH", ()),
    ("25", "concat.mp4", lambda: b"ffconcat version 1.0\nfile a.mp4\n", "TYPE_MISMATCH", ()),
    ("28b", "motion.jpg", lambda: made.jpeg() + made.movie(3), "READ_OK", ()),
    (
        "28b",
        "motion.heic",
        lambda: made.pixel_motion_heic(made.picture("HEIF"), made.movie(3)),
        "READ_OK",
        (),
    ),
    (
        "28b",
        "samsung.jpg",
        lambda: made.samsung_motion_photo(made.jpeg(), made.movie(3)),
        "READ_OK",
        (),
    ),
    ("29", "../../etc/passwd", made.jpeg, "READ_OK", ()),
    ("30", "a\0b.jpg", made.jpeg, "READ_OK", ()),
    ("31", "\u202egpj.exe", made.jpeg, "READ_OK", ()),
    ("32", "a\r\nSet-Cookie: x.jpg", made.jpeg, "READ_OK", ()),
    ("33", "x" * 10_000, made.jpeg, "READ_OK", ()),
    ("34", "ÖÐÎÄ\udcff.jpg", made.jpeg, "READ_OK", ()),
    ("35", "", made.jpeg, "READ_OK", ()),
    ("36", "shared.jpg", lambda: made.jpeg(exif=SHARED), "READ_OK", ("METADATA_UNREADABLE",)),
    ("37", "count.jpg", lambda: made.jpeg(exif=TOO_LONG), "READ_OK", ("METADATA_UNREADABLE",)),
    (
        "39",
        "script.jpg",
        lambda: made.jpeg(exif=made.tiff([made.text_entry(0x0131, "<script>")])),
        "READ_OK",
        (),
    ),
    ("40", "null.jpg", lambda: made.jpeg(exif=NULL_ISLAND), "READ_OK", ()),
    (
        "41",
        "x0.jpg",
        lambda: made.jpeg(exif=made.gps([(31, 0)] * 3, [(121, 0)] * 3)),
        "READ_OK",
        ("PLACE_INVALID",),
    ),
]


@pytest.mark.parametrize(
    ("name", "data", "code", "flags"),
    [case[1:] for case in CASES],
    ids=[f"{case[0]} {case[1][:16]!r}" for case in CASES],
)
def test_every_bad_file_ends_in_its_named_code(
    tmp_path: Path, name: str, data: Callable[[], bytes], code: str, flags: tuple[str, ...]
) -> None:
    path = tmp_path / "stored"
    path.write_bytes(data())
    before = path.read_bytes()
    assert verdict(path, name) == (code, flags)
    assert path.read_bytes() == before


def test_a_file_that_is_out_of_time_does_not_delay_the_next(tmp_path: Path) -> None:
    clip, good = tmp_path / "clip.mp4", tmp_path / "good.jpg"
    clip.write_bytes(made.movie(20))
    good.write_bytes(made.jpeg())
    assert verdict(clip, "clip.mp4", Limits(video_s=0.0)) == ("DECODER_TIMEOUT", ())
    assert verdict(clip, "clip.mp4") == ("READ_OK", ())
    assert verdict(good, "good.jpg") == ("READ_OK", ())


@pytest.mark.skipif(
    not DATA.is_dir(), reason="no folder of hostile files beside the checkout (BUSREPORT_DATA)"
)
def test_a_sample_of_the_hostile_collection_ends_in_named_codes() -> None:
    paths = sorted(path for path in DATA.rglob("*") if path.is_file())
    assert paths
    named = REFUSALS | set(CODES)
    for path in paths[::SAMPLE_EVERY]:
        code, _ = verdict(path, path.name)
        assert code in named, path
        assert code != "DECODER_DIED", path
