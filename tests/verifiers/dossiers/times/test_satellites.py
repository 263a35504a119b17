"""Satellite times: lost weeks, and fixes that are older than the shutter."""

# ruff: noqa: DTZ001 - cameras write times without a zone
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.reading import CaptureClock, MediaFacts, MediaKind, Readings
from tests.verifiers.media import made_files as made
from verifiers.dossiers.times.interval import CaptureInterval, capture_interval
from verifiers.dossiers.times.satellites import LOST
from verifiers.dossiers.times.statements import Worth
from verifiers.media.metadata import of_photo

SHANGHAI = ZoneInfo("Asia/Shanghai")
TRUTH = datetime(2026, 11, 27, 0, 41, 7, tzinfo=UTC)
LOCAL = TRUTH.astimezone(timezone(timedelta(hours=8)))
RECEIVED = TRUTH + timedelta(hours=2)


def photo(*clocks: CaptureClock) -> Readings:
    return Readings("t", MediaFacts(MediaKind.PHOTO, "any", "any", 4000, 3000, 1, clocks=clocks))


def taken(*clocks: CaptureClock, not_after: datetime = RECEIVED) -> CaptureInterval:
    return capture_interval(photo(*clocks), SHANGHAI, not_after)


def fix(at: datetime) -> CaptureClock:
    return CaptureClock("exif.GPSDateStamp", "as written", at)


def shutter(at: datetime) -> CaptureClock:
    return CaptureClock("exif.DateTimeOriginal", "as written", at)


def holds(interval: CaptureInterval, moment: datetime) -> bool:
    return interval.whole is not None and interval.whole[0] <= moment <= interval.whole[1]


def test_a_photo_whose_receiver_lost_1024_weeks_is_dated_by_its_own_clock() -> None:
    exif = made.tiff_with_gps_time("2026:11:27 08:41:07", "+08:00", "2007:04:13", (0, 41, 7))
    stored = of_photo(exif, b"", "IMG_0001.JPG")
    interval = taken(*stored.clocks)
    assert interval.stated == TRUTH
    assert holds(interval, TRUTH)
    assert (interval.contradictions, interval.read_as) == ((), ("exif.GPSDateStamp:gps_week",))


@pytest.mark.parametrize("times", [1, 2])
def test_alone_a_lost_date_is_moved_towards_the_day_of_receipt(times: int) -> None:
    interval = taken(fix(TRUTH - times * LOST))
    assert holds(interval, TRUTH)
    assert interval.read_as == ("exif.GPSDateStamp:gps_week",)


def test_an_old_photo_stays_old() -> None:
    then = TRUTH - LOST + timedelta(days=40)
    interval = taken(fix(then), shutter(then))
    assert holds(interval, then)
    assert interval.read_as == ()
    own = TRUTH - LOST
    assert holds(taken(fix(own), shutter(own)), own)
    assert holds(taken(fix(TRUTH - LOST - timedelta(days=200))), TRUTH - LOST - timedelta(days=200))


def test_a_clock_that_was_never_set_does_not_keep_lost_weeks() -> None:
    interval = taken(fix(TRUTH - LOST), shutter(datetime(2020, 1, 1, 0, 3)))
    assert holds(interval, TRUTH)
    assert interval.contradictions == ("exif.DateTimeOriginal:apart",)


@given(st.integers(1, 2), st.timedeltas(timedelta(), timedelta(minutes=4)))
def test_whatever_was_lost_and_however_old_the_fix_the_truth_is_inside(
    times: int, age: timedelta
) -> None:
    interval = taken(fix(TRUTH - age - times * LOST), shutter(LOCAL))
    assert holds(interval, TRUTH)
    assert interval.contradictions == ()


@pytest.mark.parametrize("minutes", [7, 37, 180, 1000])
def test_a_fix_older_than_the_shutter_is_a_lower_bound(minutes: int) -> None:
    interval = taken(fix(TRUTH - timedelta(minutes=minutes)), shutter(LOCAL))
    assert interval.stated == TRUTH
    assert interval.whole == (TRUTH - timedelta(seconds=30), TRUTH + timedelta(seconds=31))
    assert interval.sources == ("exif.DateTimeOriginal",)
    assert (interval.contradictions, interval.read_as) == ((), ("exif.GPSDateStamp:old_fix",))


def test_a_fix_that_agrees_confirms_the_shutter_and_cuts_off_what_is_earlier() -> None:
    interval = taken(fix(TRUTH), shutter(LOCAL.replace(tzinfo=None)))
    assert interval.whole == (TRUTH - timedelta(seconds=1), TRUTH + timedelta(seconds=91))
    assert (interval.worth, interval.stated) == (Worth.SATELLITE, TRUTH)
    assert interval.sources == ("exif.DateTimeOriginal", "exif.GPSDateStamp")


def test_a_fix_of_another_day_is_a_question() -> None:
    interval = taken(fix(TRUTH - timedelta(days=3)), shutter(LOCAL))
    assert interval.contradictions == ("exif.GPSDateStamp:apart",)
    assert interval.stated == TRUTH


def test_a_fix_younger_than_the_shutter_is_a_contradiction_and_the_fix_counts() -> None:
    interval = taken(fix(TRUTH), shutter(LOCAL - timedelta(minutes=25)))
    assert interval.contradictions == ("exif.DateTimeOriginal:apart",)
    assert interval.stated == TRUTH
