import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scheme.reading import Box, MediaFacts, MediaKind, Span
from tests.verifiers.media import made_files as made
from verifiers.media import open_media
from verifiers.media import video as opener
from verifiers.media.boxes import parse_movie, read_movie
from verifiers.media.clocks import place_from_iso_6709
from verifiers.media.formats import MP4
from verifiers.media.protocol import Frame, Media, MediaError
from verifiers.media.render import crop, poster, strip
from verifiers.media.walk import VideoLimits

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


def pixels_of(jpeg: bytes) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    return np.asarray(Image.open(BytesIO(jpeg), formats=["JPEG"]).convert("RGB"))


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
    silent = replace(media.timeline(), keyframes_ms=())
    media._decoder.walk = replace(media._decoder.walk, starts=(), timeline=silent)
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


@pytest.fixture
def corners(monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(made, "frame", made.cornered)
    return made.movie(20, size=(128, 64), keyframe_every=5)


@pytest.mark.parametrize("lies", made.LIES, ids=[upright for *_, upright in made.LIES])
@pytest.mark.parametrize("header", [b"tkhd", b"mvhd"], ids=["track", "movie"])
def test_the_whole_matrix_is_obeyed(
    opened: Opened, corners: bytes, header: bytes, lies: tuple[made.Matrix, int, str]
) -> None:
    matrix, degrees, upright = lies
    media = opened(made.turned(corners, matrix, header))
    sideways = matrix[0] == 0
    size = (64, 128) if sideways else (128, 64)
    assert (media.facts.width, media.facts.height, media.facts.rotation) == (*size, degrees)
    (frame,) = media.frames([0], 128)
    assert frame.pixels.shape == (size[1], size[0], 3)
    assert made.corners_of(frame.pixels) == upright
    (small,) = media.frames([0], 64)
    assert (max(small.pixels.shape[:2]), small.scale) == (64, 0.5)
    assert made.corners_of(small.pixels) == upright


@pytest.mark.parametrize(("matrix", "_degrees", "upright"), made.LIES)
def test_poster_strip_and_crops_lie_as_the_frames_do(
    opened: Opened, corners: bytes, matrix: made.Matrix, _degrees: int, upright: str
) -> None:
    media = opened(made.turned(corners, matrix))
    assert made.corners_of(pixels_of(poster(media, 128))) == upright
    row = pixels_of(strip(media, 2, 64))
    assert made.corners_of(row[:, : (row.shape[1] - 4) // 2]) == upright
    top_right = pixels_of(crop(media, 0, Box(0.5, 0.0, 1.0, 0.5)))
    level = made.CORNER_LEVELS[upright[1]]
    assert abs(float(np.median(top_right)) - level) < 12


def test_both_matrices_count_one_after_the_other(opened: Opened, corners: bytes) -> None:
    mirrored = made.turned(corners, (-made.ONE, 0, 0, made.ONE))
    media = opened(made.turned(mirrored, (0, made.ONE, -made.ONE, 0), b"mvhd"))
    (frame,) = media.frames([0], 128)
    assert made.corners_of(frame.pixels) == "db/ca"


def test_a_matrix_of_nothing_asks_for_nothing(opened: Opened, corners: bytes) -> None:
    media = opened(made.turned(made.turned(corners, (0, 0, 0, 0)), (0, 0, 0, 0), b"mvhd"))
    (frame,) = media.frames([0], 128)
    assert made.corners_of(frame.pixels) == made.STORED


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (made.movie(20)[:2000], "UNREADABLE"),
        (made.movie(20).replace(b"moov", b"xxxx", 1), "UNREADABLE"),
        (made.sound(), "NO_VIDEO"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(5000), "UNREADABLE"),
    ],
    ids=["half", "no moov", "only sound", "zeros"],
)
def test_refused_by_name(opened: Opened, data: bytes, code: str) -> None:
    assert refused(opened, data) == code


def test_a_cut_recording_gives_what_there_is(opened: Opened) -> None:
    data = made.movie(200, container_options={"movflags": "frag_keyframe+empty_moov"})
    media = opened(data[: len(data) * 2 // 3])
    assert "TRUNCATED" in codes(media.facts)
    assert next(iter(media.frames(None, 64))).ms == 0


@pytest.mark.parametrize("open_ended", [False, True], ids=["box overruns", "box to the end"])
def test_a_recording_that_lost_its_second_half_says_so(
    opened: Opened,
    open_ended: bool,  # noqa: FBT001 - a row of the table
) -> None:
    whole = made.moov_first(made.movie(60, size=(320, 240)))
    assert codes(opened(whole).facts) == []
    media = opened(made.cut_in_half(whole, open_ended=open_ended))
    assert codes(media.facts) == ["TRUNCATED"]
    assert 2000 <= (media.facts.duration_ms or 0) <= 4000
    assert media.timeline().edit_lists == 0


def test_frames_that_an_edit_list_hides_do_not_count(opened: Opened) -> None:
    # Of six seconds players show what lies from 1.2 s to 4.4 s: frame 12 is the first.
    media = opened(made.edited(made.movie(60), from_ms=1200, lasts_ms=3200))
    line = media.timeline()
    assert (media.facts.duration_ms, media.facts.frame_count) == (3200, 32)
    assert (line.frames_ms[0], line.frames_ms[-1]) == (0, 3100)
    assert line.keyframes_ms == (800, 1800, 2800)
    assert line.edit_lists == 1
    assert codes(media.facts) == []
    wanted = [0, 100, 700, 800, 3100, 99_999]
    frames = list(media.frames(wanted, 64))
    assert [frame.ms for frame in frames] == [0, 100, 700, 800, 3100, 3100]
    assert [number_of(frame) for frame in frames] == [12, 13, 19, 0, 3, 3]
    assert [frame.ms for frame in media.frames(None, 64)] == [800, 1800, 2800]


def test_with_every_keyframe_hidden_the_frames_between_are_still_read(opened: Opened) -> None:
    media = opened(made.edited(made.movie(40, keyframe_every=40), from_ms=1000, lasts_ms=2000))
    assert media.keyframe_times() == ()
    frames = list(media.frames(None, 64))
    assert [(frame.ms, number_of(frame)) for frame in frames] == [(0, 10), (1000, 0), (1900, 9)]


def test_a_hidden_frame_or_two_are_no_edit(opened: Opened) -> None:
    media = opened(made.edited(made.movie(60), from_ms=0, lasts_ms=5800))
    assert (media.facts.frame_count, media.timeline().edit_lists) == (58, 0)


def test_the_track_that_players_show_is_read(opened: Opened) -> None:
    # A phone puts one or two large stills beside the recording.
    media = opened(made.two_tracks(made.Filmed(40, (128, 96)), made.Filmed(2, (256, 192))))
    assert (media.facts.width, media.facts.height, media.facts.frame_count) == (128, 96, 40)
    assert (media.facts.duration_ms, media.facts.rotation) == (4000, 0)
    stills_first = made.two_tracks(made.Filmed(2, (256, 192)), made.Filmed(40, (128, 96)))
    assert opened(stills_first).facts.frame_count == 40


def test_of_two_running_tracks_the_first_that_is_switched_on(opened: Opened) -> None:
    both = made.two_tracks(made.Filmed(40, (128, 96)), made.Filmed(40, (256, 192)))
    assert opened(both).facts.width == 128
    off = made.switched_on(both, off=1)
    assert opened(off).facts.width == 256


def test_each_track_lies_by_its_own_matrix(opened: Opened) -> None:
    both = made.two_tracks(made.Filmed(2, (256, 192)), made.Filmed(40, (128, 96)))
    # The first track's header: the stills'.
    media = opened(made.turned(both, (0, made.ONE, -made.ONE, 0)))
    assert (media.facts.width, media.facts.height, media.facts.rotation) == (128, 96, 0)


@pytest.mark.parametrize(
    ("block", "flags"),
    [
        ("Super_SlowMotion_Data", ["SLOW_MOTION"]),
        ("Super_SlowMotion_BGM", ["SLOW_MOTION"]),
        ("SlowMotion_Data", []),
        ("Image_UTC_Data", []),
    ],
)
def test_what_samsung_slowed_in_the_file_is_slow_motion(
    opened: Opened, block: str, flags: list[str]
) -> None:
    media = opened(made.movie(20) + box(b"sefd", made.samsung_trailer(block, b"1:2:3")))
    assert codes(media.facts) == flags


def test_a_broken_samsung_trailer_is_none(opened: Opened) -> None:
    trailer = made.samsung_trailer("Super_SlowMotion_Data", b"")
    for broken in (trailer[-8:], trailer[-12:], b"\xff" * 40 + b"SEFT"):
        assert codes(opened(made.movie(3) + box(b"sefd", broken)).facts) == []


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
def test_more_frames_than_there_are_are_never_believed(opened: Opened, box: bytes) -> None:
    data = made.movie(40)
    assert box in data
    lying = made.patched(data, box, 8 if box == b"stsz" else 4, struct.pack(">I", 1000))
    try:
        count = opened(lying).facts.frame_count
    except MediaError:
        count = 0
    assert (count or 0) <= 40


def limited(path: Path, data: bytes, limits: VideoLimits) -> opener.Video:
    path.write_bytes(data)
    file = path.open("rb")
    try:
        return opener.open_video(file, "clip.mp4", MP4, limits)
    except MediaError:
        file.close()
        raise


def test_pixels_are_a_budget(tmp_path: Path) -> None:
    tight = VideoLimits(decoded_pixels=5 * 128 * 96)
    seen: list[Frame] = []
    with (
        closing(limited(tmp_path / "a", made.movie(40), tight)) as media,
        pytest.raises(MediaError) as refusal,
    ):
        seen.extend(media.frames(media.timeline().frames_ms, 64))
    assert refusal.value.code == "TOO_COMPLEX"
    assert len(seen) == 4  # one is always decoded ahead
    with pytest.raises(MediaError) as refusal:
        limited(tmp_path / "a", made.movie(3), VideoLimits(frame_pixels=100))
    assert refusal.value.code == "TOO_MANY_PIXELS"


def test_frames_are_counted_against_a_limit(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as refusal:
        limited(tmp_path / "a", made.movie(40), VideoLimits(packets=39))
    assert refusal.value.code == "TOO_COMPLEX"


def test_a_long_recording_is_read_up_to_the_limit_and_says_how_long_it_is(tmp_path: Path) -> None:
    # Far keyframes, and frames that lean on later ones: the last ones read do so over the limit.
    data = made.movie(140, keyframe_every=140)
    with closing(limited(tmp_path / "a", data, VideoLimits(duration_ms=10_000))) as media:
        assert [(flag.code, flag.detail) for flag in media.facts.flags] == [
            ("RECORDING_LONG", "14 s, 10 s of it are read")
        ]
        line = media.timeline()
        assert (line.frames_ms[-1], line.gaps, line.edit_lists) == (10_000, (), 0)
        assert max(frame.ms or 0 for frame in media.frames(None, 64)) <= 10_000
        last = list(media.frames(line.frames_ms[-6:], 64))
    assert [frame.ms for frame in last] == list(line.frames_ms[-6:])
    assert [number_of(frame) for frame in last] == [number % 20 for number in range(95, 101)]


def test_at_the_limit_nothing_is_said(tmp_path: Path) -> None:
    limits = VideoLimits(duration_ms=3900)
    with closing(limited(tmp_path / "a", made.movie(40), limits)) as media:
        assert media.facts.flags == ()


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
