"""Clocks written into a recording, drawn and read over many frames."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import cv2
import numpy as np
import pytest

from scheme.reading import Box, FrameLooked, MediaFacts, MediaKind, TextSeen
from verifiers.media.protocol import Frame, Timeline
from verifiers.reading.clocks.overlay import read_overlays
from verifiers.reading.frames.glance import glance
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.pictures import Pixels

START = datetime(2026, 6, 10, 8, 41, 7)  # noqa: DTZ001 -- a picture's clock has no zone
LAST_MS = 24_000
SIZE = (320, 640)
PLACE = Box(20 / 640, 292 / 320, 330 / 640, 312 / 320)


class Recording:
    """A dark street with a text written into each frame.

    Only what the reading of overlays asks for.
    """

    facts = MediaFacts(MediaKind.VIDEO, "mp4", "video/mp4", SIZE[1], SIZE[0], 1)

    def __init__(self, text_at: Callable[[int], str]) -> None:
        self.text_at = text_at

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        assert max_side >= max(SIZE)
        for ms in times_ms or ():
            yield Frame(ms, self.picture(ms), 1.0)

    def picture(self, ms: int) -> Pixels:
        picture = np.random.default_rng(ms).integers(20, 70, (*SIZE, 3), dtype=np.uint8)
        cv2.putText(
            picture, self.text_at(ms), (20, 310), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (240, 240, 240), 2
        )
        return picture

    def timeline(self) -> Timeline:
        return Timeline(frames_ms=tuple(range(0, LAST_MS + 1, 40)), duration_ms=LAST_MS + 40)

    def keyframe_times(self) -> tuple[int, ...]:
        return ()

    def close(self) -> None:
        pass


def swept(recording: Recording) -> list[Swept]:
    pictures = {ms: recording.picture(ms) for ms in range(0, LAST_MS, 2000)}
    return [Swept(FrameLooked(ms, 1, 1), 0, glance(ms, one), one) for ms, one in pictures.items()]


def ticking(rate: float = 1.0, style: str = "%Y-%m-%d %H:%M:%S") -> Callable[[int], str]:
    return lambda ms: (START + timedelta(milliseconds=rate * ms + 400)).strftime(style)


def test_a_clock_is_read_to_the_second_at_both_ends() -> None:
    recording = Recording(ticking())
    told = (TextSeen(recording.text_at(8000), 0.9, PLACE, 8000),)
    clocks, run = read_overlays(recording, recording.timeline(), swept(recording), told, 1920)
    assert run is not None
    assert run.rate == 1
    assert run.frames >= 10
    assert (clocks[0].frame_ms, clocks[0].at, clocks[0].has_date) == (0, START, True)
    assert (clocks[-1].frame_ms, clocks[-1].at) == (LAST_MS, START + timedelta(seconds=24))


@pytest.mark.parametrize("rate", [0.0, 0.5, 4.0])
def test_another_rate_is_named(rate: float) -> None:
    recording = Recording(ticking(rate))
    told = (TextSeen(recording.text_at(0), 0.9, PLACE, 0),)
    clocks, run = read_overlays(recording, recording.timeline(), swept(recording), told, 1920)
    assert run is not None
    assert run.rate == pytest.approx(rate, abs=0.06)
    assert clocks[0].at == START
    assert abs((clocks[-1].at - START).total_seconds() - rate * 24) <= 1


def test_a_frame_that_shows_another_time_is_dropped_and_an_end_is_told_by_the_others() -> None:
    honest = ticking()
    recording = Recording(lambda ms: "2026-06-10 03:11:59" if ms in (0, 6000) else honest(ms))
    told = (TextSeen(honest(8000), 0.9, PLACE, 8000),)
    clocks, _ = read_overlays(recording, recording.timeline(), swept(recording), told, 1920)
    assert 6000 not in {clock.frame_ms for clock in clocks}
    assert clocks[0].at == START


def test_what_never_ticks_together_is_no_clock() -> None:
    recording = Recording(
        lambda ms: f"{(ms * 7919) % 24:02}:{(ms // 40 * 31) % 60:02}:{(ms // 40 * 17) % 60:02}"
    )
    told = (TextSeen("12:31:17", 0.9, PLACE, 0),)
    assert read_overlays(recording, recording.timeline(), swept(recording), told, 1920) == (
        (),
        None,
    )


def test_without_a_time_among_the_texts_nothing_is_fetched() -> None:
    recording = Recording(ticking())
    told = (TextSeen("49\u8def \u4eba\u6c11\u5e7f\u573a", 0.9, PLACE, 0),)
    assert read_overlays(recording, recording.timeline(), swept(recording), told, 1920) == (
        (),
        None,
    )
