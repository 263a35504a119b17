"""Problems by name: a disk that takes nothing, sweeps that fail, work that nobody takes."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from pipeline.doors import health
from pipeline.doors.health import Severity, problems
from pipeline.doors.sweep import sweep
from pipeline.receiving.drafts import open_draft
from pipeline.receiving.incoming import store_file
from pipeline.runtime import Runtime
from pipeline.store.originals import EvidenceFiles
from pipeline.verifying import reading_files
from scheme.report import Channel
from tests.disks import fill, make_read_only, make_writable, small_disk
from tests.fixtures import Clock


def codes(runtime: Runtime) -> list[str]:
    """What is broken; how full the machine's own disk is does not matter here."""
    return [problem.code for problem in problems(runtime) if problem.severity is Severity.BROKEN]


def test_a_sweep_is_its_own_proof(runtime: Runtime, clock: Clock) -> None:
    assert codes(runtime) == ["SWEEP_OVERDUE"]
    sweep(runtime)
    assert codes(runtime) == []
    clock.forward(seconds=31)
    assert codes(runtime) == ["SWEEP_OVERDUE"]


def test_a_sweep_that_breaks_off_is_none(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_runtime: Runtime) -> int:
        raise ConnectionError

    monkeypatch.setattr("pipeline.answering.delivering.deliver_due", refuse)
    with pytest.raises(ConnectionError):
        sweep(runtime)
    assert codes(runtime) == ["SWEEP_OVERDUE"]


def test_work_that_nobody_takes_is_told_and_work_that_goes_on_is_not(
    runtime: Runtime, clock: Clock
) -> None:
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
    content = io.BytesIO(b"\xff\xd8\xff\xe0 cut off")
    file = store_file(runtime, report_id=report_id, file_name="a.jpg", stream=content)
    clock.forward(minutes=2)
    sweep(runtime)
    assert codes(runtime) == []
    clock.forward(seconds=1)
    assert codes(runtime) == ["WORK_UNTAKEN"]
    reading_files.read_evidence(runtime, report_id=report_id, sha256=file.sha256)
    assert codes(runtime) == []


def test_a_database_that_does_not_answer_is_a_problem_and_no_crash(runtime: Runtime) -> None:
    sweep(runtime)

    def refuse(*_: object) -> None:
        raise ConnectionError

    event.listen(runtime.engine, "begin", refuse)
    assert codes(runtime) == ["DATABASE_UNREADABLE"]
    event.remove(runtime.engine, "begin", refuse)
    assert codes(runtime) == []


def test_a_disk_that_is_full_or_read_only_is_told_until_it_takes_something_again(
    runtime: Runtime, tmp_path: Path
) -> None:
    sweep(runtime)
    with small_disk(tmp_path / "disk", kib=512) as disk:
        away = replace(runtime, files=EvidenceFiles(disk))
        filler = fill(disk)
        assert codes(away) == ["DISK_FULL"]
        filler.unlink()
        assert codes(away) == []
        assert "DISK_NEARLY_FULL" in [problem.code for problem in problems(away)]
        make_read_only(disk)
        assert codes(away) == ["DISK_NOT_WRITABLE"]
        make_writable(disk)
        assert codes(away) == []
        assert list(disk.iterdir()) == []


def test_every_problem_says_what_to_do_in_one_line(runtime: Runtime) -> None:
    (overdue,) = [problem for problem in problems(runtime) if problem.severity is Severity.BROKEN]
    assert overdue.text_key == "health.SWEEP_OVERDUE"
    assert str(overdue) == f"SWEEP_OVERDUE: {health.CODES['SWEEP_OVERDUE']} (last never)"
