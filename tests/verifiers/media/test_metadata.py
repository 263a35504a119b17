# ruff: noqa: DTZ001 - cameras write times without a zone
import struct
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheme.reading import MediaFacts
from tests.verifiers.media import made_files as made
from verifiers.media import open_media
from verifiers.media.boxes import Movie
from verifiers.media.exif import exif_damage
from verifiers.media.metadata import CLOCK_SOURCES, PLACE_SOURCES, of_movie, of_photo


def facts_of(folder: Path, data: bytes, name: str = "a.jpg") -> MediaFacts:
    path = folder / "evidence"
    path.write_bytes(data)
    media = open_media(path, name)
    media.close()
    return media.facts


def codes(facts: MediaFacts) -> list[str]:
    return [flag.code for flag in facts.flags]


FULL = made.tiff(
    [
        made.text_entry(0x010F, "HUAWEI"),
        made.text_entry(0x0110, "P60"),
        made.text_entry(0x0131, "Snapseed 2.0"),
        made.text_entry(0x0132, "2024:05:02 09:00:00"),
    ],
    [
        made.text_entry(0x9003, "2024:05:01 10:00:00"),
        made.text_entry(0x9004, "2024:05:01 10:00:01"),
        made.text_entry(0x9011, "+08:00"),
        made.text_entry(0x9291, "250"),
    ],
)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_exif_is_read_in_every_photo_format(tmp_path: Path, kind: str) -> None:
    facts = facts_of(tmp_path, made.picture(kind, exif=b"Exif\0\0" + FULL))
    clocks = {clock.source: clock for clock in facts.clocks}
    shanghai = timezone(timedelta(hours=8))
    assert clocks["exif.DateTimeOriginal"].at == datetime(2024, 5, 1, 10, 0, 0, 250_000, shanghai)
    assert clocks["exif.DateTimeOriginal"].resolution_s == pytest.approx(0.001)
    assert clocks["exif.DateTimeDigitized"].at == datetime(2024, 5, 1, 10, 0, 1)
    assert clocks["exif.DateTime"].at == datetime(2024, 5, 2, 9)
    assert (facts.make, facts.model, facts.software, facts.flags) == (
        "HUAWEI",
        "P60",
        "Snapseed 2.0",
        (),
    )


def test_the_name_gives_a_clock_beside_the_file(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, made.jpeg(), "PXL_20240101_120000123.jpg")
    assert [(clock.source, clock.at) for clock in facts.clocks] == [
        ("filename", datetime(2024, 1, 1, 12, 0, 0, 123_000, UTC))
    ]


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", " " * 19, "2024:02:30 25:61:00"])
def test_impossible_dates_are_kept_as_read(tmp_path: Path, text: str) -> None:
    facts = facts_of(tmp_path, made.jpeg(exif=made.tiff([], [made.text_entry(0x9003, text)])))
    (clock,) = facts.clocks
    assert (clock.source, clock.at, clock.raw) == ("exif.DateTimeOriginal", None, text.strip())
    assert facts.flags == ()


def test_texts_from_a_stranger_stay_inert(tmp_path: Path) -> None:
    nasty = [
        made.text_entry(0x010F, "=cmd|'/C calc'!A0"),
        made.text_entry(0x0110, "<script>\x1b[2J\u202e"),
    ]
    facts = facts_of(tmp_path, made.jpeg(exif=made.tiff(nasty)))
    assert facts.make == "=cmd|'/C calc'!A0"
    assert facts.model is not None
    assert facts.model.startswith("<script>")
    assert facts.model.isprintable()


def test_places(tmp_path: Path) -> None:
    good = made.gps([(31, 1), (13, 1), (4944, 100)], [(121, 1), (28, 1), (2532, 100)])
    facts = facts_of(tmp_path, made.jpeg(exif=good))
    assert facts.place is not None
    assert facts.place.latitude == pytest.approx(31.2304, abs=1e-4)
    assert facts.place.longitude == pytest.approx(121.4737, abs=1e-4)
    south = facts_of(tmp_path, made.jpeg(exif=made.gps([(31, 1)] * 3, [(121, 1)] * 3, "S", "W")))
    assert south.place is not None
    assert south.place.latitude < 0 > south.place.longitude


@pytest.mark.parametrize(
    ("latitude", "longitude", "flags"),
    [
        ([(0, 1)] * 3, [(0, 1)] * 3, []),
        ([(31, 0), (0, 0), (0, 0)], [(121, 0), (0, 0), (0, 0)], ["PLACE_INVALID"]),
        ([(999, 1)] * 3, [(999, 1)] * 3, ["PLACE_INVALID"]),
    ],
    ids=["null island", "x/0", "999 degrees"],
)
def test_impossible_places(
    tmp_path: Path,
    latitude: list[tuple[int, int]],
    longitude: list[tuple[int, int]],
    flags: list[str],
) -> None:
    facts = facts_of(tmp_path, made.jpeg(exif=made.gps(latitude, longitude)))
    assert (facts.place, codes(facts)) == (None, flags)


SHARED = made.tiff([(0x8825, 4, 1, struct.pack(">I", 8))])
"""Its place directory is its main one: two ways to one directory."""
TOO_LONG = b"MM\0*\0\0\0\x08" + made.directory([(0x0132, 2, 100, b"\0\0\0\x08")], 8)
"""A text of 100 characters in a stream of 26."""
OUTSIDE = b"MM\0*\xff\xff\xff\xff"


