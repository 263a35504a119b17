import struct
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from scheme.reading import MediaFacts, MediaKind
from tests.verifiers.media import made_files as made
from verifiers.media import open_media
from verifiers.media.formats import JPEG, PNG, Format, sniff
from verifiers.media.photo import Photo, PhotoLimits, open_photo
from verifiers.media.protocol import Frame, MediaError


def looked_at(
    folder: Path, data: bytes, name: str = "photo.jpg", max_side: int = 4096
) -> tuple[MediaFacts, Frame]:
    path = folder / "evidence"
    path.write_bytes(data)
    media = open_media(path, name)
    (frame,) = media.frames(None, max_side)
    assert media.keyframe_times() == media.timeline().frames_ms == ()
    media.close()
    return media.facts, frame


def refused(folder: Path, data: bytes, name: str = "photo.jpg") -> str:
    with pytest.raises(MediaError) as refusal:
        looked_at(folder, data, name)
    return refusal.value.code


def codes(facts: MediaFacts) -> list[str]:
    return [flag.code for flag in facts.flags]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_each_format_gives_facts_and_upright_bgr_pixels(tmp_path: Path, kind: str) -> None:
    red = Image.new("RGB", (64, 48), (250, 10, 10))
    sink = BytesIO()
    made.picture("HEIF", 16, 16)  # registers the writer
    red.save(sink, kind)
    facts, frame = looked_at(tmp_path, sink.getvalue())
    assert (facts.kind, facts.width, facts.height, facts.flags) == (MediaKind.PHOTO, 64, 48, ())
    assert frame.pixels.shape == (48, 64, 3)
    assert frame.pixels[20, 20, 2] > 200
    assert frame.pixels[20, 20, 0] < 60
    assert (frame.ms, frame.scale) == (None, 1.0)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_three_channels(tmp_path: Path, mode: str) -> None:
    sink = BytesIO()
    if mode == "I;16":
        Image.fromarray(np.full((20, 30), 40_000, np.uint16)).save(sink, "PNG")
    else:
        made.texture(30, 20).convert("RGB").convert(mode).save(
            sink, "JPEG" if mode == "CMYK" else "PNG"
        )
    _, frame = looked_at(tmp_path, sink.getvalue())
    assert frame.pixels.shape == (20, 30, 3)
    assert frame.pixels.max() > 100


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_is_obeyed(tmp_path: Path, orientation: int) -> None:
    upright = Image.new("RGB", (60, 40), "black")
    upright.paste((255, 255, 255), (0, 0, 30, 20))  # white at the top left
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    sink = BytesIO()
    exif = b"Exif\0\0" + made.tiff([(0x0112, 3, 1, struct.pack(">H", orientation))])
    stored.save(sink, "JPEG", quality=95, exif=exif)
    facts, frame = looked_at(tmp_path, sink.getvalue())
    assert (facts.width, facts.height) == (60, 40)
    assert frame.pixels[5, 5].min() > 200
    assert (
        max(frame.pixels[35, 55].max(), frame.pixels[35, 5].max(), frame.pixels[5, 55].max()) < 60
    )


def test_heic_rotated_by_its_own_box_is_turned_once(tmp_path: Path) -> None:
    upright = Image.new("RGB", (128, 64), "black")
    upright.paste((255, 255, 255), (0, 0, 64, 32))
    exif = b"Exif\0\0" + made.tiff([(0x0112, 3, 1, struct.pack(">H", 6))])
    sink = BytesIO()
    made.picture("HEIF", 16, 16)
    upright.transpose(Image.Transpose.ROTATE_90).save(sink, "HEIF", exif=exif)
    facts, frame = looked_at(tmp_path, sink.getvalue())
    assert (facts.width, facts.height) == frame.pixels.shape[1::-1] == (128, 64)
    assert frame.pixels[10, 10].min() > 200


