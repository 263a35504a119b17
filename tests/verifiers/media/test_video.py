import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scheme.reading import MediaFacts, MediaKind, Span
from tests.verifiers.media import made_files as made
from verifiers.media import Frame, Media, MediaError, open_media
from verifiers.media import video as opener
from verifiers.media.boxes import parse_movie, read_movie
from verifiers.media.clocks import place_from_iso_6709

Opened = Callable[..., Media]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with ExitStack() as stack:

        def open_one(data: bytes, name: str = "clip.mp4") -> Media:
            path = tmp_path / "evidence"
            path.write_bytes(data)
            return stack.enter_context(closing(open_media(path, name)))

        yield open_one


def refused(opened: Opened, data: bytes) -> str:
    with pytest.raises(MediaError) as refusal:
        opened(data)
    return refusal.value.code


def codes(facts: MediaFacts) -> list[str]:
    return [flag.code for flag in facts.flags]


def number_of(frame: Frame) -> int:
    """Which of ``made.frame`` it is (modulo 20)."""
    return round((float(np.median(frame.pixels)) - 20) / 10)


@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("libx264", "mp4"),
        ("libx264", "mov"),
        ("libx265", "mp4"),
        ("libx265", "mov"),
        ("mpeg4", "mp4"),
    ],
)
def test_facts_come_from_the_packets(opened: Opened, codec: str, container: str) -> None:
    media = opened(made.movie(40, codec=codec, container=container))
    facts = media.facts
    assert (facts.kind, facts.format, facts.width, facts.height) == (
        MediaKind.VIDEO,
        container,
        128,
        96,
    )
    assert (facts.frame_count, facts.duration_ms, facts.frame_rate, facts.rotation) == (
        40,
        4000,
        10.0,
        0,
    )
    assert facts.flags == ()
    keys = list(media.frames(None, 64))
    assert [frame.ms for frame in keys] == list(media.keyframe_times())
    assert keys[0].pixels.shape == (48, 64, 3)
    assert keys[0].scale == pytest.approx(0.5)
    media.close()


def test_the_frame_shown_at_a_time_is_given_in_any_order(opened: Opened) -> None:
    media = opened(made.movie(40))
    times = [0, 50, 199, 200, 1500, 1500, 3900, 99_999, 300, 1000]
    expected = [0, 0, 1, 2, 15, 15, 39, 39, 3, 10]
    frames = list(media.frames(times, 128))
    assert [frame.ms for frame in frames] == [100 * number for number in expected]
    assert [number_of(frame) for frame in frames] == [number % 20 for number in expected]


def test_every_frame_can_be_read_one_by_one(opened: Opened) -> None:
    media = opened(made.movie(40))
    frames = list(media.frames(media.timeline().frames_ms, 128))
    assert [number_of(frame) for frame in frames] == [number % 20 for number in range(40)]


def test_without_a_marked_keyframe_one_frame_a_second_is_given(opened: Opened) -> None:
    media = opened(made.movie(40, keyframe_every=25))
    assert isinstance(media, opener.Video)
    # libav's parsers mark keyframes that the container keeps silent about, so the silence is made
    # here.
    media._walk = replace(
        media._walk, starts=(), timeline=replace(media.timeline(), keyframes_ms=())
    )
    assert [frame.ms for frame in media.frames(None, 64)] == [0, 1000, 2000, 3000, 3900]


def test_no_times_no_frames(opened: Opened) -> None:
    assert list(opened(made.movie(3)).frames([], 128)) == []


def test_uneven_frame_times_and_holes(opened: Opened) -> None:
    times = [0, 1, 2, 4, 5, 7, 8, 9, 40, 41, 42, 43]
    media = opened(made.movie(len(times), times=times))
    line = media.timeline()
    assert line.frames_ms == tuple(100 * time for time in times)
    assert line.gaps == (Span(900, 4000),)
    assert [frame.ms for frame in media.frames([2000, 4000], 128)] == [900, 4000]


@pytest.mark.parametrize(
    ("taken", "flags"), [("240.0", ["SLOW_MOTION"]), ("10.0", []), ("nan", []), ("x", [])]
)
def test_slow_motion_is_told(opened: Opened, taken: str, flags: list[str]) -> None:
    noted = {"com.android.capture.fps": taken}
    media = opened(
        made.movie(20, metadata=noted, container_options={"movflags": "use_metadata_tags"})
    )
    assert [flag.code for flag in media.facts.flags] == flags


