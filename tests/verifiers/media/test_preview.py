"""A preview shows what the original shows, when it shows it, in H.264 and within limits."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from tests.verifiers.media import made_files as made
from verifiers.media import open_media
from verifiers.media.preview import Preview, PreviewLimits
from verifiers.media.protocol import MediaError
from verifiers.media.video import Video

ROOMY = PreviewLimits()


@contextmanager
def opened(tmp_path: Path, data: bytes) -> Iterator[Video]:
    path = tmp_path / "evidence"
    path.write_bytes(data)
    with closing(open_media(path, "clip.mp4")) as media:
        assert isinstance(media, Video)
        yield media


def preview_of(tmp_path: Path, data: bytes, limits: PreviewLimits = ROOMY) -> Preview:
    with opened(tmp_path, data) as media:
        preview = Preview(media, limits)
        list(preview.steps())
    return preview


def shown(preview: Preview) -> list[tuple[int, "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"]]:
    """Each frame of a preview: when it is shown, in ms, and its pixels."""
    with av.open(BytesIO(preview.content), "r") as container:
        (stream,) = container.streams
        assert stream.codec_context.name == "h264"
        return [
            (round(1000 * float(frame.time or 0)), np.asarray(frame.to_ndarray(format="bgr24")))
            for frame in container.decode(stream)
            if isinstance(frame, av.VideoFrame)
        ]


def number_of(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> int:
    return round((float(np.median(pixels)) - 20) / 10)


@pytest.mark.parametrize("codec", ["libx265", "libx264"])
def test_every_frame_stands_where_it_stands_in_the_original(tmp_path: Path, codec: str) -> None:
    times = [0, 1, 2, 4, 5, 7, 8, 9, 20, 21, 22, 23]
    preview = preview_of(tmp_path, made.movie(len(times), codec=codec, times=times))
    frames = shown(preview)
    assert [ms for ms, _ in frames] == [100 * time for time in times]
    assert [number_of(pixels) for _, pixels in frames] == list(range(len(times)))
    assert preview.whole


def test_what_an_edit_list_hides_is_not_in_it(tmp_path: Path) -> None:
    frames = shown(preview_of(tmp_path, made.edited(made.movie(60), from_ms=1200, lasts_ms=3200)))
    assert [ms for ms, _ in frames] == list(range(0, 3200, 100))
    assert number_of(frames[0][1]) == 12


@pytest.mark.parametrize("lies", made.LIES, ids=[upright for *_, upright in made.LIES])
def test_it_lies_as_the_original_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lies: tuple[made.Matrix, int, str]
) -> None:
    matrix, _, upright = lies
    monkeypatch.setattr(made, "frame", made.cornered)
    # A quarter of the height is odd, so a plane of colours does not fill whole lines.
    data = made.turned(made.movie(3, size=(132, 66)), matrix)
    pixels = shown(preview_of(tmp_path, data))[0][1]
    assert made.corners_of(pixels) == upright
    assert pixels.shape[:2] == ((132, 66) if matrix[0] == 0 else (66, 132))


def test_colours_stay_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half_red(
        _number: int, width: int, height: int
    ) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
        picture = np.full((height, width, 3), 90, np.uint8)
        picture[:, : width // 2] = (30, 30, 220)
        return picture

    monkeypatch.setattr(made, "frame", half_red)
    data = made.turned(made.movie(3, size=(132, 66)), (0, 65536, -65536, 0))
    pixels = shown(preview_of(tmp_path, data))[0][1].astype(int)
    redness = pixels[:, :, 2] - pixels[:, :, 1]
    assert redness[:60].min() > 100
    assert abs(redness[72:]).max() < 40


def test_it_is_no_larger_than_asked(tmp_path: Path) -> None:
    frames = shown(preview_of(tmp_path, made.movie(3, size=(640, 362)), replace(ROOMY, side=200)))
    assert max(frames[0][1].shape) == 200
    assert all(length % 2 == 0 for length in frames[0][1].shape[:2])


def test_of_many_frames_a_second_thirty_are_enough(tmp_path: Path) -> None:
    frames = shown(preview_of(tmp_path, made.movie(240, rate=120)))
    assert 28 <= len(frames) / 2 <= 31


@pytest.mark.parametrize(
    "limits",
    [
        replace(ROOMY, seconds=0.0),
        replace(ROOMY, size_bytes=1000),
        replace(ROOMY, decoded_pixels=10 * 128 * 96),
    ],
    ids=["time", "bytes", "pixels"],
)
def test_at_a_limit_it_ends_early_and_says_so(tmp_path: Path, limits: PreviewLimits) -> None:
    preview = preview_of(tmp_path, made.movie(60), limits)
    assert not preview.whole
    assert 1 <= len(shown(preview)) < 60


def test_of_a_recording_that_breaks_off_it_shows_what_there_is(tmp_path: Path) -> None:
    cut = made.cut_in_half(made.moov_first(made.movie(60, size=(320, 240))), open_ended=True)
    assert len(shown(preview_of(tmp_path, cut))) >= 20


def test_without_a_frame_there_is_none(tmp_path: Path) -> None:
    with opened(tmp_path, made.movie(3)) as media:
        preview = Preview(media, replace(ROOMY, decoded_pixels=1))
        with pytest.raises(MediaError):
            list(preview.steps())
    assert preview.content == b""
