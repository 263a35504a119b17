"""The decoder child really dies, hangs and runs out of memory here.

By signal, by a stand-in that does so (``failing_child``), by tight limits: no file here would harm
another program.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.containment import opening
from pipeline.containment.nursery import Limits, Nursery
from pipeline.containment.opening import (
    ContainedMedia,
    PreviewAsked,
    missing_layers,
    open_contained,
    render_contained,
    shut_down,
)
from scheme.reading import Box
from tests.verifiers.media import made_files as made
from verifiers.media import open_media, wire
from verifiers.media.protocol import MediaError

ROOT = Path(__file__).parents[3]
FAILING = "tests.pipeline.containment.failing_child"


@pytest.fixture(scope="module", autouse=True)
def nursery() -> Iterator[None]:
    missing_layers()
    yield
    shut_down()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    path.write_bytes(made.movie(40))
    return path


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "photo.jpg"
    path.write_bytes(made.jpeg(1600, 1200, made.tiff([made.text_entry(0x010F, "小米")])))
    return path


def check_next_file(photo: Path) -> None:
    with open_contained(photo, "next.jpg") as media:
        assert media.facts.width == 1600


def test_a_child_sees_what_an_open_file_in_this_process_gives(photo: Path, clip: Path) -> None:
    for path in (photo, clip):
        here = open_media(path, "IMG_20240101_120000")
        with open_contained(path, "IMG_20240101_120000") as there:
            assert there.facts == here.facts
            assert there.timeline() == here.timeline()
            assert there.keyframe_times() == here.keyframe_times()
            for times in (None, [0, 700, 350]):
                pairs = list(zip(there.frames(times, 500), here.frames(times, 500), strict=True))
                assert pairs
                for ours, theirs in pairs:
                    assert (ours.ms, ours.scale) == (theirs.ms, theirs.scale)
                    assert np.array_equal(ours.pixels, theirs.pixels)
        here.close()


def test_the_use_of_a_child_is_known_when_it_is_closed(photo: Path) -> None:
    with open_contained(photo, "a") as media:
        list(media.frames(None, 800))
    assert media.usage is not None
    assert media.usage.cpu_s > 0
    assert 10 << 20 < media.usage.peak_rss_bytes < 1 << 30


def test_derivatives_are_made_in_the_child(photo: Path, clip: Path) -> None:
    poster, (part,) = render_contained(
        photo, "a", [(None, Box(0.25, 0.25, 0.5, 0.5))], poster_side=320
    )
    assert Image.open(BytesIO(poster)).size == (320, 240)
    assert Image.open(BytesIO(part)).size == (400, 300)
    with open_contained(clip, "a") as media:
        assert Image.open(BytesIO(media.strip(3, 48))).size == (3 * 64 + 2 * 4, 48)


def test_leaving_early_and_asking_anew(clip: Path) -> None:
    with open_contained(clip, "a") as media:
        first = media.frames(None, 64)
        assert next(first).ms == 0
        media.timeline()
        assert next(first).ms == 1000
        assert next(iter(media.frames([500], 64))).ms == 500
        with pytest.raises(RuntimeError, match="meanwhile"):
            next(first)


def test_a_refusal_has_the_code_that_it_has_here(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(made.png(7_100, 7_100))
    with pytest.raises(MediaError) as refusal, open_contained(bad, "bad.jpg"):
        pass
    assert refusal.value.code == "TOO_MANY_PIXELS"


def test_a_killed_child_is_a_finding_and_what_was_read_stays(clip: Path, photo: Path) -> None:
    with open_contained(clip, "a") as media:
        frames = media.frames(None, 64)
        first = next(frames)
        os.kill(media.child_pid, signal.SIGKILL)
        with pytest.raises(MediaError) as death:
            list(frames)
        assert death.value.code == "DECODER_DIED"
        assert media.facts.frame_count == 40
        assert first.pixels.any()
        with pytest.raises(MediaError):
            media.poster()
    check_next_file(photo)


def test_a_crash_is_told_with_its_signal(clip: Path, photo: Path) -> None:
    with open_contained(clip, "a") as media:
        os.kill(media.child_pid, signal.SIGSEGV)
        with pytest.raises(MediaError) as death:
            media.timeline()
    assert (death.value.code, death.value.detail) == (
        "DECODER_DIED",
        f"signal {signal.SIGSEGV.value}",
    )
    assert media.usage is not None
    assert media.usage.signal == signal.SIGSEGV
    check_next_file(photo)


def test_a_stopped_child_is_given_up_in_time(clip: Path, photo: Path) -> None:
    with open_contained(clip, "a", Limits(video_s=1.0)) as media:
        os.kill(media.child_pid, signal.SIGSTOP)
        with pytest.raises(MediaError) as timeout:
            media.timeline()
        assert timeout.value.code == "DECODER_TIMEOUT"
        assert media.facts.frame_count == 40
    check_next_file(photo)


@contextmanager
def failing(clip: Path, word: str, limits: Limits) -> Iterator[ContainedMedia]:
    """An ordinary clip in a child that fails after its first frame."""
    nursery = Nursery(FAILING, word)
    try:
        with open_contained(clip, "clip.mp4", limits, nursery) as media:
            yield media
    finally:
        nursery.close()


@pytest.mark.parametrize(
    ("word", "limits", "code", "detail"),
    [
        ("sleeps", Limits(video_s=2.0), "DECODER_TIMEOUT", "2 s"),
        ("dies", Limits(), "DECODER_DIED", f"signal {signal.SIGSEGV.value}"),
        ("eats", Limits(memory_bytes=640 << 20), "TOO_COMPLEX", "out of memory"),
    ],
)
def test_whatever_a_decoder_does_what_was_read_stays_and_the_next_file_is_read(  # noqa: PLR0913, PLR0917
    clip: Path, photo: Path, word: str, limits: Limits, code: str, detail: str
) -> None:
    seen: list[int | None] = []
    with failing(clip, word, limits) as media:
        with pytest.raises(MediaError) as failure:
            seen.extend(frame.ms for frame in media.frames(None, 64))
        assert (failure.value.code, failure.value.detail) == (code, detail)
        assert media.facts.frame_count == 40
    assert seen == [0]
    assert media.usage is not None
    assert media.usage.peak_rss_bytes < limits.memory_bytes
    check_next_file(photo)


def test_a_limit_of_no_time_ends_an_ordinary_clip(clip: Path, photo: Path) -> None:
    with pytest.raises(MediaError) as timeout, open_contained(clip, "a", Limits(video_s=0.0)):
        pass
    assert timeout.value.code == "DECODER_TIMEOUT"
    check_next_file(photo)


def test_where_no_limit_can_be_set_the_parent_watches(clip: Path, photo: Path) -> None:
    with open_contained(clip, "a") as media:
        waiter = media._waiter
        waiter.watch_memory, waiter.memory_bytes = True, 1 << 20  # less than any process has
        with pytest.raises(MediaError) as refusal:
            list(media.frames(None, 64))
    assert (refusal.value.code, refusal.value.detail) == ("TOO_COMPLEX", "out of memory")
    check_next_file(photo)


def test_a_lost_nursery_is_replaced(photo: Path) -> None:
    with open_contained(photo, "a") as media:
        nursery = media._nursery
        os.kill(nursery._process.pid, signal.SIGKILL)
        nursery._process.wait()
        with pytest.raises(MediaError) as death:
            list(media.frames(None, 800))
        assert death.value.code == "DECODER_DIED"
    check_next_file(photo)


def test_files_in_several_threads_do_not_mix(photo: Path, clip: Path) -> None:
    seen: list[tuple[Path, int]] = []

    def look(path: Path) -> None:
        for _ in range(5):
            with open_contained(path, "a") as media:
                list(media.frames(None, 200))
                seen.append((path, media.facts.width))

    threads = [threading.Thread(target=look, args=(path,)) for path in (photo, clip, photo, clip)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted([(photo, 1600), (clip, 128)] * 10)


def test_a_forked_process_gets_a_nursery_of_its_own(photo: Path) -> None:
    program = f"""
