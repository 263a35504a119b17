"""Every file that the product keeps for itself, and what becomes of it after a power cut.

Named, rebuilt or left out.

The table is held complete: an installation lives a little, and every file that is there then has
its row.
"""

import io
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from structlog.testing import capture_logs

from pipeline.answering import providers
from pipeline.doors import tasks
from pipeline.doors.sweep import sweep
from pipeline.receiving.drafts import open_draft
from pipeline.receiving.incoming import store_file
from pipeline.runtime import DatabaseGone, Runtime
from pipeline.settings import Settings
from pipeline.store import evidence_files, fsck
from pipeline.store.storage import DatabaseDamaged
from pipeline.store.vault import KeyFileInvalid
from pipeline.verifying import reading_files
from scheme.report import Channel
from tests.pipeline.desk import Desk

KEPT = {
    r"var-keys/master\.key": "named at start, never replaced",
    r"var/clock-ahead": "named at start",
    r"var/busreport\.sqlite3": "named at start; an empty one too where there is evidence",
    r"var/busreport\.sqlite3-(wal|shm)": "SQLite takes what is whole of it and makes it anew",
    r"var/evidence/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}": "named by fsck; its reading is a finding",
    r"var/outbox/[0-9a-f]+\.(txt|json)": "left out of the development page, and logged",
    r"var/broker/queues/\w+/[^/]+\.msg": "set aside; the sweep rings again",
}
"""Where a file lies -> what becomes of a damaged one. Each has its test below or in the tests of
its module.
"""

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "noise": lambda _: os.urandom(512),
}


def test_the_table_knows_every_file_of_an_installation_that_has_lived(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    home = desk.runtime.settings.home
    tasks.keep_clock_ahead(home, desk.clock.at - desk.clock.at)
    tasks.CeleryBell(tasks.open_runtime(desk.runtime.settings)).ring(
        "verify_report", report_id=report_id
    )
    sweep(desk.runtime)
    files = [
        path.relative_to(home.parent).as_posix()
        for path in home.parent.rglob("*")
        if path.is_file()
    ]
    assert [file for file in files if not any(re.fullmatch(row, file) for row in KEPT)] == []
    assert [row for row in KEPT if not any(re.fullmatch(row, file) for file in files)] == []


def damaged(path: Path, how: str) -> None:
    """Leave of a file what a power cut leaves."""
    mode = path.stat().st_mode
    content = DAMAGES[how](path.read_bytes())
    path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(mode)


@pytest.fixture(params=sorted(DAMAGES))
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_damaged_master_key_is_named_and_never_replaced(settings: Settings, how: str) -> None:
    damaged(settings.key_file, how)
    left = settings.key_file.read_bytes()
    with pytest.raises(KeyFileInvalid, match=re.escape(str(settings.key_file))):
        Runtime.open(settings)
    assert settings.key_file.read_bytes() == left


@pytest.mark.parametrize("left", ["", "12.", "nan", "1e999", "soon", "\x00\x00"])
def test_a_damaged_clock_is_named_at_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    (settings.home / tasks.CLOCK_AHEAD).write_text(left)
    monkeypatch.setenv("BUSREPORT_HOME", str(settings.home))
    if left == "12.":  # cut short, it still says how far: nothing else tells
        assert tasks.current_settings().clock is not None
        return
    with pytest.raises(tasks.ClockFileDamaged, match="delete it to go on in real time"):
        tasks.current_settings()


def sent(runtime: Runtime) -> tuple[str, str]:
    """A file in a draft: the draft and the file's hash."""
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
    content = io.BytesIO(b"\xff\xd8\xff\xe0" + bytes(2000))
    return report_id, store_file(
        runtime, report_id=report_id, file_name="a.jpg", stream=content
    ).sha256


def test_a_damaged_database_is_named_and_nothing_begins_anew(settings: Settings, how: str) -> None:
    runtime = Runtime.open(settings)
    sent(runtime)
    runtime.close()
    damaged(settings.home / "busreport.sqlite3", how)
    with pytest.raises(DatabaseGone if how == "empty" else DatabaseDamaged):
        Runtime.open(settings)


@pytest.mark.parametrize("beside", ["wal", "shm"])
def test_what_lies_beside_the_database_is_made_anew(
    settings: Settings, how: str, beside: str
) -> None:
    runtime = Runtime.open(settings)
    _, sha256 = sent(runtime)
    runtime.close()
    (settings.home / f"busreport.sqlite3-{beside}").write_bytes(DAMAGES[how](os.urandom(4096)))
    runtime = Runtime.open(settings)
    with runtime.read() as work:
        assert evidence_files.by_sha256(work.connection, sha256).size_bytes == 2004
    sent(runtime)
    runtime.close()


def test_a_damaged_original_is_named_and_its_reading_ends_no_worker(
    runtime: Runtime, how: str
) -> None:
    report_id, sha256 = sent(runtime)
    damaged(runtime.files.path(sha256), how)
    reading_files.read_evidence(runtime, report_id=report_id, sha256=sha256)
    with runtime.read() as work:
        assert fsck.check(work.connection, runtime.files).damaged == (sha256,)


def test_a_damaged_sent_message_is_left_out_and_the_others_shown(desk: Desk, how: str) -> None:
    for _ in range(2):
        desk.decide(desk.report(plate=f"沪C{next(desk.numbers):05d}"))
    desk.tell()
    outbox = desk.runtime.settings.home / "outbox"
    first, *others = sorted(outbox.glob("*.json"))
    damaged(first, how)
    with capture_logs() as logs, desk.runtime.read() as work:
        assert len(providers.sent(work).rows) == len(others)
    assert [line["event"] for line in logs] == ["sent_message_damaged"]


def test_a_damaged_ring_is_set_aside_and_the_report_rung_for_again(
    settings: Settings, how: str
) -> None:
    runtime = tasks.open_runtime(settings)
    sent(runtime)
    (ring,) = (settings.home / "broker" / "queues").glob("*/*.msg")
    damaged(ring, how)
    with (
        Connection(settings.broker) as connection,
        connection.SimpleQueue(ring.parent.name) as queue,
        pytest.raises(Empty),
    ):
        queue.get(timeout=0.2)
    sweep(replace(runtime, ring=tasks.CeleryBell(runtime)))
    assert tasks.waiting(ring.parent.name) >= 1
    runtime.close()
