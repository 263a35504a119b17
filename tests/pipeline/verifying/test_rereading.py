"""After an upgrade: the archive is read anew when asked for, beside workers, without the sweep."""

import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.doors.cli import main, rejudging
from pipeline.doors.sweep import sweep
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import events, judgements, kept_readings, reading_queue, reports
from pipeline.store.reading_queue import FileOfReport
from pipeline.verifying import judging, reading_files, rereading
from samples.drawing import DrawnSample
from scheme.case import ReportState
from scheme.reading import Readings, Sha256
from scheme.report import Channel
from tests.drawings import Drawings
from tests.fixtures import WEDNESDAY, Clock, as_read
from tests.pipeline.verifying.test_verification import FACTS, picture
from verifiers.version import READER_VERSION

OLDER = "0-older"

REREADING = """
import sys
from pathlib import Path
from pipeline.verifying.rereading import reread
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.fixtures import WEDNESDAY

reread(Runtime.open(Settings.under(Path(sys.argv[1])), now=lambda: WEDNESDAY))
"""


@pytest.fixture(scope="module")
def bus(drawings: Drawings, tmp_path_factory: pytest.TempPathFactory) -> DrawnSample:
    return drawings.draw(
        "bus_front", tmp_path_factory.mktemp("drawn"), WEDNESDAY - timedelta(hours=2)
    )


@dataclass
class Heard:
    """A bell that only remembers."""

    rings: list[tuple[str, str]] = field(default_factory=list)

    def ring(self, task: str, **ids: str) -> None:
        # the last id is the work's
        self.rings.append((task, *ids.values())[:: len(ids)])  # type: ignore[arg-type]


@dataclass
class Archive:
    """Reports that an older reader has read and seen nothing in."""

    runtime: Runtime
    bus: DrawnSample
    people: int = 0

    def draft(self, content: bytes) -> tuple[str, Sha256]:
        self.people += 1
        with self.runtime.write() as work:
            report_id = open_draft(work, channel=Channel.WEB).report_id
            save_claim(work, report_id=report_id, claim=self.bus.claim)
            reporter = ReporterInput(f"人{self.people}", f"138001{self.people:05}")
            save_reporters(work, report_id=report_id, reporters=[reporter])
        path = self.runtime.settings.home / "sent.jpg"
        path.write_bytes(content)
        with path.open("rb") as stream:
            file = store_file(self.runtime, report_id=report_id, file_name="a.jpg", stream=stream)
        return report_id, file.sha256

    def received(self, content: bytes) -> tuple[str, Sha256]:
        report_id, sha256 = self.draft(content)
        with self.runtime.write() as work:
            submit(work, report_id=report_id, consent=True)
        return report_id, sha256

    def verified(self, content: bytes, *moves: ReportState) -> tuple[str, Sha256]:
        report_id, sha256 = self.received(content)
        self.read_by(OLDER, report_id, sha256)
        with self.runtime.write() as work:
            reports.move(work.connection, report_id, ReportState.VERIFIED, verified_at=work.now)
            judging.judge_again(work, report_id=report_id)
            for state in moves:
                reports.move(work.connection, report_id, state)
        return report_id, sha256

    def read_by(self, reader: str, report_id: str, sha256: Sha256) -> None:
        with self.runtime.write() as work:
            as_read(work, report_id, sha256, Readings(reader, FACTS))

    def codes(self, report_id: str) -> set[str]:
        with self.runtime.read() as work:
            judgement = judgements.latest(work.connection, report_id)
        assert judgement is not None
        return {finding.code for finding in judgement.findings}

    def is_read(self, sha256: Sha256, reader: str = READER_VERSION) -> bool:
        with self.runtime.read() as work:
            return kept_readings.is_read(work.connection, sha256, reader)


@pytest.fixture
def archive(runtime: Runtime, bus: DrawnSample) -> Archive:
    return Archive(runtime, bus)


def test_an_older_reading_is_renewed_and_what_changed_is_said(
    archive: Archive, clock: Clock
) -> None:
    report_id, sha256 = archive.verified(archive.bus.path.read_bytes())
    assert "PLATE_SEEN" not in archive.codes(report_id)
    clock.forward(minutes=1)
    told: list[tuple[int, int]] = []
    done = rereading.reread(archive.runtime, progress=lambda done, of: told.append((done, of)))
    assert (done.found, done.read, done.left, done.judged, told) == ((sha256,), 1, (), 1, [(1, 1)])
    (changed,) = done.changed
    assert {"PLATE_SEEN", "ROUTE_SEEN"} <= set(changed.appeared)
    assert done.by_code()[0]["PLATE_SEEN"] == 1
    assert "PLATE_SEEN" in archive.codes(report_id)
    assert archive.is_read(sha256, OLDER)
    with archive.runtime.read() as work:
        (event,) = (
            e for e in events.about(work.connection, f"report/{report_id}") if e.action == "reread"
        )
        assert "PLATE_SEEN" in event.detail["appeared"]
        assert changed.report_number == reports.by_id(work.connection, report_id).report_number
    again = rereading.reread(archive.runtime)
    assert (again.found, again.judged) == ((), 0)


