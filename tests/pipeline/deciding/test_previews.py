"""A preview is begun when wanted, made in the background, made again where lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.containment.nursery import Limits
from pipeline.deciding.previews import ASKED, LIMITS, Original, State, Workshop
from pipeline.store.previews import PreviewFiles
from tests.verifiers.media import made_files as made

LONG_S = 120.0
SHA256 = "a" * 64


@pytest.fixture
def files(tmp_path: Path) -> PreviewFiles:
    return PreviewFiles(tmp_path / "previews")


@pytest.fixture
def recording(tmp_path: Path) -> Original:
    path = tmp_path / SHA256
    path.write_bytes(made.movie(40, codec="libx265"))
    return Original(SHA256, path, "bus.mp4", 4000)


def test_it_is_made_once_and_made_again_where_it_was_lost(
    files: PreviewFiles, recording: Original
) -> None:
    workshop = Workshop()
    assert workshop.preview(files, recording).state is State.MAKING
    workshop.finish(LONG_S)
    ready = workshop.preview(files, recording)
    assert (ready.state, ready.whole) == (State.READY, True)
    assert ready.path is not None
    assert Workshop().preview(files, recording).path == ready.path
    ready.path.unlink()
    assert workshop.preview(files, recording).state is State.MAKING
    workshop.finish(LONG_S)
    again = workshop.preview(files, recording).path
    assert again is not None
    assert again.is_file()
    assert recording.path.read_bytes() == made.movie(40, codec="libx265")


def test_one_that_would_take_too_long_ends_early_and_says_so(
    files: PreviewFiles, recording: Original
) -> None:
    workshop = Workshop(replace(ASKED, seconds=0.0), LIMITS)
    workshop.preview(files, recording)
    workshop.finish(LONG_S)
    ready = workshop.preview(files, recording)
    assert (ready.state, ready.whole) == (State.READY, False)


@pytest.mark.parametrize("limits", [LIMITS, Limits(video_s=0.0)], ids=["broken", "out of time"])
def test_where_none_can_be_made_it_is_said_and_not_tried_again_and_again(
    files: PreviewFiles, tmp_path: Path, limits: Limits
) -> None:
    path = tmp_path / SHA256
    path.write_bytes(made.movie(40)[:2000])
    broken = Original(SHA256, path, "bus.mp4", 4000)
    workshop = Workshop(ASKED, limits)
    assert workshop.preview(files, broken).state is State.MAKING
    workshop.finish(LONG_S)
    assert workshop.preview(files, broken).state is State.IMPOSSIBLE
    assert files.find(SHA256) is None


def test_a_second_asks_while_the_first_waits(files: PreviewFiles, recording: Original) -> None:
    other = replace(recording, sha256="b" * 64)
    workshop = Workshop()
    states = [workshop.preview(files, one).state for one in (recording, other, recording, other)]
    assert set(states) == {State.MAKING}
    workshop.finish(LONG_S)
    for one in (recording, other):
        assert workshop.preview(files, one).state is State.READY