import os
from pathlib import Path
from pipeline.containment import opening
from pipeline.containment.nursery import Nursery
first = opening.NURSERIES.nursery()
if pid := os.fork():
    print("child", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
own = opening.NURSERIES.nursery()
with opening.open_contained(Path({str(photo)!r}), "a") as media:
    fine = media.facts.width == 1600 and (own is first) == bool(pid)
opening.shut_down()
if pid:
    print("parent", fine)
os._exit(0 if fine else 1)
"""
    # In a process of its own: the test runner has threads, and must not be forked.
    command = [sys.executable, "-u", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["child 0", "parent True"]


def test_children_end_with_the_process_that_wanted_them(photo: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from pipeline.containment.opening import open_contained\n"
        f"with open_contained(Path({str(photo)!r}), 'a') as media:\n"
        "    print(media.child_pid, media._nursery._process.pid, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
    assert len(pids) == 2
    for pid in pids:
        wait_for_end(pid)


def wait_for_end(pid: int) -> None:
    for _ in range(2000):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        threading.Event().wait(0.01)
    pytest.fail(f"process {pid} still lives")


def test_the_pipeline_itself_loads_no_decoder() -> None:
    program = (
        "import sys, pipeline.containment.opening\n"
        "decoders = {'PIL', 'av', 'cv2', 'exifread', 'pillow_heif', 'onnxruntime'}\n"
        "print(sorted(decoders & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "answer",
    [
        wire.LENGTHS.pack(wire.MOST_JSON + 1, 0),
        wire.LENGTHS.pack(2, wire.MOST_BYTES + 1),
        wire.LENGTHS.pack(4, 0) + b"nope",
        wire.LENGTHS.pack(2, 0) + b"[]",
        wire.LENGTHS.pack(8, 0) + b"{",
        b"",
    ],
)
def test_a_child_taken_over_can_only_break_its_own_channel(answer: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(wire.ChannelBroken):
            wire.receive(ours)


@pytest.mark.parametrize(
    "about",
    [
        {"ms": None, "scale": 1.0, "width": 100_000, "height": 1},
        {"ms": None, "scale": 1.0, "width": -1, "height": -1},
        {"ms": None, "scale": 1.0, "width": 10, "height": 10},
    ],
)
def test_a_frame_is_only_believed_when_its_size_fits(about: dict[str, object]) -> None:
    with pytest.raises(wire.ChannelBroken):
        opening._frame_from(about, bytearray(3), 2048)


def test_a_preview_is_made_in_the_child(tmp_path: Path) -> None:
    path = tmp_path / "bus.mov"
    path.write_bytes(made.movie(40, codec="libx265", container="mov"))
    reached: list[int] = []
    with open_contained(path, "bus.mov") as media:
        preview = media.preview(PreviewAsked(1280, 10_000_000, 60.0), reached.append)
    assert preview.whole
    assert preview.content[4:8] == b"ftyp"
    assert all(0 <= ms < 4000 for ms in reached)
    copy = tmp_path / "preview.mp4"
    copy.write_bytes(preview.content)
    with open_contained(copy, "preview.mp4") as again:
        assert (again.facts.codec, again.facts.frame_count) == ("h264", 40)


def test_a_photo_has_no_preview(photo: Path) -> None:
    with open_contained(photo, "a.jpg") as media:
        with pytest.raises(MediaError) as refusal:
            media.preview(PreviewAsked(1280, 10_000_000, 60.0), lambda _: None)
        assert refusal.value.code == "NO_VIDEO"
        assert media.poster(64)
