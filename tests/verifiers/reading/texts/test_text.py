"""Lines of text: found at a glance, read up close, one a place."""

import cv2
import numpy as np
import pytest
from PIL import Image

from samples.fonts import lettering
from verifiers.reading.pictures import Pixels, as_pixels
from verifiers.reading.texts.text import TextLine, best_of_each_place, read_lines, read_texts


def wall(width: int = 1600, height: int = 1200) -> Pixels:
    rng = np.random.default_rng(5)
    rough = cv2.resize(
        rng.normal(120, 12, (height // 40, width // 40, 3)),
        (width, height),
        interpolation=cv2.INTER_CUBIC,
    )
    return as_pixels(np.clip(rough, 0, 255))


def written(text: str, left: int, top: int, letters_px: int, on: Pixels) -> Pixels:
    picture = Image.fromarray(cv2.cvtColor(on, cv2.COLOR_BGR2RGB))
    mask = lettering(text, letters_px, 0.03)
    picture.paste(
        (245, 245, 240), (left - 20, top - 14, left + mask.width + 20, top + mask.height + 14)
    )
    picture.paste((20, 20, 24), (left, top), mask)
    return as_pixels(cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR))


def line(text: str, box: tuple[float, float, float, float], probability: float = 0.95) -> TextLine:
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return TextLine(text, probability, corners)


def test_a_large_and_a_small_text_are_read_where_they_stand() -> None:
    pixels = written("926路", 1000, 200, 90, written("上岗证号 108426", 150, 900, 26, wall()))
    lines = read_lines(pixels)
    assert [each.text.replace(" ", "") for each in lines] == ["926路", "上岗证号108426"]
    assert lines[0].corners[0] == pytest.approx((1000, 200), abs=45)
    assert lines[1].corners[2] == pytest.approx((150 + 26 * 9, 926), abs=60)


def test_a_text_that_two_looks_box_differently_is_one() -> None:
    wide = line("上岗证号 108426", (129, 888, 366, 940), 0.9731)
    close = line("上岗证号108426", (150, 896, 348, 934), 1.0)
    assert best_of_each_place([wide, close]) == (close,)
    elsewhere = line("上岗证号108426", (150, 600, 348, 634), 0.98)
    assert best_of_each_place([wide, elsewhere]) == (elsewhere, wide)


def test_nothing_is_read_where_there_is_nothing() -> None:
    assert read_lines(wall(800, 600)) == ()
    assert read_lines(np.zeros((4, 900, 3), np.uint8)) == ()


def test_a_wide_strip_keeps_its_text() -> None:
    pixels = written("49路", 700, 12, 30, wall(1600, 60))
    assert [each.text for each in read_lines(pixels)] == ["49路"]


def test_of_more_texts_than_there_is_time_for_the_short_ones_are_read() -> None:
    pixels = written(
        "欢迎乘坐本线路公共汽车请文明乘车", 100, 600, 40, written("926路", 1000, 200, 90, wall())
    )
    whole, hurried = read_texts(pixels), read_texts(pixels, columns=300)
    assert [len(whole.lines), whole.left_out] == [2, 0]
    assert [each.text.replace(" ", "") for each in hurried.lines] == ["926路"]
    assert hurried.left_out > 0
    assert hurried.illegible == ()  # it was not looked at: nobody may say that it can't be read


def test_of_two_readings_of_a_place_the_surer_stays() -> None:
    kept = best_of_each_place(
        [line("K88", (100, 100, 200, 150), 0.7), line("K16", (102, 101, 201, 150), 0.9)]
    )
    assert [each.text for each in kept] == ["K16"]


@pytest.mark.parametrize(
    ("whole", "part", "stays"),
    [
        ("117456", "117", False),
        ("735", "35", False),
        ("申港巴士上岗证", "岗证", False),
        ("Punggol 386", "386", True),
        ("TER64", "64", True),
        ("49路人民广场", "人民广场", False),
    ],
)
def test_a_piece_of_a_word_or_number_goes(whole: str, part: str, *, stays: bool) -> None:
    lines = [line(whole, (0, 0, 300, 50)), line(part, (150, 2, 298, 48))]
    assert [each.text for each in best_of_each_place(lines)] == (
        [whole, part] if stays else [whole]
    )


def test_a_piece_far_surer_than_the_whole_stays() -> None:
    lines = [line("13503", (0, 0, 300, 50), 0.6), line("503", (120, 4, 298, 46), 0.99)]
    assert [each.text for each in best_of_each_place(lines)] == ["13503", "503"]


def test_lines_come_from_top_to_bottom() -> None:
    lines = [line("b", (0, 100, 50, 130)), line("a", (0, 0, 50, 30)), line("c", (60, 100, 90, 130))]
    assert [each.text for each in best_of_each_place(lines)] == ["a", "b", "c"]