def rotated(data: bytes, matrix: tuple[int, ...]) -> bytes:
    return made.patched(data, b"tkhd", 4 + 20 + 16, struct.pack(">9i", *matrix))


@pytest.mark.parametrize(
    ("matrix", "rotation"),
    [
        ((0, 65536, 0, -65536, 0, 0, 0, 0, 0x40000000), 90),
        ((-65536, 0, 0, 0, -65536, 0, 0, 0, 0x40000000), 180),
        ((0, -65536, 0, 65536, 0, 0, 0, 0, 0x40000000), 270),
    ],
)
def test_the_rotation_is_obeyed(opened: Opened, matrix: tuple[int, ...], rotation: int) -> None:
    upright = opened(made.movie(5, size=(128, 64)))
    assert upright.facts.rotation == 0
    media = opened(rotated(made.movie(5, size=(128, 64)), matrix))
    sideways = rotation != 180
    assert media.facts.rotation == rotation
    assert (media.facts.width, media.facts.height) == ((64, 128) if sideways else (128, 64))
    (frame,) = media.frames([0], 128)
    assert frame.pixels.shape == ((128, 64, 3) if sideways else (64, 128, 3))


def test_quarter_turns_go_clockwise(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def marked(
        number: int, width: int, height: int
    ) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
        picture = np.zeros((height, width, 3), np.uint8)
        picture[: height // 2, : width // 2] = 255  # the stored top left ends up at the top right
        return picture

    monkeypatch.setattr(made, "frame", marked)
    data = made.movie(3, size=(128, 64))
    media = opened(rotated(data, (0, 65536, 0, -65536, 0, 0, 0, 0, 0x40000000)))
    (frame,) = media.frames([0], 128)
    assert frame.pixels[10, 54].min() > 200
    assert frame.pixels[10, 10].max() < 60
    assert frame.pixels[118, 54].max() < 60


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (made.movie(20)[:2000], "UNREADABLE"),
        (made.movie(20).replace(b"moov", b"xxxx", 1), "UNREADABLE"),
        (made.sound(), "NO_VIDEO"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(5000), "UNREADABLE"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + (b"\xff\xff\xff\xffmoov" * 4000), "UNREADABLE"),
    ],
    ids=["half", "no moov", "only sound", "zeros", "deep boxes"],
)
def test_refused_by_name(opened: Opened, data: bytes, code: str) -> None:
    assert refused(opened, data) == code