@pytest.mark.parametrize("max_side", [4000, 2048, 1999, 1000, 333, 64, 1])
def test_no_side_is_longer_than_asked_and_the_scale_tells_it(tmp_path: Path, max_side: int) -> None:
    _, frame = looked_at(tmp_path, made.jpeg(4000, 3000), max_side=max_side)
    height, width = frame.pixels.shape[:2]
    assert 0.85 * max_side <= max(width, height) <= max_side
    assert frame.scale == pytest.approx(width / 4000, rel=0.01)


def test_a_smaller_picture_is_not_enlarged(tmp_path: Path) -> None:
    _, frame = looked_at(tmp_path, made.jpeg(100, 80), max_side=2048)
    assert (frame.pixels.shape, frame.scale) == ((80, 100, 3), 1.0)


def test_asking_larger_after_smaller_decodes_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(made.jpeg(1600, 1200))
    media = open_media(path, "a")
    sizes = [max(next(iter(media.frames(None, side))).pixels.shape) for side in (400, 1600, 800)]
    assert sizes == [400, 1600, 800]


def test_half_a_jpeg_is_truncated_and_two_bytes_less_is_only_flagged(tmp_path: Path) -> None:
    data = made.jpeg()
    assert refused(tmp_path, data[: len(data) // 2]) == "TRUNCATED"
    facts, frame = looked_at(tmp_path, data[:-2])
    assert codes(facts) == ["TRUNCATED"]
    assert frame.pixels.shape == (480, 640, 3)


def test_the_head_of_a_damaged_photo_is_used_and_its_pixels_are_refused(tmp_path: Path) -> None:
    exif = made.tiff_with_gps_time("2026:11:27 08:41:07", "+08:00", "2026:11:27", (0, 41, 7))
    data = made.jpeg(3000, 2000, exif, quality=98)
    assert len(data) > 400_000
    path = tmp_path / "evidence"
    path.write_bytes(data[:200_000])
    media = open_media(path, "IMG_1.jpg")
    assert {clock.source for clock in media.facts.clocks} == {
        "exif.DateTimeOriginal",
        "exif.GPSDateStamp",
    }
    assert (media.facts.width, media.facts.height) == (3000, 2000)
    with pytest.raises(MediaError) as damage:
        next(iter(media.frames(None, 4096)))
    assert damage.value.code == "TRUNCATED"


@pytest.mark.parametrize("cut", ["before its scan", "within its head"])
def test_a_photo_cut_off_in_its_head_is_damaged_not_unreadable(tmp_path: Path, cut: str) -> None:
    exif = made.tiff([], [made.text_entry(0x9003, "2026:11:27 08:41:07")])
    data = made.jpeg(exif=exif)
    end = data.index(b"\xff\xda" if cut == "before its scan" else b"\xff\xc0")
    assert refused(tmp_path, data[:end]) == "TRUNCATED"


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_cut_heic_is_damaged_not_unreadable(tmp_path: Path, share: float) -> None:
    data = made.picture("HEIF", 640, 480)
    assert refused(tmp_path, data[: round(len(data) * share)]) == "TRUNCATED"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_half_of_any_other_format_is_an_error(tmp_path: Path, kind: str) -> None:
    data = made.picture(kind, 640, 480)
    assert refused(tmp_path, data[: len(data) // 2]) in ("TRUNCATED", "UNREADABLE")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff", "UNREADABLE"),
        (b"\xff\xd8\xff", "UNREADABLE"),
        (b"\xff\xd8\xff" + bytes(range(256)) * 40, "UNREADABLE"),
        (made.png(0, 0), "UNREADABLE"),
        (made.png(64, 64), "UNREADABLE"),
    ],
    ids=[
        "one byte",
        "SOI only",
        "noise",
        "0x0",
        "no pixels",
    ],
)
def test_refused_by_name_before_pixels_are_decoded(tmp_path: Path, data: bytes, code: str) -> None:
    assert refused(tmp_path, data) == code


def opened(data: bytes, known: Format = JPEG, **limits: int) -> Photo:
    return open_photo(BytesIO(data), "a", known, PhotoLimits(**limits))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_more_pixels_than_the_format_may_have_are_refused(kind: str) -> None:
    data = made.picture(kind, 320, 200)
    known = sniff(data)
    assert known is not None
    assert opened(data, replace(known, max_pixels=64_000)).facts.width == 320
    with pytest.raises(MediaError) as refusal:
        opened(data, replace(known, max_pixels=63_999))
    assert refusal.value.code == "TOO_MANY_PIXELS"


def test_a_size_that_is_only_claimed_is_refused_before_pixels_are_looked_for() -> None:
    with pytest.raises(MediaError) as refusal:
        opened(made.png(400, 300), replace(PNG, max_pixels=100_000))
    assert refusal.value.code == "TOO_MANY_PIXELS"


def test_scans_are_counted_against_a_limit() -> None:
    data = made.jpeg(progressive=True)
    scans = data.count(b"\xff\xda")
    assert scans > 4
    assert list(opened(data, scans=scans).frames(None, 640))
    with pytest.raises(MediaError) as refusal:
        opened(data, scans=4)
    assert refusal.value.code == "TOO_COMPLEX"


def test_what_a_progressive_picture_keeps_in_memory_is_counted() -> None:
    data = made.jpeg(640, 480, progressive=True)
    kept_bytes = 640 * 480 * 3 * 2
    assert opened(data, coefficient_bytes=kept_bytes).facts.width == 640
    with pytest.raises(MediaError) as refusal:
        opened(data, coefficient_bytes=kept_bytes - 1)
    assert refusal.value.code == "TOO_MANY_PIXELS"
    assert opened(made.jpeg(640, 480), coefficient_bytes=1).facts.width == 640


def test_150_segments_are_accepted(tmp_path: Path) -> None:
    data = made.jpeg()
    segment = b"\xff\xe1" + struct.pack(">H", 60_000) + bytes(59_998)
    facts, _ = looked_at(tmp_path, data[:2] + segment * 150 + data[2:])
    assert facts.flags == ()


def test_a_text_that_unpacks_beyond_the_limit_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"Comment\0\0" + zlib.compress(b"a line of text, " * 20)
    data = made.picture("PNG")
    noted = data[:33] + made.png_chunk(b"zTXt", text) + data[33:]
    looked_at(tmp_path, noted)
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_CHUNK", 100)  # Pillow's own: 1 MiB
    assert refused(tmp_path, noted) == "UNREADABLE"


def test_a_very_large_jpeg_is_read_at_reduced_scale() -> None:
    (frame,) = opened(made.jpeg(640, 480), full_decode_pixels=100_000).frames(None, 640)
    assert frame.pixels.shape == (240, 320, 3)
    assert frame.scale == pytest.approx(0.5)


@pytest.mark.parametrize(
    "tail",
    [np.random.default_rng(3).bytes(2_000_000), b"PK\x03\x04" + bytes(120), bytes(2_000_000)],
    ids=["junk", "zip", "zeros"],
)
def test_what_is_glued_on_is_flagged_and_the_picture_still_read(
    tmp_path: Path, tail: bytes
) -> None:
    facts, frame = looked_at(tmp_path, made.jpeg() + tail)
    assert codes(facts) == ["TRAILING_DATA"]
    assert frame.pixels.any()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_the_same_for_other_formats(tmp_path: Path, kind: str) -> None:
    facts, _ = looked_at(tmp_path, made.picture(kind) + b"\xfe\xdc" * 500)
    assert codes(facts) == ["TRAILING_DATA"]


def test_page_text_in_a_comment_is_flagged(tmp_path: Path) -> None:
    data = made.jpeg(comment=b"<?php system($_GET['c']); ?>")
    facts, _ = looked_at(tmp_path, data)
    assert codes(facts) == ["ACTIVE_CONTENT"]


def test_motion_photos_name_their_clip_and_carry_no_flag(tmp_path: Path) -> None:
    still, clip = made.jpeg(), made.movie(3)
    appended = f"motion_photo_mp4@{len(still)}+{len(clip)}"
    facts, _ = looked_at(tmp_path, still + clip, "PXL_20240101_120000000.MP.jpg")  # Pixel, Xiaomi
    assert (facts.embedded, facts.flags) == ((appended,), ())
    facts, _ = looked_at(tmp_path, made.samsung_motion_photo(still, clip))
    in_block = f"motion_photo_mp4@{len(still) + 24}+{len(clip)}"
    assert (facts.embedded, facts.flags) == ((in_block,), ())


def test_motion_heic_and_the_extra_pictures_of_phones(tmp_path: Path) -> None:
    still, clip = made.picture("HEIF", 128, 96), made.movie(3)
    facts, _ = looked_at(tmp_path, made.pixel_motion_heic(still, clip), "a.heic")
    assert (facts.embedded, facts.flags) == (
        (f"motion_photo_mp4@{len(still) + 8}+{len(clip)}",),
        (),
    )
    first, gain_map = made.jpeg(), made.jpeg(64, 48)
    facts, _ = looked_at(tmp_path, first + bytes(64) + gain_map + clip)
    names = (
        f"jpeg@{len(first) + 64}+{len(gain_map)}",
        f"motion_photo_mp4@{len(first) + 64 + len(gain_map)}+{len(clip)}",
    )
    assert (facts.embedded, facts.flags) == (names, ())


def with_xmp(jpeg: bytes, packet: bytes) -> bytes:
    segment = b"http://ns.adobe.com/xap/1.0/\0" + packet
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def directory(*items: tuple[str, int]) -> bytes:
    """The list of appended blocks as Pixels write it into XMP."""
    listed = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="any" '
        f'Item:Semantic="{meaning}" Item:Length="{length}" Item:Padding="0"/></rdf:li>'
        for meaning, length in items
    )
    return f"<Container:Directory><rdf:Seq>{listed}</rdf:Seq></Container:Directory>".encode()


def test_blocks_that_a_pixel_declares_before_its_clip_are_no_junk(tmp_path: Path) -> None:
    clip, gain_map = made.movie(3), made.jpeg(64, 48)
    depth = b"\0\0" + np.random.default_rng(5).bytes(5_000)
    blocks = (("Primary", 0), ("GainMap", len(gain_map)), ("Depth", len(depth)))
    still = with_xmp(made.jpeg(), directory(*blocks, ("MotionPhoto", len(clip))))
    facts, _ = looked_at(tmp_path, still + gain_map + depth + clip, "PXL_20261127_004107000.MP.jpg")
    at = len(still)
    assert facts.flags == ()
    assert facts.embedded == (
        f"jpeg@{at}+{len(gain_map)}",
        f"block@{at + len(gain_map)}+{len(depth)}",
        f"motion_photo_mp4@{at + len(gain_map) + len(depth)}+{len(clip)}",
    )


def test_a_list_of_blocks_hides_nothing_that_is_not_in_it(tmp_path: Path) -> None:
    clip, junk = made.movie(3), b"PK\x03\x04" + bytes(90)
    listed = with_xmp(made.jpeg(), directory(("Primary", 0), ("MotionPhoto", len(clip))))
    assert codes(looked_at(tmp_path, listed + junk + clip)[0]) == ["TRAILING_DATA"]
    other = with_xmp(made.jpeg(), directory(("Depth", len(junk)), ("MotionPhoto", 50)))
    assert codes(looked_at(tmp_path, other + junk + bytes(range(50)))[0]) == ["TRAILING_DATA"]
    no_clip = with_xmp(made.jpeg(), directory(("Primary", 0), ("Depth", len(junk))))
    assert codes(looked_at(tmp_path, no_clip + junk)[0]) == ["TRAILING_DATA"]


def test_junk_behind_the_clip_of_a_motion_photo_is_flagged(tmp_path: Path) -> None:
    facts, _ = looked_at(tmp_path, made.jpeg() + made.movie(3) + b"PK\x03\x04" + bytes(90))
    assert len(facts.embedded) == 1
    assert codes(facts) == ["TRAILING_DATA"]
