"""A line sign read again in the frames around.

Drawn signs that are whole, misread or lit by halves.
"""

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import pytest

from scheme.reading import Box, FrameLooked, LabelSeen, MediaFacts, MediaKind
from verifiers.media.protocol import Frame, Timeline
from verifiers.reading.frames.glance import glance
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.pictures import Pixels
from verifiers.reading.recordings.fusing import fused
from verifiers.reading.signs.route import find_routes
from verifiers.reading.texts.strips import fit_of, strip_of, strip_steps, text_of

WIDE, HIGH = 960, 540
TIMES = (0, 1000, 2000, 3000, 4000)


def box_at(ms: int) -> Box:
    left, top = 300 + ms // 50, 120
    return Box((left + 20) / WIDE, (top + 16) / HIGH, (left + 180) / WIDE, (top + 74) / HIGH)


def lit(text: str) -> Pixels:
    """A dark board of 200 × 90 px with bright figures."""
    board = np.full((90, 200, 3), 18, np.uint8)
    cv2.putText(board, text, (24, 68), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (60, 200, 250), 6)
    return board


def by_halves(board: Pixels, ms: int) -> Pixels:
    """A sign refreshed band by band: each frame lacks other rows."""
    dark = np.arange(board.shape[0]) // 12 % 2 == ms // 1000 % 2
    half = board.copy()
    half[dark] = 18
    return half


class Passing:
    """A street through which a board moves; ``board_at`` draws it."""

    facts = MediaFacts(MediaKind.VIDEO, "mp4", "video/mp4", WIDE, HIGH, 1)

    def __init__(self, board_at: Callable[[int], Pixels]) -> None:
        self.board_at = board_at

    def picture(self, ms: int) -> Pixels:
        coarse = np.random.default_rng(4).integers(70, 150, (9, 16, 3), dtype=np.uint8)
        street = cv2.resize(coarse, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
        left = 300 + ms // 50
        street[120:210, left : left + 200] = self.board_at(ms)
        return street

    def frames(self, times_ms: Sequence[int] | None, max_side: int) -> Iterator[Frame]:
        assert max_side >= WIDE
        for ms in times_ms or ():
            yield Frame(ms, self.picture(ms), 1.0)

    def timeline(self) -> Timeline:
        return Timeline(frames_ms=TIMES)

    def keyframe_times(self) -> tuple[int, ...]:
        return ()

    def close(self) -> None:
        pass

    def swept(self) -> list[Swept]:
        swept = []
        for ms in TIMES:
            small = cv2.resize(self.picture(ms), (512, 288), interpolation=cv2.INTER_AREA).astype(
                np.uint8
            )
            swept.append(Swept(FrameLooked(ms, 1, 1), 0.0, glance(ms, small), small))
        return swept


def label(text: str, ms: int = 2000, probability: float = 0.9) -> LabelSeen:
    return LabelSeen(text, text, probability, box_at(ms), ms)


def test_a_reading_that_the_other_frames_share_stands_for_all_of_them() -> None:
    media = Passing(lambda _ms: lit("926"))
    found = fused(media, media.swept(), [label("926")], find_routes, 1920)
    assert {seen.text for seen in found} == {"926"}
    assert found[0] == label("926")
    assert len({seen.frame_ms for seen in found}) >= 3


def test_a_misread_frame_is_overruled() -> None:
    media = Passing(lambda _ms: lit("926"))
    found = fused(media, media.swept(), [label("920")], find_routes, 1920)
    assert max(found, key=lambda seen: seen.probability).text == "926"
    assert next(seen for seen in found if seen.text == "920").probability == pytest.approx(0.45)


def test_a_sign_lit_by_halves_is_put_together() -> None:
    media = Passing(lambda ms: by_halves(lit("301"), ms))
    found = fused(media, media.swept(), [label("30", probability=0.6)], find_routes, 1920)
    assert "301" in {seen.text for seen in found}
    assert max(found, key=lambda seen: seen.probability).text == "301"


def test_what_two_frames_say_stays_as_it_is() -> None:
    media = Passing(lambda _ms: lit("926"))
    labels = [label("920"), label("920", 3000)]
    assert fused(media, media.swept(), labels, find_routes, 1920) == labels


def test_a_sign_that_is_nowhere_else_stays_as_it_is() -> None:
    media = Passing(lambda ms: lit("926") if ms == 2000 else np.full((90, 200, 3), 110, np.uint8))
    assert fused(media, media.swept(), [label("926")], find_routes, 1920) == [label("926")]


def test_a_strip_says_what_stands_there() -> None:
    strip = strip_of(Passing(lambda _ms: lit("926")).picture(0), box_at(0), (0.3, 0.12))
    assert strip is not None
    steps = strip_steps(strip)
    text, probability = text_of(steps)
    assert (text, probability > 0.8) == ("926", True)
    assert fit_of(steps, "926") > fit_of(steps, "926路") > fit_of(steps, "117")
    assert fit_of(steps, "\u0000") < fit_of(steps, "926")
    assert strip_of(np.zeros((20, 20, 3), np.uint8), Box(1.2, 1.2, 1.4, 1.3), (0, 0)) is None
