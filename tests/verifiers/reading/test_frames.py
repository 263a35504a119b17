"""Which frames are worth a look."""

from hypothesis import given
from hypothesis import strategies as st

from scheme.reading import FrameLooked
from verifiers.reading.frames import LEAST_SWEPT, MOST_SWEPT, MOST_TEXT_PASSES, Swept, sweep_times, worth_reading


@given(st.integers(min_value=0, max_value=4000), st.integers(min_value=1, max_value=200))
def test_a_sweep_has_first_and_last_and_knows_its_limits(count: int, step_ms: int) -> None:
    frames = tuple(number * step_ms for number in range(count))
    times = sweep_times(frames, frames[::25])
    assert set(times) <= set(frames)
    assert list(times) == sorted(set(times))
    assert len(times) <= MOST_SWEPT
    if len(frames[::25]) >= LEAST_SWEPT:
        assert set(times) <= set(frames[::25])
        return
    assert len(times) >= min(count, LEAST_SWEPT)
    if frames:
        assert (times[0], times[-1]) == (frames[0], frames[-1])


def swept(ms: int, sharpness: float, plate: float = 0.0) -> Swept:
    return Swept(FrameLooked(ms, sharpness, 100.0), plate)


def test_the_sharpest_of_each_stretch_and_the_closest_plate() -> None:
    minute = [swept(second * 1000, 50 + (second % 10 == 3) * 100, 0.02 + (second == 41) * 0.1) for second in range(61)]
    chosen = worth_reading(minute)
    assert len(chosen) == 4
    assert 41_000 in chosen
    assert sum(ms // 1000 % 10 == 3 for ms in chosen) >= 3


def test_long_recordings_have_no_more_passes_than_allowed() -> None:
    assert len(worth_reading([swept(second * 1000, 50) for second in range(301)])) == MOST_TEXT_PASSES


def test_a_single_frame_and_none() -> None:
    assert worth_reading([swept(0, 10)]) == (0,)
    assert worth_reading([]) == ()
