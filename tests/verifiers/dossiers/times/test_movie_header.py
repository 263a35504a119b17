"""Movie headers: UTC, the wall clock, or either of the two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from scheme.finding import Outcome
from scheme.reading import Box, CaptureClock, ClockMark, PictureClock, Readings
from tests.verifiers.media import made_files as made
from verifiers.dossiers.times.interval import CaptureInterval, capture_interval
from verifiers.media import open_media

if TYPE_CHECKING:
    from pathlib import Path

    from tests.verifiers.conftest import Making, Scenes

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 27, 0, 41, 7, tzinfo=UTC)  # 08:41:07 in Shanghai
RECEIVED = datetime(2026, 11, 27, 12, tzinfo=UTC)
EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)
EPOCH_1970 = datetime(1970, 1, 1, tzinfo=UTC)
IN_UTC = datetime(2026, 11, 27, 0, 41, 15, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 11, 27, 8, 41, 15, tzinfo=UTC)
DASHCAM, PHONE, NO_NAME = "20261127084107_000123A.mp4", "VID_20261127_084107.mp4", "clip.mp4"


def movie(header: datetime, *, since: datetime = EPOCH_1904, marks: bytes = b"") -> bytes:
    """A short clip whose header names ``header``; ``marks`` are boxes at its end."""
    seconds = int((header - since).total_seconds())
    return made.patched(made.movie(20), b"mvhd", 4, seconds.to_bytes(4, "big")) + marks


def read(folder: Path, data: bytes, name: str) -> Readings:
    path = folder / "evidence"
    path.write_bytes(data)
    media = open_media(path, name)
    media.close()
    return Readings("t", media.facts)


def taken(readings: Readings) -> CaptureInterval:
    return capture_interval(readings, SHANGHAI, RECEIVED)


def holds(interval: CaptureInterval, moment: datetime) -> bool:
    return interval.whole is not None and interval.whole[0] <= moment <= interval.whole[1]


NOVATEK = made.box(b"free", b"GPS " + bytes(28))
SEVENTY_MAI = made.box(b"GPS ", bytes(32))


@pytest.mark.parametrize("marks", [b"", NOVATEK, SEVENTY_MAI])
def test_name_and_header_that_agree_as_local_times_are_local(tmp_path: Path, marks: bytes) -> None:
    interval = taken(read(tmp_path, movie(WALL_CLOCK, marks=marks), DASHCAM))
    assert interval.stated == IN_UTC
    assert holds(interval, START)
    assert not interval.readings
    assert interval.contradictions == ()
    assert interval.read_as == ("mvhd.creation_time:local_time",)


@pytest.mark.parametrize("marks", [b"", NOVATEK])
def test_a_phones_file_stays_utc(tmp_path: Path, marks: bytes) -> None:
    interval = taken(read(tmp_path, movie(IN_UTC, marks=marks), PHONE))
    assert interval.stated == IN_UTC
    assert (interval.contradictions, interval.read_as, interval.readings) == ((), (), ())


@pytest.mark.parametrize(
    ("minutes", "contradictions"),
    [
        (5, ()),
        (140, ("filename:apart",)),
        (-140, ()),  # saved under that name later
        (60, ("filename:zone_off",)),
    ],
)
def test_the_names_time_is_held_against_a_header(
    tmp_path: Path, minutes: int, contradictions: tuple[str, ...]
) -> None:
    named = (START - timedelta(minutes=minutes)).astimezone(SHANGHAI)
    readings = read(tmp_path, movie(IN_UTC), f"VID_{named:%Y%m%d_%H%M%S}.mp4")
    assert taken(readings).contradictions == contradictions


def test_a_header_without_name_or_marks_is_utc_as_the_standard_wants(tmp_path: Path) -> None:
    assert taken(read(tmp_path, movie(IN_UTC), NO_NAME)).stated == IN_UTC


@pytest.mark.parametrize("marks", [NOVATEK, SEVENTY_MAI])
def test_a_recorders_marks_leave_both_readings_open(tmp_path: Path, marks: bytes) -> None:
    interval = taken(read(tmp_path, movie(IN_UTC, marks=marks), NO_NAME))
    assert interval.stated is None
    assert len(interval.readings) == 2
    assert holds(interval, IN_UTC)
    assert holds(interval, IN_UTC - timedelta(hours=8))


def test_a_gopros_handler_is_such_a_mark_and_a_phones_keys_undo_it(tmp_path: Path) -> None:
    data = movie(IN_UTC)
    gopro = data.replace(b"VideoHandler\0", b"\x0bGoPro AVC  \0")
    assert len(taken(read(tmp_path, gopro, NO_NAME)).readings) == 2
    android = made.movie(
        20,
        metadata={"com.android.version": "14"},
        container_options={"movflags": "use_metadata_tags"},
    )
    seconds = int((IN_UTC - EPOCH_1904).total_seconds()).to_bytes(4, "big")
    phones = made.patched(android, b"mvhd", 4, seconds) + NOVATEK
    assert taken(read(tmp_path, phones, NO_NAME)).stated == IN_UTC


def test_a_recorders_header_that_would_lie_in_the_future_is_local(tmp_path: Path) -> None:
    data = movie(WALL_CLOCK + timedelta(hours=5), marks=NOVATEK)
    interval = taken(read(tmp_path, data, NO_NAME))
    assert interval.stated == IN_UTC + timedelta(hours=5)
    assert interval.read_as == ("mvhd.creation_time:local_time",)


def recorders(at: datetime) -> CaptureClock:
    return CaptureClock("mvhd.creation_time", "0", at, marks=(ClockMark.RECORDER,))


def shows(text: str) -> PictureClock:
    return PictureClock(
        datetime.fromisoformat(text), has_date=True, text=text, probability=0.9, box=Box(0, 0, 1, 1)
    )


def test_the_clock_that_a_dashcam_draws_settles_its_header(making: Making) -> None:
    clip = making.clip(
        stamps=(recorders(WALL_CLOCK),), clocks=(shows("2026-11-27 08:41:15"),), clock_run=None
    )
    interval = taken(clip)
    assert interval.read_as == ("mvhd.creation_time:local_time",)
    assert holds(interval, IN_UTC)
    assert interval.contradictions == ()


@pytest.mark.parametrize(
    ("hours", "code"), [(0, "TIME_TWO_READINGS"), (-8, "TIME_TWO_READINGS"), (-4, "TIME_MISMATCH")]
)
def test_where_both_readings_are_open_the_finding_asks(
    scene: Scenes, making: Making, hours: int, code: str
) -> None:
    at = making.at
    clip = making.clip(stamps=(recorders(at),))
    said = scene(files=[clip], claim={"violated_at": at + timedelta(hours=hours)}).by_code()
    assert said[code].outcome is Outcome.REVIEW
    assert "TIME_CONFIRMED" not in said
    assert "stated" not in said[code].details
    assert {"either", "or"} <= set(said[code].details)


def test_without_a_claim_two_readings_are_not_offered_for_the_form(
    scene: Scenes, making: Making
) -> None:
    clip = making.clip(stamps=(recorders(making.at),))
    said = scene(files=[clip], claim={"violated_at": None}).by_code()
    assert "TIME_NOT_CLAIMED" not in {
        code for code, finding in said.items() if finding.check == "capture_time"
    }
    assert "stated" not in said["TIME_TWO_READINGS"].details


def test_a_header_that_counts_from_1970_is_used_and_named(tmp_path: Path) -> None:
    interval = taken(read(tmp_path, movie(IN_UTC, since=EPOCH_1970), PHONE))
    assert interval.stated == IN_UTC
    assert interval.read_as == ("mvhd.creation_time:since_1970",)
    assert interval.contradictions == ()


def test_a_recording_without_a_date_says_nothing(
    tmp_path: Path, scene: Scenes, making: Making
) -> None:
    readings = read(tmp_path, movie(EPOCH_1904), NO_NAME)
    assert readings.facts is not None
    assert readings.facts.flags == ()
    assert taken(readings).contradictions == ()
    clip = making.clip(stamps=readings.facts.clocks)
    said = scene(files=[clip]).by_code()
    assert "TIME_MISSING" in said
    assert "TIME_UNTRUSTED" not in said
