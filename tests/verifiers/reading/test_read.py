"""``read`` as a whole: over a recording that breaks off, and over files that samples draw."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from samples import drawing
from scheme.reading import MediaFacts, MediaKind, Readings
from tests.drawings import Drawings
from verifiers import read
from verifiers.media import open_media
from verifiers.media.protocol import Frame, MediaError, Timeline
from verifiers.version import READER_VERSION

Pixels = NDArray[np.uint8]

DAY = date(2026, 6, 10)


class Numbers:
    """A recording of made pictures, 25 a second; past ``breaks_at_ms`` it cannot be decoded."""

    def __init__(
        self, picture_at: Callable[[int], Pixels], count: int, breaks_at_ms: int = 10**9
    ) -> None:
        self.picture_at, self.breaks_at_ms = picture_at, breaks_at_ms
        self.times = tuple(number * 40 for number in range(count))
        height, width = picture_at(0).shape[:2]
        kind = MediaKind.VIDEO if count > 1 else MediaKind.PHOTO
        self.facts = MediaFacts(kind, "mp4", "video/mp4", width, height, 1)

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        if self.facts.kind is MediaKind.PHOTO:
            times_ms = (0,)
        for ms in self.keyframe_times() if times_ms is None else times_ms:
            if ms >= self.breaks_at_ms:
                raise MediaError("TRUNCATED", f"at {ms}")
            pixels = self.picture_at(ms)
            factor = min(1.0, max_side / max(pixels.shape[:2]))
            small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            yield Frame(
                ms if len(self.times) > 1 else None, np.asarray(small, dtype=np.uint8), factor
            )

    def keyframe_times(self) -> tuple[int, ...]:
        return self.times[::25]

    def timeline(self) -> Timeline:
        return (
            Timeline(self.times, self.keyframe_times(), duration_ms=self.times[-1])
            if len(self.times) > 1
            else Timeline()
        )

    def close(self) -> None:
        pass


def titled(text: str, seed: int = 1) -> Pixels:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(90, 200, (9, 16, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_CUBIC)
    cv2.rectangle(picture, (200, 40), (440, 130), (20, 20, 20), -1)
    cv2.putText(picture, text, (240, 110), cv2.FONT_HERSHEY_SIMPLEX, 2.2, (230, 240, 250), 5)
    return np.asarray(picture, dtype=np.uint8)


def test_a_photo_has_one_of_everything() -> None:
    readings = read(Numbers(lambda _ms: titled("926"), 1))
    assert readings.reader_version == READER_VERSION
    assert [seen.text for seen in readings.routes] == ["926"]
    assert [frame.frame_ms for frame in readings.frames] == [None]
    assert [print_.view for print_ in readings.fingerprints] == list(range(8))
    assert (readings.motion, readings.failures) == (None, ())
    assert Readings.from_json(readings.to_json()) == readings


def test_a_recording_is_read_with_its_cut() -> None:
    readings = read(Numbers(lambda ms: titled("926", 1 if ms < 2000 else 2), 100))
    assert [seen.text for seen in readings.routes][:1] == ["926"]
    assert readings.motion is not None
    assert readings.motion.cuts_ms == (2000,)
    assert len({print_.frame_ms for print_ in readings.fingerprints}) >= 2
    assert readings.failures == ()


def test_what_was_read_before_the_file_broke_off_is_kept() -> None:
    readings = read(Numbers(lambda _ms: titled("926"), 200, breaks_at_ms=4000))
    assert [flag.code for flag in readings.failures] == ["TRUNCATED"]
    assert [seen.text for seen in readings.routes] == ["926"]
    assert readings.frames
    assert all(frame.frame_ms is not None and frame.frame_ms < 4000 for frame in readings.frames)
    assert Readings.from_json(readings.to_json()) == readings


def test_nothing_decodable_is_a_failure_not_an_error() -> None:
    for count in (1, 50):
        readings = read(Numbers(lambda _ms: titled("926"), count, breaks_at_ms=0))
        assert [flag.code for flag in readings.failures] == ["TRUNCATED"]
        assert (readings.texts, readings.frames) == ((), ())


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (9, 9)])
def test_odd_sizes_are_read(size: tuple[int, int]) -> None:
    readings = read(Numbers(lambda _ms: np.full((*size, 3), 90, np.uint8), 1))
    assert readings.failures == ()
    assert readings.plates == ()


@pytest.fixture(scope="module")
def drawn(
    drawings: Drawings, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Readings]:
    folder = tmp_path_factory.mktemp("drawn")

    @cache
    def read_sample(name: str) -> Readings:
        return drawings.readings_of(drawings.draw_on(DAY, name, folder))

    return read_sample


@pytest.mark.parametrize(
    "name", ["bus_front", "bus_front_half_led", "bus_rear", "red_light", "wrong_way"]
)
def test_drawn_buses_are_read(name: str, drawn: Callable[[str], Readings]) -> None:
    told, readings = drawing.sample(name).expected(), drawn(name)
    assert told.plate in {plate.number for plate in readings.plates if plate.certain}
    assert told.route in {seen.text for seen in readings.routes}
    assert all(
        plate.number in {told.plate, "沪C2K816"} for plate in readings.plates if plate.certain
    )
    assert bool(readings.clocks) == told.clock
    assert readings.failures == ()


def test_a_drawn_badge_is_read(drawn: Callable[[str], Readings]) -> None:
    assert [seen.text for seen in drawn("badge").badges] == [drawing.sample("badge").badge]


def test_a_splice_is_a_cut(drawn: Callable[[str], Readings]) -> None:
    whole, spliced = drawn("red_light").motion, drawn("red_light_spliced").motion
    assert whole is not None
    assert spliced is not None
    assert (len(whole.cuts_ms), len(spliced.cuts_ms)) == (0, 1)


def test_reading_twice_gives_the_same(
    drawn: Callable[[str], Readings], drawings: Drawings, tmp_path: Path
) -> None:
    one = drawings.draw_on(DAY, "bus_front", tmp_path)
    with closing(open_media(one.path, one.path.name)) as media:
        assert read(media).to_json() == drawn("bus_front").to_json()
