"""Which texts name a line."""

import numpy as np
import pytest

from verifiers.reading.signs.route import find_routes, is_clear
from verifiers.reading.texts.text import TextLine


def line(text: str, top: float = 100, probability: float = 0.95, left: float = 100) -> TextLine:
    corners = np.array(
        [[left, top], [left + 100, top], [left + 100, top + 40], [left, top + 40]], np.float32
    )
    return TextLine(text, probability, corners)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("49", "49"),
        ("49路", "49"),
        (" K4 ", "K4"),
        ("隧道三线", "隧道三线"),
        ("隧道3线", "隧道三线"),
        ("926区间", "926区间"),
        ("火车站1路梅树园", "1"),
        ("49路（区间）", "49区间"),
        ("Punggol 382G", "382G"),
        (">CLEMENTI TER64", "64"),
        ("3-53", "3-53"),
        ("510（1-19)", "510"),
        ("四十九路", "49"),
    ],
)
def test_a_sign_is_named(text: str, route: str) -> None:
    assert route in [seen.text for seen in find_routes([line(text)], 1000, 1000)]


@pytest.mark.parametrize(
    "text",
    [
        "12:48:05",
        "2015/05/11",
        "沪A12345",
        "SBS3843R",
        "13812345678",
        "限速40KM/H",
        "000",
        "欢迎乘坐",
        "B2893",
    ],
)
def test_what_is_no_sign_is_not_named(text: str) -> None:
    assert find_routes([line(text)], 1000, 1000) == ()


def test_four_digits_low_on_the_bus_are_its_own_number() -> None:
    assert find_routes([line("3162", top=800)], 1000, 1000) == ()
    assert [seen.text for seen in find_routes([line("1206", top=100)], 1000, 1000)] == ["1206"]


def test_a_sign_of_its_own_ranks_before_a_number_in_a_text() -> None:
    seen = find_routes([line("PUNGGOL 407", top=300), line("49", top=100)], 1000, 1000)
    assert [each.text for each in seen] == ["49", "407"]
    assert seen[0].raw == "49"
    assert is_clear(seen)


def test_the_same_name_twice_is_one_entry_with_its_best_sighting() -> None:
    (seen,) = find_routes(
        [line("49", probability=0.6), line("49路", top=200, probability=0.9)], 1000, 1000
    )
    assert (seen.text, seen.raw, seen.probability) == ("49", "49路", 0.9)
    assert seen.box.top == pytest.approx(0.2)


def test_nothing_or_a_faint_sign_is_not_clear() -> None:
    assert not is_clear(())
    assert not is_clear(find_routes([line("49", probability=0.5)], 1000, 1000))


@pytest.mark.parametrize(
    "text",
    [
        "149 上海南站",
        "149上海南站",
        "上海南站—149—徐家汇",
        "K9 汕头大学",
        "71 延安东路外滩",
        "夜宵 307",
        "嘉定1",
        "上嘉线",
        "926路区间",
        "118 大站车",
        "申崇二线",
        "903LAKE STEVENS TC",
        "日95",
    ],
)
def test_a_sign_in_one_line_is_as_sure_as_it_is_read(text: str) -> None:
    (clear,) = find_routes([line(text, probability=0.97)], 1000, 1000)
    (faint,) = find_routes([line(text, probability=0.6)], 1000, 1000)
    assert is_clear([clear])
    assert not is_clear([faint])


def test_a_line_of_one_letter_is_a_question() -> None:
    (seen,) = find_routes([line("E AURORA VILLAGE TC", probability=0.99)], 1000, 1000)
    assert seen.text == "E"
    assert not is_clear([seen])


def test_one_digit_is_sure_only_above_a_vehicle() -> None:
    alone = find_routes([line("5")], 1000, 1000)
    on_a_bus = find_routes([line("5"), line("沪A12345", top=500)], 1000, 1000)
    assert not is_clear(alone)
    assert is_clear(on_a_bus)


def test_names_in_rows_are_the_lines_of_a_stop() -> None:
    panel = [line("15", left=100), line("36", left=260), line("966", left=100, top=160)]
    assert not is_clear(find_routes(panel, 1000, 1000))
    assert is_clear(find_routes(panel[:1], 1000, 1000))


def test_a_number_yields_to_the_same_digits_with_a_dash() -> None:
    best, other = find_routes(
        [line("353", probability=0.99), line("3-53", top=400, probability=0.9)], 1000, 1000
    )
    assert (best.text, other.text) == ("3-53", "353")
    assert is_clear([best])
    assert not is_clear([other])


def test_tiny_and_downward_names_are_not_sure() -> None:
    tiny = TextLine("926", 0.99, np.array([[10, 10], [22, 10], [22, 17], [10, 17]], np.float32))
    down = TextLine("46", 0.99, np.array([[10, 10], [35, 10], [35, 90], [10, 90]], np.float32))
    assert not is_clear(find_routes([tiny], 1000, 1000))
    assert not is_clear(find_routes([down], 1000, 1000))


def test_the_end_of_a_plate_is_no_line() -> None:
    assert find_routes([line("AOGT30")], 1000, 1000) == ()


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("933路快线", "933快线"),
        ("13路A线", "13A"),
        ("1路(上行)", "1"),
        ("松江十九路", "松江19"),
        ("01", "1"),
    ],
)
def test_a_sign_says_its_line_in_the_form_that_claims_have(shown: str, name: str) -> None:
    (seen,) = find_routes([line(shown, top=100)], 1000, 1000)
    assert (seen.text, seen.raw) == (name, shown)