@pytest.mark.parametrize("exif", [SHARED, TOO_LONG, b"garbage", OUTSIDE])
def test_broken_exif_is_flagged_and_the_case_goes_on(tmp_path: Path, exif: bytes) -> None:
    facts = facts_of(tmp_path, made.jpeg(exif=exif))
    assert codes(facts) == ["METADATA_UNREADABLE"]
    assert facts.width == 640


def test_sound_directories_are_not_called_damaged() -> None:
    assert exif_damage(FULL) == ""


def test_directories_and_entries_are_counted_against_a_limit() -> None:
    assert exif_damage(FULL, most_directories=1) == "too many directories"
    assert exif_damage(FULL, most_entries=1).endswith("entries in one directory")
    assert "circle" in exif_damage(SHARED)


@settings(max_examples=200)
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_no_bytes_break_the_reading_of_metadata(exif: bytes, xmp: bytes) -> None:
    of_photo(exif, xmp, "a.jpg")


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(FULL) - 1), st.integers(0, 255)), max_size=12))
def test_no_damage_to_real_exif_breaks_the_reading(damage: list[tuple[int, int]]) -> None:
    exif = bytearray(FULL)
    for at, value in damage:
        exif[at] = value
    of_photo(bytes(exif), b"", "a.jpg")


COMMENTS = [b"ASCII\0\0\0Screenshot", b"UNICODE\0" + "截屏".encode("utf-16-be")]


@pytest.mark.parametrize("comment", COMMENTS, ids=["ASCII", "UNICODE"])
def test_a_screenshot_says_so_in_its_comment(tmp_path: Path, comment: bytes) -> None:
    exif = made.tiff(
        [],
        [
            made.text_entry(0x9003, "2026:11:27 08:41:07"),
            (0x9286, 7, len(comment), comment),
        ],
    )
    assert codes(facts_of(tmp_path, made.jpeg(exif=exif), "IMG_0042.JPG")) == ["SCREEN_CAPTURE"]
    assert codes(
        facts_of(tmp_path, made.picture("PNG", exif=b"Exif\0\0" + exif), "IMG_0042.PNG")
    ) == ["SCREEN_CAPTURE"]


def test_a_screenshot_says_so_in_xmp(tmp_path: Path) -> None:
    packet = (
        b'<rdf:Description><exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">Screenshot'
        b"</rdf:li></rdf:Alt></exif:UserComment></rdf:Description>"
    )
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + packet
    data = made.picture("PNG")
    plain = made.png(1, 1, [(b"iTXt", text)])
    chunk = plain[33 : 33 + 12 + len(text)]
    assert codes(facts_of(tmp_path, data[:33] + chunk + data[33:])) == ["SCREEN_CAPTURE"]


def test_an_ordinary_comment_is_none(tmp_path: Path) -> None:
    comment = b"ASCII\0\0\0crossing at the screen factory"
    exif = made.tiff([], [(0x9286, 7, len(comment), comment)])
    assert codes(facts_of(tmp_path, made.jpeg(exif=exif))) == []


def test_xmp_fills_in_what_exif_lacks(tmp_path: Path) -> None:
    packet = (
        b"<x:xmpmeta><rdf:Description"
        b' xmp:CreateDate="2024-05-01T10:00:00+08:00" xmp:CreatorTool="Meitu">'
        b"<exif:DateTimeOriginal>2024-05-01T09:59:59</exif:DateTimeOriginal></rdf:Description></x:xmpmeta>"
    )
    segment = b"http://ns.adobe.com/xap/1.0/\0" + packet
    data = made.jpeg()
    data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]
    facts = facts_of(tmp_path, data)
    assert [(clock.source, clock.at is not None) for clock in facts.clocks] == [
        ("xmp.DateTimeOriginal", True),
        ("xmp.CreateDate", True),
    ]
    assert facts.software == "Meitu"


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, len(FULL) - 1), st.integers(0, 255)), max_size=4))
def test_every_clock_of_a_photo_stands_in_the_table_of_sources(
    damage: list[tuple[int, int]],
) -> None:
    exif = bytearray(FULL)
    for at, value in damage:
        exif[at] = value
    dates = b'exif:DateTimeOriginal="2024" xmp:CreateDate="2024" photoshop:DateCreated="2024"'
    stored = of_photo(bytes(exif), dates + b' xmp:ModifyDate="2024"', "IMG_20240501_100000.jpg")
    assert {clock.source for clock in stored.clocks} <= set(CLOCK_SOURCES)


def test_every_clock_and_place_of_a_recording_stands_in_the_tables_of_sources() -> None:
    texts = {
        "com.apple.quicktime.creationdate": "2024-05-01T10:00:00+08:00",
        "\xa9day": "2024",
        "com.apple.proapps.shootDate": "2024",
    }
    stored = of_movie(Movie(created=3_753_326_551, texts=texts), "VID_20240501_100000.mp4")
    assert {clock.source for clock in stored.clocks} <= set(CLOCK_SOURCES)
    assert len(stored.clocks) == 5
    for key in ("com.apple.quicktime.location.ISO6709", "\xa9xyz", "loci"):
        place = of_movie(Movie(texts={key: "+31.2304+121.4737/"}), "").place
        assert place is not None
        assert place.source in PLACE_SOURCES
