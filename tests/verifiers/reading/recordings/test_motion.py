"""Cuts, pans and stills on recordings made of numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scheme.reading import Span
from tests.verifiers.reading.frames.test_glance import scene
from verifiers.media.protocol import Timeline
from verifiers.reading.frames.glance import Glance, glance, likeness
from verifiers.reading.frames.sweep import sweep_times
from verifiers.reading.recordings.motion import motion_of

Pixels = NDArray[np.uint8]


def recording(
    picture_at: Callable[[int], Pixels], count: int, step_ms: int = 40
) -> tuple[Timeline, list[Glance]]:
    times = tuple(number * step_ms for number in range(count))
    return Timeline(frames_ms=times), [
        glance(ms, picture_at(ms)) for ms in sweep_times(times, times[::25])
    ]


def with_sizes(
    timeline: Timeline, heavy_ms: Sequence[int], light_ms: Sequence[int] = ()
) -> Timeline:
    """A keyframe a second, other frames of about a kilobyte.

    ``heavy_ms`` cost ten times that, ``light_ms`` nothing.
    """
    rng = np.random.default_rng(len(timeline.frames_ms))
    sizes = [int(size) for size in rng.integers(900, 1100, len(timeline.frames_ms))]
    for position, ms in enumerate(timeline.frames_ms):
        if ms in heavy_ms or ms % 1000 == 0:
            sizes[position] = 10_000
        elif ms in light_ms:
            sizes[position] = 19
    keyframes = tuple(ms for ms in timeline.frames_ms if ms % 1000 == 0)
    return replace(timeline, sizes=tuple(sizes), keyframes_ms=keyframes)


def looker(
    picture_at: Callable[[int], Pixels], asked: list[int]
) -> Callable[[Sequence[int]], Mapping[int, Glance]]:
    def look(times: Sequence[int]) -> Mapping[int, Glance]:
        asked.extend(times)
        return {ms: glance(ms, picture_at(ms)) for ms in times}

    return look


def test_a_cut_is_found_to_the_frame_with_few_looks() -> None:
    first, second = scene(1), scene(2)

    def picture_at(ms: int) -> Pixels:
        whole = first if ms < 7360 else second
        return np.ascontiguousarray(whole[:, ms // 400 : ms // 400 + 640])

    timeline, glances = recording(picture_at, 500)
    asked: list[int] = []
    motion = motion_of(glances, timeline, looker(picture_at, asked))
    assert motion.cuts_ms == (7360,)
    assert len(asked) < 20


def test_a_fast_pan_is_no_cut() -> None:
    wide = scene(3, 6000)

    def picture_at(ms: int) -> Pixels:
        left = min(5300, max(0, ms - 4000) * 2)
        return np.ascontiguousarray(wide[:, left : left + 640])

    timeline, glances = recording(picture_at, 250)
    assert min(likeness(a, b) for a, b in pairwise(glances)) < 0.5
    assert motion_of(glances, timeline, looker(picture_at, [])).cuts_ms == ()


def test_a_still_is_frozen_and_a_noisy_one_is_not() -> None:
    still = scene(4)[:, :640]
    timeline, glances = recording(lambda _ms: np.ascontiguousarray(still), 200)
    assert motion_of(glances, timeline, lambda _times: {}).frozen == (Span(0, 199 * 40),)

    def noisy(ms: int) -> Pixels:
        rng = np.random.default_rng(ms)
        return np.clip(still + rng.normal(0, 12, still.shape), 0, 255).astype(np.uint8)

    timeline, glances = recording(noisy, 200)
    assert motion_of(glances, timeline, looker(noisy, [])).frozen == ()


def test_what_the_container_says_is_passed_on() -> None:
    timeline = Timeline(frames_ms=(0, 40), gaps=(Span(0, 2000),), edit_lists=1)
    motion = motion_of([], timeline, lambda _times: {})
    assert (motion.gaps, motion.edit_lists, motion.cuts_ms) == ((Span(0, 2000),), 1, ())


def test_a_decoder_that_gives_up_leaves_the_question_open() -> None:
    timeline, glances = recording(lambda ms: scene(1 + ms // 5000)[:, :640], 250)
    assert motion_of(glances, timeline, lambda _times: {}).cuts_ms == ()


def cut_at(ms: int) -> Callable[[int], Pixels]:
    return lambda at: np.ascontiguousarray(scene(1 if at < ms else 2)[:, :640])


def test_only_frames_that_took_many_bytes_are_looked_at() -> None:
    timeline, glances = recording(cut_at(7360), 500)
    asked: list[int] = []
    motion = motion_of(glances, with_sizes(timeline, [7360]), looker(cut_at(7360), asked))
    assert motion.cuts_ms == (7360,)
    assert len(set(asked)) < 15
    assert motion_of(glances, with_sizes(timeline, []), looker(cut_at(7360), [])).cuts_ms == ()


def test_frames_predicted_from_a_heavy_one_may_show_the_new_scene_before_it() -> None:
    timeline, glances = recording(cut_at(7280), 500)
    assert motion_of(glances, with_sizes(timeline, [7360]), looker(cut_at(7280), [])).cuts_ms == (
        7280,
    )


def test_a_flash_and_an_exposure_jump_are_no_cuts() -> None:
    street = scene(5)[:, :640]

    def picture_at(ms: int) -> Pixels:
        if ms == 7360:
            return np.ascontiguousarray(scene(6)[:, :640])
        return np.ascontiguousarray(street if ms < 12_000 else (street // 3 + 90).astype(np.uint8))

    timeline, glances = recording(picture_at, 500)
    glances = sorted([*glances, glance(7360, picture_at(7360))], key=lambda one: one.ms)
    timeline = with_sizes(timeline, [7360, 7400, 12_000])
    assert motion_of(glances, timeline, looker(picture_at, [])).cuts_ms == ()


def test_a_jump_after_a_held_picture_is_no_cut() -> None:
    timeline, glances = recording(cut_at(7360), 500)
    held = range(6960, 7360, 40)
    assert (
        motion_of(glances, with_sizes(timeline, [7360], held), looker(cut_at(7360), [])).cuts_ms
        == ()
    )


def test_a_copied_stretch_is_repeated() -> None:
    timeline, glances = recording(lambda _ms: scene(9)[:, :640], 300)
    sizes = [int(size) for size in np.random.default_rng(9).integers(500, 4000, 300)]
    sizes[200:250] = sizes[50:100]
    copied = motion_of(glances, replace(timeline, sizes=tuple(sizes)), lambda _times: {})
    assert copied.repeated == (Span(8000, 249 * 40),)
    still = motion_of(glances, replace(timeline, sizes=(700,) * 300), lambda _times: {})
    assert still.repeated == ()


def test_a_window_that_switches_on_a_screen_is_no_cut_and_black_bars_hide_none() -> None:
    def framed(level: int, ms: int) -> Pixels:
        picture = np.full((360, 640, 3), level, np.uint8)
        picture[90:270] = scene(1 if ms < 7360 else 2)[90:270, :640]
        return picture

    for level, cuts in ((220, ()), (0, (7360,))):
        timeline, glances = recording(lambda ms, level=level: framed(level, ms), 500)  # type: ignore[misc]
        look = looker(lambda ms, level=level: framed(level, ms), [])  # type: ignore[misc]
        assert motion_of(glances, timeline, look).cuts_ms == cuts


def test_a_stretch_that_was_encoded_anew_is_repeated_too() -> None:
    wide = scene(11, 6000)

    def picture_at(ms: int) -> Pixels:
        left = (ms if ms < 12_000 else ms - 9000) // 4
        noise = np.random.default_rng(ms).normal(0, 4, (360, 640, 3))
        return np.clip(wide[:, left : left + 640] + noise, 0, 255).astype(np.uint8)

    timeline, glances = recording(picture_at, 450)
    assert motion_of(glances, timeline, lambda _times: {}).repeated == (Span(12_000, 17_000),)


def test_a_street_in_which_little_moves_is_not_repeated() -> None:
    still = scene(12)[:, :640]

    def picture_at(ms: int) -> Pixels:
        return np.clip(still + np.random.default_rng(ms).normal(0, 6, still.shape), 0, 255).astype(
            np.uint8
        )

    timeline, glances = recording(picture_at, 450)
    assert motion_of(glances, timeline, lambda _times: {}).repeated == ()
