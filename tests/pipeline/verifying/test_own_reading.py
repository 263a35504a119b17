"""What a draft shows of its files is the same whoever else has sent them (R15, R17).

Two strangers do the same things, one with bytes that are known here and one with bytes that nobody
has sent; every answer, every state and every piece of work that either of them causes must be the
same.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import media
from api.app import create_app
from pipeline.containment.opening import ContainedMedia, open_contained
from pipeline.doors.sweep import sweep
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import remove_file, store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime
from pipeline.store import evidence_files, kept_readings, reading_queue
from pipeline.store.reading_queue import FileOfReport
from pipeline.verifying import coaching, reading_files, verification
from scheme.reading import Box, PlateNumber, PlateSeen, Readings, Sha256
from scheme.report import Channel, Claim
from tests.api.visitor import photo
from tests.fixtures import WEDNESDAY, Clock, as_read
from verifiers.version import READER_VERSION

BOX = Box(0.1, 0.1, 0.2, 0.2)
KNOWN, NEW = photo(10), photo(20)
CLAIM = Claim(
    "wrong_way", WEDNESDAY - timedelta(hours=1), route="49", plate=PlateNumber("沪A12345")
)


@dataclass
class Heard:
    """A bell that only remembers, without saying whose file it was."""

    rings: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def ring(self, task: str, **ids: str) -> None:
        self.rings.append((task, tuple(ids)))


def drafted(runtime: Runtime, content: bytes, phone: str = "13800138000") -> FileOfReport:
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=CLAIM)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput("王小明", phone)])
    file = store_file(runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(content))
    return FileOfReport(report_id, file.sha256)


def submitted(runtime: Runtime, content: bytes, phone: str = "13800138000") -> FileOfReport:
    file = drafted(runtime, content, phone)
    with runtime.write() as work:
        submit(work, report_id=file.report_id, consent=True)
    return file


def shown(runtime: Runtime, file: FileOfReport) -> tuple[bool, tuple[str, ...]]:
    """Whether the file counts as read, and what the coach says."""
    with runtime.read() as work:
        through = file.sha256 in reading_queue.through(
            work.connection, file.report_id, READER_VERSION
        )
        return through, tuple(
            line.code for line in coaching.coach(work, report_id=file.report_id).lines
        )


def read(runtime: Runtime, file: FileOfReport) -> bool:
    return reading_files.read_evidence(runtime, report_id=file.report_id, sha256=file.sha256)


@pytest.fixture
def known(runtime: Runtime) -> Runtime:
    """An installation in which another's report with the known bytes was verified."""
    theirs = submitted(runtime, KNOWN, "13900139000")
    assert verification.verify_report(runtime, report_id=theirs.report_id)
    return runtime


@pytest.mark.parametrize("content", [KNOWN, NEW], ids=["known", "new"])
def test_a_drafts_file_is_read_when_its_own_turn_has_come(
    known: Runtime, content: bytes, clock: Clock
) -> None:
    heard = Heard()
    listened = replace(known, ring=heard)
    file = drafted(listened, content)
    steps = [shown(known, file)]
    swept = sweep(listened)
    steps.append(shown(known, file))
    assert read(listened, file)
    steps.append(shown(known, file))
    clock.forward(seconds=10)
    swept_again = sweep(listened)
    assert [through for through, _ in steps] == [False, False, True]
    assert "NOT_READ_YET" in steps[1][1]
    assert "NOT_READ_YET" not in steps[2][1]
    assert heard.rings == [("read_evidence", ("report_id", "sha256"))] * 2
    assert (swept.files_rung, swept_again.files_rung) == (1, 0)


def test_both_say_the_same_at_every_step(known: Runtime) -> None:
    old, new = drafted(known, KNOWN), drafted(known, NEW)
    assert shown(known, old) == shown(known, new)
    assert read(known, old)
    assert shown(known, old) != shown(known, new)
    assert read(known, new)
    assert shown(known, old) == shown(known, new)


