"""The real doorbell: what is handed in on one side is verified by a worker on the other."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.doors import tasks
from pipeline.doors.health import broken, problems
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import reports
from scheme.case import ReportState
from scheme.report import Channel
from tests.drawings import Drawings

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


@pytest.fixture
def shared(settings: Settings) -> Iterator[Runtime]:
    """An installation whose processes all go by one moved clock, and whose bell rings Celery."""
    ahead_s = (NOW - datetime.now(UTC)).total_seconds()
    (settings.home / tasks.CLOCK_AHEAD).write_text(str(ahead_s), "utf-8")
    runtime = tasks.open_runtime(replace(settings, clock=NOW))
    yield runtime
    runtime.close()


def start(home: Path, *command: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "BUSREPORT_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.doors.cli.main", *command], env=environment
    )


def hand_in(runtime: Runtime, drawings: Drawings, name: str, folder: Path) -> str:
    drawn = drawings.draw(name, folder, NOW - timedelta(hours=3))
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=drawn.claim)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput("陈安", "13800000001")])
    with drawn.path.open("rb") as stream:
        store_file(runtime, report_id=report_id, file_name=drawn.path.name, stream=stream)
    with runtime.write() as work:
        submit(work, report_id=report_id, consent=True)
    return report_id


def state(runtime: Runtime, report_id: str) -> ReportState:
    with runtime.read() as work:
        return reports.by_id(work.connection, report_id).state


def test_a_report_rings_its_queue_and_a_real_worker_verifies_it(
    shared: Runtime, drawings: Drawings, tmp_path: Path
) -> None:
    report_id = hand_in(shared, drawings, "bus_front", tmp_path / "drawn")
    assert (tasks.waiting(tasks.PHOTOS), tasks.waiting(tasks.VIDEOS)) == (2, 0)
    worker = start(shared.settings.home, "worker", tasks.PHOTOS)
    try:
        end = time.monotonic() + 120
        while state(shared, report_id) is not ReportState.VERIFIED:
            assert worker.poll() is None, "the worker ended"
            assert time.monotonic() < end, "not verified"
            time.sleep(0.2)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
    assert tasks.waiting(tasks.PHOTOS) == 0


def test_a_video_waits_in_its_own_queue(
    shared: Runtime, drawings: Drawings, tmp_path: Path
) -> None:
    hand_in(shared, drawings, "wrong_way_short", tmp_path / "drawn")
    assert (tasks.waiting(tasks.PHOTOS), tasks.waiting(tasks.VIDEOS)) == (0, 2)


def test_a_crowded_queue_is_not_rung_again(shared: Runtime) -> None:
    bell = tasks.CeleryBell(shared, crowded=3)
    for _ in range(10):
        bell.ring("sweep")
    assert tasks.waiting(tasks.PHOTOS) == 3


def test_a_broker_that_is_gone_loses_no_report(settings: Settings, tmp_path: Path) -> None:
    (settings.home / "broker").write_text("a file where the folder should be")
    runtime = tasks.open_runtime(settings)
    with capture_logs() as logs:
        tasks.CeleryBell(runtime).ring("sweep")
    assert [line["event"] for line in logs] == ["bell_not_rung"]
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        work.ring("sweep")
    assert state(runtime, report_id) is ReportState.DRAFT
    runtime.close()


def test_what_is_due_is_swept_though_the_broker_is_gone(shared: Runtime) -> None:
    (shared.settings.home / "broker").write_text("a file where the folder should be")
    assert [problem.code for problem in broken(problems(shared))] == ["SWEEP_OVERDUE"]
    beat = start(shared.settings.home, "beat")
    try:
        end = time.monotonic() + 120
        while broken(problems(shared)):
            assert beat.poll() is None, "beat ended"
            assert time.monotonic() < end, "never swept"
            time.sleep(0.2)
    finally:
        beat.send_signal(signal.SIGTERM)
        assert beat.wait(timeout=60) == 0
