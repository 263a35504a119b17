"""What a file's own fields state, each by what it is worth and in its own zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheme.reading import MediaFacts, MediaKind, Readings
from tests.verifiers.media import made_files as made
from verifiers.dossiers.times.interval import CaptureInterval, capture_interval
from verifiers.media.metadata import of_photo

if TYPE_CHECKING:
    from tests.verifiers.conftest import Making, Scenes

SHANGHAI = ZoneInfo("Asia/Shanghai")
TRUTH = datetime(2026, 11, 27, 0, 41, 7, tzinfo=UTC)
RECEIVED = TRUTH + timedelta(days=1)
MODIFIED, ORIGINAL = 0x0132, 0x9003
OFFSET, OFFSET_ORIGINAL = 0x9010, 0x9011


def taken(main: dict[int, str], own: dict[int, str], name: str = "IMG_1.JPG") -> CaptureInterval:
    """What a photo with these EXIF texts says."""
    exif = made.tiff(
        [made.text_entry(tag, text) for tag, text in main.items()],
        [made.text_entry(tag, text) for tag, text in own.items()],
    )
    clocks = tuple(of_photo(exif, b"", name).clocks)
    facts = MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", 1, 1, 1, clocks=clocks)
    return capture_interval(Readings("t", facts), SHANGHAI, RECEIVED)


def test_an_editors_offset_does_not_belong_to_the_originals_time() -> None:
    edited = taken(
        {MODIFIED: "2026:11:26 20:11:07"}, {ORIGINAL: "2026:11:27 08:41:07", OFFSET: "-05:00"}
    )
    assert edited.stated == TRUTH
    assert edited.contradictions == ()


def test_the_offset_of_a_change_at_the_shutter_is_the_cameras_own() -> None:
    at_once = taken(
        {MODIFIED: "2026:11:27 09:41:08"}, {ORIGINAL: "2026:11:27 09:41:07", OFFSET: "+09:00"}
    )
    assert at_once.stated == TRUTH
    assert at_once.contradictions == ()


def test_short_offsets_and_blanks_for_zeros_date_a_photo() -> None:
    for offset in ("+8:00", "+08"):
        own = {ORIGINAL: "2026:11:27  8:41: 7", OFFSET_ORIGINAL: offset}
        assert taken({}, own).stated == TRUTH


def test_the_hour_24_is_the_first_of_its_day() -> None:
    own = {ORIGINAL: "2026:11:27 24:05:07", OFFSET_ORIGINAL: "+08:00"}
    midnight = taken({}, own, "IMG_20261127_000507.jpg")
    assert midnight.stated == datetime(2026, 11, 26, 16, 5, 7, tzinfo=UTC)
    assert midnight.contradictions == ()


def test_a_placeholder_neither_dates_nor_contradicts(scene: Scenes, making: Making) -> None:
    alone = taken({}, {ORIGINAL: "2002:12:08 12:00:00"})
    assert (alone.whole, alone.contradictions) == (None, ())
    beside = taken({MODIFIED: "2026:11:27 08:41:07"}, {ORIGINAL: "2002:12:08 12:00:00"})
    assert (beside.stated, beside.contradictions) == (TRUTH, ())
    exif = made.tiff([], [made.text_entry(ORIGINAL, "2002:12:08 12:00:00")])
    placeholder = tuple(of_photo(exif, b"", "IMG_1.JPG").clocks)
    said = scene(files=[making.photo(stamps=placeholder)]).by_code()
    assert "TIME_MISSING" in said
    assert not {"TIME_UNTRUSTED", "TIME_CONTRADICTION", "TIME_MISMATCH"} & set(said)
