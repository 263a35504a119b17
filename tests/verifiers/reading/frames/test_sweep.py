"""Which frames are worth a look."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scheme.reading import FrameLooked
from verifiers.reading.frames.glance import glance
from verifiers.reading.frames.sweep import (
    LEAST_SWEPT,
    MOST_SWEPT,
    MOST_TEXT_PASSES,
    Swept,
    shows_something_new,
    sweep_times,
    worth_reading,
)
from verifiers.reading.pictures import Pixels


@given(st.integers(min_value=0, max_value=4000), st.integers(min_value=1, max_value=200))
def test_a_sweep_has_first_and_last_and_knows_its_limits(count: int, step_ms: int) -> None:
    frames = tuple(number * step_ms for number in range(count))
    times = sweep_times(frames, frames[::25])
    assert set(times) <= set(frames)
    assert list(times) == sorted(set(times))
    assert len(times) <= MOST_SWEPT
    assert len(times) >= min(count, LEAST_SWEPT)
    if not set(times) <= set(frames[::25]):
        assert (times[0], times[-1]) == (frames[0], frames[-1])


def test_a_minute_is_swept_every_other_second_and_a_short_clip_every_second() -> None:
    minute, short = tuple(range(0, 60_001, 40)), tuple(range(0, 20_001, 40))
    assert len(sweep_times(minute, minute[::25])) == 31
    assert len(sweep_times(short, short[::25])) == 21


def test_where_keyframes_are_rare_no_stretch_of_four_seconds_goes_unseen() -> None:
    minute = tuple(range(0, 60_001, 40))
    assert max(np.diff(sweep_times(minute, minute[::250]))) < 4000


BLANK: Pixels = np.zeros((90, 160, 3), np.uint8)


def swept(ms: int, sharpness: float, plate: float = 0.0, picture: Pixels = BLANK) -> Swept:
    return Swept(FrameLooked(ms, sharpness, 100.0), plate, glance(ms, picture), picture)


def test_the_closest_plate_first_then_the_sharpest_of_each_stretch() -> None:
    minute = [
        swept(second * 1000, 50 + (second % 10 == 3) * 100, 0.02 + (second == 41) * 0.1)
        for second in range(61)
    ]
    chosen = worth_reading(minute)
    assert len(chosen) == 4
    assert chosen[0] == 41_000
    assert all(ms // 1000 % 10 == 3 for ms in chosen[1:])


def test_long_recordings_have_no_more_passes_than_allowed() -> None:
    assert (
        len(worth_reading([swept(second * 1000, 50) for second in range(301)])) == MOST_TEXT_PASSES
    )


def test_a_single_frame_and_none() -> None:
    assert worth_reading([swept(0, 10)]) == (0,)
    assert worth_reading([]) == ()


def test_a_panned_view_is_nothing_new() -> None:
    rng = np.random.default_rng(2)
    wide = np.repeat(
        np.repeat(rng.integers(0, 255, (9, 40, 3), dtype=np.uint8), 20, axis=0), 20, axis=1
    )
    here, beside, elsewhere = (
        swept(at, 10, picture=np.ascontiguousarray(wide[:, at : at + 320])) for at in (0, 40, 480)
    )
    assert not shows_something_new(beside, [elsewhere, here])
    assert shows_something_new(elsewhere, [here, beside])
    assert shows_something_new(here, [])
