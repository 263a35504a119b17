"""Badge numbers and fleet numbers among texts."""

import numpy as np
import pytest

from verifiers.reading.signs.badge import find_badges, find_fleet_numbers
from verifiers.reading.texts.text import TextLine


def line(text: str, left: float, top: float, width: float = 100, height: float = 30) -> TextLine:
    right, bottom = left + width, top + height
    return TextLine(
        text,
        0.9,
        np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32),
    )


@pytest.mark.parametrize(
    "text", ["上岗证号:108426", "工号 108426", "服务证 NO.108426", "证号：108426"]
)
def test_a_number_in_the_same_text(text: str) -> None:
    assert [seen.text for seen in find_badges([line(text, 0, 0)], 500, 500)] == ["108426"]


def test_a_number_below_and_beside() -> None:
    below = [line("上岗证号", 100, 100), line("108426", 95, 150), line("49", 95, 400)]
    beside = [line("工号", 100, 100), line("310552", 220, 102)]
    assert [seen.text for seen in find_badges(below, 500, 500)] == ["108426"]
    assert [seen.text for seen in find_badges(beside, 500, 500)] == ["310552"]


def test_a_number_alone_or_far_away_is_no_badge() -> None:
    assert find_badges([line("108426", 0, 0)], 500, 500) == ()
    assert find_badges([line("工号", 0, 0), line("108426", 380, 450)], 500, 500) == ()


@pytest.mark.parametrize("text", ["S1K-016", "4-44004", "3162", "自编号: S2B-031"])
def test_fleet_numbers(text: str) -> None:
    (seen,) = find_fleet_numbers([line(text, 0, 0)], 500, 500)
    assert seen.text == text.removeprefix("自编号: ")


@pytest.mark.parametrize("text", ["2026", "2015/05/11", "49", "沪A12345", "欢迎乘坐", "2012年"])
def test_what_is_no_fleet_number(text: str) -> None:
    assert find_fleet_numbers([line(text, 0, 0)], 500, 500) == ()
