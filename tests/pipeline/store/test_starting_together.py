"""Web server, workers and beat start at once on an empty home.

One database, one key, and nobody fails.
"""

import subprocess
import sys
from pathlib import Path

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import events

STARTED = """
import sys
from pathlib import Path
from pipeline.runtime import Runtime
from pipeline.settings import Settings
runtime = Runtime.open(Settings.under(Path(sys.argv[1])))
with runtime.write() as work:
    work.record("system", "started", "process/1")
print(runtime.vault.index("phone", "1"))
"""


def test_processes_that_start_together_share_one_installation(tmp_path: Path) -> None:
    for turn in range(3):
        home = tmp_path / str(turn) / "home"
        processes = [
            subprocess.Popen(
                [sys.executable, "-W", "error", "-c", STARTED, str(home)],
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[3],
            )
            for _ in range(4)
        ]
        told = [process.communicate(timeout=60)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * 4
        assert len(set(told)) == 1
        runtime = Runtime.open(Settings.under(home))
        with runtime.read() as work:
            assert events.head(work.connection)[0] == 4
            assert events.verify(work.connection) is None
        runtime.close()
