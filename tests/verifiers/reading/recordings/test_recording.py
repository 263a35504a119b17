"""What a recording's reading asks of the decoder.

Small frames for the sweep, few large ones, closer where unsure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from samples.plates import PlateKind, plate
from scheme.reading import Flag, MediaFacts, MediaKind, Motion, Readings, Sighted
from tests.verifiers.media import made_files as made
from verifiers.media.formats import MP4
from verifiers.media.protocol import Frame, Timeline
from verifiers.media.video import open_video
from verifiers.media.walk import VideoLimits
from verifiers.reading.frames.sweep import SMALL_SIDE
from verifiers.reading.pictures import Pixels, scaled
from verifiers.reading.read import read
from verifiers.reading.recordings import recording
from verifiers.reading.recordings.recording import VIDEO_SIDE

WIDE, HIGH = 1600, 900
NUMBER = "沪A06725"


class Filmed:
    """Made pictures, 25 a second with a keyframe each.

    It notes which times were asked for at which size.
    """

    def __init__(self, picture_at: Callable[[int], Pixels], seconds: int) -> None:
        self.picture_at = picture_at
        self.times = tuple(range(0, seconds * 1000, 40))
        self.facts = MediaFacts(
            MediaKind.VIDEO, "mp4", "video/mp4", WIDE, HIGH, 1, duration_ms=seconds * 1000
        )
        self.asked: dict[int, list[int]] = defaultdict(list)

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        for ms in self.keyframe_times() if times_ms is None else times_ms:
            shown = ms // 40 * 40
            self.asked[max_side].append(shown)
            factor = min(1.0, max_side / WIDE)
            yield Frame(shown, scaled(self.picture_at(shown), factor), factor)

    def keyframe_times(self) -> tuple[int, ...]:
        return self.times[::25]

    def timeline(self) -> Timeline:
        return Timeline(self.times, self.keyframe_times(), duration_ms=self.times[-1] + 40)

    def close(self) -> None:
        pass


def wall(seed: int = 1) -> Pixels:
    coarse = np.random.default_rng(seed).integers(90, 170, (9, 16, 3), dtype=np.uint8)
    return cv2.resize(coarse, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


@cache
def bus(*, smeared: bool = False) -> Pixels:
    """A dark front with a line sign above a plate; drawn once, and asked for by every frame."""
    picture = wall()
    picture[100:760, 420:1180] = (70, 60, 50)
    cv2.putText(picture, "926", (640, 260), cv2.FONT_HERSHEY_SIMPLEX, 4, (60, 210, 250), 12)
    flat = cv2.cvtColor(np.asarray(plate(NUMBER, PlateKind.BLUE, 1.0)), cv2.COLOR_RGB2BGR)
    small = cv2.resize(flat, (220, 70), interpolation=cv2.INTER_AREA)
    picture[620:690, 690:910] = cv2.blur(small, (21, 1)) if smeared else small
    picture.setflags(write=False)
    return picture


def test_what_is_clear_at_once_costs_two_large_frames() -> None:
    shown = bus()
    media = Filmed(lambda _ms: shown, 30)
    readings = read(media)
    assert [seen.number for seen in readings.plates] == [NUMBER]
    assert [seen.text for seen in readings.routes] == ["926"]
    assert len(set(media.asked[VIDEO_SIDE])) <= 2
    assert set(media.asked[SMALL_SIDE]) <= set(media.keyframe_times())
    assert len(media.asked[SMALL_SIDE]) <= 26


def test_a_plate_is_told_in_the_measures_of_the_large_frame_wherever_it_was_read() -> None:
    shown = bus()
    (seen,) = read(Filmed(lambda _ms: shown, 30)).plates
    assert abs(seen.height_px - 70) < 12
    assert abs(seen.box.left - 690 / WIDE) < 0.02


def test_around_an_unsure_plate_more_frames_are_read() -> None:
    clear, smeared = bus(), bus(smeared=True)
    media = Filmed(lambda ms: smeared if ms % 1000 == 0 else clear, 6)
    readings = read(media)
    between = [ms for ms in media.asked[VIDEO_SIDE] if ms % 1000]
    assert between
    assert [seen.number for seen in readings.plates if seen.certain] == [NUMBER]


def test_the_timeline_covers_what_was_in_view() -> None:
    empty, shown = wall(), bus()
    readings = read(Filmed(lambda ms: shown if 5000 <= ms <= 12_000 else empty, 20))
    told = {(seen.what, seen.text): seen.spans for seen in readings.timeline}
    for key in ((Sighted.PLATE, NUMBER), (Sighted.ROUTE, "926")):
        (span,) = told[key]
        assert 5000 <= span.from_ms <= 6000
        assert 11_000 <= span.to_ms <= 12_000


def panned(number: int, width: int, height: int) -> Pixels:
    """A frame of a steady pan along a wall."""
    return np.ascontiguousarray(wall()[:height, 4 * number : 4 * number + width])


def test_where_the_reader_stops_there_is_no_hole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "frame", panned)
    path = tmp_path / "long.mp4"
    path.write_bytes(made.movie(140, size=(320, 180), keyframe_every=140))
    media = open_video(path.open("rb"), "long.mp4", MP4, VideoLimits(duration_ms=10_000))
    with closing(media):
        readings = read(media)
    assert readings.facts is not None
    assert readings.facts.duration_ms == 14_000
    assert [flag.code for flag in readings.facts.flags] == ["RECORDING_LONG"]
    assert readings.motion == Motion()
    assert readings.failures == ()
    assert readings.frames[-1].frame_ms == 10_000


@cache
def whole_film() -> Readings:
    return read(Filmed(lambda _ms: bus(), 1))


@pytest.mark.parametrize(
    ("part", "part_named", "lost"),
    [
        ("motion_of", "motion", "motion"),
        ("hints_of", "hints", "hints"),
        ("timeline_of", "sightings", "timeline"),
        ("read_texts", "texts", "texts"),
        ("find_plates", "plates", "plates"),
        ("fingerprints", "fingerprints", "fingerprints"),
        ("read_overlays", "clocks", "clocks"),
    ],
)
def test_a_part_that_fails_loses_no_other_part(
    part: str, part_named: str, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("沪A06725 would stand in a log")

    whole = whole_film()
    monkeypatch.setattr(recording, part, broken)
    with capture_logs() as logged:
        readings = read(Filmed(lambda _ms: bus(), 1))
    assert readings.failures == (Flag("READING_INCOMPLETE"),)
    kept = {
        name
        for name in ("motion", "texts", "plates", "fingerprints", "frames")
        if getattr(whole, name)
    }
    assert {name for name in kept if getattr(readings, name)} >= kept - {lost}
    assert {entry["part"] for entry in logged} == {part_named}
    assert len({entry["place"] for entry in logged}) == len(logged)  # however many frames it met
    assert f"test_recording.py:{broken.__code__.co_firstlineno + 1} broken < " in logged[0]["place"]
    assert "沪A06725" not in str(logged)