def test_the_command_says_what_changed(
    archive: Archive, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_id, _ = archive.verified(archive.bus.path.read_bytes())
    archive.verified(picture(1), ReportState.DECIDED)
    clock.forward(minutes=1)
    monkeypatch.setattr(rejudging, "open_installation", lambda: archive.runtime)
    monkeypatch.setenv("COLUMNS", "400")
    dry = CliRunner().invoke(main.app, ["reread", "--since", "2026-03-01", "--dry-run"])
    assert "2 files would be read" in dry.output
    said = CliRunner().invoke(main.app, ["reread", "--since", "2026-03-01"]).output
    with archive.runtime.read() as work:
        number = reports.by_id(work.connection, report_id).report_number
    assert str(number) in said
    assert "PLATE_SEEN" in said
    assert "Decided, and left as they are" in said
    assert "1 reports judged again, 1 with another result" in said


def test_a_dry_run_and_a_limit_leave_the_rest(archive: Archive) -> None:
    files = [archive.verified(picture(number))[1] for number in range(3)]
    dry = rereading.reread(archive.runtime, dry_run=True)
    assert (dry.found, dry.read) == (tuple(files), 0)
    assert not any(archive.is_read(sha256) for sha256 in files)
    assert rereading.reread(archive.runtime, limit=2).found == tuple(files[:2])
    assert [archive.is_read(sha256) for sha256 in files] == [True, True, False]
    late = rereading.reread(archive.runtime, since=WEDNESDAY + timedelta(seconds=1), dry_run=True)
    assert late.found == ()


def test_decided_reports_come_last_are_named_and_stay_as_they_were_decided(
    archive: Archive, clock: Clock
) -> None:
    decided_id, decided_file = archive.verified(picture(1), ReportState.DECIDED)
    _, open_file = archive.verified(picture(2))
    before = archive.codes(decided_id)
    clock.forward(minutes=1)
    done = rereading.reread(archive.runtime)
    assert done.found == (open_file, decided_file)
    assert (done.read, done.judged, len(done.decided)) == (2, 1, 1)
    assert archive.codes(decided_id) == before


def test_a_file_that_a_worker_has_is_left_to_it(archive: Archive, clock: Clock) -> None:
    report_id, sha256 = archive.verified(picture(1))
    with archive.runtime.write() as work:
        file, until = FileOfReport(report_id, sha256), work.now + reading_files.LEASE
        assert reading_queue.lease(work.connection, file, "a worker", work.now, until)
    assert rereading.reread(archive.runtime).left == (sha256,)
    clock.forward(seconds=60)
    assert rereading.reread(archive.runtime).left == ()


def test_killed_half_way_it_goes_on_where_it_was(
    archive: Archive, settings: Settings, clock: Clock
) -> None:
    first_id, first = archive.verified(picture(1))
    second_id, second = archive.verified(archive.bus.path.read_bytes())
    clock.forward(minutes=1)
    at = clock.at.isoformat()
    script = REREADING.replace("lambda: WEDNESDAY", f"lambda: datetime.fromisoformat({at!r})")
    command = [sys.executable, "-c", "from datetime import datetime\n" + script, str(settings.home)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
    for _ in range(1200):
        if archive.is_read(first) and _is_leased(archive.runtime, second):
            break
        time.sleep(0.05)
    process.kill()
    process.wait(timeout=30)
    assert not archive.is_read(second)
    assert "UNREADABLE" not in archive.codes(first_id)  # read, and not judged yet
    clock.forward(seconds=60)
    done = rereading.reread(archive.runtime)
    assert (done.found, done.read, done.judged) == ((second,), 1, 2)
    assert "UNREADABLE" in archive.codes(first_id)
    assert "PLATE_SEEN" in archive.codes(second_id)


def _is_leased(runtime: Runtime, sha256: Sha256) -> bool:
    with runtime.read() as work:
        query = "SELECT lease_owner FROM report_evidence WHERE sha256 = ?"
        return bool(work.connection.exec_driver_sql(query, (sha256,)).scalar_one())


def test_an_upgrade_puts_new_reports_first_and_the_archive_nowhere(
    archive: Archive, clock: Clock
) -> None:
    archive.verified(picture(1))
    archive.verified(picture(2), ReportState.DECIDED, ReportState.ANSWERED)
    draft_id, known = archive.draft(picture(10))
    archive.read_by(OLDER, draft_id, known)
    clock.forward(minutes=1)
    _, new = archive.draft(picture(11))
    report_id, waiting = archive.received(picture(12))
    heard = Heard()
    swept = sweep(replace(archive.runtime, ring=heard))
    assert (swept.reports_rung, swept.files_rung) == (1, 3)
    assert heard.rings[0] == ("verify_report", report_id)
    files = [ring[1] for ring in heard.rings if ring[0] == "read_evidence"]
    assert set(files[:2]) == {new, waiting}
    assert files[2:] == [known]