def test_a_cut_recording_gives_what_there_is(opened: Opened) -> None:
    data = made.movie(200, container_options={"movflags": "frag_keyframe+empty_moov"})
    media = opened(data[: len(data) * 2 // 3])
    assert "TRUNCATED" in codes(media.facts)
    assert next(iter(media.frames(None, 64))).ms == 0


@pytest.mark.parametrize(
    ("offset", "value"),
    [(12, bytes(4)), (16, b"\xff" * 4), (16, b"\x0f\xff\xff\xff")],
    ids=["scale 0", "max", "days"],
)
def test_impossible_container_times_are_ignored_and_flagged(
    opened: Opened, offset: int, value: bytes
) -> None:
    media = opened(made.patched(made.movie(40), b"mvhd", offset, value))
    assert codes(media.facts) == ["CONTAINER_TIMES_INVALID"]
    assert (media.facts.duration_ms, media.facts.frame_count) == (4000, 40)


@pytest.mark.parametrize("box", [b"stts", b"stsz", b"stco", b"ctts"])
def test_a_thousand_million_declared_frames_are_never_believed(opened: Opened, box: bytes) -> None:
    data = made.movie(40)
    assert box in data
    lying = made.patched(data, box, 8 if box == b"stsz" else 4, struct.pack(">I", 10**9))
    try:
        count = opened(lying).facts.frame_count
    except MediaError:
        count = 0
    assert (count or 0) <= 40


def test_pixels_are_a_budget(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener, "VIDEO_DECODED_PIXELS", 5 * 128 * 96)
    media = opened(made.movie(40))
    seen: list[Frame] = []
    with pytest.raises(MediaError) as refusal:
        seen.extend(media.frames(media.timeline().frames_ms, 64))
    assert refusal.value.code == "TOO_COMPLEX"
    monkeypatch.setattr(opener, "VIDEO_FRAME_PIXELS", 100)
    assert refused(opened, made.movie(3)) == "TOO_MANY_PIXELS"


def test_later_frames_of_a_long_recording_are_not_looked_at(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opener, "VIDEO_DURATION_MS", 2000)
    media = opened(made.movie(40))
    assert codes(media.facts) == ["TOO_COMPLEX"]
    assert max(frame.ms or 0 for frame in media.frames(None, 64)) <= 2000
    assert media.timeline().frames_ms[-1] == 2000


def test_dates_place_and_device_of_phones(opened: Opened) -> None:
    apple = {
        "com.apple.quicktime.creationdate": "2024-05-01T10:00:00+0800",
        "com.apple.quicktime.location.ISO6709": "+31.2304+121.4737+005.000/",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 15",
    }
    data = made.movie(
        3, container="mov", metadata=apple, container_options={"movflags": "use_metadata_tags"}
    )
    facts = opened(
        made.patched(data, b"mvhd", 4, struct.pack(">I", 3_797_373_600)), "IMG_0001.MOV"
    ).facts
    clocks = {clock.source: clock.at.isoformat() if clock.at else None for clock in facts.clocks}
    assert clocks["quicktime.creationdate"] == "2024-05-01T10:00:00+08:00"
    assert clocks["mvhd.creation_time"] == "2024-05-01T02:00:00+00:00"
    assert facts.place is not None
    assert (facts.place.latitude, facts.place.longitude) == (31.2304, 121.4737)
    assert (facts.make, facts.model) == ("Apple", "iPhone 15")


def test_a_blank_creation_time_is_no_date(opened: Opened) -> None:
    facts = opened(made.movie(3), "mmexport1700000000123.mp4").facts
    assert [(clock.source, clock.at is None) for clock in facts.clocks] == [
        ("mvhd.creation_time", True),
        ("filename", False),
    ]


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def test_edits_are_counted() -> None:
    def entries(*edits: tuple[int, int, int]) -> bytes:
        listed = b"".join(struct.pack(">iiI", *edit) for edit in edits)
        handler = box(b"mdia", box(b"hdlr", bytes(8) + b"vide" + bytes(12)))
        return box(
            b"trak",
            box(b"edts", box(b"elst", bytes(4) + struct.pack(">I", len(edits)) + listed)) + handler,
        )

    plain = parse_movie(entries((500, -1, 65536), (4000, 512, 65536)))
    assert plain.tracks[0].edits == 1  # a delay and the whole recording: as cameras write it
    cut = parse_movie(entries((1000, 0, 65536), (1000, 9000, 65536), (500, 20_000, 32768)))
    assert cut.tracks[0].edits == 4  # three pieces, one of them at half speed


def test_the_place_box_of_3gpp_phones_is_read() -> None:
    degrees = [
        round(value * 65536) for value in (121.4737, 31.2304, 4.0)
    ]  # longitude first, then latitude, height
    loci = box(
        b"loci", bytes(6) + b"Shanghai\0" + b"\0" + struct.pack(">iii", *degrees) + b"earth\0\0"
    )
    written = parse_movie(box(b"moov", box(b"udta", loci))[8:]).texts["loci"]
    place, wrong = place_from_iso_6709(written, "quicktime.loci")
    assert place is not None
    assert place.latitude == pytest.approx(31.2304, abs=1e-4)
    assert place.longitude == pytest.approx(121.4737, abs=1e-4)
    assert wrong == ""


@pytest.mark.parametrize("seed", range(60))
def test_no_damage_to_the_header_breaks_the_reading(tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    data = bytearray(made.movie(3, metadata={"title": "x", "date": "2024-01-01"}))
    moov = data.index(b"moov")
    for at in chance.integers(moov, len(data), 8):
        data[at] = chance.integers(0, 256)
    path = tmp_path / "a"
    path.write_bytes(data)
    with path.open("rb") as file:
        read_movie(file, len(data))
    try:
        media = open_media(path, "a.mp4")
    except MediaError:
        return
    with closing(media), suppress(MediaError):
        line = media.timeline().frames_ms
        assert all(before <= after for before, after in pairwise(line))
        list(media.frames(None, 64))
