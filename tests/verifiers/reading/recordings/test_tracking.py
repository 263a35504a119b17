"""The timeline: stretches in which a thing is legible, by what was read and found again."""

import cv2
import numpy as np

from scheme.reading import Box, FrameLooked, LabelSeen, PictureClock, Sighted, Span
from verifiers.reading.clocks.clock import NO_DATE
from verifiers.reading.frames.glance import glance
from verifiers.reading.frames.sweep import Swept
from verifiers.reading.recordings.tracking import found_again, timeline_of

WIDE, HIGH = 512, 288


def street(ms: int, sign_at: tuple[int, int] | None, *, shift: int = 0, seed: int = 1) -> Swept:
    """A street seen ``shift`` pixels further to the right, with a sign from ``sign_at`` on."""
    coarse = np.random.default_rng(seed).integers(60, 160, (9, 24, 3), dtype=np.uint8)
    whole = cv2.resize(coarse, (WIDE + 256, HIGH), interpolation=cv2.INTER_CUBIC)
    picture = np.ascontiguousarray(whole[:, shift : shift + WIDE]).astype(np.uint8)
    if sign_at is not None:
        x, y = sign_at
        cv2.rectangle(picture, (x, y), (x + 60, y + 24), (15, 15, 15), -1)
        cv2.putText(
            picture, "49", (x + 12, y + 20), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (40, 180, 250), 2
        )
    return Swept(FrameLooked(ms, 100, 100), 0.0, glance(ms, picture), picture)


def box(x: int, y: int) -> Box:
    return Box(x / WIDE, y / HIGH, (x + 60) / WIDE, (y + 24) / HIGH)


def sign(ms: int, at: tuple[int, int], text: str = "49", probability: float = 0.9) -> LabelSeen:
    return LabelSeen(text, text, probability, box(*at), ms)


def test_a_sign_is_found_again_where_the_bus_has_moved_and_the_camera_panned() -> None:
    swept = [street(0, (300, 90)), street(1000, (270, 92), shift=20), street(2000, None, shift=20)]
    found = list(found_again(swept, 0, box(300, 90)))
    assert [frame.ms for frame, _ in found] == [1000]
    assert abs(found[0][1].left * WIDE - 270) < 3
    assert list(found_again(swept, 500, box(300, 90))) == []


def test_a_sign_is_legible_from_when_to_when_it_is_found() -> None:
    swept = [
        street(ms, (200 + ms // 100, 100) if 2000 <= ms <= 6000 else None)
        for ms in range(0, 10_000, 1000)
    ]
    (seen,) = timeline_of(swept, ((), ()), [(Sighted.ROUTE, [sign(4000, (240, 100))])], ())
    assert (seen.what, seen.text, seen.spans) == (Sighted.ROUTE, "49", (Span(2000, 6000),))
    assert seen.best_ms == 4000


def test_a_sign_that_was_away_has_two_stretches() -> None:
    swept = [
        street(ms, (200, 100) if ms <= 2000 or ms >= 7000 else None)
        for ms in range(0, 10_000, 1000)
    ]
    labels = [sign(1000, (200, 100)), sign(8000, (200, 100), probability=0.8)]
    (seen,) = timeline_of(swept, ((), ()), [(Sighted.ROUTE, labels)], ())
    assert seen.spans == (Span(0, 2000), Span(7000, 9000))


def test_two_readings_do_not_join_over_a_frame_in_which_the_sign_is_not_found() -> None:
    labels = [sign(0, (200, 100)), sign(4000, (200, 100))]
    for middle, spans in (((210, 100), (Span(0, 4000),)), (None, (Span(0, 0), Span(4000, 4000)))):
        swept = [street(0, (200, 100)), street(2000, middle), street(4000, (200, 100))]
        (seen,) = timeline_of(swept, ((), ()), [(Sighted.ROUTE, labels)], ())
        assert seen.spans == spans


def test_what_is_hardly_read_is_no_sighting() -> None:
    swept = [street(0, None)]
    assert (
        timeline_of(swept, ((), ()), [(Sighted.ROUTE, [sign(0, (200, 100), probability=0.3)])], ())
        == ()
    )


def shown(ms: int) -> PictureClock:
    return PictureClock(
        at=NO_DATE,
        has_date=False,
        text="08:41:07",
        probability=0.9,
        box=Box(0, 0.9, 0.4, 1),
        frame_ms=ms,
    )


def test_a_clock_is_there_between_its_readings() -> None:
    clocks = [shown(ms) for ms in (0, 10_000, 40_000)]
    (seen,) = timeline_of([street(0, None)], ((), ()), (), clocks)
    assert (seen.what, seen.spans) == (Sighted.CLOCK, (Span(0, 10_000), Span(40_000, 40_000)))
