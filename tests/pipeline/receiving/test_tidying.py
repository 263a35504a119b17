"""What nobody refers to goes, with its event.

What anybody has stays, also when it is sent at that very moment.
"""

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import clock as real_clock
from pipeline.doors.sweep import sweep
from pipeline.receiving import tidying
from pipeline.receiving.drafts import expire_drafts
from pipeline.receiving.incoming import SendAgain, remove_file
from pipeline.receiving.tidying import Tidied, tidy
from pipeline.runtime import Runtime
from pipeline.store import events, evidence_files, fsck, kept_readings
from pipeline.store.originals import EvidenceFiles, Received
from pipeline.store.previews import PreviewFiles
from pipeline.store.reading_queue import FileOfReport
from tests.api.visitor import photo
from tests.fixtures import Clock
from tests.pipeline.verifying.test_own_reading import drafted, read, submitted
from verifiers.version import READER_VERSION

CONTENT = photo(60)


def aged(path: Path) -> None:
    """Let a file have been written two days ago."""
    then = (real_clock.now() - timedelta(days=2)).timestamp()
    os.utime(path, (then, then))


def expired(runtime: Runtime, clock: Clock, content: bytes = CONTENT) -> FileOfReport:
    """A draft with one file that was read, a week and a day ago."""
    file = drafted(runtime, content)
    assert read(runtime, file)
    aged(runtime.files.path(file.sha256))
    clock.forward(days=8)
    with runtime.write() as work:
        assert expire_drafts(work) == 1
    return file


def whole(runtime: Runtime) -> bool:
    with runtime.read() as work:
        return fsck.check(work.connection, work.files).whole


def there(runtime: Runtime, file: FileOfReport) -> tuple[bool, bool]:
    """Whether the file has its bytes, and a row."""
    with runtime.read() as work:
        return work.files.path(file.sha256).is_file(), evidence_files.is_known(
            work.connection, file.sha256
        )


def test_the_file_of_an_expired_draft_goes_with_its_event(runtime: Runtime, clock: Clock) -> None:
    file = expired(runtime, clock)
    assert there(runtime, file) == (True, True)
    assert tidy(runtime) == Tidied(1, 0)
    assert there(runtime, file) == (False, False)
    with runtime.read() as work:
        assert not kept_readings.is_read(work.connection, file.sha256, READER_VERSION)
        (gone,) = events.about(work.connection, f"evidence/{file.sha256}")
        (told,) = (
            e
            for e in events.about(work.connection, f"report/{file.report_id}")
            if e.action == "draft_expired"
        )
    assert gone.action == "evidence_removed"
    assert told.detail["files"] == [file.sha256]
    assert tidy(runtime) == Tidied(0, 0)
    assert whole(runtime)


@pytest.mark.parametrize("keep", [drafted, submitted], ids=["draft", "report"])
def test_a_file_that_somebody_else_has_stays(
    runtime: Runtime, clock: Clock, keep: Callable[[Runtime, bytes, str], FileOfReport]
) -> None:
    file = drafted(runtime, CONTENT)
    clock.forward(days=4)
    other = keep(runtime, CONTENT, "13900139000")
    aged(runtime.files.path(file.sha256))
    clock.forward(days=4)
    with runtime.write() as work:
        assert expire_drafts(work) == 1
    assert tidy(runtime).files == 0
    assert there(runtime, other) == (True, True)
    assert whole(runtime)


def test_a_file_that_its_sender_took_away_goes_a_day_later(runtime: Runtime) -> None:
    file = drafted(runtime, CONTENT)
    with runtime.write() as work:
        remove_file(work, report_id=file.report_id, sha256=file.sha256)
    assert tidy(runtime).files == 0
    assert there(runtime, file) == (True, True)
    aged(runtime.files.path(file.sha256))
    assert tidy(runtime).files == 1
    assert there(runtime, file) == (False, False)


def test_a_preview_goes_with_its_original(runtime: Runtime, clock: Clock) -> None:
    previews = PreviewFiles.beside(runtime.files)
    file = expired(runtime, clock)
    previews.keep(file.sha256, b"what was watched", whole=True)
    assert tidy(runtime).files == 1
    assert previews.find(file.sha256) is None


def test_pieces_of_broken_off_uploads_go_a_day_later(runtime: Runtime) -> None:
    aside = runtime.files.root / "aside"
    aside.mkdir(parents=True)
    old, new = aside / "old", aside / "new"
    for piece in (old, new):
        piece.write_bytes(b"half a picture")
    aged(old)
    assert tidy(runtime) == Tidied(0, 1)
    assert [piece.name for piece in runtime.files.left_aside()] == ["new"]


def test_killed_between_row_and_bytes_it_goes_on(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = expired(runtime, clock)

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(evidence_files, "is_known", killed)
    with pytest.raises(KeyboardInterrupt):
        tidy(runtime)
    monkeypatch.undo()
    assert there(runtime, file) == (True, False)
    assert tidy(runtime).files == 1
    assert there(runtime, file) == (False, False)


# -- the same bytes come in while they are removed -------------------------------------------------


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """``between(what)``: do ``what`` between the last byte of every upload and its row."""

    def arrange(what: Callable[[], object]) -> None:
        receive = EvidenceFiles.receive

        def received(files: EvidenceFiles, *arguments: object) -> Received:
            done = receive(files, *arguments)  # type: ignore[arg-type]  # handed on as they came
            what()
            return done

        monkeypatch.setattr(EvidenceFiles, "receive", received)

    return arrange


def test_bytes_that_come_in_again_at_that_moment_are_not_lost(
    runtime: Runtime, clock: Clock, between: Callable[[Callable[[], object]], None]
) -> None:
    expired(runtime, clock)
    between(lambda: tidy(runtime))
    file = drafted(runtime, CONTENT)
    assert there(runtime, file) == (True, True)
    assert runtime.files.path(file.sha256).read_bytes() == CONTENT
    assert whole(runtime)


def test_without_the_day_of_grace_they_would_be_and_their_sender_hears_it(
    runtime: Runtime,
    clock: Clock,
    between: Callable[[Callable[[], object]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expired(runtime, clock)
    monkeypatch.setattr(tidying, "UNTOUCHED", timedelta(0))
    between(lambda: tidy(runtime))
    with pytest.raises(SendAgain):
        drafted(runtime, CONTENT)
    assert whole(runtime)


def test_eight_senders_and_a_tidier_at_once_leave_no_row_without_its_file(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        tidying, "UNTOUCHED", timedelta(0)
    )  # the worst case: every file may go at once
    monkeypatch.setattr(
        tidying, "_remove_pieces", lambda _: 0
    )  # what is being written would be a piece then
    refused: list[SendAgain] = []
    kept: list[FileOfReport] = []
    done = threading.Event()

    def send(number: int) -> None:
        for turn in range(6):
            try:
                file = drafted(runtime, CONTENT, f"1380013{number:02}{turn:02}")
            except SendAgain as problem:
                refused.append(problem)
                continue
            if turn % 2:
                kept.append(file)
            else:
                with runtime.write() as work:
                    remove_file(work, report_id=file.report_id, sha256=file.sha256)

    def keep_tidy() -> None:
        while not done.is_set():
            tidy(runtime)

    tidier = threading.Thread(target=keep_tidy)
    senders = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    tidier.start()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    done.set()
    tidier.join()
    assert kept
    assert whole(runtime)
    assert all(there(runtime, file) == (True, True) for file in kept)


def test_a_sweep_tidies(runtime: Runtime, clock: Clock) -> None:
    expired(runtime, clock)
    assert sweep(runtime).files_removed == 1
