"""SIGKILL in mid-upload and around the commit.

What was acknowledged is there, whole, and nothing half is (P1, P15).
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import events, evidence_files, reports, whose
from pipeline.store import fsck as stored_fsck
from scheme.case import ReportState

UPLOADER = """
import sys, time
from pathlib import Path
from pipeline import clock
from pipeline.receiving.drafts import open_draft
from pipeline.receiving.incoming import store_file
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from scheme.report import Channel
from tests.fixtures import WEDNESDAY

class Slow:
    sent = 0
    def read(self, size=-1):
        if self.sent == 5:
            print("half", flush=True)
            time.sleep(60)
        self.sent += 1
        return (b"\\xff\\xd8\\xff\\xe0" + bytes(size))[:size]

runtime = Runtime.open(Settings.under(Path(sys.argv[1])), now=clock.starting_at(WEDNESDAY))
with runtime.write() as work:
    report_id = open_draft(work, channel=Channel.WEB).report_id
print(report_id, flush=True)
store_file(runtime, report_id=report_id, file_name="a.jpg", stream=Slow())
"""

REPORTERS = """
import io, sys
from datetime import timedelta
from pathlib import Path
from pipeline import clock
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.claims import save_claim
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from scheme.report import Channel, Claim
from tests.fixtures import WEDNESDAY

runtime = Runtime.open(Settings.under(Path(sys.argv[1])), now=clock.starting_at(WEDNESDAY))
at = WEDNESDAY - timedelta(hours=1)
claim = Claim(category="wrong_way", violated_at=at, route="49", plate="沪A12345")
for number in range(10_000):
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=claim)
        person = ReporterInput("王小明", f"138{int(sys.argv[2]) * 10_000 + number:08}")
        save_reporters(work, report_id=report_id, reporters=[person])
    content = b"\\xff\\xd8\\xff\\xe0" + f"{sys.argv[2]} {number}".encode() * 9000
    stored = store_file(runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(content))
    print("stored", stored.sha256, flush=True)
    with runtime.write() as work:
        receipt = submit(work, report_id=report_id, consent=True)
    print("received", receipt.report_number, flush=True)
"""


def _start(script: str, settings: Settings, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, str(settings.home), *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )


def test_killed_in_the_middle_of_an_upload_leaves_no_row_and_no_file(settings: Settings) -> None:
    process = _start(UPLOADER, settings)
    assert process.stdout is not None
    report_id = process.stdout.readline().strip()
    assert process.stdout.readline().strip() == "half"
    process.kill()
    assert process.wait(timeout=30) == -signal.SIGKILL
    process.stdout.close()
    runtime = Runtime.open(settings)
    with runtime.read() as work:
        assert reports.by_id(work.connection, report_id).state is ReportState.DRAFT
        assert evidence_files.of_report(work.connection, report_id) == ()
        fsck = stored_fsck.check(work.connection, runtime.files)
    runtime.close()
    assert fsck == stored_fsck.Fsck(rows_without_file=(), damaged=(), orphans=(), pieces=1)


def test_killed_anywhere_what_was_acknowledged_is_there(settings: Settings) -> None:
    stored, received = set(), set()
    for turn in range(6):
        process = _start(REPORTERS, settings, str(turn))
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]  # at work
        time.sleep(0.03 * turn)
        process.kill()
        rest, _ = process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
        for line in [*lines, *rest.splitlines()]:
            match line.split():
                case ["stored", sha256]:
                    stored.add(sha256)
                case ["received", number]:
                    received.add(number)
    assert len(received) >= 6
    runtime = Runtime.open(settings)
    with runtime.read() as work:
        fsck = stored_fsck.check(work.connection, runtime.files)
        assert fsck.whole
        assert {sha256 for sha256, _ in runtime.files.stored()} >= stored
        for number in received:
            report = reports.by_number(work.connection, number)
            assert len(evidence_files.of_report(work.connection, report.id)) == 1
            assert len(whose.person_ids(work.connection, report.id)) == 1
        rows = work.connection.exec_driver_sql(
            "SELECT receipt_seq FROM reports WHERE receipt_seq IS NOT NULL ORDER BY 1"
        )
        sequence = [row[0] for row in rows]
        assert sequence == list(range(1, len(sequence) + 1))
        assert len(sequence) - len(received) in range(
            7
        )  # committed, but killed before it could say so
        assert events.verify(work.connection) is None
    runtime.close()
