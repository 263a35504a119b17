# ruff: noqa: DTZ001 - cameras write times without a zone
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.reading import CaptureClock, ClockMark
from verifiers.media.clocks import (
    clock,
    parse_date,
    place_from_degrees,
    place_from_iso_6709,
    satellite_time,
    since_1904,
    stamp_in,
)

SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("raw", "part", "zone", "at", "resolution_s"),
    [
        ("2024:05:01 10:00:00", "", "", datetime(2024, 5, 1, 10), 1.0),
        (
            "2024:05:01 10:00:00",
            "25",
            "+08:00",
            datetime(2024, 5, 1, 10, 0, 0, 250_000, SHANGHAI),
            0.01,
        ),
        ("2024-05-01T10:00:00.123Z", "", "", datetime(2024, 5, 1, 10, 0, 0, 123_000, UTC), 0.001),
        (
            "2022-12-08T07:38:28+0100",
            "",
            "",
            datetime(2022, 12, 8, 7, 38, 28, tzinfo=timezone(timedelta(hours=1))),
            1,
        ),
        ("2024-05-01 10:00", "", "", datetime(2024, 5, 1, 10), 60.0),
        ("2024-05-01", "", "", datetime(2024, 5, 1), 86_400.0),
        ("0000:00:00 00:00:00", "", "", None, 1.0),
        ("    :  :     :  :  ", "", "", None, 1.0),
        ("2024:02:30 25:61:00", "", "", None, 1.0),
        ("2024:02:30 10:00:00", "", "", None, 1.0),
        ("2024:05:01 23:59:60", "", "", datetime(2024, 5, 2), 1.0),
        ("2024:05:01 08:41:60", "", "", datetime(2024, 5, 1, 8, 42), 1.0),
        ("2024:05:01 08:41:61", "", "", None, 60.0),
        # Hours from 1 to 24: midnight's own hour is 24, of the day that begins with it.
        ("2024:05:01 24:05:07", "", "", datetime(2024, 5, 1, 0, 5, 7), 1.0),
        ("2024:05:01 25:05:07", "", "", None, 60.0),
        ("2024:05:01  8:41: 7", "", "", datetime(2024, 5, 1, 8, 41, 7), 1.0),
        ("2024: 5: 1  8: 1: 7", "", "", datetime(2024, 5, 1, 8, 1, 7), 1.0),
        ("2024:05:01 08:41:07", "", "+8:00", datetime(2024, 5, 1, 8, 41, 7, tzinfo=SHANGHAI), 1.0),
        ("2024:05:01 08:41:07", "", "+08", datetime(2024, 5, 1, 8, 41, 7, tzinfo=SHANGHAI), 1.0),
        (
            "2024-05-01T08:41:07.0+8:00",
            "",
            "",
            datetime(2024, 5, 1, 8, 41, 7, tzinfo=SHANGHAI),
            0.1,
        ),
        (
            "2024-05-01T08:41:07GMT+08:00",
            "",
            "",
            datetime(2024, 5, 1, 8, 41, 7, tzinfo=SHANGHAI),
            1.0,
        ),
        ("=cmd|' /C calc'!A0", "", "", None, 1.0),
        ("1970:01:01 00:00:00", "", "", datetime(1970, 1, 1), 1.0),
        ("2099:01:01 00:00:00", "", "+99:99", datetime(2099, 1, 1), 1.0),
    ],
)
def test_dates_as_cameras_write_them(
    raw: str, part: str, zone: str, at: datetime | None, resolution_s: float
) -> None:
    assert parse_date(raw, part, zone) == (at, resolution_s)


@given(st.text(max_size=60), st.text(max_size=12), st.text(max_size=12))
def test_no_text_breaks_the_reading_of_dates(raw: str, part: str, zone: str) -> None:
    read = clock("exif.DateTime", raw, part, zone)
    assert len(read.raw) <= 100
    assert read.raw.isprintable()