def test_files_wait_in_the_order_in_which_they_came(known: Runtime, clock: Clock) -> None:
    files = []
    for content in (NEW, KNOWN, photo(30)):
        files.append(drafted(known, content))
        clock.forward(seconds=1)
    with known.read() as work:
        assert reading_queue.unread(work.connection, READER_VERSION, work.now, 3) == tuple(files)


def test_what_somebody_elses_draft_has_in_work_neither_helps_nor_holds_up(runtime: Runtime) -> None:
    theirs, own = drafted(runtime, KNOWN, "13900139000"), drafted(runtime, KNOWN)
    with runtime.write() as work:
        until = work.now + reading_files.LEASE
        assert reading_queue.lease(work.connection, theirs, "another worker", work.now, until)
    assert shown(runtime, own)[0] is False
    assert read(runtime, own)
    assert shown(runtime, own)[0] is True
    assert shown(runtime, theirs)[0] is False


def test_what_was_read_for_others_is_not_shown(runtime: Runtime) -> None:
    plate = PlateSeen(
        PlateNumber("沪A12345"), 0.99, certain=True, colour="yellow", box=BOX, height_px=40.0
    )
    theirs = drafted(runtime, KNOWN, "13900139000")
    with runtime.write() as work:
        as_read(
            work, theirs.report_id, theirs.sha256, Readings(READER_VERSION, None, plates=(plate,))
        )
    own, control = drafted(runtime, KNOWN), drafted(runtime, NEW)
    for file in (own, control):
        assert read(runtime, file)
    assert shown(runtime, own) == shown(runtime, control)


def test_failed_tries_of_others_are_not_counted(runtime: Runtime) -> None:
    theirs = drafted(runtime, KNOWN, "13900139000")
    path = runtime.files.path(theirs.sha256)
    path.rename(path.with_suffix(".away"))
    for _ in range(3):
        assert not read(runtime, theirs)
    path.with_suffix(".away").rename(path)
    assert not read(runtime, theirs)  # given up
    own = drafted(runtime, KNOWN)
    assert read(runtime, own)


def looked_at(runtime: Runtime, work: Callable[[], None]) -> int:
    """How often a file was opened by the eyes while ``work`` was done."""
    looks = 0
    look = reading_files._look

    def counted(*arguments: Any) -> Readings:  # noqa: ANN401 - handed on as they came
        nonlocal looks
        looks += 1
        return look(*arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading_files, "_look", counted)
        work()
    return looks


def verified(runtime: Runtime, file: FileOfReport) -> None:
    assert verification.verify_report(runtime, report_id=file.report_id)


@pytest.mark.parametrize("content", [KNOWN, NEW], ids=["known", "new"])
def test_a_report_sent_before_its_files_were_read_is_not_checked_sooner(
    known: Runtime, content: bytes
) -> None:
    file = submitted(known, content)
    assert looked_at(known, lambda: verified(known, file)) == 1


def test_what_was_read_for_the_draft_is_not_read_again_for_the_report(runtime: Runtime) -> None:
    file = drafted(runtime, NEW)
    assert read(runtime, file)
    with runtime.write() as work:
        submit(work, report_id=file.report_id, consent=True)
        assert reading_queue.own_readings(work.connection, file.report_id) == {}
    assert looked_at(runtime, lambda: verified(runtime, file)) == 0


def test_a_file_that_its_sender_took_away_is_read_for_nobody(runtime: Runtime) -> None:
    file = drafted(runtime, NEW)

    def taken_away(*_: object) -> Readings:
        with runtime.write() as work:
            remove_file(work, report_id=file.report_id, sha256=file.sha256)
        return Readings(READER_VERSION, None)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading_files, "_look", taken_away)
        assert not read(runtime, file)
    with runtime.read() as work:
        assert not kept_readings.is_read(work.connection, file.sha256, READER_VERSION)


# -- storing ---------------------------------------------------------------------------------------


