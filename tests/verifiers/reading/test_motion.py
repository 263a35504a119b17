"""Cuts, pans and stills on recordings made of numbers."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scheme.reading import Span
from verifiers.media.protocol import Timeline
from verifiers.reading.frames import sweep_times
from verifiers.reading.motion import Glance, glance, likeness, motion_of

Pixels = NDArray[np.uint8]


def scene(seed: int, wide: int = 960) -> Pixels:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (18, wide // 30, 3), dtype=np.uint8)
    return cv2.resize(coarse, (wide, 360), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def recording(picture_at: Callable[[int], Pixels], count: int, step_ms: int = 40) -> tuple[Timeline, list[Glance]]:
    times = tuple(number * step_ms for number in range(count))
    return Timeline(frames_ms=times), [glance(ms, picture_at(ms)) for ms in sweep_times(times, times[::25])]


def looker(picture_at: Callable[[int], Pixels], asked: list[int]) -> Callable[[Sequence[int]], Mapping[int, Glance]]:
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
