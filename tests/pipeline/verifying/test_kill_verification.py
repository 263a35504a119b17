"""A worker killed in the middle of reading, or anywhere else.

The report is verified later, once (P5).
"""

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import events, judgements, kept_readings, reports
from pipeline.verifying import verification
from scheme.case import ReportState
from scheme.report import Channel
from tests.drawings import Drawings
from tests.fixtures import WEDNESDAY, Clock
from verifiers.version import READER_VERSION

WORKER = """
import sys
from pathlib import Path
from pipeline.verifying import verification
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.fixtures import WEDNESDAY

runtime = Runtime.open(Settings.under(Path(sys.argv[1])), now=lambda: WEDNESDAY)
print("working", flush=True)
verification.verify_report(runtime, report_id=sys.argv[2])
"""


def _wait_for_lease(runtime: Runtime, report_id: str) -> None:
    for _ in range(1200):
        with runtime.read() as work:
            if reports.by_id(work.connection, report_id).lease_owner:
                return
        time.sleep(0.05)
    raise AssertionError("the worker took no lease")


def test_a_killed_worker_delays_a_report_and_loses_nothing(
    runtime: Runtime, settings: Settings, clock: Clock, drawings: Drawings, tmp_path: Path
) -> None:
    drawn = drawings.draw("bus_front", tmp_path / "drawn", WEDNESDAY - timedelta(hours=2))
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=drawn.claim)
        reporter = ReporterInput("王小明", "13800138000")
        save_reporters(work, report_id=report_id, reporters=[reporter])
    with drawn.path.open("rb") as stream:
        store_file(runtime, report_id=report_id, file_name=drawn.path.name, stream=stream)
    with runtime.write() as work:
        submit(work, report_id=report_id, consent=True)
    command = [sys.executable, "-c", WORKER, str(settings.home), report_id]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    _wait_for_lease(runtime, report_id)
    worker.kill()
    worker.communicate(timeout=30)
    with runtime.read() as work:
        assert reports.by_id(work.connection, report_id).state is ReportState.RECEIVED
        assert not kept_readings.is_read(work.connection, drawn.sha256, READER_VERSION)
    assert not verification.verify_report(
        runtime, report_id=report_id
    )  # the dead one's lease still holds
    clock.forward(seconds=60)
    assert verification.verify_report(runtime, report_id=report_id)
    assert not verification.verify_report(runtime, report_id=report_id)
    with runtime.read() as work:
        judgement = judgements.latest(work.connection, report_id)
        assert judgement is not None
        assert {"READ_OK", "PLATE_SEEN", "ROUTE_SEEN"} <= {
            finding.code for finding in judgement.findings
        }
        actions = [event.action for event in events.about(work.connection, f"report/{report_id}")]
        assert actions.count("verified") == 1
        assert work.connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one() == 1
