"""Clocks drawn into the picture."""

from datetime import datetime

import numpy as np
import pytest

from scheme.reading import Box, PictureClock
from verifiers.reading.clocks.clock import find_clocks, ticking
from verifiers.reading.texts.text import TextLine


def line(text: str, left: float = 10, top: float = 10, width: float = 200) -> TextLine:
    corners = [[left, top], [left + width, top], [left + width, top + 20], [left, top + 20]]
    return TextLine(text, 0.9, np.array(corners, np.float32))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-06-10 08:41:07", "2026-06-10T08:41:07"),
        ("2026/06/1008:41:07", "2026-06-10T08:41:07"),
        ("2026年6月10日 08:41", "2026-06-10T08:41:00"),
        ("16-03-2017Thu12:47:58", "2017-03-16T12:47:58"),
        ("16-03-Z017Thu12:48:05", "2017-03-16T12:48:05"),
        ("7/27/2018 4:11:07 PM", "2018-07-27T16:11:07"),
        ("16:02:2714/01/19", "2019-01-14T16:02:27"),
        ("16:06:01 14/01/19", "2019-01-14T16:06:01"),
        ("itinereno16:03:5314/01/19", "2019-01-14T16:03:53"),
        ("2O26-O6-10 O8:41:07", "2026-06-10T08:41:07"),
        ("12:00:00 AM 2026-06-10", "2026-06-10T00:00:00"),
        ("7/27/20184:11:07PM", "2018-07-27T16:11:07"),
        ("km 411,78 itinere:16:02:1914/01/19", "2019-01-14T16:02:19"),
        ("2026年06月10日 08:41 星期三", "2026-06-10T08:41:00"),
        ("2026.06.10 周三 08:41:07", "2026-06-10T08:41:07"),
    ],
)
def test_date_and_time_in_one_text(text: str, at: str) -> None:
    (seen,) = find_clocks([line(text)], 500, 500)
    assert (seen.at, seen.has_date) == (datetime.fromisoformat(at), True)


def test_date_and_time_beside_each_other() -> None:
    (seen,) = find_clocks([line("2015/05/11", 10), line("18:23:04", 230)], 500, 500)
    assert seen.at == datetime.fromisoformat("2015-05-11T18:23:04")
    assert seen.text == "2015/05/11 18:23:04"
    assert (seen.box.left, seen.box.right) == pytest.approx((10 / 500, 430 / 500))


def test_a_camera_app_writes_the_hour_large_beside_its_date() -> None:
    large = TextLine(
        "08:41", 0.95, np.array([[40, 400], [200, 400], [200, 460], [40, 460]], np.float32)
    )
    lines = [
        large,
        line("2026.06.10", 215, 402, 120),
        line("星期三", 215, 436, 70),
        line("上海市·汉口路", 40, 480),
    ]
    (seen,) = find_clocks(lines, 900, 600)
    assert (seen.at, seen.has_date) == (datetime.fromisoformat("2026-06-10T08:41:00"), True)


def test_a_time_alone_has_no_date() -> None:
    (seen,) = find_clocks([line("18:23:04")], 500, 500)
    assert not seen.has_date
    assert (seen.at.hour, seen.at.minute, seen.at.second) == (18, 23, 4)


@pytest.mark.parametrize(
    "text", ["10:30", "192.168.1.12:80", "25:61:00", "2026-02-30", "49路", "13:99:00 PM"]
)
def test_what_is_no_clock(text: str) -> None:
    assert find_clocks([line(text)], 500, 500) == ()


def shown(at: str, frame_ms: int) -> PictureClock:
    return PictureClock(
        at=datetime.fromisoformat(at),
        has_date=True,
        text=at,
        probability=0.9,
        box=Box(0, 0, 1, 1),
        frame_ms=frame_ms,
    )


def test_a_misread_frame_is_dropped_where_the_others_tick() -> None:
    right = [shown(f"2026-06-10T08:41:{second:02d}", second * 1000) for second in (1, 4, 7)]
    misread = shown("2026-06-10T08:47:05", 5000)
    assert ticking([*right, misread]) == tuple(right)


def test_clocks_that_do_not_agree_are_all_kept() -> None:
    clocks = [
        shown("2026-06-10T08:41:01", 1000),
        shown("2026-06-10T09:41:01", 2000),
        shown("2026-06-10T07:00:00", 3000),
    ]
    assert ticking(clocks) == tuple(clocks)