@given(st.datetimes(datetime(1990, 1, 1), datetime(2098, 1, 1)))
def test_a_written_date_is_read_back(at: datetime) -> None:
    whole = at.replace(microsecond=0)
    assert parse_date(whole.strftime("%Y:%m:%d %H:%M:%S").rjust(19, "0"))[0] == whole


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("IMG_20240101_120000.jpg", datetime(2024, 1, 1, 12)),
        ("VID_20240101_120000.mp4", datetime(2024, 1, 1, 12)),
        ("PXL_20220724_210650210.NIGHT.mp4", datetime(2022, 7, 24, 21, 6, 50, 210_000, UTC)),
        ("mmexport1700000000123.jpg", datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC)),
        ("Screenshot_2024-01-01-12-00-00-55_abc.png", datetime(2024, 1, 1, 12)),
        ("20240101_120000.jpg", datetime(2024, 1, 1, 12)),
        ("20261127084107_000123A.mp4", datetime(2026, 11, 27, 8, 41, 7)),
        ("2026-11-27T004107Z.mp4", datetime(2026, 11, 27, 0, 41, 7, tzinfo=UTC)),
        ("IMG-20240101-WA0007.jpg", datetime(2024, 1, 1)),
        ("微信图片_20240101120000.jpg", datetime(2024, 1, 1, 12)),
        ("IMG_20241301_120000.jpg", None),
        ("IMG_0001.JPG", None),
        ("../../etc/passwd", None),
        ("", None),
        ("\u202egpj.exe\x00\r\n", None),
    ],
)
def test_stamps_in_file_names(name: str, at: datetime | None) -> None:
    stamp = stamp_in(name)
    assert (stamp.at if stamp else None) == at
    assert stamp is None or stamp.source == "filename"


@given(st.text(max_size=300))
def test_no_file_name_breaks_the_search_for_a_stamp(name: str) -> None:
    stamp_in(name)


@pytest.mark.parametrize(
    ("day", "time", "at"),
    [
        ("2026:11:27", (0, 41, 7), datetime(2026, 11, 27, 0, 41, 7, tzinfo=UTC)),
        ("2026:11:27", (24, 0, 7), datetime(2026, 11, 28, 0, 0, 7, tzinfo=UTC)),
        ("2026:11:27", (23, 59, 60), datetime(2026, 11, 28, tzinfo=UTC)),
        ("2026:11:27", (0, 41, 7.5), datetime(2026, 11, 27, 0, 41, 7, tzinfo=UTC)),
        ("2008:05:08 09:54:28", (9, 54, 28), datetime(2008, 5, 8, 9, 54, 28, tzinfo=UTC)),
        ("2026:11:27", (25, 0, 0), None),
        ("2026:11:27", (float("nan"), 0, 0), None),
        ("2026:11:27", (0, 41), None),
        ("2026:02:30", (0, 41, 7), None),
        ("9999:12:31", (24, 0, 0), None),
    ],
)
def test_satellite_times(day: str, time: tuple[float, ...], at: datetime | None) -> None:
    assert satellite_time("exif.GPSDateStamp", day, time).at == at


@pytest.mark.parametrize(
    ("raw", "zone", "is_placeholder"),
    [
        ("2002:12:08 12:00:00", "", True),
        ("2002:12:08 12:00:00", "+08:00", True),
        ("2002:12:08 12:00:01", "", False),
    ],
)
def test_a_placeholder_is_no_statement(raw: str, zone: str, is_placeholder: bool) -> None:  # noqa: FBT001 - a column of the table
    stated = clock("exif.DateTimeOriginal", raw, "", zone)
    assert (stated.is_placeholder, stated.at is None) == (is_placeholder, is_placeholder)


def test_a_movie_header_that_counts_from_1970_is_read_so_and_marked() -> None:
    assert since_1904("mvhd.creation_time", 1_795_768_875) == CaptureClock(
        "mvhd.creation_time",
        "1795768875",
        datetime(2026, 11, 27, 8, 41, 15, tzinfo=UTC),
        marks=(ClockMark.SINCE_1970,),
    )
    assert since_1904("mvhd.creation_time", 2_082_844_799).marks == (ClockMark.SINCE_1970,)
    assert since_1904("mvhd.creation_time", 2_082_844_800).marks == ()


def test_quicktime_seconds() -> None:
    assert since_1904("mvhd.creation_time", 3_753_326_551).at == datetime(
        2022, 12, 8, 6, 42, 31, tzinfo=UTC
    )
    assert since_1904("mvhd.creation_time", 0).at is None
    assert since_1904("mvhd.creation_time", 2**64 - 1).at is None


def test_places() -> None:
    place, wrong = place_from_iso_6709("+31.2304+121.4737+005.000/", "quicktime")
    assert place is not None
    assert (place.latitude, place.longitude, wrong) == (31.2304, 121.4737, "")
    assert place_from_degrees(0, 0, "x") == (None, "")
    for latitude, longitude in ((91, 0), (0, 181), (float("nan"), 1), (float("inf"), 1)):
        assert place_from_degrees(latitude, longitude, "x")[1]
    assert place_from_iso_6709("nowhere", "x")[1]
