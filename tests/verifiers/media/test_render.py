from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scheme.reading import Box
from tests.verifiers.media import made_files as made
from verifiers.media import open_media
from verifiers.media.protocol import Media
from verifiers.media.render import crop, poster, strip

Opened = Callable[..., Media]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with ExitStack() as stack:

        def open_one(data: bytes, name: str = "a") -> Media:
            path = tmp_path / "evidence"
            path.write_bytes(data)
            return stack.enter_context(closing(open_media(path, name)))

        yield open_one


def shown(jpeg: bytes) -> Image.Image:
    picture = Image.open(BytesIO(jpeg), formats=["JPEG"])
    picture.load()
    return picture


def test_a_poster_is_small_and_carries_nothing_of_the_original(opened: Opened) -> None:
    exif = made.tiff([made.text_entry(0x010F, "SECRET-PHONE")])
    jpeg = poster(opened(made.jpeg(1600, 1200, exif, comment=b"<script>")), 640)
    assert shown(jpeg).size == (640, 480)
    assert b"SECRET" not in jpeg
    assert b"<script>" not in jpeg
    assert not shown(jpeg).getexif()


def test_a_strip_shows_frames_in_order(opened: Opened) -> None:
    picture = np.asarray(shown(strip(opened(made.movie(20, keyframe_every=5)), 4, 96)))
    assert picture.shape == (96, 4 * 128 + 3 * 4, 3)
    levels = [float(np.median(picture[:, start : start + 128])) for start in range(0, 4 * 132, 132)]
    assert levels == sorted(levels)
    assert levels[-1] - levels[0] > 100


def test_a_strip_of_a_photo_is_the_photo(opened: Opened) -> None:
    assert shown(strip(opened(made.jpeg(640, 480)), 8, 120)).size == (160, 120)


def test_a_crop_is_the_boxed_part_at_full_resolution(opened: Opened) -> None:
    picture = Image.new("RGB", (2000, 1000), "black")
    picture.paste((255, 0, 0), (1000, 500, 1400, 700))
    sink = BytesIO()
    picture.save(sink, "JPEG", quality=95)
    part = shown(crop(opened(sink.getvalue()), None, Box(0.5, 0.5, 0.7, 0.7)))
    assert part.size == (400, 200)
    assert np.asarray(part)[20:-20, 20:-20, 0].min() > 200


def test_a_crop_of_a_recording_is_of_the_frame_named(opened: Opened) -> None:
    part = np.asarray(shown(crop(opened(made.movie(20)), 700, Box(0.25, 0.25, 0.75, 0.75))))
    assert part.shape == (48, 64, 3)
    assert round((float(np.median(part)) - 20) / 10) == 7


@pytest.mark.parametrize("box", [Box(-1, -1, 2, 2), Box(0.999, 0.999, 1, 1), Box(1, 1, 0, 0)])
def test_boxes_at_and_over_the_border(opened: Opened, box: Box) -> None:
    assert min(shown(crop(opened(made.jpeg(64, 48)), None, box)).size) >= 1


@pytest.mark.parametrize(
    "box", [Box(0.5, 0.5, 0.5, 0.9), Box(2, 2, 3, 3), Box(float("nan"), 0, 1, 1)]
)
def test_a_box_without_area_is_an_error_of_the_caller(opened: Opened, box: Box) -> None:
    with pytest.raises(ValueError, match="without area"):
        crop(opened(made.jpeg(64, 48)), None, box)