@contextmanager
def disk_work() -> Iterator[list[str]]:
    """What is asked of the disk, in order; names of files left out."""
    asked: list[str] = []
    calls: list[tuple[object, str]] = [
        (os, "open"), (os, "fsync"), (os, "write"),
        (Path, "replace"), (Path, "mkdir"), (Path, "unlink"), (Path, "open"),
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        for owner, name in calls:
            original = getattr(owner, name)

            def noted(
                *arguments: Any,  # noqa: ANN401
                _original: Any = original,  # noqa: ANN401
                _name: str = name,
                **named: Any,  # noqa: ANN401
            ) -> Any:  # noqa: ANN401 - handed on as they came
                asked.append(_name)
                return _original(*arguments, **named)

            patched.setattr(owner, name, noted)
        yield asked


def test_known_bytes_ask_the_same_of_the_disk_as_new_ones(known: Runtime) -> None:
    asked = []
    for content in (KNOWN, NEW):
        with disk_work() as work:
            received = known.files.receive(io.BytesIO(content), len)
        asked.append(work)
        assert known.files.path(received.sha256).read_bytes() == content
    assert asked[0] == asked[1]
    assert asked[0].count("replace") == 1
    assert asked[0].count("fsync") == 5  # the file, and each folder down to it


# -- the pages and the API -------------------------------------------------------------------------


@dataclass
class Stranger:
    """Somebody at the JSON API, with a draft of one file."""

    client: TestClient
    key: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    sha256: Sha256 = field(default=Sha256(""))

    def send(self, content: bytes) -> dict[str, Any]:
        opened = self.client.post("/api/v1/drafts").json()
        self.key = {"authorization": f"Bearer {opened['draft_key']}"}
        self.draft = f"/api/v1/drafts/{opened['report_id']}"
        self.client.put(f"{self.draft}/claim", json={"category": "wrong_way"}, headers=self.key)
        answer = self.client.post(
            f"{self.draft}/files", files={"file": ("bus.jpg", content)}, headers=self.key
        )
        assert answer.status_code == 201
        (file,) = answer.json()["files"]
        self.sha256 = Sha256(file["sha256"])
        told: dict[str, Any] = self.without_own(answer.json())
        return told

    def sees(self) -> list[dict[str, Any]]:
        bodies = [
            self.client.get(f"{self.draft}{part}", headers=self.key).json()
            for part in ("", "/coach")
        ]
        return [self.without_own(body) for body in bodies]

    def without_own(self, body: Any) -> Any:  # noqa: ANN401 - any JSON
        """The body without the ids and sizes that are the sender's own."""
        if isinstance(body, dict):
            own = ("report_id", "sha256", "size_bytes")
            return {
                name: self.without_own(value) for name, value in body.items() if name not in own
            }
        return [self.without_own(value) for value in body] if isinstance(body, list) else body


def test_the_api_answers_both_alike_before_and_after_reading(known: Runtime) -> None:
    app = create_app(known)
    one, other = Stranger(TestClient(app)), Stranger(TestClient(app))
    assert one.send(KNOWN) == other.send(NEW)
    assert one.sees() == other.sees()
    assert one.sees()[1]["reading"] is True
    for stranger in (one, other):
        report_id = stranger.draft.rpartition("/")[2]
        assert reading_files.read_evidence(known, report_id=report_id, sha256=stranger.sha256)
    assert one.sees() == other.sees()
    assert one.sees()[1]["reading"] is False


def test_a_senders_small_picture_is_drawn_for_them(
    known: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, own = drafted(known, KNOWN, "13900139000"), drafted(known, KNOWN)
    opened: list[Path] = []

    def noted(path: Path, file_name: str) -> AbstractContextManager[ContainedMedia]:
        opened.append(path)
        return open_contained(path, file_name)

    monkeypatch.setattr(media, "open_contained", noted)
    for file in (theirs, own):
        with known.read() as work:
            (row,) = evidence_files.of_report(work.connection, file.report_id)
        media.poster(known, row, side=320)  # as an officer sees it
        media.poster(known, row, side=320, drawn_for=file.report_id)
    assert len(opened) == 3  # the officer's once, each sender's own
